//! To which families a symptom belongs, told from its own words and from the signature it hit.
//!
//! It must never know a change. What breaks it: symptoms in another language than English that hit no signature; they
//! have no family, and only identifiers tie them to a change.

use expressions::{Expression, constant};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Symptom;

/// Family, how telling it is (a timeout says less than a nil pointer), its words.
const FAMILIES: [(&str, f64, &str); 41] = [
    (
        "crash",
        0.95,
        r"panic|nil pointer|null ?pointer|nullreference|typeerror|attributeerror|undefined (is not|method)|nonetype|cannot read propert|segfault|sigsegv|keyerror|crashloop|uncaught|unhandled|stack overflow|exit code [1-9]|classcast|illegalstate|nosuchmethod|unwrap\(\)|null dereference|crash",
    ),
    ("bounds", 1.0, r"out of (range|bounds)|indexerror|arrayindex|slice bounds|off.by.one|stopiteration|nosuchelement"),
    (
        "pool",
        1.0,
        r"\bpool|connection is not available|acquire connection|too many open|no free connection|hikari|waiting for (a )?connection|connections? (exhausted|in use)|acquire_wait|wait_count|idle connection",
    ),
    ("dbconn", 1.0, r"too many (connections|clients)|remaining connection slots|max_connections|max connections"),
    ("memory", 1.0, r"\boom|out of memory|outofmemory|heap|\brss\b|memory|gc (pause|overhead)|allocation failed|working_set"),
    ("timeout", 0.6, r"time.?out|timed out|deadline|etimedout|context canceled"),
    ("latency", 0.5, r"latency|\bslow|p9[059]|duration|response time|took \d|elapsed"),
    (
        "db",
        0.85,
        r"\bsql|slow query|query|queries|\bselect\b|deadlock|lock wait|seq scan|full (table )?scan|\bdb_|\bdb\b|database|postgres|mysql|mongo|table|replication lag|rows examined",
    ),
    (
        "fanout",
        1.0,
        r"quer(y|ies)(_count)?[_ ]per[_ ]|n\+1|per[_ ]request|calls[_ ]per|identical (select|quer)|repeated quer|quer\w* (volume|count)|span.?count",
    ),
    ("cache", 1.0, r"cache|hit.?ratio|hit.?rate|\bmiss(es)?\b|evict|stampede|thundering"),
    ("stale", 1.0, r"stale|outdated|old (value|price|data)|not updated|inconsisten"),
    ("disk", 1.0, r"\bdisk|no space left|read-only file|enospc|volume.*full|inode|filesystem|wal "),
    ("logs", 0.9, r"log.?(volume|write|throughput|lines|rate)|ingest(ion)? (rate|volume)|\blps\b"),
    (
        "dns",
        1.0,
        r"no such host|enotfound|servfail|nxdomain|name resolution|getaddrinfo|\bdns|resolv(er|e\b|ing)|coredns|unknown ?host",
    ),
    ("tls", 1.0, r"certificate|x509|\btls|\bssl|handshake|\bmtls"),
    (
        "tls-expiry",
        1.0,
        r"(certificate|cert)\b.*(expired|expir)|has expired|not.?after|expired.*(certificate|cert)|seconds_until_expiry",
    ),
    (
        "auth",
        1.0,
        r"\b40[13]\b|unauthori[sz]ed|forbidden|permission|access denied|invalid (token|signature|credential)|jwt|\boauth|credential|authenticat|signature mismatch|csrf|login",
    ),
    ("throttle", 1.0, r"\b429\b|rate.?limit|throttl|too many requests|quota|slow ?down|circuit.*open"),
    (
        "limit",
        1.0,
        r"too large|exceeds? (the )?(limit|max|size)|\b413\b|message.?size|payload size|record too|limit exceeded|truncat",
    ),
    (
        "schema",
        1.0,
        r"unmarshal|deseriali|serializ|json.*(pars|decod|unexpected|cannot)|pars(e|ing) (error|fail)|decod(e|ing)|schema|missing (required )?(field|key|column|property)|unknown (field|column|property)|column .* does not exist|no such (column|field)|unexpected (token|field|type|key)|type mismatch|cannot (cast|convert|coerce)|unrecognized|invalid type|avro|protobuf|proto:|wire.?type|keyerror|has no attribute|malformed|incompatible",
    ),
    (
        "validation",
        0.95,
        r"\b4(00|22)\b|validation|invalid (value|argument|input|request|format)|bad request|required|constraint|not.null|rejected",
    ),
    (
        "queue",
        1.0,
        r"\blag\b|backlog|consumer|\bqueue|dead.?letter|\bdlq\b|rebalanc|offset|undelivered|unacked|poison|redeliver|pending (jobs|messages|tasks)|buffer full|dropped (message|event)",
    ),
    ("cpu", 0.85, r"\bcpu\b|load average|saturat|busy loop|spinning|event loop (lag|block)|throttled_seconds"),
    (
        "saturation",
        0.85,
        r"saturat|worker.*(busy|exhaust|unavailable)|no (available )?workers|overload|capacity|in.?flight|thread.*busy|event loop|listen queue|backpressure|utili[sz]ation",
    ),
    (
        "traffic",
        0.6,
        r"requests?[_ ]per[_ ]sec|\brps\b|\bqps\b|traffic|request (rate|volume)|queries_per_second|calls.*(surge|spike)|ops_per_sec",
    ),
    ("retry", 1.0, r"\bretr(y|ies|ying)|attempt|retry storm"),
    (
        "network",
        0.6,
        r"connection (refused|reset|closed)|econnrefused|econnreset|unreachable|broken pipe|no route to host|socket hang up|connect(ion)? (error|fail)|\beof\b|upstream connect",
    ),
    (
        "race",
        1.0,
        r"concurrent map|data race|\brace\b|optimistic ?lock|version conflict|concurrentmodification|oversold|double|lost update|negative stock",
    ),
    ("lock", 1.0, r"deadlock|lock (wait|timeout|contention)|waiting for .*lock|blocked|lock not available"),
    ("duplicate", 1.0, r"duplicat|twice|double.?(charge|book|send|sent)|already (exists|processed)|unique constraint"),
    (
        "thread",
        1.0,
        r"goroutine|thread|too many open files|file descriptor|\bfds?\b|emfile|handle(s)? (count|leak)|native thread",
    ),
    (
        "notfound",
        1.0,
        r"\b404\b|not found|no (handler|route|matching)|unknown (route|endpoint|command|topic|service)|unimplemented|no such (service|method|endpoint)|405",
    ),
    (
        "registration",
        1.0,
        r"not registered|unregistered|no (handler|provider|bean|plugin|factory|codec|driver|implementation|consumer)s?\b|unknown (plugin|handler|driver|codec|type|provider)|nosuchbean|no qualifying bean|no (healthy )?(instances?|endpoints?|upstreams?)\b|no servers available|deregister|service discovery|could not resolve (dependency|service)|unsupported (type|format|codec|media|currency|method)",
    ),
    (
        "linkage",
        1.0,
        r"nosuchmethod|classnotfound|noclassdef|cannot find module|importerror|modulenotfound|undefined symbol|abi |glibc|incompatible (version|class)|abstractmethoderror|has no attribute|is not a function",
    ),
    (
        "search",
        1.0,
        r"zero.?result|no.?result|relevan|empty result|click.?through|\bctr\b|ranking|\bndcg|search (quality|conversion)|recall|irrelevant|result count",
    ),
    (
        "data",
        0.8,
        r"wrong|incorrect|mismatch|negative|discrepan|rounding|invariant|checksum|corrupt|amount|price|total.*differ|reconcil|missing data",
    ),
    ("time", 1.0, r"timezone|\butc\b|clock|timestamp|date (pars|format|out)|dst|in the future|calendar"),
    ("schedule", 1.0, r"\bcron|schedul|missed (run|job)|overlapping|job (did not|not) run"),
    ("probe", 1.0, r"probe failed|liveness|readiness|unhealthy|health.?check|crashloop|killing container|back-off restarting"),
    ("scheduling", 1.0, r"unschedulable|insufficient (cpu|memory)|failedscheduling|pending pods"),
    (
        "http5xx",
        0.35,
        r"\b5(00|02|03|04|xx)\b|internal server error|bad gateway|service unavailable|error.?(rate|ratio)|upstream",
    ),
];

