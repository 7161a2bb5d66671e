//! What the keys of structured records mean: one table for JSON and logfmt, whatever library wrote them.
//!
//! Keys are compared without letter case, `_`, `-` and `@`, so `trace_id`, `traceId` and `trace-id` are one. Must never
//! know a product's name. What breaks it: a key used for something else; [`super::draft`] refuses values that do not fit.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::draft::Role;

/// The role of a key and its rank among keys of that role: the lowest rank present wins, the others stay fields.
pub fn role(key: &str) -> Option<(Role, u8)> {
    let mut buffer = [0u8; 48];
    let key = normal(key, &mut buffer)?;
    if let Some(found) = exact(key) {
        return Some(found);
    }
    let last = key.rsplit_once('.')?.1;
    nested(last).map(|(role, rank)| (role, rank.saturating_add(50)))
}

/// Whether a value of this key is a level.
pub fn names_level(key: &str) -> bool {
    matches!(role(key), Some((Role::Level, _)))
}

/// Whether the role of a key with which a text ends can be that of a trace or a user, by its last two letters: messages have many
/// pairs, and hardly any is one of these.
pub fn may_be_trace_or_user(text: &[u8]) -> bool {
    let is_mark = |byte: u8| matches!(byte, b'_' | b'-' | b'@');
    let (before, last) = match text {
        [.., before, last] if !is_mark(*before) && !is_mark(*last) => (*before, *last),
        _ => {
            let mut letters = text.iter().rev().filter(|b| !is_mark(**b));
            let (Some(last), Some(before)) = (letters.next(), letters.next()) else { return false };
            (*before, *last)
        }
    };
    // The bit that tells small letters from capitals.
    matches!([before | 0x20, last | 0x20], [b'i', b'd'] | [b'c' | b'm', b'e'] | [b'e', b'r' | b'q'] | [b'n', b't'])
}

/// Lower case, without `_`, `-` and `@`; `None` for a key too long to be in the table.
fn normal<'b>(key: &str, buffer: &'b mut [u8; 48]) -> Option<&'b str> {
    let mut n = 0;
    for byte in key.bytes().filter(|b| !matches!(b, b'_' | b'-' | b'@')) {
        *buffer.get_mut(n)? = byte.to_ascii_lowercase();
        n += 1;
    }
    std::str::from_utf8(&buffer[..n]).ok()
}

/// Tables in order of rank.
const TIME: &[&str] = &[
    "timestamp",
    "time",
    "ts",
    "t",
    "datetime",
    "asctime",
    "eventtime",
    "eventdate",
    "date",
    "timeiso8601",
    "timelocal",
    "t.$date",
    "starttime",
    "requestreceivedtimestamp",
    "stagetimestamp",
    "realtimetimestamp",
    "timegenerated",
    "timecreated",
    "when",
    "at",
    "logtime",
    "createdat",
    "iso8601",
    "msec",
];
const LEVEL: &[&str] = &[
    "levelname",
    "level",
    "severity",
    "lvl",
    "loglevel",
    "log.level",
    "severitytext",
    "l",
    "logseverity",
    "levelstr",
    "leveldisplayname",
    "levels",
    "priority",
    "s",
    "prio",
];
const MESSAGE: &[&str] = &[
    "msg",
    "message",
    "renderedmessage",
    "fields.message",
    "event",
    "log",
    "text",
    "textpayload",
    "jsonpayload.message",
    "shortmessage",
    "logmessage",
    "body",
    "eventname",
    "error",
    "err.message",
    "m",
];
const SERVICE: &[&str] = &[
    "service",
    "svc",
    "servicename",
    "service.name",
    "app",
    "application",
    "appname",
    "applicationname",
    "resource.service.name",
    "entity.name",
    "program",
    "syslogidentifier",
    "container",
    "containername",
    "kubernetes.containername",
    "kubernetes.container.name",
    "resource.labels.containername",
    "systemdunit",
    "ident",
    "process",
    "comm",
];
const POD: &[&str] = &["pod", "podname", "kubernetes.podname", "kubernetes.pod.name", "k8s.pod.name", "resource.labels.podname"];
const INSTANCE: &[&str] = &["instance", "hostname", "containerid"];
const HOST: &[&str] = &["host.name", "host", "node", "nodename", "server"];
const TRACE: &[&str] = &[
    "traceid",
    "trace.id",
    "trace",
    "tid",
    "requestid",
    "reqid",
    "request.id",
    "http.request.id",
    "correlationid",
    "xrequestid",
    "opid",
    "logging.googleapis.com/trace",
    "otel.traceid",
    "auditid",
    "rid",
];
const USER: &[&str] = &[
    "userid",
    "user.id",
    "user",
    "customerid",
    "accountid",
    "account",
    "customer",
    "username",
    "user.name",
    "user.username",
    "uname",
];
const STATUS: &[&str] = &[
    "status",
    "statuscode",
    "http.statuscode",
    "http.response.statuscode",
    "responsecode",
    "httpstatus",
    "httpstatuscode",
    "responsestatus.code",
    "resstatus",
];
const METHOD: &[&str] = &["method", "httpmethod", "http.method", "requestmethod", "http.request.method", "verb"];
const PATH: &[&str] = &[
    "path",
    "uri",
    "url",
    "requesturi",
    "route",
    "http.route",
    "http.target",
    "http.path",
    "http.url",
    "url.path",
    "requestpath",
    "requesturl",
    "urlpath",
];
const REQUEST: &[&str] = &["request", "requestline", "req"];
const UPSTREAM: &[&str] = &[
    "proxyupstreamname",
    "upstreamcluster",
    "upstreamname",
    "upstream",
    "upstreamaddr",
    "upstreamhost",
    "backend",
    "backendname",
];
const DURATION_MS: &[&str] = &[
    "durationms",
    "durms",
    "latencyms",
    "elapsedms",
    "responsetimems",
    "responsetime",
    "took",
    "tookms",
    "ms",
    "timems",
    "durationmillis",
    "elapsed",
    "latency",
    "dur",
    "attr.durationmillis",
    "duration",
];
const DURATION_S: &[&str] =
    &["requesttime", "requesttimes", "durations", "durationseconds", "requestduration", "elapseds", "latencys", "rt"];
