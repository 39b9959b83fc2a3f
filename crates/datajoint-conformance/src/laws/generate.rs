//! Random tables, rows and queries, the same for the same seed.

use std::fmt::Write as _;
use std::sync::Arc;

use datajoint::Backend;
use datajoint_schema::{Heading, Table};
use datajoint_sql::{Comparison, Condition, Expression, Matching, Order, Part, Projected, Value};

use super::cells::{Cell, MEMBERS, kind};

/// SplitMix64, by Steele, Lea and Flood (2014).
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than a number.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or_default() % end.max(1)
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// What the definition of a table refers to.
pub(super) struct Parent {
    pub(super) place: usize,
    /// The name of each attribute of the parent's key here.
    pub(super) names: Vec<(String, String)>,
    pub(super) is_nullable: bool,
}

/// A table to be declared.
pub(super) struct Sketch {
    pub(super) definition: String,
    pub(super) parents: Vec<Parent>,
}

/// A type for each kind of column.
fn type_of(kind: char, backend: Backend) -> String {
    match kind {
        kind::STRING => "varchar(4)".to_owned(),
        kind::CHAR => "char(3)".to_owned(),
        kind::ENUM => format!("enum({})", MEMBERS.map(|member| format!("'{member}'")).join(", ")),
        kind::DECIMAL => "decimal(7,2)".to_owned(),
        kind::TIME => "datetime(3)".to_owned(),
        kind::DATE => "date".to_owned(),
        kind::CLOCK => "time".to_owned(),
        kind::UNSIGNED if backend == Backend::Postgresql => "int64".to_owned(),
        kind::UNSIGNED => "int unsigned".to_owned(),
        kind::LONG => "int64".to_owned(),
        kind::FLOAT => "float64".to_owned(),
        _ => "int32".to_owned(),
    }
}

/// The kinds of columns in keys: all but floats.
const OF_KEYS: &[char] = kind::ALL.split_at(kind::ALL.len() - 1).0;

/// The definition of the table at a place; whole numbers are called `k…`, `m…` and `n…`, others by their kind.
pub(super) fn sketch(random: &mut Random, place: usize, keys: &[Vec<String>], backend: Backend) -> Sketch {
    let mut parents: Vec<Parent> = Vec::new();
    let (mut above, mut below) = (String::new(), String::new());
    let mut taken: Vec<String> = Vec::new();
    for _ in 0..random.below(3).min(place) {
        let parent = random.below(place);
        let is_renamed = random.chance(40);
        let names: Vec<(String, String)> = keys[parent]
            .iter()
            .map(|name| {
                (if is_renamed { format!("{name}r{}", parents.len()) } else { name.clone() }, name.clone())
            })
            .collect();
        let is_there_twice = names.iter().any(|(name, _)| taken.contains(name));
        if is_there_twice || names.is_empty() {
            continue;
        }
        taken.extend(names.iter().map(|(name, _)| name.clone()));
        let renames: Vec<String> = names.iter().map(|(new, old)| format!("{new}='{old}'")).collect();
        let projection = if is_renamed { format!(".proj({})", renames.join(", ")) } else { String::new() };
        let in_key = random.chance(50);
        let is_nullable = !in_key && random.chance(75);
        let option = if is_nullable { "[nullable] " } else { "" };
        let _ = writeln!(if in_key { &mut above } else { &mut below }, "-> {option}T{parent}{projection}");
        parents.push(Parent { place: parent, names, is_nullable });
    }
    if above.is_empty() || random.chance(50) {
        let kind = if random.chance(50) { OF_KEYS[random.below(OF_KEYS.len())] } else { 'k' };
        let _ = writeln!(above, "{kind}{place} : {}", type_of(kind, backend));
    }
    for number in 0..random.below(3) {
        let (default, name) = if random.chance(60) { (" = null", "n") } else { ("", "m") };
        // Some have the same name in several tables, and another meaning.
        let of = if random.chance(30) { String::new() } else { place.to_string() };
        let _ = writeln!(below, "{name}{number}x{of}{default} : int32");
    }
    for kind in kind::ALL {
        if random.chance(20) {
            let _ = writeln!(below, "{kind}{place}x = null : {}", type_of(kind, backend));
        }
    }
    Sketch { definition: format!("{above}---\n{below}"), parents }
}

