//! Is this a document that must be held whole, or a stream? Decided on the first bytes.
//!
//! It must never take a stream of JSON objects, one a line, for a document: streams may be of any size.

use std::sync::LazyLock;

use evidence::{RecordRef, SourceId};
use expressions::Expression;

use super::json::Doc;
use super::page::Page;
use super::{
    Context, Out, amtool, audit_tables, capistrano, chat, chat_pages, chat_tables, console, csv, deployer, describe, diffs,
    event_text, feeds, git_lists, helm_status, heroku_releases, issue_tables, kubectl_table, mail, metrics_text, migrations,
    minutes, nagios, nomad_history, notes, packages, playbooks, problem_tables, promtool, recognise, record_lists, release_notes,
    release_tables, revisions, rt, shell_history, status_text, step_tables, sysstat, task_tables, terraform, top_tables,
    transcripts, uptime, yaml,
};

/// Members that only events, and lines that carry logs, have.
const EVENT_NAMES: [&str; 98] = [
    "alerts",
    "startsAt",
    "activeAt",
    "fired_at",
    "firedAt",
    "objectRef",
    "involvedObject",
    "regarding",
    "involved_object",
    "resourceSpans",
    "resource_spans",
    "flag",
    "flag_key",
    "flagKey",
    "flag_name",
    "flagName",
    "feature_flag",
    "toggle",
    "setting",
    "old",
    "old_value",
    "oldValue",
    "titleVerb",
    "commit_sha",
    "deployed_at",
    "deployedAt",
    "deployed_by",
    "deploy_id",
    "deployment_id",
    "released_at",
    "log_entries",
    "client_msg_id",
    "bot_id",
    "incident",
    "localEndpoint",
    "parent_id",
    "parentId",
    "parent_span_id",
    "parentSpanId",
    "alertId",
    "tinyId",
    "detail-type",
    "lastTransitionTime",
    "argstring",
    "dateStarted",
    "date-started",
    "job_type",
    "fullDisplayName",
    "merge_commit_sha",
    "deployable",
    "preData",
    "previousValue",
    "previous_value",
    "previousVersion",
    "previous_state",
    "featureName",
    "auditLogType",
    "resourceLogs",
    "logEvents",
    "textPayload",
    "_source",
    "_raw",
    "alert_transition",
    "culprit",
    "metric_alert",
    "newState",
    "deployment_status",
    "ReleaseVersion",
    "object_kind",
    "pull_request",
    "pusher",
    "monitorCondition",
    "TopicArn",
    "NewStateValue",
    "alarmName",
    "current_state",
    "heartbeat",
    "impactedEntities",
    "search_name",
    "condition_name",
    "conditionName",
    "ProblemTitle",
    "problemId",
    "eventid",
    "watch_id",
    "kibana.alert.status",
    "message_type",
    "event_action",
    "eventTypeCode",
    "trackingId",
    "check",
    "trigger_url",
    "policy_name",
    "hook",
    "state_type",
    "notification_type",
    "acknowledgement_type",
    "processor",
];

const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

/// Whether a source whose beginning is `head` (all of it when `complete`) could be a document.
pub fn sniff(name: &str, head: &[u8], complete: bool) -> bool {
    if let Some(from) = json_start(head) {
        let is_document = is_json_document(head, from, complete);
        let is_labels = || promtool::is_likely(&Page::new(SOURCE, head));
        if is_document || head.get(from) == Some(&b'{') && !is_labels() {
            return is_document;
        }
    }
    let end = if complete { head.len() } else { memchr::memrchr(b'\n', head).map_or(head.len(), |i| i + 1) };
    let head = head.get(..end).unwrap_or(head);
    if head.contains(&0) {
        return false;
    }
    let page = Page::new(SOURCE, head);
    mail::is_likely(&page)
        || yaml::is_likely(&page)
        || describe::is_likely(&page)
        || kubectl_table::is_likely(&page)
        || release_tables::is_likely(&page)
        || heroku_releases::is_likely(&page)
        || terraform::is_likely(&page)
        || diffs::is_likely(&page)
        || git_lists::is_likely(&page)
        || migrations::is_likely(&page)
        || shell_history::is_likely(&page)
        || metrics_text::is_likely(&page)
        || promtool::is_likely(&page)
        || revisions::is_likely(&page)
        || console::is_likely(&page)
        || helm_status::is_likely(&page)
        || nomad_history::is_likely(&page)
        || event_text::is_likely(&page)
        || packages::is_likely(&page)
        || sysstat::is_likely(&page)
        || top_tables::is_likely(&page)
        || playbooks::is_likely(&page)
        || amtool::is_likely(&page)
        || audit_tables::is_likely(&page)
        || step_tables::is_likely(&page)
        || uptime::is_likely(&page)
        || issue_tables::is_likely(&page)
        || task_tables::is_likely(&page)
        || problem_tables::is_likely(&page)
        || chat_tables::is_likely(&page)
        || csv::is_likely(&page)
        || feeds::is_likely(&page)
        || status_text::is_likely(&page)
        || nagios::is_likely(&page)
        || record_lists::is_likely(&page)
        || deployer::is_likely(&page)
        || capistrano::is_likely(&page)
        || release_notes::is_likely(&page)
        || rt::is_likely(&page)
        || chat_pages::is_likely(&page)
        || transcripts::is_likely(&page)
        || chat::is_likely(&page, name)
        || notes::is_likely(&page, name)
        || minutes::is_likely(&page)
}

