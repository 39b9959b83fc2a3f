//! Tables of a database as source code.

use std::path::Path;
use std::process::Command;

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, Tier};
use tempfile::TempDir;

use super::{datajoint, pulled};

const TABLES: [(&str, &str, Tier, &str); 14] = [
    ("rig", "Camera", Tier::Lookup, "# Cameras\ncamera : varchar(12)\n---\nkind : enum('CMOS', 'cmos')"),
    ("rig", "Type", Tier::Manual, "type : int16\n---\nmatch : int8\nself = null : int8"),
    (
        "lab",
        "Subject",
        Tier::Manual,
        "# Animals in \"the\" colony\nsubject_id : int32  # it's \\ a number\n---\nsex : enum('M', 'F')\nborn = null : date\nweight = 20.5 : float64\nnote = '' : varchar(40)\nseen = CURRENT_TIMESTAMP : datetime\nunique index (note, born)",
    ),
    (
        "lab",
        "Session",
        Tier::Manual,
        "-> Subject\nsession : int16\n---\n-> [nullable] rig.Camera\n-> rig.Type.proj(setup='type')\nsettings = null : json\nindex (setup, session)",
    ),
    (
        "lab",
        "Session.Trial",
        Tier::Part,
        "-> master\ntrial : int16\n---\nonset : decimal(8, 3)\ntrace : <blob>",
    ),
    ("lab", "SessionNote", Tier::Manual, "-> Session\n---\ntext : varchar(2000)"),
    ("lab", "Session.Note", Tier::Part, "-> master\n---\nfile : <attach>"),
    ("lab", "Import", Tier::Imported, "-> Session\n---\nraw : longblob\ncounts : int unsigned"),
    ("lab", "Spikes", Tier::Computed, "-> Import\nunit : int32\n---\nrate : float32"),
    ("lab", "Spikes.Wave", Tier::Part, "-> master\n-> Session.Trial\n---\nid : uuid"),
    (
        "lab",
        "Pair",
        Tier::Manual,
        "-> Subject.proj(first='subject_id')\n-> Subject.proj(second='subject_id')",
    ),
    ("lab", "Options", Tier::Lookup, "---\nlimit = 5 : int32"),
    ("lab", "Viewed", Tier::Manual, "-> rig.Camera\n-> Session\n---\nwhen : datetime(3)"),
    ("lab", "Query", Tier::Manual, "query : varchar(8)\n---\nrow : varchar(8)"),
];

/// A database with the tables; `lab.old` has a name that no class gives.
async fn database() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    for (schema, class, tier, definition) in TABLES {
        let (master, class_name) =
            class.split_once('.').map_or((None, class), |(master, part)| (Some(master), part));
        let declaration = DynamicDeclaration { schema, class_name, tier, master, definition };
        dj.declare_dynamic(declaration).await.unwrap_or_else(|error| panic!("{class}: {error}"));
    }
    dj.close().await;
    folder
}

/// The module is part of these tests, so that it compiles as it is.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn a_pulled_module_of_rust_compiles_and_declares_the_same_tables() {
    let folder = database().await;
    let (done, said) = datajoint(folder.path(), &[], &["pull", "rust", "lab", "rig"]);
    assert!(done, "{said}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pulled.rs");
    if std::env::var("INSTA_UPDATE").is_ok_and(|word| word == "always") {
        std::fs::write(&file, &said).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), said);

    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    let activation = dj.activate::<pulled::Pulled>().await.unwrap();
    assert_eq!(activation, datajoint::Activation::default());
    let tables = datajoint::typed::tables(&<pulled::Pulled as datajoint::Pipeline>::specs()).unwrap();
    assert_eq!(tables.len(), TABLES.len());
    let compared = dj.compare(datajoint::schema::Side::Code, &tables).await.unwrap();
    assert!(compared.iter().all(|table| !table.is_met()), "{compared:?}");
}

#[tokio::test]
async fn a_pulled_module_of_python_has_every_class() {
    let folder = database().await;
    let (done, said) = datajoint(folder.path(), &[], &["pull", "python", "lab"]);
    assert!(done, "{said}");
    insta::assert_snapshot!(said);
    // Where there is Python, it reads the module.
    if let Ok(mut python) = Command::new("python3")
        .args(["-c", "import ast, sys; ast.parse(sys.stdin.read())"])
        .stdin(std::process::Stdio::piped())
        .spawn()
    {
        std::io::Write::write_all(&mut python.stdin.take().unwrap(), said.as_bytes()).unwrap();
        assert!(python.wait().unwrap().success());
    }
}

#[tokio::test]
async fn what_can_not_be_pulled_is_told() {
    let folder = database().await;
    let run = |arguments: &[&str]| datajoint(folder.path(), &[], arguments);
    let (done, said) = run(&["pull", "rust", "lab"]);
    assert!(
        !done
            && said.contains(
                "left out `lab.session`: it refers to `rig.#camera`, which is not here: name its schema too"
            ),
        "{said}"
    );
    assert!(said.contains("pub struct Subject;"), "{said}");
    let (done, said) = run(&["pull", "python", "lab", "rig"]);
    assert!(!done && said.contains("a module for Python has one schema"), "{said}");
    let file = folder.path().join("lab.rs");
    assert!(run(&["pull", "rust", "lab", "rig", "--output", "lab.rs"]).0);
    assert!(std::fs::read_to_string(&file).unwrap().contains("schema!(\"lab\");"));
    let (done, said) = run(&["pull", "rust", "lab", "rig", "--output", "lab.rs"]);
    assert!(!done && said.contains("is there already"), "{said}");
    // What a link leads to was not named.
    #[cfg(unix)]
    {
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("new.rs"), folder.path().join("link.rs")).unwrap();
        let (done, said) = run(&["pull", "rust", "lab", "rig", "--output", "link.rs"]);
        assert!(!done && said.contains("is there already"), "{said}");
        assert!(!elsewhere.path().join("new.rs").exists());
    }
}
