//! The incident within the scene: which trouble belongs to it, which services it hit, and what failed first.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use evidence::{Moment, RecordRef};

use crate::edge::{self, Edge};
use crate::entities;
use crate::findings::{Belief, Failure, Places};
use crate::hypotheses::confessions::{self, Confession};
use crate::parallel;
use crate::scene::Scene;
use crate::share::{self, Share};
use crate::signals::{self, Signal, SignalKind};
use crate::signatures::Role;
use crate::standing::{self, Standing};
use crate::targets::lookups::{self, Lookups};
use crate::targets::ports::{self, Ports};
use crate::targets::stores::{self, Stores};
use crate::told;
use crate::window::{self, Window};

mod goes_on;

pub struct Incident<'a> {
    pub scene: &'a Scene,
    pub signals: Vec<Signal>,
    pub shares: Vec<Share>,
    pub edge: Option<Edge>,
    /// Other sources that log requests of which some failed, gathered when somebody asks.
    other_edges: OnceCell<Vec<Edge>>,
    pub window: Window,
    /// Services with trouble of the incident's, by onset.
    pub services: Vec<Hurt>,
    /// No record tells of a failure: metrics that moved stand for it.
    by_metrics: bool,
    /// What the cluster shows at the end of the evidence.
    pub standing: Option<Standing>,
    /// Nothing but that, and alerts that fire, tells of it: it goes on.
    pub goes_on: bool,
    /// Nothing stands out in what was logged: it was told of, or a few records show it. When it was over they cannot tell.
    pub is_told: bool,
    /// Where each service stands among those with trouble.
    by_name: BTreeMap<String, usize>,
    /// Whom each signal names, when somebody asked.
    named: Vec<OnceCell<Vec<String>>>,
    /// What the failures say of names that were not resolved, and the stores of data that fail, when somebody asked.
    lookups: OnceCell<Lookups>,
    stores: OnceCell<Stores>,
    /// Who listens at which port, when somebody asked.
    ports: OnceCell<Ports>,
    /// What people owned up to, and what they believed and refuted, when somebody asked.
    confessions: OnceCell<Vec<Confession>>,
    beliefs: OnceCell<Vec<Belief>>,
    /// Services that pages and alerts of the incident are about.
    paged: BTreeSet<String>,
    /// Those of them that nothing else joins to it.
    only_paged: BTreeSet<String>,
}

/// Warnings of a known failure that are too many to be overheard.
const INSISTS: u64 = 100;

/// A service that fails in the incident.
#[derive(Debug, Clone)]
pub struct Hurt {
    pub name: String,
    pub onset: Moment,
    /// Indexes of its signals in excess, the most telling first.
    pub signals: Vec<usize>,
    /// The same by their onset.
    pub by_onset: Vec<usize>,
    pub count: u64,
}

