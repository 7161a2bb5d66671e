//! Which service listens at a port, by what its own log says: `lobby: listening on 0.0.0.0:7350`.
//!
//! What it sees: the words by which programs tell where they listen, and calls to an address of the house with that port. Why it
//! matters: programs on one machine call each other by `127.0.0.1` and a number. When it misleads: a port at which two services
//! listen on two machines; then it is nobody's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::scene::Scene;
use expressions::{Expression, constant};

/// By port: the one service that says that it listens there.
pub type Ports = BTreeMap<String, String>;

/// Letters of a record that are looked through.
const MOST_TEXT: usize = 400;

static LISTENS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?i)\b(?:listen\w*|bound to|binding to|bind|serving (?:on|at)|accept (?:tcp|error)|(?:started|running|ready) (?:\w+ )?(?:on|at)|server (?:on|at))\b[^\n]{0,40}?(?:\bports?(?:\(s\))?:? ?|(?:\b0\.0\.0\.0|\b127\.0\.0\.1|\blocalhost|\[?::1?\]?|\*|[\s"=]):)(?P<port>\d{4,5})\b"#,
    )
});
static CALLED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?:\b127\.0\.0\.1|\blocalhost|\[::1\]|\b10(?:\.\d{1,3}){3}|\b192\.168(?:\.\d{1,3}){2}|\b172\.\d{1,3}(?:\.\d{1,3}){2}):(?P<port>\d{4,5})\b",
    )
});

pub fn find(scene: &Scene) -> Ports {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for digest in &scene.digests {
        for pattern in &digest.patterns {
            let Some(port) = listens(crate::mask::cut(&pattern.first.text, MOST_TEXT)) else { continue };
            let Some(service) = scene.service_of(pattern.service.as_deref(), digest.source) else { continue };
            let known = found.entry(port).or_insert_with(|| Some(service.clone()));
            if known.as_ref() != Some(&service) {
                *known = None;
            }
        }
    }
    found.into_iter().filter_map(|(port, service)| Some((port, service?))).collect()
}

fn listens(text: &str) -> Option<String> {
    Some(LISTENS.captures(text)?.name("port")?.as_str().to_string())
}

/// Whom a line of a failing record called by nothing but a port.
pub fn named_in<'p>(ports: &'p Ports, line: &str) -> Vec<&'p String> {
    if ports.is_empty() {
        return Vec::new();
    }
    let called = CALLED.captures_iter(line).filter_map(|c| Some(c.name("port")?.as_str().to_string()));
    called.filter_map(|port| ports.get(&port)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_tell_where_they_listen() {
        for text in [
            "level=INFO msg=\"listening\" addr=0.0.0.0:7350",
            "http: Accept error: accept tcp 0.0.0.0:7350: too many open files",
            "Tomcat started on port(s): 7350 (http) with context path ''",
            "Server listening on port 7350",
            "Listening at: http://127.0.0.1:7350 (8)",
            "Uvicorn running on http://0.0.0.0:7350",
        ] {
            assert_eq!(listens(text).as_deref(), Some("7350"), "{text}");
        }
        for text in ["started with PRICES=http://prices:7350", "dial tcp 10.0.0.7:7350: refused", "listening, 7350 clients"] {
            assert_eq!(listens(text), None, "{text}");
        }
    }

    #[test]
    fn a_call_by_a_port_is_to_whoever_listens_there() {
        let ports = Ports::from([("7350".to_string(), "lobby".to_string())]);
        assert_eq!(named_in(&ports, "Post \"http://127.0.0.1:7350/reserve\": timeout"), ["lobby"]);
        assert!(named_in(&ports, "Post \"http://127.0.0.1:7351/reserve\": timeout").is_empty());
        assert!(named_in(&ports, "Post \"http://8.8.8.8:7350/reserve\": timeout").is_empty());
    }
}
