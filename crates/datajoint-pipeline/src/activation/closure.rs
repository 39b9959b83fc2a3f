use crate::typed::TableSpec;

/// Tables with all that they refer to, parents and masters first, each once.
pub(crate) fn closure(specs: &[&'static TableSpec]) -> Vec<&'static TableSpec> {
    let mut found = Found { ordered: Vec::new(), open: Vec::new() };
    for spec in specs {
        found.visit(spec);
    }
    found.ordered
}

struct Found {
    ordered: Vec<&'static TableSpec>,
    /// The tables that are being visited: a cycle ends here, and is reported when the tables are put in order.
    open: Vec<&'static TableSpec>,
}

impl Found {
    fn visit(&mut self, spec: &'static TableSpec) {
        let is_known = |known: &&TableSpec| std::ptr::eq(*known, spec);
        if self.ordered.iter().any(is_known) || self.open.iter().any(is_known) {
            return;
        }
        self.open.push(spec);
        for parent in spec.parents.iter().chain(&spec.master) {
            self.visit(parent());
        }
        self.open.pop();
        self.ordered.push(spec);
    }
}
