//! A small report that holds, and everything that can be wrong with it, one at a time.

use std::io::{self, Read};

use intake::{Bundle, Input, Settings};
use serde_json::{Value, json};

use crate::{Verdict, verify};

struct Memory {
    inputs: Vec<Input>,
    texts: Vec<String>,
}

impl Bundle for Memory {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.texts[input].as_bytes()))
    }
}

/// Ten requests from 09:00:00 on, one each ten seconds, four of them failed; the clock of the file runs an hour ahead.
fn bundle() -> Memory {
    let line = |i: usize| {
        let (status, level) = if (3..7).contains(&i) { (503, "error") } else { (200, "info") };
        let (minute, second) = (i / 6, i % 6 * 10);
        format!(
            r#"{{"ts":"2024-02-07T10:{minute:02}:{second:02}Z","level":"{level}","service":"shop","msg":"GET /cart answered {status}","method":"GET","path":"/cart","status":{status},"duration_ms":{},"user_id":"u-{}"}}"#,
            20 + i,
            i % 4
        )
    };
    let access: String = (0..10).map(|i| line(i) + "\n").collect();
    let app = "2024-02-07T09:00:20Z INFO deploy of v2 finished\n2024-02-07T09:00:30Z ERROR pool exhausted: 3 of 3 in use\n\
               2024-02-07T09:01:10Z INFO pool idle, password=abc123 rotated\n"
        .to_string();
    let texts = vec![access, app];
    let names = ["access.log", "app.log"];
    let inputs = names.iter().zip(&texts).map(|(n, t)| Input { name: n.to_string(), size: Some(t.len() as u64) }).collect();
    Memory { inputs, texts }
}

/// Evidence for one line (1-based) of a source.
fn evidence(id: &str, source: usize, line: usize, at: &str) -> Value {
    let bundle = bundle();
    let text = bundle.texts[source].lines().nth(line - 1).unwrap();
    let start = bundle.texts[source].find(text).unwrap();
    let shown = text.replace("abc123", "[password:1]");
    json!({ "id": id, "source": bundle.inputs[source].name, "line": line, "last_line": line, "bytes": [start, start + text.len()],
            "at": at, "text": shown })
}

fn claim(id: &str, text: &str, citations: &[&str], derivation: Value) -> Value {
    let status = if derivation.is_null() { "stated" } else { "measured" };
    json!({ "id": id, "section": "summary", "text": text, "status": status, "confidence": 0.9, "citations": citations,
            "derivation": derivation })
}

fn derivation(op: &str, filter: &str, value: Value) -> Value {
    json!({ "op": op, "sources": ["access.log"], "filter": filter, "from": "2024-02-07T09:00:00Z", "to": "2024-02-07T09:01:00Z",
            "numerator": null, "denominator": null, "value": value, "scanned": 6, "matched": 3 })
}

fn claims() -> Value {
    let mut ratio = derivation("ratio", "status>=500 / status", json!(0.5));
    ratio["numerator"] = json!(3);
    ratio["denominator"] = json!(6);
    let mut distinct = derivation("distinct", "status>=500 user of=user", json!(3));
    distinct["matched"] = json!(3);
    let mut difference = derivation("difference", "any", json!(40));
    difference["from"] = json!("2024-02-07T09:00:30Z");
    difference["to"] = json!("2024-02-07T09:01:10Z");
    difference["scanned"] = Value::Null;
    difference["matched"] = Value::Null;
    let mut absent = derivation("absent", "level>=fatal", json!(0));
    absent["matched"] = json!(0);
    let mut max = derivation("max", "status of=duration_ms", json!(25.0));
    max["matched"] = json!(6);
    json!([
        claim("c1", "v2 went out at 09:00:20.", &["e1"], Value::Null),
        claim("c2", "The pool was exhausted at 09:00:30: 3 of 3 in use.", &["e2"], Value::Null),
        claim("c3", "In the minute from 09:00, 50% of requests failed (3 of 6).", &["e3"], ratio),
        claim("c4", "3 requests failed in that minute.", &["e3"], derivation("count", "status>=500", json!(3))),
        claim("c5", "Three users met an error.", &["e3"], distinct),
        claim("c6", "The first failed at 09:00:30.", &["e3"], derivation("first", "status>=500", json!("2024-02-07T09:00:30Z"))),
        claim("c7", "The pool was idle at 09:01:10.", &["e4"], Value::Null),
        claim("c8", "It took 40 s until the pool was idle.", &["e2", "e4"], difference),
        claim("c9", "There was no fatal record among 6 requests.", &["e3"], absent),
        claim("c10", "The slowest request took 25 ms.", &["e3"], max),
    ])
}

