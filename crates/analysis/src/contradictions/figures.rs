//! Figures that people tell beside those of others and beside what was counted: users, failed requests, the peak, the bound of an alert.
//!
//! What it sees: figures of the same kind that are not meant to be the same only by rounding. Why it matters: one of them ends in
//! the report to the customers. When it misleads: figures that grow while it goes on, of a part of the users, or of another
//! interval; so only what is told of the whole and when it was over counts.

use std::sync::LazyLock;

use evidence::Moment;

use super::speech::Sentence;
use crate::acts::{self, Quantity, QuantityKind};
use crate::findings::{
    About, Contradiction, ContradictionKind, Measure, MetricBasis, MetricFinding, Metrics, Places, Side, Times,
};
use crate::impact;
use crate::incident::Incident;
use expressions::{Expression, constant};

/// Two figures of one thing, of which the greater is so many times the other, are not one that was rounded.
const APART: f64 = 1.25;
const APART_ABOUT: f64 = 2.0;
/// Shares of a minute and of ten are so far from each other.
const SHARE_OFF: f64 = 0.08;
const WIDTHS_S: [i64; 6] = [1, 10, 60, 120, 300, 600];

pub fn find(incident: &Incident<'_>, times: &Times, metrics: &Metrics, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let over = times.mitigated.as_ref().map_or(incident.window.to, |m| m.at);
    let mut found = users_of_two(sentences, over);
    found.extend(users_counted(incident, sentences));
    found.extend(requests_counted(metrics, sentences, over));
    found.extend(more_hit_than_failed(sentences, over));
    found.extend(peaks(incident, metrics, sentences));
    found.extend(bounds(incident, sentences));
    found
}

type Figure<'a> = (Sentence<'a>, Quantity);

fn figures<'a>(sentences: &[Sentence<'a>], is: impl Fn(&QuantityKind) -> bool) -> Vec<Figure<'a>> {
    let told = sentences.iter().filter(|s| !s.is_loose() && !is_of_a_part(s.text));
    // What is counted over a while is a part as well.
    let is_whole = |s: &&Sentence<'a>| !quantities(s).iter().any(|(_, q)| matches!(q.what, QuantityKind::Duration(_)));
    told.filter(is_whole).flat_map(quantities).filter(|(_, q)| is(&q.what) && q.to.is_none()).collect()
}

fn quantities<'a>(sentence: &Sentence<'a>) -> Vec<Figure<'a>> {
    acts::quantities(sentence.text, false).into_iter().map(|quantity| (*sentence, quantity)).collect()
}

/// The words say that there are more, or that it is a part.
fn is_of_a_part(text: &str) -> bool {
    static PART: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:so far|already|still|currently|right now|and counting|at least|more than|over|up to|of (?:them|these|those|which|whom)|only|per (?:second|minute|hour|day)|each|every|one of|at a time|in the first|sample\w*|for example|e\.g)\b",
        )
    });
    PART.is_match(text)
}

/// Two people, two numbers of users, when it was over.
fn users_of_two(sentences: &[Sentence<'_>], over: Moment) -> Vec<Contradiction> {
    let all = figures(sentences, |kind| *kind == QuantityKind::Users);
    let told: Vec<Figure<'_>> = all.into_iter().filter(|(s, _)| s.message.at >= over && impact::tells_of_harm(s.text)).collect();
    let mut found = Vec::new();
    for (index, (first, figure)) in told.iter().enumerate() {
        let differs = |(second, other): &&Figure<'_>| {
            second.message.what.speaker != first.message.what.speaker
                && noun(&figure.text) == noun(&other.text)
                && scopes(first.text) == scopes(second.text)
                && are_apart(figure.value, other.value, figure.approx || other.approx)
        };
        if let Some((second, other)) = told[index + 1..].iter().find(differs) {
            found.push(of_figure("users affected", vec![first.side(&figure.text), second.side(&other.text)]));
        }
    }
    found
}

fn are_apart(a: f64, b: f64, is_about: bool) -> bool {
    a.max(b) >= a.min(b) * if is_about { APART_ABOUT } else { APART }
}

/// The last word of a figure: `3,100 riders`.
fn noun(text: &str) -> String {
    let word = text.rsplit(' ').next().unwrap_or_default().to_lowercase();
    word.trim_end_matches('s').to_string()
}

