//! Whom a proxy stands in front of, where its records have only addresses: a service whose log has the ids of its requests.
//!
//! What it sees: failures that speak of an upstream or a backend, and traces that the logs of both share. Why it matters: a proxy
//! is the first to tell of a process that no longer answers, and names an address that nothing else here has. When it misleads: two
//! services behind one proxy of which the other one failed; so it has to fail as well, by about then. It must never be asked of what
//! fails by itself.

use crate::digest::Digest;
use crate::incident::{Hurt, Incident};
use crate::signals::Signal;

/// Traces that both logs hold, before they tell anything.
const LEAST: usize = 20;
/// Seconds by which a process writes late that is about to run out of memory: it does little else than collect garbage.
const STALLED_S: f64 = 60.0;

/// The services that fail behind a proxy, by about the time at which it began to tell so.
pub fn behind<'i>(incident: &'i Incident<'_>, failure: usize) -> impl Iterator<Item = &'i Hurt> {
    let signal = &incident.signals[failure];
    let front = signal.service.as_deref().filter(|_| tells_of_others(signal)).unwrap_or_default();
    let begun = incident.shares[failure].onset;
    let others = incident.services.iter().filter(move |hurt| !front.is_empty() && hurt.name != front);
    others.filter(move |hurt| hurt.onset <= begun.plus(slower(incident, hurt)) && shares(incident, front, &hurt.name))
}

/// How much later than the proxy the service may tell of its failure.
fn slower(incident: &Incident<'_>, hurt: &Hurt) -> f64 {
    let is_stalled = hurt.signals.iter().any(|i| incident.signals[*i].hits.iter().any(|s| s.family == "memory"));
    if is_stalled { STALLED_S } else { super::unknown::SLOWER_S }
}

fn shares(incident: &Incident<'_>, one: &str, other: &str) -> bool {
    let scene = incident.scene;
    let logs = |name: &str| scene.ties().logs(name).iter().map(|at| &scene.digests[*at]).collect::<Vec<&Digest>>();
    let others = logs(other);
    logs(one).iter().any(|a| others.iter().any(|b| share(a, b)))
}

fn share(a: &Digest, b: &Digest) -> bool {
    a.source != b.source && a.traces.keys().filter(|id| b.traces.contains_key(*id)).take(LEAST).count() >= LEAST
}

fn tells_of_others(signal: &Signal) -> bool {
    speaks_of_others(&signal.words)
}

/// `upstream timed out`, `backend web has no server available!`
fn speaks_of_others(words: &str) -> bool {
    let mut words = words.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    words.any(|word| ["upstream", "upstreams", "backend", "backends"].contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, Moment, Record, RecordRef, Sink, SourceId, Stamp};

    use super::*;

    fn log(input: u32, ids: std::ops::Range<u64>) -> Digest {
        let source = SourceId { input, entry: 0 };
        let mut log = Digest::new(source, "a.log");
        for id in ids {
            log.record(&Record {
                place: RecordRef { source, start: id * 10, end: id * 10 + 9, line: id + 1, last_line: id + 1 },
                stamp: Some(Stamp::new(id as i64 * Moment::SECOND, Basis::Zoned)),
                stamp_text: None,
                level: None,
                service: None,
                instance: None,
                message: "GET / 200".into(),
                trace: Some(format!("4bf92f3577b34da6a3ce929d0e0e{id:04}").into()),
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
        }
        log.settled()
    }

    #[test]
    fn logs_with_the_same_requests_are_of_a_proxy_and_what_is_behind_it() {
        assert!(share(&log(0, 0..60), &log(1, 30..90)), "thirty in common");
        assert!(!share(&log(0, 0..60), &log(1, 50..90)), "ten may be the probes of somebody else");
        assert!(!share(&log(0, 0..60), &log(0, 0..60)), "it is one log");
    }

    #[test]
    fn a_proxy_speaks_of_what_is_behind_it() {
        assert!(
            speaks_of_others("upstream timed out (110: Connection timed out)")
                && speaks_of_others("backend shop has no server available!")
        );
        assert!(!speaks_of_others("cannot reach the broker") && !speaks_of_others("read timed out"));
    }
}
