//! The other side of a failed call, in the words of who called: `connection refused to db:5432`, `ledger call failed`.
//!
//! What it sees: names that stand where only the name of what was called stands. Why it matters: a log that is alone knows no
//! other service by its name, and still says whom it did not reach. When it misleads: words for any callee ("remote call failed"),
//! which are none of anybody; a name that is in a sentence of another kind.

use std::sync::LazyLock;

use crate::entities::normal;
use expressions::{Expression, constant};

static CALLED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:refused|connect(?:ion|ing)?|reach(?:ing)?|dial(?:ing)?(?: tcp)?|call(?:ing)?|request)(?: to| with)? ([a-z][a-z0-9_-]+):\d{2,5}\b|(?:^|[:,;(\]\x22] ?)([a-z][a-z0-9_-]+) (?:call|request|rpc) (?:failed|timed out)\b|\b(?:GET|POST|PUT|PATCH|DELETE) ([a-z][a-z0-9_-]+) (?:failed|timed out)\b|\bcall(?:s|ing)? to ([a-z][a-z0-9_-]+) (?:failed|timed out)\b",
    )
});

/// Words that stand for whoever was called, and for the call itself.
const ANYBODY: [&str; 42] = [
    "api",
    "rpc",
    "grpc",
    "http",
    "https",
    "remote",
    "service",
    "upstream",
    "downstream",
    "function",
    "system",
    "method",
    "backend",
    "external",
    "internal",
    "the",
    "this",
    "that",
    "client",
    "server",
    "host",
    "peer",
    "proxy",
    "webhook",
    "callback",
    "first",
    "last",
    "next",
    "every",
    "retry",
    "sub",
    "sync",
    "async",
    "batch",
    "bad",
    "localhost",
    "address",
    "port",
    "tcp",
    "udp",
    "its",
    "customer",
];

/// The names of those that a record says were called in vain.
pub fn names(line: &str) -> Vec<String> {
    let all = CALLED.captures_iter(line).filter_map(|c| c.iter().skip(1).flatten().next().map(|m| m.as_str().to_string()));
    all.filter(|name| !ANYBODY.contains(&name.to_lowercase().as_str())).map(|name| normal(&name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_record_did_not_reach() {
        assert_eq!(names("connection refused to stockdb:5432"), ["stockdb"]);
        assert_eq!(names("tariff call failed: rpc error: code = Unavailable"), ["tariff"]);
        assert_eq!(names("POST basket-service failed: Read timed out"), ["basket-service"]);
        assert_eq!(names("call to quotes timed out after 3 s"), ["quotes"]);
    }

    #[test]
    fn words_for_anybody_name_nobody() {
        for line in [
            "remote call failed",
            "rpc call failed: EOF",
            "could not connect to localhost:80",
            "the request failed",
            "main.rs:12 failed",
        ] {
            assert!(names(line).is_empty(), "{line}: {:?}", names(line));
        }
    }
}
