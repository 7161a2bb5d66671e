//! Public names of what lies in archives: `a.zip!b.tar.gz!c.log`.
//!
//! A name is shown and cited, never opened: `../../etc/passwd` is as good a name as any. This module must never know a
//! path. Hostile names: control characters, 64 KB, and the same name twice, which would make a citation ambiguous.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Characters of a member's own name that are kept.
const LONGEST: usize = 500;

/// The public name of a member: the archive's name, `!`, the member's own without a leading `./`.
pub fn of_member(archive: &str, member: &str) -> String {
    let mut own = member;
    while let Some(rest) = own.strip_prefix("./") {
        own = rest;
    }
    let mut name = format!("{archive}!");
    let mut characters = own.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c });
    name.extend(characters.by_ref().take(LONGEST));
    if characters.next().is_some() {
        name.push('…');
    }
    name
}

/// The names given so far, by their hashes: a hundred thousand long ones are not held twice. Two names of one hash only
/// number the second one needlessly.
#[derive(Default)]
pub struct Given(BTreeMap<u64, u32>);

impl Given {
    /// The name, or where it was given before, the name with a number: `x.tar!a.log (2)`.
    pub fn unique<'n>(&mut self, name: &'n str) -> Cow<'n, str> {
        let Some(times) = self.0.get(&hash(name)).copied() else {
            self.0.insert(hash(name), 1);
            return Cow::Borrowed(name);
        };
        let mut times = times;
        loop {
            times = times.saturating_add(1);
            let numbered = format!("{name} ({times})");
            if !self.0.contains_key(&hash(&numbered)) {
                self.0.insert(hash(&numbered), 1);
                self.0.insert(hash(name), times);
                return Cow::Owned(numbered);
            }
        }
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is() {
        assert_eq!(of_member("x.zip", "././a/b.log"), "x.zip!a/b.log");
        assert_eq!(of_member("x.zip", "../../etc/passwd"), "x.zip!../../etc/passwd");
        assert_eq!(of_member("x.zip", "C:\\logs\\a.log"), "x.zip!C:\\logs\\a.log");
    }

    #[test]
    fn control_characters_and_endless_names_are_not_kept() {
        assert_eq!(of_member("x.zip", "a\0b\x1b[31m\n"), "x.zip!a\u{fffd}b\u{fffd}[31m\u{fffd}");
        assert_eq!(of_member("x.zip", &"é".repeat(64 << 10)), format!("x.zip!{}…", "é".repeat(LONGEST)));
    }

    #[test]
    fn a_name_is_given_once() {
        let mut given = Given::default();
        let names: Vec<_> = ["a", "a", "b", "a (3)", "a", "A"].map(|n| given.unique(n).into_owned()).into();
        assert_eq!(names, ["a", "a (2)", "b", "a (3)", "a (4)", "A"]);
    }
}
