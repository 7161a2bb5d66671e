//! Reports to typeset in tests: one with every section filled, one that knows nothing, and one that is out to do harm.

use report::model::Report;
use serde_json::{Value, json};

pub fn full() -> Report {
    let mut value = head();
    merge(&mut value, story());
    merge(&mut value, follow_up());
    merge(&mut value, ends());
    value["course"] = course();
    value["claims"] = Value::Array(claims());
    value["evidence"] = Value::Array((1..=14).map(evidence).collect());
    read(value)
}

/// Nothing found out: an incident of which only the sources are known.
pub fn unknown() -> Report {
    read(json!({
        "schema": "casefile.report/1", "generator": { "name": "casefile", "version": "0.1.0" },
        "incident": { "title": "Unclear trouble", "severity": null, "status": "unknown", "services": [] },
        "times": { "started": null, "detected": null, "acknowledged": null, "mitigation_started": null, "mitigated": null, "resolved": null },
        "metrics": {}, "claims": [], "evidence": [], "timeline": [], "undetermined": false, "next_check": null,
        "causes": [], "contributing": [], "first_failing_service": null, "blast_radius": [], "remediation": null,
        "chain": [], "actions": [], "whys": [], "prevention": [], "lessons": [], "contradictions": [],
        "unknowns": [{ "field": "times.started", "question": "When did it start?", "needs": "A log of the affected service." }],
        "coverage": { "sources": [] }, "confidence_score": { "value": 0, "parts": [] }
    }))
}

/// Undetermined, and hundreds of everything.
pub fn long() -> Report {
    let mut report = full();
    report.undetermined = true;
    report.next_check = Some("Compare the pool's waiting time before 13:57 with that of the day before.".to_owned());
    report.incident.title = "Orders, baskets and confirmations fail or come late in two regions, after a change of the configuration, until it is taken back".to_owned();
    report.incident.services = (0..30).map(|n| format!("service-with-a-rather-long-name-{n}")).collect();
    let (evidence, timeline) = (report.evidence.clone(), report.timeline.clone());
    for n in 0..300 {
        let mut item = evidence[n % evidence.len()].clone();
        item.id = format!("x{n}");
        report.evidence.push(item);
        if n < 60 {
            report.timeline.push(timeline[n % (timeline.len() - 1)].clone());
        }
    }
    report
}

/// A timeline of so many entries, each with an evidence of its own.
pub fn eventful(entries: usize) -> Report {
    let mut report = full();
    let (item, entry, claim) = (report.evidence[1].clone(), report.timeline[1].clone(), report.claims[1].clone());
    for n in 0..entries {
        let id = format!("e{}", n + 1_000);
        let clock = format!("2025-03-11T{:02}:{:02}:{:02}Z", 8 + n / 3_600, n / 60 % 60, n % 60);
        let text = format!("The request {n} of order-intake failed after {} ms: the pool had no free connection.", n * 7 % 5_000);
        let citations = report::model::Citations::new(id.clone(), []);
        let claim = report::model::Claim {
            id: format!("c{}", n + 1_000),
            section: report::model::Section::Timeline,
            text: text.clone(),
            citations: citations.clone(),
            ..claim.clone()
        };
        report.timeline.push(report::model::TimelineEntry {
            at: clock,
            text,
            claim: claim.id.clone(),
            citations,
            ..entry.clone()
        });
        report.claims.push(claim);
        report.evidence.push(report::model::Evidence { id, line: n as u64, ..item.clone() });
    }
    report
}

/// Nothing is wrong in this input.
pub fn quiet() -> Report {
    let mut report = unknown();
    report.incident.title = "No incident found".to_owned();
    report.incident.status = report::model::Status::NoneFound;
    report.unknowns.clear();
    report.coverage = full().coverage;
    report
}