/// Families of the signature catalogue under the names used here; the others say nothing about a change.
const ALIASES: [(&str, &str); 18] = [
    ("crash", "crash"),
    ("pool", "pool"),
    ("memory", "memory"),
    ("timeout", "timeout"),
    ("dns", "dns"),
    ("tls", "tls"),
    ("queue", "queue"),
    ("schema", "schema"),
    ("data", "data"),
    ("db", "db"),
    ("disk", "disk"),
    ("cache", "cache"),
    ("cpu", "cpu"),
    ("throttle", "throttle"),
    ("auth", "auth"),
    ("network", "network"),
    ("traffic", "traffic"),
    ("time", "time"),
];

/// One for each family.
static CUES: LazyLock<Vec<Expression>> =
    LazyLock::new(|| FAMILIES.iter().map(|(.., words)| constant(&format!("(?i){words}"))).collect());
static DOWN: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(down|falls?|fell|falling|drop(s|ped)?|decreas\w*|collaps\w*|below)\b"));
static OUTSIDE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(third.?party|external (provider|api|service)|vendor|status page|provider('s)? (outage|incident|status)|upstream_provider|all upstreams down|partial.outage|degraded.performance)|https?://(api|www|hooks|gateway)\.[\w.\-]+\.(com|io|net|org|co|dev)\b|\b(api|smtp|hooks)\.[\w\-]+\.(com|io|net|org)\b",
    )
});
static OTHER_SIDE_FAILED: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)\b5\d\d\b|unavailable|time.?out|deadline|outage|degraded|upstreams down|provider|refused|reset")
});

