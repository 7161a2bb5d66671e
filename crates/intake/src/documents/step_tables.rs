//! Tables in which incidents stand: one a row with its times (PagerDuty, Opsgenie, Rootly, Jira, ServiceNow, Zabbix), or one
//! step a row with who did it (Opsgenie's logs, entries of PagerDuty, timelines of Rootly and others).
//!
//! Of tickets in which people ask for help nobody was paged: they are what those people wrote.
//!
//! A table is told by all of its columns, never by one. It must never take a log for a timeline: of a timeline every column
//! is known here, and its words are sentences. What breaks it: an export of which somebody renamed the columns.

use evidence::{AlertState, Basis, Body, ChangePhase, Deploy, Event, Page as Step, PageAction, RecordRef, Stamp};

use super::changes::{is_rollback, version_in};
use super::csv::cells;
use super::csv_cells::{Times, delimiter, joined, names_at, row_end};
use super::incident_tools::{said, state_in};
use super::page::Page;
use super::pager::priority_in;
use super::{Document, requests, steps, tickets, when};

mod calendar;
mod states;
mod work_notes;

const BEGAN: [&str; 14] = [
    "reported_at",
    "declared_at",
    "created_time",
    "created_on",
    "created_at",
    "created",
    "opened_at",
    "opened",
    "sys_created_on",
    "detected_at",
    "triggered_at",
    "started_at",
    "start_time",
    "time",
];
const ACKNOWLEDGED: [&str; 3] = ["acknowledged_at", "acknowledged_on", "acked_at"];
/// Seconds from the beginning on.
const ACK_AFTER: [&str; 2] = ["seconds_to_first_ack", "acknowledge_time_s"];
const ENDED: [&str; 10] = [
    "resolved_time",
    "resolved_on",
    "resolved_at",
    "resolved",
    "recovery_time",
    "resolution_date",
    "resolutiondate",
    "closed_at",
    "closed_on",
    "closed",
];
const END_AFTER: [&str; 2] = ["seconds_to_resolve", "close_time_s"];
const TITLES: [&str; 9] =
    ["title", "short_description", "incident_title", "message", "problem", "summary", "description", "incident_name", "name"];
const NUMBERS: [&str; 7] = ["incident_number", "tiny_id", "number", "issue_key", "sequential_id", "incident_id", "id"];
const SERVICES: [&str; 9] = [
    "service_name",
    "services",
    "service",
    "cmdb_ci",
    "component_s",
    "components",
    "affected_service",
    "affected_services",
    "host",
];
const ACKERS: [&str; 2] = ["acknowledged_by_user_names", "acknowledged_by"];
const RESOLVERS: [&str; 5] = ["resolved_by_user_name", "closed_by", "resolved_by", "assigned_to", "assignee"];
/// Columns that only a table of incidents has; a title with two times is that of any task.
const OF_INCIDENTS: [&str; 14] = [
    "incident_number",
    "incident_id",
    "tiny_id",
    "issue_type",
    "cmdb_ci",
    "urgency",
    "severity",
    "acknowledged",
    "acknowledged_at",
    "acknowledged_on",
    "acked_at",
    "mitigated_at",
    "seconds_to_first_ack",
    "escalation_count",
];
/// Columns of entries: which step of which incident it was, and in whose words.
const STEPS: [&str; 6] = ["type", "log_entry_type", "entry_type", "event_type", "action", "event"];
const OF_ENTRIES: [&str; 5] = ["incident_number", "incident_id", "incident", "alert_id", "tiny_id"];
const AGENTS: [&str; 8] = ["agent_name", "agent", "user_name", "user", "actor", "performed_by", "owner", "by"];
const WORDS: [&str; 5] = ["note", "notes", "comment", "details", "channel_summary"];
/// Columns by which a table with subjects is one of tickets.
const REQUESTS: [&str; 6] = ["ticket_id", "ticket", "ticket_number", "requester", "requester_name", "requester_email"];
const REQUESTERS: [&str; 7] =
    ["requester", "requester_name", "contact_name", "full_name", "requester_email", "customer", "reporter"];
