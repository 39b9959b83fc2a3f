use datajoint::prelude::*;

schema!("lab");

#[table(Computed, definition = "id : int32", external_make, allow_new_key)]
pub struct AveragedSpectralPowerOfTheLocalFieldPotentialInHippocampus;

fn main() {}
