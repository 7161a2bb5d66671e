//! What package managers did to a host: `history.log` of apt, `dnf history`, `yum history`. Each transaction is a change.
//!
//! It must never tell a package that was only looked at. What breaks it: `history.log` of a host whose zone nobody names.

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};

use super::page::Page;
use super::{Document, when};

/// What a transaction of apt did, by the names of its lines.
const DONE: [&str; 6] = ["Install", "Upgrade", "Downgrade", "Remove", "Purge", "Reinstall"];
/// Packages that are told of one transaction.
const MOST: usize = 12;

/// Reads such a history; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let mut document = Document { format: "packages".into(), ..Document::default() };
    if is_apt(page) {
        apt(page, &mut document);
    } else {
        table(page, &mut document)?;
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins like such a history.
pub fn is_likely(page: &Page<'_>) -> bool {
    is_apt(page) || header(page).is_some()
}

fn is_apt(page: &Page<'_>) -> bool {
    let first = (0..page.len().min(4)).find(|i| !page.is_blank(*i));
    first.is_some_and(|first| {
        value(&page.line(first), "Start-Date").is_some()
            && (first + 1..page.len().min(first + 6)).any(|i| DONE.iter().any(|done| value(&page.line(i), done).is_some()))
    })
}

fn value(line: &str, name: &str) -> Option<String> {
    Some(line.strip_prefix(name)?.strip_prefix(": ")?.trim().to_string())
}

/// Paragraphs from `Start-Date` to `End-Date`.
fn apt(page: &Page<'_>, document: &mut Document) {
    let mut at = 0;
    while at < page.len() {
        let end = (at..page.len()).find(|i| page.is_blank(*i)).unwrap_or(page.len());
        let lines: Vec<String> = (at..end).map(|i| page.line(i).into_owned()).collect();
        let of = |name: &str| lines.iter().find_map(|line| value(line, name));
        let time = |name: &str| of(name).and_then(|text| stamp(&text));
        let done: Vec<String> = DONE.iter().filter_map(|done| Some(format!("{done}: {}", packages(&of(done)?)))).collect();
        match time("Start-Date").filter(|_| !done.is_empty()) {
            Some(start) => {
                let who = of("Requested-By").map(|who| who.split(' ').next().unwrap_or_default().to_string());
                let text = of("Commandline").into_iter().chain(done).collect::<Vec<_>>().join("; ");
                let version =
                    DONE.iter().filter(|done| **done != "Remove" && **done != "Purge").find_map(|done| newest(&of(done)?));
                let deploy = Deploy { finished: time("End-Date"), actor: who, version, ..change(text, of("Error").is_some()) };
                document.events.push(Event { place: page.place(at, end - 1), stamp: Some(start), body: Body::Deploy(deploy) });
            }
            None => document.texts.extend((at..end).filter_map(|i| page.record(i))),
        }
        at = end + 1;
    }
}

/// `2025-01-01  00:00:05`.
fn stamp(text: &str) -> Option<Stamp> {
    when::read(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `openssl:amd64 (3.0.2, 3.0.4), …`, as many as are told.
fn packages(list: &str) -> String {
    let all: Vec<&str> = list.split("), ").collect();
    let told = all.iter().take(MOST).map(|one| if one.ends_with(')') { one.to_string() } else { format!("{one})") });
    let told = told.collect::<Vec<_>>().join(", ");
    if all.len() > MOST { format!("{told} and {} more", all.len() - MOST) } else { told }
}

/// The first package of a transaction with what it is now: `openssl 3.0.4` of `openssl:amd64 (3.0.2-0ubuntu1, 3.0.4-0ubuntu1)`.
fn newest(list: &str) -> Option<String> {
    let (name, versions) = list.split("), ").next()?.split_once(" (")?;
    let version = versions.trim_end_matches(')').split(", ").filter(|v| *v != "automatic").last()?;
    let name = name.split(':').next()?;
    let plain = version.rsplit_once(':').map_or(version, |(_, version)| version).split(['-', '+', '~']).next()?;
    (!name.is_empty() && plain.starts_with(|c: char| c.is_ascii_digit())).then(|| format!("{name} {plain}"))
}

/// The line of the names above a table of `dnf history`.
fn header(page: &Page<'_>) -> Option<usize> {
    let names = ["ID", "Date and time", "Action(s)", "Altered"];
    (0..page.len().min(6)).find(|i| {
        let line = page.line(*i);
        let mut cells = line.split('|').map(str::trim);
        cells.next() == Some(names[0]) && names[1..].iter().all(|name| line.contains(name))
    })
}

fn table(page: &Page<'_>, document: &mut Document) -> Option<()> {
    let header = header(page)?;
    document.texts.extend((0..=header).filter_map(|i| page.record(i)));
    for index in header + 1..page.len() {
        let line = page.line(index);
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match (cells.len() >= 5).then(|| when::read(cells[2])).flatten() {
            Some(at) => {
                // Formerly the second column held who it was.
                let is_user = cells[1].contains('<');
                let actor = cells[1].rsplit('<').next().filter(|_| is_user).map(|who| who.trim_end_matches('>').to_string());
                let words = [cells[3], if is_user { "" } else { cells[1] }].join(" ");
                let deploy = Deploy { actor, ..change(words.trim().to_string(), false) };
                document.events.push(Event { place: page.place(index, index), stamp: Some(at), body: Body::Deploy(deploy) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    Some(())
}

fn change(text: String, is_failed: bool) -> Deploy {
    Deploy {
        service: None,
        version: None,
        sha: None,
        phase: if is_failed { ChangePhase::Failed } else { ChangePhase::Started },
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: "infrastructure".into(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Seconds since 2025-01-01, who, words.
    fn check(text: &str) -> Vec<(i64, String, String)> {
        assert!(sniff("h.log", text.as_bytes(), true), "{text}");
        let document = read_whole("h.log", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a history");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
                (at, d.actor.unwrap_or_default(), d.text)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn a_transaction_of_apt_is_a_change() {
        let text = "\nStart-Date: 2025-01-01  00:00:05\nCommandline: apt-get upgrade\nRequested-By: ann (1000)\nUpgrade: openssl:amd64 (3.0.2, 3.0.4), curl:amd64 (8.0, 8.1)\nEnd-Date: 2025-01-01  00:00:12\n\nStart-Date: 2025-01-01  00:01:05\nCommandline: /usr/bin/unattended-upgrade\nInstall: jq:amd64 (1.7, automatic)\nEnd-Date: 2025-01-01  00:01:12\n";
        let upgraded = "apt-get upgrade; Upgrade: openssl:amd64 (3.0.2, 3.0.4), curl:amd64 (8.0, 8.1)";
        let installed = "/usr/bin/unattended-upgrade; Install: jq:amd64 (1.7, automatic)";
        assert_eq!(check(text), [(5, "ann".into(), upgraded.into()), (65, String::new(), installed.into())]);
    }

    #[test]
    fn a_transaction_is_called_by_its_first_package() {
        assert_eq!(
            newest("libwave:amd64 (12.4.1-1build1, 12.10.3-0ubuntu1), curl (8.0, 8.1)").as_deref(),
            Some("libwave 12.10.3")
        );
        assert_eq!(newest("jq:amd64 (1:1.7-2, automatic)").as_deref(), Some("jq 1.7"));
        assert_eq!(newest("nothing"), None);
    }

    #[test]
    fn a_history_of_dnf_is_a_table() {
        let text = "ID     | Command line             | Date and time    | Action(s)      | Altered\n-----------------------------------------------------\n    12 | update -y openssl        | 2025-01-01 00:01 | Upgrade        |    2   \n";
        assert_eq!(check(text), [(60, String::new(), "Upgrade update -y openssl".into())]);
        let old = "ID     | Login user               | Date and time    | Action(s)      | Altered\n    12 | Ann <ann>                | 2025-01-01 00:01 | Update         |    2   \n";
        assert_eq!(check(old), [(60, "ann".into(), "Update".into())]);
    }

    #[test]
    fn a_terminal_log_is_none() {
        assert!(!sniff("t.log", b"Start-Date: 2025-01-01  00:00:05\nunpacking\n", true));
    }
}
