//! The styles and scripts that stand built in the tree are what their sources make.
//!
//! Needs Node and a package registry; without them it says so and leaves it to where they are, as neither the build nor the
//! program needs them. Builds in a copy and never changes the tree.

use std::path::Path;
use std::process::Command;

use crate::cases;

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == "node_modules" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn the_built_scripts_are_those_of_the_sources() {
    let has_npm = Command::new("npm").arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !has_npm || std::env::var_os("CASEFILE_NO_BROWSER").is_some() {
        println!("not compared: there is no npm, or no browser is wanted");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().join("web");
    copied(&cases::root().join("web"), &web);
    let built = folder.path().join("crates/server/assets");
    std::fs::create_dir_all(&built).unwrap();
    for step in [&["ci", "--no-audit", "--no-fund"][..], &["run", "check"], &["run", "build"]] {
        let ran = Command::new("npm").args(step).current_dir(&web).output().unwrap();
        assert!(ran.status.success(), "npm {step:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    for name in ["app.js", "theme.js", "htmx.js"] {
        let now = std::fs::read(cases::root().join("crates/server/assets").join(name)).unwrap();
        let then = std::fs::read(built.join(name)).unwrap();
        assert!(now == then, "crates/server/assets/{name} is stale: run `npm ci && npm run build` in web/");
    }
}
