//! What is wrong with a cluster or a database, from an alert and what can be fetched beside it: invented, each another kind.
//!
//! Every row is an input as a reader has it when woken, with the kinds of failure that may be told of it and the words
//! that have to stand in the cause. A row without kinds is healthy: then nothing may be told but what was looked at.

use std::fs;

use serde_json::{Value, json};

use crate::program::casefile;

struct Row {
    name: &'static str,
    files: Vec<(&'static str, Value)>,
    kinds: &'static [&'static str],
    words: &'static [&'static str],
}

fn check(row: &Row) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in &row.files {
        let text = content.as_str().map_or_else(|| format!("{content:#}"), str::to_string);
        fs::write(folder.path().join(name), text).unwrap();
    }
    let run = casefile(folder.path(), &["report", ".", "--format", "json"]);
    let report: Value = serde_json::from_slice(&run.out).unwrap_or_else(|_| panic!("{}: {}", row.name, run.err));
    let cause = &report["causes"][0];
    let kind = cause["signature"].as_str().unwrap_or("");
    let claims: String = report["claims"].as_array().unwrap().iter().filter_map(|c| c["text"].as_str()).collect();
    let text = if row.kinds.is_empty() { claims.as_str() } else { cause["text"].as_str().unwrap_or("") };
    let mut wrong = Vec::new();
    if row.kinds.is_empty() != (report["incident"]["status"] == "none_found")
        || !row.kinds.is_empty() && !row.kinds.contains(&kind)
    {
        wrong.push(format!("{}: {} {kind:?}: {}", row.name, report["incident"]["status"], cause["text"]));
    }
    let missing = row.words.iter().filter(|w| !text.to_lowercase().contains(&w.to_lowercase()));
    wrong.extend(missing.map(|w| format!("{}: {w:?} is not in: {text}", row.name)));
    let beside = tempfile::tempdir().unwrap();
    let told = beside.path().join("report.json");
    fs::write(&told, &run.out).unwrap();
    let verified = casefile(folder.path(), &["verify", told.to_str().unwrap(), "."]);
    if verified.code != Some(0) {
        wrong.push(format!("{}: does not verify: {}{}", row.name, verified.text(), verified.err));
    }
    wrong
}

fn alert(name: &str, service: &str, summary: &str) -> (&'static str, Value) {
    let labels = json!({"alertname": name, "severity": "critical", "service": service});
    ("alert.json", json!({"title": name, "state": "alerting", "commonLabels": labels, "commonAnnotations": {"summary": summary}}))
}

fn event(kind: &str, name: &str, reason: &str, message: &str, count: u32, first: &str, last: &str) -> Value {
    json!({"kind": "Event", "type": "Warning", "reason": reason, "message": message, "count": count,
        "involvedObject": {"kind": kind, "name": name, "namespace": "shop"},
        "firstTimestamp": format!("2025-03-04T{first}Z"), "lastTimestamp": format!("2025-03-04T{last}Z")})
}

fn list(items: Vec<Value>) -> Value {
    json!({"kind": "List", "items": items})
}

fn pod(name: &str, phase: &str, ready: bool, restarts: u32, state: Value) -> Value {
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "status": {"phase": phase,
        "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
        "containerStatuses": [{"name": "app", "ready": ready, "restartCount": restarts, "state": state}]}})
}

fn runs(name: &str, restarts: u32, since: &str) -> Value {
    pod(name, "Running", true, restarts, json!({"running": {"startedAt": format!("2025-03-04T{since}Z")}}))
}

fn waits(name: &str, reason: &str, message: &str, restarts: u32) -> Value {
    let phase = if restarts > 0 { "Running" } else { "Pending" };
    pod(name, phase, false, restarts, json!({"waiting": {"reason": reason, "message": message}}))
}

fn deployment(name: &str, desired: u32, ready: u32) -> Value {
    json!({"deployments": [{"name": name, "namespace": "shop", "desired": desired, "ready": ready, "available": ready,
        "unavailable": desired - ready}]})
}

fn metric(name: &str, values: &[f64]) -> Value {
    let times: Vec<String> = (0..values.len()).map(|m| format!("2025-03-04T10:{m:02}:00Z")).collect();
    json!({"metric_name": name, "dimensions": {"DBInstanceIdentifier": "stock-db"}, "timestamps": times, "values": values})
}

fn steps(from: f64, to: f64) -> Vec<f64> {
    (0..20).map(|m| if m < 10 { from * (1.0 + 0.01 * f64::from(m % 3)) } else { to * (1.0 - 0.002 * f64::from(m % 4)) }).collect()
}