impl<'a> Incident<'a> {
    /// `None` when nothing stands out.
    pub fn find(scene: &'a Scene) -> Option<Incident<'a>> {
        let (edge, mut signals) = parallel::both(scene.threads, || edge::find(scene), || signals::collect(scene));
        for signal in &mut signals {
            attribute(scene, signal);
        }
        let standing = standing::find(scene);
        let found = window::find(scene, &signals, edge.as_ref());
        let found = found.filter(|w| !says_less(scene, &signals, w, standing.as_ref()));
        let stands_out = found.is_some();
        let now = || {
            let mut signals = signals.clone();
            let window = goes_on::window(scene, standing.as_ref()?, &mut signals)?;
            Some((window, signals))
        };
        let now = if stands_out { None } else { now() };
        let goes_on = now.is_some();
        let mut window = match (found, now) {
            (Some(window), _) => window,
            (None, Some((window, own))) => {
                signals = own;
                window
            }
            (None, None) => told::window(scene, &mut signals, standing.as_ref())?,
        };
        let of = |window: &Window| signals.iter().map(|s| share::share(scene, s, window)).collect::<Vec<Share>>();
        let mut shares = of(&window);
        if share::extend(&mut window, &signals, &shares) {
            shares = of(&window);
        }
        share::weed(&signals, &mut shares, &window);
        if stands_out && standing.as_ref().is_some_and(|s| s.is_well() && s.was_short()) && !is_felt_elsewhere(&signals, &shares)
        {
            return None;
        }
        explained(scene, &mut signals, &shares);
        let by_metrics = !signals.iter().zip(&shares).any(|(signal, share)| share.excess && is_record(signal));
        if by_metrics {
            let known = crate::signatures::Catalogue::load();
            let metrics = signals.iter_mut().filter(|s| s.kind == SignalKind::Metric);
            metrics.for_each(|s| s.hits = known.matches(&s.words).into_iter().map(|h| h.signature).collect());
        }
        let mut services = hurt(&signals, &shares, by_metrics);
        services.retain(|h| !scene.is_node(&h.name));
        // Who watches a machine or copies it is harmed by its trouble no more than it is the trouble.
        let watches = |h: &Hurt| entities::is_watcher(&h.name) && !scene.ties().is_of_its_own(&h.name);
        if !services.iter().all(watches) {
            services.retain(|h| !watches(h));
        }
        let named = vec![OnceCell::new(); signals.len()];
        let by_name = places_by_name(&services);
        let paged = paged(scene, &window);
        let mut incident = Incident {
            scene,
            signals,
            shares,
            edge,
            other_edges: OnceCell::new(),
            window,
            services,
            by_metrics,
            standing,
            goes_on,
            is_told: !stands_out && !goes_on,
            by_name,
            named,
            lookups: OnceCell::new(),
            stores: OnceCell::new(),
            ports: OnceCell::new(),
            confessions: OnceCell::new(),
            beliefs: OnceCell::new(),
            paged,
            only_paged: BTreeSet::new(),
        };
        let faint: BTreeSet<&str> =
            incident.services.iter().filter(|h| incident.is_faint(h) && !incident.insists(h)).map(|h| h.name.as_str()).collect();
        let lonely: BTreeSet<String> = crate::chain::lonely(&incident, faint).into_iter().map(str::to_string).collect();
        let (only_paged, lonely): (BTreeSet<String>, _) = lonely.into_iter().partition(|name| incident.paged.contains(name));
        incident.only_paged = only_paged;
        incident.services.retain(|h| !lonely.contains(&h.name));
        incident.by_name = places_by_name(&incident.services);
        Some(incident)
    }

    /// Whom a signal names.
    pub fn named(&self, signal: usize) -> &[String] {
        self.named[signal].get_or_init(|| crate::targets::named(self, &self.signals[signal]))
    }

    pub fn lookups(&self) -> Lookups {
        *self.lookups.get_or_init(|| lookups::find(self))
    }

    pub fn ports(&self) -> &Ports {
        self.ports.get_or_init(|| ports::find(self.scene))
    }

    pub fn stores(&self) -> &Stores {
        self.stores.get_or_init(|| stores::find(self))
    }

    /// Every source that logs requests of which some failed.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        let but = || self.edge.iter().flat_map(|edge| edge.sources.iter().copied()).collect::<Vec<_>>();
        self.edge.iter().chain(self.other_edges.get_or_init(|| edge::others(self.scene, &but())))
    }

    pub fn confessions(&self) -> &[Confession] {
        self.confessions.get_or_init(|| confessions::find(self.scene))
    }

    /// Suspicions that were refuted later.
    pub fn beliefs(&self) -> &[Belief] {
        self.beliefs.get_or_init(|| crate::warroom::beliefs(self))
    }

    /// Only the orchestrator or warnings speak of it: where nothing joins it to another failing service, it is trouble of its own.
    fn is_faint(&self, hurt: &Hurt) -> bool {
        let faint = |i: &usize| {
            matches!(self.signals[*i].kind, SignalKind::Kube | SignalKind::State)
                || self.signals[*i].level == Some(evidence::Level::Warn)
        };
        self.services.len() > 1 && hurt.signals.iter().all(faint)
    }

    /// Its warnings are of a known failure and too many to be overheard.
    fn insists(&self, hurt: &Hurt) -> bool {
        let insists = |i: &usize| {
            let signal = &self.signals[*i];
            signal.kind == SignalKind::Log && !signal.hits.is_empty() && self.shares[*i].inside >= INSISTS
        };
        hurt.signals.iter().any(insists)
    }

