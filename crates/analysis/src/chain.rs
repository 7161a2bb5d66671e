//! How the failure travelled: from the cause to the services it harmed, each step with what shows it.
//!
//! What it sees: failing records that name another service, traces and spans that two services share, and the order in
//! which they began to fail. A step is verified when a dependency is shown, the order fits and the harmed service does
//! deviate (PAVE, OpenRCA 2.0); otherwise it is printed as a possibility. When it misleads: fault flows against the
//! direction of calls, load with it; a shared cache or broker that nobody names stays invisible.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evidence::Moment;

use crate::acts::Act;
use crate::findings::{Contributing, Edge, EdgeBasis, Hypothesis, HypothesisKind, Places};
use crate::hypotheses::{layers, unreached};
use crate::incident::{Incident, first_place, places_of};
use crate::scene::Utterance;
use crate::signals::{Signal, SignalKind, Text};
use crate::signatures::{Catalogue, Category, Role, Signature};
use crate::targets;
use crate::weights::SAME_TIME_S;
use expressions::{Expression, constant};

mod apart;
mod before;
mod front;
mod load;
mod machine;
mod ordered;
mod own;
mod request;
mod spoken;
mod traced;

pub use front::affected;
use spoken::Talk;
use traced::by_traces;

/// Services harmed by the cause, without the cause itself, most harmed first.
pub fn blast_radius(
    incident: &Incident<'_>,
    best: Option<&Hypothesis>,
    chain: &[Edge],
    contributing: &[Contributing],
) -> Vec<(String, Places)> {
    let root = best.and_then(|h| h.service.as_deref());
    let reached = from_root(root, chain);
    let apart = |name: &str| {
        apart::is_apart(incident, contributing, name)
            && !chain
                .iter()
                .any(|e| e.to == name && (Some(e.from.as_str()) == root || e.verified && reached.contains(&e.from.as_str())))
    };
    // What shows the trigger first, and names nobody whom it depends on, did not suffer by it.
    let shows_it = |name: &str| {
        let own = best.and_then(|h| h.failure.as_ref()).and_then(|f| f.service.as_deref()) == Some(name);
        let is_reached = chain.iter().any(|e| e.to == name);
        let names = |hurt: &crate::incident::Hurt| hurt.signals.iter().any(|i| !incident.named(*i).is_empty());
        own && !is_reached && incident.first().is_some_and(|hurt| hurt.name == name && !names(hurt))
    };
    let harmed =
        |name: &str| Some(name) != root && root.is_none_or(|_| !shows_it(name)) && is_service(incident, name) && !apart(name);
    let mut hurt: Vec<_> = incident.services.iter().filter(|h| harmed(&h.name)).collect();
    hurt.sort_by(|a, b| b.count.cmp(&a.count).then(a.name.cmp(&b.name)));
    // Who only hands on what others answer is harmed by nothing of its own, where one that is harmed is told.
    if !hurt.iter().all(|h| front::passes_on(incident, &h.name)) {
        hurt.retain(|h| !front::passes_on(incident, &h.name));
    }
    let hurt = hurt.into_iter().map(|h| (h.name.clone(), Places::one(first_place(incident, h))));
    let at_the_front = front::harmed(incident).filter(|(name, _)| Some(name.as_str()) != root);
    let mut all: Vec<(String, Places)> = hurt.chain(at_the_front).collect();
    for (name, places) in machine::harmed(incident, best) {
        if Some(name.as_str()) != root && !all.iter().any(|(known, _)| *known == name) {
            all.push((name, places));
        }
    }
    all
}

/// Whom the steps of a chain reach from its root: a step between two others does not tell that the root harmed them.
fn from_root<'c>(root: Option<&'c str>, chain: &'c [Edge]) -> Vec<&'c str> {
    let mut reached: Vec<&str> = root.into_iter().collect();
    let mut at = 0;
    while let Some(from) = reached.get(at).copied() {
        for edge in chain.iter().filter(|edge| edge.from == from) {
            if !reached.contains(&edge.to.as_str()) {
                reached.push(&edge.to);
            }
        }
        at += 1;
    }
    reached
}

/// Not a node, a proxy's own name or a tool: it writes a log, has pods, spans or changes.
fn is_service(incident: &Incident<'_>, name: &str) -> bool {
    let scene = incident.scene;
    if crate::entities::is_proxy(name) {
        return false;
    }
    scene.entities.known(name).is_some() || scene.digests.iter().any(|d| scene.entities.of_source(d.source) == Some(name))
}