/// Columns of a desk whose tickets have no kind: Jira Service Management.
const OF_A_DESK: [&str; 4] = ["issue_key", "summary", "reporter", "created"];
/// Columns of the journal in which ServiceNow keeps what people wrote into a ticket.
const JOURNAL: [&str; 4] = ["sys_created_on", "sys_created_by", "element", "value"];
/// Columns of a timeline.
const WHEN: [&str; 7] = ["occurred_at", "date", "time", "timestamp", "created_at", "at", "when"];
const WHO: [&str; 7] = ["user", "owner", "author", "by", "actor", "who", "reporter"];
const WHAT: [&str; 8] = ["event", "log", "update", "note", "entry", "activity", "comment", "what"];
const BESIDE: [&str; 5] = ["type", "source", "visibility", "id", "status"];

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let table = Table::of(page)?;
    let kind = table.kind_in(page)?;
    let mut document = Document { format: kind.name().into(), ..Document::default() };
    document.texts.extend((0..=table.header).filter_map(|i| page.record(i)));
    for (row, place) in table.rows(page) {
        let Some(row) = row else {
            document.texts.push((place, row_text(page, place)));
            continue;
        };
        let before = document.events.len();
        match kind {
            Kind::Timeline => row.timeline(place, &mut document.events),
            Kind::Journal => row.journal(place, &mut document.events),
            Kind::Entries => row.entry(place, &mut document.events),
            Kind::Changes => row.change(place, &mut document.events),
            Kind::Calendar => calendar::change(&row, place, &mut document.events),
            Kind::Problems => row.problem(place, &mut document.events),
            Kind::Incidents => row.incident(place, &mut document.events),
            Kind::Tickets => {
                row.ticket(place, &mut document.events);
                row.notes(page, place, &mut document.events);
            }
            Kind::States => row.state(place, &mut document.events),
            Kind::Requests => row.request(place, &mut document.events),
        }
        if document.events.len() == before {
            document.texts.push((place, row_text(page, place)));
        }
    }
    document.records = table.rows(page).count() as u64 + 1;
    Some(document)
}

fn row_text(page: &Page<'_>, place: RecordRef) -> String {
    joined(page, place.line as usize - 1, place.last_line as usize - 1)
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    Table::of(page).is_some_and(|table| table.kind_in(page).is_some())
}

#[derive(Clone, Copy)]
enum Kind {
    Timeline,
    /// Of ServiceNow: what people wrote into tickets.
    Journal,
    Entries,
    Changes,
    /// A house's own list of changes.
    Calendar,
    Problems,
    Incidents,
    /// Of ServiceNow: incidents and changes, told apart by their numbers.
    Tickets,
    States,
    /// What people asked for help with.
    Requests,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Timeline => "timeline_table",
            Kind::Journal => "journal_table",
            Kind::Entries => "entry_table",
            Kind::Changes | Kind::Calendar => "change_table",
            Kind::Problems => "problem_table",
            Kind::Incidents | Kind::Tickets => "incident_table",
            Kind::States => "step_table",
            Kind::Requests => "ticket_table",
        }
    }
}

struct Table {
    delimiter: char,
    header: usize,
    names: Vec<String>,
    first: Vec<String>,
    /// Some row at the beginning says that an alert or an incident took a step.
    tells_step: bool,
    times: Times,
}

impl Table {
    fn of(page: &Page<'_>) -> Option<Table> {
        let header = names_at(page)?;
        let line = page.line(header);
        let delimiter = delimiter(&line)?;
        let names: Vec<String> = cells(&line, delimiter).iter().map(|cell| column(cell)).collect();
        let next = (header + 1..page.len()).find(|i| !page.is_blank(*i))?;
        let first = cells(&joined(page, next, row_end(page, next)), delimiter);
        let named = |line: &str| {
            let words = cells(line, delimiter);
            words.iter().any(|w| state_in(w).is_some() || w.starts_with("Alert") && steps::action(w).is_some())
        };
        let tells_step = (header + 1..page.len().min(header + 60)).any(|i| named(&page.line(i)));
        // In which order days and months stand, some row tells.
        let all = (header + 1..page.len().min(header + 60)).flat_map(|i| cells(&page.line(i), delimiter));
        let times = Times::of("", &all.collect::<Vec<String>>());
        (names.len() >= 3 && first.len() == names.len()).then_some(Table { delimiter, header, names, first, tells_step, times })
    }

    fn kind_in(&self, page: &Page<'_>) -> Option<Kind> {
        self.kind().or_else(|| states::is_history(page, self).then_some(Kind::States))
    }

