//! What was counted over time, with the evidence that is already cited for it: a picture mints none of its own.
//!
//! Must never make a statement. Names and words pass the redactor like everything else.

use analysis::findings::{self, Findings, Places};

use super::ledger::Ledger;
use crate::course::{Course, Link, PatternCourse, RequestCourse, ServiceCourse, Track};

/// After all claims are made.
pub fn of(findings: &Findings, ledger: &mut Ledger<'_>) -> Option<Course> {
    let course = findings.course.as_ref()?;
    Some(Course {
        from: course.from.rfc3339(),
        step_s: course.step,
        requests: course.requests.as_ref().map(|requests| RequestCourse {
            service: requests.service.as_deref().map(|name| ledger.clean(name)),
            total: requests.total.clone(),
            failed: requests.failed.clone(),
            citations: known(requests.places.as_ref(), ledger),
        }),
        services: course.services.iter().map(|service| of_service(service, ledger)).collect(),
        patterns: course.patterns.iter().map(|pattern| of_pattern(pattern, ledger)).collect(),
        tracks: course.tracks.iter().map(|track| of_track(track, ledger)).collect(),
        links: course.links.iter().map(|link| of_link(link, ledger)).collect(),
    })
}

fn of_service(service: &findings::ServiceCourse, ledger: &mut Ledger<'_>) -> ServiceCourse {
    ServiceCourse {
        name: ledger.clean(&service.name),
        records: service.records.clone(),
        failures: service.failures.clone(),
        citations: known(service.places.as_ref(), ledger),
    }
}

fn of_pattern(pattern: &findings::PatternCourse, ledger: &mut Ledger<'_>) -> PatternCourse {
    PatternCourse {
        service: pattern.service.as_deref().map(|name| ledger.clean(name)),
        text: ledger.clean(&pattern.words),
        counts: pattern.counts.clone(),
        citations: known(Some(&pattern.places), ledger),
    }
}

fn of_track(track: &findings::Track, ledger: &mut Ledger<'_>) -> Track {
    Track {
        metric: ledger.clean(&track.metric),
        service: track.service.as_deref().map(|name| ledger.clean(name)),
        points: track.points.iter().map(|(at, value)| (at.rfc3339(), *value)).collect(),
        citations: known(Some(&track.places), ledger),
    }
}

fn of_link(link: &findings::Link, ledger: &mut Ledger<'_>) -> Link {
    Link { from: ledger.clean(&link.from), to: ledger.clean(&link.to), citations: known(Some(&link.places), ledger) }
}

/// Those of the places that a statement cites.
fn known(places: Option<&Places>, ledger: &Ledger<'_>) -> Vec<String> {
    places.into_iter().flat_map(Places::iter).filter_map(|place| ledger.evidence_of(place)).collect()
}
