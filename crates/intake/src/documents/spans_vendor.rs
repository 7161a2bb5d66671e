//! Spans of tracing systems: OpenTelemetry (OTLP as JSON), Jaeger, Zipkin.
//!
//! It must never guess a unit: OTLP counts nanoseconds, Jaeger and Zipkin microseconds. Logs and metrics of OTLP are not
//! read here.

use std::collections::BTreeMap;

use evidence::{Basis, Body, Span, Stamp};

use super::json::El;
use super::spans::{is_error, peer};
use super::{Context, Out};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let lists = ["resourceSpans", "resource_spans", "batches"];
    if let Some(resources) = lists.iter().find_map(|k| element.get(k)).filter(|r| r.is_array()) {
        out.is("otlp");
        resources.items().for_each(|r| resource(r, out));
        return true;
    }
    if element.list("spans").next().is_some_and(|s| s.has_any(&["operationName", "processID", "process"])) {
        out.is("jaeger");
        trace(element, out);
        return true;
    }
    if element.has_all(&["traceId", "id"]) && element.has_any(&["localEndpoint", "remoteEndpoint"]) {
        out.is("zipkin");
        zipkin(element, out);
        return true;
    }
    false
}

fn resource(resource: El<'_>, out: &mut Out) {
    let of_resource = resource.dig("resource.attributes").map(otlp_attributes).unwrap_or_default();
    let service = of_resource.iter().find(|(k, _)| k == "service.name").map(|(_, v)| v.clone()).unwrap_or_default();
    let scopes = ["scopeSpans", "scope_spans", "instrumentationLibrarySpans"].iter().filter_map(|k| resource.get(k));
    for span in scopes.flat_map(El::items).flat_map(|s| s.list("spans")) {
        let nanos = |keys: &[&str]| span.first(keys).and_then(|t| t.parse::<i64>().ok());
        let start = nanos(&["startTimeUnixNano", "start_time_unix_nano"]);
        let end = nanos(&["endTimeUnixNano", "end_time_unix_nano"]);
        let attributes = span.get("attributes").map(otlp_attributes).unwrap_or_default();
        let duration = start.zip(end).map_or(0.0, |(s, e)| e.saturating_sub(s) as f64 / 1e6);
        let body = Span {
            trace: span.first(&["traceId", "trace_id"]).unwrap_or_default(),
            span: span.first(&["spanId", "span_id"]).unwrap_or_default(),
            parent: span.first(&["parentSpanId", "parent_span_id"]),
            service: service.clone(),
            name: span.word("name"),
            duration_ms: duration,
            error: is_error(&span.word("status.code"), &attributes),
            peer: peer(&attributes),
            attributes,
        };
        out.add(span, start.map(|s| Stamp::new(s / 1_000, Basis::Epoch)), Body::Span(body));
    }
}

/// `[{key, value: {stringValue}}]` as pairs.
pub fn otlp_attributes(list: El<'_>) -> Vec<(String, String)> {
    let value = |v: El<'_>| match v.members().next() {
        Some((_, inner)) => Some(inner.text().unwrap_or_else(|| inner.compact())),
        None => v.text(),
    };
    list.items().filter_map(|a| Some((a.first(&["key"])?, value(a.get("value")?)?))).collect()
}

/// A trace of Jaeger with the processes that its spans name.
fn trace(trace: El<'_>, out: &mut Out) {
    let processes = trace.get("processes").into_iter().flat_map(El::members);
    let processes: BTreeMap<String, String> = processes.map(|(id, p)| (id, p.word("serviceName"))).collect();
    for span in trace.list("spans") {
        let micros = span.get("startTime").and_then(El::number).map(|n| n as i64);
        let tags = span.list("tags").filter_map(|t| Some((t.first(&["key"])?, t.get("value")?.text()?)));
        let attributes: Vec<(String, String)> = tags.collect();
        let parents =
            span.list("references").filter(|r| r.get("refType").is_none_or(|t| t.text().as_deref() == Some("CHILD_OF")));
        let parent = parents.filter_map(|r| r.first(&["spanID"])).next();
        let service = processes.get(&span.word("processID")).cloned().or_else(|| span.first(&["process.serviceName"]));
        let body = Span {
            trace: span.first(&["traceID"]).or_else(|| trace.first(&["traceID"])).unwrap_or_default(),
            span: span.word("spanID"),
            parent: parent.or_else(|| span.first(&["parentSpanID"])),
            service: service.unwrap_or_default(),
            name: span.word("operationName"),
            duration_ms: span.get("duration").and_then(El::number).unwrap_or(0.0) / 1e3,
            error: is_error("", &attributes),
            peer: peer(&attributes),
            attributes,
        };
        out.add(span, micros.map(|m| Stamp::new(m, Basis::Epoch)), Body::Span(body));
    }
}

fn zipkin(span: El<'_>, out: &mut Out) {
    let tags = span.get("tags").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?)));
    let attributes: Vec<(String, String)> = tags.collect();
    let micros = span.get("timestamp").and_then(El::number).map(|n| n as i64);
    let body = Span {
        trace: span.word("traceId"),
        span: span.word("id"),
        parent: span.first(&["parentId"]),
        service: span.word("localEndpoint.serviceName"),
        name: span.word("name"),
        duration_ms: span.get("duration").and_then(El::number).unwrap_or(0.0) / 1e3,
        error: is_error("", &attributes),
        peer: span.first(&["remoteEndpoint.serviceName"]).or_else(|| peer(&attributes)),
        attributes,
    };
    out.add(span, micros.map(|m| Stamp::new(m, Basis::Epoch)), Body::Span(body));
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Span {
        let document = read_whole("t.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        match document.events.into_iter().next().map(|e| (e.stamp, e.body)) {
            Some((Some(stamp), Body::Span(span))) if stamp.micros == 1_700_000_000_000_000 => span,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn three_systems_say_the_same() {
        let otlp = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},"scopeSpans":[{"spans":[
            {"traceId":"t","spanId":"s","parentSpanId":"p","name":"GET","startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000005000000","status":{"code":2},"attributes":[{"key":"peer.service","value":{"stringValue":"db"}}]}]}]}]}"#;
        let jaeger = r#"{"data":[{"traceID":"t","processes":{"p1":{"serviceName":"web"}},"spans":[{"traceID":"t","spanID":"s","operationName":"GET","processID":"p1",
            "references":[{"refType":"CHILD_OF","traceID":"t","spanID":"p"}],"startTime":1700000000000000,"duration":5000,"tags":[{"key":"error","value":true},{"key":"peer.service","value":"db"}]}]}]}"#;
        let zipkin = r#"[[{"traceId":"t","id":"s","parentId":"p","name":"GET","timestamp":1700000000000000,"duration":5000,
            "localEndpoint":{"serviceName":"web"},"remoteEndpoint":{"serviceName":"db"},"tags":{"error":"true"}}]]"#;
        for text in [otlp, jaeger, zipkin] {
            let span = Span { attributes: Vec::new(), ..check(text) };
            let expected = Span {
                trace: "t".into(),
                span: "s".into(),
                parent: Some("p".into()),
                service: "web".into(),
                name: "GET".into(),
                duration_ms: 5.0,
                error: true,
                peer: Some("db".into()),
                attributes: Vec::new(),
            };
            assert_eq!(span, expected);
        }
    }
}
