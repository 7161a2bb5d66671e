//! What a setting is for, told from its name and the words around it, and which kind of change its new value is.
//!
//! It must never know files or incidents. What breaks it: names that say nothing (`x`, `value`); those become a plain
//! configuration change.

use super::kind::ChangeKind;
use super::values::{Quantity, quantity};
use super::words::split_words;

/// The purposes told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Timeout,
    Ttl,
    Retention,
    Backoff,
    Retry,
    Pool,
    Concurrency,
    Resource,
    Rate,
    CacheSize,
    Queue,
    Batch,
    Interval,
    Sampling,
    Ranking,
    Probe,
    Limit,
}

/// The kind of the change from `from` to `to` of the setting `name`; `around` are the words of the path, of the enclosing
/// section and of the line. `None` when both say the same (`60s` and `1m`).
pub(super) fn kind_of(name: &str, from: &str, to: &str, around: &str) -> Option<ChangeKind> {
    let (from, to) = (tidy(from), tidy(to));
    if from == to {
        return None;
    }
    let own = split_words(name);
    let near = split_words(around);
    if let Some(kind) = by_words(name, &own, &near, (&from, &to)) {
        return Some(kind);
    }
    let (Some(a), Some(b)) = (quantity(&from, name), quantity(&to, name)) else {
        return Some(by_text(name, &own, &near, (&from, &to)));
    };
    if a.dimension == b.dimension && (a.value - b.value).abs() <= f64::EPSILON * a.value.abs() {
        return None;
    }
    Some(by_quantity(name, purpose(&own, &near), (a, b), (&from, &to)))
}

fn tidy(text: &str) -> String {
    text.trim().trim_matches(['"', '\'', '`', ',', ';']).trim().to_string()
}

fn any(words: &[String], of: &[&str]) -> bool {
    words.iter().any(|w| of.contains(&w.as_str()))
}

/// Kinds told by the words on both sides: levels of logging, switches, schedules.
fn by_words(name: &str, own: &[String], near: &[String], (from, to): (&str, &str)) -> Option<ChangeKind> {
    let (n, f, t) = (name.to_string(), from.to_string(), to.to_string());
    if let (Some(a), Some(b)) = (log_rank(from), log_rank(to))
        && (any(own, &["level", "log", "logging", "loglevel", "verbosity", "debug"]) || any(near, &["log", "logging", "logger"]))
    {
        return Some(match b < a {
            true => ChangeKind::LogVolumeRaised { name: n, from: f, to: t },
            false => ChangeKind::LogVolumeLowered { name: n, from: f, to: t },
        });
    }
    if let (Some(a), Some(b)) = (truth(from), truth(to)) {
        if a == b {
            return None;
        }
        if any(own, &["debug", "verbose", "trace"]) && b {
            return Some(ChangeKind::LogVolumeRaised { name: n, from: f, to: t });
        }
        if any(own, &["verify", "insecure", "tls", "ssl", "mtls"]) {
            return Some(ChangeKind::TlsChanged);
        }
        if any(own, &["register", "registration", "discovery"]) && !b {
            return Some(ChangeKind::RegistrationRemoved);
        }
        if any(own, &["cache", "caching", "cached", "memoize"]) && !b {
            return Some(ChangeKind::CacheRemoved);
        }
        return Some(ChangeKind::FlagFlipped { name: n, from: f, to: t });
    }
    const RESOLVING: [&str; 5] = ["ndots", "nameserver", "nameservers", "resolver", "resolvers"];
    if any(own, &RESOLVING) {
        return Some(ChangeKind::DnsConfigChanged);
    }
    if any(own, &["mtu", "mss", "pmtu"]) {
        return Some(ChangeKind::PacketSizeChanged { name: n, from: f, to: t });
    }
    if any(own, &["port", "ports"]) {
        return Some(ChangeKind::EndpointChanged { name: n, from: f, to: t });
    }
    if any(own, &["tag", "image", "version"]) && from.contains(|c: char| c.is_ascii_digit()) {
        let step = super::schema::step(from, to);
        return Some(ChangeKind::DependencyBumped { name: n, from: f, to: t, step });
    }
    if any(own, &["cron", "schedule", "crontab"]) {
        return Some(ChangeKind::ScheduleChanged { name: n, from: f, to: t });
    }
    None
}