/// A value of a column by its name.
pub(super) fn cell(random: &mut Random, name: &str, nullable: bool) -> Cell {
    if nullable && random.chance(30) {
        Cell::Null
    } else {
        let text =
            |texts: &[&str], random: &mut Random| Cell::Text(texts[random.below(texts.len())].to_owned());
        match kind::of(name) {
            Some(kind::STRING) => text(&["a", "A", "b", "B a", "\u{e4}", "a ", "", "_%"], random),
            Some(kind::CHAR) => text(&["", "a", "a b", "B"], random),
            Some(kind::ENUM) => text(&MEMBERS, random),
            Some(kind::DECIMAL) => Cell::Number([-110, 10, 20, 30, 100, 12_345][random.below(6)]),
            Some(kind::TIME) => {
                let times = ["2024-02-29 23:59:59.999", "2024-03-01 00:00:00.000", "1999-12-31 00:00:00.500"];
                text(&times, random)
            }
            Some(kind::DATE) => text(&["2024-02-29", "2024-03-01", "1000-01-01", "9999-12-31"], random),
            Some(kind::CLOCK) => {
                text(&["00:00:00.000000", "09:30:00.000000", "10:00:00.000000", "23:59:59.000000"], random)
            }
            Some(kind::UNSIGNED) => Cell::whole([0, 1, 2_147_483_648, 4_294_967_295][random.below(4)]),
            Some(kind::LONG) => {
                // The first two are one number as floats.
                let numbers = [9_007_199_254_740_992, 9_007_199_254_740_993, -9_007_199_254_740_993, 0, 2];
                Cell::whole(numbers[random.below(5)])
            }
            Some(kind::FLOAT) => Cell::Number([-50, 0, 25, 100, 12_375, 300][random.below(6)]),
            _ => Cell::whole(i64::try_from(random.below(4)).unwrap_or_default()),
        }
    }
}

/// A value to compare a column with.
fn operand(random: &mut Random, name: &str, nullable: bool) -> Value {
    match cell(random, name, nullable).value() {
        Value::Text(text) if kind::of(name) == Some(kind::CHAR) && random.chance(40) => {
            Value::Text(text + "  ")
        }
        value => value,
    }
}

/// How many values are in a list: few, mostly, or as many as are bound in another way.
fn length(random: &mut Random) -> usize {
    match random.below(2000) {
        0 => 50_000,
        1..=10 => 1000,
        11..=20 => 1001,
        _ => random.below(4),
    }
}

/// A random query over tables.
pub(super) struct Queries<'a> {
    pub(super) random: &'a mut Random,
    pub(super) tables: &'a [Arc<Table>],
    names: usize,
}

impl<'a> Queries<'a> {
    pub(super) fn new(random: &'a mut Random, tables: &'a [Arc<Table>]) -> Self {
        Self { random, tables, names: 0 }
    }

    pub(super) fn expression(&mut self, depth: usize) -> Expression {
        let mut query = self.any_expression(depth);
        // Most of them should mean something; that the others are refused is worth a look now and then.
        for _ in 0..6 {
            if datajoint_sql::heading(&query).is_ok() || self.random.chance(5) {
                break;
            }
            query = self.any_expression(depth);
        }
        query
    }

