use datajoint::FromRow;

struct Point;

#[derive(FromRow)]
struct Row {
    x: i32,
    point: Point,
}

fn main() {}
