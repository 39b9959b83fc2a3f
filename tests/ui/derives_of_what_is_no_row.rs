use datajoint::{AttributeValue, FromRow, IntoRow};

#[derive(FromRow)]
struct Pair(i32, i32);

#[derive(IntoRow)]
enum Side {
    Left,
}

#[derive(AttributeValue)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(FromRow)]
struct Row {
    #[datajoint(name = "type")]
    kind: String,
}

fn main() {}
