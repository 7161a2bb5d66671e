//! What is to be done as a short table without times: a task a row, with who does it and until when.
//!
//! A task without a time is no event; each is left as the item of a list, as people write it, for those who look for items. It
//! must never read a table of incidents, which have times, nor what was done. What breaks it: columns in a language that is not
//! in the lists below.

use super::Document;
use super::csv::cells;
use super::csv_cells::{delimiter, joined, names_at, row_end};
use super::page::Page;

const TITLES: [&str; 20] = [
    "short_description",
    "short description",
    "title",
    "summary",
    "task",
    "action",
    "action item",
    "item",
    "what",
    "name",
    "description",
    "follow-up",
    "follow up",
    "maßnahme",
    "aufgabe",
    "tâche",
    "tarea",
    "tarefa",
    "actie",
    "azione",
];
const OWNERS: [&str; 20] = [
    "assigned_to",
    "assigned to",
    "assignee",
    "owner",
    "who",
    "responsible",
    "action owner",
    "lead",
    "verantwortlich",
    "zuständig",
    "bearbeiter",
    "wer",
    "responsable",
    "asignado",
    "responsável",
    "eigenaar",
    "responsabile",
    "ansvarig",
    "assigned",
    "dri",
];
const DUES: [&str; 18] = [
    "due_date",
    "due date",
    "due",
    "due_on",
    "due by",
    "deadline",
    "target date",
    "target_date",
    "by when",
    "until",
    "fällig",
    "fällig am",
    "bis",
    "frist",
    "échéance",
    "vencimiento",
    "prazo",
    "scadenza",
];
const STATES: [&str; 5] = ["state", "status", "progress", "done", "stand"];
const OVER: [&str; 12] = [
    "done",
    "closed",
    "closed complete",
    "complete",
    "completed",
    "resolved",
    "cancelled",
    "canceled",
    "yes",
    "x",
    "erledigt",
    "geschlossen",
];
/// More is the work of a team.
const MOST: usize = 40;
/// A sentence has at most so many letters.
const LONGEST: usize = 300;

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let table = Table::of(page)?;
    let mut document = Document { format: "task_table".into(), ..Document::default() };
    document.texts.extend((0..=table.header).filter_map(|i| page.record(i)));
    let mut next = table.header + 1;
    while let Some(index) = (next..page.len()).find(|i| !page.is_blank(*i)) {
        let end = row_end(page, index);
        let row = joined(page, index, end);
        let item = table.item(&cells(&row, table.delimiter));
        document.texts.push((page.place(index, end), item.unwrap_or(row)));
        next = end + 1;
    }
    document.records = document.texts.len() as u64;
    Some(document)
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    Table::of(page).is_some()
}

struct Table {
    header: usize,
    delimiter: char,
    names: Vec<String>,
}

impl Table {
    fn of(page: &Page<'_>) -> Option<Table> {
        let header = names_at(page)?;
        let line = page.line(header);
        let delimiter = delimiter(&line)?;
        let names: Vec<String> = cells(&line, delimiter).iter().map(|cell| cell.trim().to_lowercase()).collect();
        let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
        let is_table = (3..=16).contains(&names.len()) && [&TITLES[..], &OWNERS, &DUES].iter().all(|known| has(known));
        let table = Table { header, delimiter, names };
        let rows: Vec<Vec<String>> = (header + 1..page.len().min(header + MOST + 2))
            .filter(|i| !page.is_blank(*i))
            .map(|i| cells(&page.line(i), delimiter))
            .collect();
        let reads = |row: &Vec<String>| table.cell(row, &TITLES).is_some_and(|t| t.len() <= LONGEST && t.contains(' '));
        (is_table && (1..=MOST).contains(&rows.len()) && rows.iter().any(reads)).then_some(table)
    }

    fn cell(&self, row: &[String], known: &[&str]) -> Option<String> {
        let cell = |name: &&str| row.get(self.names.iter().position(|n| n == name)?).map(|c| c.trim().to_string());
        known.iter().filter_map(cell).find(|cell| !cell.is_empty())
    }

    /// `- [ ] Warm the cache. Owner: Ines. Due: 2025-04-02`; nothing for what is neither somebody's nor due.
    fn item(&self, row: &[String]) -> Option<String> {
        let title = self.cell(row, &TITLES)?;
        let (owner, due) = (self.cell(row, &OWNERS), self.cell(row, &DUES));
        if row.len() != self.names.len() || owner.is_none() && due.is_none() {
            return None;
        }
        let is_over = self.cell(row, &STATES).is_some_and(|state| OVER.contains(&state.to_lowercase().as_str()));
        let owner = owner.map_or(String::new(), |owner| format!(". Owner: {owner}"));
        let due = due.map_or(String::new(), |due| format!(". Due: {due}"));
        Some(format!("- [{}] {}{owner}{due}", if is_over { 'x' } else { ' ' }, title.trim_end_matches('.')))
    }
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::super::{read_whole, sniff};

    fn check(text: &str) -> Vec<String> {
        assert!(sniff("tasks.csv", text.as_bytes(), true));
        let document = read_whole("tasks.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        assert!(document.events.is_empty());
        document.texts.into_iter().skip(1).map(|(_, text)| text).collect()
    }

    #[test]
    fn each_row_is_an_item() {
        let text = "\"number\",\"parent\",\"short_description\",\"assigned_to\",\"due_date\",\"state\"\n\"PTASK01\",\"PRB1\",\"Warm the cache before a release\",\"Ines Roy\",\"2025-04-02\",\"Open\"\n\"PTASK02\",\"PRB1\",\"Alert on misses\",\"\",\"2025-04-09\",\"Closed\"\n";
        let expected =
            ["- [ ] Warm the cache before a release. Owner: Ines Roy. Due: 2025-04-02", "- [x] Alert on misses. Due: 2025-04-09"];
        assert_eq!(check(text), expected);
        let german = "Maßnahme;Verantwortlich;Frist\nCache vorwärmen;Ines;02.04.2025\n";
        assert_eq!(check(german), ["- [ ] Cache vorwärmen. Owner: Ines. Due: 02.04.2025"]);
    }

    #[test]
    fn a_table_with_times_or_without_owners_is_none() {
        for text in
            ["time,level,title\n2025-01-01 00:00:05,INFO,cache is cold\n", "title,due,price\nwarm the cache,2025-04-02,4\n"]
        {
            let page = super::Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes());
            assert!(!super::is_likely(&page), "{text}");
        }
    }
}