fn log(service: &str, lines: &[(&str, &str, &str)]) -> Value {
    let line = |(at, level, text): &(&str, &str, &str)| {
        json!({"timestamp": format!("2025-03-04T{at}Z"), "level": level, "service": service, "message": text}).to_string()
    };
    Value::String(lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn pods_that_do_not_start() -> Vec<Row> {
    let secret = "secret \"cart-tls\" not found";
    let taint = "0/4 nodes are available: 4 node(s) had untolerated taint {dedicated: batch}.";
    vec![
        Row {
            name: "a missing secret",
            files: vec![
                alert("KubePodNotReady", "cart", "Pod shop/cart-6d5f7c9b88-q4x2z has not been ready for 15 minutes."),
                ("pods.json", list(vec![waits("cart-6d5f7c9b88-q4x2z", "CreateContainerConfigError", secret, 0)])),
                ("events.json", list(vec![event("Pod", "cart-6d5f7c9b88-q4x2z", "Failed", secret, 21, "10:00:00", "10:14:00")])),
            ],
            kinds: &["config_err"],
            words: &["cart-tls", "cart-6d5f7c9b88-q4x2z"],
        },
        Row {
            name: "a volume that hangs on another node",
            files: vec![
                alert("StatefulSetReplicasMismatch", "ledger", "ledger has 2 of 3 replicas."),
                ("pods.json", list(vec![waits("ledger-1", "ContainerCreating", "", 0), runs("ledger-0", 0, "02:00:00")])),
                (
                    "events.json",
                    list(vec![event(
                        "Pod",
                        "ledger-1",
                        "FailedAttachVolume",
                        "Multi-Attach error for volume \"pvc-77\" Volume is already exclusively attached to one node",
                        6,
                        "10:01:00",
                        "10:13:00",
                    )]),
                ),
            ],
            kinds: &["volume_mount"],
            words: &["pvc-77", "ledger-1"],
        },
        Row {
            name: "a taint that nothing tolerates",
            files: vec![
                alert("KubePodPending", "mailer", "A pod of mailer is pending."),
                (
                    "events.json",
                    list(vec![event("Pod", "mailer-84c6d9f7b5-t9k4m", "FailedScheduling", taint, 4, "10:00:00", "10:12:00")]),
                ),
                ("deployments.json", deployment("mailer", 2, 1)),
            ],
            kinds: &["sched_fail"],
            words: &["taint", "dedicated"],
        },
        Row {
            name: "a name of an image that is none",
            files: vec![
                alert("KubeContainerWaiting", "web", "A container of web waits."),
                (
                    "pods.json",
                    list(vec![waits(
                        "web-5b7c8d9f66-x2p9q",
                        "InvalidImageName",
                        "couldn't parse image reference \"shop/Web:9\"",
                        0,
                    )]),
                ),
                (
                    "events.json",
                    list(vec![event(
                        "Pod",
                        "web-5b7c8d9f66-x2p9q",
                        "InspectFailed",
                        "Failed to apply default image tag \"shop/Web:9\"",
                        9,
                        "10:00:00",
                        "10:09:00",
                    )]),
                ),
            ],
            kinds: &["image_pull"],
            words: &["InvalidImageName", "shop/Web:9"],
        },
    ]
}

fn pods_that_do_not_stay() -> Vec<Row> {
    let mut ended = waits("feed-7f8b9c6d55-m3n8v", "CrashLoopBackOff", "back-off 5m0s restarting failed container=app", 11);
    ended["status"]["containerStatuses"][0]["lastState"] =
        json!({"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2025-03-04T10:11:00Z"}});
    let probe = "Readiness probe failed: Get \"http://10.4.0.8:8080/ready\": context deadline exceeded";
    vec![
        Row {
            name: "out of memory, and the probe fails for it",
            files: vec![
                alert("KubePodCrashLooping", "feed", "Pod feed-7f8b9c6d55-m3n8v restarts."),
                ("pods.json", list(vec![ended])),
                (
                    "events.json",
                    list(vec![
                        event("Pod", "feed-7f8b9c6d55-m3n8v", "Unhealthy", probe, 90, "09:20:00", "10:12:00"),
                        event(
                            "Pod",
                            "feed-7f8b9c6d55-m3n8v",
                            "BackOff",
                            "Back-off restarting failed container",
                            40,
                            "09:25:00",
                            "10:13:00",
                        ),
                    ]),
                ),
                ("deployments.json", deployment("feed", 2, 1)),
            ],
            kinds: &["oom_killed"],
            words: &["exit code 137", "OOMKilled"],
        },
        Row {
            name: "a readiness probe that times out",
            files: vec![
                alert("KubeDeploymentReplicasMismatch", "search", "search has 0 of 2 replicas available."),
                (
                    "events.json",
                    list(vec![event("Pod", "search-6c5d8f7b99-h7j2k", "Unhealthy", probe, 55, "10:00:00", "10:14:00")]),
                ),
                ("deployments.json", deployment("search", 2, 0)),
            ],
            kinds: &["probe_fail"],
            words: &["Readiness probe", "search-6c5d8f7b99-h7j2k"],
        },
    ]
}

fn starts_and_nodes() -> Vec<Row> {
    vec![
        Row {
            name: "a process that lacks a setting",
            files: vec![
                alert("KubePodCrashLooping", "rates", "Pod rates-59d4c8b7f6-b8v5c restarts."),
                ("pods.json", list(vec![waits("rates-59d4c8b7f6-b8v5c", "CrashLoopBackOff", "back-off 2m40s", 6)])),
                (
                    "rates.log",
                    log(
                        "rates",
                        &[
                            ("10:10:00", "info", "starting"),
                            ("10:10:01", "error", "required environment variable FX_FEED_URL is not set"),
                        ],
                    ),
                ),
            ],
            kinds: &["env_missing"],
            words: &["FX_FEED_URL", "rates-59d4c8b7f6-b8v5c"],
        },
        Row {
            name: "a disk that fills on a node",
            files: vec![
                alert("KubeNodePressure", "", "Node pool-b-17 is under pressure."),
                (
                    "nodes.json",
                    json!({"nodes": [{"name": "pool-b-17", "ready": "True", "memory_pressure": "False", "disk_pressure": "True"},
                    {"name": "pool-b-18", "ready": "True", "memory_pressure": "False", "disk_pressure": "False"}]}),
                ),
                (
                    "events.json",
                    list(vec![
                        event(
                            "Node",
                            "pool-b-17",
                            "EvictionThresholdMet",
                            "Attempting to reclaim ephemeral-storage",
                            3,
                            "10:02:00",
                            "10:10:00",
                        ),
                        event(
                            "Pod",
                            "web-5b7c8d9f66-x2p9q",
                            "Evicted",
                            "The node was low on resource: ephemeral-storage.",
                            1,
                            "10:04:00",
                            "10:04:00",
                        ),
                    ]),
                ),
                ("deployments.json", deployment("web", 3, 2)),
            ],
            kinds: &["node_pressure"],
            words: &["pool-b-17", "DiskPressure"],
        },
    ]
}

fn traffic_and_databases() -> Vec<Row> {
    let refused = "query failed: dial tcp 10.4.2.9:5432: connect: connection refused";
    vec![
        Row {
            name: "a service that selects nothing",
            files: vec![
                alert("TargetDown", "quotes", "No target of quotes answers."),
                ("services.json", json!({"services": [{"name": "quotes", "selector": {"app": "quote"}, "endpoints": []}]})),
                ("pods.json", list(vec![runs("quotes-6f7d8c9b44-z5x7c", 0, "09:40:00")])),
            ],
            kinds: &["no_endpoints"],
            words: &["app=quote", "quotes"],
        },
        Row {
            name: "pods that are well, and a database that is not",
            files: vec![
                alert("HighErrorRate", "orders", "orders answers 31% of its requests with 500."),
                (
                    "orders.log",
                    log(
                        "orders",
                        &[
                            ("10:10:00", "error", refused),
                            ("10:10:20", "error", refused),
                            ("10:11:00", "error", refused),
                            ("10:11:30", "info", "GET /healthz 200"),
                        ],
                    ),
                ),
                ("deployments.json", deployment("orders", 2, 2)),
            ],
            kinds: &["conn_refused", "db_down"],
            words: &["10.4.2.9:5432"],
        },
        Row {
            name: "a database that takes no more clients",
            files: vec![
                alert("HighErrorRate", "orders", "orders answers 11% of its requests with 500."),
                (
                    "orders.log",
                    log(
                        "orders",
                        &[
                            ("10:10:00", "error", "FATAL: sorry, too many clients already"),
                            ("10:11:00", "info", "GET /healthz 200"),
                        ],
                    ),
                ),
                ("deployments.json", deployment("orders", 2, 2)),
            ],
            kinds: &["too_many_conns"],
            words: &["too many clients", "orders"],
        },
        Row {
            name: "connections that run out",
            files: vec![
                alert("StockDbConnections", "stock-db", "Connections at 98% of max_connections on stock-db."),
                (
                    "metrics.json",
                    json!({"metrics": [metric("DatabaseConnections", &steps(60.0, 490.0)), metric("CPUUtilization", &steps(20.0, 27.0))]}),
                ),
            ],
            kinds: &["too_many_conns"],
            words: &["DatabaseConnections", "max_connections"],
        },
        Row {
            name: "a processor that is the limit",
            files: vec![
                alert("StockDbSlow", "stock-db", "Queries of stock-db take 4 s."),
                (
                    "metrics.json",
                    json!({"metrics": [metric("CPUUtilization", &steps(20.0, 98.0)), metric("DatabaseConnections", &steps(60.0, 62.0)), metric("ReadLatency", &steps(0.002, 0.002))]}),
                ),
            ],
            kinds: &["cpu_saturation"],
            words: &["CPUUtilization", "stock-db"],
        },
        Row {
            name: "storage that runs out",
            files: vec![
                alert("StockDbStorage", "stock-db", "Little storage is left on stock-db."),
                ("metrics.json", json!({"metrics": [metric("FreeStorageSpace", &[4e10, 3e10, 1e10, 2e9, 1e8])]})),
                (
                    "events.json",
                    json!({"Events": [{"SourceIdentifier": "stock-db", "SourceType": "db-instance", "Date": "2025-03-04T10:05:00Z", "EventCategories": ["low storage"], "Message": "The free storage capacity for DB instance stock-db is low at 1% of the provisioned storage"}]}),
                ),
            ],
            kinds: &["disk_full"],
            words: &["FreeStorageSpace"],
        },
    ]
}

fn healthy() -> Vec<Row> {
    let mut evicted = pod("web-5b7c8d9f66-x2p9q", "Failed", false, 0, json!({"terminated": {"exitCode": 137}}));
    evicted["status"]["reason"] = json!("Evicted");
    evicted["status"]["message"] = json!("The node was low on resource: memory.");
    let probe = "Readiness probe failed: dial tcp 10.4.0.8:8080: connect: connection refused";
    let resolved = json!({"labels": {"alertname": "CartErrors", "service": "cart", "severity": "critical"}, "annotations": {"summary": "errors of cart"},
        "status": "resolved", "startsAt": "2025-03-04T08:00:00Z", "endsAt": "2025-03-04T08:05:00Z"});
    vec![
        Row {
            name: "an alert that only shows that alerting works",
            files: vec![
                alert("Watchdog", "", "This alert always fires."),
                ("deployments.json", deployment("web", 3, 3)),
                ("pods.json", list(vec![runs("web-5b7c8d9f66-a1b2c", 0, "01:00:00")])),
            ],
            kinds: &[],
            words: &["Watchdog"],
        },
        Row {
            name: "probes that failed while it started",
            files: vec![
                alert("KubePodNotReady", "web", "A pod of web was not ready."),
                ("events.json", list(vec![event("Pod", "web-5b7c8d9f66-a1b2c", "Unhealthy", probe, 4, "10:00:00", "10:00:30")])),
                ("pods.json", list(vec![runs("web-5b7c8d9f66-a1b2c", 0, "09:59:50")])),
            ],
            kinds: &[],
            words: &["Readiness probe", "is over"],
        },
        Row {
            name: "a pod that was evicted and replaced",
            files: vec![
                alert("KubePodEvicted", "web", "A pod of web was evicted."),
                ("pods.json", list(vec![evicted, runs("web-5b7c8d9f66-a1b2c", 0, "10:01:00")])),
                ("deployments.json", deployment("web", 1, 1)),
                (
                    "events.json",
                    list(vec![event(
                        "Pod",
                        "web-5b7c8d9f66-x2p9q",
                        "Evicted",
                        "The node was low on resource: memory.",
                        1,
                        "10:00:00",
                        "10:00:00",
                    )]),
                ),
            ],
            kinds: &[],
            words: &["Evicted", "is over"],
        },
        Row {
            name: "an alert that is resolved",
            files: vec![
                ("alerts.json", json!([resolved])),
                ("deployments.json", deployment("cart", 2, 2)),
                ("cart.log", log("cart", &[("08:10:00", "info", "GET /cart 200"), ("09:00:00", "info", "GET /cart 200")])),
            ],
            kinds: &[],
            words: &["CartErrors"],
        },
        Row {
            name: "a processor that was the limit for a while",
            files: vec![
                alert("StockDbSlow", "stock-db", "Queries of stock-db took 4 s this morning."),
                (
                    "metrics.json",
                    json!({"metrics": [metric("CPUUtilization", &[&[20.0; 8][..], &[95.0; 4], &[20.4; 8]].concat())]}),
                ),
            ],
            kinds: &[],
            words: &["this morning"],
        },
        Row {
            name: "a database whose metrics are as ever",
            files: vec![
                alert("StockDbCheck", "stock-db", "The daily check of stock-db was late."),
                (
                    "metrics.json",
                    json!({"metrics": [metric("CPUUtilization", &steps(20.0, 20.2)), metric("DatabaseConnections", &steps(60.0, 60.6))]}),
                ),
            ],
            kinds: &[],
            words: &["daily check"],
        },
    ]
}

#[test]
fn what_stands_beside_an_alert_tells_what_is_wrong_and_when_nothing_is() {
    let rows = [pods_that_do_not_start(), pods_that_do_not_stay(), starts_and_nodes(), traffic_and_databases(), healthy()];
    let wrong: Vec<String> = rows.iter().flatten().flat_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
