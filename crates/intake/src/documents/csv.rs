//! Tables with a line of names: metrics (one value a row, or one column a metric), flag changes, deployments, spans.
//!
//! A table without a column of times, or with a column of messages, is left to the readers of logs. It must never count
//! on all rows being whole: a row that does not fit is left as text.

use std::collections::BTreeMap;

use evidence::{Body, ChangePhase, Deploy, Event, Flag, Point, RecordRef, Series, Span, Stamp};

use super::changes::{is_rollback, sha};
use super::csv_cells::{Times, delimiter, names_at, value};
use super::page::Page;
use super::spans::{is_error, peer};
use super::{Document, column_names, flags, metrics, when};

const TIMES: [&str; 22] = [
    "timestamp",
    "time",
    "ts",
    "at",
    "date",
    "datetime",
    "_time",
    "created_at",
    "deployed_at",
    "changed_at",
    "@timestamp",
    "when",
    "begin_time",
    "begintimeseconds",
    "timegenerated",
    "published",
    "published_at",
    "released",
    "released_at",
    "activated",
    "activated_at",
    "deployed",
];
/// Times at which a version was given out: a table of these is one of releases, whoever they are of.
const GIVEN_OUT: [&str; 8] =
    ["published", "published_at", "released", "released_at", "activated", "activated_at", "deployed", "deployed_at"];
/// Columns that hold the end of a row's time, and no value.
const ENDS: [&str; 6] = ["_span", "_spandays", "end_time", "endtimeseconds", "end", "stop"];
const METRICS: [&str; 8] = ["metric", "metric_name", "__name__", "_field", "name", "series", "measurement", "_measurement"];
/// Columns of annotated tables of InfluxDB that say nothing of a value.
const ANNOTATIONS: [&str; 5] = ["", "result", "table", "_start", "_stop"];
const VALUES: [&str; 3] = ["value", "val", "_value"];
const SERVICES: [&str; 9] =
    ["service", "service_name", "app", "application", "component", "job", "deployment", "repository", "host"];
const FLAGS: [&str; 7] = ["flag", "flag_key", "flag_name", "feature", "feature_flag", "toggle", "setting"];
const VERSIONS: [&str; 6] = ["version", "tag", "image", "release", "revision", "ref"];
/// Columns of a table of spans.
const TRACES: [&str; 3] = ["trace.trace_id", "trace_id", "traceid"];
const SPANS: [&str; 3] = ["trace.span_id", "span_id", "spanid"];
const PARENTS: [&str; 4] = ["trace.parent_id", "parent_id", "parent_span_id", "parentspanid"];
const DURATIONS: [&str; 2] = ["duration_ms", "durationms"];
const SPAN_NAMES: [&str; 4] = ["name", "operation", "operation_name", "span_name"];
/// Columns of numbers that are no measures, by the last word of their names.
const NUMBERS: [&str; 7] = ["id", "number", "code", "key", "pid", "port", "line"];
/// Columns that make a table one of tickets, incidents and the like.
const THINGS: [&str; 8] =
    ["subject", "title", "summary", "incident_title", "assignee", "requester", "reporter", "short_description"];
/// Columns that name what was changed, where the values before and after stand beside it.
const SETTINGS: [&str; 9] = ["rule", "key", "parameter", "variable", "property", "option", "item", "resource", "name"];
const BEFORE: [&str; 4] = ["before", "old", "old_value", "previous"];
const AFTER: [&str; 4] = ["after", "new", "new_value", "current"];
const CHANGERS: [&str; 6] = ["by", "changed_by", "user", "actor", "author", "who"];
/// Columns that make a table a log.
const MESSAGES: [&str; 7] = ["message", "@message", "msg", "log", "body", "_raw", "line"];

/// Columns of answers, of what was asked, and of who asked: a table with all three has a row for each request.
const ANSWERS: [&str; 6] = ["status", "status_code", "statuscode", "http_status", "elb_status_code", "response_code"];
const ASKED: [&str; 8] = ["url", "uri", "path", "request", "request_url", "request_uri", "request_path", "route"];
const ASKERS: [&str; 9] =
    ["request_id", "requestid", "trace_id", "client_ip", "remote_addr", "remote_ip", "client", "user_agent", "operation_id"];

