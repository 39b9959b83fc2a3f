//! Installs a server where that is possible without asking: as root on Debian and its kin.

use std::path::Path;
use std::process::Command;

use super::Kind;

/// Installs the packages of a server; says why not where it can't.
pub(crate) fn install(kind: Kind) -> Result<(), String> {
    packages(&[match kind {
        Kind::Postgresql => "postgresql",
        Kind::Mysql | Kind::Mariadb => "mariadb-server",
    }])
}

/// Installs packages; says why not where it can't.
pub(crate) fn packages(packages: &[&str]) -> Result<(), String> {
    let names = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() {
        return Err(format!("none runs here, and packages are installed only on Debian (wanted: {names})"));
    }
    if !is_root() {
        return Err(format!("none runs here, and only root can install one: `apt-get install {names}`"));
    }
    eprintln!("installing {names}");
    let mut install = vec!["-qq", "install", "-y", "--no-install-recommends"];
    install.extend(packages);
    for arguments in [vec!["-qq", "update"], install] {
        let status = Command::new("apt-get")
            .args(&arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // The package must not start a server of its own.
            .env("RUNLEVEL", "1")
            .stdout(std::process::Stdio::null())
            .status()
            .map_err(|error| format!("apt-get can't run: {error}"))?;
        if !status.success() {
            return Err(format!("`apt-get {}` ended with {status}", arguments.join(" ")));
        }
    }
    Ok(())
}

/// True for the user root.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
