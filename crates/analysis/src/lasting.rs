//! Services that went on failing when requests at the edge no longer did: users of these were not served yet.
//!
//! What it sees: the failures of each harmed service before the end at the edge and behind it. Why it matters: "served again" is
//! said of everybody. When it misleads: a service that works off what had failed before, and logs the last of it late.

use evidence::Moment;

use crate::findings::{Happening, HappeningKind, Lasting, Places, TimeBasis, Times, What};
use crate::incident::Incident;
use crate::signals::{Signal, SignalKind};

/// Fewer failures, or for a shorter time, are the tail of what was under way.
const LEAST: u64 = 5;
const LEAST_S: f64 = 60.0;
/// This part of the rate of before is no tail either.
const PART: f64 = 0.25;
/// Failures so far apart are no longer one run, in usual distances; and at least so many seconds.
const PAUSE: f64 = 12.0;
const PAUSE_S: f64 = 120.0;

pub fn find(incident: &Incident<'_>, times: &Times) -> Vec<Lasting> {
    let (Some(started), Some(end)) = (&times.started, &times.mitigated) else { return Vec::new() };
    let TimeBasis::LastFailure { service: at_edge, .. } = &end.by else { return Vec::new() };
    let others = incident.services.iter().filter(|h| Some(&h.name) != at_edge.as_ref());
    let mut found: Vec<Lasting> = others
        .filter_map(|hurt| {
            let own =
                hurt.signals.iter().map(|i| &incident.signals[*i]).filter(|s| s.kind == SignalKind::Log && !s.bins.is_empty());
            of_service(&hurt.name, own.collect(), (started.at, end.at), incident.window.data_to)
        })
        .collect();
    found.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.service.cmp(&b.service)));
    found
}

/// Its end, for the timeline.
pub fn told(lasting: &Lasting) -> Happening {
    let kind = if lasting.to_the_end { HappeningKind::Symptom } else { HappeningKind::Recovery };
    let (service, what) = (Some(lasting.service.clone()), What::LastOf { to_the_end: lasting.to_the_end });
    Happening { at: lasting.last, kind, service, actor: None, what, places: lasting.places.clone() }
}

fn of_service(name: &str, signals: Vec<&Signal>, (from, end): (Moment, Moment), data_to: Moment) -> Option<Lasting> {
    let width = signals.iter().map(|s| s.bin_s).max()? as f64;
    let mut bins: Vec<(Moment, u64)> = signals.iter().flat_map(|s| s.bins.iter().copied()).collect();
    bins.sort_unstable();
    let before: u64 = bins.iter().filter(|(at, _)| *at >= from.plus(-width) && *at <= end).map(|(_, n)| n).sum();
    let usual = end.since(from).max(1.0) / (before as f64).max(1.0);
    let (mut last, mut after) = (end, 0);
    for (at, count) in bins.into_iter().filter(|(at, _)| *at > end) {
        if at.since(last) > (PAUSE * usual).max(PAUSE_S) + width {
            break;
        }
        last = at;
        after += count;
    }
    let lasted = last.since(end);
    if after < LEAST || lasted < LEAST_S || (after as f64 / lasted) < PART / usual {
        return None;
    }
    // The record of the last failure is known only where no stray one follows.
    let signal = signals.into_iter().max_by_key(|s| s.last)?;
    (signal.last >= last && signal.last.since(last) <= width + 1.0).then(|| Lasting {
        service: name.to_string(),
        last: signal.last,
        to_the_end: data_to.since(signal.last) < LEAST_S,
        places: Places::one(signal.last_place),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{RecordRef, SourceId};

    const STEP: i64 = 10;

    fn failing(until: i64) -> Signal {
        let source = SourceId { input: 0, entry: 0 };
        let place = |line: u64| RecordRef { source, start: line * 10, end: line * 10 + 9, line, last_line: line };
        let at = Moment::from_seconds;
        Signal {
            kind: SignalKind::Log,
            service: Some("mailing".into()),
            source,
            words: "no answer".into(),
            texts: Vec::new(),
            level: None,
            hits: Vec::new(),
            first: at(0),
            last: at(until),
            count: 1,
            bins: (0..=until / STEP).map(|n| (at(n * STEP), 1)).collect(),
            bin_s: STEP,
            kinds: Vec::new(),
            places: vec![place(1)],
            last_place: place(2),
            lasted_s: None,
            trace: None,
            explained: false,
        }
    }

    fn lasts(until: i64) -> Option<i64> {
        let (from, end, data_to) = (Moment::from_seconds(0), Moment::from_seconds(600), Moment::from_seconds(5_000));
        of_service("mailing", vec![&failing(until)], (from, end), data_to).map(|l| l.last.seconds())
    }

    #[test]
    fn a_service_that_fails_on_as_before_is_told_and_a_tail_is_not() {
        assert_eq!(lasts(1_500), Some(1_500));
        assert_eq!(lasts(640), None);
        assert_eq!(lasts(500), None);
    }

    #[test]
    fn one_failure_hours_later_does_not_make_it_last() {
        let mut signal = failing(900);
        signal.bins.push((Moment::from_seconds(4_000), 1));
        signal.last = Moment::from_seconds(4_000);
        let span = (Moment::from_seconds(0), Moment::from_seconds(600));
        assert_eq!(of_service("mailing", vec![&signal], span, Moment::from_seconds(5_000)), None);
    }
}