fn log_rank(text: &str) -> Option<u32> {
    const RANKS: [(&str, u32); 9] = [
        ("trace", 0),
        ("debug", 1),
        ("verbose", 1),
        ("info", 2),
        ("notice", 2),
        ("warn", 3),
        ("warning", 3),
        ("error", 4),
        ("fatal", 5),
    ];
    let lower = text.to_ascii_lowercase();
    let word = lower.rsplit(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty())?;
    RANKS.iter().find(|(w, _)| *w == word || word.strip_suffix("level") == Some(w)).map(|(_, r)| *r)
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "enabled" => Some(true),
        "false" | "off" | "no" | "disabled" => Some(false),
        _ => None,
    }
}

/// Kinds for values that are no quantities.
fn by_text(name: &str, own: &[String], near: &[String], (from, to): (&str, &str)) -> ChangeKind {
    let (n, f, t) = (name.to_string(), from.to_string(), to.to_string());
    if any(own, &["tls", "ssl", "cert", "certificate", "cipher", "ciphers", "ca", "cafile", "truststore", "keystore"]) {
        return ChangeKind::TlsChanged;
    }
    // The secret of an authority or a listener is its certificate.
    const CERTIFIED: [&str; 7] = ["ca", "tls", "issuer", "issuers", "certificate", "certificates", "truststore"];
    if any(own, &["secret"]) && any(near, &CERTIFIED) {
        return ChangeKind::TlsChanged;
    }
    if any(
        own,
        &[
            "auth",
            "authorization",
            "token",
            "scope",
            "scopes",
            "role",
            "roles",
            "permission",
            "permissions",
            "audience",
            "issuer",
            "jwt",
            "verbs",
            "secret",
            "credentials",
        ],
    ) {
        return ChangeKind::AuthChanged;
    }
    if any(own, &["key"]) && any(near, &["cache", "caching", "redis", "memo"]) {
        return ChangeKind::CacheKeyChanged;
    }
    const NAMED: [&str; 8] = ["selector", "eureka", "consul", "discovery", "registry", "register", "matchlabels", "service"];
    if any(own, &["name", "app", "selector", "label", "servicename"]) && (any(near, &NAMED) || any(own, &NAMED)) {
        return ChangeKind::EndpointChanged { name: n, from: f, to: t };
    }
    const PLACES: [&str; 19] = [
        "url", "uri", "host", "hostname", "endpoint", "addr", "address", "dsn", "server", "servers", "upstream", "bucket",
        "topic", "region", "domain", "port", "broker", "brokers", "proxy",
    ];
    if any(own, &PLACES) || to.contains("://") || looks_like_host(to) && looks_like_host(from) {
        return ChangeKind::EndpointChanged { name: n, from: f, to: t };
    }
    if any(
        own,
        &[
            "analyzer",
            "tokenizer",
            "ranker",
            "similarity",
            "boost",
            "synonyms",
            "fuzziness",
            "operator",
            "minimum",
            "index",
            "alias",
        ],
    ) {
        return ChangeKind::RankingChanged { name: n, from: f, to: t };
    }
    ChangeKind::ConfigValueChanged { name: n, from: f, to: t }
}

fn looks_like_host(text: &str) -> bool {
    text.contains('.') && text.split('.').count() >= 3 && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-:_/".contains(c))
}

