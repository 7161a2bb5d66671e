//! Every place that the report may cite. Must never leave out one that [`super::compose`] cites: its words would be missing.

use std::collections::BTreeSet;

use analysis::findings::{Findings, LookedAt, Observation, Places, Status};
use evidence::{Moment, RecordRef};

/// All places that can be cited, without repeats, in order.
pub fn places(findings: &Findings) -> Vec<RecordRef> {
    let mut all: BTreeSet<RecordRef> = BTreeSet::new();
    let mut add = |places: &Places| all.extend(places.iter().copied());
    let suggested = findings.suggestions.iter().map(|s| &s.said);
    findings.severity.iter().chain(&findings.stated_title).chain(suggested).for_each(|s| add(&s.places));
    findings.alert.iter().for_each(|alert| add(&alert.places));
    let t = &findings.times;
    let times = [&t.started, &t.detected, &t.acknowledged, &t.mitigation_started, &t.ended_by, &t.mitigated, &t.resolved];
    times.into_iter().flatten().for_each(|t| add(&dated(findings, &t.places, t.at)));
    let m = &findings.metrics;
    let metrics = [&m.peak_error_rate, &m.users_affected, &m.requests_failed, &m.support_tickets, &m.revenue_impact];
    metrics
        .into_iter()
        .flatten()
        .flat_map(|m| [Some(&m.places), m.one_of.as_ref().map(|o| &o.places)])
        .flatten()
        .for_each(&mut add);
    findings.lasting.iter().for_each(|l| add(&l.places));
    findings.objections.iter().flatten().for_each(|f| add(&f.places));
    findings.timeline.iter().for_each(|h| add(&dated(findings, &h.places, h.at)));
    for hypothesis in &findings.hypotheses {
        add(&hypothesis.places);
        hypothesis.failure.iter().for_each(|f| add(&f.places));
        hypothesis.trigger.iter().for_each(|t| add(&t.places));
        hypothesis.terms.iter().for_each(|t| add(&t.places));
        hypothesis.tests.iter().filter_map(|t| t.fact.as_ref()).for_each(|f| add(&f.places));
        hypothesis.objects.iter().for_each(|o| add(&o.places));
        if let Some(change) = &hypothesis.change {
            add(&change.places);
            change.commit.iter().for_each(|c| add(&Places::one(c.place)));
        }
    }
    findings.contributing.iter().for_each(|c| add(&c.places));
    findings.first_failing.iter().chain(&findings.blast_radius).for_each(|(_, p)| add(p));
    findings.remediation.iter().for_each(|r| add(&r.places));
    findings.chain.iter().for_each(|e| add(&e.places));
    findings.actions.iter().for_each(|a| add(&a.places));
    findings.contradictions.iter().flat_map(|c| &c.sides).for_each(|s| add(&s.places));
    findings.owned.iter().for_each(|s| add(&s.places));
    for belief in &findings.beliefs {
        add(&belief.said.places);
        add(&belief.refuted_by.places);
    }
    findings.observations.iter().for_each(|o| add(of_observation(o)));
    findings.samples.iter().for_each(|s| add(&s.places));
    findings.looked_at.iter().for_each(|l| add(&of_looked_at(l)));
    findings.one_sided.iter().for_each(|o| add(&o.places));
    findings.elsewhere.iter().for_each(|e| add(&e.places));
    match findings.status {
        Status::NoneFound => boundaries(findings).iter().for_each(add),
        Status::Ongoing => last(findings).iter().for_each(|(_, places)| add(places)),
        _ => {}
    }
    all.into_iter().collect()
}

/// The latest moment of the incident that a record shows: its last failure, or what was told of it after that.
pub fn last(findings: &Findings) -> Option<(Moment, Places)> {
    let told = findings.timeline.iter().map(|h| (h.at, dated(findings, &h.places, h.at)));
    let failures = findings.hypotheses.iter().filter_map(|h| h.failure.as_ref()).map(|f| &f.places);
    let course = findings.course.iter();
    let counted = course.flat_map(|c| {
        let requests = c.requests.iter().filter_map(|r| r.places.as_ref());
        requests.chain(c.services.iter().filter_map(|s| s.places.as_ref())).chain(c.patterns.iter().map(|p| &p.places))
    });
    let shown = findings.samples.iter().map(|s| &s.places).chain(failures).chain(counted).flat_map(Places::iter);
    let shown = shown.filter_map(|place| Some((*findings.moments.get(place)?, Places::one(*place))));
    // Of two with the same moment the first one: what the timeline tells.
    told.chain(shown).reduce(|latest, next| if next.0 > latest.0 { next } else { latest })
}

/// The places, and where none of them has the time `at`, the record nearest to it in the same source that has a time:
/// a record without a stamp of its own stands between records that have one.
pub fn dated(findings: &Findings, places: &Places, at: Moment) -> Places {
    const NEAR: u64 = 60 * Moment::SECOND as u64;
    let has = |p: &RecordRef| findings.moments.get(p).is_some_and(|m| m.seconds() == at.seconds());
    if places.iter().any(has) {
        return places.clone();
    }
    let source = places.first().source;
    let head = RecordRef { source, start: 0, end: 0, line: 0, last_line: 0 };
    let own = findings.moments.range(head..).take_while(|(p, _)| p.source == source);
    let near = own.filter(|(_, m)| m.0.abs_diff(at.0) <= NEAR);
    match near.min_by_key(|(p, m)| (m.0.abs_diff(at.0), **p)) {
        Some((place, _)) => places.and(&Places::one(*place)),
        None => places.clone(),
    }
}

fn of_looked_at(looked: &LookedAt) -> Places {
    match looked {
        LookedAt::Over { object, by: Some((_, _, place)) } => object.places.and(&Places::one(*place)),
        LookedAt::Over { object, by: None } => object.places.clone(),
        LookedAt::Alert { places, .. } | LookedAt::Logged { places, .. } | LookedAt::Well { places, .. } => places.clone(),
    }
}

pub fn of_observation(observation: &Observation) -> &Places {
    match observation {
        Observation::DetectedByMachine { places, .. }
        | Observation::WrongTurn { places, .. }
        | Observation::FastRecovery { places, .. }
        | Observation::MissedSignal { places, .. }
        | Observation::SlowDetection { places, .. }
        | Observation::SecretExposed { places, .. } => places,
    }
}

/// The first and the last record in time, or by place where none has a time that can be told (a date without a year).
pub fn boundaries(findings: &Findings) -> Option<Places> {
    let first = findings.moments.iter().min_by_key(|(place, at)| (**at, **place)).map(|(place, _)| *place);
    let last = findings.moments.iter().max_by_key(|(place, at)| (**at, **place)).map(|(place, _)| *place);
    Places::from_many(first.into_iter().chain(last)).or_else(|| Places::from_many(findings.bounds.iter().copied()))
}