fn source(index: usize, offset: i64) -> Value {
    let bundle = bundle();
    let text = &bundle.texts[index];
    json!({ "name": bundle.inputs[index].name, "format": "json", "bytes": text.len(), "read_bytes": text.len(),
            "lines": text.lines().count(), "records": text.lines().count(), "skipped_lines": 0, "skipped": [],
            "clock": { "offset_s": offset, "zone": "UTC", "basis": "an hour ahead of app.log" } })
}

/// A report that holds.
fn good() -> Value {
    let instant = |at: &str, claim: &str| json!({ "at": at, "earliest": at, "latest": at, "claim": claim });
    let entry = |at: &str, kind: &str, text: &str, claim: &str, id: &str| json!({ "at": at, "kind": kind, "service": "shop", "actor": null, "text": text, "claim": claim, "citations": [id] });
    let unknown = |field: &str| json!({ "field": field, "question": "Which?", "needs": "a page" });
    let fields = [
        "times.detected",
        "times.acknowledged",
        "times.mitigation_started",
        "times.resolved",
        "metrics.duration_s",
        "metrics.mttd_s",
        "metrics.mtta_s",
        "metrics.mttr_s",
        "metrics.users_affected",
        "metrics.support_tickets",
        "metrics.revenue_impact",
        "incident.severity",
        "remediation",
    ];
    json!({
        "schema": "casefile.report/1",
        "generator": { "name": "casefile", "version": "0.1.0" },
        "incident": { "title": "Pool exhausted", "severity": null, "status": "unknown", "services": ["shop"] },
        "times": { "started": instant("2024-02-07T09:00:30Z", "c6"), "detected": null, "acknowledged": null,
                   "mitigation_started": null, "mitigated": instant("2024-02-07T09:01:10Z", "c7"), "resolved": null },
        "metrics": { "duration_s": null, "mttd_s": null, "mtta_s": null,
                     "mttm_s": { "value": 40, "unit": "s", "basis": "computed", "claim": "c8" }, "mttr_s": null,
                     "peak_error_rate": { "value": 0.5, "unit": "ratio", "basis": "computed", "claim": "c3" },
                     "users_affected": null,
                     "requests_failed": { "value": 3, "unit": "requests", "basis": "computed", "claim": "c4" },
                     "support_tickets": null, "revenue_impact": null },
        "claims": claims(),
        "evidence": [ evidence("e1", 1, 1, "2024-02-07T09:00:20Z"), evidence("e2", 1, 2, "2024-02-07T09:00:30Z"),
                      evidence("e3", 0, 4, "2024-02-07T09:00:30Z"), evidence("e4", 1, 3, "2024-02-07T09:01:10Z") ],
        "timeline": [ entry("2024-02-07T09:00:20Z", "change", "v2 went out at 09:00:20.", "c1", "e1"),
                      entry("2024-02-07T09:00:30Z", "symptom", "The pool was exhausted at 09:00:30: 3 of 3 in use.", "c2", "e2") ],
        "undetermined": false, "next_check": null,
        "causes": [ { "rank": 1, "service": "shop", "signature": null, "change_caused": true, "commit": null,
                      "trigger": { "kind": "deploy", "ref": "v2", "at": "2024-02-07T09:00:20Z", "citations": ["e1"] },
                      "score": 1.5, "probability": 0.8, "text": "v2 went out at 09:00:20.", "claim": "c1", "for": ["c2"], "against": [],
                      "terms": [ { "name": "time", "value": 1.5, "claim": "c2" } ],
                      "tests": [ { "name": "effect before cause", "result": "passed", "claim": null } ] } ],
        "contributing": [], "first_failing_service": "shop", "blast_radius": [], "remediation": null,
        "chain": [], "actions": [], "whys": [], "prevention": [], "lessons": [],
        "contradictions": [ { "kind": "number", "text": "In the minute from 09:00, 50% of requests failed (3 of 6).", "claim": "c3",
                              "values": [ { "value": "50%", "citations": ["e3"] }, { "value": "3 of 3", "citations": ["e2"] } ] } ],
        "unknowns": fields.map(unknown),
        "coverage": { "sources": [ source(0, 3_600), source(1, 0) ] },
        "confidence_score": { "value": 70, "parts": [ { "name": "citations", "points": 30, "of": 30 },
                                                      { "name": "clocks", "points": 40, "of": 70 } ] }
    })
}

fn check(report: &Value) -> Verdict {
    verify(&serde_json::to_vec(report).unwrap(), &bundle(), &Settings::default(), 1)
}

/// Alters the value at a JSON pointer of the good report, and returns the faults.
fn altered(pointer: &str, value: Value) -> Vec<String> {
    let mut report = good();
    *report.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    check(&report).faults
}

fn is_noticed(pointer: &str, value: Value, says: &str) {
    let faults = altered(pointer, value.clone());
    assert!(faults.iter().any(|f| f.contains(says)), "{pointer} = {value}: {faults:?}");
}