/// The service whose own records failed first. One that several failing services name as their target comes before them.
pub fn first_failing(incident: &Incident<'_>, best: Option<&Hypothesis>) -> Option<(String, Places)> {
    let hurt = |name: &str| incident.hurt(name).map(|h| (h.name.clone(), Places::one(first_place(incident, h))));
    let root = best.and_then(|h| h.service.as_deref());
    let common =
        targets::find(incident).into_iter().find(|t| t.callers.len() >= 2 && !t.external && Some(t.name.as_str()) == root);
    if let Some(target) = &common
        && let Some(index) = target.signals.first()
    {
        return hurt(&target.name).or_else(|| Some((target.name.clone(), places_of(&incident.signals[*index]).few(1))));
    }
    // Another company is no service of this house: its first caller is.
    let is_ours = best.is_none_or(|best| best.kind != HypothesisKind::External);
    if let Some(absent) = absent(incident).filter(|_| is_ours) {
        return Some(absent);
    }
    if let Some(silent) = root.filter(|_| is_ours).and_then(|root| answered_badly(incident, root)) {
        return Some(silent);
    }
    if let Some(late) = root.and_then(|root| told_late(incident, root)) {
        return Some(late);
    }
    let near_first = |name: &str| {
        let first = incident.services.first()?.onset;
        incident.hurt(name).filter(|h| h.onset.since(first) <= 30.0)
    };
    let first = root.and_then(near_first).or_else(|| shows_the_cause(incident, best)).or(incident.services.first());
    // Where no service failed, it was a machine.
    let machine = || best.and_then(|h| h.failure.as_ref()).and_then(|f| Some((f.service.clone()?, f.places.few(1))));
    first.map(|h| (h.name.clone(), Places::one(first_place(incident, h)))).or_else(machine).or_else(|| front::first(incident))
}

/// Of those that begin to fail in the same moment the one whose failure is that of the cause; the others hand its answer on.
fn shows_the_cause<'i>(incident: &'i Incident<'_>, best: Option<&Hypothesis>) -> Option<&'i crate::incident::Hurt> {
    let own = best.and_then(|h| h.failure.as_ref()).and_then(|f| f.service.as_deref())?;
    let first = incident.services.first()?.onset;
    incident.hurt(own).filter(|hurt| hurt.onset.since(first) <= SAME_TIME_S)
}

/// Whom the first that failed found nobody at the address of: what is down fails before whoever asks it, and writes nothing.
fn absent(incident: &Incident<'_>) -> Option<(String, Places)> {
    let first = *incident.services.first()?.by_onset.first()?;
    let name = unreached::of(incident, &[first])?;
    Some((name, places_of(&incident.signals[first]).few(1)))
}

/// The cause, of which something else than its own log tells, and later: a container that was killed writes nothing. Who failed first
/// names it.
fn told_late(incident: &Incident<'_>, root: &str) -> Option<(String, Places)> {
    let first = incident.services.first().filter(|first| first.name != root)?;
    let hurt = incident.hurt(root).filter(|hurt| hurt.onset.since(first.onset) > 30.0)?;
    let own = hurt.signals.iter().filter(|i| incident.shares[**i].excess || incident.signals[**i].is_failure());
    // What an orchestrator tells, also where somebody pasted it.
    let by_orchestrator = |i: &usize| {
        let signal = &incident.signals[*i];
        let is_of_it = |s: &&'static Signature| ["k8s", "memory", "node"].contains(&s.family.as_str());
        signal.kind != SignalKind::Log || signal.hits.iter().any(is_of_it)
    };
    let is_told = own.clone().next().is_some() && own.clone().all(by_orchestrator);
    let soon = incident.services.iter().filter(|s| s.name != root && s.onset.since(first.onset) <= 30.0);
    let names = soon.flat_map(|s| &s.signals).any(|i| incident.named(*i).iter().any(|name| name == root));
    (is_told && names).then(|| (hurt.name.clone(), Places::one(first_place(incident, hurt))))
}

