use datajoint::{AttributeValue, FromRow, IntoRow};

#[derive(FromRow)]
struct Row {
    kind: String,
    #[datajoint(rename = "kind")]
    other: String,
}

#[derive(IntoRow)]
union Either {
    left: i32,
    right: f32,
}

#[derive(AttributeValue)]
enum Shape {
    Point,
    Circle(f64),
}

#[derive(AttributeValue)]
struct Nothing;

fn main() {}