fn purpose(own: &[String], near: &[String]) -> Option<Purpose> {
    use Purpose::*;
    let has = |of: &[&str]| any(own, of);
    let probed = any(own, &["probe", "liveness", "readiness", "healthcheck"]) || any(near, &["probe", "liveness", "readiness"]);
    if probed && has(&["timeout", "delay", "period", "threshold", "grace"]) {
        return Some(Probe);
    }
    let cached = any(own, &["cache", "lru", "memo"]) || any(near, &["cache", "caching", "lru", "redis", "memo"]);
    if has(&["backoff", "jitter"])
        || (has(&["delay", "wait", "interval"]) && (has(&["retry", "retries"]) || any(near, &["retry", "retries"])))
    {
        return Some(Backoff);
    }
    if has(&["retry", "retries", "attempts", "attempt", "redeliveries"]) {
        return Some(Retry);
    }
    if has(&["timeout", "timeouts", "deadline"])
        || (has(&["heartbeat", "session", "poll"]) && has(&["ms", "max", "seconds"]) && !has(&["records"]))
    {
        return Some(Timeout);
    }
    if has(&["ttl", "expire", "expires", "expiry", "expiration", "lifetime", "lease"]) || (has(&["age"]) && has(&["max"])) {
        return Some(Ttl);
    }
    if has(&["retention", "retain"]) {
        return Some(Retention);
    }
    if has(&["sample", "sampling", "sampler"]) {
        return Some(Sampling);
    }
    if has(&["batch", "chunk", "page", "fetch", "bulk", "records"]) {
        return Some(Batch);
    }
    if has(&["pool", "connections", "conns", "connection", "conn", "maxconn", "maxconns"]) {
        return Some(Pool);
    }
    if has(&[
        "workers",
        "worker",
        "threads",
        "concurrency",
        "concurrent",
        "parallelism",
        "parallel",
        "replicas",
        "replica",
        "consumers",
        "processes",
        "instances",
        "prefetch",
        "gomaxprocs",
        "shards",
        "partitions",
    ]) {
        return Some(Concurrency);
    }
    if has(&["rate", "rps", "qps", "burst", "quota", "throttle", "throughput", "limiter", "ratelimit", "ratelimiter"]) {
        return Some(Rate);
    }
    // What all of a namespace or an account may have together is a limit, whatever it is measured in.
    if any(near, &["quota", "quotas", "resourcequota", "limitrange"]) {
        return Some(Limit);
    }
    if has(&["memory", "cpu", "heap", "xmx", "storage", "mem", "disk", "ephemeral", "space", "xms", "maxmemory"]) {
        return Some(Resource);
    }
    if has(&["queue", "buffer", "backlog", "channel", "inflight", "capacity"]) && !cached {
        return Some(Queue);
    }
    if has(&["interval", "period", "every", "tick", "frequency", "refresh"]) {
        return Some(Interval);
    }
    if has(&["weight", "weights", "boost", "score", "rank", "relevance", "threshold", "similarity", "candidates"]) {
        return Some(Ranking);
    }
    if cached && has(&["size", "max", "entries", "items", "capacity", "limit", "maxsize"]) {
        return Some(CacheSize);
    }
    has(&["max", "limit", "limits", "size", "cap", "maximum", "min", "count", "length", "bytes", "quota", "budget"])
        .then_some(Limit)
}

fn is_extra(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["overflow", "burst", "extra", "spare", "idle", "surge"].iter().any(|word| lower.contains(word))
}