/// The cause, which tells of no failure because it writes none (a gateway that logs requests, a service without a log here): the
/// first that failed says that it failed of its answer.
fn answered_badly(incident: &Incident<'_>, root: &str) -> Option<(String, Places)> {
    let first = incident.services.first().filter(|first| first.name != root && incident.hurt(root).is_none())?;
    let span = (incident.window.from, incident.window.to.plus(1.0));
    let own = crate::edge::failing_at(incident.scene, root, span).filter(|failed| failed.at <= first.onset.plus(10.0));
    if let Some(failed) = own {
        return Some((root.to_string(), Places::one(failed.place)));
    }
    let is_silent = incident.scene.ties().logs(root).is_empty() || crate::entities::is_proxy(root);
    let answers = |i: &usize| {
        let is_answer =
            |s: &&'static Signature| ["lb_5xx", "read_timeout", "conn_refused", "conn_reset"].contains(&s.id.as_str());
        incident.named(*i).iter().any(|name| name == root) && incident.signals[*i].hits.iter().any(is_answer)
    };
    let index = first.by_onset.iter().copied().find(|i| is_silent && answers(i))?;
    Some((root.to_string(), places_of(&incident.signals[index]).few(1)))
}

/// Steps from the cause outward: to each harmed service from the cause, else from a harmed one already reached.
pub fn edges(incident: &Incident<'_>, best: Option<&Hypothesis>, contributing: &[Contributing]) -> Vec<Edge> {
    let Some(root) = best.and_then(|h| seen(incident, h)) else { return Vec::new() };
    let mut edges: Vec<Edge> = Vec::new();
    let mut reached = vec![root.clone()];
    let apart = |name: &str| apart::is_apart(incident, contributing, name) && named(incident, &root, name).is_none();
    let open = incident.services.iter().map(|h| h.name.clone()).filter(|n| *n != root && !apart(n));
    let mut open: Vec<Open> = open.map(|name| Open { name, seen: [0; TIERS] }).collect();
    let mut talk = Talk::default();
    loop {
        // What a record names goes before what only shares traces with it, as all do that stand behind it; what is shown goes before
        // what may be, whichever service it leads from.
        let found = next(&mut open, &reached, 0, |from, to| called(incident, from, to))
            .or_else(|| next(&mut open, &reached, 1, |from, to| shared(incident, best, from, to)))
            .or_else(|| next(&mut open, &reached, 2, |from, to| likely(incident, best, (from, to), &mut talk)))
            .or_else(|| in_vain(incident, &open))
            .or_else(|| own::failing(incident, best, &root, open.iter().map(|open| open.name.as_str())));
        let Some((index, edge)) = found else { break };
        if !reached.contains(&edge.from) {
            reached.push(edge.from.clone());
        }
        reached.push(open.remove(index).name);
        edges.push(edge);
    }
    if let Some(edge) = own::behind(incident, best, &root) {
        edges.insert(0, edge);
    }
    let left: Vec<&str> = open.iter().map(|open| open.name.as_str()).collect();
    let ordered = ordered::edges(incident, best, &left, &edges);
    reached.extend(ordered.iter().map(|edge| edge.to.clone()));
    edges.extend(ordered);
    let loaded = load::edges(incident, best, &edges);
    let is_victim = |e: &Edge| loaded.iter().any(|l| l.to == e.from && l.from == e.to);
    edges.extend(side_branches(incident, contributing, &edges).into_iter().filter(|e| !is_victim(e)));
    edges.extend(loaded);
    reached.extend(edges.iter().flat_map(|e| [e.from.clone(), e.to.clone()]));
    let front = front::edge(incident, &reached).or_else(|| front::behind(incident, &edges, &reached));
    edges.extend(front);
    let edges = front::seen_through(incident, edges);
    edges.into_iter().map(|edge| request::with_request(incident, edge)).collect()
}

/// Where it shows: the service of the cause or, where no record knows that, the one that the failure is at.
fn seen(incident: &Incident<'_>, best: &Hypothesis) -> Option<String> {
    let is_known = |name: &&String| is_service(incident, name) || incident.hurt(name).is_some() || best.failure.is_none();
    let failing = || best.failure.as_ref().and_then(|f| f.service.as_ref());
    best.service.as_ref().filter(is_known).or_else(failing).or(best.service.as_ref()).cloned()
}

