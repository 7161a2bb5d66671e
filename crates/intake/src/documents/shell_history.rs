//! What somebody typed, with its times: the history of bash (`history` with times, or the file) and of zsh. The commands by
//! which they deployed are changes.
//!
//! It must never take a log for a history: numbers run on by one, or each line is made as zsh makes it. What breaks it: a
//! history of several shells that were merged.

use std::sync::LazyLock;

use evidence::{Body, Event, Stamp};
use expressions::Expression;

use super::console::change_by;
use super::page::Page;
use super::{Document, when};

/// Lines by which a history is judged.
const LOOK: usize = 60;

/// Reads a history; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let entry = kind(page)?;
    let mut document = Document { format: "shell_history".into(), ..Document::default() };
    for index in 0..page.len() {
        let line = page.line(index);
        let change = entry(&line).and_then(|typed| Some((typed.at, change_by(typed.command)?)));
        match change {
            Some((stamp, deploy)) => {
                let place = page.place(index, index);
                document.events.push(Event { place, stamp: Some(stamp), body: Body::Deploy(deploy) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins like a history.
pub fn is_likely(page: &Page<'_>) -> bool {
    kind(page).is_some()
}

/// A command with its time, and its number where it has one.
struct Typed<'l> {
    at: Stamp,
    number: Option<u64>,
    command: &'l str,
}

type Reader = fn(&str) -> Option<Typed<'_>>;

fn kind(page: &Page<'_>) -> Option<Reader> {
    let full: Vec<_> = (0..page.len()).filter(|i| !page.is_blank(*i)).take(LOOK).map(|i| page.line(i)).collect();
    let typed = |reader: Reader| full.iter().map(|line| reader(line)).collect::<Option<Vec<_>>>().filter(|all| all.len() >= 2);
    let runs_on =
        |all: &Vec<Typed<'_>>| all.windows(2).all(|pair| pair[0].number.zip(pair[1].number).is_none_or(|(a, b)| a + 1 == b));
    let readers: [Reader; 2] = [bash, zsh];
    readers.into_iter().find(|reader| typed(*reader).is_some_and(|all| runs_on(&all)))
}

/// `  513  2025-06-11 13:58:02 helm upgrade …`.
fn bash(line: &str) -> Option<Typed<'_>> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"^\s*(\d{1,7})\*?\s+\[?(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:[+-]\d{4})?)\]?\s+(\S.*)$").ok()
    });
    let found = SHAPE.as_ref()?.captures(line)?;
    let command = found.get(3)?.as_str();
    Some(Typed { at: when::read(&found[2])?, number: found[1].parse().ok(), command })
}

/// `: 1749650282:0;helm upgrade …`.
fn zsh(line: &str) -> Option<Typed<'_>> {
    let (at, rest) = line.strip_prefix(": ")?.split_once(':')?;
    let (took, command) = rest.split_once(';')?;
    took.parse::<u64>().ok()?;
    Some(Typed { at: when::epoch(at)?, number: None, command })
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Service, version, whether it goes back, line.
    fn check(text: &str) -> Vec<(Option<String>, Option<String>, bool, u64)> {
        assert!(sniff("h.txt", text.as_bytes(), true), "{text}");
        let document = read_whole("h.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a history");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.service, d.version, d.rollback, e.place.line),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn commands_that_deploy_are_changes() {
        let bash = "  512  2025-01-01 00:00:01 kubectl get pods\n  513  2025-01-01 00:00:05 helm upgrade cart ./chart --set image.tag=4.12.0\n  514  2025-01-01 00:10:05 helm rollback cart 41\n";
        let expected =
            [(Some("cart".to_string()), Some("4.12.0".to_string()), false, 2), (Some("cart".to_string()), None, true, 3)];
        assert_eq!(check(bash), expected);
        let zsh = ": 1735689601:0;ls\n: 1735689605:3;kubectl rollout undo deploy/cart\n";
        assert_eq!(check(zsh), [(Some("cart".to_string()), None, true, 2)]);
    }

    #[test]
    fn a_log_with_numbers_is_none() {
        for text in [
            "512 2025-01-01 00:00:01 worker started\n512 2025-01-01 00:00:02 worker done\n",
            "2025-01-01 00:00:01 helm upgrade cart\n2025-01-01 00:00:02 helm rollback cart\n",
        ] {
            assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())), "{text}");
        }
    }
}