fn by_quantity(name: &str, purpose: Option<Purpose>, (a, b): (Quantity, Quantity), (from, to): (&str, &str)) -> ChangeKind {
    use ChangeKind::*;
    let (name, from, to) = (name.to_string(), from.to_string(), to.to_string());
    let Some(purpose) = purpose else { return ConfigValueChanged { name, from, to } };
    // Zero switches many limits off: then "lowered to 0" means without limit.
    let off = b.value <= 0.0 && a.value > 0.0;
    let lower = b.value < a.value;
    match (purpose, lower) {
        (Purpose::Timeout, true) if off => TimeoutRemoved,
        (Purpose::Timeout, true) => TimeoutLowered { name, from, to },
        (Purpose::Timeout, false) => TimeoutRaised { name, from, to },
        (Purpose::Ttl, true) => TtlLowered { name, from, to },
        (Purpose::Ttl, false) => TtlRaised { name, from, to },
        (Purpose::Retention, true) => TtlLowered { name, from, to },
        (Purpose::Retention, false) => LogVolumeRaised { name, from, to },
        (Purpose::Backoff, true) => BackoffLowered { name, from, to },
        (Purpose::Backoff, false) => BackoffRaised { name, from, to },
        (Purpose::Retry, true) => RetryLowered { name, from, to },
        (Purpose::Retry, false) => RetryRaised { name, from, to },
        (Purpose::Pool, true) => PoolLowered { name, from, to },
        (Purpose::Pool, false) => PoolRaised { name, from, to },
        (Purpose::Concurrency, true) => ConcurrencyLowered { name, from, to },
        (Purpose::Concurrency, false) => ConcurrencyRaised { name, from, to },
        (Purpose::Resource, true) => ResourceLowered { name, from, to },
        (Purpose::Resource, false) => ResourceRaised { name, from, to },
        (Purpose::Rate, true) => RateLimitLowered { name, from, to },
        (Purpose::Rate, false) => RateLimitRaised { name, from, to },
        // What may be opened or kept beyond a size is none at zero, and not without a limit.
        (Purpose::CacheSize, true) if !off || is_extra(&name) => CacheLowered { name, from, to },
        (Purpose::CacheSize, _) => CacheRaised { name, from, to },
        (Purpose::Queue, true) => QueueLowered { name, from, to },
        (Purpose::Queue, false) => QueueRaised { name, from, to },
        (Purpose::Batch, true) => BatchLowered { name, from, to },
        (Purpose::Batch, false) => BatchRaised { name, from, to },
        (Purpose::Interval, true) => IntervalLowered { name, from, to },
        (Purpose::Interval, false) => IntervalRaised { name, from, to },
        (Purpose::Sampling, true) => LogVolumeLowered { name, from, to },
        (Purpose::Sampling, false) => LogVolumeRaised { name, from, to },
        (Purpose::Ranking, _) => RankingChanged { name, from, to },
        (Purpose::Probe, true) => ProbeTightened { name, from, to },
        (Purpose::Limit, true) if off && !is_extra(&name) => LimitRemoved,
        (Purpose::Limit, true) => LimitLowered { name, from, to },
        (Purpose::Limit | Purpose::Probe, false) => LimitRaised { name, from, to },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, from: &str, to: &str) -> String {
        let debug = format!("{:?}", kind_of(name, from, to, ""));
        debug.trim_start_matches("Some(").split([' ', '(', ')']).next().unwrap_or("").to_string()
    }

    #[test]
    fn a_setting_and_its_opposite() {
        for (name, low, high, lowered, raised) in [
            ("spring.datasource.hikari.maximum-pool-size", "\"3\"", "\"30\"", "PoolLowered", "PoolRaised"),
            ("READ_TIMEOUT_MS", "200", "2000", "TimeoutLowered", "TimeoutRaised"),
            ("DefaultTTL", "15 * time.Second", "15 * time.Minute", "TtlLowered", "TtlRaised"),
            ("MaxAttempts", "2", "20", "RetryLowered", "RetryRaised"),
            ("initialBackoff", "1ms", "100ms", "BackoffLowered", "BackoffRaised"),
            ("workerThreads", "2", "16", "ConcurrencyLowered", "ConcurrencyRaised"),
            ("memory", "256Mi", "1Gi", "ResourceLowered", "ResourceRaised"),
            ("requests_per_second_rate", "10", "100", "RateLimitLowered", "RateLimitRaised"),
            ("sample_rate", "0.1", "1.0", "LogVolumeLowered", "LogVolumeRaised"),
            ("batchSize", "10", "5000", "BatchLowered", "BatchRaised"),
            ("maxBodyBytes", "1024", "1048576", "LimitLowered", "LimitRaised"),
        ] {
            assert_eq!(kind(name, high, low), lowered, "{name} {high} to {low}");
            assert_eq!(kind(name, low, high), raised, "{name} {low} to {high}");
        }
    }

    #[test]
    fn the_same_in_other_words_is_no_change() {
        assert_eq!(kind_of("timeout", "60s", "1m", ""), None);
        assert_eq!(kind_of("timeout", "\"30\"", "30", ""), None);
    }

    #[test]
    fn words_decide_where_numbers_do_not() {
        assert_eq!(kind("payments_url", "http://a:80", "http://b:80"), "EndpointChanged");
        assert_eq!(kind("new_flow_enabled", "false", "true"), "FlagFlipped");
        assert_eq!(kind("schedule", "0 3 * * *", "* * * * *"), "ScheduleChanged");
        assert_eq!(kind("log_level", "info", "debug"), "LogVolumeRaised");
        assert_eq!(kind("log_level", "debug", "info"), "LogVolumeLowered");
        assert_eq!(kind("ndots", "1", "4"), "DnsConfigChanged");
        assert_eq!(kind("greeting", "hello", "welcome"), "ConfigValueChanged");
    }
}
