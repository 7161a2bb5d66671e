//! The problems of Zabbix as its pages export them: one a row, with when it began and when it was over; or one a row with its state, which
//! begins it and ends it.
//!
//! The names of the columns are those of the language of who exported it. It must never take the time that a problem took for one
//! at which something happened. What breaks it: a language that is not in the tables below.

use evidence::{AlertState, Body, Stamp};

use super::Document;
use super::csv::cells;
use super::csv_cells::{self, Times, delimiter, names_at};
use super::page::Page;

// Names of columns in small letters and without accents: who edits an export leaves them out.
const SEVERITIES: [&str; 7] = ["severity", "schweregrad", "severite", "severidad", "gravidade", "severidade", "gravedad"];
const TIMES: [&str; 13] = [
    "time",
    "event time",
    "problem time",
    "start time",
    "zeit",
    "heure",
    "hora",
    "horario",
    "hora do evento",
    "hora del evento",
    "hora do problema",
    "horario do evento",
    "hora de inicio",
];
const ENDS: [&str; 10] = [
    "recovery time",
    "recovered at",
    "r-time",
    "wiederherstellungszeit",
    "temps de recuperation",
    "heure de retablissement",
    "hora de recuperacion",
    "hora da recuperacao",
    "hora de recuperacao",
    "horario de recuperacao",
];
const HOSTS: [&str; 4] = ["host", "hote", "equipo", "hostname"];
const STATES: [&str; 5] = ["status", "state", "zustand", "statut", "estado"];
const PROBLEMS: [&str; 5] = ["problem", "probleme", "problema", "incidente", "incident"];

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let table = Table::of(page)?;
    Some(csv_cells::document(page, "zabbix", (table.header, table.delimiter), |row| {
        let (began, over, alert) = table.told(row)?;
        if table.has_states {
            return Some(vec![(began, Body::Alert(alert))]);
        }
        let firing = AlertState { firing: true, ends: over, ..alert.clone() };
        Some([(began, Body::Alert(firing))].into_iter().chain(over.map(|at| (at, Body::Alert(alert)))).collect())
    }))
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    Table::of(page).is_some()
}

struct Table {
    header: usize,
    delimiter: char,
    names: Vec<String>,
    times: Times,
    /// Each row is a change of state.
    has_states: bool,
}

/// In small letters, without accents.
fn plain(name: &str) -> String {
    let letter = |c: char| match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'î' => 'i',
        'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ü' | 'û' => 'u',
        'ç' => 'c',
        other => other,
    };
    name.trim().to_lowercase().chars().map(letter).collect()
}

/// Whether a state begins a problem or ends it.
fn fires(state: &str) -> Option<bool> {
    match state.to_lowercase().as_str() {
        "problem" | "firing" | "alarm" | "critical" | "down" => Some(true),
        "ok" | "resolved" | "recovered" | "recovery" | "up" => Some(false),
        _ => None,
    }
}

/// Without what was measured then: `clients > 50 (now 61) on mq-1`.
fn without_values(name: &str) -> String {
    match (name.find(" ("), name.find(')')) {
        (Some(from), Some(to)) if from < to && name[from..to].contains(|c: char| c.is_ascii_digit()) => {
            format!("{}{}", &name[..from], &name[to + 1..])
        }
        _ => name.to_string(),
    }
}

impl Table {
    fn of(page: &Page<'_>) -> Option<Table> {
        let header = names_at(page)?;
        let line = page.line(header);
        let delimiter = delimiter(&line)?;
        let names: Vec<String> = cells(&line, delimiter).iter().map(|cell| plain(cell)).collect();
        let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
        let has_ends = [&SEVERITIES[..], &TIMES, &ENDS, &HOSTS, &PROBLEMS].iter().all(|known| has(known));
        let has_states = !has(&ENDS) && [&SEVERITIES[..], &TIMES, &STATES, &PROBLEMS].iter().all(|known| has(known));
        (has_ends || has_states).then_some(())?;
        let mut table = Table { header, delimiter, names, times: Times::default(), has_states };
        let states = (header + 1..page.len()).take(60).filter_map(|i| table.cell(&cells(&page.line(i), delimiter), &STATES));
        (!has_states || states.map(|state| fires(&state)).any(|state| state == Some(true))).then_some(())?;
        let rows = (header + 1..page.len()).take(60).map(|i| cells(&page.line(i), delimiter));
        let began: Vec<String> = rows.filter_map(|row| table.cell(&row, &TIMES)).collect();
        table.times = Times::of("", &began);
        Some(table)
    }

