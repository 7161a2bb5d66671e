//! Documents: small things that are held whole and told as typed events, each with its place in the source.
//!
//! A document is recognised by the shape of its elements, never by the name of a product or a file alone: every object
//! is offered to the families below, and what none of them knows is left as text. This module must never know what an
//! event means for an incident. Broken documents give the elements before the break; what follows it is left as text.

mod accounts;
mod activations;
mod alert_shapes;
mod alert_table;
mod alerts;
mod amtool;
mod audit;
mod audit_tables;
mod capistrano;
pub mod carried;
mod changes;
mod chat;
mod chat_json;
mod chat_pages;
mod chat_tables;
mod chat_words;
mod cloud;
mod cloud_changes;
mod cloud_kinds;
mod cluster;
mod cluster_releases;
mod column_names;
mod commits;
mod console;
mod csv;
mod csv_cells;
mod deliveries;
mod deployer;
mod deploys;
mod describe;
mod diffs;
mod ecs;
mod envelopes;
mod event_text;
mod feeds;
mod flags;
mod git_lists;
mod helm_status;
mod heroku_releases;
mod hooks;
mod html;
mod icinga;
mod ilert;
mod incident_tools;
mod issue_tables;
mod jobs;
mod json;
mod json_reader;
mod json_text;
mod key_values;
mod kube;
mod kubectl_cells;
mod kubectl_custom;
mod kubectl_table;
mod log_exports;
mod log_labels;
mod log_tables;
mod mail;
mod mail_alerts;
mod mail_words;
mod managed;
mod mattermost;
mod metrics;
mod metrics_cloud;
mod metrics_text;
mod migrations;
mod minutes;
mod monitors;
mod nagios;
mod nomad_history;
mod noted;
mod notes;
mod notes_told;
mod opsgenie;
mod packages;
mod page;
mod pager;
mod pasted;
mod pipelines;
mod platforms;
mod playbook_json;
mod playbooks;
mod pods;
mod problem_tables;
mod promtool;
mod record_lists;
mod release_notes;
mod release_tables;
mod requests;
mod rest;
mod revisions;
mod rt;
mod sentry;
mod settings_revisions;
mod shapes;
mod shell_history;
mod slack;
mod slack_words;
mod sniff;
mod spans;
mod spans_vendor;
mod stacks;
mod status;
mod status_shapes;
mod status_text;
mod step_tables;
mod steps;
mod sysstat;
mod task_tables;
mod terraform;
mod ticket_shapes;
mod ticket_table;
mod tickets;
mod top_tables;
mod transcripts;
mod uptime;
mod uptime_lists;
mod weekdays;
mod when;
mod yaml;
mod yaml_text;
mod zabbix;
mod zones;

use std::collections::BTreeSet;

use evidence::{Body, Event, RecordRef, SourceId, Stamp};

use carried::Carried;
use json::{Doc, El};
use page::Page;

pub use log_labels::{of_group, of_labels, of_stream};
pub use log_tables::called;
pub use sniff::{may_hold_event, sniff};

/// Whether a text begins like a table of metrics, flags or deployments.
pub fn is_table(head: &[u8]) -> bool {
    let page = Page::new(SourceId { input: 0, entry: 0 }, head);
    csv::is_likely(&page)
        || step_tables::is_likely(&page)
        || audit_tables::is_likely(&page)
        || uptime::is_likely(&page)
        || issue_tables::is_likely(&page)
        || task_tables::is_likely(&page)
        || problem_tables::is_likely(&page)
        || chat_tables::is_likely(&page)
        || release_tables::is_likely(&page)
        || heroku_releases::is_likely(&page)
        || kubectl_table::is_likely(&page)
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Id of the format: `slack`, `pagerduty`, `alertmanager`, ...; `json` for JSON that nobody here knows.
    pub format: String,
    /// In the order of the document.
    pub events: Vec<Event>,
    /// Elements that were read: messages, rows, objects, and the texts.
    pub records: u64,
    /// Lines and elements that are no event and should be read as plain records. An element of several lines stands here
    /// on one line.
    pub texts: Vec<(RecordRef, String)>,
    /// Lines of logs within it, with what stands around them.
    pub carried: Vec<Carried>,
    /// Where it breaks off within a value.
    pub cut: Option<RecordRef>,
}