/// What contributes hangs on the chain where a reached service names it.
fn side_branches(incident: &Incident<'_>, contributing: &[Contributing], known: &[Edge]) -> Vec<Edge> {
    let mut found: Vec<Edge> = Vec::new();
    let mut pairs: BTreeSet<(String, String)> = known.iter().map(|e| (e.from.clone(), e.to.clone())).collect();
    let names: Vec<String> = incident.services.iter().map(|h| h.name.clone()).collect();
    let sources: Vec<String> = targets::find(incident)
        .into_iter()
        .map(|t| t.name)
        .chain(contributing.iter().filter_map(|c| c.service.clone()))
        .collect();
    for from in sources.into_iter().filter(|from| contributes(contributing, from)) {
        for to in &names {
            let is_known = |from: &String, to: &String| pairs.contains(&(from.clone(), to.clone()));
            if from == *to || is_known(&from, to) || is_known(to, &from) {
                continue;
            }
            if let Some(edge) = named(incident, &from, to) {
                pairs.insert((edge.from.clone(), edge.to.clone()));
                found.push(edge);
            }
        }
    }
    found
}

fn contributes(contributing: &[Contributing], name: &str) -> bool {
    contributing.iter().any(|c| {
        c.service.as_deref() == Some(name)
            || c.signature.is_some_and(|s| s.id.starts_with(name))
            || c.words.to_lowercase().contains(name)
    })
}

/// Kinds of ties, the surest first.
const TIERS: usize = 3;

/// A harmed service that no step reached yet.
struct Open {
    name: String,
    /// How many of the reached ones it is known to have no tie to: named, shared, and likely.
    seen: [usize; TIERS],
}

fn next(
    open: &mut [Open],
    reached: &[String],
    tier: usize,
    mut edge: impl FnMut(&str, &str) -> Option<Edge>,
) -> Option<(usize, Edge)> {
    open.iter_mut().enumerate().find_map(|(index, to)| {
        let edge = reached[to.seen[tier]..].iter().find_map(|from| edge(from, &to.name));
        to.seen[tier] = reached.len();
        Some((index, edge?))
    })
}

/// A dependency that a failing record or a span names.
fn called(incident: &Incident<'_>, from: &str, to: &str) -> Option<Edge> {
    let whole = |i: &usize| incident.named(*i).iter().any(|n| n == from);
    by_record(incident, from, to, whole).or_else(|| by_spans(incident, from, to))
}

/// A dependency that traces show, or what the root provides to everybody.
fn shared(incident: &Incident<'_>, best: Option<&Hypothesis>, from: &str, to: &str) -> Option<Edge> {
    by_traces(incident, from, to).or_else(|| same_kind(incident, best, from, to).filter(|edge| edge.verified))
}

/// Somebody who is asked in vain and tells of nothing himself: no step leads there, and one leads from there.
fn in_vain(incident: &Incident<'_>, open: &[Open]) -> Option<(usize, Edge)> {
    open.iter().enumerate().find_map(|(index, to)| {
        let hurt = incident.hurt(&to.name)?;
        let from = hurt.by_onset.iter().find_map(|i| unreached::asked_by(incident, *i))?;
        Some((index, called(incident, from, &to.name)?))
    })
}

/// What speaks for a dependency: a part of a name, the same kind of failure, words of people.
fn likely(incident: &Incident<'_>, best: Option<&Hypothesis>, (from, to): (&str, &str), talk: &mut Talk) -> Option<Edge> {
    hinted(incident, from, to)
        .or_else(|| same_kind(incident, best, from, to))
        .or_else(|| spoken::said(incident, (from, to), talk))
}

/// A shown dependency: `to` names `from` in a failure, calls it, or shares its traces.
pub fn link(incident: &Incident<'_>, from: &str, to: &str) -> Option<Edge> {
    named(incident, from, to).or_else(|| by_spans(incident, from, to)).or_else(|| by_traces(incident, from, to))
}

