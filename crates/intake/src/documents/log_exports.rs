//! Exports of log stores as one JSON document: CloudWatch, Google Cloud, Azure Monitor, Datadog, Loki, Elasticsearch,
//! OpenTelemetry, Splunk, Grafana.
//!
//! Every entry becomes a line of a log with its own place; its labels say who wrote it. This module must never take an
//! entry apart itself where a log format can. What breaks it: an export that was reshaped by hand until the names of
//! its members are gone; that is left to the readers of plain objects.

use evidence::{Basis, Level, Stamp};

use super::carried::{Carried, Outer};
use super::json::El;
use super::log_labels::{labelled, of_group, of_stream};
use super::log_tables;
use super::shapes::in_utc;
use super::{Context, Out, envelopes};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let kinds = [cloudwatch, insights, google, datadog, loki, grafana, frames, elastic, otlp, splunk, log_tables::azure];
    kinds.iter().any(|kind| kind(element, out))
}

fn carry(out: &mut Out, place: El<'_>, words: String, outer: Outer) {
    // What alerting keeps of its states lies in a store of logs as well.
    if words.starts_with('{')
        && words.contains("\"ruleTitle\"")
        && envelopes::told_within(place, &words, outer.stamp, &Context { name: "", is_line: true }, out)
    {
        return;
    }
    if !place.is_open() && !words.trim().is_empty() {
        out.carried.push(Carried::new(place.place(), words, outer));
    }
}

/// `{"events": [{"timestamp", "message", "ingestionTime"}]}`, a subscription's `logEvents`, or such entries alone.
fn cloudwatch(element: El<'_>, out: &mut Out) -> bool {
    let entries: Vec<El<'_>> = ["events", "logEvents"].iter().flat_map(|k| element.list(k)).collect();
    if entries.first().is_some_and(|e| is_cloudwatch(*e)) {
        out.is("cloudwatch_logs");
        entries.into_iter().for_each(|e| cloudwatch_entry(e, element, out));
        return true;
    }
    let is_alone = element.has("ingestionTime") && is_cloudwatch(element);
    if is_alone {
        out.is("cloudwatch_logs");
        cloudwatch_entry(element, element, out);
    }
    let is_empty = element.has_any(&["nextForwardToken", "searchedLogStreams"]) && element.has("events") && entries.is_empty();
    is_alone || is_empty
}

fn is_cloudwatch(entry: El<'_>) -> bool {
    let known =
        ["timestamp", "message", "ingestionTime", "eventId", "id", "logStreamName", "logGroupIdentifier", "extractedFields"];
    entry.get("message").is_some_and(El::is_string)
        && entry.get("timestamp").is_some_and(|t| !t.is_string() && t.number().is_some())
        && entry.members().all(|(name, _)| known.contains(&name.as_str()))
}

fn cloudwatch_entry(entry: El<'_>, document: El<'_>, out: &mut Out) {
    let of = |keys: &[&str]| entry.first(keys).or_else(|| document.first(keys));
    let outer = stored(of(&["logGroup", "logGroupName", "logGroupIdentifier"]), of(&["logStreamName", "logStream"]));
    carry(out, entry, entry.word("message"), Outer { stamp: entry.stamp(&["timestamp"]), ..outer });
}

/// What the names of a group and a stream of logs tell.
fn stored(group: Option<String>, stream: Option<String>) -> Outer {
    let (container, instance) = stream.as_deref().map(of_stream).unwrap_or_default();
    let likely = container.or_else(|| group.as_deref().and_then(of_group));
    let fields = [("log_group", group), ("log_stream", stream)];
    let fields = fields.into_iter().filter_map(|(k, v)| Some((k.to_string(), v?))).collect();
    Outer { likely, instance, fields, ..Outer::default() }
}

/// Results of Logs Insights: each a list of pairs of a field's name and its value.
fn insights(element: El<'_>, out: &mut Out) -> bool {
    let is_row = |row: El<'_>| row.items().next().is_some_and(|cell| cell.has_all(&["field", "value"]));
    if !element.list("results").next().is_some_and(is_row) {
        return false;
    }
    out.is("cloudwatch_insights");
    for row in element.list("results") {
        let cell = |name: &str| row.items().find(|c| c.word("field") == name)?.first(&["value"]);
        let Some(message) = cell("@message").or_else(|| cell("message")) else {
            // A computed row has no line; it is left as it stands.
            out.texts.push((row.place(), row.compact()));
            continue;
        };
        let stamp = row.items().find(|c| c.word("field") == "@timestamp").and_then(|c| c.stamp(&["value"])).map(in_utc);
        carry(out, row, message, Outer { stamp, ..stored(cell("@log").map(without_account), cell("@logStream")) });
    }
    true
}

/// `111122223333:/aws/lambda/cart` without the account.
fn without_account(log: String) -> String {
    let is_account = |head: &str| !head.is_empty() && head.bytes().all(|b| b.is_ascii_digit());
    log.split_once(':').filter(|(head, _)| is_account(head)).map(|(_, group)| group.to_string()).unwrap_or(log)
}