/// Where JSON begins: at the first byte that is no white space, or below a few lines that show the command it came from.
pub fn json_start(bytes: &[u8]) -> Option<usize> {
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    for _ in 0..8 {
        at += bytes.get(at..)?.iter().position(|b| !b.is_ascii_whitespace())?;
        match bytes.get(at)? {
            b'{' | b'[' => return Some(at),
            b'$' | b'#' | b'/' | b'>' => at += memchr::memchr(b'\n', bytes.get(at..)?)? + 1,
            _ => return None,
        }
    }
    None
}

/// Whether a line of a stream names members that only events have. Cheap, and wrong only in saying yes.
pub fn may_hold_event(line: &str) -> bool {
    static NAMES: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let words = r#""(?:type|kind|event|action|event_type)": ?"[^"]{0,24}(?:deploy|rollout|release|rollback|incident\.)|"line": ?"[^"]"#;
        Expression::new(&format!("\"(?:{})\"|{words}", EVENT_NAMES.join("|"))).ok()
    });
    // Chats never write a severity, and most streams do: their lines are not searched a second time.
    static CHATS: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r#""(?:channel(?:_id|_name)?|room(?:_id)?|rid|author|sender|nick|username|text|content|post)""#).ok()
    });
    let has = |name: &str| memchr::memmem::find(line.as_bytes(), name.as_bytes()).is_some();
    let may_be_chat = || !has("\"level\"") && !has("\"severity\"") && CHATS.as_ref().is_some_and(|c| c.is_match(line));
    line.trim_start().starts_with('{') && (may_be_chat() || NAMES.as_ref().is_some_and(|n| n.is_match(line)))
}

fn is_json_document(head: &[u8], from: usize, complete: bool) -> bool {
    let is_array = head.get(from) == Some(&b'[');
    let Some(doc) = Doc::read(SOURCE, head, from) else { return false };
    let broke_at_the_end = doc.breaks_at_end();
    if is_array {
        let is_one = doc.roots.len() == 1 && (!doc.roots[0].is_open() || broke_at_the_end && !complete);
        let has_content = doc.elements().next().is_some_and(|r| r.items().next().is_some());
        let rest_is_blank = doc.read_to >= head.len() || doc.roots[0].is_open();
        return is_one && rest_is_blank && (has_content || complete) || complete && is_truncated(&doc);
    }
    let first_line = memchr::memchr(b'\n', head.get(from..).unwrap_or_default()).map_or(head.len(), |i| from + i);
    let first = &doc.roots[0];
    if first.is_open() {
        return if complete {
            is_truncated(&doc)
        } else {
            broke_at_the_end && (first_line < head.len() || is_known_wrapper(head, from))
        };
    }
    if first.end() > first_line {
        return true;
    }
    let is_alone = complete && doc.roots.len() == 1 && doc.read_to >= head.len();
    is_alone && is_document_line(&doc, first_line)
}

/// Whether what was read as JSON is more than the bracket at the front of some other text.
pub fn is_worth_reading(doc: &Doc<'_>, from: usize) -> bool {
    let has_objects = |r: super::json::El<'_>| !r.is_open() && (r.is_object() || r.items().any(|e| e.is_object()));
    doc.read_to > from && (doc.read_to >= doc.bytes.len() || doc.elements().any(has_objects) || is_truncated(doc))
}