/// Rows by which a table is judged.
const LOOK: usize = 60;

/// Reads a table; `None` when it is none of these kinds.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let (header, table) = header(page)?;
    let mut document = match table.kind() {
        Kind::Flags => rows(page, header, &table, flag),
        Kind::Deploys => rows(page, header, &table, deploy),
        Kind::Spans => rows(page, header, &table, span),
        Kind::Settings => rows(page, header, &table, setting),
        Kind::Long => series(page, header, &table, long),
        Kind::Wide => series(page, header, &table, wide),
        Kind::None => return None,
    };
    document.records = document.records.max((document.events.len() + document.texts.len()) as u64);
    Some(document)
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    header(page).is_some_and(|(_, table)| table.kind() != Kind::None)
}

#[derive(PartialEq)]
enum Kind {
    None,
    Flags,
    Deploys,
    Spans,
    Settings,
    Long,
    Wide,
}

/// So many rows are looked at for what an empty column holds.
const ROWS: usize = 1_000;

struct Table {
    delimiter: char,
    /// In lower case, in their order.
    names: Vec<String>,
    /// As written.
    written: Vec<String>,
    time: usize,
    times: Times,
    /// Columns whose first cell that is not empty is a number.
    numeric: Vec<usize>,
}

impl Table {
    fn kind(&self) -> Kind {
        if self.has(&MESSAGES) || self.has(&["level", "severity"]) {
            Kind::None
        } else if self.has(&TRACES) && self.has(&SPANS) && self.has(&DURATIONS) && self.has(&SPAN_NAMES) {
            Kind::Spans
        } else if self.has(&FLAGS) {
            Kind::Flags
        } else if self.has(&VALUES) && (self.has(&METRICS) || self.has(&SERVICES)) {
            Kind::Long
        } else if self.has(&VERSIONS) && (self.has(&SERVICES) || self.tells_releases())
            || self.has(&["commit_sha", "sha", "deployed_at"])
        {
            Kind::Deploys
        } else if [&SETTINGS[..], &BEFORE, &AFTER, &CHANGERS].iter().all(|names| self.has(names)) {
            Kind::Settings
        } else if self.is_of_requests() {
            Kind::None
        } else if self.numeric.iter().any(|c| *c != self.time) && !self.has(&THINGS) {
            Kind::Wide
        } else {
            Kind::None
        }
    }

    /// Each row is a request with its answer, and no count of them: a log. Application Insights says `resultCode`.
    fn is_of_requests(&self) -> bool {
        self.has(&["resultcode"]) && self.has(&["name"]) || [&ANSWERS[..], &ASKED, &ASKERS].iter().all(|names| self.has(names))
    }

    fn tells_releases(&self) -> bool {
        of_times(&self.names[self.time]).is_some_and(|name| GIVEN_OUT.contains(&name))
    }

    fn has(&self, names: &[&str]) -> bool {
        self.names.iter().any(|n| names.contains(&n.as_str()))
    }

    fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|n| self.names.iter().position(|h| h == n))
    }
}

/// One row with the table it belongs to.
struct Row<'a> {
    table: &'a Table,
    cells: Vec<String>,
}

impl Row<'_> {
    fn get(&self, names: &[&str]) -> Option<String> {
        let cell = |n: &&str| self.cells.get(self.table.names.iter().position(|h| h == n)?).filter(|c| !c.is_empty()).cloned();
        names.iter().find_map(cell)
    }
}