/// What a line of a stream holds besides a record: nothing, for most lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Held {
    pub events: Vec<Event>,
    pub carried: Vec<Carried>,
}

/// Reads a document that is held whole. `None` when it is none that is known here and not JSON either.
pub fn read_whole(name: &str, source: SourceId, bytes: &[u8]) -> Option<Document> {
    let context = Context { name, is_line: false };
    if let Some(from) = sniff::json_start(bytes)
        && let Some(document) = read_json(&context, source, bytes, from)
    {
        return Some(document);
    }
    let page = Page::new(source, bytes);
    if let Some(document) = mail::read(&page) {
        return Some(document);
    }
    if yaml::is_likely(&page)
        && let Some(document) = read_yaml(&context, source, bytes)
    {
        return Some(document);
    }
    [
        describe::read,
        kubectl_table::read,
        terraform::read,
        diffs::read,
        git_lists::read,
        migrations::read,
        shell_history::read,
        metrics_text::read,
        promtool::read,
        amtool::read,
        revisions::read,
        console::read,
        helm_status::read,
        nomad_history::read,
        event_text::read,
        packages::read,
        sysstat::read,
        top_tables::read,
        playbooks::read,
        audit_tables::read,
        step_tables::read,
        uptime::read,
        issue_tables::read,
        task_tables::read,
        problem_tables::read,
        chat_tables::read,
        csv::read,
        status_text::read,
        nagios::read,
        record_lists::read,
        deployer::read,
        capistrano::read,
        release_notes::read,
        rt::read,
    ]
    .iter()
    .find_map(|read| read(&page))
    .or_else(|| release_tables::read(&page, name))
    .or_else(|| heroku_releases::read(&page))
    .or_else(|| feeds::read(&page, bytes))
    .or_else(|| chat_pages::read(&page, bytes))
    .or_else(|| transcripts::read(&page, name))
    .or_else(|| chat::read(&page, name))
    .or_else(|| notes::read(&page, name))
    .or_else(|| minutes::read(&page, name).filter(|_| minutes::is_likely(&page)))
}

/// The events, and the lines of other logs, in one line of a stream of JSON objects; none for an ordinary log record,
/// which is told by a search for a few names of members.
pub fn read_line(line: &str, place: RecordRef) -> Held {
    if !sniff::may_hold_event(line) {
        return Held::default();
    }
    let context = Context { name: "", is_line: true };
    let mut out = Out::default();
    let blank = line.len() - line.trim_start().len();
    let Some(doc) = Doc::read_at(place, line.as_bytes(), blank) else { return Held::default() };
    if doc.read_to < line.trim_end().len() {
        return Held::default();
    }
    for root in doc.elements() {
        recognise(root, &context, &mut out);
    }
    out.events.retain(|e| e.place.end <= place.end);
    out.carried.retain(|c| c.place.end <= place.end);
    Held { events: out.events, carried: out.carried }
}

/// What is known about a document besides its content.
struct Context<'a> {
    name: &'a str,
    /// It is one line of a stream: shapes that a log record could have as well are not believed.
    is_line: bool,
}

impl<'a> Context<'a> {
    /// The name of the file without its folder and ending.
    fn stem(&self) -> &'a str {
        let file = self.name.rsplit(['/', '!']).next().unwrap_or_default();
        file.split('.').next().unwrap_or_default()
    }

    /// The folder in which the file lies, if it lies in one.
    fn folder(&self) -> Option<&'a str> {
        self.name.rsplit(['/', '!']).nth(1).filter(|f| !f.is_empty())
    }
}

/// What is collected while a document is read.
#[derive(Default)]
struct Out {
    format: Option<&'static str>,
    events: Vec<Event>,
    texts: Vec<(RecordRef, String)>,
    carried: Vec<Carried>,
    /// Elements without an event of their own.
    others: u64,
}

impl Out {
    /// Says what the document is, unless that is known already.
    fn is(&mut self, format: &'static str) {
        self.format.get_or_insert(format);
    }

