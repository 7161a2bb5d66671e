//! What a filter asks of an event: its kind, who did it, where and in which words. Must never look at a record.

use std::borrow::Cow;

use evidence::{Body, Event};

use super::EventKind;

impl EventKind {
    pub(super) const WORDS: [(&'static str, EventKind); 10] = [
        ("alert", EventKind::Alert),
        ("message", EventKind::Message),
        ("page", EventKind::Page),
        ("deploy", EventKind::Deploy),
        ("commit", EventKind::Commit),
        ("flag", EventKind::Flag),
        ("kube", EventKind::Kube),
        ("status", EventKind::Status),
        ("span", EventKind::Span),
        ("series", EventKind::Series),
    ];

    pub(super) fn is_of(self, body: &Body) -> bool {
        matches!(
            (self, body),
            (EventKind::Alert, Body::Alert(_))
                | (EventKind::Message, Body::Message(_))
                | (EventKind::Page, Body::Page(_))
                | (EventKind::Deploy, Body::Deploy(_))
                | (EventKind::Commit, Body::Commit(_))
                | (EventKind::Flag, Body::Flag(_))
                | (EventKind::Kube, Body::Kube(_))
                | (EventKind::Status, Body::Status(_))
                | (EventKind::Span, Body::Span(_))
                | (EventKind::Series, Body::Series(_))
        )
    }
}

/// Who did or said it, as the document names them.
pub(super) fn author_of(event: &Event) -> Option<&str> {
    match &event.body {
        Body::Message(m) => Some(&m.author),
        Body::Commit(c) => Some(&c.author),
        Body::Page(p) => p.actor.as_deref(),
        Body::Deploy(d) => d.actor.as_deref(),
        Body::Flag(f) => f.actor.as_deref(),
        _ => None,
    }
}

pub(super) fn service_of(event: &Event) -> Option<&str> {
    match &event.body {
        Body::Alert(a) => a.service.as_deref(),
        Body::Page(p) => p.service.as_deref(),
        Body::Deploy(d) => d.service.as_deref(),
        Body::Commit(c) => c.service.as_deref(),
        Body::Flag(f) => f.service.as_deref(),
        Body::Series(s) => s.service.as_deref(),
        Body::Span(s) => Some(&s.service),
        Body::Status(s) => Some(&s.provider),
        Body::Kube(k) => k.container.as_deref(),
        Body::Message(_) | Body::Person(_) => None,
    }
}

/// The event's own words.
pub(super) fn text_of(event: &Event) -> Cow<'_, str> {
    match &event.body {
        Body::Message(m) => (&m.text).into(),
        Body::Alert(a) => (&a.summary).into(),
        Body::Page(p) => (&p.text).into(),
        Body::Deploy(d) => (&d.text).into(),
        Body::Commit(c) => (&c.message).into(),
        Body::Flag(f) => (&f.name).into(),
        Body::Kube(k) => format!("{}: {}", k.reason, k.message).into(),
        Body::Series(s) => (&s.metric).into(),
        Body::Span(s) => (&s.name).into(),
        Body::Status(s) => format!("{}: {}", s.title, s.body).into(),
        Body::Person(p) => (&p.name).into(),
    }
}
