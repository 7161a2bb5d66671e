use evidence::{Basis, Level, Record, RecordRef, SourceId, Stamp};

use super::super::{Document, read_line, read_whole};

const SOURCE: SourceId = SourceId { input: 0, entry: 0 };
/// 2025-01-01T00:00:05Z.
const AT: i64 = 1_735_689_605_000_000;

fn check(text: &str) -> Document {
    read_whole("export.json", SOURCE, text.as_bytes()).expect("a document")
}

fn records(document: &Document) -> Vec<Record<'_>> {
    document.carried.iter().map(|c| c.record(c.place)).collect()
}

fn epoch(micros: i64) -> Option<Stamp> {
    Some(Stamp::new(micros, Basis::Epoch))
}

fn quote(text: &str, place: RecordRef) -> &str {
    &text[place.start as usize..place.end as usize]
}

#[test]
fn a_frame_of_lines_and_the_states_of_alerting_within_logs() {
    let frame = r#"{"results":{"A":{"frames":[{"schema":{"fields":[{"name":"labels","type":"other"},{"name":"Time","type":"time"},{"name":"Line","type":"string"}]},"data":{"values":[[{"app":"cart"}],[1735689605000],["no connection"]]}}]}}}"#;
    let document =
        crate::documents::read_whole("g.json", evidence::SourceId { input: 0, entry: 0 }, frame.as_bytes()).expect("JSON");
    let record = document.carried[0].record(document.carried[0].place);
    assert_eq!((record.message.as_ref(), record.service.as_deref()), ("no connection", Some("cart")));
    let states = r#"{"data":{"result":[{"stream":{"from":"state-history"},"values":[["1735689605000000000","{\"previous\":\"Normal\",\"current\":\"Alerting\",\"ruleTitle\":\"Slow\",\"labels\":{\"service\":\"cart\"}}"],["1735690205000000000","{\"previous\":\"Alerting\",\"current\":\"Normal\",\"ruleTitle\":\"Slow\",\"labels\":{\"service\":\"cart\"}}"]]}]}}"#;
    let document =
        crate::documents::read_whole("g.json", evidence::SourceId { input: 0, entry: 0 }, states.as_bytes()).expect("JSON");
    let told = document.events.iter().map(|e| match &e.body {
        evidence::Body::Alert(a) => (a.name.as_str(), a.service.as_deref(), a.firing, e.stamp.map(|s| s.micros / 1_000_000)),
        other => panic!("{other:?}"),
    });
    let expected = [("Slow", Some("cart"), true, Some(1_735_689_605)), ("Slow", Some("cart"), false, Some(1_735_690_205))];
    assert_eq!((told.collect::<Vec<_>>(), document.carried.len()), (expected.to_vec(), 0));
}

#[test]
fn cloudwatch_events_are_lines_with_the_time_of_their_event() {
    let text = r#"{"events":[
        {"logStreamName":"web/cart/0a1b2c3d4e5f60718293a4b5c6d7e8f9","timestamp":1735689605000,"message":"2025-01-01 01:00:05,120 ERROR [main] c.s.Cart - pool is exhausted\n\tat c.s.Cart.add(Cart.java:12)","ingestionTime":1735689605900,"eventId":"3"},
        {"logStreamName":"web/cart/0a1b2c3d4e5f60718293a4b5c6d7e8f9","timestamp":1735689606000,"message":"{\"level\":\"warn\",\"msg\":\"retrying\"}","ingestionTime":1735689606900,"eventId":"4"}],
        "searchedLogStreams":[]}"#;
    let document = check(text);
    assert_eq!((document.format.as_str(), document.records, document.texts.len()), ("cloudwatch_logs", 2, 0));
    let seen = records(&document);
    assert_eq!((seen[0].stamp, seen[0].level, seen[0].service.as_deref()), (epoch(AT), Some(Level::Error), Some("cart")));
    assert_eq!(seen[0].instance.as_deref(), Some("0a1b2c3d4e5f60718293a4b5c6d7e8f9"));
    assert!(seen[0].message.contains("pool is exhausted") && seen[0].message.contains("Cart.java:12"));
    assert_eq!((seen[1].message.as_ref(), seen[1].level, seen[1].place.line), ("retrying", Some(Level::Warn), 3));
    assert!(
        quote(text, seen[1].place).starts_with(r#"{"logStreamName":"#)
            && quote(text, seen[1].place).ends_with(r#""eventId":"4"}"#)
    );
}

#[test]
fn a_subscription_names_its_group_also_in_a_line_of_a_stream() {
    let line = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"/aws/lambda/mailer","logStream":"2025/01/01/[$LATEST]77aa","logEvents":[{"id":"1","timestamp":1735689605000,"message":"Task timed out after 3.00 seconds"}]}"#;
    let place = RecordRef { source: SOURCE, start: 50, end: 50 + line.len() as u64, line: 4, last_line: 4 };
    let found = read_line(line, place);
    let record = found.carried[0].record(found.carried[0].place);
    assert_eq!((record.service.as_deref(), record.instance.as_deref(), record.stamp), (Some("mailer"), Some("77aa"), epoch(AT)));
    assert_eq!((record.message.as_ref(), record.place.line), ("Task timed out after 3.00 seconds", 4));
    assert_eq!(record.place.start, 50 + line.find(r#"{"id""#).expect("the event") as u64);
}

#[test]
fn rows_of_insights_carry_their_message() {
    let text = r#"{"results":[[{"field":"@timestamp","value":"2025-01-01 00:00:05.000"},{"field":"@message","value":"level=error msg=\"no route\" svc=cart"},
        {"field":"@log","value":"111122223333:/ecs/cart"},{"field":"@logStream","value":"cart-1"}],
        [{"field":"count","value":"7"}]],"statistics":{"recordsMatched":2.0},"status":"Complete"}"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!((seen.len(), document.texts.len()), (1, 1));
    assert_eq!(seen[0].stamp, Some(Stamp::new(AT, Basis::Zoned)), "Insights knows no zone but UTC");
    assert_eq!(
        (seen[0].message.as_ref(), seen[0].level, seen[0].instance.as_deref()),
        ("no route", Some(Level::Error), Some("cart-1"))
    );
    assert_eq!((seen[0].place.line, seen[0].place.last_line), (1, 2));
}

