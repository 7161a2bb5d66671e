//! Names of those who take part: only by them is an owner told from any other word that begins a sentence.
//!
//! Must never know what anybody said. What breaks it: two people of one first name, who are one owner then.

use std::collections::BTreeSet;

/// Names as they are spoken, in lowercase.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeSet<String>);

/// First names of fewer letters are words.
const LEAST: usize = 3;

impl People {
    /// Somebody by a handle (`ana.m`) or a whole name (`Ana Moreno`), who is known by the first part of it as well, and by
    /// both where the handle has them (`ana.moreno`).
    pub fn add(&mut self, name: &str) {
        let name = name.trim().trim_start_matches('@').to_lowercase();
        let first = name.split([' ', '.', '_']).next().unwrap_or_default().to_string();
        let whole = name.split(['.', '_']).collect::<Vec<_>>().join(" ");
        self.0
            .extend([name, first, whole].into_iter().filter(|name| name.chars().filter(|c| c.is_alphabetic()).count() >= LEAST));
    }

    /// The known name with which a text begins, or several that are joined: "Ana & Ben".
    pub fn leading<'t>(&self, text: &'t str) -> Option<&'t str> {
        let first = self.one(text)?;
        let rest = &text[first.len()..];
        let joined = [" & ", " and ", " + ", "/"].iter().find_map(|mark| Some((mark, self.leading(rest.strip_prefix(mark)?)?)));
        let end = joined.map_or(0, |(mark, other)| mark.len() + other.len());
        Some(&text[..first.len() + end])
    }

    /// One name, of two words where they are one.
    fn one<'t>(&self, text: &'t str) -> Option<&'t str> {
        let word = |from: usize| {
            let rest = text.get(from..)?;
            let own = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
            let name = rest[..rest.find(|c| !own(c)).unwrap_or(rest.len())].trim_end_matches(['.', '-']);
            (!name.is_empty()).then_some(from + name.len())
        };
        let one = word(0)?;
        let two = text.get(one..).filter(|rest| rest.starts_with(' ')).and_then(|_| word(one + 1));
        let is_known = |name: &&str| self.0.contains(&name.trim_start_matches('@').to_lowercase());
        two.into_iter().chain([one]).map(|end| &text[..end]).find(is_known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_known_by_their_handles_and_first_names() {
        let mut people = People::default();
        ["@ana.m", "Lena Ost", "li.wei", "qa", "omar.haddad"].into_iter().for_each(|name| people.add(name));
        for (text, name) in [
            ("ana.m puts it back", Some("ana.m")),
            ("Ana: a test", Some("Ana")),
            ("lena ost to write it", Some("lena ost")),
            ("Lena will", Some("Lena")),
            ("Omar Haddad: a test", Some("Omar Haddad")),
            ("li.wei: more", Some("li.wei")),
            ("Ana and Lena: a test", Some("Ana and Lena")),
            ("Ana and the others", Some("Ana")),
            ("li adds", None),
            ("Kafka needs", None),
            ("qa: more", None),
            ("", None),
        ] {
            assert_eq!(people.leading(text), name, "{text}");
        }
    }
}
