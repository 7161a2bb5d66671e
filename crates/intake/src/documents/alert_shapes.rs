//! Alerts as monitoring systems send them, each in members of its own: Azure Monitor, Google Cloud, New Relic, Dynatrace,
//! CloudWatch, Pingdom, Uptime Kuma, Splunk, Elastic, Sensu, Honeycomb, PRTG and others. One row of a table says how each
//! is told and where it says what.
//!
//! It must never take a state that is neither bad nor well (pending, no data, in maintenance) for the beginning or the end
//! of anything. What breaks it: a payload that its users shaped themselves.

use evidence::{AlertState, Body, Page, PageAction, Stamp};

use super::alert_table::{SHAPES, Shape};
use super::alerts::{is_resolved, service, transitions};
use super::incident_tools::said;
use super::json::El;
use super::shapes::{at, base, first, has_all, in_utc, pairs, stamp};
use super::{Context, Out};

/// Words for a state in which something is wrong.
const BAD: [&str; 20] = [
    "firing",
    "fired",
    "alarm",
    "alert",
    "alerting",
    "active",
    "activated",
    "triggered",
    "trigger",
    "open",
    "opened",
    "problem",
    "critical",
    "warning",
    "down",
    "failing",
    "error",
    "created",
    "create",
    "unhealthy",
];
const WELL: [&str; 8] = ["up", "success", "resolve", "close", "healthy", "untracked", "clear", "cleared"];
/// Labels of clouds that name the thing that is watched.
const THINGS: [&str; 6] = ["ServiceName", "FunctionName", "DBInstanceIdentifier", "QueueName", "ApiName", "TableName"];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let fits = |shape: &&Shape| inner(element, shape).is_some();
    let Some(shape) = SHAPES.iter().find(fits) else { return false };
    let Some(inner) = inner(element, shape) else { return false };
    out.is(shape.format);
    // Where no state is told, an end says that it is over.
    let is_over = shape.state.is_empty() && stamp(inner, shape.ends).is_some();
    let words = if is_over {
        Some("resolved".to_string())
    } else if shape.state.is_empty() {
        Some("firing".to_string())
    } else {
        first(inner, shape.state)
    };
    match words.as_deref().and_then(|words| state(words, shape)) {
        Some(State::Acknowledged) => acknowledged(element, inner, shape, out),
        Some(State::Is(firing)) => alert(element, inner, shape, (firing, context.is_line), out),
        None => out.others += 1,
    }
    for comment in at(inner, shape.comments).into_iter().flat_map(El::items) {
        let (who, words) = (comment.first(&["authorName", "author", "user"]), comment.first(&["content", "text", "message"]));
        if let Some(words) = words {
            let written = comment.stamp(&["createdAtTimestamp", "createdAt", "timestamp"]);
            out.add(comment, written, said(who.unwrap_or_default(), words));
        }
    }
    true
}

/// The element itself or the member of it in which the alert stands.
fn inner<'a>(element: El<'a>, shape: &Shape) -> Option<El<'a>> {
    let within = shape.inside.iter().filter_map(|path| element.dig(path));
    std::iter::once(element).chain(within).find(|e| has_all(*e, shape.needs))
}

enum State {
    Is(bool),
    Acknowledged,
}

fn state(words: &str, shape: &Shape) -> Option<State> {
    let lower = words.trim().to_lowercase();
    let is = |known: &[&str]| known.contains(&lower.as_str());
    if is(shape.bad) {
        Some(State::Is(true))
    } else if is(shape.well) {
        Some(State::Is(false))
    } else if !shape.bad.is_empty() {
        None
    } else if lower.starts_with("ack") {
        Some(State::Acknowledged)
    } else if is_resolved(&lower) && lower != "no data" || is(&WELL) {
        Some(State::Is(false))
    } else {
        is(&BAD).then_some(State::Is(true))
    }
}

fn told(inner: El<'_>, shape: &Shape) -> AlertState {
    let mut labels: Vec<(String, String)> = shape.labels.iter().filter_map(|path| at(inner, path)).flat_map(pairs).collect();
    labels.extend(first(inner, shape.host).map(|host| ("host".to_string(), host)));
    labels.sort();
    labels.dedup();
    let title = first(inner, shape.name).map(|name| base(&name)).unwrap_or_default();
    let level = first(inner, shape.severity);
    let counted = level.as_deref().and_then(|l| shape.levels.get(l.parse::<f64>().ok()? as usize)).map(|l| l.to_string());
    let unsaid = ["no severity", "", "undefined"];
    let thing = || labels.iter().find(|(name, _)| THINGS.contains(&name.as_str())).map(|(_, value)| value.clone());
    let monitor = || Some(title.clone()).filter(|name| shape.names_service && !name.contains([' ', '/', '.']));
    AlertState {
        severity: counted.or(level).filter(|l| !unsaid.contains(&l.to_lowercase().as_str())),
        service: first(inner, shape.service).map(|name| base(&name)).or_else(|| service(&labels)).or_else(thing).or_else(monitor),
        summary: first(inner, shape.summary).unwrap_or_default(),
        firing: true,
        ends: None,
        value: first(inner, shape.value),
        threshold: first(inner, shape.threshold),
        name: title,
        labels,
    }
}

/// Of a stream of notices another line told that it began.
fn alert(place: El<'_>, inner: El<'_>, shape: &Shape, (firing, is_line): (bool, bool), out: &mut Out) {
    let zone = |at: Stamp| if shape.is_utc { in_utc(at) } else { at };
    // Where a wrapper tells the time, its member does not.
    let time = |paths| stamp(inner, paths).or_else(|| stamp(place, paths)).map(zone);
    let (began, ended, now) = (time(shape.starts), time(shape.ends), time(shape.now));
    let starts = began.or(now.filter(|_| firing)).filter(|_| firing || !is_line);
    let ends = ended.or(now).filter(|end| !firing && starts.is_none_or(|start| end.micros >= start.micros));
    transitions(place, starts, ends, AlertState { firing, ..told(inner, shape) }, out);
}

/// Somebody took it.
fn acknowledged(place: El<'_>, inner: El<'_>, shape: &Shape, out: &mut Out) {
    let alert = told(inner, shape);
    let when = stamp(inner, &["acknowledgedAt", "acknowledged_at"]).or_else(|| stamp(inner, shape.now));
    let page = Page {
        incident: first(inner, shape.id).unwrap_or_default(),
        title: alert.name.clone(),
        action: PageAction::Acknowledged,
        actor: first(inner, &["acknowledgedBy", "acknowledged_by", "owner", "ack_author"]),
        priority: alert.severity,
        urgency: None,
        service: alert.service,
        text: if alert.summary.is_empty() { alert.name } else { alert.summary },
    };
    out.add(place, when, Body::Page(page));
}

#[cfg(test)]
mod tests;
