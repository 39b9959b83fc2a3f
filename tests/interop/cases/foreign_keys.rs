//! Every form of foreign key.

use datajoint_definition::Tier;

use super::{Case, manual, manuals};

const PARENT: &str = "a : int32  # first\nb : varchar(8)\n---\nnote = \"\" : varchar(20)";
const SINGLE: &str = "a : int32";

pub(crate) static FOREIGN_KEYS: &[Case] = &[
    manuals!("in the key", "Parent" => PARENT, "Child" => "-> Parent\nc : int8"),
    manuals!("the whole key", "Parent" => PARENT, "Child" => "-> Parent\n---\nv : float64"),
    manuals!("outside the key", "Parent" => PARENT, "Child" => "c : int8\n---\n-> Parent\nv : float64"),
    manuals!("nullable", "Parent" => PARENT, "Child" => "c : int8\n---\n-> [nullable] Parent"),
    manuals!("unique", "Parent" => PARENT, "Child" => "c : int8\n---\n-> [unique] Parent"),
    manuals!("nullable and unique", "Parent" => PARENT, "Child" => "c : int8\n---\n-> [unique, nullable] Parent"),
    manuals!("unique in the key", "Parent" => PARENT, "Child" => "-> [unique] Parent\nc : int8"),
    manuals!("renamed in the key", "Parent" => SINGLE, "Child" => "-> Parent.proj(other='a')\nc : int8"),
    manuals!("renamed in part", "Parent" => PARENT, "Child" => "-> Parent.proj(other='a')\nc : int8"),
    manuals!("renamed as a whole", "Parent" => PARENT, "Child" => "c : int8\n---\n-> Parent.proj(x='a', y='b')"),
    manuals!(
        "renamed, nullable and unique",
        "Parent" => PARENT,
        "Child" => "c : int8\n---\n-> [nullable, unique] Parent.proj(x='a', y='b')",
    ),
    manuals!(
        "the same parent twice",
        "Parent" => SINGLE,
        "Child" => "-> Parent.proj(pre='a')\n-> Parent.proj(post='a')\n---\nweight : float32",
    ),
    manuals!("an empty projection", "Parent" => SINGLE, "Child" => "-> Parent.proj()\nc : int8"),
    manuals!(
        "two parents that share an attribute",
        "Parent" => SINGLE,
        "Left" => "-> Parent\nl : int8",
        "Right" => "-> Parent\nr : int8",
        "Child" => "-> Left\n-> Right",
    ),
    manuals!(
        "a shared attribute, one way nullable",
        "Parent" => SINGLE,
        "Left" => "-> Parent\nl : int8",
        "Child" => "-> Parent\nc : int8\n---\n-> [nullable] Left",
    ),
    manuals!(
        "a long line of descent",
        "A" => "a : int32  # the first",
        "B" => "-> A\nb : int16",
        "C" => "-> B\nc : uuid",
        "D" => "-> C.proj(aa='a')\n---\n-> [nullable] A",
    ),
    manuals!(
        "a parent that renames",
        "A" => "a : int32",
        "B" => "-> A.proj(b='a')",
        "C" => "-> B.proj(c='b')\n-> B",
    ),
    manual(
        "parts of a master",
        &[
            (Tier::Manual, "Session", "session : int32"),
            (Tier::Part, "Session.Trial", "-> master\ntrial : int16\n---\nscore : float64"),
            (Tier::Part, "Session.Note", "-> master\n---\ntext : varchar(200)"),
        ],
    ),
    manual(
        "a table below a part",
        &[
            (Tier::Manual, "Session", "session : int32"),
            (Tier::Part, "Session.Trial", "-> master\ntrial : int16"),
            (Tier::Manual, "Mark", "-> Session.Trial\nmark : int8"),
        ],
    ),
    manual(
        "a part with a second parent",
        &[
            (Tier::Lookup, "Kind", "kind : varchar(8)"),
            (Tier::Manual, "Session", "session : int32"),
            (
                Tier::Part,
                "Session.Trial",
                "-> master\ntrial : int16\n---\n-> Kind\n-> [nullable] Session.proj(base='session')",
            ),
        ],
    ),
];