/// The line of names (comments may stand before it) and what the first rows below it tell about the columns.
fn header(page: &Page<'_>) -> Option<(usize, Table)> {
    let index = names_at(page)?;
    let line = page.line(index);
    let delimiter = delimiter(&line)?;
    let written = cells(&line, delimiter);
    let names: Vec<String> = written.iter().map(|c| column_names::english(&c.trim().to_lowercase().replace(' ', "_"))).collect();
    let is_name = |n: &String| !n.is_empty() && n.len() <= 200 && n.starts_with(|c: char| c.is_alphabetic() || "_@{".contains(c));
    // The first column of an annotated table has no name.
    if names.len() < 2 || !names.iter().skip(usize::from(names[0].is_empty())).all(is_name) {
        return None;
    }
    let time = TIMES.iter().find_map(|t| names.iter().position(|n| of_times(n) == Some(*t)))?;
    let mut rows = (index + 1..page.len()).filter(|i| !page.is_blank(*i)).take(LOOK).map(|i| cells(&page.line(i), delimiter));
    let row = rows.next()?;
    let column: Vec<String> = std::iter::once(row.clone()).chain(rows).filter_map(|row| row.get(time).cloned()).collect();
    let times = Times::of(&names[time], &column);
    if row.len() != names.len() || times.read(row.get(time)?).is_none() {
        return None;
    }
    // A column of a pod is empty until there is the pod.
    let is_open = row.iter().any(|cell| cell.trim().is_empty());
    let most = if is_open { ROWS } else { 0 };
    let below: Vec<Vec<String>> = (index + 1..page.len())
        .filter(|i| !page.is_blank(*i))
        .skip(1)
        .take(most)
        .map(|i| cells(&page.line(i), delimiter))
        .collect();
    let told = |i: usize| {
        let column = [&row].into_iter().chain(&below).filter_map(|row| row.get(i));
        column.map(String::as_str).find(|cell| !cell.trim().is_empty()).and_then(|cell| value(cell, delimiter))
    };
    let is_measure = |i: &usize| told(*i).is_some() && !ENDS.contains(&names[*i].as_str()) && !is_id(&names[*i]);
    let numeric = (0..row.len()).filter(is_measure).collect();
    Some((index, Table { delimiter, names, written, time, times, numeric }))
}

/// The known name that the name of a column of times is, or that it begins with: `bin(1m)`, `@timestamp per minute`,
/// `TimeGenerated [UTC]`.
fn of_times(name: &str) -> Option<&'static str> {
    if name.starts_with("bin(") {
        return Some("time");
    }
    let bare = name.split("_per_").next().unwrap_or(name).trim_end_matches("_[utc]").trim_end_matches("_(utc)");
    TIMES.iter().find(|known| **known == bare).copied()
}

/// Whether a column tells things apart: its numbers are no measures, its words no labels.
fn is_id(name: &str) -> bool {
    let last = name.rsplit(['_', '.', ' ']).next().unwrap_or(name);
    NUMBERS.contains(&last)
}

/// The cells of a line; quotes as RFC 4180 has them, within one line.
pub fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let Some(cell) = out.last_mut() else { break };
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                cell.push('"');
                rest.next();
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            c if c == delimiter && !quoted => out.push(String::new()),
            c => cell.push(c),
        }
    }
    out
}

/// Each row with its stamp and place; rows that do not fit go to the texts.
fn each<'a>(page: &Page<'_>, header: usize, table: &'a Table, document: &mut Document) -> Vec<(Row<'a>, Stamp, RecordRef)> {
    let mut rows = Vec::new();
    for index in header + 1..page.len() {
        let row = Row { table, cells: cells(&page.line(index), table.delimiter) };
        let stamp = row.cells.get(table.time).and_then(|c| table.times.read(c));
        match stamp.filter(|_| row.cells.len() == table.names.len()) {
            Some(stamp) => rows.push((row, stamp, page.place(index, index))),
            None => document.texts.extend(page.record(index)),
        }
    }
    document.texts.splice(0..0, (0..header).filter_map(|i| page.record(i)));
    rows
}

fn rows(page: &Page<'_>, header: usize, table: &Table, body: fn(&Row<'_>, Stamp) -> Body) -> Document {
    let mut document = Document { format: "csv".into(), ..Document::default() };
    let rows = each(page, header, table, &mut document);
    document.events =
        rows.iter().map(|(row, stamp, place)| Event { place: *place, stamp: Some(*stamp), body: body(row, *stamp) }).collect();
    document
}

