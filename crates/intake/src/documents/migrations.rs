//! Migrations of a database that were run: tables of Flyway, Liquibase, Django, Knex, as their commands or a client of the
//! database print them.
//!
//! It must never take the version of a migration for the time at which it ran. What breaks it: columns that a query renamed.

use evidence::{Body, ChangePhase, Deploy, Event};

use super::page::Page;
use super::{Document, when};

/// Columns of one tool: when it ran, what it is called, and one that only this tool has.
const TOOLS: [(&str, &[&str], &str); 5] = [
    ("installed_on", &["version", "description", "script"], "description"),
    ("installed on", &["version", "description"], "state"),
    ("dateexecuted", &["id", "author", "filename"], "filename"),
    ("applied", &["app", "name"], "app"),
    ("migration_time", &["name"], "batch"),
];

/// Reads such a table; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let (header, names) = header(page)?;
    let (time, words, _) = tool(&names)?;
    let mut document = Document { format: "migrations".into(), ..Document::default() };
    document.texts.extend((0..=header).filter_map(|i| page.record(i)));
    for index in header + 1..page.len() {
        let row = cells(&page.line(index));
        let cell = |name: &str| row.get(names.iter().position(|n| n == name)?).filter(|c| !c.is_empty()).cloned();
        let at = cell(time).filter(|_| row.len() == names.len()).and_then(|at| when::read(&at));
        match at {
            Some(at) => {
                let text: Vec<String> = words.iter().filter_map(|name| cell(name)).collect();
                let ended = cell("state").or_else(|| cell("success")).or_else(|| cell("exectype")).unwrap_or_default();
                let is_failed = ["failed", "f", "false", "0"].contains(&ended.to_lowercase().as_str());
                let who = cell("installed_by").or_else(|| cell("author"));
                let place = page.place(index, index);
                let body = Body::Deploy(migration(text.join(" "), is_failed, who));
                document.events.push(Event { place, stamp: Some(at), body });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins with such a table, and a row below it.
pub fn is_likely(page: &Page<'_>) -> bool {
    header(page).is_some()
}

fn header(page: &Page<'_>) -> Option<(usize, Vec<String>)> {
    let at = (0..page.len().min(6))
        .find(|i| tool(&cells(&page.line(*i)).iter().map(|c| c.to_lowercase()).collect::<Vec<_>>()).is_some())?;
    let names: Vec<String> = cells(&page.line(at)).iter().map(|c| c.to_lowercase()).collect();
    let (time, ..) = tool(&names)?;
    let column = names.iter().position(|name| name == time)?;
    let is_row =
        |i: &usize| cells(&page.line(*i)).get(column).and_then(|at| when::read(at)).is_some_and(|at| !at.basis.is_partial());
    (at + 1..page.len().min(at + 4)).find(is_row)?;
    Some((at, names))
}

fn tool(names: &[String]) -> Option<(&'static str, &'static [&'static str], &'static str)> {
    let has = |name: &str| names.iter().any(|n| n == name);
    TOOLS.into_iter().find(|(time, words, own)| has(time) && has(own) && words.iter().any(|word| has(word)))
}

/// The cells between upright lines, or between commas.
fn cells(line: &str) -> Vec<String> {
    if !line.contains('|') {
        return super::csv::cells(line, ',').into_iter().map(|cell| cell.trim().to_string()).collect();
    }
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect()
}

fn migration(text: String, is_failed: bool, actor: Option<String>) -> Deploy {
    Deploy {
        service: None,
        version: None,
        sha: None,
        phase: if is_failed { ChangePhase::Failed } else { ChangePhase::Finished },
        finished: None,
        rollback: false,
        environment: None,
        actor,
        kind: "migration".into(),
        text: format!("migration {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Words, phase, seconds since the beginning of 2025, line.
    fn check(text: &str) -> Vec<(String, ChangePhase, i64, u64)> {
        assert!(sniff("m.txt", text.as_bytes(), true), "{text}");
        let document = read_whole("m.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.text, d.phase, e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600), e.place.line),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn what_was_saved_between_commas() {
        let text = "id,author,filename,dateexecuted,orderexecuted,exectype,description\n41,ann,db/41.xml,2025-01-01 00:00:05.123,41,EXECUTED,\"createIndex a, b\"\n";
        assert_eq!(check(text)[0], ("migration 41 ann db/41.xml".to_string(), ChangePhase::Finished, 5, 2));
    }

    #[test]
    fn what_ran_and_when() {
        let flyway = "+-----------+---------+-------------+------+---------------------+---------+\n| Category  | Version | Description | Type | Installed On        | State   |\n+-----------+---------+-------------+------+---------------------+---------+\n| Versioned | 41      | add index   | SQL  | 2025-01-01 00:00:05 | Success |\n| Versioned | 42      | drop column | SQL  | 2025-01-01 00:10:05 | Failed  |\n| Versioned | 43      | more        | SQL  |                     | Pending |\n+-----------+---------+-------------+------+---------------------+---------+\n";
        let expected = [
            ("migration 41 add index".to_string(), ChangePhase::Finished, 5, 4),
            ("migration 42 drop column".to_string(), ChangePhase::Failed, 605, 5),
        ];
        assert_eq!(check(flyway), expected);
        let psql = "shop=> select app, name, applied from django_migrations;\n app  |    name     |           applied            \n------+-------------+------------------------------\n cart | 0042_shrink | 2025-01-01 00:00:05.123+00\n(1 row)\n";
        assert_eq!(check(psql)[0].0, "migration cart 0042_shrink");
        assert!(!sniff("t.txt", b" app | name | applied\n-----+------+--------\n a   | b    | yes\n", true));
    }
}
