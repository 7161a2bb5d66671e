//! Who did what in a note of a timeline that a tool wrote: `Status changed from Fixing → Closed by Ann Lee`, `Ann Lee: rolled
//! back`, and the words quoted below it.
//!
//! It must never take the beginning of a sentence for somebody's name: only who is named as a person elsewhere in the
//! document is one. What breaks it: people who are named by one word.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::{Body, Message, PageAction};
use expressions::Expression;

use super::incident_tools::{said, state_in};
use super::page::Page;
use super::pager::About;

/// What a document tells of its people and its incident.
pub struct Told {
    people: BTreeSet<String>,
    /// The file, which says what nobody else does.
    author: String,
    incident: String,
    title: String,
    priority: Option<String>,
}

impl Told {
    pub fn of(page: &Page<'_>, first: usize, author: String) -> Told {
        static PERSON: LazyLock<Option<Expression>> = LazyLock::new(|| {
            let roles = r"(?i:\bby|lead|commander|reporter|owner|assignee|author|scribe)";
            Expression::new(&format!(r"{roles}:?[*_]{{0,2}}:? +@?(\p{{Lu}}[\p{{L}}'’-]+(?: \p{{Lu}}[\p{{L}}'’-]+){{1,2}})")).ok()
        });
        let named = |line: &str| -> Vec<String> {
            let found = PERSON.as_ref().map(|person| person.captures_iter(line).map(|c| c[1].to_string()).collect());
            found.unwrap_or_default()
        };
        let title = (0..first).map(|i| page.line(i)).find_map(|line| line.strip_prefix("# ").map(|t| t.trim().to_string()));
        let title = title.unwrap_or_default();
        let (number, rest) = title.split_once([':', ' ']).unwrap_or_default();
        let is_number = number.contains('-') && number.ends_with(|c: char| c.is_ascii_digit());
        let priority = (0..first).find_map(|i| {
            let line = page.line(i).replace(['*', '_'], "");
            let (name, value) = line.split_once(':')?;
            ["severity", "priority"].contains(&name.trim().to_lowercase().as_str()).then(|| value.trim().to_string())
        });
        Told {
            people: (0..page.len()).flat_map(|i| named(&page.line(i))).collect(),
            author,
            incident: if is_number { number.to_string() } else { String::new() },
            title: if is_number { rest.trim().to_string() } else { title },
            priority,
        }
    }

    /// What a note says: a step and the words with it, or words.
    pub fn bodies(&self, note: &str) -> Vec<Body> {
        let (first, below) = note.split_once('\n').unwrap_or((note, ""));
        let quoted = quoted(below);
        let by =
            first.rsplit_once(" by ").map(|(_, who)| who.trim().trim_end_matches('.')).filter(|who| self.people.contains(*who));
        if let Some((action, who)) = step(first) {
            let about = About {
                incident: self.incident.clone(),
                title: self.title.clone(),
                priority: self.priority.clone(),
                ..About::default()
            };
            let mut bodies = vec![about.page(action, who.clone(), first.to_string())];
            bodies.extend(quoted.zip(who).map(|(words, who)| said(who, words)));
            return bodies;
        }
        if let Some((words, who)) = quoted.zip(by) {
            return vec![said(who.to_string(), words)];
        }
        match note.split_once(": ").filter(|(who, _)| self.people.contains(*who)) {
            Some((who, words)) => vec![said(who.to_string(), words.trim().to_string())],
            None => vec![Body::Message(Message { author: self.author.clone(), text: note.to_string(), ..Message::default() })],
        }
    }
}

/// A step as tools word it; people write about status pages, too.
fn step(line: &str) -> Option<(PageAction, Option<String>)> {
    let lower = line.to_lowercase();
    let begins =
        ["incident reported", "incident declared", "incident created", "incident closed", "incident resolved", "status changed"];
    let is_worded = begins.iter().any(|start| lower.starts_with(start)) || lower.contains(" changed the status from ");
    if is_worded { state_in(line) } else { None }
}

/// The words of the lines that are quoted.
fn quoted(lines: &str) -> Option<String> {
    let words: Vec<&str> = lines.lines().filter_map(|line| line.trim().strip_prefix('>')).map(str::trim).collect();
    (!words.is_empty()).then(|| words.join("\n"))
}