/// Those of these failing services that no [`link`] ties to another one, in either direction.
pub fn lonely<'n>(incident: &'n Incident<'_>, mut names: BTreeSet<&'n str>) -> BTreeSet<&'n str> {
    if names.is_empty() {
        return names;
    }
    let ties = incident.scene.ties();
    let mut pairs: Vec<(&str, &str)> = ties.calls().collect();
    let mut by_part: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for hurt in &incident.services {
        telling_part(incident, &hurt.name).into_iter().for_each(|part| by_part.entry(part).or_default().push(&hurt.name));
    }
    for hurt in &incident.services {
        for signal in &hurt.signals {
            pairs.extend(incident.named(*signal).iter().map(|name| (name.as_str(), hurt.name.as_str())));
            let signal = &incident.signals[*signal];
            let words = [signal.words.as_str()].into_iter().chain(signal.headings()).collect::<Vec<_>>().join(" ").to_lowercase();
            let named = words.split(|c: char| !c.is_alphanumeric()).filter_map(|word| by_part.get(word)).flatten();
            pairs.extend(named.map(|name| (*name, hurt.name.as_str())));
        }
    }
    for (from, to) in pairs {
        if from != to && incident.hurt(from).is_some() && incident.hurt(to).is_some() {
            names.remove(from);
            names.remove(to);
        }
    }
    // Last, as all the traces of two logs are compared.
    let with_logs: Vec<&str> = incident.services.iter().map(|h| h.name.as_str()).filter(|n| !ties.logs(n).is_empty()).collect();
    let shares = |one: &str, other: &str| by_traces(incident, one, other).or_else(|| by_traces(incident, other, one)).is_some();
    names.retain(|name| ties.logs(name).is_empty() || !with_logs.iter().any(|other| other != name && shares(name, other)));
    names
}

/// What the root provides to everybody (names, certificates) is what `to` fails on.
fn same_kind(incident: &Incident<'_>, best: Option<&Hypothesis>, from: &str, to: &str) -> Option<Edge> {
    let best = best.filter(|h| h.service.as_deref() == Some(from))?;
    let signature = best.signature?;
    let hurt = incident.hurt(to)?;
    let asks_in_vain =
        |h: &crate::incident::Hurt| h.signals.iter().any(|i| incident.signals[*i].hits.iter().any(|s| s.id == signature.id));
    // Who asks for names in vain gives none to others.
    if signature.family == "dns" && incident.hurt(from).is_some_and(asks_in_vain) && !crate::targets::lookups::answers(from) {
        return None;
    }
    // Who fails of another house's service is no part of what others fail of.
    if signature.family == "external" && incident.hurt(from).is_some_and(asks_in_vain) {
        return None;
    }
    let serves = matches!(signature.family.as_str(), "dns" | "tls" | "external" | "auth" | "disk" | "db");
    let index = hurt.signals.iter().copied().find(|i| incident.signals[*i].hits.iter().any(|s| s.id == signature.id))?;
    let signal = &incident.signals[index];
    // What one of them failed of before is another story.
    let of_kind = |i: &&usize| incident.signals[**i].hits.iter().any(|s| s.id == signature.id);
    let began = |h: &crate::incident::Hurt| h.by_onset.iter().find(of_kind).map_or(h.onset, |i| incident.shares[*i].onset);
    incident.hurt(from).is_none_or(|h| began(h) <= began(hurt).plus(10.0)).then_some(())?;
    Some(Edge {
        from: from.into(),
        to: to.into(),
        verified: serves,
        by: EdgeBasis::Alike { words: signal.words.clone() },
        places: places_of(signal).few(2),
    })
}

/// A failing record of `to` names `from`, whole or by its telling part.
fn named(incident: &Incident<'_>, from: &str, to: &str) -> Option<Edge> {
    let whole = |i: &usize| incident.named(*i).iter().any(|n| n == from);
    by_record(incident, from, to, whole).or_else(|| hinted(incident, from, to))
}

/// A failing record of `to` has the telling part of the name, which may be a word of every day.
fn hinted(incident: &Incident<'_>, from: &str, to: &str) -> Option<Edge> {
    let part = telling_part(incident, from)?;
    let says = |signal: &Signal| has_word(&signal.words, part) || signal.headings().any(|line| has_word(line, part));
    let edge = by_record(incident, from, to, |i| says(&incident.signals[*i]))?;
    Some(Edge { verified: false, ..edge })
}

/// The first failing record of `to` that `names` the other.
fn by_record(incident: &Incident<'_>, from: &str, to: &str, names: impl Fn(&usize) -> bool) -> Option<Edge> {
    let hurt = incident.hurt(to)?;
    let index = hurt.by_onset.iter().copied().find(|i| names(i))?;
    let signal = &incident.signals[index];
    let places = places_of(signal).few(2);
    let order = incident.hurt(from).is_none_or(|h| h.onset <= hurt.onset.plus(10.0));
    Some(Edge { from: from.into(), to: to.into(), verified: order, by: by_words(incident, signal, from), places })
}