/// The place at which a document ends within a value.
pub fn cut(doc: &Doc<'_>) -> Option<RecordRef> {
    let is_cut = doc.breaks_at_end() && doc.roots.last().is_some_and(|r| r.is_open());
    is_cut.then(|| doc.place(doc.read_to.min(doc.bytes.len()), doc.bytes.len()))
}

/// A document that was cut: something whole stands before the break.
fn is_truncated(doc: &Doc<'_>) -> bool {
    doc.roots.last().is_some_and(|r| r.is_open())
        && doc.elements().next().is_some_and(|r| {
            let inner = r.items().chain(r.members().map(|(_, e)| e)).filter(|e| !e.is_open());
            r.items().any(|e| e.is_object()) || inner.count() > 0 && !r.is_array()
        })
}

/// A single object on one line that is the whole file: a document unless it looks like a record of a log.
fn is_document_line(doc: &Doc<'_>, end: usize) -> bool {
    let Some(root) = doc.elements().next() else { return false };
    let mut out = Out::default();
    if recognise(root, &Context { name: "", is_line: true }, &mut out) {
        // What says nothing as a document but has a time is a record, or it would be lost.
        let is_silent = out.events.is_empty() && out.texts.is_empty() && out.carried.is_empty();
        let times = ["time", "timestamp", "ts", "@timestamp", "eventTime", "requestReceivedTimestamp", "stageTimestamp"];
        return !is_silent || !root.has_any(&times);
    }
    let place = RecordRef { source: SOURCE, start: 0, end: end as u64, line: 1, last_line: 1 };
    let is_log = root.first(&["level", "msg", "severity", "message", "log", "MESSAGE", "lvl", "levelname"]).is_some();
    let nests = root.members().any(|(_, e)| e.is_array() || e.is_object());
    place.end > 0 && !is_log && nests
}

/// Names that the first object of a long one-line document has right at its beginning.
fn is_known_wrapper(head: &[u8], from: usize) -> bool {
    let start = String::from_utf8_lossy(head.get(from..head.len().min(from + 400)).unwrap_or_default()).into_owned();
    let names = [
        "\"resultType\"",
        "\"resourceSpans\"",
        "\"items\"",
        "\"data\"",
        "\"messages\"",
        "\"alerts\"",
        "\"incidents\"",
        "\"commits\"",
        "\"log_entries\"",
        "\"series\"",
        "\"spans\"",
        "\"results\"",
        "\"apiVersion\"",
        "\"MetricDataResults\"",
        "\"events\"",
        "\"logEvents\"",
        "\"hits\"",
        "\"tables\"",
        "\"resourceLogs\"",
        "\"resourceMetrics\"",
        "\"streams\"",
        "\"logs\"",
        "\"value\"",
        "\"page\"",
        "\"guild\"",
        "\"conversations\"",
        "\"terraform_version\"",
        "\"timeSeries\"",
        "\"Datapoints\"",
    ];
    names.iter().any(|n| start.contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> bool {
        sniff("x.json", text.as_bytes(), true)
    }

    #[test]
    fn documents_are_told_from_streams() {
        assert!(check("[{\"a\":1},\n{\"a\":2}]\n"));
        assert!(check("{\n \"items\": []\n}\n"));
        assert!(check("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}\n"));
        assert!(check("$ kubectl get events -o json\n{\n \"items\": []\n}\n"));
        assert!(check("[{\"ts\":\"1.0\"},{\"text\":\"cut he"));
        assert!(!check("{\"level\":\"info\",\"msg\":\"a\"}\n{\"level\":\"info\",\"msg\":\"b\"}\n"));
        assert!(!check("{\"level\":\"info\",\"msg\":\"alone\"}\n"));
        assert!(!check("[2024-02-07 09:00:00] INFO started\n[2024-02-07 09:00:01] INFO more\n"));
        assert!(!check("[1] worker started\n"));
        assert!(!check("2024-02-07T09:00:00Z INFO started\n"));
        assert!(!check(""));
    }

    #[test]
    fn the_beginning_of_a_long_document_is_enough() {
        let long = format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{}},\"values\":[{}",
            "[1,\"2\"],".repeat(5_000)
        );
        assert!(sniff("q.json", long.as_bytes(), false));
        let stream = format!("{}{{\"msg\":\"cut", "{\"msg\":\"a\"}\n".repeat(5_000));
        assert!(!sniff("q.json", stream.as_bytes(), false));
    }
}