fn flag(row: &Row<'_>, _stamp: Stamp) -> Body {
    let change = row.get(&["change"]).and_then(|c| flags::split_change(&c));
    let (old, new) = change.map_or_else(
        || {
            (
                row.get(&["old", "old_value", "from", "before", "previous"]),
                row.get(&["new", "new_value", "to", "after", "value", "state"]),
            )
        },
        |(old, new)| (Some(old), Some(new)),
    );
    Body::Flag(Flag {
        name: row.get(&FLAGS).unwrap_or_default(),
        service: row.get(&SERVICES),
        old,
        new,
        actor: row.get(&["actor", "user", "author", "by", "changed_by", "member"]),
    })
}

fn span(row: &Row<'_>, _stamp: Stamp) -> Body {
    let known = [&TRACES[..], &SPANS, &PARENTS, &SPAN_NAMES, &DURATIONS].concat();
    let pairs = row.table.names.iter().zip(&row.cells).enumerate();
    let is_own = |(i, (name, cell)): &(usize, (&String, &String))| {
        *i != row.table.time && !cell.is_empty() && !known.contains(&name.as_str())
    };
    let attributes: Vec<(String, String)> = pairs.filter(is_own).map(|(_, (n, c))| (n.clone(), c.clone())).collect();
    Body::Span(Span {
        trace: row.get(&TRACES).unwrap_or_default(),
        span: row.get(&SPANS).unwrap_or_default(),
        parent: row.get(&PARENTS),
        service: row.get(&["service.name", "service_name", "service"]).unwrap_or_default(),
        name: row.get(&SPAN_NAMES).unwrap_or_default(),
        duration_ms: row.get(&DURATIONS).and_then(|d| value(&d, row.table.delimiter)).unwrap_or(0.0),
        error: is_error(&row.get(&["status", "status_code"]).unwrap_or_default(), &attributes),
        peer: peer(&attributes),
        attributes,
    })
}

fn deploy(row: &Row<'_>, _stamp: Stamp) -> Body {
    let text = row.get(&["description", "title", "comment", "notes", "reason", "change", "name"]).unwrap_or_default();
    let version = row.get(&VERSIONS);
    let status = row.get(&["status", "state", "result"]).unwrap_or_default().to_lowercase();
    Body::Deploy(Deploy {
        service: row.get(&SERVICES),
        rollback: is_rollback(&[
            &text,
            version.as_deref().unwrap_or_default(),
            &status,
            &row.get(&["type", "kind", "action"]).unwrap_or_default(),
        ]),
        version,
        sha: row.get(&["commit_sha", "sha", "commit", "git_sha", "revision"]).and_then(|s| sha(&s)),
        phase: if status.contains("fail") { ChangePhase::Failed } else { ChangePhase::Started },
        finished: row.get(&["finished_at", "completed_at", "ended_at"]).and_then(|t| when::read(&t)),
        environment: row.get(&["environment", "env", "cluster", "stage"]),
        actor: row.get(&["actor", "user", "author", "deployed_by", "published_by", "released_by", "activated_by", "by"]),
        kind: row.get(&["kind", "type"]).unwrap_or_else(|| "deploy".to_string()),
        text,
    })
}

/// `egress-prod: 443 -> 443,8443`, changed by somebody.
fn setting(row: &Row<'_>, _stamp: Stamp) -> Body {
    let cell = |names: &[&str]| row.get(names).unwrap_or_default();
    Body::Deploy(Deploy {
        service: row.get(&SERVICES),
        version: None,
        sha: None,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: false,
        environment: row.get(&["environment", "env", "cluster", "stage"]),
        actor: row.get(&CHANGERS),
        kind: "config".into(),
        text: format!("{}: {} -> {}", cell(&SETTINGS), cell(&BEFORE), cell(&AFTER)),
    })
}

/// Key of a series (metric, labels) and the points of one row.
type Sample = ((String, Vec<(String, String)>), f64);

