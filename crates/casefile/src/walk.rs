//! Finds what is below an INPUT: files in sorted order, hidden ones too, git repositories as one thing each.
//!
//! Must never read a file's content and never leave the folder it was given: a link that leads outside, a pipe and a
//! folder that cannot be listed are found as things that cannot be read, with the reason. Links to folders are not
//! followed at all, so that no loop is possible.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{names, repository};

/// One thing to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    File(PathBuf),
    Repository(PathBuf),
    Unreadable(String),
}

/// Everything below a folder. `front` goes in front of the names.
pub fn folder(root: &Path, front: &str) -> Vec<Found> {
    let mut found = Vec::new();
    if repository::is_one(root) {
        let name = if front.is_empty() { names::of_file(root, true) } else { front.to_string() };
        found.push(Found { name: without_git(&name), what: What::Repository(root.to_path_buf()) });
        return found;
    }
    let bounds = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let mut waiting = vec![root.to_path_buf()];
    while let Some(dir) = waiting.pop() {
        list(
            &dir,
            &mut waiting,
            &mut |path, what| {
                let relative = path.strip_prefix(root).unwrap_or(path);
                let name = names::below(front, relative);
                let name = if matches!(what, What::Repository(_)) { without_git(&name) } else { name };
                found.push(Found { name, what });
            },
            &bounds,
        );
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn list(dir: &Path, waiting: &mut Vec<PathBuf>, found: &mut dyn FnMut(&Path, What), bounds: &Path) {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return found(dir, What::Unreadable(format!("the folder cannot be listed: {error}"))),
    };
    for entry in entries {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && repository::is_one(&path) => found(&path, What::Repository(path.clone())),
            Ok(kind) if kind.is_dir() => waiting.push(path),
            Ok(kind) if kind.is_file() => found(&path, What::File(path.clone())),
            Ok(kind) if kind.is_symlink() => {
                if let Some(what) = linked(&path, bounds) {
                    found(&path, what);
                }
            }
            Ok(_) => found(&path, What::Unreadable("it is a pipe, socket or device, not a file".to_string())),
            Err(error) => found(&path, What::Unreadable(error.to_string())),
        }
    }
}

/// What a link is read as: a file inside of `bounds`, or a reason; nothing for a folder.
fn linked(path: &Path, bounds: &Path) -> Option<What> {
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(_) => return Some(What::Unreadable("it is a link to something that does not exist".to_string())),
    };
    if target.is_dir() && target.starts_with(bounds) {
        return None;
    }
    if !target.starts_with(bounds) {
        return Some(What::Unreadable("it is a link that leads outside of the input".to_string()));
    }
    match target.is_file() {
        true => Some(What::File(target)),
        false => Some(What::Unreadable("it is a link to a pipe, socket or device".to_string())),
    }
}

fn without_git(name: &str) -> String {
    match name.strip_suffix(".git") {
        Some(short) if !short.is_empty() && !short.ends_with('/') => short.to_string(),
        _ => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    fn names_of(found: &[Found]) -> Vec<&str> {
        found.iter().map(|f| f.name.as_str()).collect()
    }

    #[test]
    fn files_are_found_in_sorted_order_hidden_ones_too() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.log", "a/z.log", ".hidden", "a.log", "a/.x/y"] {
            write(dir.path(), name);
        }
        assert_eq!(names_of(&folder(dir.path(), "")), [".hidden", "a.log", "a/.x/y", "a/z.log", "b.log"]);
        assert_eq!(names_of(&folder(dir.path(), "in"))[0], "in/.hidden");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_to_a_file_inside_and_nowhere_else() {
        let outside = tempfile::tempdir().unwrap();
        write(outside.path(), "secret");
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "d/real.log");
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, dir.path().join(name)).unwrap();
        link(&dir.path().join("d/real.log"), "in.log");
        link(&outside.path().join("secret"), "out.log");
        link(Path::new("nowhere"), "dangling");
        link(dir.path(), "loop");
        let found = folder(dir.path(), "");
        assert_eq!(names_of(&found), ["d/real.log", "dangling", "in.log", "out.log"]);
        let reason = |i: usize| matches!(&found[i].what, What::Unreadable(r) if r.contains("link"));
        assert!(reason(1) && reason(3) && matches!(found[2].what, What::File(_)));
    }

    #[test]
    fn a_repository_is_one_thing_and_its_files_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["shop/.git/HEAD", "shop/src/main.rs", "pay.git/HEAD", "pay.git/objects/x", "pay.git/refs/x", "app.log"] {
            write(dir.path(), name);
        }
        let found = folder(dir.path(), "");
        assert_eq!(names_of(&found), ["app.log", "pay", "shop"]);
        assert!(matches!(found[1].what, What::Repository(_)) && matches!(found[2].what, What::Repository(_)));
        assert_eq!(names_of(&folder(&dir.path().join("pay.git"), "")), ["pay"]);
    }
}