/// Words that say of which users a number is.
fn scopes(text: &str) -> Vec<String> {
    const SCOPES: &[&str] = &[
        "eu",
        "us",
        "uk",
        "apac",
        "emea",
        "region",
        "tenant",
        "enterprise",
        "premium",
        "business",
        "free",
        "paying",
        "android",
        "ios",
        "mobile",
        "web",
        "app",
        "desktop",
        "new",
        "active",
        "unique",
        "distinct",
        "logged",
        "double",
        "charged",
        "twice",
        "complained",
        "called",
        "wrote",
        "refunded",
        "shop",
        "store",
        "site",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    let mut own: Vec<String> = words.filter(|w| SCOPES.contains(&w.as_str())).collect();
    own.sort();
    own
}

fn of_figure(what: &str, sides: Vec<Side>) -> Contradiction {
    Contradiction { kind: ContradictionKind::Number, about: About::Quantity { what: what.into() }, sides }
}

/// What is counted at one edge is the least that it can have been: fewer were told.
fn users_counted(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let Some(counted) = impact::users(incident) else { return Vec::new() };
    let told = figures(sentences, |kind| *kind == QuantityKind::Users);
    let told = told.into_iter().filter(|(s, q)| {
        let fewer = q.value < counted.value && are_apart(counted.value, q.value, q.approx);
        fewer && impact::tells_of_harm(s.text) && scopes(s.text).is_empty() && s.message.at >= incident.window.to
    });
    told.filter_map(|(s, q)| Some(of_figure("users affected", vec![s.side(&q.text), counted_side(&counted)?]))).collect()
}

fn requests_counted(metrics: &Metrics, sentences: &[Sentence<'_>], over: Moment) -> Vec<Contradiction> {
    static FAILED: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:fail\w*|errors?|5xx|lost|rejected)\b"));
    let Some(counted) = &metrics.requests_failed else { return Vec::new() };
    let told = figures(sentences, |kind| *kind == QuantityKind::Requests);
    let told = told.into_iter().filter(|(s, q)| {
        let fewer = q.value < counted.value && are_apart(counted.value, q.value, q.approx);
        fewer && FAILED.is_match(s.text) && !s.text.contains('/') && scopes(s.text).is_empty() && s.message.at >= over
    });
    told.filter_map(|(s, q)| Some(of_figure("requests that failed", vec![s.side(&q.text), counted_side(counted)?]))).collect()
}

/// More people hit than things that failed: each of them had one that failed at least, so the two do not count the same incident.
fn more_hit_than_failed(sentences: &[Sentence<'_>], over: Moment) -> Option<Contradiction> {
    let late = || sentences.iter().filter(|s| s.message.at >= over);
    let failed = late().find_map(|s| {
        // What its own clause says, and not what is said in brackets before it.
        let own = |at: usize| s.text[..at].rfind([',', '(', ')', ';', ':']).map_or(s.text, |from| &s.text[from..]);
        let counted = |q: &Quantity| {
            let is_count = matches!(q.what, QuantityKind::Requests | QuantityKind::Orders | QuantityKind::Count(_));
            is_count && q.to.is_none() && q.value >= LEAST_HIT && fails_behind(s.text, q.span.1) && !is_of_a_part(own(q.span.0))
        };
        Some((s, acts::quantities(s.text, false).into_iter().find(counted)?))
    })?;
    let hit = late().find_map(|s| {
        let more = |q: &Quantity| {
            q.what == QuantityKind::Users
                && q.to.is_none()
                && are_apart(q.value, failed.1.value, false)
                && q.value > failed.1.value
        };
        Some((s, acts::quantities(s.text, false).into_iter().find(more)?))
    })?;
    (scopes(hit.0.text).is_empty())
        .then(|| of_figure("how many were hit", vec![failed.0.side(&failed.1.text), hit.0.side(&hit.1.text)]))
}

/// Fewer are counted by hand.
const LEAST_HIT: f64 = 20.0;

/// "640 uploads failed": what is counted failed.
fn fails_behind(text: &str, end: usize) -> bool {
    static FAILED: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)^(?: \p{L}+){0,2} (?:(?:were|was|have|had) )?(?:failed|lost|rejected|refused|dropped|errored|timed out)\b")
    });
    text.get(end..).is_some_and(|tail| FAILED.is_match(tail))
}

fn counted_side(counted: &MetricFinding) -> Option<Side> {
    let MetricBasis::Computed(measure) = &counted.basis else { return None };
    Some(measured(measure.clone(), counted.places.clone()))
}

fn measured(measure: Measure, places: Places) -> Side {
    Side {
        value: String::new(),
        number: Some(measure.value),
        between: None,
        measure: Some(measure),
        stated_by: None,
        words: None,
        places,
    }
}

/// A peak that no interval of any path shows.
fn peaks(incident: &Incident<'_>, metrics: &Metrics, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    static PEAK: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)\b(?:peak\w*|maximum|max|worst|highest|never (?:above|over|more than))\b"));
    let (Some(edge), Some(counted)) = (&incident.edge, &metrics.peak_error_rate) else { return Vec::new() };
    let (from, to) = (incident.window.from, incident.window.to);
    let groups: Vec<Option<&str>> = [None].into_iter().chain(edge.paths.iter().map(|p| Some(p.group.as_str()))).collect();
    let is_shown = |share: f64| {
        let peaks = WIDTHS_S.iter().flat_map(|w| groups.iter().filter_map(|g| edge.peak(*w, *g, from, to)));
        peaks.into_iter().any(|peak| (peak.rate() - share).abs() <= SHARE_OFF)
    };
    let told = figures(sentences, |kind| *kind == QuantityKind::ErrorRate);
    let of_all = |s: &Sentence<'_>| {
        !s.text.contains('/') && scopes(s.text).is_empty() && incident.scene.entities.named_in(s.text).is_empty()
    };
    let told = told.into_iter().filter(|(s, q)| PEAK.is_match(s.text) && !q.approx && of_all(s) && !is_shown(q.value));
    told.filter_map(|(s, q)| Some(of_figure("peak error rate", vec![s.side(&q.text), counted_side(counted)?]))).collect()
}

