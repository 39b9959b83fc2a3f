use datajoint::prelude::*;

mod a {
    datajoint::schema!();
}

mod b {
    datajoint::schema!(lab);
}

mod c {
    datajoint::schema!("");
}

mod d {
    datajoint::schema!("a_laboratory_that_studies_how_the_hippocampus_of_the_mouse_keeps_places");
}

schema!("lab's");

fn main() {}
