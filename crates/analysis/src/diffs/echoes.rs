//! What a failure quotes of a change: the new value beside the words of its key (`limit of size 4` after `POOL_SIZE=4`), or
//! the very thing that a setting is of (`nf_table: full` after `nf_table_max` went missing).
//!
//! It must never know mechanisms: an echo says that the setting is at work in the failure, not how. What breaks it: numbers
//! that stand everywhere, which is why a number counts only within reach of its key's words.

use super::words::{STOP, split_words};
use super::{Change, ChangeKind, Symptom};

/// What an echo adds to the score of a change.
const VALUE_BY_ITS_KEY: f64 = 2.5;
const THING: f64 = 4.0;
/// Words between a value and a word of its key, at most.
const REACH: usize = 3;
/// Letters of an identifier that is unlikely to stand in two places by chance.
const LEAST_STEM: usize = 8;
/// Symptoms that stand out less than this are of the background.
const LEAST_WEIGHT: f64 = 0.25;

pub(super) struct Echo {
    pub value: f64,
    /// As they stand in the failure.
    pub words: String,
}

/// The best echo of a change of settings in failures that stand out.
pub(super) fn of(change: &Change, symptoms: &[Symptom]) -> Option<Echo> {
    if change.kind.weight() <= 0.0 || matches!(change.kind, ChangeKind::DependencyBumped { .. }) {
        return None;
    }
    let texts = || symptoms.iter().filter(|s| s.weight >= LEAST_WEIGHT).map(|s| s.text.as_str());
    let name = match &change.kind {
        ChangeKind::ConfigRemoved { name } => name.as_str(),
        kind => kind.setting()?.0,
    };
    let thing = things(name).into_iter().find(|stem| texts().any(|text| stands_in(text, stem)));
    let by_thing = thing.map(|words| Echo { value: THING, words });
    let value = || {
        let (_, _, to) = change.kind.setting()?;
        let words = texts().find_map(|text| beside_its_key(text, name, to.trim_matches(['"', '\'', ' '])))?;
        Some(Echo { value: VALUE_BY_ITS_KEY, words })
    };
    by_thing.or_else(value)
}

/// `nf_table_max` is of the `nf_table`: the identifier and what it begins with, down to two parts.
fn things(name: &str) -> Vec<String> {
    const OF_ALL: [&str; 8] = ["id", "name", "code", "type", "at", "url", "time", "key"];
    let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name).to_lowercase();
    let parts: Vec<&str> = last.split('_').filter(|p| !p.is_empty()).collect();
    let stems = (2..=parts.len()).rev().map(|n| &parts[..n]);
    let telling = stems.filter(|p| p.last().is_none_or(|last| !OF_ALL.contains(last)));
    telling.map(|p| p.join("_")).filter(|stem| stem.len() >= LEAST_STEM).collect()
}

/// The identifier stands there by itself.
fn stands_in(text: &str, identifier: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == identifier)
}

/// `size 4`: the number within reach of a word of its key, in a text that has two of them.
fn beside_its_key(text: &str, name: &str, value: &str) -> Option<String> {
    if value.is_empty() || value.len() > 12 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let key: Vec<String> = split_words(name).into_iter().filter(|w| w.len() >= 3 && !STOP.contains(&w.as_str())).collect();
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    let of_key = |word: &str| split_words(word).into_iter().filter(|w| key.contains(w)).collect::<Vec<_>>();
    let mut shared: Vec<String> = words.iter().flat_map(|w| of_key(w)).collect();
    shared.sort();
    shared.dedup();
    if shared.len() < key.len().clamp(1, 2) {
        return None;
    }
    let places = words.iter().enumerate().filter(|(_, word)| **word == value).map(|(at, _)| at);
    // What stands before another number is of that.
    let before = |at: usize| words[..at].iter().rev().take(REACH).take_while(|w| !w.starts_with(|c: char| c.is_ascii_digit()));
    let near = places.filter_map(|at| before(at).find(|word| !of_key(word).is_empty())).next()?;
    Some(format!("{near} {value}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::commit;
    use super::*;

    fn echo(path: &str, patch: &str, text: &str) -> Option<String> {
        let reading = super::super::read(&commit(path, patch));
        let seen = Symptom { text: text.into(), weight: 1.0, ..Symptom::default() };
        reading.changes.iter().find_map(|c| of(c, std::slice::from_ref(&seen))).map(|e| e.words)
    }

    #[test]
    fn the_new_value_beside_its_key() {
        let patch = "-DB_POOL_SIZE=30\n+DB_POOL_SIZE=3\n";
        assert_eq!(echo("app.env", patch, "QueuePool limit of size 3 reached"), Some("size 3".into()));
        assert_eq!(echo("app.env", patch, "3 orders failed"), None);
        assert_eq!(echo("app.env", patch, "QueuePool limit of size 30 reached, 3 waiting"), None);
    }

    #[test]
    fn the_thing_that_a_setting_is_of() {
        let patch = "-    net.ipv4.ip_frag_high_thresh = 4194304\n     other = 1\n";
        assert_eq!(echo("node/sysctl.conf", patch, "kernel: ip_frag_high: queue full"), Some("ip_frag_high".into()));
        assert_eq!(echo("node/sysctl.conf", patch, "kernel: fragment queue full"), None);
        assert_eq!(echo("a.yaml", "-  customer_id: a\n", "no order of customer_id 7"), None);
    }
}