    /// A page or an alert of the incident is about it, and its own records are warnings at most: these are what it fails by.
    pub fn fails_by_warnings(&self, service: &str) -> bool {
        self.paged.contains(service) && self.hurt(service).is_some_and(|hurt| self.is_faint(hurt))
    }

    /// A page or an alert of the incident is about it.
    pub fn is_paged(&self, service: &str) -> bool {
        self.paged.contains(service)
    }

    /// The service that failed first, of those that more than a page joins to the incident if there are any.
    pub fn first(&self) -> Option<&Hurt> {
        self.services.iter().find(|hurt| !self.only_paged.contains(&hurt.name)).or(self.services.first())
    }

    /// No record of a log tells of it: an alert is worth more then.
    pub fn by_instruments(&self) -> bool {
        self.goes_on || self.by_metrics
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

    /// The failure that tells most about the cause, among those that `fits` allows: one that nothing else explains, if there
    /// is one.
    pub fn main_failure(&self, fits: impl Fn(&Signal) -> bool) -> Option<usize> {
        let first = self.failures().map(|(_, _, share)| share.onset).min()?;
        let open = self.failures().any(|(_, s, _)| fits(s) && !s.explained);
        let chosen = self.failures().filter(|(_, s, _)| fits(s) && !(open && s.explained));
        chosen.max_by(|a, b| telling(a.1, a.2, first).total_cmp(&telling(b.1, b.2, first)).then(b.0.cmp(&a.0))).map(|(i, _, _)| i)
    }

    /// The record with which a kind that came before as well began to belong to the incident.
    fn shown_at(&self, index: usize) -> Option<RecordRef> {
        let (signal, share) = (&self.signals[index], &self.shares[index]);
        signal.record_at(self.scene, share.onset).filter(|_| share.onset != signal.first)
    }

    /// The times of these records, which are known nowhere else.
    pub fn onsets(&self) -> impl Iterator<Item = (RecordRef, Moment)> {
        let own = (0..self.signals.len()).filter(|index| self.shares[*index].excess);
        own.filter_map(|index| Some((self.shown_at(index)?, self.shares[index].onset)))
    }

    /// The first alarm that still fires and began with the incident: what fired long before it is about something else.
    pub fn open_alarm(&self) -> Option<&(evidence::AlertState, RecordRef)> {
        let from = self.window.from.plus(-crate::weights::NEAR_S);
        let fired = |place: &RecordRef| self.scene.alerts.iter().find(|a| a.place == *place).map(|a| a.at);
        let alarms = self.standing.iter().flat_map(|s| &s.alarms);
        alarms.into_iter().find(|(_, place)| self.goes_on || fired(place).is_none_or(|at| at >= from))
    }

    /// The first record of a signal that belongs to the incident, and for a state without a time the last record of all: it was fetched then, or later.
    pub fn first_places(&self, index: usize) -> Places {
        let signal = &self.signals[index];
        let places = places_of(signal).few(1);
        let places = self.shown_at(index).map_or_else(|| places.clone(), |place| Places::one(place).and(&places));
        let fetched = self.standing.as_ref().filter(|_| signal.kind == SignalKind::State).map(|s| s.now_place);
        fetched.map_or(places.clone(), |now| places.and(&Places::one(now)))
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
            places: self.shown_at(index).map_or_else(|| places_of(signal), |at| Places::one(at).and(&places_of(signal))),
        }
    }

    pub fn hurt(&self, service: &str) -> Option<&Hurt> {
        self.by_name.get(service).and_then(|at| self.services.get(*at))
    }
}

fn paged(scene: &Scene, window: &Window) -> BTreeSet<String> {
    let is_near = |at: Moment| at >= window.from.plus(-600.0) && at <= window.to.plus(1_800.0);
    let pages = scene.pages.iter().filter(|p| p.what.action == evidence::PageAction::Triggered && is_near(p.at));
    let pages = pages.map(|p| (&p.what.service, format!("{} {}", p.what.title, p.what.text)));
    let alerts = scene.alerts.iter().filter(|a| a.what.firing && is_near(a.at));
    let alerts = alerts.map(|a| (&a.what.service, format!("{} {}", a.what.name, a.what.summary)));
    let named = |(service, text): (&Option<String>, String)| {
        let own = service.as_deref().map(|service| scene.entities.name(service));
        own.into_iter().chain(scene.entities.named_in(&text)).collect::<Vec<_>>()
    };
    pages.chain(alerts).flat_map(named).collect()
}