#[test]
fn a_report_that_holds_has_no_fault() {
    let verdict = check(&good());
    assert_eq!(verdict.faults, Vec::<String>::new());
    assert_eq!((verdict.checked.citations, verdict.checked.derivations), (4, 7));
    assert!(verdict.checked.numbers > 20);
}

#[test]
fn what_is_no_report_is_one_fault() {
    for bytes in [&b"{"[..], b"[]", b"{\"schema\":\"casefile.report/1\"}", b"\xff"] {
        assert_eq!(verify(bytes, &bundle(), &Settings::default(), 1).faults.len(), 1);
    }
    let mut report = good();
    report.as_object_mut().unwrap().remove("next_check");
    assert!(check(&report).faults[0].contains("next_check is missing"));
}

#[test]
fn evidence_that_does_not_stand_in_the_input_is_noticed() {
    is_noticed("/evidence/1/text", json!("2024-02-07T09:00:30Z ERROR pool exhausted: 4 of 4 in use"), "not what stands there");
    is_noticed("/evidence/1/text", json!("pool exhausted: 3 of 3 in use"), "not what stands there");
    is_noticed("/evidence/1/text", json!("2024-02-07T09:00:30Z ERROR pool"), "not what stands there");
    is_noticed("/evidence/1/line", json!(1), "lines 1 to 2");
    is_noticed("/evidence/1/last_line", json!(3), "lines 2 to 3");
    is_noticed("/evidence/1/bytes", json!([0, 47]), "not what stands there");
    is_noticed("/evidence/1/bytes", json!([0, 99_999]), "not in the source");
    is_noticed("/evidence/1/source", json!("other.log"), "no such source");
    is_noticed("/evidence/2/at", json!("2024-02-07T10:00:30Z"), "the time is said to be");
    is_noticed("/evidence/2/at", Value::Null, "it has no time");
    is_noticed("/evidence/1/id", json!("e9"), "cites e2, which is not there");
    is_noticed("/evidence/1/id", json!("e1"), "stands twice");
}

#[test]
fn a_score_that_its_terms_do_not_add_up_to_is_noticed() {
    is_noticed("/causes/0/score", json!(2.5), "do not add up");
    is_noticed("/causes/0/terms/0/value", json!(1.25), "do not add up");
    // A report from before scores were printed says nothing of them.
    let mut report = good();
    report["causes"][0].as_object_mut().unwrap().remove("score");
    assert_eq!(check(&report).faults, Vec::<String>::new());
}

#[test]
fn a_deleted_evidence_is_noticed() {
    let mut report = good();
    report["evidence"].as_array_mut().unwrap().remove(0);
    assert!(check(&report).faults.iter().any(|f| f.contains("cites e1, which is not there")));
}

#[test]
fn a_cut_and_a_mark_are_no_fault() {
    assert_eq!(altered("/evidence/1/text", json!("2024-02-07T09:00:30Z ERROR pool exhausted …")), Vec::<String>::new());
}

#[test]
fn a_number_that_no_record_has_is_noticed() {
    is_noticed("/claims/1/text", json!("The pool was exhausted at 09:00:30: 4 of 3 in use."), "c2: 4 does not stand");
    is_noticed("/claims/0/text", json!("v2 went out at 09:00:21."), "09:00:21");
    is_noticed("/claims/0/citations", json!(["e4"]), "c1: 09:00:20");
    is_noticed("/contradictions/0/values/0/value", json!("60%"), "60");
    is_noticed("/timeline/0/text", json!("v2 went out at 09:00:20, for 7 users."), "7");
}

#[test]
fn a_part_that_does_not_repeat_its_claim_is_noticed() {
    is_noticed("/timeline/0/text", json!("v2 was rolled back."), "does not repeat its claim c1");
    is_noticed("/causes/0/text", json!("A cosmic ray."), "does not repeat");
}

#[test]
fn a_derivation_that_computes_otherwise_is_noticed() {
    is_noticed("/claims/2/derivation/value", json!(0.4), "value");
    is_noticed("/claims/2/derivation/numerator", json!(2), "numerator is said to be 2, it is 3");
    is_noticed("/claims/2/derivation/denominator", json!(7), "denominator");
    is_noticed("/claims/2/derivation/filter", json!("status>=400 / status<300"), "c3: ");
    is_noticed("/claims/2/derivation/filter", json!("status>=500"), "NUMERATOR / DENOMINATOR");
    is_noticed("/claims/3/derivation/filter", json!("status>=200"), "it is 6");
    is_noticed("/claims/3/derivation/to", json!("2024-02-07T09:00:40Z"), "it is 1");
    is_noticed("/claims/3/derivation/scanned", json!(5), "scanned");
    is_noticed("/claims/3/derivation/sources", json!(["app.log"]), "c4: ");
    is_noticed("/claims/3/derivation/sources", json!(["gone.log"]), "not in the input");
    is_noticed("/claims/3/derivation", Value::Null, "no derivation");
    is_noticed("/claims/4/derivation/filter", json!("status of=user"), "c5: ");
    is_noticed("/claims/5/derivation/value", json!("2024-02-07T09:00:40Z"), "c6: ");
    is_noticed("/claims/5/derivation/op", json!("last"), "09:00:50Z");
    is_noticed("/claims/7/derivation/value", json!(41), "c8: ");
    is_noticed("/claims/7/derivation/from", json!("2024-02-07T09:00:27Z"), "c8: ");
    is_noticed("/claims/8/derivation/filter", json!("level>=error"), "it is 3");
    is_noticed("/claims/8/derivation/scanned", json!(7), "scanned is said to be 7");
    is_noticed("/claims/9/derivation/value", json!(26.0), "c10: ");
}