/// What a symptom says, worked out once per incident.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// Family and how telling it is, 0 to 1.
    pub families: BTreeMap<&'static str, f64>,
    pub weight: f64,
    /// The other side of the call, outside of the house, is what fails.
    pub outside: bool,
}

pub(super) fn read(symptom: &Symptom) -> Read {
    let text = symptom.text.as_str();
    let told = FAMILIES.iter().zip(CUES.iter()).filter(|(_, cue)| cue.is_match(text));
    let mut families: BTreeMap<&'static str, f64> = told.map(|((name, telling, _), _)| (*name, *telling)).collect();
    if let Some(given) = &symptom.family
        && let Some((_, ours)) = ALIASES.iter().find(|(theirs, _)| theirs == given)
        && let Some((name, telling, _)) = FAMILIES.iter().find(|(name, ..)| name == ours)
    {
        families.insert(name, *telling);
    }
    if families.contains_key("tls-expiry") {
        families.retain(|f, _| *f == "tls-expiry");
    }
    if DOWN.is_match(text) {
        families.retain(|f, _| !["traffic", "cpu", "memory", "queue", "disk", "saturation", "fanout", "retry"].contains(f));
    }
    let weight = if symptom.weight.is_finite() { symptom.weight.clamp(0.0, 1.0) } else { 0.0 };
    Read { families, weight, outside: OUTSIDE.is_match(text) && OTHER_SIDE_FAILED.is_match(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(text: &str) -> Vec<&'static str> {
        let s = Symptom { text: text.into(), service: None, weight: 1.0, family: None };
        read(&s).families.into_keys().collect()
    }

    #[test]
    fn words_lead_to_families() {
        assert!(families("panic: runtime error: invalid memory address or nil pointer dereference").contains(&"crash"));
        assert!(families("db_query_count_per_request rises").contains(&"fanout"));
        assert!(families("cache_hit_ratio falls").contains(&"cache"));
        assert_eq!(families("x509: certificate has expired or is not yet valid"), ["tls-expiry"]);
        assert!(families("handled request").is_empty());
    }

    #[test]
    fn less_traffic_is_not_load() {
        assert!(families("requests_per_sec rises").contains(&"traffic"));
        assert!(!families("requests_per_sec falls").contains(&"traffic"));
    }

    #[test]
    fn what_fails_outside_of_the_house() {
        let outside = |t: &str| read(&Symptom { text: t.into(), service: None, weight: 1.0, family: None }).outside;
        assert!(outside("POST https://api.example.com/v1/charges returned 503"));
        assert!(!outside("POST http://payments.svc.cluster.local/charge returned 503"));
    }
}
