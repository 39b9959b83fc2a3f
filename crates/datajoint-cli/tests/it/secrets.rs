//! Secrets in files that git keeps.

use std::process::Command;

use crate::{SECRET, datajoint};

/// Variables, secrets beside the settings, and how many secrets are found in files.
type Over<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], usize);

/// Whatever stands over it: what git keeps can be read by everybody who has the repository.
#[test]
fn a_secret_in_a_file_that_git_keeps_is_found_used_or_not_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let beside = folder.path().join(".secrets");
    std::fs::create_dir(&beside).unwrap();
    let location = folder.path().display();
    let file = format!(
        r#"{{"database": {{"password": "{SECRET}"}}, "stores": {{"default": "main", "main":
            {{"protocol": "s3", "endpoint": "127.0.0.1:9", "bucket": "lab", "location": "x",
            "secret_key": "{SECRET}"}}}}}}"#
    );
    std::fs::write(folder.path().join("datajoint.json"), file).unwrap();
    std::fs::write(folder.path().join("password"), SECRET).unwrap();
    for arguments in [&["init", "--quiet"][..], &["add", "datajoint.json", "password"]] {
        let git = Command::new("git").args(arguments).current_dir(folder.path()).status().unwrap();
        assert!(git.success());
    }
    let other_stores = format!(r#"{{"other": {{"protocol": "file", "location": "{location}"}}}}"#);
    let password = folder.path().join("password").display().to_string();
    let over: [Over<'_>; 6] = [
        (&[], &[], 2),
        (&[("DJ_PASS", "zz")], &[], 2),
        (&[("DJ_PASS_FILE", &password)], &[], 3),
        (&[("DJ_STORES__MAIN__SECRET_KEY", "zz")], &[], 2),
        (&[("DJ_STORES", &other_stores)], &[], 2),
        (&[], &["database.password", "stores.main.secret_key"], 2),
    ];
    for (variables, secrets, count) in over {
        for secret in secrets {
            std::fs::write(beside.join(secret), "zz").unwrap();
        }
        let (done, said) = datajoint(folder.path(), variables, &["verify", "--offline"]);
        assert!(!done, "{said}");
        assert_eq!(
            said.matches("error[committed-secret]").count(),
            count,
            "{variables:?} {secrets:?}: {said}"
        );
        assert!(!said.contains(SECRET), "{said}");
    }
}
