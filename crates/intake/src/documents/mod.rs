//! Documents: small things that are held whole and told as typed events, each with its place in the source.
//!
//! A document is recognised by the shape of its elements, never by the name of a product or a file alone: every object
//! is offered to the families below, and what none of them knows is left as text. This module must never know what an
//! event means for an incident. Broken documents give the elements before the break; what follows it is left as text.

mod alerts;
mod audit;
mod changes;
mod chat;
mod chat_json;
mod commits;
mod csv;
mod deploys;
mod describe;
mod diffs;
mod flags;
mod json;
mod kube;
mod metrics;
mod opsgenie;
mod page;
mod pager;
mod pods;
mod rest;
mod slack;
mod sniff;
mod spans;
mod spans_vendor;
mod status;
mod when;

use std::collections::BTreeSet;

use evidence::{Body, Event, RecordRef, SourceId, Stamp};

use json::{Doc, El};
use page::Page;

pub use sniff::sniff;

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
    [describe::read, diffs::read, csv::read].iter().find_map(|read| read(&page)).or_else(|| chat::read(&page, name))
}

/// The events in one line of a stream of JSON objects; none for an ordinary log record, which is told by a search for
/// a few names of members.
pub fn read_line(line: &str, place: RecordRef) -> Vec<Event> {
    if !sniff::may_hold_event(line) {
        return Vec::new();
    }
    let context = Context { name: "", is_line: true };
    let mut out = Out::default();
    let blank = line.len() - line.trim_start().len();
    let Some(doc) = Doc::read_at(place, line.as_bytes(), blank) else { return Vec::new() };
    if doc.read_to < line.trim_end().len() {
        return Vec::new();
    }
    for root in doc.elements() {
        recognise(root, &context, &mut out);
    }
    out.events.retain(|e| e.place.end <= place.end);
    out.events
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

    fn finish(self, format: &str) -> Document {
        let places: BTreeSet<RecordRef> = self.events.iter().map(|e| e.place).collect();
        let records = places.len() as u64 + self.texts.len() as u64 + self.others;
        Document { format: self.format.unwrap_or(format).to_string(), events: self.events, records, texts: self.texts }
    }
}

/// A family of elements: takes an object that it knows, with everything in it, and says so.
type Family = fn(El<'_>, &Context<'_>, &mut Out) -> bool;

/// In the order in which they are asked: wrappers and unmistakable shapes first, shapes that share names last.
const FAMILIES: [Family; 16] = [
    slack::read,
    pager::read,
    opsgenie::read,
    alerts::read_webhook,
    audit::read,
    kube::read,
    pods::read,
    spans_vendor::read,
    spans::read,
    metrics::read,
    status::read,
    commits::read,
    deploys::read,
    flags::read,
    alerts::read_plain,
    chat_json::read,
];

fn recognise(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    element.is_object() && FAMILIES.iter().any(|family| family(element, context, out))
}

fn read_json(context: &Context<'_>, source: SourceId, bytes: &[u8], from: usize) -> Option<Document> {
    let doc = Doc::read(source, bytes, from)?;
    if doc.read_to <= from {
        return None;
    }
    let mut out = Out::default();
    let before = Page::new(source, bytes.get(..from)?);
    out.texts.extend((0..before.len()).filter_map(|i| before.record(i)));
    for root in doc.elements() {
        if !walk(root, context, &mut out, 0) {
            rest::leave(root, &mut out);
        }
    }
    rest::leave_tail(&doc, &mut out);
    Some(out.finish("json"))
}

/// Offers an element, and what is in it, to the families. False when nothing in it is known; nothing was added then.
fn walk(element: El<'_>, context: &Context<'_>, out: &mut Out, depth: usize) -> bool {
    if depth > 5 {
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