fn places_by_name(services: &[Hurt]) -> BTreeMap<String, usize> {
    services.iter().enumerate().map(|(at, hurt)| (hurt.name.clone(), at)).collect()
}

/// Neither logs nor people nor requests tell of it, so what stands in the cluster says more than counts and an alarm do.
fn says_less(scene: &Scene, signals: &[Signal], window: &Window, standing: Option<&Standing>) -> bool {
    let shares: Vec<Share> = signals.iter().map(|s| share::share(scene, s, window)).collect();
    let people = !scene.chat.is_empty() || !scene.pages.is_empty();
    !people && standing.is_some_and(Standing::fails) && !is_felt_elsewhere(signals, &shares)
}

/// Something else than the orchestrator tells of failures: logs, requests, metrics.
fn is_felt_elsewhere(signals: &[Signal], shares: &[Share]) -> bool {
    let own = |s: &Signal| !matches!(s.kind, SignalKind::Kube | SignalKind::State | SignalKind::Note);
    signals.iter().zip(shares).any(|(signal, share)| {
        share.excess && own(signal) && (signal.is_failure() || signal.kind == SignalKind::Metric && is_felt(&signal.words))
    })
}

/// Marks what an orchestrator reports of a thing that another failure of it, or of its node, explains: a container that
/// runs out of memory restarts, its probe fails, and its rollout does not come to an end. So do pauses that its own log tells of.
fn explained(scene: &Scene, signals: &mut [Signal], shares: &[Share]) {
    let causes: Vec<(Option<String>, &'static crate::signatures::Signature)> = signals
        .iter()
        .zip(shares)
        .filter(|(s, share)| share.excess && s.is_failure() && s.kind != SignalKind::Note)
        .flat_map(|(s, _)| s.hits.iter().map(|h| (s.service.clone(), *h)))
        .filter(|(_, h)| !h.explains.is_empty())
        .collect();
    for signal in signals.iter_mut().filter(|s| matches!(s.kind, SignalKind::Kube | SignalKind::State | SignalKind::Log)) {
        let Some(own) = signal.signature() else { continue };
        if signal.kind == SignalKind::Log && own.role != Role::Symptom {
            continue;
        }
        let near = |service: &Option<String>| {
            *service == signal.service || service.as_deref().is_none_or(|name| scene.is_node(name)) || signal.service.is_none()
        };
        signal.explained = causes.iter().any(|(service, h)| h.id != own.id && h.explains.contains(&own.id) && near(service));
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
    let named = || signal.texts.iter().flat_map(|t| scene.entities.named_in(t)).find(|n| !entities::is_host_program(n));
    let Some(service) = &signal.service else {
        // A document tells of somebody else.
        if matches!(signal.kind, SignalKind::Log | SignalKind::Note) {
            signal.service = named().filter(|name| !entities::is_node(name));
        }
        return;
    };
    if !entities::is_host_program(service) {
        return;
    }
    // What a machine's own program says of the product that runs there is about the machine.
    let on_host = scene.entities.of_source(signal.source).is_some_and(entities::is_host);
    let named = named().filter(|name| !(on_host && entities::is_product(name)));
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
    is_record(signal) || (by_metrics && signal.kind == SignalKind::Metric && (is_felt(&signal.words) || !signal.hits.is_empty()))
}

/// Latency, errors, lag and saturation are felt; throughput and the like are not by themselves.
pub fn is_felt(metric: &str) -> bool {
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
            by_onset: Vec::new(),
            count: 0,
        });
        hurt.onset = hurt.onset.min(share.onset);
        hurt.signals.push(index);
        hurt.count += share.inside;
    }
    let mut all: Vec<Hurt> = by_name.into_values().collect();
    for hurt in &mut all {
        let first = hurt.onset;
        hurt.by_onset = hurt.signals.clone();
        hurt.by_onset.sort_by_key(|i| (shares[*i].onset, *i));
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
    first.map_or_else(|| incident.signals[0].places[0], |i| incident.first_places(*i).first())
}