/// The bound of an alert as somebody tells it, and as the alert itself does.
fn bounds(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    static FIRES: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:alert|alarm|page|pager|rule|monitor)\b.{0,40}\b(?:fires?|fired|triggers?|triggered|pages?|paged|kicks in|goes off|is set|was set|threshold|starts?)\b",
        )
    });
    let known = alerts(incident);
    let told = sentences.iter().filter(|s| !s.is_loose() && FIRES.is_match(s.text)).flat_map(quantities);
    let told = told.filter(|(_, q)| q.text.contains('%') && q.to.is_none());
    let mut found: Vec<Contradiction> = Vec::new();
    for (sentence, quantity) in told {
        let own = words(sentence.text);
        let about: Vec<_> = known.iter().filter(|(text, ..)| words(text).iter().any(|w| own.contains(w))).collect();
        let differ = about.iter().all(|(_, share, ..)| (share - quantity.value).abs() > 0.005);
        let Some((text, _, literal, place)) = about.first().filter(|_| differ) else { continue };
        let alert = Side {
            value: literal.clone(),
            number: None,
            between: None,
            measure: None,
            stated_by: None,
            words: Some(text.clone()),
            places: place.clone(),
        };
        let told = of_figure("when the alert fires", vec![sentence.side(&quantity.text), alert]);
        if !found.iter().any(|c| c.sides[0].places == told.sides[0].places) {
            found.push(told);
        }
    }
    found
}

/// Alerts and pages of the incident that say above which share they fire.
fn alerts(incident: &Incident<'_>) -> Vec<(String, f64, String, Places)> {
    let scene = incident.scene;
    let near = |at: Moment| at >= incident.window.from.plus(-600.0) && at <= incident.window.to.plus(600.0);
    let alerts = scene.alerts.iter().filter(|a| a.what.firing && near(a.at));
    let alerts = alerts.map(|a| (if a.what.summary.is_empty() { &a.what.name } else { &a.what.summary }, a.place));
    let pages = scene.pages.iter().filter(|p| near(p.at)).map(|p| (&p.what.title, p.place));
    let bound = |(text, place): (&String, evidence::RecordRef)| {
        static ABOVE: LazyLock<Expression> = LazyLock::new(|| {
            constant(r"(?i)(?:>=?|above|over|exceeds?|exceeded|more than|threshold:?)\s*(?P<text>(?P<n>\d{1,3}(?:\.\d+)?)\s?%)")
        });
        let c = ABOVE.captures(text)?;
        let share = c.name("n")?.as_str().parse::<f64>().ok()? / 100.0;
        Some((text.clone(), share, c.name("text")?.as_str().to_string(), Places::one(place)))
    };
    alerts.chain(pages).filter_map(bound).collect()
}

/// Words that tell one alert from another.
fn words(text: &str) -> Vec<String> {
    const COMMON: &[&str] =
        &["alert", "alerts", "alarm", "above", "fires", "fired", "only", "page", "pager", "than", "more", "rule", "over", "when"];
    let all = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    all.filter(|w| w.len() >= 3 && !w.bytes().all(|b| b.is_ascii_digit()) && !COMMON.contains(&w.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_failed_where_that_stands_behind_it() {
        let fails = |text: &str| acts::quantities(text, false).first().is_some_and(|q| fails_behind(text, q.span.1));
        assert!(fails("~640 uploads failed") && fails("640 uploads were lost"));
        assert!(!fails("640 uploads went through") && !fails("640 customers, of whom some failed"));
    }

    #[test]
    fn rounding_is_no_contradiction() {
        assert!(are_apart(300.0, 5_000.0, true) && are_apart(300.0, 400.0, false));
        assert!(!are_apart(3_100.0, 3_240.0, false) && !are_apart(3_000.0, 5_000.0, true));
        assert_eq!((noun("3,100 riders"), noun("one user")), ("rider".into(), "user".into()));
    }

    #[test]
    fn what_grows_or_is_a_part_is_no_whole() {
        for text in ["300 users so far", "at least 40 users", "12 of them were charged twice", "500 users per minute"] {
            assert!(is_of_a_part(text), "{text}");
        }
        assert!(!is_of_a_part("about 5,000 users were affected"));
    }
}