const DURATION_US: &[&str] = &["durationus", "latencyus", "elapsedus"];
const DURATION_NS: &[&str] = &["durationns", "latencyns", "elapsedns", "durationnanos", "elapsednanos"];
const STACK: &[&str] = &[
    "stacktrace",
    "stack",
    "err.stack",
    "error.stack",
    "error.stacktrace",
    "exception.stacktrace",
    "excinfo",
    "traceback",
    "exception",
    "backtrace",
    "x",
];
const TEMPLATE: &[&str] = &["mt", "messagetemplate"];

const TABLES: [(Role, &[&str]); 20] = [
    (Role::Time, TIME),
    (Role::Level, LEVEL),
    (Role::Message, MESSAGE),
    (Role::Service, SERVICE),
    (Role::Pod, POD),
    (Role::Instance, INSTANCE),
    (Role::Host, HOST),
    (Role::Trace, TRACE),
    (Role::User, USER),
    (Role::Status, STATUS),
    (Role::Method, METHOD),
    (Role::Path, PATH),
    (Role::Request, REQUEST),
    (Role::Upstream, UPSTREAM),
    (Role::DurationMs, DURATION_MS),
    (Role::DurationS, DURATION_S),
    (Role::DurationUs, DURATION_US),
    (Role::DurationNs, DURATION_NS),
    (Role::Stack, STACK),
    (Role::Template, TEMPLATE),
];

/// All keys; of records in which most values are names and numbers, every key is looked up.
static KEYS: LazyLock<HashMap<&str, (Role, u8), FixedState>> = LazyLock::new(|| {
    let ranked = |(role, keys): &(Role, &'static [&'static str])| {
        let role = *role;
        keys.iter().zip(0u8..).map(move |(key, rank)| (*key, (role, rank))).collect::<Vec<_>>()
    };
    TABLES.iter().flat_map(ranked).collect()
});

fn exact(key: &str) -> Option<(Role, u8)> {
    KEYS.get(key).copied()
}

/// Keys that mean the same in whatever object they stand.
fn nested(last: &str) -> Option<(Role, u8)> {
    Some(match last {
        "traceid" => (Role::Trace, 0),
        "requestid" | "reqid" => (Role::Trace, 1),
        "statuscode" => (Role::Status, 0),
        "status" => (Role::Status, 1),
        "method" => (Role::Method, 0),
        "url" | "uri" => (Role::Path, 0),
        "path" => (Role::Path, 1),
        "userid" => (Role::User, 0),
        "stacktrace" | "stack" => (Role::Stack, 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_roles() {
        assert_eq!(KEYS.len(), TABLES.iter().map(|(_, keys)| keys.len()).sum::<usize>());
    }

    #[test]
    fn traces_and_users_are_told_by_their_last_letters() {
        let nested = ["a.traceid", "a.requestid", "a.reqid", "a.userid", "User_Id", "trace-"];
        let of_role = |role: &Role| matches!(role, Role::Trace | Role::User);
        let keys = KEYS.iter().filter(|(_, (role, _))| of_role(role)).map(|(key, _)| *key);
        for key in keys.chain(nested) {
            assert!(may_be_trace_or_user(key.as_bytes()) && role(key).is_some_and(|(role, _)| of_role(&role)), "{key}");
        }
        assert!([&b"status"[..], b"", b"d", b"i d"].iter().all(|key| !may_be_trace_or_user(key)));
    }

    #[test]
    fn spelling_does_not_matter() {
        for (key, role_) in [
            ("trace_id", Role::Trace),
            ("traceId", Role::Trace),
            ("@timestamp", Role::Time),
            ("__REALTIME_TIMESTAMP", Role::Time),
            ("log.level", Role::Level),
            ("res.statusCode", Role::Status),
            ("dur_ms", Role::DurationMs),
            ("_SYSTEMD_UNIT", Role::Service),
            ("http.target", Role::Path),
        ] {
            assert_eq!(role(key).map(|r| r.0), Some(role_), "{key}");
        }
        assert_eq!(role("order_id"), None);
        assert_eq!(role(&"x".repeat(1_000)), None);
    }
}