    fn cell(&self, row: &[String], known: &[&str]) -> Option<String> {
        let cell = |name: &&str| row.get(self.names.iter().position(|n| n == name)?).map(|c| c.trim().to_string());
        known.iter().filter_map(cell).find(|cell| !cell.is_empty())
    }

    /// When it began and was over, and the alert that is over.
    fn told(&self, row: &[String]) -> Option<(Stamp, Option<Stamp>, AlertState)> {
        let began = self.times.read(&self.cell(row, &TIMES)?)?;
        let over = self.cell(row, &ENDS).and_then(|at| self.times.read(&at));
        let state = self.cell(row, &STATES).and_then(|state| fires(&state));
        let host = self.cell(row, &HOSTS).or_else(|| self.has_states.then(String::new))?;
        let tags = self.cell(row, &["tags", "etiquettes", "etiquetas"]).unwrap_or_default();
        let tagged = tags.split(',').filter_map(|tag| tag.split_once(':'));
        let mut labels: Vec<(String, String)> = tagged.map(|(k, v)| (k.trim().into(), v.trim().into())).collect();
        let service = labels.iter().find(|(k, _)| k == "service").map(|(_, v)| v.clone());
        labels.extend(Some(("host".into(), host)).filter(|(_, host): &(String, String)| !host.is_empty()));
        labels.sort();
        let name = self.cell(row, &PROBLEMS)?;
        let severity = self.cell(row, &SEVERITIES);
        let alert = AlertState {
            summary: name.clone(),
            name: if self.has_states { without_values(&name) } else { name },
            severity,
            service,
            labels,
            firing: self.has_states && state == Some(true),
            ..AlertState::default()
        };
        (row.len() == self.names.len() && (!self.has_states || state.is_some())).then_some((began, over, alert))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Name, host, service, firing, seconds of the day.
    fn check(text: &str) -> Vec<(String, Option<String>, bool, i64)> {
        assert!(sniff("z.csv", text.as_bytes(), true), "{text}");
        let document = read_whole("z.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told = document.events.into_iter().map(|e| match (e.stamp, e.body) {
            (Some(at), Body::Alert(a)) => (a.name, a.service, a.firing, at.micros / 1_000_000 % 86_400),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn a_problem_begins_and_is_over() {
        let english = "Severity,Time,Recovery time,Status,Host,Problem,Duration,Acknowledged,Actions,Tags\n\
            High,2025-01-01 00:10:05,2025-01-01 00:19:05,RESOLVED,web-1,Login failed,9m,Yes,,\"service: cart, env: prod\"\n";
        let cart = || Some("cart".to_string());
        assert_eq!(check(english), [("Login failed".into(), cart(), true, 605), ("Login failed".into(), cart(), false, 1_145)]);
        let portuguese = "Hora do evento;Hora da recuperacao;Severidade;Host;Problema;Duracao\n\
            2025-01-01 00:10:05;2025-01-01 00:19:05;Alta;web-1;Login failed;9m\n";
        assert_eq!(check(portuguese), [("Login failed".into(), None, true, 605), ("Login failed".into(), None, false, 1_145)]);
        let german = "Schweregrad;Zeit;Wiederherstellungszeit;Status;Host;Problem;Dauer\n\
            Hoch;2025-01-01 00:10:05;;PROBLEM;web-1;Login failed;9m\n";
        assert_eq!(check(german), [("Login failed".into(), None, true, 605)]);
    }

    #[test]
    fn a_row_with_a_state_begins_or_ends_one() {
        let text = "Zeit;Status;Schweregrad;Problem\n\
            01.01.2025 00:10:05;PROBLEM;Hoch;clients > 50 (now 61) on mq-1\n\
            01.01.2025 00:11:05;OK;Process;backup began\n\
            01.01.2025 00:19:05;OK;Hoch;clients > 50 on mq-1\n";
        let name = || "clients > 50 on mq-1".to_string();
        assert_eq!(
            check(text),
            [(name(), None, true, 605), ("backup began".into(), None, false, 665), (name(), None, false, 1_145)]
        );
    }

    #[test]
    fn other_tables_are_none() {
        let text = "severity,time,host,problem\nhigh,2025-01-01 00:10:05,web-1,down\n";
        assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())));
    }
}