#[test]
fn entries_of_google_are_read_by_the_format_of_their_text() {
    let text = r#"[{"insertId":"a","logName":"projects/p/logs/stderr","severity":"ERROR","timestamp":"2025-01-01T00:00:05Z",
        "resource":{"type":"k8s_container","labels":{"container_name":"cart","pod_name":"cart-7f-x1","namespace_name":"shop"}},
        "textPayload":"I0101 00:00:05.000001       1 cache.go:7] \"synced\" items=3"},
        {"insertId":"b","logName":"projects/p/logs/stdout","timestamp":"2025-01-01T00:00:06Z","trace":"projects/p/traces/0af7",
        "resource":{"type":"cloud_run_revision","labels":{"service_name":"mailer","revision_name":"mailer-3"}},"jsonPayload":{"level":"warn","message":"queue grows","depth":9}}]"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!(document.format, "gcp_logging");
    assert_eq!((seen[0].format, seen[0].level, seen[0].service.as_deref()), ("klog", Some(Level::Info), Some("cart")));
    assert_eq!((seen[0].instance.as_deref(), seen[0].stamp), (Some("cart-7f-x1"), Some(Stamp::new(AT, Basis::Zoned))));
    assert_eq!((seen[1].message.as_ref(), seen[1].level, seen[1].field("depth")), ("queue grows", Some(Level::Warn), Some("9")));
    assert_eq!((seen[1].service.as_deref(), seen[1].trace.as_deref()), (Some("mailer"), Some("0af7")));
}

#[test]
fn what_a_cloud_runs_is_called_by_its_label() {
    let text = r#"[{"insertId":"a","logName":"projects/p/logs/nat_flows","severity":"WARNING","timestamp":"2025-01-01T00:00:05Z",
        "resource":{"type":"nat_gateway","labels":{"gateway_name":"nat-eu","router_id":"7"}},
        "jsonPayload":{"allocation_status":"DROPPED"}}]"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!((seen[0].level, seen[0].service.as_deref()), (Some(Level::Warn), Some("nat-eu")));
}

#[test]
fn logs_of_datadog_keep_status_attributes_and_service() {
    let text = r#"{"data":[{"id":"A","type":"log","attributes":{"timestamp":"2025-01-01T00:00:05.000Z","status":"error","service":"cart","host":"i-1",
        "tags":["env:prod","pod_name:cart-7f-x1"],"message":"GET /cart failed","attributes":{"http":{"status_code":502},"duration":1200}}}],"meta":{"page":{"after":"x"}}}"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!(
        (document.format.as_str(), seen[0].level, seen[0].service.as_deref()),
        ("datadog_logs", Some(Level::Error), Some("cart"))
    );
    assert_eq!((seen[0].message.as_ref(), seen[0].instance.as_deref()), ("GET /cart failed", Some("cart-7f-x1")));
    assert_eq!(seen[0].http.as_ref().and_then(|h| h.status), Some(502));
}

