//! What the files of `signatures/` promise, and what ordinary log lines must not show.

use super::*;

fn ids(text: &str) -> Vec<&'static str> {
    Catalogue::load().matches(text).iter().map(|hit| hit.signature.id.as_str()).collect()
}

#[test]
fn every_file_is_a_signature() {
    let faults: Vec<String> = Files::iter().filter_map(|name| read_embedded(&name).err()).collect();
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(Catalogue::load().all().len(), Files::iter().count());
    for signature in Catalogue::load().all() {
        compile(&signature.cues).unwrap_or_else(|e| panic!("{}: {e}", signature.id));
        for text in [&signature.mech, &signature.now, &signature.prevent] {
            assert!(text.ends_with('.') && text.starts_with(|c: char| c.is_uppercase()), "{}: {text}", signature.id);
        }
        assert!(signature.why.ends_with('?'), "{}", signature.id);
    }
}

#[test]
fn every_sample_shows_its_signature() {
    let mut wrong = Vec::new();
    for signature in Catalogue::load().all() {
        for sample in &signature.samples {
            if !ids(sample).contains(&signature.id.as_str()) {
                wrong.push(format!("{}: {sample:?} shows {:?}", signature.id, ids(sample)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_lookalike_shows_its_signature() {
    let mut wrong = Vec::new();
    for signature in Catalogue::load().all() {
        for text in signature.lookalikes.iter().filter(|text| ids(text).contains(&signature.id.as_str())) {
            wrong.push(format!("{}: {text:?}", signature.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cue_has_a_literal_that_rules_it_out() {
    for signature in Catalogue::load().all() {
        for cue in &signature.cues {
            assert!(literals::required(cue).is_some(), "{}: {cue}", signature.id);
        }
    }
}

#[test]
fn a_file_with_an_unknown_key_or_a_foreign_id_is_refused() {
    let file = Files::get("go_nil_deref.toml").expect("the file exists");
    let text = std::str::from_utf8(&file.data).expect("text");
    assert!(read("go_nil_deref", text).is_ok());
    assert!(read("go_nil_deref", &format!("colour = 1\n{text}")).is_err());
    assert!(read("other", text).is_err());
    assert!(read("go_nil_deref", &text.replace("\"rollback\"", "\"pray\"")).is_err());
}

#[test]
fn the_specific_signature_replaces_the_general_one() {
    let hits = ids("panic: runtime error: invalid memory address or nil pointer dereference");
    assert_eq!(hits, ["go_nil_deref"]);
    assert_eq!(ids("HikariPool-1 - Connection is not available, request timed out after 30000ms")[0], "pool_exhausted");
}

#[test]
fn a_cause_is_not_replaced_by_its_symptom() {
    let hits = ids("memory leak, cart was OOMKilled again");
    assert!(hits.contains(&"memory_leak_chat") && hits.contains(&"oom_killed"), "{hits:?}");
}

#[test]
fn a_recovery_is_no_cause() {
    assert_eq!(ids("Redis failover complete"), ["recovery_event"]);
}

#[test]
fn the_span_is_where_the_cue_stands() {
    let text = "köln: dial tcp 10.2.3.4:8080: connect: connection refused";
    let hit = Catalogue::load().matches(text).into_iter().find(|h| h.signature.id == "conn_refused").expect("a hit");
    assert_eq!(&text[hit.span.0..hit.span.1], "connection refused");
}

#[test]
fn hostile_text_is_no_danger() {
    for text in ["", "\u{0}", "é", &"connection ".repeat(20_000), &"é".repeat(40_000), &"0 ".repeat(30_000)] {
        Catalogue::load().matches(text);
    }
}

#[test]
fn ordinary_lines_show_no_cause() {
    for line in ORDINARY.lines().filter(|l| !l.is_empty()) {
        let causes: Vec<&str> = Catalogue::load()
            .matches(line)
            .iter()
            .filter(|h| h.signature.role == Role::Cause)
            .map(|h| h.signature.id.as_str())
            .collect();
        assert!(causes.is_empty(), "{line}: {causes:?}");
    }
}

const ORDINARY: &str = r#"
GET /healthz 200 1ms
POST /v1/orders 201 34ms user=812
10.0.3.7 - - [07/Feb/2024:09:00:01 +0000] "GET /cart HTTP/1.1" 200 5120 "-" "Mozilla/5.0"
Started ApplicationServer in 3.412 seconds (process running for 4.1)
Tomcat started on port(s): 8080 (http) with context path ''
HikariPool-1 - Start completed.
connection accepted from 10.1.2.3:51222 #812 (14 connections now open)
checkpoint starting: time
checkpoint complete: wrote 812 buffers (5.0%); 0 WAL file(s) added, 0 removed; write=80.123 s, sync=0.004 s
automatic vacuum of table "shop.public.orders": index scans: 1
connection authorized: user=orders database=orders SSL enabled
redis: Background saving terminated with success
DB saved on disk
Synchronization with replica 10.0.0.4:6379 succeeded
[GroupCoordinator 1]: Stabilized group settlement generation 12
Successfully assigned shop/api-5d to node-3
Pulling image "shop/api:v2.15.0"
Successfully pulled image "shop/api:v2.15.0" in 1.2s
Created container api
Started container api
Node node-3 status is now: NodeReady
renewed lease kube-system/kube-scheduler
GC(12) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.221ms
user alice logged in
user bob logged out after 41 min
cache hit for key session:812
cache miss for key product:99
order 4410 created, amount=19.90 EUR
payment 8812 captured
invoice 3312 sent to customer
retrying in 100ms
request completed duration_ms=12 status=200
consumer lag = 3
lag 12ms on replica-2
processed 812 messages in 1.4s
flushed 120 spans
metrics exported
scheduled task cleanup finished
configuration loaded from /etc/app/app.yaml
feature flags refreshed (41 flags)
certificate expires in 61 days
Certificate ledger-tls is up to date and has not expired
issued token for client web, expires in 3600s
TLS handshake completed in 12ms
resolved db-1.prod.svc to 10.0.4.12
dns cache warmed, 120 names
disk usage 41% on /var
memory usage 512MiB of 1GiB
cpu usage 34%
load average: 0.61, 0.55, 0.50
oom_score_adj set to -999
worker 3 idle
thread pool size=50 active=3 queued=0
shutting down gracefully
received signal SIGTERM, draining
exit code 0
health check ok
0 errors, 0 warnings
no errors found
deadlock_timeout = 1s
open files limit 65536
ulimit -n 1048576
max_connections = 200
index products refreshed in 12 ms
rebuilt search index, 4410 documents
replication slot "standby_1" is active
promoted v2.3 to production
leader lease renewed
heartbeat received from node 4
Rows: 12, duration: 3.1 ms
select 1
sent email to [user]
backup finished, 12 GB written
log rotation done
websocket connected client=99
session 812 closed by user
upload of 3 files complete
page /settings rendered in 14 ms
rate limiter initialised: 100 rps
breaker for inventory closed
audit: role viewer granted to carol
build 4412 succeeded
tests passed: 412, failed: 0
"#;
