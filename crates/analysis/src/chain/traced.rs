//! Steps of the chain that traces in two logs show.
//!
//! What it sees: which log holds the first and the last record of what both worked on. Why it matters: most logs name nobody
//! and carry a trace. When it misleads: clocks that differ by more than a call takes; logs of one record a trace, of which the
//! earlier may be of who asked or of who answered.

use evidence::RecordRef;

use crate::digest::{Digest, TraceLink};
use crate::findings::{Edge, EdgeBasis, Places};
use crate::incident::{Incident, first_place};
use crate::scene::Scene;
use crate::signals::Signal;

/// Whether the one link stands to the other in some order.
type Order = fn(&Scene, (&Digest, &TraceLink), (&Digest, &TraceLink)) -> bool;

/// Traces that two logs share before they tell anything.
const LEAST: usize = 3;

/// Both logs hold the same traces.
pub fn by_traces(incident: &Incident<'_>, from: &str, to: &str) -> Option<Edge> {
    let scene = incident.scene;
    let of = |name: &str| scene.ties().logs(name).iter().map(|at| &scene.digests[*at]);
    for a in of(from) {
        for b in of(to) {
            let shared: Vec<(RecordRef, RecordRef)> =
                a.traces.iter().filter_map(|(id, link)| Some((link.place, b.traces.get(id)?.place))).collect();
            let count = |is_so: Order| {
                let both = a.traces.iter().filter_map(|(id, link)| Some((link, b.traces.get(id)?)));
                both.filter(|(own, other)| is_so(scene, (a, own), (b, other))).count()
            };
            // Who asks begins no later and ends no earlier than who serves.
            let serves = count(served_first) * 2 <= shared.len() && count(asks) * 2 <= shared.len();
            if shared.len() >= LEAST && (serves || takes_data(incident, to)) {
                if is_passed_on(incident, (from, a), (to, b)) {
                    continue;
                }
                let hurt = incident.hurt(to)?;
                let given = hurt.by_onset.iter().map(|i| &incident.signals[*i]).find(|s| is_given(s)).filter(|_| !serves);
                let failing = given.map_or_else(|| first_place(incident, hurt), |signal| signal.places[0]);
                let places = Places::new(shared[0].0, [shared[0].1, failing]);
                let by = match given {
                    Some(signal) => EdgeBasis::Data { words: signal.words.clone() },
                    None => EdgeBasis::Traces { shared: shared.len() as u64 },
                };
                // One record of each tells that they worked on the same, and not who asked.
                let within = count(|scene, own, other| asks(scene, other, own)) * 2 > shared.len();
                let verified = given.is_some() || within || answers_first(scene, a, b);
                return Some(Edge { from: from.into(), to: to.into(), verified, by, places });
            }
        }
    }
    None
}

/// What both have of one trace is written by `a` before it is by `b`, as who serves is done before who asks.
fn answers_first(scene: &Scene, a: &Digest, b: &Digest) -> bool {
    let at = |digest: &Digest, stamp| scene.clock(digest.source).moment(stamp);
    let both = || a.traces.iter().filter_map(|(id, link)| Some((link, b.traces.get(id)?)));
    let before = both().filter(|(own, other)| at(a, own.last) < at(b, other.last)).count();
    before * 10 >= both().count() * 9
}

/// A third failing service stands between the two in most of what they share: it asks the one and serves the other.
fn is_passed_on(incident: &Incident<'_>, (from, a): (&str, &Digest), (to, b): (&str, &Digest)) -> bool {
    let scene = incident.scene;
    let others = incident.services.iter().map(|h| h.name.as_str()).filter(|name| *name != from && *name != to);
    let shared = a.traces.iter().filter_map(|(id, own)| Some((id, own, b.traces.get(id)?)));
    let shared: Vec<(&_, &TraceLink, &TraceLink)> = shared.collect();
    let stands = |c: &Digest| {
        let within = |(id, own, other): &&(&_, &TraceLink, &TraceLink)| {
            c.traces.get(*id).is_some_and(|link| asks(scene, (c, link), (a, own)) && asks(scene, (b, other), (c, link)))
        };
        shared.iter().filter(within).count() * 2 > shared.len()
    };
    others.flat_map(|name| scene.ties().logs(name)).any(|at| stands(&scene.digests[*at]))
}

/// The record of `a` was written before that of `b`: the work passed from `a` on to `b`.
fn served_first(scene: &Scene, (a, own): (&Digest, &TraceLink), (b, other): (&Digest, &TraceLink)) -> bool {
    let at = |digest: &Digest, stamp| scene.clock(digest.source).moment(stamp);
    match (at(a, own.last), at(b, other.last)) {
        (Some(from), Some(to)) => from.plus(0.2) < to && at(a, own.first) < at(b, other.first),
        _ => false,
    }
}

/// All that `b` wrote of the work stands between the first and the last record of `a`.
fn asks(scene: &Scene, (a, own): (&Digest, &TraceLink), (b, other): (&Digest, &TraceLink)) -> bool {
    let at = |digest: &Digest, stamp| scene.clock(digest.source).moment(stamp);
    at(a, own.first) < at(b, other.first) && at(b, other.last) < at(a, own.last)
}

/// The service fails on what it is given.
fn takes_data(incident: &Incident<'_>, service: &str) -> bool {
    incident.hurt(service).is_some_and(|h| h.signals.iter().any(|i| is_given(&incident.signals[*i])))
}

fn is_given(signal: &Signal) -> bool {
    signal.hits.iter().any(|s| matches!(s.family.as_str(), "data" | "queue"))
}
