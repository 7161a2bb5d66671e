//! The incident within the scene: which trouble belongs to it, which services it hit, and what failed first.

use std::collections::BTreeMap;

use evidence::{Moment, RecordRef};

use crate::edge::{self, Edge};
use crate::entities;
use crate::findings::{Failure, Places};
use crate::scene::Scene;
use crate::share::{self, Share};
use crate::signals::{self, Signal, SignalKind};
use crate::signatures::Role;
use crate::window::{self, Window};

pub struct Incident<'a> {
    pub scene: &'a Scene,
    pub signals: Vec<Signal>,
    pub shares: Vec<Share>,
    pub edge: Option<Edge>,
    pub window: Window,
    /// Services with trouble of the incident's, by onset.
    pub services: Vec<Hurt>,
    /// No record tells of a failure: metrics that moved stand for it.
    by_metrics: bool,
}

/// A service that fails in the incident.
#[derive(Debug, Clone)]
pub struct Hurt {
    pub name: String,
    pub onset: Moment,
    /// Indexes of its signals in excess, the most telling first.
    pub signals: Vec<usize>,
    pub count: u64,
}

impl<'a> Incident<'a> {
    /// `None` when nothing stands out.
    pub fn find(scene: &'a Scene) -> Option<Incident<'a>> {
        let mut signals = signals::collect(scene);
        for signal in &mut signals {
            attribute(scene, signal);
        }
        let edge = edge::find(scene);
        let mut window = window::find(scene, &signals, edge.as_ref())?;
        let shares: Vec<Share> = signals.iter().map(|s| share::share(s, &window)).collect();
        share::extend(&mut window, &signals, &shares);
        let mut shares: Vec<Share> = signals.iter().map(|s| share::share(s, &window)).collect();
        share::weed(&signals, &mut shares, &window);
        let by_metrics = !signals.iter().zip(&shares).any(|(signal, share)| share.excess && is_record(signal));
        let mut services = hurt(&signals, &shares, by_metrics);
        services.retain(|h| !scene.is_node(&h.name));
        let mut incident = Incident { scene, signals, shares, edge, window, services, by_metrics };
        let lonely: Vec<String> = incident.services.iter().filter(|h| incident.is_lonely(h)).map(|h| h.name.clone()).collect();
        incident.services.retain(|h| !lonely.contains(&h.name));
        Some(incident)
    }

    /// Only the orchestrator or warnings speak of it, and nothing joins it to another failing service: trouble of its own.
    fn is_lonely(&self, hurt: &Hurt) -> bool {
        let faint =
            |i: &usize| self.signals[*i].kind == SignalKind::Kube || self.signals[*i].level == Some(evidence::Level::Warn);
        let joined = |other: &Hurt| {
            other.name != hurt.name
                && (crate::chain::link(self, &other.name, &hurt.name).is_some()
                    || crate::chain::link(self, &hurt.name, &other.name).is_some())
        };
        self.services.len() > 1 && hurt.signals.iter().all(faint) && !self.services.iter().any(joined)
    }

    /// Signals of the incident that are failures, by onset.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Signal, &Share)> {
        self.signals
            .iter()
            .zip(&self.shares)
            .enumerate()
            .map(|(i, (signal, share))| (i, signal, share))
            .filter(|(_, signal, share)| share.excess && counts(signal, self.by_metrics))
    }

    /// When a signal's trouble began: its onset, earlier by what its first record says that it took.
    pub fn began(&self, index: usize) -> Moment {
        let share = &self.shares[index];
        match self.signals[index].lasted_s {
            Some(seconds) if share.new && seconds < 600.0 => share.onset.plus(-seconds),
            _ => share.onset,
        }
    }

    /// The failure that tells most about the cause, among those that `fits` allows.
    pub fn main_failure(&self, fits: impl Fn(&Signal) -> bool) -> Option<usize> {
        let first = self.failures().map(|(_, _, share)| share.onset).min()?;
        let chosen = self.failures().filter(|(_, s, _)| fits(s));
        chosen.max_by(|a, b| telling(a.1, a.2, first).total_cmp(&telling(b.1, b.2, first)).then(b.0.cmp(&a.0))).map(|(i, _, _)| i)
    }

    pub fn failure(&self, index: usize) -> Failure {
        let signal = &self.signals[index];
        Failure {
            service: signal.service.clone(),
            signature: signal.signature(),
            words: signal.words.clone(),
            frame: signal.trace.as_ref().and_then(frame_words),
            first: self.shares[index].onset,
            count: signal.count,
            places: places_of(signal),
        }
    }

    pub fn hurt(&self, service: &str) -> Option<&Hurt> {
        self.services.iter().find(|h| h.name == service)
    }
}