    fn kind(&self) -> Option<Kind> {
        let row = Row { names: &self.names, cells: self.first.clone(), times: self.times };
        let has = |names: &[&str]| self.names.iter().any(|n| names.contains(&n.as_str()));
        let is_change = has(&["short_description"]) && has(&["work_start", "start_date", "planned_start_date"]);
        // Opsgenie numbers its alerts so, and may leave out how they went on.
        let has_end = has(&ENDED) || has(&END_AFTER) || has(&ACKNOWLEDGED) || has(&ACK_AFTER) || has(&["tiny_id"]);
        let step = row.word(&STEPS).and_then(|step| entry_step(&step));
        let known = |n: &String| [&WHEN[..], &WHO, &WHAT, &BESIDE].iter().any(|names| names.contains(&n.as_str()));
        if is_change {
            Some(Kind::Changes)
        } else if calendar::is_one(&row) {
            Some(Kind::Calendar)
        } else if JOURNAL.iter().all(|name| has(&[name])) && row.time(&JOURNAL).is_some() {
            Some(Kind::Journal)
        } else if step.is_some() && has(&OF_ENTRIES) && row.time(&WHEN).is_some() && !has_end {
            Some(Kind::Entries)
        } else if is_service_now(&self.names) && has_end && row.time(&BEGAN).is_some() {
            Some(Kind::Tickets)
        } else if (has(&["subject"]) && has(&REQUESTS) || self.is_desk()) && row.time(&BEGAN).is_some() {
            Some(Kind::Requests)
        } else if has(&TITLES) && has(&OF_INCIDENTS) && has_end && row.time(&BEGAN).is_some() {
            Some(if has(&["problem"]) && has(&["recovery_time"]) { Kind::Problems } else { Kind::Incidents })
        } else {
            let is_timeline = self.names.iter().all(known) && has(&WHO) && row.time(&WHEN).is_some();
            let reads = row.word(&WHAT).is_some_and(|words| words.split(' ').count() >= 3);
            // So do logs of what users did call their columns.
            let is_told = !has(&["event", "log", "activity"]) || self.tells_step;
            (is_timeline && reads && is_told).then_some(Kind::Timeline)
        }
    }

    /// Who reported what, when, and until when: without a kind of issue, and without anybody who has to do it.
    fn is_desk(&self) -> bool {
        let has = |name: &str| self.names.iter().any(|n| n == name);
        OF_A_DESK.into_iter().all(has)
            && ENDED.into_iter().any(has)
            && !["issue_type", "assignee", "due_date"].into_iter().any(has)
    }

    /// Each row below the names, with its place; nothing where it does not fit.
    fn rows<'t>(&'t self, page: &'t Page<'_>) -> impl Iterator<Item = (Option<Row<'t>>, RecordRef)> {
        let mut next = self.header + 1;
        std::iter::from_fn(move || {
            let index = (next..page.len()).find(|i| !page.is_blank(*i))?;
            let mut end = row_end(page, index);
            let mut row = cells(&joined(page, index, end), self.delimiter);
            if row.len() != self.names.len() {
                end = index;
                row = cells(&page.line(index), self.delimiter);
            }
            next = end + 1;
            let is_whole = row.len() == self.names.len();
            Some((is_whole.then_some(Row { names: &self.names, cells: row, times: self.times }), page.place(index, end)))
        })
    }
}

/// Columns by the names that ServiceNow gives them.
fn is_service_now(names: &[String]) -> bool {
    ["number", "short_description", "opened_at"].iter().all(|column| names.iter().any(|name| name == column))
}

/// The step that the type of an entry names: `acknowledge_log_entry`.
fn entry_step(word: &str) -> Option<PageAction> {
    let word = word.trim_end_matches("_log_entry");
    steps::action(word).filter(|_| word.split(['_', ' ', '.']).count() <= 3)
}

/// `Acknowledge Time (s)` is `acknowledge_time_s`, `CreatedAt` is `created_at`.
fn column(name: &str) -> String {
    let mut plain = String::new();
    let mut was_lower = false;
    for c in name.trim().chars() {
        plain.extend((was_lower && c.is_uppercase()).then_some(' '));
        plain.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
        was_lower = c.is_lowercase();
    }
    plain.split_whitespace().collect::<Vec<_>>().join("_")
}

struct Row<'t> {
    names: &'t [String],
    cells: Vec<String>,
    times: Times,
}