/// Whether the record has the name itself, or speaks of what bears it.
fn by_words(incident: &Incident<'_>, signal: &Signal, name: &str) -> EdgeBasis {
    let words = signal.words.clone();
    let product = crate::targets::stores::product_of(incident.stores(), name);
    let lookups = crate::targets::lookups::answers(name).then_some("names that were not resolved");
    let is_named = |text: &Text| crate::changes::mentions(text, name);
    match product.or(lookups).filter(|_| !signal.texts.iter().any(is_named)) {
        Some(of) => EdgeBasis::SpeaksOf { of: of.to_string(), words },
        None => EdgeBasis::Names { words },
    }
}

/// The telling part of a name that no other service shares (`settlement` for `settlement-worker`).
fn telling_part<'n>(incident: &Incident<'_>, name: &'n str) -> Option<&'n str> {
    let (stem, _) = name.split_once('-')?;
    (stem.len() >= 5 && incident.scene.ties().is_telling(stem)).then_some(stem)
}

/// It stands there as a word, not as a part of a file's name or of another compound.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.to_lowercase().split(|c: char| !joins(c)).any(|w| w.trim_matches(['.', '-', '_']) == word)
}

/// A span of `to` has a child in `from`, or names it as its peer.
fn by_spans(incident: &Incident<'_>, from: &str, to: &str) -> Option<Edge> {
    let scene = incident.scene;
    let child = scene.spans.get(scene.ties().call(from, to)?)?;
    let places = incident.hurt(to).map_or(Places::one(child.place), |h| Places::new(child.place, [first_place(incident, h)]));
    Some(Edge {
        from: from.into(),
        to: to.into(),
        verified: true,
        by: EdgeBasis::Spans { name: child.what.name.clone() },
        places,
    })
}

/// What made it worse or possible beside the cause: failures of another kind in other services that are more than a
/// consequence, older trouble of a cause's kind that names the root, and amplifiers that people name.
/// What first failed when it was being ended is a consequence of that.
pub fn contributing(incident: &Incident<'_>, best: Option<&Hypothesis>, ended: Option<Moment>) -> Vec<Contributing> {
    let root = best.and_then(|h| h.service.as_deref());
    let root_signature = best.and_then(|h| h.signature);
    let mut found: Vec<Contributing> = Vec::new();
    let mut order: Vec<usize> = (0..incident.signals.len()).collect();
    order.sort_by(|a, b| weight(incident, *b).total_cmp(&weight(incident, *a)).then(a.cmp(b)));
    for index in order {
        let signal = &incident.signals[index];
        let Some(signature) = side_signature(signal, root_signature) else { continue };
        let own = signal.service.as_deref() == root;
        let amplifies = signature.role == Role::Amplifier;
        let known = signal.service.as_deref().is_none_or(|s| incident.hurt(s).is_some());
        let in_story = incident.shares[index].excess && known && (!own || amplifies);
        let in_story = in_story && ended.is_none_or(|ended| incident.shares[index].onset < ended);
        let older = !incident.shares[index].excess && names_root(incident, signal, best) && !own;
        let note = signal.kind == SignalKind::Note && (older || names_root(incident, signal, best));
        let calls_root = signature.role == Role::External && root.is_some_and(|r| incident.named(index).iter().any(|n| n == r));
        let is_harmed = in_story && !amplifies && !own && (names_root(incident, signal, best) || blames_another(incident, index));
        if !(in_story || older || note) || is_harmed || calls_root || only_consequence(signature, signal, root) {
            continue;
        }
        if in_story && layers::follows(incident, best, signature, incident.shares[index].onset) {
            continue;
        }
        push(&mut found, incident, index, Some(signature));
    }
    for index in by_clues(incident, best) {
        let signal = &incident.signals[index];
        push(&mut found, incident, index, signal.signature());
    }
    for factor in before::each_time(incident, best).into_iter().chain(before::upkeep(incident, best)) {
        if !found.iter().any(|c| is_shown_by(c, &factor.places)) {
            found.push(factor);
        }
    }
    found.extend(said_amplifiers(incident, best, &found));
    found.truncate(6);
    found
}

/// It has no backend, and names another failing service that is the one without: it suffers by that and adds nothing.
fn blames_another(incident: &Incident<'_>, index: usize) -> bool {
    let signal = &incident.signals[index];
    let has_none = signal.signature().is_some_and(|s| matches!(s.id.as_str(), "no_endpoints" | "lb_5xx"));
    let failed_before = |name: &String| {
        let onset = incident.shares[index].onset;
        signal.service.as_ref() != Some(name) && incident.hurt(name).is_some_and(|hurt| hurt.onset <= onset)
    };
    has_none && incident.named(index).iter().any(failed_before)
}

