//! What the files of `signatures/` promise, and what ordinary log lines must not show.

use super::*;

fn ids(text: &str) -> Vec<&'static str> {
    Catalogue::load().matches(text).iter().map(|hit| hit.signature.id.as_str()).collect()
}

/// The files as they are.
#[derive(rust_embed::Embed)]
#[folder = "../../signatures"]
struct Files;

/// One of them, read by itself.
fn of_file(name: &str) -> Result<Signature, String> {
    let text = String::from_utf8(Files::get(name).unwrap().data.into_owned()).unwrap();
    read(name.strip_suffix(".toml").unwrap(), &text)
}

#[test]
fn every_file_is_a_signature() {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let files: Vec<_> = names.iter().map(|name| of_file(name)).collect();
    assert_eq!(files.iter().filter_map(|file| file.as_ref().err()).collect::<Vec<_>>(), Vec::<&String>::new());
    let files: Vec<&Signature> = files.iter().flatten().collect();
    assert_eq!(files, Catalogue::load().all().iter().collect::<Vec<_>>(), "as the build script read them");
    for signature in Catalogue::load().all() {
        signature.cues.iter().for_each(|cue| drop(compile(cue).unwrap_or_else(|e| panic!("{}: {e}", signature.id))));
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
fn what_is_ruled_out_or_looked_at_line_by_line_changes_no_match() {
    let catalogue = Catalogue::load();
    let samples: Vec<&String> = catalogue.all().iter().flat_map(|s| s.samples.iter().chain(&s.lookalikes)).collect();
    // Each by itself, and between lines of another one.
    let texts = samples.iter().enumerate().flat_map(|(n, text)| {
        let other = samples[(n * 7 + 3) % samples.len()];
        [text.to_string(), format!("{other}\n{text}\n\tat shop.Cart.pay(Cart.java:{n})")]
    });
    for text in texts {
        let opened = catalogue.opener.of(&catalogue.signatures, &text, &Asked::Spec(0.0), &mut Memory::default());
        let found = |at: usize, n: usize| {
            let within = opened.lines.iter().flat_map(|(begin, line, looked)| {
                let open = looked.open.iter().any(|(of, cues)| *of == at && cues & bit(n) != 0);
                let regex = catalogue.regex(at, n).filter(|_| open);
                regex
                    .into_iter()
                    .flat_map(move |r| r.find_iter(line.as_bytes()).map(move |m| (begin + m.start(), begin + m.end())))
            });
            let across = opened.across.iter().any(|(of, cues)| *of == at && cues & bit(n) != 0);
            let regex = catalogue.regex(at, n).filter(|_| across);
            let across = regex.into_iter().flat_map(|r| r.find_iter(text.as_bytes()).map(|m| (m.start(), m.end())));
            within.chain(across).collect::<Vec<_>>()
        };
        for (at, signature) in catalogue.all().iter().enumerate() {
            for n in 0..signature.cues.len() {
                let whole = catalogue.regex(at, n).expect("it compiles");
                let all: Vec<_> = whole.find_iter(text.as_bytes()).map(|m| (m.start(), m.end())).collect();
                assert_eq!(found(at, n), all, "{}: {text}", signature.id);
            }
        }
    }
}

#[test]
fn what_is_remembered_of_texts_that_differ_in_digits_changes_no_match() {
    let catalogue = Catalogue::load();
    let texts = catalogue.all().iter().flat_map(|s| s.samples.iter().chain(&s.lookalikes));
    let turned = |by: u8| move |c: char| if c.is_ascii_digit() { char::from((c as u8 - b'0' + by) % 10 + b'0') } else { c };
    let (mut memory, mut differing) = (Memory::default(), 0);
    for text in texts {
        let shown = [3, 0, 5].map(|by| {
            let text: String = text.chars().map(turned(by)).collect();
            let found = catalogue.matches_beside(&[], &text, 0.0, Some(&mut memory));
            assert_eq!(found, catalogue.matches(&text), "{text}");
            found.iter().map(|hit| hit.signature.id.as_str()).collect::<Vec<_>>()
        });
        differing += usize::from(shown[0] != shown[1]);
    }
    assert!(differing > 15, "there are texts in which the digits tell: {differing}");
}

#[test]
fn steps_are_found_as_they_are_among_all() {
    const STEPS: [Role; 3] = [Role::Mitigation, Role::Recovery, Role::Trigger];
    let catalogue = Catalogue::load();
    let (mut memory, mut count) = (Memory::default(), 0);
    for text in catalogue.all().iter().flat_map(|s| s.samples.iter().chain(&s.lookalikes)) {
        let mut among_all = catalogue.matches(text);
        among_all.retain(|hit| STEPS.contains(&hit.signature.role));
        count += among_all.len();
        assert_eq!(catalogue.steps(&STEPS, text, &mut memory), among_all, "{text}");
    }
    assert!(count > 100, "{count}");
}

#[test]
fn lines_that_many_texts_have_are_looked_through_once() {
    let catalogue = Catalogue::load();
    let samples: Vec<&String> = catalogue.all().iter().flat_map(|s| &s.samples).collect();
    let mut memory = Memory::default();
    for (n, text) in samples.iter().enumerate() {
        // Two lines that others have as well, in front of them one of its own.
        let text = format!("{text}\n\tat shop.Cart.pay(Cart.java:{n})\n{}", samples[n / 7]);
        assert_eq!(catalogue.matches_beside(&[], &text, 0.0, Some(&mut memory)), catalogue.matches(&text), "{text}");
    }
}

#[test]
fn every_cue_has_a_literal_that_rules_it_out() {
    for signature in Catalogue::load().all() {
        for cue in &signature.cues {
            assert!(expressions::literals::required(cue).is_some(), "{}: {cue}", signature.id);
        }
    }
}

#[test]
fn what_a_signature_explains_exists_and_does_not_explain_it() {
    let catalogue = Catalogue::load();
    for signature in catalogue.all() {
        for id in &signature.explains {
            let other = catalogue.get(id).unwrap_or_else(|| panic!("{}: there is no {id}", signature.id));
            assert!(!other.explains.contains(&signature.id), "{} and {id} explain each other", signature.id);
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

#[test]
fn what_many_systems_say_leads_to_its_signature() {
    let mut wrong = Vec::new();
    for (text, id) in SAID {
        if !ids(text).contains(id) {
            wrong.push(format!("{id}: {text:?} shows {:?}", ids(text)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Wordings of drivers, platforms and languages, and what each is a sign of.
const SAID: &[(&str, &str)] = &[
    ("Mysql2::Error: Query execution was interrupted, maximum statement execution time exceeded", "db_slow"),
    ("ActiveRecord::StatementTimeout (Mysql2::Error::TimeoutError)", "db_slow"),
    ("PG::QueryCanceled: ERROR:  canceling statement due to statement timeout", "db_slow"),
    ("org.hibernate.QueryTimeoutException: could not extract ResultSet", "db_slow"),
    ("SQLSTATE[HY000]: General error: 1205 Lock wait timeout exceeded; try restarting transaction", "lock_contention"),
    ("Django: canceling statement due to lock timeout", "lock_contention"),
    ("480 queries in CatalogController#index", "n_plus_one"),
    ("trace shows 450 selects per page on the listing", "n_plus_one"),
    ("Bullet: N+1 query detected on Order => [:lines]", "n_plus_one"),
    ("USE eager loading detected: Order => [:lines], add to your query", "n_plus_one"),
    ("Warning TaintManagerEviction pod/web-1 Marking for deletion Pod shop/web-1", "node_not_ready"),
    ("Marking for deletion Pod shop/web-1", "node_not_ready"),
    ("NodeNotReady: Node pool-2-x status is now: NodeNotReady", "node_not_ready"),
    ("Spot instance interruption notice received for i-0123", "node_down"),
    ("PreemptScheduled: VM pool-2 is going to be preempted", "node_down"),
    ("rebalance recommendation and spot interruption for node-4", "node_down"),
    (
        "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.",
        "read_timeout",
    ),
    (
        "Polly.Timeout.TimeoutRejectedException: The delegate executed asynchronously through TimeoutPolicy did not complete within the timeout.",
        "read_timeout",
    ),
    ("System.TimeoutException: The operation has timed out.", "read_timeout"),
    ("cURL error 28: Operation timed out after 5001 milliseconds with 0 bytes received", "read_timeout"),
    ("2026-03-01 Task timed out after 3.00 seconds", "read_timeout"),
    ("Net::ReadTimeout with #<TCPSocket:(closed)>", "read_timeout"),
    ("Faraday::TimeoutError: Net::ReadTimeout", "read_timeout"),
    ("aiohttp.client_exceptions.ServerTimeoutError", "read_timeout"),
    ("httpx.ReadTimeout: The read operation timed out", "read_timeout"),
    ("asyncio.exceptions.TimeoutError", "read_timeout"),
    ("PHP Fatal error:  Maximum execution time of 30 seconds exceeded in /app/src/A.php", "php_fatal"),
    ("PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)", "heap_oom"),
    ("WARNING: [pool www] server reached pm.max_children setting (50), consider raising it", "thread_exhausted"),
    ("Polly.CircuitBreaker.BrokenCircuitException: The circuit is now open and is not allowing calls.", "breaker_open"),
    (
        "ActiveRecord::ConnectionTimeoutError: could not obtain a connection from the pool within 5.000 seconds (waited 5.001 seconds); all pooled connections were in use",
        "pool_exhausted",
    ),
    (
        "** (DBConnection.ConnectionError) connection not available and request was dropped from queue after 1873ms",
        "pool_exhausted",
    ),
    (
        "DBConnection.ConnectionError: client #PID<0.1.0> timed out because it queued and checked out the connection for longer than 15000ms",
        "pool_exhausted",
    ),
    (
        "System.InvalidOperationException: Timeout expired. The timeout period elapsed prior to obtaining a connection from the pool.",
        "pool_exhausted",
    ),
    ("The connection pool has been exhausted, either raise 'Max Pool Size' (currently 20)", "pool_exhausted"),
    ("TypeORM: Error: timeout exceeded when trying to connect", "pool_exhausted"),
    ("Timed out fetching a new connection from the connection pool. (Prisma P2024)", "pool_exhausted"),
    ("io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded after 4.9s", "ctx_deadline"),
    ("4 DEADLINE_EXCEEDED: Deadline exceeded", "ctx_deadline"),
    ("io.grpc.StatusRuntimeException: UNAVAILABLE: io exception", "grpc_unavailable"),
    ("Error: 14 UNAVAILABLE: No connection established", "grpc_unavailable"),
    ("rpc error: code = Unavailable desc = transport is closing", "grpc_unavailable"),
    ("StatusCode.UNAVAILABLE", "grpc_unavailable"),
    ("8 RESOURCE_EXHAUSTED: Bandwidth exhausted", "rate_limited"),
    ("An error occurred (SlowDown) when calling the PutObject operation: Please reduce your request rate.", "rate_limited"),
    ("An error occurred (Throttling) when calling the ReceiveMessage operation: Rate exceeded", "rate_limited"),
    ("AWS.SimpleQueueService.OverLimit: too many inflight messages", "rate_limited"),
    ("RequestThrottled: Request is throttled", "rate_limited"),
    ("OOM command not allowed when used memory > 'maxmemory'", "redis_oom"),
    ("ReplyError: OOM command not allowed", "redis_oom"),
    (
        "circuit_breaking_exception: [parent] Data too large, data for [<http_request>] would be larger than the limit",
        "search_red",
    ),
    ("cluster_block_exception: index [orders-7] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]", "disk_full"),
    ("index has read-only-allow-delete block; flood stage disk watermark [95%] exceeded", "disk_full"),
    ("vm_memory_high_watermark set. Memory used:2001 allowed:1800", "broker_blocked"),
    ("memory alarm set on node rabbit@mq-2, publishers blocked", "broker_blocked"),
    ("java.lang.OutOfMemoryError: Metaspace", "heap_oom"),
    ("java.lang.OutOfMemoryError: Compressed class space", "heap_oom"),
    ("OSError: [Errno 24] Too many open files: '/tmp/x'", "fd_exhausted"),
    ("Cannot create file: EMFILE", "fd_exhausted"),
    ("SQLSTATE[HY000] [1040] Too many connections", "too_many_conns"),
    ("SQLSTATE[HY000] [2002] Connection refused", "conn_refused"),
    ("Deadlock found when trying to get lock; try restarting transaction", "db_deadlock"),
    (
        "Microsoft.Data.SqlClient.SqlException: Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation",
        "db_slow",
    ),
    ("ORA-01013: user requested cancel of current operation", "db_slow"),
    ("MongoServerError: operation exceeded time limit (MaxTimeMSExpired)", "db_slow"),
    ("Illuminate\\Queue\\MaxAttemptsExceededException: App\\Jobs\\Send has been attempted too many times", "job_failed"),
    ("Rack::Timeout::RequestTimeoutException: Request ran for longer than 15000ms", "read_timeout"),
    ("[CRITICAL] WORKER TIMEOUT (pid:41)", "read_timeout"),
    ("H12 Request timeout", "read_timeout"),
];

#[test]
fn talk_near_a_wording_is_no_failure() {
    for (text, id) in [
        ("CommandTimeout set to 30", "read_timeout"),
        ("statement_timeout = 30s", "db_slow"),
        ("executed 12 queries in OrdersController#show", "n_plus_one"),
        ("processed 480 queries in 3 s", "n_plus_one"),
        ("Cancelling deletion of Pod shop/web-1", "node_not_ready"),
        ("spot instance pool scaled to 4", "node_down"),
        ("HttpClient.Timeout is 5 seconds", "read_timeout"),
        ("resource exhausted check passed", "rate_limited"),
        ("item currently unavailable in the shop", "grpc_unavailable"),
        ("pool size within 5 seconds of start: 20", "pool_exhausted"),
        ("memory alarm cleared on node rabbit@mq-2", "broker_blocked"),
        ("circuit is now closed", "breaker_open"),
        ("cluster block lifted, index writable", "disk_full"),
        ("max_execution_time set to 60", "php_fatal"),
    ] {
        assert!(!ids(text).contains(&id), "{text}: {:?}", ids(text));
    }
}

#[test]
fn a_text_of_no_words_shows_nothing() {
    assert_eq!(Catalogue::load().matches(""), []);
}

#[test]
fn clear_words_are_those_of_all_that_are_specific_enough() {
    let catalogue = Catalogue::load();
    let ids = |hits: Vec<Hit>| hits.iter().map(|hit| hit.signature.id.as_str()).collect::<Vec<_>>();
    let mut left_out = 0;
    for text in catalogue.all().iter().flat_map(|signature| signature.samples.iter().chain(&signature.lookalikes)) {
        let all = catalogue.matches(text);
        let specific = all.iter().copied().filter(|hit| hit.signature.spec >= 0.8).collect::<Vec<_>>();
        left_out += all.len() - specific.len();
        assert_eq!(ids(catalogue.matches_beside(&[], text, 0.8, None)), ids(specific), "{text}");
    }
    assert!(left_out > 100, "{left_out}");
}