/// The full report with one of `texts` after the other wherever a text can stand, ids included.
pub fn poisoned(texts: &[&str]) -> Report {
    let mut report = full();
    let mut texts = texts.iter().cycle();
    let mut next = || texts.next().map_or_else(String::new, |text| (*text).to_owned());
    report.incident.title = next();
    report.incident.severity = Some(next());
    report.incident.services.push(next());
    report.generator.version = next();
    for claim in &mut report.claims {
        claim.text = next();
    }
    for item in &mut report.evidence {
        item.text = next();
        item.source = next();
        item.id = next();
    }
    for entry in &mut report.timeline {
        entry.text = next();
        entry.at = next();
        entry.actor = Some(next());
    }
    for edge in &mut report.chain {
        edge.from = next();
    }
    for unknown in &mut report.unknowns {
        unknown.field = next();
    }
    report
}

fn read(value: Value) -> Report {
    serde_json::from_value(value).expect("the fixture is a report")
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn at(time: &str) -> String {
    format!("2025-03-11T{time}Z")
}

fn instant(time: &str, earliest: &str, latest: &str, claim: &str) -> Value {
    json!({ "at": at(time), "earliest": at(earliest), "latest": at(latest), "claim": claim })
}

fn metric(value: Value, unit: &str, basis: &str, claim: &str) -> Value {
    json!({ "value": value, "unit": unit, "basis": basis, "claim": claim })
}

fn head() -> Value {
    json!({
        "schema": "casefile.report/1", "generator": { "name": "casefile", "version": "0.1.0" },
        "incident": { "title": "Order intake fails after the pool size was cut", "severity": "SEV2", "status": "resolved",
                      "services": ["order-intake", "basket", "storefront-web"] },
        "times": { "started": instant("13:58:41", "13:58:36", "13:58:41", "c1"), "detected": instant("14:03:00", "14:03:00", "14:03:00", "c2"),
                   "acknowledged": instant("14:04:12", "14:04:12", "14:04:12", "c3"), "mitigation_started": instant("14:19:30", "14:19:00", "14:20:00", "c4"),
                   "mitigated": instant("14:21:05", "14:20:40", "14:21:30", "c5"), "resolved": null },
        "metrics": { "duration_s": null, "mttd_s": metric(json!(259), "s", "computed", "c6"), "mtta_s": metric(json!(72), "s", "computed", "c3"),
                     "mttm_s": metric(json!(1344), "s", "computed", "c5"), "mttr_s": null,
                     "peak_error_rate": metric(json!(0.384), "ratio", "computed", "c7"), "users_affected": metric(json!(4120), "users", "stated", "c8"),
                     "requests_failed": metric(json!(18233), "requests", "computed", "c7"), "support_tickets": null,
                     "revenue_impact": metric(json!("about 9k EUR in lost baskets"), "", "stated", "c8") },
        "undetermined": false, "next_check": null,
    })
}

fn claims() -> Vec<Value> {
    const TEXTS: [(&str, &str, &str, &[&str]); 19] = [
        ("impact", "measured", "The first failed request of order-intake was at 13:58:41.", &["e2"]),
        ("response", "stated", "The alert OrderIntakeErrors fired at 14:03:00.", &["e3"]),
        ("response", "stated", "Mira took the page 72 s after it was sent.", &["e4"]),
        ("response", "inferred", "The pool size was set back between 14:19 and 14:20.", &["e5", "e6"]),
        ("response", "measured", "From 14:21:05 on fewer than 1% of requests failed.", &["e7"]),
        ("response", "measured", "259 s passed between the first failure and the alert.", &["e2", "e3"]),
        ("impact", "measured", "At the peak 38.4% of requests failed, 18,233 in all.", &["e2", "e7"]),
        ("impact", "stated", "Support counted 4,120 customers who could not order.", &["e8"]),
        (
            "summary",
            "inferred",
            "A configuration change cut the connection pool of order-intake from 40 to 4; under the noon load its callers waited until they gave up.",
            &["e1", "e2"],
        ),
        (
            "root_cause",
            "inferred",
            "The pool of order-intake was exhausted after its size was cut from 40 to 4 at 13:57.",
            &["e1", "e9"],
        ),
        ("root_cause", "measured", "“pool exhausted” is in 2,204 records after the change and in none before it.", &["e9"]),
        ("root_cause", "inferred", "The database became slow on its own.", &["e10"]),
        ("root_cause", "measured", "The database answered in 4 ms throughout.", &["e10"]),
        ("contradictions", "disputed", "The sources disagree on when the incident began.", &["e2", "e11"]),
        ("lessons", "stated", "A change of a pool size reached production without a load test.", &["e12"]),
        ("prevention", "inferred", "Reject a pool size below the number of worker threads.", &["e1"]),
        ("actions", "stated", "Add a load test of order-intake to the release check.", &["e12"]),
        (
            "summary",
            "measured",
            "18,233 requests failed between 13:58:41 and 14:21:05; basket and storefront-web were harmed as well.",
            &["e2", "e7", "e13", "e99"],
        ),
        ("evidence", "measured", "No record of the payment provider covers the time after 14:10.", &["e14"]),
    ];
    let claim = |(i, (section, status, text, citations)): (usize, &(&str, &str, &str, &[&str]))| {
        let derivation = (*status == "measured").then(|| {
            json!({ "op": "count", "sources": ["logs/order-intake.log"], "filter": "status >= 500", "from": at("13:58:41"), "to": at("14:21:05"),
                    "numerator": null, "denominator": null, "value": 18233, "scanned": 251_004, "matched": 18_233 })
        });
        json!({ "id": format!("c{}", i + 1), "section": section, "text": text, "status": status, "confidence": 0.9,
                "citations": citations, "derivation": derivation })
    };
    TEXTS.iter().enumerate().map(claim).collect()
}

fn story() -> Value {
    let entry = |time: &str, kind: &str, actor: Value, text: &str, claim: &str, citation: &str| json!({ "at": at(time), "kind": kind, "service": "order-intake", "actor": actor, "text": text, "claim": claim, "citations": [citation] });
    let mut timeline = vec![
        entry("13:57:02", "change", json!("release-bot"), "db.pool.max of order-intake is set from 40 to 4.", "c10", "e1"),
        entry("13:58:41", "symptom", Value::Null, "The first failed request of order-intake.", "c1", "e2"),
        entry("14:03:00", "alert", Value::Null, "The alert OrderIntakeErrors fired.", "c2", "e3"),
        entry("14:04:12", "ack", json!("@mira"), "Mira took the page.", "c3", "e4"),
        entry("14:11:40", "statement", json!("@jonas.k"), "“looks like the database, latency is up everywhere”", "c12", "e10"),
        entry("14:16:20", "decision", json!("@mira"), "The pool size is to be set back.", "c4", "e5"),
        entry("14:19:30", "action", json!("@mira"), "The pool size was set back to 40.", "c4", "e6"),
        entry("14:21:05", "recovery", Value::Null, "Fewer than 1% of requests fail from here on.", "c5", "e7"),
    ];
    let mut late = entry("00:12:00", "resolved", json!("@mira"), "The incident channel was closed.", "c5", "e8");
    late["at"] = json!("2025-03-12T00:12:00Z");
    timeline.push(late);
    let edge = |from: &str, to: &str, text: &str, verified: bool| json!({ "from": from, "to": to, "text": text, "verified": verified, "claim": "c9", "citations": ["e9", "e13"] });
    json!({
        "timeline": timeline,
        "causes": [cause(1, 0.87, "c10", &["c11"], &[]), cause(2, 0.11, "c12", &[], &["c13"])],
        "contributing": [{ "service": "basket", "signature": "retry_storm", "text": "basket repeated each failed call five times without a pause.", "claim": "c9", "citations": ["e13"] }],
        "first_failing_service": "order-intake", "blast_radius": ["basket", "storefront-web"], "remediation": "config-revert",
        "chain": [edge("db.pool.max = 4", "order-intake", "Calls wait for a connection until they time out after 5 s.", true),
                  edge("order-intake", "basket", "Calls from basket fail and are repeated.", true),
                  edge("basket", "storefront-web", "Pages that show the basket answer with an error.", false),
                  edge("order-intake", "mail-dispatch", "Confirmations are sent late.", false)],
    })
}

fn cause(rank: u32, probability: f64, claim: &str, supports: &[&str], against: &[&str]) -> Value {
    json!({
        "rank": rank, "service": "order-intake", "signature": "pool_exhausted", "change_caused": rank == 1,
        "commit": if rank == 1 { json!("9b1f0c8e5d7a42f6b3c1d2e4f5061728394a5b6c") } else { Value::Null },
        "trigger": { "kind": "config", "ref": "db.pool.max", "at": at("13:57:02"), "citations": ["e1"] }, "probability": probability,
        "text": if rank == 1 { "The pool of order-intake was exhausted after its size was cut from 40 to 4 at 13:57." } else { "The database became slow on its own." },
        "claim": claim, "for": supports, "against": against,
        "terms": [{ "name": "onset after change", "value": 2.5, "claim": "c11" }, { "name": "load before onset", "value": -0.4, "claim": null }],
        "tests": [{ "name": "effect before cause", "result": "passed", "claim": "c1" }, { "name": "reversal ends it", "result": "passed", "claim": "c5" },
                  { "name": "other instances unharmed", "result": "not_testable", "claim": null }, { "name": "database latency", "result": "failed", "claim": "c13" }],
    })
}

/// An hour in steps of a minute, the failures from the thirty-ninth on.
fn course() -> Value {
    let minutes = |height: f64, from: usize| -> Vec<u64> {
        (0..60).map(|n| if n < from || n > 61 { 0 } else { (height * (1.0 + (n as f64 * 0.7).sin())).round() as u64 }).collect()
    };
    let service = |name: &str, height: f64, from: usize| json!({ "name": name, "records": minutes(400.0, 0), "failures": minutes(height, from), "citations": ["e2", "e9"] });
    let pattern = |text: &str, from: usize| json!({ "service": "order-intake", "text": text, "counts": minutes(30.0, from), "citations": ["e9"] });
    json!({
        "from": at("13:20:00"), "step_s": 60,
        "requests": { "service": "order-intake", "total": minutes(900.0, 0), "failed": minutes(300.0, 38), "citations": ["e2"] },
        "services": [service("order-intake", 120.0, 38), service("basket", 60.0, 40), service("storefront-web", 8.0, 44)],
        "patterns": [pattern("ERROR pool exhausted", 38), pattern("WARN waiting for a connection", 37)],
        "tracks": [{ "metric": "db_connections_waiting", "service": "order-intake", "citations": ["e9"],
                     "points": (0..30).map(|n| json!([at(&format!("13:{:02}:00", 25 + n)), (n * n % 37) as f64])).collect::<Vec<_>>() }],
        "links": [{ "from": "storefront-web", "to": "basket", "citations": ["e13"] }, { "from": "mail-dispatch", "to": "order-intake", "citations": ["e13"] }],
    })
}

fn follow_up() -> Value {
    let action = |priority: Value, text: &str, owner: Value, origin: &str| {
        json!({ "priority": priority, "text": text, "owner": owner, "due": if origin == "stated" { json!("2025-03-18") } else { Value::Null },
                "status": if origin == "stated" { json!("open") } else { Value::Null }, "origin": origin,
                "done_when": "A pool of 4 fails the check.", "claim": "c17", "citations": ["e12"] })
    };
    json!({
        "actions": [action(json!("P1"), "Add a load test of order-intake to the release check.", json!("@jonas.k"), "stated"),
                    action(Value::Null, "Alert on waiting for a connection, not only on errors.", Value::Null, "suggested")],
        "whys": [{ "question": "Why did orders fail?", "answer": "order-intake had no free connection to its database.", "claim": "c11", "citations": ["e9"] },
                 { "question": "Why had it none?", "answer": "The size of its pool was cut from 40 to 4.", "claim": "c10", "citations": ["e1"] },
                 { "question": "Why was it cut?", "answer": null, "claim": null, "citations": [] }],
        "prevention": [{ "text": "Reject a pool size below the number of worker threads.", "claim": "c16", "citations": ["e1"], "replay": "it would have stopped the change at 13:57:02." },
                       { "text": "Roll configuration out to one instance first.", "claim": "c16", "citations": ["e1"], "replay": null }],
        "lessons": [{ "text": "A change of a pool size reached production without a load test.", "claim": "c15", "citations": ["e12"] }],
    })
}

fn ends() -> Value {
    let source = |name: &str, format: &str, bytes: u64, read: u64, offset: i64| {
        let skipped = if read < bytes {
            json!([{ "reason": "the archive ends in the middle", "lines": 812, "bytes": bytes - read, "first_line": 40_211 }])
        } else {
            json!([])
        };
        json!({ "name": name, "format": format, "bytes": bytes, "read_bytes": read, "lines": 251_816, "records": 251_004, "skipped_lines": 0,
                "skipped": skipped, "clock": { "offset_s": offset, "zone": "UTC", "basis": "twelve requests seen on both sides" } })
    };
    json!({
        "contradictions": [{ "kind": "time", "text": "The sources disagree on when the incident began.", "claim": "c14",
            "values": [{ "value": "13:58:41, by the log of order-intake", "citations": ["e2"] }, { "value": "“around two”, in the chat", "citations": ["e11"] }] }],
        "unknowns": [{ "field": "times.resolved", "question": "When was the incident closed?", "needs": "A statement of its end, or a log that goes on after 14:30." },
                     { "field": "metrics.support_tickets", "question": "How many customers wrote to support?", "needs": "An export of the ticket system." }],
        "coverage": { "sources": [source("logs/order-intake.log", "json_lines", 48_120_332, 48_120_332, 0), source("logs/basket-5d8f9c7b6-x2x9q.log.gz", "logfmt", 9_120_332, 8_003_110, 3_600),
                                  source("chat/incident-2025-03-11.json", "slack_export", 88_120, 88_120, -75)] },
        "confidence_score": { "value": 84, "parts": [{ "name": "citation coverage", "points": 30, "of": 30 }, { "name": "clocks agree", "points": 14, "of": 20 },
                              { "name": "cause stands apart", "points": 40, "of": 50 }] },
    })
}

fn evidence(n: u64) -> Value {
    let text = match n {
        1 => "2025-03-11T13:57:02Z INFO config: db.pool.max changed from 40 to 4 (release-bot)".to_owned(),
        2 => format!("2025-03-11T13:58:41Z ERROR POST /orders 503 upstream timed out token=[bearer:1] trace={}", "4bf92f3577b34da6a3ce929d0e0e4736".repeat(4)),
        9 => "2025-03-11T13:58:41Z ERROR pool exhausted\n    at io.pool.Pool.borrow(Pool.java:114)\n    at shop.orders.Store.save(Store.java:52)\n    at shop.orders.Intake.accept(Intake.java:31)".to_owned(),
        11 => format!("{{\"user\":\"U7\",\"text\":\"{}\"}}", "started around two I think, ".repeat(80)),
        _ => format!("2025-03-11T14:{n:02}:00Z WARN what stands in line {n} of this source"),
    };
    json!({ "id": format!("e{n}"), "source": "logs/order-intake.log", "line": n * 100, "last_line": n * 100 + if n == 9 { 3 } else { 0 },
            "bytes": [n * 1_000, n * 1_000 + text.len() as u64], "at": if n % 5 == 0 { Value::Null } else { json!(at("14:00:00")) }, "text": text,
            "before": if n == 9 { json!(["2025-03-11T13:58:40Z INFO POST /orders 201 12 ms"]) } else { json!([]) },
            "after": if n == 9 { json!(["2025-03-11T13:58:42Z INFO waiting for a connection, 61 in line"]) } else { json!([]) } })
}
