//! Every tier, and names.

use datajoint_definition::Tier;

use super::{Case, manual, manuals};

pub(crate) static TIERS: &[Case] = &[
    manual(
        "every tier",
        &[
            (Tier::Lookup, "Method", "# How\nmethod : varchar(8)\n---\nspeed = 1 : int16"),
            (Tier::Manual, "Session", "# What\nsession : int32"),
            (Tier::Imported, "Scan", "-> Session\n---\nimage : <blob>"),
            (Tier::Computed, "SpikeSorting", "-> Scan\n-> Method\n---\ncount : int32"),
            (Tier::Part, "SpikeSorting.Unit", "-> master\nunit : int16\n---\nrate : float64"),
            (Tier::Part, "Scan.Plane", "-> master\nplane : int8"),
            (Tier::Part, "Method.Step", "-> master\nstep : int8"),
        ],
    ),
    manual("a table of one row", &[(Tier::Lookup, "Setup", "---\ngain : float64")]),
    manual("a table without attributes", &[(Tier::Manual, "Flag", "# raised")]),
    manuals!("capitals", "ProcessedEMG" => "id : int32", "X2Y" => "-> ProcessedEMG\nn : int8"),
    manuals!("a word of SQL as a name", "Order" => "group : int32\n---\nselect : int8", "From" => "-> Order\nwhere : int8"),
    manuals!("long names", "AnAnatomicalRegionOfInterestWithAName" =>
        "an_attribute_with_a_name_of_many_letters_indeed : int32\n---\nanother_attribute_with_a_long_name : int8\nindex (another_attribute_with_a_long_name)"),
    manuals!("comment lines and blanks", "Holder" =>
        "\n  # The comment\n\n   # ignored\n  id:int32# tight\n\n  -----  anything\n  # ignored too\n  v  =  1  :  int8   #   wide   \n"),
];