    /// Adds what an element says; an element that breaks off says nothing.
    fn add(&mut self, element: El<'_>, stamp: Option<Stamp>, body: Body) {
        if !element.is_open() {
            self.events.push(Event { place: element.place(), stamp, body });
        }
    }

    /// Whether not even an element was counted.
    fn is_silent(&self) -> bool {
        self.events.is_empty() && self.texts.is_empty() && self.carried.is_empty() && self.others == 0
    }

    fn finish(mut self, format: &str) -> Document {
        if self.format == Some("argocd") {
            release_tables::returned(&mut self.events);
        }
        if self.format == Some("uptime") {
            self.others += uptime_lists::keep_ends_of_outages(&mut self.events);
        }
        let places: BTreeSet<RecordRef> = self.events.iter().map(|e| e.place).collect();
        // A quote within a message is no element of its own.
        let lines = self.carried.iter().filter(|c| !c.is_quote()).count() as u64;
        let records = places.len() as u64 + self.texts.len() as u64 + lines + self.others;
        let format = self.format.unwrap_or(format).to_string();
        Document { format, events: self.events, records, texts: self.texts, carried: self.carried, cut: None }
    }
}

/// A family of elements: takes an object that it knows, with everything in it, and says so.
type Family = fn(El<'_>, &Context<'_>, &mut Out) -> bool;

/// How deep the answer to a query holds its elements.
const DEEPEST: usize = 7;

/// In the order in which they are asked: wrappers and unmistakable shapes first, shapes that share names last.
const FAMILIES: [Family; 47] = [
    slack::read,
    envelopes::read,
    activations::read,
    status_shapes::read,
    alert_shapes::read,
    zabbix::read,
    icinga::read,
    ticket_shapes::read,
    uptime_lists::read,
    incident_tools::read,
    tickets::read,
    ecs::read,
    ilert::read,
    pager::read,
    opsgenie::read,
    alerts::read_webhook,
    sentry::read,
    monitors::read,
    hooks::read,
    terraform::read_json,
    audit::read,
    key_values::read,
    kube::read,
    spans_vendor::read,
    log_exports::read,
    cloud::read,
    managed::read,
    cloud_changes::read,
    cluster_releases::read,
    pods::read,
    cluster::read,
    spans::read,
    metrics::read,
    metrics_cloud::read,
    status::read,
    commits::read,
    pipelines::read,
    deliveries::read,
    stacks::read,
    playbook_json::read,
    jobs::read,
    platforms::read,
    settings_revisions::read,
    deploys::read,
    flags::read,
    alerts::read_plain,
    chat_json::read,
];

fn recognise(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    element.is_object()
        && !is_plainly_log(&|name| element.has(name))
        && FAMILIES.iter().any(|family| family(element, context, out))
}

/// Whether an object with these members is a record of a log beyond doubt, so that nobody has to be asked.
pub fn is_plainly_log(has: &dyn Fn(&str) -> bool) -> bool {
    let is_post = ["rid", "u", "ts"].into_iter().all(has);
    // What a tracker of errors or a monitor tells has a level and a message as well.
    let is_tracked = has("culprit") || has("heartbeat") && has("monitor");
    !is_tracked
        && (!is_post && has("msg")
            || ["logger", "severity_text", "levelname"].into_iter().any(has)
            || ["level", "message"].into_iter().all(has))
}

fn read_json(context: &Context<'_>, source: SourceId, bytes: &[u8], from: usize) -> Option<Document> {
    let doc = Doc::read(source, bytes, from)?;
    if !sniff::is_worth_reading(&doc, from) {
        return None;
    }
    let mut out = Out::default();
    let before = Page::new(source, bytes.get(..from)?);
    out.texts.extend((0..before.len()).filter_map(|i| before.record(i)));
    if !accounts::read(&doc, &mut out) {
        for root in doc.elements() {
            if !walk(root, context, &mut out, 0) {
                rest::leave(root, &mut out);
            }
        }
    }
    rest::leave_tail(&doc, &mut out);
    // Somebody knew it and had nothing to tell: as text it is at least there.
    if out.is_silent() {
        doc.elements().filter(|root| !root.is_open()).for_each(|root| rest::leave(root, &mut out));
    }
    Some(Document { cut: sniff::cut(&doc), ..out.finish("json") })
}

