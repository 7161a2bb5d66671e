//! Audits of clouds as the tables that their consoles export: the event history of CloudTrail, the activity log of Azure.
//!
//! It must never tell what was only looked at: those rows stay text. What breaks it: a console in another language.

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};

use super::cloud_changes::{change, is_change, last};
use super::csv::cells;
use super::csv_cells::{delimiter, joined, names_at, row_end};
use super::page::Page;
use super::{Document, when};

/// What one console calls its columns; all of `needs` have to be there.
struct Console {
    format: &'static str,
    needs: &'static [&'static str],
    time: &'static str,
    what: &'static str,
    who: &'static str,
    thing: &'static str,
    place: &'static str,
    changes: fn(&str) -> bool,
}

const CONSOLES: [Console; 3] = [
    Console {
        format: "cloudtrail",
        needs: &["event name", "event time", "event source", "user name"],
        time: "event time",
        what: "event name",
        who: "user name",
        thing: "resource name",
        place: "aws region",
        changes: is_change,
    },
    Console {
        format: "azure_activity",
        needs: &["operation name", "event initiated by", "event category", "time"],
        time: "time",
        what: "operation name",
        who: "event initiated by",
        thing: "resource",
        place: "resource group",
        changes: is_operation,
    },
    Console {
        format: "github_audit",
        needs: &["action", "actor", "created_at", "org"],
        time: "created_at",
        what: "action",
        who: "actor",
        thing: "repo",
        place: "org",
        changes: is_setting,
    },
];
/// What actions of GitHub are about that others run on.
const SETTINGS: [&str; 11] = [
    "repo.",
    "protected_branch.",
    "repository_ruleset.",
    "environment.",
    "hook.",
    "integration_installation.",
    "ip_allow_list",
    "org.update_actions",
    "org.remove_actions",
    "public_key.",
    "workflows.",
];
/// First words of operations of Azure that change something.
const VERBS: [&str; 14] = [
    "create",
    "update",
    "delete",
    "restart",
    "start",
    "stop",
    "swap",
    "scale",
    "set",
    "write",
    "deploy",
    "regenerate",
    "apply",
    "failover",
];

fn is_setting(action: &str) -> bool {
    let is_look = ["access", "download_zip", "_run", "view", "add_topic", "remove_topic"].iter().any(|end| action.ends_with(end));
    SETTINGS.iter().any(|start| action.starts_with(start)) && !is_look
}

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let (header, delimiter, names, console) = table(page)?;
    let mut document = Document { format: console.format.into(), ..Document::default() };
    document.texts.extend((0..=header).filter_map(|i| page.record(i)));
    let mut index = header + 1;
    while index < page.len() {
        let end = row_end(page, index);
        let row = cells(&joined(page, index, end), delimiter);
        let cell =
            |name: &str| row.get(names.iter().position(|n| n == name)?).map(|c| c.trim().to_string()).filter(|c| !c.is_empty());
        match told(console, &cell).filter(|_| row.len() == names.len()) {
            Some((stamp, deploy)) => {
                document.events.push(Event { place: page.place(index, end), stamp: Some(stamp), body: Body::Deploy(deploy) });
            }
            None => document.texts.extend((index..=end).filter_map(|i| page.record(i))),
        }
        index = end + 1;
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    table(page).is_some()
}

/// The line of the names, what stands between them, the names in small letters, and whose they are.
fn table(page: &Page<'_>) -> Option<(usize, char, Vec<String>, &'static Console)> {
    let header = names_at(page)?;
    let line = page.line(header);
    let delimiter = delimiter(&line)?;
    let names: Vec<String> = cells(&line, delimiter).iter().map(|cell| cell.trim().to_lowercase()).collect();
    let console = CONSOLES.iter().find(|console| console.needs.iter().all(|need| names.iter().any(|name| name == need)))?;
    Some((header, delimiter, names, console))
}

/// The change of a row, once: where it only began, its end stands in another row.
fn told(console: &Console, cell: &dyn Fn(&str) -> Option<String>) -> Option<(Stamp, Deploy)> {
    let what = cell(console.what).filter(|what| (console.changes)(what))?;
    let stamp = cell(console.time).and_then(|at| when::read(&at))?;
    let status = cell("status").unwrap_or_default().to_lowercase();
    if ["started", "accepted"].contains(&status.as_str()) {
        return None;
    }
    let is_failed = status == "failed" || cell("error code").is_some();
    let source = cell("event source").and_then(|source| source.split('.').next().map(str::to_string)).unwrap_or_default();
    let thing = cell(console.thing).map(|thing| last(thing.split(',').next().unwrap_or(&thing).trim()));
    let words = [Some(source), Some(what), thing.clone()].into_iter().flatten().filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(" ");
    let deploy = Deploy {
        phase: if is_failed { ChangePhase::Failed } else { ChangePhase::Finished },
        environment: cell(console.place),
        actor: cell(console.who),
        ..change(thing, text)
    };
    Some((stamp, deploy))
}

fn is_operation(name: &str) -> bool {
    let first = name.split([' ', '/']).next().unwrap_or_default().to_lowercase();
    VERBS.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// What was changed, by whom, phase, words, line.
    fn check(text: &str) -> Vec<(String, String, ChangePhase, String, u64)> {
        assert!(sniff("a.csv", text.as_bytes(), true), "{text}");
        let document = read_whole("a.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.service.unwrap_or_default(), d.actor.unwrap_or_default(), d.phase, d.text, e.place.line),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn rows_that_change_something() {
        let aws = "Event ID,Event time,User name,Event name,Resource name,Resource type,AWS region,Error code,Event source\ne1,2025-01-01T00:00:05Z,ann,ModifyDBParameterGroup,cart-pg14,AWS::RDS::DBParameterGroup,eu-west-1,,rds.amazonaws.com\ne2,2025-01-01T00:00:06Z,ann,DescribeDBInstances,,,eu-west-1,,rds.amazonaws.com\n";
        assert_eq!(
            check(aws),
            [("cart-pg14".into(), "ann".into(), ChangePhase::Finished, "rds ModifyDBParameterGroup cart-pg14".into(), 2)]
        );
        let azure = "Operation name,Status,Event category,Time,Event initiated by,Resource group,Resource\nRestart Web App,Started,Administrative,2025-01-01T00:00:05Z,ann,shop,cart\nRestart Web App,Failed,Administrative,2025-01-01T00:00:09Z,ann,shop,cart\nList Keys,Succeeded,Administrative,2025-01-01T00:00:10Z,ann,shop,cart\n";
        assert_eq!(check(azure), [("cart".into(), "ann".into(), ChangePhase::Failed, "Restart Web App cart".into(), 3)]);
    }
}
