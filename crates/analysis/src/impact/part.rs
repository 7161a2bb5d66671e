//! Whether the log in which requests were counted is one of several that stand side by side, as somebody says.
//!
//! What it sees: "lb-2 is one of four LBs", where a word of the source's name is meant. Why it matters: a count at one of them is no
//! total. When it misleads: nobody says it; then the sentence still names the log.

use crate::edge::Edge;
use crate::findings::{OneOf, Places};
use crate::incident::Incident;

const BETWEEN: [&str; 3] = ["is one of ", "is only one of ", "is just one of "];
const ARTICLES: [&str; 4] = ["our ", "the ", "these ", "those "];

pub fn of(incident: &Incident<'_>, edge: &Edge) -> Option<OneOf> {
    let source = incident.scene.source_name(*edge.sources.first()?);
    incident.scene.chat.iter().filter(|m| !m.what.message.is_bot).find_map(|message| {
        let (name, all) = told(&message.what.message.text, source)?;
        Some(OneOf { name, all, places: Places::one(message.place) })
    })
}

/// The name and what it is one of: a number or a word for one, and what is counted.
fn told(text: &str, source: &str) -> Option<(String, String)> {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    BETWEEN.iter().find_map(|between| {
        let at = lower.find(between)?;
        let name = text[..at].split_whitespace().next_back()?.trim_matches(|c: char| !c.is_alphanumeric());
        let mut rest = text[at + between.len()..].trim_start();
        for article in ARTICLES {
            rest = rest.strip_prefix(article).unwrap_or(rest);
        }
        let mut words = rest.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
        let (count, what) = (words.next()?, words.next()?);
        let is_count = count.bytes().all(|b| b.is_ascii_digit()) || NUMBERS.contains(&count.to_lowercase().as_str());
        (is_count && !what.is_empty() && is_named(source, name)).then(|| (name.to_string(), format!("{count} {what}")))
    })
}

const NUMBERS: [&str; 12] = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "several", "many"];

/// The name stands in the source's name with nothing joined to it.
fn is_named(source: &str, name: &str) -> bool {
    let (source, name) = (source.to_lowercase(), name.to_lowercase());
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    name.len() >= 2
        && source
            .match_indices(&name)
            .any(|(at, _)| apart(source[..at].chars().next_back()) && apart(source[at + name.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_a_part_where_its_own_name_is_called_one_of_several() {
        let found = told("all of it (gw-3 is one of five gateways).", "logs/gw-3_access.log");
        assert_eq!(found, Some(("gw-3".into(), "five gateways".into())));
        assert_eq!(told("this is one of the worst days", "logs/gw-3_access.log"), None);
        assert_eq!(told("gw-3 is one of the flaky ones", "logs/gw-3_access.log"), None);
        assert_eq!(told("gw-1 is one of five gateways", "logs/gw-3_access.log"), None);
    }
}