/// An entry of Google Cloud Logging with a text or an object; requests and audits are whole only as they stand.
fn google(element: El<'_>, out: &mut Out) -> bool {
    let payload = element.get("textPayload").or_else(|| element.get("jsonPayload"));
    let is_entry = element.has_any(&["logName", "insertId"]) && element.has_any(&["timestamp", "receiveTimestamp"]);
    let Some(payload) = payload.filter(|_| is_entry && !element.has("httpRequest")) else { return false };
    out.is("gcp_logging");
    let mut outer = element.dig("resource.labels").map(labelled).unwrap_or_default();
    let user = element.get("labels").map(labelled).unwrap_or_default();
    outer.service = user.service.or(outer.service);
    outer.likely = outer.likely.or(user.likely);
    outer.instance = outer.instance.or(user.instance);
    outer.stamp = element.stamp(&["timestamp", "receiveTimestamp"]);
    outer.level = element.first(&["severity"]).and_then(|s| Level::from_word(&s));
    outer.trace = element.first(&["trace"]).and_then(|t| t.rsplit('/').next().map(str::to_string));
    let words = payload.text().unwrap_or_else(|| payload.compact());
    carry(out, element, words, outer);
    true
}

/// `{"data": [{"type": "log", "attributes": {...}}]}`, and the older `{"logs": [{"content": {...}}]}`.
fn datadog(element: El<'_>, out: &mut Out) -> bool {
    let is_level = |e: &El<'_>| Level::from_word(&e.word("status")).is_some() && !e.has("level");
    let is_bare = element.get("tags").is_some_and(El::is_array) && element.get("message").is_some_and(El::is_string);
    let content = element.get("attributes").filter(|_| element.word("type") == "log").or_else(|| element.get("content"));
    let content = content.or_else(|| Some(element).filter(|e| is_bare && is_level(e)));
    let Some(content) = content.filter(|c| c.has_all(&["timestamp", "message"]) && c.has_any(&["service", "host", "tags"]))
    else {
        return false;
    };
    out.is("datadog_logs");
    let outer = Outer {
        stamp: content.stamp(&["timestamp"]),
        level: content.first(&["status"]).and_then(|s| Level::from_word(&s)),
        service: content.first(&["service"]),
        instance: content.list("tags").filter_map(El::text).find_map(|t| t.strip_prefix("pod_name:").map(str::to_string)),
        ..Outer::default()
    };
    carry(out, element, content.compact(), outer);
    true
}

/// Streams with labels and pairs of nanoseconds and a line: a query's answer, or what is pushed.
fn loki(element: El<'_>, out: &mut Out) -> bool {
    let streams = element.dig("data.result").or_else(|| element.get("streams")).or_else(|| element.get("result"));
    let streams: Vec<El<'_>> = streams.into_iter().flat_map(El::items).collect();
    if streams.is_empty() || !streams.iter().all(|s| s.get("stream").is_some_and(El::is_object)) {
        return false;
    }
    out.is("loki");
    for stream in streams {
        let outer = stream.get("stream").map(labelled).unwrap_or_default();
        for pair in stream.list("values") {
            let (at, line) = (pair.items().next().and_then(El::own_stamp), pair.items().nth(1).and_then(El::text));
            carry(out, pair, line.unwrap_or_default(), Outer { stamp: at, ..outer.clone() });
        }
    }
    true
}

/// A line as Grafana's Explore and `logcli` save it.
fn grafana(element: El<'_>, out: &mut Out) -> bool {
    let labels = element.get("labels").or_else(|| element.get("fields")).filter(|l| l.is_object());
    let (Some(labels), Some(line)) = (labels, element.first(&["line"])) else { return false };
    let Some(stamp) = element.stamp(&["timestamp", "date"]) else { return false };
    out.is("loki");
    carry(out, element, line, Outer { stamp: Some(stamp), ..labelled(labels) });
    true
}

/// A frame of Grafana with a column of lines: each row at its time, with the labels beside it. What alerting keeps of its
/// states has an object for a line.
fn frames(element: El<'_>, out: &mut Out) -> bool {
    let (Some(fields), Some(values)) = (element.dig("schema.fields"), element.dig("data.values")) else { return false };
    let names: Vec<String> = fields.items().map(|field| field.word("name").to_lowercase()).collect();
    let column = |known: &[&str]| values.items().nth(names.iter().position(|name| known.contains(&name.as_str()))?);
    let (Some(times), Some(lines)) = (column(&["time", "timestamp"]), column(&["line", "body"])) else { return false };
    out.is("loki");
    for (row, (time, line)) in times.items().zip(lines.items()).enumerate() {
        let outer = column(&["labels"]).and_then(|labels| labels.items().nth(row)).map(labelled).unwrap_or_default();
        let words = line.text().unwrap_or_else(|| line.compact());
        carry(out, line, words, Outer { stamp: time.own_stamp(), ..outer });
    }
    true
}