#[test]
fn streams_of_loki_give_their_labels_and_times() {
    let text = r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"cart","pod":"cart-7f-x1","namespace":"shop","job":"shop/cart"},
        "values":[["1735689605000000000","level=error msg=\"no route\""],["1735689604000000000","plain words",{"trace_id":"0af7"}]]},
        {"stream":{"job":"varlogs/nginx"},"values":[["1735689605000000000","192.0.2.7 - - [01/Jan/2025:00:00:05 +0000] \"GET / HTTP/1.1\" 503 1 \"-\" \"-\""]]}],"stats":{}}}"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!((document.format.as_str(), seen.len()), ("loki", 3));
    assert_eq!((seen[0].stamp, seen[0].service.as_deref(), seen[0].level), (epoch(AT), Some("cart"), Some(Level::Error)));
    assert_eq!(
        (seen[1].stamp, seen[1].message.as_ref(), seen[1].instance.as_deref()),
        (epoch(AT - 1_000_000), "plain words", Some("cart-7f-x1"))
    );
    assert_eq!((seen[2].service.as_deref(), seen[2].http.as_ref().and_then(|h| h.status)), (Some("nginx"), Some(503)));
    assert_eq!(quote(text, seen[0].place), r#"["1735689605000000000","level=error msg=\"no route\""]"#);
}

#[test]
fn lines_that_grafana_saved() {
    let text = r#"[{"line":"ERROR no route","timestamp":"1735689605000000000","date":"2025-01-01T00:00:05.000Z","fields":{"app":"cart","pod":"cart-7f-x1"}}]"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!((seen[0].stamp, seen[0].level, seen[0].service.as_deref()), (epoch(AT), Some(Level::Error), Some("cart")));
}

#[test]
fn a_line_of_logcli_in_a_stream() {
    let line = r#"{"labels":{"app":"cart","pod":"cart-7f-x1"},"line":"ERROR no route","timestamp":"2025-01-01T00:00:05Z"}"#;
    let place = RecordRef { source: SOURCE, start: 7, end: 7 + line.len() as u64, line: 3, last_line: 3 };
    let found = read_line(line, place);
    let record = found.carried[0].record(found.carried[0].place);
    assert_eq!((record.message.as_ref(), record.level, record.place), ("no route", Some(Level::Error), place));
}

#[test]
fn hits_of_a_search_are_what_they_store() {
    let text = r#"{"took":3,"timed_out":false,"hits":{"total":{"value":2},"hits":[
        {"_index":"logs-1","_id":"a","_score":1,"_source":{"@timestamp":"2025-01-01T00:00:05.000Z","kubernetes":{"pod":{"name":"edge-1"},"container":{"name":"edge"}},"message":"192.0.2.7 - - [01/Jan/2025:00:00:05 +0000] \"GET /cart HTTP/1.1\" 502 1 \"-\" \"-\""}},
        {"_index":"logs-1","_id":"b","fields":{"@timestamp":["2025-01-01T00:00:06.000Z"],"message":["WARN slow"],"service.name":["cart"]}}]}}"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!((document.format.as_str(), seen.len()), ("elasticsearch", 2));
    assert_eq!((seen[0].http.as_ref().and_then(|h| h.status), seen[0].service.as_deref()), (Some(502), Some("edge")));
    assert_eq!((seen[0].stamp, seen[0].instance.as_deref()), (Some(Stamp::new(AT, Basis::Zoned)), Some("edge-1")));
    assert_eq!((seen[1].level, seen[1].message.as_ref(), seen[1].service.as_deref()), (Some(Level::Warn), "slow", Some("cart")));
    assert_eq!((seen[0].place.line, seen[1].place.line), (2, 3));
}

#[test]
fn records_of_opentelemetry_in_a_document_and_in_a_line() {
    let line = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}},{"key":"k8s.pod.name","value":{"stringValue":"cart-7f-x1"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1735689605000000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"no route"},"attributes":[{"key":"exception.stacktrace","value":{"stringValue":"at Cart.add"}},{"key":"peer","value":{"stringValue":"db"}}],"traceId":"0af7"}]}]}]}"#;
    let place = RecordRef { source: SOURCE, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
    for carried in [check(line).carried, read_line(line, place).carried] {
        let record = carried[0].record(carried[0].place);
        assert_eq!((record.stamp, record.level, record.service.as_deref()), (epoch(AT), Some(Level::Error), Some("cart")));
        assert_eq!((record.message.as_ref(), record.trace.as_deref()), ("no route\nat Cart.add", Some("0af7")));
        assert_eq!((record.instance.as_deref(), record.field("peer")), (Some("cart-7f-x1"), Some("db")));
    }
}

#[test]
fn events_of_splunk_are_their_raw_lines() {
    let text = r#"{"results":[{"_raw":"2025-01-01 00:00:05 ERROR no route","_time":"2025-01-01T00:00:05.000+00:00","host":"web-1","sourcetype":"app"}]}"#;
    let document = check(text);
    let seen = records(&document);
    assert_eq!(
        (seen[0].stamp, seen[0].level, seen[0].instance.as_deref()),
        (Some(Stamp::new(AT, Basis::Zoned)), Some(Level::Error), Some("web-1"))
    );
    assert_eq!(seen[0].message, "no route");
}
