//! What `casefile parse` prints of one record: the object that the contract of the command line describes.
//!
//! Must never leave out what a record has: what has no key of its own stands in `fields`.

use std::borrow::Cow;

use analysis::dates;
use evidence::{Basis, Body, ChangePhase, Event, Moment, PageAction, Record, RecordRef, Stamp};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

/// One line of output.
pub struct Line<'a> {
    source: &'a str,
    place: RecordRef,
    is_record: bool,
    at: Option<Moment>,
    stamp: Option<Stamp>,
    at_raw: Option<&'a str>,
    level: Option<&'static str>,
    pub service: Option<&'a str>,
    message: &'a str,
    format: &'a str,
    pattern: Option<u32>,
    trace: Option<&'a str>,
    fields: Fields<'a>,
}

enum Value<'a> {
    Text(Cow<'a, str>),
    Number(Number),
}

struct Fields<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl Line<'_> {
    /// A record whose kind of message was not told apart from others; what a document tells has no kind.
    pub fn lacks_pattern(&self) -> bool {
        self.is_record && self.pattern.is_none()
    }
}

/// The line of a record of a log.
pub fn of_record<'a>(source: &'a str, record: &'a Record<'a>, at: Option<Moment>, pattern: Option<u32>) -> Line<'a> {
    Line {
        source,
        place: record.place,
        is_record: true,
        at: at.or_else(|| dates::written(record.stamp)),
        stamp: record.stamp,
        at_raw: record.stamp_text.as_deref(),
        level: record.level.map(|l| l.word()),
        service: record.service.as_deref(),
        message: &record.message,
        format: record.format,
        pattern,
        trace: record.trace.as_deref(),
        fields: Fields::of(record),
    }
}

/// The line of an element of a document; `format` is the document's.
pub fn of_event<'a>(source: &'a str, format: &'a str, event: &Event, told: &'a Told, at: Option<Moment>) -> Line<'a> {
    Line {
        source,
        place: event.place,
        is_record: false,
        at: at.or_else(|| dates::written(event.stamp)),
        stamp: event.stamp,
        at_raw: None,
        level: told.level,
        service: told.service.as_deref(),
        message: &told.message,
        format,
        pattern: None,
        trace: told.trace.as_deref(),
        fields: Fields(told.fields.iter().map(|(k, v)| (Cow::Borrowed(*k), Value::Text(Cow::Borrowed(v)))).collect()),
    }
}

fn word(basis: Basis) -> &'static str {
    match basis {
        Basis::Zoned => "zoned",
        Basis::Epoch => "epoch",
        Basis::Civil => "civil",
        Basis::CivilNoYear | Basis::ZonedNoYear => "no_year",
        Basis::ClockOnly | Basis::ZonedClock => "no_date",
    }
}

impl<'a> Fields<'a> {
    fn of(record: &'a Record<'a>) -> Fields<'a> {
        let mut fields = Fields(Vec::with_capacity(record.fields.len() + 6));
        if let Some(instance) = &record.instance {
            fields.text("instance", instance);
        }
        if let Some(user) = &record.user {
            fields.text("user", user);
        }
        if let Some(http) = &record.http {
            http.method.iter().for_each(|method| fields.text("method", method));
            http.path.iter().for_each(|path| fields.text("path", path));
            http.status.iter().for_each(|status| fields.0.push(("status".into(), Value::Number((*status).into()))));
            let took = http.duration_ms.and_then(Number::from_f64);
            took.into_iter().for_each(|ms| fields.0.push(("duration_ms".into(), Value::Number(ms))));
            http.upstream.iter().for_each(|upstream| fields.text("upstream", upstream));
        }
        for (key, value) in &record.fields {
            fields.text(key, value);
        }
        fields
    }

    /// A name that is taken gets a number behind it: an object has each name once.
    fn text(&mut self, key: &'a str, value: &'a str) {
        let taken = |fields: &Self, key: &str| fields.0.iter().any(|(k, _)| k == key);
        let mut name = Cow::Borrowed(key);
        let mut n = 2;
        while taken(self, &name) {
            name = Cow::Owned(format!("{key}_{n}"));
            n += 1;
        }
        self.0.push((name, Value::Text(Cow::Borrowed(value))));
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("source", self.source)?;
        map.serialize_entry("line", &self.place.line)?;
        map.serialize_entry("last_line", &self.place.last_line)?;
        map.serialize_entry("at", &self.at.map(Moment::rfc3339))?;
        map.serialize_entry("at_raw", &self.at_raw)?;
        map.serialize_entry("at_basis", &self.stamp.map(|s| word(s.basis)))?;
        map.serialize_entry("level", &self.level)?;
        map.serialize_entry("service", &self.service)?;
        map.serialize_entry("message", self.message)?;
        map.serialize_entry("format", self.format)?;
        map.serialize_entry("pattern", &self.pattern.map(|rank| format!("p{rank}")))?;
        map.serialize_entry("trace", &self.trace)?;
        map.serialize_entry("fields", &self.fields)?;
        map.end()
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            match value {
                Value::Text(text) => map.serialize_entry(key, text)?,
                Value::Number(number) => map.serialize_entry(key, number)?,
            }
        }
        map.end()
    }
}