/// A hit of a search: the stored object is the line, which may itself carry one. Hits of other indexes than logs have
/// no message and are left.
fn elastic(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_any(&["_source", "fields"]) || !element.has_any(&["_index", "_id"]) {
        return false;
    }
    let stored = element.get("_source").filter(|s| s.has_any(&["message", "log", "msg", "body"]));
    let first = |key: &str| element.get("fields")?.get(key)?.items().next();
    if let Some(stored) = stored {
        out.is("elasticsearch");
        carry(out, element, stored.compact(), Outer { stamp: stored.stamp(&["@timestamp", "timestamp"]), ..Outer::default() });
        return true;
    }
    let Some(message) = first("message").and_then(El::text) else { return false };
    let named = |keys: &[&str]| keys.iter().find_map(|k| first(k)?.text());
    out.is("elasticsearch");
    let outer = Outer {
        stamp: first("@timestamp").and_then(El::own_stamp),
        level: named(&["log.level", "level"]).and_then(|l| Level::from_word(&l)),
        service: named(&["service.name", "kubernetes.container.name", "container.name"]),
        instance: named(&["kubernetes.pod.name", "host.name"]),
        trace: named(&["trace.id"]),
        ..Outer::default()
    };
    carry(out, element, message, outer);
    true
}

/// OpenTelemetry: resources, scopes, records.
fn otlp(element: El<'_>, out: &mut Out) -> bool {
    let Some(resources) = element.get("resourceLogs").or_else(|| element.get("resource_logs")).filter(|r| r.is_array()) else {
        return false;
    };
    out.is("opentelemetry_logs");
    for resource in resources.items() {
        let about = resource.dig("resource.attributes").map(super::spans_vendor::otlp_attributes).unwrap_or_default();
        let scopes = ["scopeLogs", "scope_logs", "instrumentationLibraryLogs"].iter().filter_map(|k| resource.get(k));
        for record in scopes.flat_map(El::items).flat_map(|s| s.list("logRecords").chain(s.list("log_records"))) {
            otlp_record(record, &about, out);
        }
    }
    true
}

fn otlp_record(record: El<'_>, about: &[(String, String)], out: &mut Out) {
    let of_resource = |names: &[&str]| names.iter().find_map(|n| about.iter().find(|(k, _)| k == n).map(|(_, v)| v.clone()));
    let mut fields = record.get("attributes").map(super::spans_vendor::otlp_attributes).unwrap_or_default();
    let stack = fields.iter().position(|(k, _)| k == "exception.stacktrace").map(|i| fields.remove(i).1);
    fields.extend(about.iter().filter(|(k, _)| k == "k8s.namespace.name" || k == "deployment.environment").cloned());
    let body = record.get("body");
    let told = body.and_then(|b| b.first(&["stringValue", "string_value"])).or_else(|| body.and_then(El::text));
    let words = told.or_else(|| body.map(El::compact)).unwrap_or_default();
    let nanos = record.first(&["timeUnixNano", "time_unix_nano"]).filter(|t| t != "0");
    let nanos = nanos.or_else(|| record.first(&["observedTimeUnixNano"])).and_then(|t| t.parse::<i64>().ok());
    let outer = Outer {
        stamp: nanos.map(|n| Stamp::new(n / 1_000, Basis::Epoch)),
        level: severity(record),
        service: of_resource(&["service.name", "k8s.deployment.name", "k8s.container.name"]),
        instance: of_resource(&["k8s.pod.name", "service.instance.id", "host.name"]),
        trace: record.first(&["traceId", "trace_id"]),
        fields,
        ..Outer::default()
    };
    let words = [Some(words), stack].into_iter().flatten().filter(|w| !w.trim().is_empty()).collect::<Vec<_>>().join("\n");
    carry(out, record, words, outer);
}

/// By the number of OpenTelemetry, four steps a level, else by the word.
fn severity(record: El<'_>) -> Option<Level> {
    let number = record.get("severityNumber").and_then(El::number).unwrap_or(0.0) as usize;
    let by_number = number.checked_sub(1).and_then(|n| Level::ALL.get(n / 4)).copied();
    by_number.or_else(|| Level::from_word(&record.word("severityText")))
}

/// An event of Splunk: `_raw` is the line, alone or in the `result` of an export.
fn splunk(element: El<'_>, out: &mut Out) -> bool {
    let event = element.get("result").filter(|r| r.is_object()).unwrap_or(element);
    let Some(raw) = event.first(&["_raw"]) else { return false };
    out.is("splunk");
    let fields = ["source", "sourcetype", "index"].iter().filter_map(|k| Some((k.to_string(), event.first(&[k])?))).collect();
    let outer = Outer { stamp: event.stamp(&["_time"]), instance: event.first(&["host"]), fields, ..Outer::default() };
    carry(out, element, raw, outer);
    true
}

#[cfg(test)]
mod tests;
