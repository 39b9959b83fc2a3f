use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    averaged_spectral_power_of_the_local_field_potential_in_hippocampus : float64
    normalised_spectral_power_of_the_local_field_potential_in_cortex : float64
")]
pub struct Session;

fn main() {}
