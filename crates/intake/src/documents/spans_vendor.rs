//! Spans of tracing systems: OpenTelemetry (OTLP as JSON), Jaeger, Zipkin, Elastic APM, and what Datadog's search for spans gives.
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
    elastic(element, out) || datadog(element, out)
}

/// A transaction or a span as Elastic APM stores it, by itself or as a hit of a search.
fn elastic(element: El<'_>, out: &mut Out) -> bool {
    let inner = element.get("_source").unwrap_or(element);
    let Some(kind) = inner.first(&["processor.event"]).filter(|kind| ["transaction", "span"].contains(&kind.as_str())) else {
        return false;
    };
    let own = |name: &str| format!("{kind}.{name}");
    let micros = inner.dig(&own("duration.us")).and_then(El::number);
    let (Some(micros), Some(trace)) = (micros, inner.first(&["trace.id"])) else { return false };
    out.is("elastic_apm");
    let body = Span {
        trace,
        span: inner.word(&own("id")),
        parent: inner.first(&["parent.id"]),
        service: inner.word("service.name"),
        name: inner.word(&own("name")),
        duration_ms: micros / 1e3,
        error: inner.word("event.outcome") == "failure",
        peer: inner.first(&["service.target.name", "span.destination.service.resource"]),
        attributes: Vec::new(),
    };
    out.add(element, inner.stamp(&["timestamp.us", "@timestamp"]), Body::Span(body));
    true
}

/// `{"type": "spans", "attributes": {"resource_name": ..., "start_timestamp": ...}}`.
fn datadog(element: El<'_>, out: &mut Out) -> bool {
    let Some(span) = element.get("attributes").filter(|a| a.has_all(&["span_id", "trace_id", "start_timestamp"])) else {
        return false;
    };
    out.is("datadog_spans");
    let (start, end) = (span.stamp(&["start_timestamp"]), span.stamp(&["end_timestamp"]));
    let is_failed = span.word("status") == "error" || span.first(&["custom.error.message", "custom.error.type"]).is_some();
    let body = Span {
        trace: span.word("trace_id"),
        span: span.word("span_id"),
        parent: span.first(&["parent_id"]).filter(|id| id != "0"),
        service: span.word("service"),
        name: span.first(&["resource_name", "operation_name"]).unwrap_or_default(),
        duration_ms: start.zip(end).map_or(0.0, |(start, end)| (end.micros - start.micros) as f64 / 1e3),
        error: is_failed,
        peer: span.first(&["custom.peer.service", "custom.peer.hostname"]),
        attributes: Vec::new(),
    };
    out.add(element, start, Body::Span(body));
    true
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
    fn transactions_of_elastic_and_spans_of_datadog() {
        let read = |text: &str| {
            let source = evidence::SourceId { input: 0, entry: 0 };
            let document = super::super::read_whole("t.json", source, text.as_bytes()).expect("spans");
            let told = document.events.into_iter().map(|e| match e.body {
                Body::Span(s) => (s.service, s.name, s.duration_ms, s.error, s.parent),
                other => panic!("{other:?}"),
            });
            (document.format, told.collect::<Vec<_>>())
        };
        let hit = r#"{"hits":{"hits":[{"_index":"traces-apm","_source":{"@timestamp":"2025-01-01T00:00:05Z","service":{"name":"cart"},"transaction":{"id":"t1","name":"POST /cart","duration":{"us":5000}},"trace":{"id":"a"},"event":{"outcome":"failure"},"processor":{"event":"transaction"}}}]}}"#;
        assert_eq!(read(hit).1, [("cart".to_string(), "POST /cart".to_string(), 5.0, true, None)]);
        let search = r#"{"data":[{"id":"x","type":"spans","attributes":{"service":"cart","resource_name":"GET /cart","trace_id":"1","span_id":"2","parent_id":"0","start_timestamp":"2025-01-01T00:00:05.000Z","end_timestamp":"2025-01-01T00:00:05.250Z","custom":{"error":{"message":"timeout"}}}}]}"#;
        let (format, told) = read(search);
        assert_eq!((format.as_str(), told), ("datadog_spans", vec![("cart".into(), "GET /cart".into(), 250.0, true, None)]));
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
