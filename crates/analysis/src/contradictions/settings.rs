//! Values of settings that people tell from memory beside the diff that changed them: "maxconn was 2000 before", of 200 to 20.
//!
//! What it sees: a sentence that says what a setting was, and the lines of a commit that differ in this one number. Why it matters:
//! who puts a setting back by such words sets it wrong. When it misleads: a setting of the same name elsewhere; so all commits that
//! have it have to agree on its values.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use evidence::{Commit, RecordRef};

use super::speech::Sentence;
use crate::findings::{About, Contradiction, ContradictionKind, Places, Side};
use crate::incident::Incident;
use expressions::{Expression, constant};

/// Names of fewer letters are of everything.
const LEAST: usize = 4;

/// One number that a commit changed.
#[derive(Debug, Clone, PartialEq)]
struct Setting {
    name: String,
    old: String,
    new: String,
    /// The line that was taken out.
    line: String,
}

pub fn find(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let mut known: BTreeMap<String, Vec<(Setting, RecordRef)>> = BTreeMap::new();
    for commit in &incident.scene.commits {
        for setting in settings(&commit.what) {
            known.entry(setting.name.clone()).or_default().push((setting, commit.place));
        }
    }
    known.retain(|_, all| all.iter().all(|(setting, _)| is_same_pair(setting, &all[0].0)));
    let mut found = Vec::new();
    for sentence in sentences.iter().filter(|s| !known.is_empty() && !s.is_loose()) {
        let Some((name, value)) = told(sentence.text) else { continue };
        let Some((setting, place)) = known.get(&name.to_lowercase()).and_then(|all| all.first()) else { continue };
        if [&setting.old, &setting.new].into_iter().any(|own| plain(own) == plain(value)) {
            continue;
        }
        let diff = Side {
            value: setting.old.clone(),
            number: None,
            between: None,
            measure: None,
            stated_by: None,
            words: Some(setting.line.clone()),
            places: Places::one(*place),
        };
        found.push(Contradiction {
            kind: ContradictionKind::Number,
            about: About::Quantity { what: format!("{name} before the change") },
            sides: vec![sentence.side(value), diff],
        });
    }
    found
}

/// The same two values, in whichever order: a change, and its revert.
fn is_same_pair(a: &Setting, b: &Setting) -> bool {
    (a.old == b.old && a.new == b.new) || (a.old == b.new && a.new == b.old)
}

fn plain(value: &str) -> String {
    value.chars().filter(|c| !matches!(c, ',' | '_')).collect::<String>().to_lowercase()
}

/// The setting and the value that it had, as a sentence says.
fn told(text: &str) -> Option<(&str, &str)> {
    static WAS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?P<name>[a-z][\w.-]{2,})[`'’”]*\s+(?:was(?: set to| at)?|had been|stood at|went from|from)\s+(?P<value>\d[\d_,]*(?:\.\d+)?[a-z]{0,3})\b(?P<rest>.*)",
        )
    });
    let c = WAS.captures(text)?;
    let (name, value) = (c.name("name")?.as_str(), c.name("value")?.as_str());
    let is_past = c.name("rest").is_some_and(|rest| {
        let rest = rest.as_str().to_lowercase();
        ["before", "earlier", "until", "previously", " to "].iter().any(|word| rest.contains(word))
    });
    (is_past && name.len() >= LEAST).then_some((name, value))
}

/// Lines that a commit changed in one number only, with the word before it.
fn settings(commit: &Commit) -> Vec<Setting> {
    let mut found = Vec::new();
    for patch in commit.files.iter().map(|file| file.patch.as_str()) {
        let lines: Vec<&str> = patch.lines().collect();
        for pair in lines.windows(2) {
            let Some((old, new)) = pair[0].strip_prefix('-').zip(pair[1].strip_prefix('+')) else { continue };
            found.extend(setting(old.trim(), new.trim()));
        }
    }
    found
}

fn setting(old: &str, new: &str) -> Option<Setting> {
    let words = |line: &str| -> Vec<String> {
        let parts = line.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
        parts.filter(|word| !word.is_empty()).map(str::to_string).collect()
    };
    let (before, after) = (words(old), words(new));
    let mut differ = (0..before.len()).filter(|i| before.get(*i) != after.get(*i));
    let at = differ.next().filter(|_| before.len() == after.len())?;
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    if differ.next().is_some() || at == 0 || !is_number(&before[at]) || !is_number(&after[at]) {
        return None;
    }
    let name = before[at - 1].rsplit('.').next().unwrap_or_default().to_lowercase();
    let (old_value, new_value) = (before[at].clone(), after[at].clone());
    (name.len() >= LEAST && !is_number(&name)).then(|| Setting { name, old: old_value, new: new_value, line: old.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_setting_was_is_read_and_what_it_is_is_not() {
        assert_eq!(told("the pool_size was 2000 before"), Some(("pool_size", "2000")));
        assert_eq!(told("somebody took maxsockets from 400 to 40"), Some(("maxsockets", "400")));
        for text in ["pool_size was 20 at noon", "latency was fine before", "ttl was 5 before", "we had 20 before"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_that_differs_in_one_number_is_a_setting() {
        let pair = |old: &str, new: &str| setting(old, new).map(|s| format!("{} {} {}", s.name, s.old, s.new));
        assert_eq!(pair("upstream maxsockets 400", "upstream maxsockets 40"), Some("maxsockets 400 40".into()));
        assert_eq!(pair("pool.max_size: 30", "pool.max_size: 3"), Some("max_size 30 3".into()));
        assert_eq!(pair("image: shop/cart:1.4", "image: shop/till:1.5"), None, "two words differ");
        assert_eq!(pair("mode: fast", "mode: slow"), None);
    }
}