    fn any_expression(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.random.pick(self.tables).cloned().map_or_else(unreachable_table, Expression::Table);
        }
        let from = Part::new(self.expression(depth - 1));
        match self.random.below(21) {
            0..=5 => {
                let condition = self.condition(&from, depth - 1);
                Expression::Restrict { from, condition }
            }
            6..=8 => {
                let attributes = self.projection(&from, false);
                Expression::Project { from, attributes }
            }
            9..=11 => {
                let right = Part::new(self.other(&from, depth - 1));
                let matching = if self.random.chance(15) { Matching::Name } else { Matching::Lineage };
                Expression::Join { left: from, right, matching }
            }
            12 => Expression::Extend { right: Part::new(self.other(&from, depth - 1)), left: from },
            13 | 14 => {
                let of = Part::new(self.other(&from, depth - 1));
                let mut attributes = self.projection(&from, true);
                attributes.extend(self.aggregates(&of));
                Expression::Aggregate { groups: from, of, attributes, keeps_all: self.random.chance(60) }
            }
            15 => {
                let right = Part::new(self.other(&from, depth - 1));
                // Only rarely do two have the same key and nothing else in common.
                let key = |from| Part::new(Expression::Project { from, attributes: Vec::new() });
                let (left, right) =
                    if self.random.chance(60) { (key(from), key(right)) } else { (from, right) };
                Expression::Union { left, right }
            }
            16 => {
                let attributes = self.some_names(&from, 3);
                Expression::Unique { from, attributes }
            }
            18 => self.union_of_choices(&from),
            17 => {
                let by = self.some_names(&from, 2);
                let attributes = self.aggregates(&from);
                Expression::GroupBy { of: from, by, attributes }
            }
            _ => {
                let mut order: Vec<Order> = self
                    .some_names(&from, 2)
                    .into_iter()
                    .map(|attribute| Order { attribute, descending: false })
                    .collect();
                if self.random.chance(30) {
                    order.push(Order { attribute: "KEY".to_owned(), descending: self.random.chance(30) });
                }
                if let Some(first) = order.first_mut() {
                    first.descending = self.random.chance(50);
                }
                let limit = self.random.chance(80).then(|| self.random.below(5) as u64);
                let offset = if self.random.chance(30) { self.random.below(3) as u64 } else { 0 };
                Expression::Top { from, order, limit, offset }
            }
        }
    }

    /// Two choices of rows from one query, by the same attributes: keys that may be null, and then match nothing, on both sides.
    fn union_of_choices(&mut self, from: &Part) -> Expression {
        let has_one = |table: &&Arc<Table>| {
            table.heading.visible().any(|attribute| attribute.nullable && attribute.lineage.is_some())
        };
        let with_one: Vec<_> = self.tables.iter().filter(has_one).cloned().collect();
        let table = self.random.pick(&with_one).cloned().filter(|_| self.random.chance(70));
        let from = &table.map_or_else(|| from.clone(), |table| Part::new(Expression::Table(table)));
        let heading = Self::heading(from);
        let shared = heading.visible().filter(|attribute| attribute.lineage.is_some());
        let (nullable, needed): (Vec<_>, Vec<_>) = shared.partition(|attribute| attribute.nullable);
        let nullable = self.random.pick(&nullable).map(|attribute| attribute.name.clone());
        let needed = self.random.pick(&needed).filter(|_| nullable.is_none() || self.random.chance(30));
        let attributes: Vec<String> =
            nullable.into_iter().chain(needed.map(|attribute| attribute.name.clone())).collect();
        let mut side = || {
            let condition = self.condition(from, 0);
            let is_all = self.random.chance(50);
            let chosen = if is_all {
                from.clone()
            } else {
                Part::new(Expression::Restrict { from: from.clone(), condition })
            };
            Part::new(Expression::Unique { from: chosen, attributes: attributes.clone() })
        };
        Expression::Union { left: side(), right: side() }
    }

    /// Another query, often over the same tables.
    fn other(&mut self, from: &Expression, depth: usize) -> Expression {
        if self.random.chance(20) {
            let condition = self.condition(from, 0);
            return Expression::Restrict { from: Part::new(from.clone()), condition };
        }
        let depth = self.random.below(depth + 1);
        self.expression(depth)
    }

    fn heading(from: &Expression) -> Heading {
        datajoint_sql::heading(from).unwrap_or_default()
    }

    fn names(from: &Expression) -> Vec<String> {
        Self::heading(from).visible().map(|attribute| attribute.name.clone()).collect()
    }

    fn some_names(&mut self, from: &Expression, most: usize) -> Vec<String> {
        let mut names = Self::names(from);
        let number = self.random.below(most + 1).min(names.len());
        while names.len() > number {
            names.remove(self.random.below(names.len()));
        }
        names
    }

    fn numbers(from: &Expression) -> Vec<String> {
        Self::names(from).into_iter().filter(|name| kind::of(name).is_none()).collect()
    }

    /// A name that no attribute has, of the kind of another.
    fn new_name_like(&mut self, name: &str) -> String {
        let new = self.new_name();
        kind::of(name).map_or_else(|| new.clone(), |kind| format!("{kind}{new}"))
    }

    /// A name that no attribute has, of a number.
    fn new_name(&mut self) -> String {
        self.names += 1;
        format!("c{}", self.names)
    }

    fn projection(&mut self, from: &Expression, keeps_names: bool) -> Vec<Projected> {
        let heading = Self::heading(from);
        let mut parts = Vec::new();
        if self.random.chance(40) {
            parts.push(Projected::All);
        }
        for attribute in heading.visible() {
            match self.random.below(if keeps_names { 4 } else { 8 }) {
                0 => parts.push(Projected::Keep(attribute.name.clone())),
                1 if !attribute.in_key => parts.push(Projected::Drop(attribute.name.clone())),
                4 => {
                    let new = self.new_name_like(&attribute.name);
                    parts.push(Projected::Rename { new, old: attribute.name.clone() });
                }
                _ => {}
            }
        }
        let numbers = Self::numbers(from);
        if !keeps_names && self.random.chance(30) && !numbers.is_empty() {
            let one = &numbers[self.random.below(numbers.len())];
            let other = &numbers[self.random.below(numbers.len())];
            let text = match self.random.below(4) {
                0 => format!("{one} + 1"),
                1 => format!("{one} + {other}"),
                2 => format!("coalesce({one}, 0)"),
                _ => "7".to_owned(),
            };
            parts.push(Projected::Compute { new: self.new_name(), text, parameters: Vec::new() });
        }
        parts
    }

    fn aggregates(&mut self, of: &Expression) -> Vec<Projected> {
        let names = Self::names(of);
        let sums: Vec<String> = names
            .iter()
            .filter(|name| {
                matches!(kind::of(name), None | Some(kind::DECIMAL | kind::FLOAT | kind::UNSIGNED))
            })
            .cloned()
            .collect();
        let number = 1 + self.random.below(2);
        let mut parts = Vec::new();
        for _ in 0..number {
            let function = ["count", "sum", "min", "max", "*"][self.random.below(5)];
            let name = self.random.pick(if function == "sum" { &sums } else { &names }).cloned();
            let (new, text) = match name {
                Some(name) if function == "count" => (self.new_name(), format!("count({name})")),
                Some(name) if function != "*" => (self.new_name_like(&name), format!("{function}({name})")),
                _ => (self.new_name(), "count(*)".to_owned()),
            };
            parts.push(Projected::Compute { new, text, parameters: Vec::new() });
        }
        parts
    }

    fn condition(&mut self, from: &Expression, depth: usize) -> Condition {
        let names = Self::names(from);
        let Some(name) = self.random.pick(&names).cloned() else { return Condition::Constant(true) };
        let kind = self.random.below(14);
        let several = |queries: &mut Self| {
            let number = queries.random.below(4);
            (0..number).map(|_| queries.condition(from, depth)).collect::<Vec<_>>()
        };
        match kind {
            0 => Condition::Constant(self.random.chance(70)),
            1 => Condition::IsNull(name),
            2 => {
                let number = length(self.random);
                let values = (0..number).map(|_| operand(self.random, &name, number < 10)).collect();
                Condition::In { attribute: name, values }
            }
            3 => {
                let bound = |random: &mut Random| operand(random, &name, false);
                let (low, high) = (bound(self.random), bound(self.random));
                Condition::Between { attribute: name, low, high }
            }
            4 => Condition::All(several(self)),
            5 => Condition::Any(several(self)),
            6 | 7 => Condition::Not(Box::new(self.condition(from, depth))),
            8 | 9 => {
                let other = self.random.below(depth + 1);
                Condition::Matches(Part::new(self.expression(other)))
            }
            10 if self.random.chance(30) => {
                let other = self.random.below(depth + 1);
                Condition::MatchesByName(Part::new(self.expression(other)))
            }
            11 => self.keys(from),
            12 if kind::of(&name).is_none() => {
                let text = match self.random.below(3) {
                    0 => format!("{name} > 1"),
                    1 => format!("{name} = 2"),
                    _ => format!("{name} is null"),
                };
                Condition::Sql { text, parameters: Vec::new() }
            }
            13 if kind::of(&name) == Some(kind::STRING) => {
                let pattern = ["a%", "A%", "_", "% %", "\u{e4}", "%"][self.random.below(6)];
                let value = Value::Text(pattern.to_owned());
                Condition::Compare { attribute: name, operator: Comparison::Like, value }
            }
            _ => {
                use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
                let operators = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual];
                let operator = operators[self.random.below(6)];
                let value = operand(self.random, &name, self.random.0.is_multiple_of(5));
                Condition::Compare { attribute: name, operator, value }
            }
        }
    }

    fn keys(&mut self, from: &Expression) -> Condition {
        let attributes = self.some_names(from, 4);
        let number = length(self.random);
        let row = |random: &mut Random| -> Vec<Value> {
            attributes.iter().map(|name| operand(random, name, number < 10)).collect()
        };
        let rows = (0..number).map(|_| row(self.random)).collect();
        Condition::Keys { attributes, rows }
    }
}

#[expect(clippy::panic, reason = "a world has tables")]
fn unreachable_table() -> Expression {
    panic!("there are no tables to ask")
}