#[test]
fn a_skewed_clock_that_the_coverage_does_not_state_is_noticed() {
    is_noticed("/coverage/sources/0/clock/offset_s", json!(0), "the time is said to be");
}

#[test]
fn times_and_metrics_that_disagree_with_their_claims_are_noticed() {
    is_noticed("/times/started/at", json!("2024-02-07T09:00:31Z"), "times.started");
    is_noticed("/times/started/claim", json!("c7"), "times.started is");
    is_noticed("/times/mitigated/earliest", json!("2024-02-07T09:01:20Z"), "outside of its interval");
    is_noticed("/times/mitigated", Value::Null, "times.mitigated is null");
    is_noticed("/metrics/mttm_s/value", json!(50), "the times differ by 40");
    is_noticed("/metrics/peak_error_rate/value", json!(0.7), "peak_error_rate is 0.7");
    is_noticed("/metrics/peak_error_rate", Value::Null, "null and not among the unknowns");
    is_noticed("/metrics/requests_failed/claim", json!("c99"), "refers to claim c99");
}

#[test]
fn broken_rules_are_noticed() {
    let mut swapped = good();
    swapped["timeline"].as_array_mut().unwrap().reverse();
    assert!(check(&swapped).faults.iter().any(|f| f.contains("not in order")));
    is_noticed("/timeline", json!([]), "timeline is empty");
    is_noticed("/timeline/0/at", json!("2024-02-07T09:00:07Z"), "stands nowhere");
    is_noticed("/causes", json!([]), "no cause");
    is_noticed("/causes/0/for", json!([]), "nothing speaks for");
    is_noticed("/causes/0/rank", json!(2), "rank");
    is_noticed("/undetermined", json!(true), "fewer than two causes");
    is_noticed("/incident/status", json!("none_found"), "nothing was found");
    is_noticed("/unknowns", json!([]), "incident.severity is null");
    is_noticed("/claims/0/citations", json!([]), "cannot be read");
    is_noticed("/claims/0/confidence", json!(1.5), "confidence");
    is_noticed("/confidence_score/value", json!(71), "not the sum");
    is_noticed("/contradictions/0/values", json!([{ "value": "50%", "citations": ["e3"] }]), "fewer than two values");
    let action = json!([{ "priority": null, "text": "v2 went out at 09:00:20.", "owner": "@ana", "due": null, "status": null,
        "origin": "suggested", "done_when": null, "claim": "c1", "citations": ["e1"] }]);
    is_noticed("/actions", action, "suggested and has an owner");
}

#[test]
fn coverage_that_does_not_add_up_is_noticed() {
    is_noticed("/coverage/sources/0/bytes", json!(1), "bytes");
    is_noticed("/coverage/sources/0/records", json!(11), "records");
    is_noticed("/coverage/sources/0/skipped_lines", json!(1), "skipped lines");
    is_noticed("/coverage/sources/0/name", json!("x.log"), "leaves out access.log");
}

#[test]
fn threads_do_not_change_the_verdict() {
    let bytes = serde_json::to_vec(&good()).unwrap();
    assert_eq!(verify(&bytes, &bundle(), &Settings::default(), 4), verify(&bytes, &bundle(), &Settings::default(), 1));
}

#[test]
fn a_source_whose_name_holds_an_address_is_found_by_its_mark() {
    let mut bundle = bundle();
    bundle.inputs[1].name = "mara@shop.example.log".to_string();
    let marked = serde_json::to_string(&good()).unwrap().replace("app.log", "[email:1].log");
    let verdict = verify(marked.as_bytes(), &bundle, &Settings::default(), 1);
    assert_eq!(verdict.faults, Vec::<String>::new());
    assert_eq!((verdict.checked.citations, verdict.checked.derivations), (4, 7));
    let other = marked.replace("[email:1].log", "[email:1].txt");
    assert!(!verify(other.as_bytes(), &bundle, &Settings::default(), 1).holds());
}