/// The innermost own frame of a stack trace, as a reader would name it.
fn frame_words(trace: &crate::traces::Trace) -> Option<String> {
    let frame = trace.top_in_app()?;
    if frame.function.is_empty() {
        return None;
    }
    // The type or module that owns it: `(*PaymentService)` of Go, the last part of a path elsewhere.
    let owner = frame.module.rsplit(['/', '.', ':']).find(|part| !part.is_empty()).unwrap_or("");
    let owner = owner.trim_matches(['(', ')', '*']);
    let named = owner.is_empty() || frame.function.contains(owner);
    Some(if named { frame.function.clone() } else { format!("{owner}.{}", frame.function) })
}

pub fn places_of(signal: &Signal) -> Places {
    Places::from_many(signal.places.iter().copied()).unwrap_or_else(|| Places::one(signal.last_place))
}

/// A host's program speaks of the workload that it names, or else of the host.
fn attribute(scene: &Scene, signal: &mut Signal) {
    let Some(service) = &signal.service else { return };
    if !entities::is_host_program(service) {
        return;
    }
    let named = signal.texts.iter().flat_map(|t| scene.entities.named_in(t)).find(|n| !entities::is_host_program(n));
    signal.service = named.or_else(|| {
        let own = scene.entities.of_source(signal.source).filter(|s| !entities::is_host_program(s));
        own.map(str::to_string).or_else(|| crate::entities::from_file_name(scene.source_name(signal.source)))
    });
    signal.service = signal.service.take().filter(|s| !entities::is_node(s));
}

fn is_record(signal: &Signal) -> bool {
    signal.is_failure() && !matches!(signal.kind, SignalKind::Note | SignalKind::Metric)
}

/// A failure that a record tells of or, where no record does, a metric that users feel.
fn counts(signal: &Signal, by_metrics: bool) -> bool {
    is_record(signal) || (by_metrics && signal.kind == SignalKind::Metric && is_felt(&signal.words))
}

/// Latency, errors, lag and saturation are felt; throughput and the like are not by themselves.
fn is_felt(metric: &str) -> bool {
    let lower = metric.to_lowercase();
    ["latency", "duration", "error", "fail", "timeout", "p99", "p95", "p90", "lag", "queue", "5xx", "saturation", "restarts"]
        .iter()
        .any(|w| lower.contains(w))
}

fn hurt(signals: &[Signal], shares: &[Share], by_metrics: bool) -> Vec<Hurt> {
    let mut by_name: BTreeMap<String, Hurt> = BTreeMap::new();
    for (index, (signal, share)) in signals.iter().zip(shares).enumerate() {
        let Some(name) = &signal.service else { continue };
        if !share.excess || !counts(signal, by_metrics) {
            continue;
        }
        let hurt = by_name.entry(name.clone()).or_insert_with(|| Hurt {
            name: name.clone(),
            onset: share.onset,
            signals: Vec::new(),
            count: 0,
        });
        hurt.onset = hurt.onset.min(share.onset);
        hurt.signals.push(index);
        hurt.count += share.inside;
    }
    let mut all: Vec<Hurt> = by_name.into_values().collect();
    for hurt in &mut all {
        let first = hurt.onset;
        hurt.signals.sort_by(|a, b| {
            telling(&signals[*b], &shares[*b], first).total_cmp(&telling(&signals[*a], &shares[*a], first)).then(a.cmp(b))
        });
    }
    all.sort_by(|a, b| (a.onset, &a.name).cmp(&(b.onset, &b.name)));
    all
}

/// How much a failure tells about the cause: its kind first, then how early and how often it came (algorithms, 2.2b).
fn telling(signal: &Signal, share: &Share, first: Moment) -> f64 {
    let kind = signal.hits.iter().map(|s| role_weight(s.role) * s.weight().max(0.2)).fold(0.0, f64::max);
    let level = match signal.level {
        Some(evidence::Level::Fatal) => 2.0,
        Some(evidence::Level::Error) => 1.0,
        _ => 0.3,
    };
    let trace = if signal.trace.is_some() { 1.0 } else { 0.0 };
    let late = share.onset.since(first).max(0.0) / 120.0;
    kind + level + trace + 0.3 * (1.0 + share.inside as f64).ln() + if share.new { 1.0 } else { 0.0 } - late.min(3.0)
}

fn role_weight(role: Role) -> f64 {
    match role {
        Role::Cause => 1.6,
        Role::External => 1.2,
        Role::Amplifier => 0.7,
        Role::Trigger => 0.5,
        Role::Symptom => 0.4,
        Role::Mitigation | Role::Recovery => 0.0,
    }
}

/// The place and the moment of the first trouble of a service.
pub fn first_place(incident: &Incident<'_>, hurt: &Hurt) -> RecordRef {
    let first = hurt.signals.iter().min_by_key(|i| (incident.shares[**i].onset, **i));
    first.map_or_else(|| incident.signals[0].places[0], |i| incident.signals[*i].places[0])
}
