//! Records and events to findings: patterns, series, onsets, topology, hypotheses, chain, contradictions.
//!
//! This crate must never know which format a line had, how a report is phrased, or how it is rendered. It is handed the
//! digest of each source and returns [`findings::Findings`], in which every finding carries the places it rests on.
//! The words by which failures show and people speak are data (`signatures/`, `acts/`).

pub mod acts;
mod apart;
mod bins;
mod chain;
mod changes;
mod clocks;
mod contradictions;
mod course;
pub mod dates;
pub mod diffs;
mod digest;
mod edge;
mod elsewhere;
mod entities;
pub mod findings;
mod found;
mod hypotheses;
mod impact;
mod incident;
pub mod kinds;
mod lasting;
pub mod mask;
mod metrics;
pub mod mining;
mod notes;
mod objections;
mod objects;
mod owned;
mod pairs;
mod parallel;
mod persons;
mod rates;
mod remedy;
mod replay;
mod runs;
mod scene;
mod severity;
mod share;
mod signals;
pub mod signatures;
mod standing;
mod story;
mod stray;
mod targets;
mod ties;
mod times;
mod told;
pub mod traces;
mod tried;
mod warroom;
mod weights;
mod window;

use std::collections::BTreeMap;

use evidence::{Clock, Source};

pub use digest::{Digest, Unreadable};
pub use entities::{is_log_of, service_of_file};
pub use replay::{LEAST_REQUESTS, LEAST_SHARE, MOST_SHARE, TIMES_USUAL};
pub use scene::Scene;

use findings::{
    Findings, Hypothesis, HypothesisKind, MetricBasis, Metrics, Sample, SourceFinding, Stated, Status, Suggestion, Times,
};
use incident::Incident;

/// Reads the words by which failures show, which else happens when they are first asked for: something to do for a thread
/// that has nothing to read.
pub fn prepare() {
    signatures::Catalogue::load();
}

/// What happened, why, and what speaks against it, found by up to so many threads.
pub fn analyse(readings: Vec<(Source, Digest)>, threads: usize) -> Findings {
    found_in(Scene { threads, ..Scene::lay_out(readings) })
}

/// The same with the clocks that [`clocks_of`] found, by the names of the sources: where only a part of each source was
/// read, and they were decided by the whole.
pub fn analyse_by(readings: Vec<(Source, Digest)>, clocks: &BTreeMap<String, Clock>, threads: usize) -> Findings {
    found_in(Scene { threads, ..Scene::lay_out_by(readings, clocks) })
}

/// How far the times of each source are off, by its name.
pub fn clocks_of(readings: Vec<(Source, Digest)>) -> BTreeMap<String, Clock> {
    let scene = Scene::lay_out(readings);
    sources(&scene).into_iter().map(|finding| (finding.source.name, finding.clock)).collect()
}

fn found_in(scene: Scene) -> Findings {
    let threads = scene.threads;
    // Finding it has use for all threads itself; a thread that is alone needs the least memory before.
    let early = (threads < 2).then(|| scene.moments());
    let incident = Incident::find(&scene);
    let moments = || early.unwrap_or_else(|| scene.moments());
    let (moments, found) = parallel::both(threads, moments, || incident.as_ref().map(of_incident));
    drop(incident);
    // A failure of nothing in particular at no time at all is not an incident that could be told.
    let is_told = |findings: &Findings| findings.times.started.is_some() || !findings.timeline.is_empty();
    let mut findings = found.filter(is_told).unwrap_or_else(|| quiet(&scene));
    // The onsets of kinds that the incident has are known better than by their records.
    let onsets = std::mem::replace(&mut findings.moments, moments);
    findings.moments.extend(onsets);
    findings
}

