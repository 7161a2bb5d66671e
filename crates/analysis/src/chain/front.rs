//! The service in front, whose own log has nothing but requests: that they fail is how it is harmed.
//!
//! What it sees: failed requests of the incident, and traces that they share with a service that was reached. Why it matters: who
//! stands nearest to the users writes no error. When it misleads: a front that failed by itself; so it is never the first to be
//! reached, what has errors of its own is not told here, and a page has to be about it: many logs bear the name of a folder.

use std::sync::LazyLock;

use evidence::RecordRef;

use crate::entities::is_proxy;
use crate::findings::{Edge, EdgeBasis, Places};
use crate::incident::{Incident, first_place};
use expressions::{Expression, constant};

/// Failed requests, and traces that both logs hold, before they tell anything.
const LEAST_FAILED: u64 = 20;
const LEAST: usize = 20;
/// Seconds by which requests fail before the record of why they do is written, and after it, at most.
const TOGETHER_S: f64 = 60.0;
const SOON_S: f64 = 300.0;

/// The front by its own name, under which somebody was called for it, and the first of its requests that failed.
fn failing<'i>(incident: &'i Incident<'_>) -> Option<(&'i str, RecordRef)> {
    let edge = incident.edge.as_ref()?;
    let name =
        edge.service.as_deref().filter(|name| !is_proxy(name) && incident.hurt(name).is_none() && incident.is_paged(name))?;
    let (from, to) = (incident.window.from, incident.window.to.plus(1.0));
    let failed = edge.onset(from, to, incident.scene)?;
    (edge.failed_between(from, to) >= LEAST_FAILED).then_some((name, failed.place))
}

/// The step to the front from the service that it shares most of its traces with, the last one reached of several.
pub fn edge(incident: &Incident<'_>, reached: &[String]) -> Option<Edge> {
    let (name, failed) = failing(incident).filter(|(name, _)| !reached.iter().any(|known| known == name))?;
    let scene = incident.scene;
    let sources = &incident.edge.as_ref()?.sources;
    let own: Vec<_> = scene.digests.iter().filter(|d| sources.contains(&d.source)).collect();
    let here = |id| own.iter().find_map(|part| part.traces.get(id));
    let shared = |from: &String| -> Vec<(RecordRef, RecordRef)> {
        let logs = scene.ties().logs(from).iter().map(|at| &scene.digests[*at]).filter(|d| !sources.contains(&d.source));
        let both = logs.flat_map(|d| d.traces.iter().filter_map(|(id, link)| Some((link.place, here(id)?.place))));
        both.collect()
    };
    let (from, shared) = reached.iter().map(|from| (from, shared(from))).max_by_key(|(_, shared)| shared.len())?;
    let first = shared.first().filter(|_| shared.len() >= LEAST)?;
    Some(Edge {
        from: from.clone(),
        to: name.to_string(),
        verified: true,
        by: EdgeBasis::Traces { shared: shared.len() as u64 },
        places: Places::new(first.0, [first.1, failed]),
    })
}

/// Where no trace shows whom it asks: the one service at the end of the chain, when that had begun to fail before it or with it.
pub fn behind(incident: &Incident<'_>, chain: &[Edge], reached: &[String]) -> Option<Edge> {
    let (name, failed) = failing(incident).filter(|(name, _)| !reached.iter().any(|known| known == name))?;
    let is_last = |name: &&String| incident.hurt(name).is_some() && !chain.iter().any(|e| e.from == **name);
    let mut last = reached.iter().filter(is_last);
    let from = incident.hurt(last.next().filter(|first| last.all(|other| other == *first))?)?;
    // `portal` before `portal-web` is another spelling of it.
    let is_part = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('-'));
    if is_part(&from.name, name) || is_part(name, &from.name) {
        return None;
    }
    let (begin, end) = (incident.window.from, incident.window.to.plus(1.0));
    let seconds = incident.edge.as_ref()?.onset(begin, end, incident.scene)?.at.since(from.onset);
    (-TOGETHER_S..=SOON_S).contains(&seconds).then(|| Edge {
        from: from.name.clone(),
        to: name.to_string(),
        verified: false,
        by: EdgeBasis::Order { seconds: seconds.max(0.0) },
        places: Places::new(first_place(incident, from), [failed]),
    })
}

