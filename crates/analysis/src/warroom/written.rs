//! What is to be done, as somebody wrote it down without a time: the list below a heading of a draft or of notes.
//!
//! What it sees: texts of which no line has a time, and in them what stands below a heading for items or behind a check box. Why it
//! matters: tasks are agreed in a call and written into a document that nobody dates. When it misleads: a list of what is always to
//! be done; so an item has to have an owner, a date or a box of its own.

use evidence::{Message, Moment, RecordRef};

use crate::acts::{self, Act, People};
use crate::digest::Digest;
use crate::scene::{At, Scene, Utterance};

/// More is no document that somebody wrote.
const MOST_RECORDS: u64 = 400;
/// A list ends with a heading, or after so many items.
const MOST_ITEMS: usize = 30;

/// The items of such texts, each as if somebody said it when all was over.
pub fn items(scene: &Scene) -> Vec<At<Utterance>> {
    let written = |d: &&Digest| d.stamped == 0 && d.events.is_empty() && (1..=MOST_RECORDS).contains(&d.records);
    let texts: Vec<&Digest> = scene.digests.iter().filter(written).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let at = scene.chat.iter().map(|m| m.at).chain(scene.pages.iter().map(|p| p.at)).max();
    let at = at.or_else(|| scene.moments().into_values().max()).unwrap_or(Moment(0));
    let people = scene.people();
    let of = |digest: &&Digest| {
        let file = digest.name.rsplit(['/', '!']).next().unwrap_or(&digest.name).to_string();
        below_headings(&lines(digest), &file, &people)
    };
    texts.iter().flat_map(of).map(|(place, what)| At { at, place, what }).collect()
}

/// The records of a text in the order in which they stand, as far as they are kept.
fn lines(digest: &Digest) -> Vec<(RecordRef, String)> {
    let kept = digest.patterns.iter().flat_map(|p| p.exemplars.iter().chain([&p.first]));
    let mut lines: Vec<(RecordRef, String)> = kept.map(|e| (e.place, e.text.to_string())).collect();
    lines.sort_by_key(|(place, _)| *place);
    lines.dedup_by_key(|(place, _)| *place);
    lines
}

/// `file`: whose words they are, where nobody else says so.
fn below_headings(lines: &[(RecordRef, String)], file: &str, people: &People) -> Vec<(RecordRef, Utterance)> {
    let mut heading: Option<&str> = None;
    let mut found = Vec::new();
    for (place, text) in lines {
        let line = text.trim();
        if acts::is_heading(line) {
            heading = Some(line);
            continue;
        }
        if line.starts_with('#') {
            heading = None;
            continue;
        }
        let is_boxed = ["- [ ]", "- [x]", "- [X]", "* [ ]", "* [x]"].iter().any(|mark| line.starts_with(mark));
        if (heading.is_some() || is_boxed) && found.len() < MOST_ITEMS {
            found.extend(item(line, (heading.unwrap_or("Actions:"), is_boxed), file, people).map(|what| (*place, what)));
        }
    }
    found
}

fn item(line: &str, (heading, is_boxed): (&str, bool), file: &str, people: &People) -> Option<Utterance> {
    let text = format!("{heading}\n{line}");
    let mut said = acts::read_among(&text, file, false, people);
    said.retain(|s| s.act == Act::ActionItem);
    let is_told = said.iter().any(|s| is_boxed || s.slots.owner.is_some() || s.slots.due.is_some());
    let message = Message { text, author: file.to_string(), ..Message::default() };
    is_told.then(|| Utterance { message, speaker: file.to_string(), said })
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let source = SourceId { input: 0, entry: 0 };
        let place = |line| RecordRef { source, start: line, end: line + 1, line, last_line: line };
        let lines: Vec<(RecordRef, String)> = text.lines().zip(1..).map(|(line, n)| (place(n), line.to_string())).collect();
        let said = below_headings(&lines, "notes.md", &People::default()).into_iter().flat_map(|(_, what)| what.said);
        said.map(|s| (s.slots.task.unwrap_or_default(), s.slots.owner, s.slots.due)).collect()
    }

    fn told(task: &str, owner: &str, due: &str) -> (String, Option<String>, Option<String>) {
        (task.into(), Some(owner.into()), Some(due.into()))
    }

    #[test]
    fn what_stands_below_a_heading_is_to_be_done() {
        let text = "# Basket outage, rough notes\n- the cache was cold\n## Actions\n- [ ] Warm the cache before a release. Ines, 2025-04-02\n- alert on misses, @tom, due 2025-04-09\n## Thanks\n- to the night shift, 2025-04-01";
        assert_eq!(
            read(text),
            [told("Warm the cache before a release", "Ines", "2025-04-02"), told("alert on misses", "@tom", "2025-04-09")]
        );
    }

    #[test]
    fn a_list_without_owners_and_dates_tells_nothing_to_do() {
        assert!(read("Next steps\n- restart the pod\n- look at the graphs").is_empty());
        assert!(read("# Runbook\n1. drain the node\n2. call Ines").is_empty());
    }
}