/// YAML is a document only when somebody here knows something in it: settings and manifests are read line by line.
fn read_yaml(context: &Context<'_>, source: SourceId, bytes: &[u8]) -> Option<Document> {
    let doc = yaml::read(source, bytes)?;
    let mut out = Out::default();
    let mut is_known = false;
    for root in doc.elements() {
        if walk(root, context, &mut out, 0) {
            is_known = true;
        } else {
            rest::leave(root, &mut out);
        }
    }
    is_known.then(|| out.finish("yaml"))
}

/// Offers an element, and what is in it, to the families. False when nothing in it is known; nothing was added then.
fn walk(element: El<'_>, context: &Context<'_>, out: &mut Out, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    if recognise(element, context, out) {
        return true;
    }
    if element.is_object() {
        let mut is_known = false;
        for (_, member) in element.members() {
            is_known |= (member.is_object() || member.is_array()) && walk(member, context, out, depth + 1);
        }
        return is_known;
    }
    let mut unknown = Vec::new();
    let mut is_known = false;
    for item in element.items() {
        if walk(item, context, out, depth + 1) {
            is_known = true;
        } else {
            unknown.push(item);
        }
    }
    if is_known {
        unknown.into_iter().for_each(|item| rest::leave(item, out));
    }
    is_known
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    /// Every place lies in the input, has the lines that its bytes have, and begins where an element does.
    fn check_places(name: &str, bytes: &[u8]) {
        let Some(document) = read_whole(name, SOURCE, bytes) else { return };
        let points = document.events.iter().flat_map(|e| match &e.body {
            Body::Series(series) => series.points.iter().map(|p| p.place).collect(),
            _ => Vec::new(),
        });
        let texts = document.texts.iter().map(|(place, _)| *place).chain(document.carried.iter().map(|c| c.place));
        for place in document.events.iter().map(|e| e.place).chain(texts).chain(points) {
            let (start, end) = (place.start as usize, place.end as usize);
            assert!(start < end && end <= bytes.len(), "{place:?}");
            let feeds = |to: usize| bytes[..to].iter().filter(|b| **b == b'\n').count() as u64;
            assert_eq!((place.line, place.last_line), (1 + feeds(start), 1 + feeds(end - 1)), "{place:?}");
            assert!(bytes[start] != b'\n' && bytes[end - 1] != b'\n');
        }
    }

    const SEEDS: [&str; 16] = [
        r#"[{"type":"message","user":"U1","text":"a <http://x|y>","ts":"1707296402.000050"}]"#,
        r#"{"incident":{"incident_number":1,"title":"t","created_at":"2025-01-01T00:00:00Z"},"log_entries":[{"type":"trigger_log_entry","created_at":"2025-01-01T00:00:00Z"}]}"#,
        r#"{"alerts":[{"status":"resolved","labels":{"alertname":"a"},"startsAt":"2025-01-01T00:00:00Z","endsAt":"2025-01-01T00:01:00Z"}]}"#,
        r#"{"data":{"result":[{"metric":{"job":"a"},"values":[[1700000000,"1"],[1700000060,"2"]]}]}}"#,
        r#"[{"sha":"abcdef1234","author":"a","message":"m","files_changed":["a","b"],"diff":"--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y"}]"#,
        "timestamp,service,metric,value\n2025-01-01T00:00:00Z,a,b,1\n2025-01-01T00:01:00Z,a,b,\"2\"\n",
        "ann  7:34 AM\nwe are down\n\nbo  7:35 AM\nok\n",
        "commit 100d04d4934fe4c2ec89d1c27a5fa5208ccdb970\nAuthor: A <a@b>\nDate: Wed Sep 17 09:00:00 2025 +0000\n\n    m\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        "Name: p\nNamespace: n\nContainers:\n  api:\n    Last State: Terminated\n      Reason: Error\n      Exit Code: 2\nEvents:\n",
        "apiVersion: v1\nitems:\n- kind: Pod\n  metadata:\n    name: p\n  status:\n    containerStatuses:\n    - name: 'a'\n      restartCount: 1\n      state:\n        waiting:\n          message: \"x\n            y\"\n          reason: CrashLoopBackOff\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>we are\ndown</v>\n\n00:03.000 --> 00:04.000\nBo: yes\n",
        "Terraform used the selected providers\n  # a_b.c will be updated in-place\n      ~ x = 1 -> 2\n\na_b.c: Modifying... [id=1]\na_b.c: Modifications complete after 1s\n",
        "REVISION\tUPDATED\tSTATUS\tCHART\tDESCRIPTION\n1\tWed Jan  1 00:00:05 2025\tdeployed\tcart-1.2.3\tok\n",
        r#"[{"user":"U1","text":"see\n```2025-01-01 00:00:00 ERROR x\n at é\n```","ts":"1707296402.000050"}]"#,
        r#"{"value":[{"createdDateTime":"2025-01-02T03:04:05Z","from":{"user":{"displayName":"A"}},"body":{"contentType":"html","content":"<pre><code>2025-01-01 00:00:00 ERROR é<br>2025-01-01 00:00:01 INFO y</code></pre>"}}]}"#,
        r#"{"id":1,"title":"[Triggered] a","date_happened":1735689605,"alert_type":"error","text":"t"}"#,
    ];

    #[test]
    fn the_places_of_whole_documents_hold() {
        for seed in SEEDS {
            let document = read_whole("d", SOURCE, seed.as_bytes()).expect("a document");
            assert!(!document.events.is_empty(), "{seed}");
            assert!(sniff("d", seed.as_bytes(), true), "{seed}");
            check_places("d", seed.as_bytes());
        }
    }

    #[test]
    fn a_cut_document_gives_what_stands_before_the_cut_and_leaves_the_rest_as_text() {
        let text = r#"[{"user":"U1","text":"one","ts":"1707296402.000050"},{"user":"U2","text":"tw"#;
        let document = read_whole("c/2024-02-07.json", SOURCE, text.as_bytes()).expect("a document");
        assert_eq!((document.events.len(), document.texts.len()), (1, 1));
        assert!(document.texts[0].1.contains("tw"));
    }

    #[test]
    fn json_that_nobody_knows_is_left_element_by_element() {
        let document = read_whole("p.json", SOURCE, b"[{\"signature\":\"x\",\n\"count\":3},\n 7]").expect("JSON");
        let texts: Vec<&str> = document.texts.iter().map(|(_, t)| t.as_str()).collect();
        assert_eq!((document.format.as_str(), texts), ("json", vec!["{\"signature\":\"x\",\"count\":3}", "7"]));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            sniff("x", &bytes, true);
            check_places("x", &bytes);
            let text = String::from_utf8_lossy(&bytes).replace('\n', " ");
            let place = RecordRef { source: SOURCE, start: 5, end: 5 + text.len() as u64, line: 3, last_line: 3 };
            read_line(&text, place);
        }

        #[test]
        fn cut_and_damaged_documents_keep_their_places(
            seed in 0..SEEDS.len(), cut in 0..400_usize, at in 0..400_usize, byte in any::<u8>(), twice in any::<bool>()
        ) {
            let mut bytes = SEEDS[seed].as_bytes().to_vec();
            if twice {
                bytes.extend_from_slice(SEEDS[seed].as_bytes());
            }
            bytes.truncate(cut.max(1));
            if let Some(b) = bytes.get_mut(at) {
                *b = byte;
            }
            sniff("x", &bytes, false);
            sniff("x", &bytes, true);
            check_places("x", &bytes);
            let text = String::from_utf8_lossy(&bytes).replace('\n', " ");
            let place = RecordRef { source: SOURCE, start: 5, end: 5 + text.len() as u64, line: 3, last_line: 3 };
            for event in read_line(&text, place).events {
                prop_assert!(event.place.start >= place.start && event.place.end <= place.end);
            }
        }
    }
}