/// Older errors of other services that share a rare name with what led to the root's failure.
fn by_clues(incident: &Incident<'_>, best: Option<&Hypothesis>) -> Vec<usize> {
    let Some(best) = best else { return Vec::new() };
    let led = best.terms.iter().filter(|t| t.name == "what led to it").flat_map(|t| t.places.iter());
    let notes: Vec<&Signal> = led.filter_map(|p| incident.signals.iter().find(|s| s.places.contains(p))).collect();
    let clues: Vec<String> = notes.iter().flat_map(|n| identifiers(&n.words)).collect();
    if clues.is_empty() {
        return Vec::new();
    }
    let shares = |s: &Signal| s.texts.iter().any(|t| identifiers(t).iter().any(|i| clues.contains(i)));
    let other = |s: &Signal| s.service.is_some() && s.service != best.service && s.level.is_some_and(evidence::Level::is_bad);
    let older = |i: &usize| !incident.shares[*i].excess;
    (0..incident.signals.len())
        .filter(older)
        .filter(|i| other(&incident.signals[*i]) && shares(&incident.signals[*i]))
        .take(2)
        .collect()
}

/// Compound names in a text (`dbz_ledger`, `dbz-ledger`), in one spelling.
fn identifiers(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').map(|w| w.trim_matches(['-', '_']));
    let compound = words
        .filter(|w| w.len() >= 6 && w.contains(['-', '_']) && w.bytes().filter(u8::is_ascii_alphabetic).count() * 2 > w.len());
    compound.map(|w| w.to_lowercase().replace('_', "-")).collect()
}

fn weight(incident: &Incident<'_>, index: usize) -> f64 {
    let signal = &incident.signals[index];
    let best = signal.hits.iter().map(|s| s.weight()).fold(0.0, f64::max);
    best + (1.0 + incident.shares[index].inside as f64).ln() * 0.3
}

/// A cause, an amplifier or something external that is not the root's own kind.
fn side_signature(signal: &Signal, root: Option<&'static Signature>) -> Option<&'static Signature> {
    signal.hits.iter().copied().find(|s| {
        // A bound that is reached makes it worse for all behind it, whatever brought it about.
        let is_bound = s.role == Role::Symptom && s.family == "pool" && root.is_some_and(|r| r.family != s.family);
        let adds = matches!(s.role, Role::Cause | Role::Amplifier | Role::External) || is_bound;
        adds && root.is_none_or(|r| r.id != s.id)
    })
}

/// It merely says that the root cannot be reached, or repeats the root's family.
fn only_consequence(signature: &Signature, signal: &Signal, root: Option<&str>) -> bool {
    let lower = signal.words.to_lowercase();
    if ["could not connect", "connection refused", "starting up", "recovery mode", "shutting down", "connection reset"]
        .iter()
        .any(|w| lower.contains(w))
    {
        return true;
    }
    let reaches = matches!(signature.family.as_str(), "connect" | "network" | "crash");
    reaches && root.is_some_and(|r| signal.texts.iter().any(|t| crate::entities::word_at(&t.to_lowercase(), r).is_some()))
}

/// Its text names the root service, or what the root's failure is about.
fn names_root(incident: &Incident<'_>, signal: &Signal, best: Option<&Hypothesis>) -> bool {
    let Some(root) = best.and_then(|h| h.service.as_deref()) else { return false };
    signal.texts.iter().any(|t| {
        incident.scene.entities.named_in(t).iter().any(|n| n == root)
            || crate::entities::word_at(&t.to_lowercase(), root).is_some()
    })
}

fn push(found: &mut Vec<Contributing>, incident: &Incident<'_>, index: usize, signature: Option<&'static Signature>) {
    let signal = &incident.signals[index];
    let (service, words) = (signal.service.clone(), signal.words.clone());
    let same = |c: &Contributing| c.service == service && c.signature.map(|s| &s.id) == signature.map(|s| &s.id);
    let places = places_of(signal).few(2);
    if found.iter().any(|c| same(c) || is_shown_by(c, &places)) {
        return;
    }
    let first = (signal.kind != SignalKind::Note).then_some(signal.first);
    found.push(Contributing { service, signature, words, first, count: signal.count, places });
}

/// One of these records tells of the factor already.
fn is_shown_by(factor: &Contributing, places: &Places) -> bool {
    factor.places.iter().any(|p| places.iter().any(|own| own == p))
}

/// More is asked for than before, by those outside.
fn is_load(signature: &Signature) -> bool {
    signature.role == Role::External && signature.category == Category::Load
}

/// What a message states: its sentences without those that deny, guess, ask, or say what is to be done.
fn states(said: &Utterance) -> String {
    static DENIES: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:asleep|idle|bored|flat|as (?:usual|always)|normal|no (?:more |extra |unusual )?(?:load|traffic|retr(?:y|ies))|(?:load|stress|capacity)[- ]?tests?|rehears\w+|(?:did|does|do|is|was|are|were)(?:n[’']t| not)|can(?:[’']t|not)|ruled out)\b|\?",
        )
    });
    // "4x the normal load" is not normal.
    static MULTIPLE: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)\d ?(?:x|times|fold)(?: (?:the|our|its|more than|of the|of))? $"));
    const ASIDE: [Act; 4] = [Act::Refute, Act::Suppose, Act::ActionItem, Act::Prevention];
    let text = &said.message.text;
    let aside = |from: usize, to: usize| said.said.iter().any(|s| ASIDE.contains(&s.act) && s.span.0 < to && from < s.span.1);
    let sentences = crate::acts::relative_sentence_split(text).into_iter();
    let stated = sentences.filter(|(from, to)| !aside(*from, *to)).filter_map(|(from, to)| text.get(from..to));
    let denies = |sentence: &str| DENIES.find_iter(sentence).any(|m| !MULTIPLE.is_match(&sentence[..m.start()]));
    stated.filter(|sentence| !denies(sentence)).collect::<Vec<_>>().join(" ")
}

