//! Strings where something else is wanted: a date, a number, a UUID.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{DynamicDeclaration, Tier, attribute};

use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_places");

/// A string in SQL is what its place wants, as a literal is.
pub async fn a_string_is_what_its_place_wants(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\nname : varchar(20)\nsex : enum('F','M')\nborn : date\n\
                      start : datetime\ncode : uuid\nweight : float64\nprice : decimal(6,2)\nok : bool";
    let (schema, class_name, tier) = ("dj_conformance_places", "Place", Tier::Manual);
    let table = dj
        .declare_dynamic(DynamicDeclaration { schema, class_name, tier, definition, master: None })
        .await
        .unwrap();
    let row = |id: i32, sex: &str| {
        json!({
            "id": id, "name": format!("n{id}"), "sex": sex, "born": format!("2020-12-0{id}"),
            "start": format!("2020-12-0{id} 10:00:00"), "weight": f64::from(id) + 0.5,
            "code": format!("7c9e6679-7425-40de-944b-e07fc1f90ae{id}"),
            "price": format!("{id}.50"), "ok": id != 3,
        })
    };
    table.insert(dj, [row(1, "F"), row(2, "M"), row(3, "F"), row(4, "M")]).await.unwrap();
    let conditions: [(&str, &[&str], u64); 18] = [
        ("start > ?", &["2020-12-03"], 2),
        ("start > ?", &["2020-12-03 10:00:00"], 1),
        ("start between ? and ?", &["2020-12-02", "2020-12-03 23:00:00"], 2),
        ("born = ?", &["2020-12-03"], 1),
        ("? < born", &["2020-12-03"], 1),
        ("born between ? and ?", &["2020-12-02", "2020-12-03"], 2),
        ("born in (?, ?)", &["2020-12-02", "2020-12-03"], 2),
        ("id = ?", &["3"], 1),
        ("id in (?, ?)", &["3", "4"], 2),
        ("weight >= ?", &["2.5"], 3),
        ("price = ?", &["2.50"], 1),
        ("not (price < ?)", &["2.5"], 3),
        ("name = ?", &["n3"], 1),
        ("name like ?", &["n%"], 4),
        ("sex = ?", &["F"], 2),
        ("name = ? or born > ? and id < ?", &["n1", "2020-12-02", "4"], 2),
        ("code = ?", &["7c9e6679-7425-40de-944b-e07fc1f90ae2"], 1),
        (
            "code in (?, ?)",
            &["7c9e6679-7425-40de-944b-e07fc1f90ae2", "7c9e6679-7425-40de-944b-e07fc1f90ae4"],
            2,
        ),
    ];
    for (text, values, meant) in conditions {
        let restricted = &table & sql(text, values.to_vec());
        let found = restricted.count(dj).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found, meant, "{text} {values:?}");
        // Again, as it is prepared now; and with another value of another length.
        assert_eq!(restricted.count(dj).await.unwrap(), meant, "{text} {values:?}");
    }
    let late = Proj::key().compute_with("late", "case when start > ? then 1 else 0 end", ["2020-12-03"]);
    assert_eq!((table.proj(late) & attribute("late").eq(1)).count(dj).await.unwrap(), 2);
    let error = (&table & sql("born > ?", ["no day"])).count(dj).await.unwrap_err().to_string();
    assert!(error.contains("no day"), "{error}");
    assert_eq!(table.count(dj).await.unwrap(), 4, "the instance goes on");
    turn.end(dj).await;
}

/// Types of one server take strings, numbers and what else JSON has, in inserts and in restrictions.
pub async fn native_types_take_what_json_has(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = match dj.backend() {
        datajoint::Backend::Postgresql => {
            "id : int\n---\nat : timestamp\nday : time\nsize : numeric(8,2)\nx : real\nn : bigint"
        }
        _ => "id : int\n---\nat : timestamp\nday : time\nsize : numeric(8,2)\nx : double\nn : bigint",
    };
    let (schema, class_name, tier) = ("dj_conformance_places", "Native", Tier::Manual);
    let table = dj
        .declare_dynamic(DynamicDeclaration { schema, class_name, tier, definition, master: None })
        .await
        .unwrap();
    let rows = [
        json!({"id": 1, "at": "2020-12-04 10:11:12", "day": "10:11:12", "size": 1.5, "x": 0.5, "n": 7}),
        json!({"id": "2", "at": "2020-12-05 10:11:12", "day": "11:11:12", "size": "2.50", "x": "1.5", "n": "8"}),
    ];
    table.insert(dj, rows).await.unwrap();
    for (condition, meant) in [
        (attribute("at").gt("2020-12-04 12:00:00"), 1),
        (attribute("at").between("2020-12-04", "2020-12-06"), 2),
        (attribute("id").eq("2"), 1),
        (attribute("n").is_in(["7", "8", "9"]), 2),
        (attribute("x").gt(1), 1),
        (attribute("size").eq("2.50"), 1),
    ] {
        assert_eq!((&table & condition.clone()).count(dj).await.unwrap(), meant, "{condition:?}");
    }
    table.update_one(dj, json!({"id": 1, "n": "70", "at": "2021-01-01 00:00:00"})).await.unwrap();
    assert_eq!((&table & sql("n = ?", ["70"])).count(dj).await.unwrap(), 1);
    turn.end(dj).await;
}