fn series(page: &Page<'_>, header: usize, table: &Table, samples: fn(&Row<'_>) -> Vec<Sample>) -> Document {
    let mut document = Document { format: "csv_metrics".into(), ..Document::default() };
    let mut order = Vec::new();
    let mut found: BTreeMap<_, Vec<Point>> = BTreeMap::new();
    let rows = each(page, header, table, &mut document);
    document.records = rows.len() as u64 + document.texts.len() as u64;
    for (row, stamp, place) in rows {
        for (key, value) in samples(&row) {
            let points = found.entry(key.clone()).or_default();
            if points.is_empty() {
                order.push(key);
            }
            points.push(Point { stamp, value, place });
        }
    }
    for key in order {
        let points = found.remove(&key).unwrap_or_default();
        let Some(first) = points.first().copied() else { continue };
        let (metric, labels) = key;
        let series = Series { metric, service: metrics::service(&labels).or_else(|| label(&labels, "host")), labels, points };
        document.events.push(Event { place: first.place, stamp: Some(first.stamp), body: Body::Series(series) });
    }
    document
}

fn label(labels: &[(String, String)], name: &str) -> Option<String> {
    labels.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone())
}

/// A metric's name in one column, its value in another; all further columns are labels.
fn long(row: &Row<'_>) -> Vec<Sample> {
    let table = row.table;
    let metric = table.column(&METRICS);
    let Some(value) = table.column(&VALUES) else { return Vec::new() };
    let Some(number) = number(row, value) else { return Vec::new() };
    let labels = (0..table.names.len()).filter(|i| ![Some(*i)].contains(&metric) && *i != value && *i != table.time);
    let is_label = |(k, v): &(String, String)| !v.is_empty() && !ANNOTATIONS.contains(&k.as_str());
    let labels = labels.filter_map(|i| Some((table.names.get(i)?.clone(), row.cells.get(i)?.clone()))).filter(is_label);
    let name = metric.and_then(|m| row.cells.get(m)).cloned().unwrap_or_else(|| "value".to_string());
    let (of, labels): (Vec<_>, Vec<_>) = labels.partition(|(k, _)| k == "_measurement");
    let name = of.first().map_or_else(|| name.clone(), |(_, measurement)| format!("{measurement}.{name}"));
    vec![((name, labels), number)]
}

/// Each column of numbers is a metric; columns of words are labels. A column `service.metric` tells both.
fn wide(row: &Row<'_>) -> Vec<Sample> {
    let table = row.table;
    let is_metric = |i: &usize| table.numeric.contains(i) && *i != table.time;
    let words = (0..table.names.len()).filter(|i| !is_metric(i) && *i != table.time && !ENDS.contains(&table.names[*i].as_str()));
    let labels = words.filter_map(|i| Some((table.names.get(i)?.clone(), row.cells.get(i)?.clone())));
    let is_label = |(k, v): &(String, String)| !v.is_empty() && v.parse::<f64>().is_err() && !is_id(k);
    let labels: Vec<(String, String)> = labels.filter(is_label).collect();
    let sample = |i: usize| {
        let (metric, mut labels) = prometheus_name(table.written.get(i)?, &labels);
        labels.dedup();
        Some(((metric, labels), number(row, i)?))
    };
    (0..table.names.len()).filter(is_metric).filter_map(sample).collect()
}

/// A column named `up{job="web"}` carries its labels, as exports of dashboards have it.
fn prometheus_name(name: &str, labels: &[(String, String)]) -> (String, Vec<(String, String)>) {
    let mut labels = labels.to_vec();
    let Some((metric, rest)) = name.split_once('{') else { return (name.trim().to_string(), labels) };
    for pair in rest.trim_end_matches('}').split(',') {
        if let Some((key, value)) = pair.split_once('=') {
            labels.push((key.trim().to_string(), value.trim().trim_matches('"').to_string()));
        }
    }
    (metrics::named(metric, &labels), labels)
}