impl Row<'_> {
    fn word(&self, names: &[&str]) -> Option<String> {
        let cell = |name: &&str| {
            let at = self.names.iter().position(|n| n == name)?;
            self.cells.get(at).map(|cell| cell.trim().to_string()).filter(|cell| !cell.is_empty())
        };
        names.iter().find_map(cell)
    }

    fn time(&self, names: &[&str]) -> Option<Stamp> {
        names.iter().find_map(|name| self.times.read(&self.word(&[name])?))
    }

    /// A time of its own, or the beginning and a number of seconds.
    fn later(&self, names: &[&str], after: &[&str], began: Option<Stamp>) -> Option<Stamp> {
        let counted = || {
            let seconds: f64 = self.word(after)?.parse().ok()?;
            let began = began?;
            (seconds > 0.0).then(|| Stamp::new(began.micros.saturating_add((seconds * 1e6) as i64), began.basis))
        };
        self.time(names).or_else(counted)
    }

    fn step(&self, action: PageAction, actor: Option<String>, text: String) -> Body {
        let title = self.word(&TITLES).unwrap_or_default();
        Body::Page(Step {
            incident: self.word(&NUMBERS).unwrap_or_default(),
            action,
            actor,
            priority: priority_in(&title).or_else(|| self.word(&["priority", "severity"])),
            urgency: self.word(&["urgency"]),
            service: self.word(&SERVICES),
            text,
            title,
        })
    }

    fn incident(&self, place: RecordRef, events: &mut Vec<Event>) {
        // Of a project's other issues nobody was paged.
        if self.word(&["issue_type"]).is_some_and(|kind| !tickets::is_incident(&kind)) {
            return;
        }
        let began = self.time(&BEGAN);
        let title = self.word(&TITLES).unwrap_or_default();
        let mut add = |stamp: Option<Stamp>, action: PageAction, actor: Option<String>, text: String| {
            if stamp.is_some() {
                events.push(Event { place, stamp, body: self.step(action, actor, text) });
            }
        };
        add(began, PageAction::Triggered, None, title.clone());
        add(self.later(&ACKNOWLEDGED, &ACK_AFTER, began), PageAction::Acknowledged, self.word(&ACKERS), title.clone());
        add(self.time(&["mitigated_at"]), PageAction::Note, self.word(&["mitigated_by"]), "mitigated".into());
        add(self.later(&ENDED, &END_AFTER, began), PageAction::Resolved, self.word(&RESOLVERS), title);
        self.comments(place, events);
    }

    /// A ticket by its number; of tasks and requests nobody was paged.
    fn ticket(&self, place: RecordRef, events: &mut Vec<Event>) {
        let number = self.word(&["number"]).unwrap_or_default().to_uppercase();
        if number.starts_with("CHG") {
            self.change(place, events);
        } else if number.starts_with("INC") {
            self.incident(place, events);
        }
    }

    /// What somebody wrote to those who help.
    fn request(&self, place: RecordRef, events: &mut Vec<Event>) {
        let words = [self.word(&["subject", "summary"]), self.word(&["description", "description_text", "comment", "body"])];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let stamp = self.time(&BEGAN);
        if stamp.is_some() && !words.is_empty() {
            events.push(Event { place, stamp, body: said(self.word(&REQUESTERS).unwrap_or_default(), words) });
        }
    }

    /// Comments as Jira exports them: `18/Mar/25 2:52 PM;ann;rolled back`.
    fn comments(&self, place: RecordRef, events: &mut Vec<Event>) {
        let cells = self.names.iter().zip(&self.cells).filter(|(name, _)| name.as_str() == "comment");
        for (_, cell) in cells {
            let mut parts = cell.splitn(3, ';').map(str::trim);
            let (Some(at), Some(who), Some(words)) = (parts.next().and_then(when::read), parts.next(), parts.next()) else {
                continue;
            };
            events.push(Event { place, stamp: Some(at), body: said(who.to_string(), words.to_string()) });
        }
    }

    /// One step of an incident.
    fn entry(&self, place: RecordRef, events: &mut Vec<Event>) {
        let (stamp, step) = (self.time(&WHEN), self.word(&STEPS).and_then(|step| entry_step(&step)));
        let Some((stamp, action)) = stamp.zip(step) else { return };
        let is_silent = matches!(action, PageAction::Triggered | PageAction::Notified);
        let actor = self.word(&AGENTS).filter(|who| !is_silent && !who.eq_ignore_ascii_case("system"));
        let words = self.word(&WORDS).or_else(|| self.word(&TITLES)).unwrap_or_default();
        events.push(Event { place, stamp: Some(stamp), body: self.step(action, actor, words) });
    }

    /// A problem of Zabbix: an alert, and who acknowledged it.
    fn problem(&self, place: RecordRef, events: &mut Vec<Event>) {
        let (began, ends) = (self.time(&BEGAN), self.time(&ENDED));
        let name = self.word(&["problem"]).unwrap_or_default();
        let alert = AlertState {
            summary: name.clone(),
            severity: self.word(&["severity"]),
            service: self.tag("service"),
            labels: self.word(&["host"]).map(|host| ("host".to_string(), host)).into_iter().collect(),
            firing: true,
            ends,
            name,
            ..AlertState::default()
        };
        if let Some((at, who)) = self.word(&["actions"]).and_then(|actions| acknowledged(&actions)) {
            events.push(Event { place, stamp: Some(at), body: self.step(PageAction::Acknowledged, who, alert.name.clone()) });
        }
        if began.is_some() {
            events.push(Event { place, stamp: began, body: Body::Alert(alert.clone()) });
        }
        if ends.is_some() {
            events.push(Event { place, stamp: ends, body: Body::Alert(AlertState { firing: false, ..alert }) });
        }
    }

    /// `service: cart, scope: web`.
    fn tag(&self, name: &str) -> Option<String> {
        let tags = self.word(&["tags"])?;
        let mut pairs = tags.split([',', ';']).filter_map(|pair| pair.split_once([':', '=']));
        pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_string())
    }

    fn change(&self, place: RecordRef, events: &mut Vec<Event>) {
        let done = self.time(&["work_start", "actual_start", "actual_start_date"]);
        let planned = || self.time(&["start_date", "planned_start_date", "opened_at"]);
        let Some(stamp) = done.or_else(planned) else { return };
        let text = self.word(&["short_description"]).unwrap_or_default();
        let lower = self.word(&["close_code"]).unwrap_or_default().to_lowercase();
        let version = version_in(&text);
        let kind = requests::kind(&text, version.is_some());
        let deploy = Deploy {
            service: self.word(&SERVICES),
            // By its number people speak of a change that delivers nothing.
            version: version.or_else(|| self.word(&["number"]).filter(|_| kind != "deploy")),
            kind: kind.into(),
            sha: None,
            phase: if lower.contains("fail") { ChangePhase::Failed } else { ChangePhase::Started },
            finished: self.time(&["work_end", "actual_end", "actual_end_date", "closed_at"]),
            rollback: is_rollback(&[&text]),
            environment: None,
            actor: self.word(&["assigned_to", "requested_by"]),
            text,
        };
        events.push(Event { place, stamp: Some(stamp), body: Body::Deploy(deploy) });
    }

    /// What somebody wrote, or what another field of the ticket was set to, which nobody said.
    fn journal(&self, place: RecordRef, events: &mut Vec<Event>) {
        let is_said = self.word(&["element"]).is_some_and(|field| ["work_notes", "comments"].contains(&field.as_str()));
        let Some(words) = self.word(&["value"]).filter(|_| is_said) else { return };
        let stamp = self.time(&["sys_created_on"]);
        events.push(Event { place, stamp, body: said(self.word(&["sys_created_by"]).unwrap_or_default(), words) });
    }

    fn timeline(&self, place: RecordRef, events: &mut Vec<Event>) {
        let stamp = self.time(&WHEN);
        let Some(words) = self.word(&WHAT) else { return };
        let who = self.word(&WHO).filter(|who| !who.eq_ignore_ascii_case("system"));
        let named = state_in(&words).or_else(|| steps::action(&words).filter(|_| words.starts_with("A")).map(|a| (a, None)));
        let body = match named {
            Some((action, actor)) => {
                let is_silent = matches!(action, PageAction::Triggered | PageAction::Notified);
                let actor = actor.or(who).filter(|_| !is_silent);
                self.step(action, actor, steps::noted(&words).to_string())
            }
            None => said(who.unwrap_or_default(), words),
        };
        events.push(Event { place, stamp, body });
    }
}

/// `Acknowledged 2025-07-20 08:24:00 by ann`, `2025-07-20 08:24:00 ann acknowledged: on it`.
fn acknowledged(actions: &str) -> Option<(Stamp, Option<String>)> {
    let words: Vec<&str> = actions.split_whitespace().collect();
    let told = |w: &[&str]| {
        let at = when::read(&format!("{} {}", w[0], w[1])).filter(|s| s.basis == Basis::Civil)?;
        let is_step = w[3].trim_end_matches([':', ',', ';', '.']).eq_ignore_ascii_case("acknowledged");
        is_step.then(|| (at, Some(w[2].to_string())))
    };
    if let Some(step) = words.windows(4).find_map(told) {
        return Some(step);
    }
    let (_, rest) = actions.split_once("cknowledged ")?;
    let at = when::read(rest.get(..19)?).filter(|s| s.basis == Basis::Civil)?;
    let who = rest.split_once(" by ").map(|(_, who)| who.split([',', ';', '|']).next().unwrap_or(who).trim().to_string());
    Some((at, who.filter(|who| !who.is_empty())))
}

#[cfg(test)]
mod tests;