/// An event in the words of a record.
#[derive(Default)]
pub struct Told {
    message: String,
    service: Option<String>,
    level: Option<&'static str>,
    trace: Option<String>,
    fields: Vec<(&'static str, String)>,
}

impl Told {
    pub fn of(event: &Event) -> Told {
        let mut told = Told::default();
        match &event.body {
            Body::Message(m) => {
                told.message.clone_from(&m.text);
                told.field("kind", "message").field("author", &m.author).some("channel", m.channel.as_ref());
                told.some("thread", m.thread.as_ref());
            }
            Body::Alert(a) => {
                told.message = if a.summary.is_empty() { a.name.clone() } else { a.summary.clone() };
                told.service.clone_from(&a.service);
                told.field("kind", "alert").field("alert", &a.name).field("state", if a.firing { "firing" } else { "resolved" });
                told.some("severity", a.severity.as_ref())
                    .some("value", a.value.as_ref())
                    .some("threshold", a.threshold.as_ref());
            }
            Body::Page(p) => {
                told.message = if p.text.is_empty() { p.title.clone() } else { p.text.clone() };
                told.service.clone_from(&p.service);
                told.field("kind", "page").field("incident", &p.incident).field("action", action(p.action));
                told.some("actor", p.actor.as_ref()).some("priority", p.priority.as_ref());
            }
            Body::Deploy(d) => {
                told.message.clone_from(&d.text);
                told.service.clone_from(&d.service);
                told.field("kind", &d.kind).field("phase", phase(d.phase)).some("version", d.version.as_ref());
                told.some("sha", d.sha.as_ref()).some("actor", d.actor.as_ref()).some("environment", d.environment.as_ref());
            }
            other => told.rest(other),
        }
        told
    }

    fn rest(&mut self, body: &Body) {
        match body {
            Body::Commit(c) => {
                self.message.clone_from(&c.message);
                self.service.clone_from(&c.service);
                self.field("kind", "commit").field("sha", &c.sha).field("author", &c.author);
                self.some("repository", c.repository.as_ref());
            }
            Body::Flag(f) => {
                let from = f.old.as_deref().map_or(String::new(), |old| format!(" from {old}"));
                let to = f.new.as_deref().map_or(String::new(), |new| format!(" to {new}"));
                self.message = format!("{} changed{from}{to}", f.name);
                self.service.clone_from(&f.service);
                self.field("kind", "flag").field("flag", &f.name).some("actor", f.actor.as_ref());
            }
            Body::Kube(k) => {
                self.message.clone_from(&k.message);
                self.level = Some(if k.warning { "warn" } else { "info" });
                self.field("kind", "kubernetes").field("reason", &k.reason).field("object", &format!("{}/{}", k.kind, k.name));
                self.some("namespace", k.namespace.as_ref()).some("container", k.container.as_ref());
            }
            Body::Series(s) => {
                self.message = format!("{}: {} points", s.metric, s.points.len());
                self.service.clone_from(&s.service);
                self.field("kind", "series").field("metric", &s.metric);
            }
            Body::Span(s) => {
                self.message.clone_from(&s.name);
                self.service = Some(s.service.clone());
                self.trace = Some(s.trace.clone());
                self.field("kind", "span").field("span", &s.span).field("duration_ms", &s.duration_ms.to_string());
                self.some("parent", s.parent.as_ref());
            }
            Body::Status(s) => {
                self.message = if s.body.is_empty() { s.title.clone() } else { s.body.clone() };
                self.field("kind", "status").field("provider", &s.provider).field("state", &s.state);
            }
            Body::Person(p) => {
                self.message.clone_from(&p.name);
                self.field("kind", "person").field("id", &p.id);
            }
            Body::Message(_) | Body::Alert(_) | Body::Page(_) | Body::Deploy(_) => {}
        }
    }

    fn field(&mut self, key: &'static str, value: &str) -> &mut Told {
        if !value.is_empty() {
            self.fields.push((key, value.to_string()));
        }
        self
    }

    fn some(&mut self, key: &'static str, value: Option<&String>) -> &mut Told {
        if let Some(value) = value {
            self.field(key, value);
        }
        self
    }
}

fn action(action: PageAction) -> &'static str {
    match action {
        PageAction::Triggered => "triggered",
        PageAction::Notified => "notified",
        PageAction::Acknowledged => "acknowledged",
        PageAction::Escalated => "escalated",
        PageAction::Note => "note",
        PageAction::Resolved => "resolved",
    }
}

fn phase(phase: ChangePhase) -> &'static str {
    match phase {
        ChangePhase::Started => "started",
        ChangePhase::Finished => "finished",
        ChangePhase::Failed => "failed",
    }
}