fn number(row: &Row<'_>, column: usize) -> Option<f64> {
    value(row.cells.get(column)?, row.table.delimiter)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::{Basis, SourceId};

    fn check(text: &str) -> Option<Document> {
        read_whole("m.csv", SourceId { input: 0, entry: 0 }, text.as_bytes())
    }

    #[test]
    fn long_rows_are_grouped_and_keep_their_places() {
        let text = "timestamp,service,metric,value\n2026-09-22T10:30:00Z,pay,err,0.8\n2026-09-22T10:30:00Z,cart,err,1\n2026-09-22T10:31:00Z,pay,err,0.9\nbroken\n";
        let document = check(text).expect("a table");
        let Body::Series(first) = &document.events[0].body else { panic!("a series") };
        assert_eq!((document.events.len(), first.service.as_deref(), first.points.len()), (2, Some("pay"), 2));
        assert_eq!((first.points[1].place.line, document.texts.len(), document.records), (4, 1, 4));
    }

    #[test]
    fn wide_columns_are_metrics() {
        let document =
            check("time,cpu,up{job=\"web\"}\n2026-09-22 10:30:00,0.5,1\n2026-09-22 10:31:00,0.6,0\n").expect("a table");
        let Body::Series(second) = &document.events[1].body else { panic!("a series") };
        assert_eq!((second.metric.as_str(), second.service.as_deref(), second.points[1].value), ("up", Some("web"), 0.0));
    }

    #[test]
    fn columns_that_are_empty_at_first_are_metrics_too() {
        let text = "\"Time\",\"cart-1\",\"cart-2\"\n2026-09-22 10:30:00,1 MiB,\n2026-09-22 10:31:00,1 MiB,\n2026-09-22 10:32:00,,2 MiB\n";
        let document = check(text).expect("a table");
        let seen = document.events.iter().map(|event| match &event.body {
            Body::Series(s) => (s.metric.as_str(), s.labels.len(), s.points.len()),
            other => panic!("{other:?}"),
        });
        assert_eq!(seen.collect::<Vec<_>>(), [("cart-1", 0, 2), ("cart-2", 0, 1)]);
    }

    #[test]
    fn columns_of_dashboards_have_units_and_labels() {
        let text =
            "\"Time\",\"cart 5xx\",\"cart p95\"\n2026-09-22 10:30:00,0 req/s,950 ms\n2026-09-22 10:31:00,0.5 req/s,1.20 s\n";
        let document = check(text).expect("a table");
        let points = |n: usize| match &document.events[n].body {
            Body::Series(s) => (s.metric.clone(), s.points.iter().map(|p| p.value).collect::<Vec<_>>()),
            other => panic!("{other:?}"),
        };
        assert_eq!(points(0), ("cart 5xx".to_string(), vec![0.0, 0.5]));
        assert_eq!(points(1), ("cart p95".to_string(), vec![950.0, 1_200.0]));
        let text = "\"Time\",\"{service=\"\"cart\"\", code=\"\"500\"\"}\"\n1742304600000,0.25\n";
        let Body::Series(series) = &check(text).expect("a table").events[0].body.clone() else { panic!("a series") };
        assert_eq!((series.metric.as_str(), series.service.as_deref()), ("code=500", Some("cart")));
        let text = "\"Begin time\",\"End time\",\"Error rate\"\n1742304600000,1742304660000,0.04\n";
        let document = check(text).expect("a table");
        assert_eq!(document.events.len(), 1);
    }

    #[test]
    fn an_annotated_table_of_influx() {
        let text = "#group,false,false,true,true,false,false,true,true,true\n#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string\n#default,_result,,,,,,,,\n,result,table,_start,_stop,_time,_value,_field,_measurement,service\n,,0,2025-01-01T00:00:00Z,2025-01-01T01:00:00Z,2025-01-01T00:00:05Z,19,used,pool,cart\n,,0,2025-01-01T00:00:00Z,2025-01-01T01:00:00Z,2025-01-01T00:01:05Z,20,used,pool,cart\n";
        let document = check(text).expect("a table");
        let Body::Series(series) = &document.events[0].body else { panic!("a series") };
        assert_eq!((series.metric.as_str(), series.service.as_deref(), series.labels.len()), ("pool.used", Some("cart"), 1));
        assert_eq!((series.points[1].value, series.points[1].place.line, document.events.len()), (20.0, 6, 1));
    }

    #[test]
    fn flags_and_logs() {
        let document = check("at,actor,flag,old,new\n2025-11-14T18:02:00Z,bo,banner,false,true\n").expect("a table");
        assert!(matches!(&document.events[0].body, Body::Flag(f) if f.name == "banner" && f.new.as_deref() == Some("true")));
        let document =
            check("changed_at\tby\trule\tbefore\tafter\n2025-11-14T18:02:00Z\tbo\tegress\t443\t8443\n").expect("a table");
        let Body::Deploy(change) = &document.events[0].body else { panic!("a change") };
        assert_eq!((change.kind.as_str(), change.text.as_str()), ("config", "egress: 443 -> 8443"));
        assert_eq!(check("timestamp,level,message\n2025-11-14T18:02:00Z,info,hello\n"), None);
    }

    #[test]
    fn a_row_for_each_request_is_a_log_and_counts_of_them_are_metrics() {
        for log in [
            "\"timestamp [UTC]\",name,resultCode,success,duration,cloud_RoleName\n\"9/22/2026, 10:30:00.120 AM\",\"GET /cart\",500,False,12.5,cart\n",
            "time,client_ip,path,status,took\n2026-09-22T10:30:00Z,192.0.2.1,/cart,502,12\n",
        ] {
            assert_eq!(check(log), None, "{log}");
        }
        assert!(check("time,route,status,count\n2026-09-22T10:30:00Z,/cart,502,12\n").is_some());
    }

    #[test]
    fn what_excel_and_other_systems_write() {
        let first = |text: &str| match &check(text).expect("a table").events[0].body {
            Body::Series(s) => (s.metric.clone(), s.service.clone(), s.points[0].stamp.basis, s.points[1].value),
            other => panic!("{other:?}"),
        };
        let text = "\u{feff}sep=;\r\n\"Time\";\"{code=\"\"503\"\", service=\"\"cart\"\"}\"\r\n2026-09-22 10:30:00;0,2\r\n2026-09-22 10:31:00;14,5\r\n";
        assert_eq!(first(text), ("code=503".into(), Some("cart".into()), Basis::Civil, 14.5));
        let text = "bin(1m),errors\n2026-09-22 10:30:00.000,0\n2026-09-22 10:31:00.000,4\n";
        assert_eq!(first(text), ("errors".into(), None, Basis::Civil, 4.0));
        let text = "TimeGenerated [UTC],failed\n\"9/22/2026, 10:30:00.000 AM\",0\n\"9/22/2026, 10:31:00.000 AM\",4\n";
        assert_eq!(first(text), ("failed".into(), None, Basis::Zoned, 4.0));
    }

    #[test]
    fn spans_are_no_metrics() {
        let text = "Timestamp,service.name,name,duration_ms,http.status_code,trace.trace_id,trace.span_id,trace.parent_id\n2025-01-01T00:00:05Z,cart,POST /cart,12.5,503,t1,s1,\n2025-01-01T00:00:06Z,cart,GET /cart,1.5,200,t1,s2,s1\n";
        let document = check(text).expect("a table");
        let spans: Vec<_> = document
            .events
            .iter()
            .map(|e| {
                if let Body::Span(s) = &e.body {
                    (s.service.as_str(), s.duration_ms, s.error, s.parent.as_deref())
                } else {
                    panic!("{e:?}")
                }
            })
            .collect();
        assert_eq!(spans, [("cart", 12.5, true, None), ("cart", 1.5, false, Some("s1"))]);
    }

    #[test]
    fn ids_and_tickets_are_no_metrics() {
        let tickets = check("Ticket ID,Subject,Created at\n88,it fails,2026-09-22 10:30:00\n89,it too,2026-09-22 10:31:00\n");
        let told =
            tickets.expect("tickets").events.into_iter().map(|e| matches!(e.body, Body::Message(m) if m.text.starts_with("it ")));
        assert_eq!(told.collect::<Vec<_>>(), [true, true]);
        assert_eq!(check("time,order_id,host_port\n2026-09-22 10:30:00,7,80\n2026-09-22 10:31:00,8,80\n"), None);
    }
}