/// People name what made it worse (`5 retries with no backoff`).
fn said_amplifiers(incident: &Incident<'_>, best: Option<&Hypothesis>, known: &[Contributing]) -> Vec<Contributing> {
    let root = best.and_then(|h| h.service.as_deref());
    let own = best.and_then(|h| h.signature).map(|s| s.id.as_str());
    let catalogue = Catalogue::load();
    let mut found: Vec<Contributing> = Vec::new();
    for message in incident
        .scene
        .chat
        .iter()
        .filter(|m| !m.what.message.is_bot && m.at >= incident.window.from && m.at <= incident.window.to.plus(1_800.0))
    {
        let text = &message.what.message.text;
        if catalogue.matches(text).is_empty() {
            continue;
        }
        for hit in catalogue.matches(&states(&message.what)) {
            let signature = hit.signature;
            let amplifies = signature.role == Role::Amplifier || is_load(signature);
            let is_known = known.iter().chain(&found).any(|c| c.signature.is_some_and(|s| s.id == signature.id));
            if !amplifies || is_known || own == Some(signature.id.as_str()) {
                continue;
            }
            let named = incident.scene.entities.named_in(text).into_iter().find(|n| Some(n.as_str()) != root);
            let service =
                named.or_else(|| incident.services.iter().find(|h| Some(h.name.as_str()) != root).map(|h| h.name.clone()));
            found.push(Contributing {
                service,
                signature: Some(signature),
                words: text.clone(),
                first: Some(message.at),
                count: 1,
                places: Places::one(message.place),
            });
            // The same words are not told again as something more general.
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(text: &str) -> String {
        let message = evidence::Message { author: "ana".into(), text: text.into(), ..evidence::Message::default() };
        let said = crate::acts::read(text, "ana", false);
        states(&Utterance { message, speaker: "@ana".into(), said })
    }

    #[test]
    fn what_is_denied_asked_or_to_be_done_is_not_stated() {
        for text in [
            "the store is asleep, and the load test in May did 4x",
            "is that a retry storm?",
            "TODO: ben adds load shedding to basket, by 2025-04-01",
        ] {
            assert_eq!(stated(text), "", "{text}");
        }
        assert!(stated("we make it worse, 5 retries with no backoff").contains("no backoff"));
        assert!(stated("3 retries with no backoff, the store gets 4x the normal load").contains("no backoff"));
        assert_eq!(stated("3 retries with no backoff, as the normal load"), "");
    }
}