/// The front: somebody was called for it, and its requests failed while the cause was at work.
pub fn harmed(incident: &Incident<'_>) -> Option<(String, Places)> {
    failing(incident).map(|(name, place)| (name.to_string(), Places::one(place)))
}

/// Where nothing but requests tells of failures: whose they are.
pub fn first(incident: &Incident<'_>) -> Option<(String, Places)> {
    let edge = incident.edge.as_ref()?;
    let failed = edge.onset(incident.window.from, incident.window.to.plus(1.0), incident.scene)?;
    Some((edge.service.clone()?, Places::one(failed.place)))
}

/// Those whose requests failed clearly more often in the incident than before it, with how many did.
pub fn affected(incident: &Incident<'_>) -> Vec<(String, u64)> {
    let (from, to) = (incident.window.from, incident.window.to.plus(1.0));
    let fails = |edge: &crate::edge::Edge| {
        let count = edge.failed_between(from, to);
        edge.onset(from, to, incident.scene).filter(|_| count >= LEAST_FAILED)?;
        Some((edge.service.clone()?, count))
    };
    incident.edges().filter_map(fails).collect()
}
/// What proxies write of whom they stand in front of.
static UPSTREAM: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\bwhile (?:connecting to|reading (?:response header )?from|sending (?:request )?to|reading) upstream\b|\bno live upstreams\b|\bupstream (?:prematurely closed|timed out|sent|connect error|request timeout)|\bhas no server available\b|\bhttp\.log\.error\b|\breverse_?proxy\b|\bproxy: error reading from remote server\b|\bAH0\d{4}: .{0,60}(?:backend|proxy)",
    )
});

/// It only hands on what others answer: all that it writes of failures is of whom it stands in front of.
pub fn passes_on(incident: &Incident<'_>, name: &str) -> bool {
    let Some(hurt) = incident.hurt(name) else { return false };
    let mut own = hurt.signals.iter().map(|i| &incident.signals[*i]).peekable();
    own.peek().is_some() && own.all(|signal| signal.texts.iter().take(2).all(|text| UPSTREAM.is_match(text)))
}

/// Steps that lead through such a one begin at whom it stands in front of.
pub fn seen_through(incident: &Incident<'_>, edges: Vec<Edge>) -> Vec<Edge> {
    let before: Vec<(String, String, bool)> = edges.iter().map(|e| (e.from.clone(), e.to.clone(), e.verified)).collect();
    let behind = |edge: &Edge| before.iter().find(|(from, to, _)| *to == edge.from && *from != edge.to).cloned();
    let direct = |edge: Edge| {
        let through = behind(&edge).filter(|_| passes_on(incident, &edge.from));
        match (through, &edge.by) {
            (Some((from, _, verified)), EdgeBasis::Names { words }) => {
                let by = EdgeBasis::SpeaksOf { of: edge.from.clone(), words: words.clone() };
                Edge { from, verified: edge.verified && verified, by, ..edge }
            }
            _ => edge,
        }
    };
    edges.into_iter().map(direct).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_write_of_whom_they_stand_in_front_of() {
        for text in [
            "connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.9",
            "upstream timed out (110: Connection timed out) while reading response header from upstream",
            "backend web has no server available!",
            "{\"logger\":\"http.log.error\",\"msg\":\"dial tcp 10.0.0.4:3000: connect: connection refused\"}",
        ] {
            assert!(UPSTREAM.is_match(text), "{text}");
        }
        for text in ["SSL_do_handshake() failed", "upstream services are listed here", "worker process exited on signal 11"] {
            assert!(!UPSTREAM.is_match(text), "{text}");
        }
    }
}
