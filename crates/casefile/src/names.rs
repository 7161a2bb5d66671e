//! Public names of inputs: what the report calls them. Must never open anything, and never let an absolute path through.

use std::collections::BTreeMap;
use std::path::{Component, Path};

/// The name that goes in front of what an INPUT holds: nothing when it is the only one, else the name it was given by.
/// An absolute path is called by its last part.
pub fn front(given: &Path, only: bool) -> String {
    if only {
        return String::new();
    }
    if given.is_absolute() {
        return last_part(given);
    }
    parts(given).join("/")
}

/// The name of a file that was given itself.
pub fn of_file(given: &Path, only: bool) -> String {
    if only { last_part(given) } else { front(given, false) }
}

/// `front` and a path below it.
pub fn below(front: &str, relative: &Path) -> String {
    let inner = parts(relative).join("/");
    match (front.is_empty(), inner.is_empty()) {
        (true, _) => inner,
        (_, true) => front.to_string(),
        _ => format!("{front}/{inner}"),
    }
}

/// Names that stand more than once get a number, in the order given.
pub fn made_unique(names: &mut [String]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for name in names {
        let count = seen.entry(name.clone()).or_insert(0);
        *count = count.saturating_add(1);
        if *count > 1 {
            name.push_str(&format!("#{count}"));
        }
    }
}

fn last_part(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    name.or_else(|| Some(path.canonicalize().ok()?.file_name()?.to_string_lossy().into_owned())).unwrap_or_else(|| "input".into())
}

fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|c| match c {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            Component::ParentDir => Some("..".to_string()),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_input_is_not_named() {
        assert_eq!(below(&front(Path::new("logs"), true), Path::new("a/b.log")), "a/b.log");
        assert_eq!(of_file(Path::new("x/app.log"), true), "app.log");
    }

    #[test]
    fn of_several_each_goes_in_front_as_it_was_given() {
        assert_eq!(below(&front(Path::new("./logs/"), false), Path::new("app.log")), "logs/app.log");
        assert_eq!(of_file(Path::new("x/app.log"), false), "x/app.log");
        assert_eq!(below(&front(Path::new("."), false), Path::new("app.log")), "app.log");
        assert_eq!(below(&front(Path::new("../logs"), false), Path::new("app.log")), "../logs/app.log");
    }

    #[test]
    fn an_absolute_path_does_not_get_into_the_report() {
        assert_eq!(below(&front(Path::new("/var/log/shop"), false), Path::new("a.log")), "shop/a.log");
        assert_eq!(of_file(Path::new("/var/log/a.log"), false), "a.log");
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut names = vec!["a".to_string(), "b".to_string(), "a".to_string()];
        made_unique(&mut names);
        assert_eq!(names, ["a", "b", "a#2"]);
    }
}