fn of_incident(incident: &Incident<'_>) -> Findings {
    let mut verdict = hypotheses::decide(incident, hypotheses::all(incident));
    for hypothesis in &mut verdict.hypotheses {
        hypothesis.objects = objects::beside(incident, hypothesis);
    }
    let best = verdict.hypotheses.first();
    let (mut times, step) = times::find(incident, best);
    let metrics = impact::find(incident, &times);
    let span = failing(incident, &metrics);
    let contributing = chain::contributing(incident, best, step.as_ref().map(|step| step.at));
    let chain = chain::edges(incident, best, &contributing);
    let blast_radius = chain::blast_radius(incident, best, &chain, &contributing);
    let held = best.filter(|_| verdict.undetermined.is_none());
    let beliefs = warroom::not_held(incident.beliefs(), held);
    let observations = warroom::observations(incident, &times, &beliefs);
    let contradictions = contradictions::find(incident, (&times, &metrics), held, &beliefs);
    let lasting = lasting::find(incident, &times);
    let mut remediation = remedy::of(incident, best, step.as_ref(), (verdict.undetermined.is_some(), times.mitigated.as_ref()));
    let is_decided = verdict.undetermined.is_none();
    let held = objections::Held { hypotheses: &verdict.hypotheses, is_decided, chain: &chain, times: &times };
    let objections = objections::find(incident, &held);
    let mut timeline = story::tell(incident, &times, &verdict.hypotheses);
    timeline.extend(lasting.iter().map(lasting::told));
    timeline.sort_by_key(|h| (h.at, h.kind, h.places.first()));
    let apart = apart::Apart::of(incident);
    let mut actions = warroom::actions(incident.scene);
    actions.retain(|action| !apart.is_of_another(incident, &action.places));
    let first_failing = chain::first_failing(incident, best);
    let owned = owned::of(incident, best.filter(|_| is_decided), &times, &beliefs);
    let found_out = best.and_then(|best| found::of(incident, best, &times));
    let mut suggestions = suggestions(incident, &times, best, span);
    suggestions.retain(|suggestion| !apart.is_of_another(incident, &suggestion.said.places));
    let known = tried::Known { times: &times, remediation: remediation.as_ref(), is_decided };
    tried::fill(&mut verdict.hypotheses, &objections, &known);
    persons::Persons::of(incident.scene).settle(&mut timeline, &mut times, &mut actions, remediation.as_mut());
    Findings {
        sources: sources(incident.scene),
        status: status(incident, &times),
        severity: severity::find(incident),
        services: services(incident),
        stated_title: impact::title(incident),
        metrics,
        timeline,
        first_failing,
        remediation,
        contributing,
        blast_radius,
        unsaid: incident.scene.unsaid.clone(),
        chain,
        actions,
        contradictions,
        suggestions,
        course: course::of(incident, &times),
        alert: incident.edge.as_ref().and_then(|edge| replay::proposed((edge, &times), span)),
        observations,
        one_sided: told::one_sided::of(incident.scene, &incident.signals),
        elsewhere: elsewhere::find(incident),
        looked_at: Vec::new(),
        beliefs,
        owned,
        found_out,
        samples: samples(incident),
        moments: incident.onsets().collect(),
        records: incident.scene.read,
        bounds: incident.scene.bounds.clone(),
        undated_alarms: incident.scene.undated_alarms,
        undetermined: verdict.undetermined,
        hypotheses: verdict.hypotheses,
        objections,
        lasting,
        times,
    }
}

/// Nothing stands out: the input is accounted for, and that is all.
fn quiet(scene: &Scene) -> Findings {
    Findings {
        sources: sources(scene),
        status: Status::NoneFound,
        severity: None,
        services: Vec::new(),
        stated_title: None,
        times: Times::default(),
        lasting: Vec::new(),
        metrics: findings::Metrics::default(),
        timeline: Vec::new(),
        hypotheses: Vec::new(),
        objections: Vec::new(),
        undetermined: None,
        contributing: Vec::new(),
        first_failing: None,
        blast_radius: Vec::new(),
        unsaid: scene.unsaid.clone(),
        remediation: None,
        chain: Vec::new(),
        actions: warroom::actions(scene),
        contradictions: Vec::new(),
        beliefs: Vec::new(),
        owned: None,
        found_out: None,
        suggestions: Vec::new(),
        course: None,
        alert: None,
        observations: Vec::new(),
        one_sided: told::one_sided::of(scene, &[]),
        elsewhere: None,
        looked_at: objects::looked_at(scene),
        samples: Vec::new(),
        moments: BTreeMap::new(),
        records: scene.read,
        bounds: scene.bounds.clone(),
        undated_alarms: scene.undated_alarms,
    }
}

