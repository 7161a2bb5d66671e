//! Whether a provider told the end of its trouble while we went on failing.
//!
//! What it sees: the last update of a provider's incident that calls it over, beside our last failure. Why it matters: a small
//! incident at a provider is nearly always there to be found, and what goes on long after its end had another cause. When it
//! misleads: a provider whose end left something behind (a backlog, a cache that has to fill); so it speaks against, and settles
//! nothing.

use evidence::{Moment, RecordRef};

use super::score::{last_failure, notice};
use crate::findings::{Places, Reason, Term};
use crate::incident::Incident;
use crate::weights;

/// Seconds for which failures go on without it, at least, and the part of the whole time that they are.
const LONG_S: f64 = 600.0;
const PART: f64 = 0.25;
/// Words by which a page ends an incident.
const OVER: [&str; 5] = ["resolved", "completed", "closed", "fixed", "postmortem"];

pub fn term(incident: &Incident<'_>, name: &str) -> Option<Term> {
    let notice = notice(incident, name)?;
    let same = |s: &&crate::scene::At<evidence::StatusUpdate>| {
        (&s.what.provider, &s.what.title) == (&notice.what.provider, &notice.what.title)
    };
    let ends = incident.scene.statuses.iter().filter(same).filter(|s| OVER.contains(&s.what.state.to_lowercase().as_str()));
    let (over, place): (Moment, RecordRef) = ends.map(|s| (s.at, s.place)).min()?;
    let (end, end_place) = last_failure(incident)?;
    let seconds = went_on(incident.window.from, over, end)?;
    let reason = Reason::Outlived { of: format!("the trouble that {} tells of", notice.what.provider), seconds };
    Some(Term { name: "outlived", value: weights::OUTLIVED, reason, places: Places::new(place, [end_place]) })
}

/// For how long failures went on after the provider's end, where that is no remainder.
fn went_on(from: Moment, over: Moment, end: Moment) -> Option<f64> {
    let seconds = end.since(over);
    (over > from && seconds >= LONG_S && seconds >= PART * end.since(from)).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_long_after_a_provider_is_well_again_is_not_of_it() {
        let went_on =
            |over: i64, end: i64| went_on(Moment::from_seconds(0), Moment::from_seconds(over), Moment::from_seconds(end));
        assert_eq!(went_on(1_200, 2_700), Some(1_500.0));
        assert_eq!(went_on(2_500, 2_700), None, "the rest of it");
        assert_eq!(went_on(9_000, 9_900), None, "a backlog of hours");
        assert_eq!(went_on(-60, 2_700), None, "another incident of the provider");
    }
}
