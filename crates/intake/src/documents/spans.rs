//! Spans in a free shape: a trace id, a span id and a name, with either a duration or an end.
//!
//! It must never take a log record for a span because it carries ids: a duration and a name have to stand there.

use evidence::{Body, Event, Span, Stamp};

use super::json::{Doc, El};
use super::{Context, Out};

const PEERS: [&str; 9] = [
    "peer.service",
    "server.address",
    "net.peer.name",
    "peer_service",
    "peer",
    "db.system",
    "rpc.service",
    "http.host",
    "upstream",
];
const KNOWN: [&str; 20] = [
    "trace_id",
    "traceId",
    "traceID",
    "span_id",
    "spanId",
    "spanID",
    "id",
    "parent_id",
    "parentId",
    "parent_span_id",
    "parentSpanId",
    "service",
    "service_name",
    "name",
    "operation",
    "start",
    "start_time",
    "duration_ms",
    "status",
    "timestamp",
];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    // A segment of X-Ray is a text within its trace.
    let Some(document) = element.get("Document").and_then(El::text).filter(|d| element.has("Id") && d.starts_with('{')) else {
        return span(element, out);
    };
    let doc = Doc::read_at(element.place(), document.as_bytes(), 0);
    let mut inner = Out::default();
    let found = doc.iter().flat_map(Doc::elements).any(|segment| span(segment, &mut inner));
    for mut event in inner.events {
        // Its name is that of the service.
        if let Body::Span(span) = &mut event.body
            && span.service.is_empty()
        {
            span.service = span.name.clone();
        }
        out.events.push(Event { place: element.place(), ..event });
    }
    if found {
        out.is("spans");
    }
    found
}

fn span(element: El<'_>, out: &mut Out) -> bool {
    let (Some(trace), Some(span)) =
        (element.first(&["trace_id", "traceId", "traceID", "trace"]), element.first(&["span_id", "spanId", "spanID", "id"]))
    else {
        return false;
    };
    let (name, start) = (name(element), start(element));
    let (Some(name), Some(duration_ms)) = (name, duration(element, start)) else { return false };
    if element.has_any(&["msg", "level", "severity_text"]) {
        return false;
    }
    out.is("spans");
    let status = element.first(&["status.code", "status", "status_code", "otel.status_code"]).unwrap_or_default();
    let attributes = attributes(element);
    let body = Span {
        trace,
        span,
        parent: element.first(&["parent_id", "parentId", "parent_span_id", "parentSpanId", "parent"]),
        service: element
            .first(&["service", "service_name", "serviceName", "service.name", "process.serviceName"])
            .unwrap_or_default(),
        name,
        duration_ms,
        error: is_error(&status, &attributes),
        peer: peer(&attributes),
        attributes,
    };
    out.add(element, start, Body::Span(body));
    true
}

/// Whether a status or attributes say that the span failed.
pub fn is_error(status: &str, attributes: &[(String, String)]) -> bool {
    let status = status.to_ascii_uppercase();
    let code = |v: &str| v.parse::<u16>().is_ok_and(|c| (500..600).contains(&c));
    ["ERROR", "STATUS_CODE_ERROR", "2", "FAILED", "INTERNAL_ERROR"].contains(&status.as_str())
        || code(&status)
        || attributes.iter().any(|(k, v)| match k.as_str() {
            // X-Ray sets the latter two.
            "error" | "fault" | "throttle" => !matches!(v.as_str(), "false" | "" | "0"),
            "otel.status_code" => v.eq_ignore_ascii_case("error"),
            "http.status_code" | "http.response.status_code" => code(v),
            _ => false,
        })
}

/// The other side, as attributes name it; the host of a URL when nothing else does.
pub fn peer(attributes: &[(String, String)]) -> Option<String> {
    let value = |name: &str| attributes.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.clone());
    let host = || {
        let url = value("http.url").or_else(|| value("url.full"))?;
        let (_, rest) = url.split_once("://")?;
        Some(rest.split(['/', ':', '?']).next()?.to_string())
    };
    PEERS.iter().find_map(|name| value(name)).or_else(host)
}

fn name(element: El<'_>) -> Option<String> {
    element.first(&["name", "operation", "operation_name", "operationName", "resource"])
}

fn start(element: El<'_>) -> Option<Stamp> {
    element.stamp(&["start", "start_time", "startTime", "started_at", "start_ts", "startTimeUnixNano", "timestamp", "time"])
}

/// Milliseconds, by the unit that the member's name says, or end minus start.
fn duration(element: El<'_>, start: Option<Stamp>) -> Option<f64> {
    let number = |keys: &[&str]| keys.iter().find_map(|k| element.get(k)).and_then(El::number);
    if let Some(ms) = number(&["duration_ms", "durationMs", "duration_millis", "elapsed_ms", "latency_ms"]) {
        return Some(ms);
    }
    if let Some(us) = number(&["duration_us", "durationMicros", "duration_micros"]) {
        return Some(us / 1e3);
    }
    if let Some(ns) = number(&["duration_ns", "durationNano", "duration_nano"]) {
        return Some(ns / 1e6);
    }
    let end = element.stamp(&["end", "end_time", "endTime", "ended_at", "endTimeUnixNano"]);
    match (start, end) {
        (Some(start), Some(end)) => Some(end.micros.saturating_sub(start.micros) as f64 / 1e3),
        _ => number(&["duration_s", "duration_seconds"]).map(|s| s * 1e3),
    }
}

fn attributes(element: El<'_>) -> Vec<(String, String)> {
    let own = element.members().filter(|(k, _)| !KNOWN.contains(&k.as_str()));
    let nested = ["attributes", "tags", "meta"].iter().filter_map(|k| element.get(k)).flat_map(El::members);
    own.chain(nested).filter_map(|(k, v)| Some((k, v.text()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_plain_span_with_its_peer() {
        let text = r#"[{"trace_id":"t","span_id":"c1","parent_id":"b2","service":"pay","name":"HTTP POST","start":"2026-09-22T11:06:30Z",
            "duration_ms":3980,"status":"ERROR","http.status_code":503,"peer.service":"stripe"}]"#;
        let document = read_whole("t.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Span(span) = &document.events[0].body else { panic!("a span") };
        assert_eq!((span.peer.as_deref(), span.error, span.duration_ms), (Some("stripe"), true, 3980.0));
        assert_eq!(span.parent.as_deref(), Some("b2"));
    }
}