fn suggestions(incident: &Incident<'_>, times: &Times, best: Option<&Hypothesis>, span: replay::Span) -> Vec<Suggestion> {
    let by_change = best.is_some_and(|best| best.kind == HypothesisKind::Change);
    let replayed = |said: Stated| {
        let edge = incident.edge.as_ref();
        let replay = edge.and_then(|edge| replay::of_words(&said.words, (edge, times), by_change, span));
        Suggestion { said, replay }
    };
    warroom::suggestions(incident.scene).into_iter().map(replayed).collect()
}

/// From when until when requests failed, as they are counted elsewhere in the report.
fn failing(incident: &Incident<'_>, metrics: &Metrics) -> replay::Span {
    let counted = metrics.requests_failed.as_ref().and_then(|failed| match &failed.basis {
        MetricBasis::Computed(measure) => Some((measure.from?, measure.to?)),
        MetricBasis::Stated { .. } => None,
    });
    let (from, to) = counted.unwrap_or((incident.window.from, incident.window.to));
    replay::Span { from, to }
}

fn sources(scene: &Scene) -> Vec<SourceFinding> {
    let finding = |source: &Source| {
        if scene.clocks_given {
            return SourceFinding { source: source.clone(), clock: scene.clock(source.id).clone() };
        }
        // Near which instant a source's times are placed is worth a word only where they do not say it themselves.
        let lacks = scene.digests.iter().any(|digest| digest.source == source.id && digest.dates.lacks());
        let mut clock = scene.clock(source.id).clone();
        if source.records == 0 {
            clock.basis = "it has no record, and so no time to correct".into();
        }
        SourceFinding { source: source.clone(), clock: evidence::Clock { anchor: clock.anchor.filter(|_| lacks), ..clock } }
    };
    scene.sources.iter().map(finding).collect()
}

fn status(incident: &Incident<'_>, times: &Times) -> Status {
    if times.resolved.is_some() {
        return Status::Resolved;
    }
    // Where the evidence was cut at a time that was asked for, nobody had seen the end by then.
    let cut = incident.scene.clocks_given;
    let talk = cut || !incident.scene.chat.is_empty() || !incident.scene.pages.is_empty();
    if (talk || incident.goes_on) && times.mitigated.is_none() { Status::Ongoing } else { Status::Unknown }
}

fn services(incident: &Incident<'_>) -> Vec<String> {
    let mut hurt: BTreeMap<String, u64> = incident.services.iter().map(|h| (h.name.clone(), h.count)).collect();
    for (name, failed) in chain::affected(incident) {
        let count = hurt.entry(name).or_default();
        *count = failed.max(*count);
    }
    let mut hurt: Vec<(String, u64)> = hurt.into_iter().collect();
    hurt.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    hurt.into_iter().map(|(name, _)| name).collect()
}

/// Of each failing service its most telling kinds of failure: more of the first ones, and different ones.
fn samples(incident: &Incident<'_>) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for (rank, hurt) in incident.services.iter().take(8).enumerate() {
        let mut shown: Vec<Option<&str>> = Vec::new();
        for index in &hurt.signals {
            let signal = &incident.signals[*index];
            let kind = signal.signature().map(|s| s.id.as_str());
            if shown.contains(&kind) || shown.len() >= if rank < 3 { 4 } else { 2 } {
                continue;
            }
            shown.push(kind);
            let count = incident.shares[*index].inside.max(1);
            samples.push(Sample {
                service: signal.service.clone(),
                words: signal.words.clone(),
                count,
                places: incident::places_of(signal).few(2),
            });
        }
    }
    samples
}
