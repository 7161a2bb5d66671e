//! The calendar of changes that a house keeps by itself: one change a row with its number, the system, from when until when, and what
//! is done, in any of several languages, mostly saved from a spreadsheet.
//!
//! It must never take a table of incidents for one: the numbers have to be those of changes, and a row has both a beginning and an
//! end. What breaks it: numbers that look like those of nothing known (`2025-14`).

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, RecordRef};
use expressions::Expression;

use super::Row;
use crate::documents::changes::{is_rollback, version_in};
use crate::documents::requests;

const NUMBERS: [&str; 11] =
    ["number", "change", "change_id", "change_no", "change_nr", "change_number", "chg", "rfc", "nummer", "id", "ticket"];
const FROM: [&str; 18] = [
    "actual_start",
    "start",
    "from",
    "von",
    "begin",
    "beginn",
    "start_time",
    "start_date",
    "planned_start",
    "geplant_von",
    "desde",
    "inicio",
    "inizio",
    "début",
    "debut",
    "van",
    "fra",
    "från",
];
const UNTIL: [&str; 18] = [
    "actual_end",
    "end",
    "to",
    "until",
    "till",
    "bis",
    "ende",
    "end_time",
    "end_date",
    "planned_end",
    "geplant_bis",
    "hasta",
    "fin",
    "fim",
    "fine",
    "tot",
    "til",
    "till_och_med",
];
const SYSTEMS: [&str; 15] = [
    "service",
    "system",
    "cmdb_ci",
    "ci",
    "configuration_item",
    "application",
    "app",
    "component",
    "host",
    "server",
    "anwendung",
    "komponente",
    "dienst",
    "sistema",
    "systeem",
];
const WORDS: [&str; 12] = [
    "short_description",
    "description",
    "title",
    "summary",
    "subject",
    "beschreibung",
    "titel",
    "betreff",
    "descripción",
    "descrição",
    "descrizione",
    "omschrijving",
];
const DOERS: [&str; 11] = [
    "assigned_to",
    "implementer",
    "owner",
    "requested_by",
    "verantwortlich",
    "responsable",
    "responsável",
    "responsabile",
    "ansvarig",
    "ansvarlig",
    "verantwoordelijke",
];
const STATES: [&str; 6] = ["close_code", "status", "state", "estado", "stato", "statut"];

/// Whether a row is one of such a calendar.
pub fn is_one(row: &Row<'_>) -> bool {
    static NUMBER: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"(?i)^(?:chg|change|rfc|crq?|chm)[-_ #]?\d{2,}$").ok());
    let is_number = |cell: String| NUMBER.as_ref().is_some_and(|number| number.is_match(&cell));
    row.word(&NUMBERS).is_some_and(is_number)
        && row.time(&FROM).is_some()
        && row.time(&UNTIL).is_some()
        && row.word(&WORDS).is_some()
}

pub fn change(row: &Row<'_>, place: RecordRef, events: &mut Vec<Event>) {
    let Some(stamp) = row.time(&FROM) else { return };
    let text = row.word(&WORDS).unwrap_or_default();
    let state = row.word(&STATES).unwrap_or_default().to_lowercase();
    let version = version_in(&text);
    let kind = requests::kind(&text, version.is_some());
    let has_failed =
        ["fail", "fehlgeschlagen", "abgebrochen", "cancel", "rejected", "abgelehnt"].iter().any(|w| state.contains(w));
    let deploy = Deploy {
        service: row.word(&SYSTEMS),
        version: version.or_else(|| row.word(&NUMBERS).filter(|_| kind != "deploy")),
        kind: kind.into(),
        sha: None,
        phase: if has_failed { ChangePhase::Failed } else { ChangePhase::Started },
        finished: row.time(&UNTIL),
        rollback: is_rollback(&[&text]),
        environment: None,
        actor: row.word(&DOERS),
        text,
    };
    events.push(Event { place, stamp: Some(stamp), body: Body::Deploy(deploy) });
}

#[cfg(test)]
mod tests {
    use evidence::{Body, SourceId};

    use crate::documents::{Document, read_whole};

    fn table(text: &str) -> Option<Document> {
        read_whole("x.csv", SourceId { input: 0, entry: 0 }, text.as_bytes())
    }

    #[test]
    fn a_calendar_of_changes_is_read_in_the_words_of_its_house() {
        let german = "Change;System;Beschreibung;Verantwortlich;Von;Bis;Status\n\
            CHG-1188;cart;Release 5.8.0;Ana;22.10.2025 10:00;22.10.2025 10:20;abgeschlossen\n\
            CHG-1191;mq01;Firmware der Platten;Ben;26.10.2025 22:00;26.10.2025 23:00;abgeschlossen\n";
        let document = table(german).expect("a calendar");
        let told = document.events.iter().map(|event| match &event.body {
            Body::Deploy(d) => (d.service.clone(), d.version.clone(), d.actor.clone(), d.kind.clone()),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        let own = |text: &str| Some(text.to_string());
        assert_eq!(told[0], (own("cart"), own("5.8.0"), own("Ana"), "deploy".to_string()));
        assert_eq!((&told[1].0, &told[1].2), (&own("mq01"), &own("Ben")));
        let english =
            "RFC,Service,Description,Owner,Start,End\nRFC 204,cart,open port 8443,Ana,2025-10-22 10:00,2025-10-22 10:20\n";
        assert_eq!(table(english).map(|d| d.events.len()), Some(1));
        let others = "Id;System;Beschreibung;Von;Bis\nINC-1188;cart;steht;22.10.2025 10:00;22.10.2025 10:20\n";
        assert!(table(others).is_none_or(|d| d.events.iter().all(|e| !matches!(e.body, Body::Deploy(_)))), "incidents");
    }
}
