//! The tables of the driver's side: columns and keys, without comments or lineage.

/// All but those of the tree.
pub(super) fn plain(moment: &str, bytes: &str) -> Vec<String> {
    [
        format!(
            "r (id bigint NOT NULL, name varchar(40) NOT NULL, value double precision NOT NULL, at {moment} NOT NULL, \
             extra int, PRIMARY KEY (id))"
        ),
        format!("blobs (id int NOT NULL, data {bytes} NOT NULL, PRIMARY KEY (id))"),
        "source (id int NOT NULL, x double precision NOT NULL, PRIMARY KEY (id))".to_owned(),
        "twice (id int NOT NULL, y double precision NOT NULL, PRIMARY KEY (id), \
         FOREIGN KEY (id) REFERENCES bench_wire.source (id))"
            .to_owned(),
        "a (a int NOT NULL, x int NOT NULL, PRIMARY KEY (a))".to_owned(),
        "b (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b), FOREIGN KEY (a) REFERENCES bench_wire.a (a))".to_owned(),
        "c (a int NOT NULL, b int NOT NULL, c int NOT NULL, PRIMARY KEY (a, b, c), \
         FOREIGN KEY (a, b) REFERENCES bench_wire.b (a, b))"
            .to_owned(),
        "d (a int NOT NULL, b int NOT NULL, c int NOT NULL, d int NOT NULL, v double precision NOT NULL, \
         PRIMARY KEY (a, b, c, d), FOREIGN KEY (a, b, c) REFERENCES bench_wire.c (a, b, c))"
            .to_owned(),
    ]
    .map(|table| format!("CREATE TABLE bench_wire.{table}"))
    .to_vec()
}

/// A hundred tables in a binary tree.
pub(super) fn tree() -> Vec<String> {
    let mut keys: Vec<Vec<String>> = Vec::new();
    let mut statements = Vec::new();
    for number in 0..100_usize {
        let parent = number.checked_sub(1).map(|above| above / 2);
        let inherited = parent.map(|parent| keys[parent].clone()).unwrap_or_default();
        let mut key = inherited.clone();
        if number < 16 {
            key.push(format!("k{number}"));
        }
        let mut columns: Vec<String> = key.iter().map(|name| format!("{name} int NOT NULL")).collect();
        columns.extend((0..8).map(|place| format!("a{place} double precision NOT NULL")));
        let reference = parent.map(|parent| {
            let inherited = inherited.join(", ");
            format!(", FOREIGN KEY ({inherited}) REFERENCES bench_wire_tree.t{parent} ({inherited})")
        });
        statements.push(format!(
            "CREATE TABLE bench_wire_tree.t{number} ({}, PRIMARY KEY ({}){})",
            columns.join(", "),
            key.join(", "),
            reference.unwrap_or_default()
        ));
        keys.push(key);
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn the_tree_has_a_hundred_tables_that_refer_upwards() {
        let tree = tree();
        assert_eq!(tree.len(), 100);
        assert!(tree[0].ends_with("PRIMARY KEY (k0))"), "{}", tree[0]);
        assert!(tree[24].contains("REFERENCES bench_wire_tree.t11 ("), "{}", tree[24]);
    }
}
