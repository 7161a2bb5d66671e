//! When a provider says that its trouble began, beside the failures that it caused here before.
//!
//! What it sees: an update of a status page that says from when on there was impact, and when the incident began that this provider
//! is held to have caused. Why it matters: providers are paid by such times. When it misleads: failures of another kind that came
//! first; so only where the provider's trouble is the cause.

use std::sync::LazyLock;

use super::speech;
use crate::findings::{About, Contradiction, ContradictionKind, Hypothesis, HypothesisKind, Places, Side, TimeFinding, Times};
use crate::incident::Incident;
use expressions::{Expression, constant};

/// Providers round to five minutes.
const OFF_S: i64 = 240;
/// A later time is of something else.
const MOST_S: i64 = 3 * 3_600;

pub fn find(incident: &Incident<'_>, times: &Times, best: Option<&Hypothesis>) -> Option<Contradiction> {
    let best = best.filter(|best| best.kind == HypothesisKind::External)?;
    let (service, started) = best.service.as_deref().zip(times.started.as_ref())?;
    let is_its = |provider: &str| {
        let (own, other) = (service.to_lowercase(), provider.to_lowercase());
        !other.is_empty() && (own.contains(&other) || other.contains(&own))
    };
    let of_page = incident.scene.statuses.iter().filter(|s| is_its(&s.what.provider) || is_its(&s.what.title));
    let mut told = of_page.filter_map(|s| Some((s, later(&s.what.body, started)?)));
    let (status, text) = told.next()?;
    let page = Side {
        value: text.to_string(),
        number: None,
        between: None,
        measure: None,
        stated_by: None,
        words: Some(status.what.body.clone()),
        places: Places::one(status.place),
    };
    let own = Side { value: started.at.time_of_day(), words: None, places: started.places.clone(), ..page.clone() };
    Some(Contradiction {
        kind: ContradictionKind::Time,
        about: About::When { what: "when it began".into() },
        sides: vec![own, page],
    })
}

/// The time from which on a text says there was impact, where this is well after it began here.
fn later<'t>(text: &'t str, started: &TimeFinding) -> Option<&'t str> {
    static FROM: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:impact\w*|outage|disruption|incident|degradation|errors?|failures?)\b[^.,!?;\d]{0,40}?\b(?:from|between|since|began at|started at|starting at|beginning at)\s+(?:about |around |approximately |~)?\d{1,2}:\d\d",
        )
    });
    let found = FROM.find(text)?;
    let at = found.end() - 5;
    let told = speech::times_in(text).into_iter().find(|told| told.span.1 >= at && told.span.1 + 1 >= found.end())?;
    let (apart, zone) = told.from(started.at);
    (zone == 0 && (OFF_S..=MOST_S).contains(&apart)).then_some(told.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Moment, RecordRef, SourceId};

    #[test]
    fn only_a_later_beginning_of_its_impact_counts() {
        let source = SourceId { input: 0, entry: 0 };
        let at = Moment::from_seconds(12 * 3_600 + 19 * 60 + 20);
        let places = Places::one(RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 });
        let by = crate::findings::TimeBasis::FailedRequests { service: None };
        let started = TimeFinding { at, earliest: at, latest: at, by, places };
        assert_eq!(later("Resolved. Impact was from 12:25 to 13:20 UTC.", &started), Some("12:25"));
        for text in [
            "Impact was from 12:20 to 13:20 UTC.",
            "We have been investigating since 12:40 UTC.",
            "Impact ended by 13:20 UTC, maintenance is from 14:00 UTC.",
            "Impact was from 10:25 to 13:20 UTC.",
        ] {
            assert_eq!(later(text, &started), None, "{text}");
        }
    }
}
