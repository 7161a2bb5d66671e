//! How much it hurt: computed where requests are logged, stated where people or tools said it, never mixed.

use std::sync::LazyLock;

use evidence::Moment;

use crate::acts::{Act, Quantity, QuantityKind};
use crate::apart::Apart;
use crate::contradictions;
use crate::findings::{Measure, MeasureOp, MetricBasis, MetricFinding, Metrics, Places, Selection, Stated, Times};
use crate::incident::Incident;
use expressions::{Expression, constant};

mod part;

pub fn find(incident: &Incident<'_>, times: &Times) -> Metrics {
    Metrics {
        peak_error_rate: peak(incident),
        users_affected: stated_users(incident).or_else(|| users(incident)),
        requests_failed: failed(incident, times),
        support_tickets: stated(incident, |q, _| q.what == QuantityKind::Tickets),
        revenue_impact: stated(incident, |q, _| matches!(q.what, QuantityKind::Money(_))),
    }
}

/// Seconds of the bins in which a short incident's rate is compared with a stated one.
const FINE_S: i64 = 10;

/// The highest share of a minute at the edge. A stated rate that names a path is measured on that path, and stands when
/// the requests bear it out.
fn peak(incident: &Incident<'_>) -> Option<MetricFinding> {
    let said = stated_rate(incident);
    let Some(edge) = &incident.edge else { return said.map(|(metric, _)| metric) };
    let (from, to) = (incident.window.from, incident.window.to);
    if let Some((metric, Some(path))) = said {
        let group = crate::digest::path_group(&path);
        let minute = edge.peak(60, Some(&group), from, to);
        let fine = edge.peak(FINE_S, Some(&group), from, to);
        let borne_out = |p: &crate::edge::Peak| (p.rate() - metric.value).abs() <= 0.05;
        if let Some(peak) = minute.filter(borne_out).or(fine.filter(borne_out)) {
            let places = Places::from_many(peak.places).map_or(metric.places.clone(), |p| metric.places.and(&p));
            return Some(MetricFinding { places, ..metric });
        }
    }
    let peak = edge.peak(60, None, from, to)?;
    let measure = Measure {
        op: MeasureOp::Ratio,
        sources: edge.sources.clone(),
        select: Selection { request: true, status_at_least: Some(500), ..Selection::default() },
        of: Selection { request: true, ..Selection::default() },
        from: Some(peak.from),
        to: Some(peak.to),
        numerator: peak.failed as f64,
        denominator: peak.total as f64,
        value: peak.rate(),
    };
    Some(MetricFinding {
        value: peak.rate(),
        basis: MetricBasis::Computed(measure),
        one_of: part::of(incident, edge),
        places: Places::from_many(peak.places)?,
    })
}

/// An error rate that an alert or a person states during the incident, with the path that it names.
fn stated_rate(incident: &Incident<'_>) -> Option<(MetricFinding, Option<String>)> {
    let scene = incident.scene;
    let near = |at: Moment| at >= incident.window.from.plus(-60.0) && at <= incident.window.to.plus(600.0);
    let mut best: Option<(MetricFinding, Option<String>)> = None;
    for alert in scene.alerts.iter().filter(|a| a.what.firing && near(a.at)) {
        let said = crate::acts::read(&alert.what.summary, &alert.what.name, true);
        for quantity in said.iter().flat_map(|s| &s.slots.quantities).filter(|q| q.what == QuantityKind::ErrorRate) {
            let basis = MetricBasis::Stated {
                words: alert.what.summary.clone(),
                number: quantity.text.clone(),
                author: Some(alert.what.name.clone()),
            };
            let metric = MetricFinding { value: share(quantity), basis, one_of: None, places: Places::one(alert.place) };
            if best.as_ref().is_none_or(|(b, _)| metric.value > b.value) {
                best = Some((metric, path_in(&alert.what.summary)));
            }
        }
    }
    best
}

fn share(quantity: &Quantity) -> f64 {
    if quantity.value > 1.0 { quantity.value / 100.0 } else { quantity.value }
}

/// The first URL path that a text names.
fn path_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .map(|w| w.trim_end_matches([',', '.', ')']))
        .find(|w| w.len() > 1 && w.starts_with('/'))
        .map(str::to_string)
}

/// Failed requests at the edge from the first to the last failure.
fn failed(incident: &Incident<'_>, times: &Times) -> Option<MetricFinding> {
    let edge = incident.edge.as_ref()?;
    let width = edge.paths.iter().map(|p| p.width_s).max().unwrap_or(1);
    let start = times.started.as_ref()?.at;
    let floor = |at: Moment| Moment::from_seconds(at.seconds().div_euclid(width) * width);
    let bin = floor(start);
    let end = times.mitigated.as_ref().map_or(incident.window.to, |m| m.at.min(incident.window.to));
    let to = floor(end.plus(width as f64));
    let count = edge.failed_between(bin, to);
    let (first, last) = edge.failures(bin, to, incident.scene)?;
    // No failure stands between the beginning of the bin and its first one.
    let from = Moment::from_seconds(first.at.seconds());
    let measure = Measure {
        op: MeasureOp::Count,
        sources: edge.sources.clone(),
        select: Selection { request: true, status_at_least: Some(500), ..Selection::default() },
        of: Selection { request: true, ..Selection::default() },
        from: Some(from),
        to: Some(to),
        numerator: count as f64,
        denominator: edge.total_between(bin, to) as f64,
        value: count as f64,
    };
    Some(MetricFinding {
        value: count as f64,
        basis: MetricBasis::Computed(measure),
        one_of: part::of(incident, edge),
        places: Places::new(first.place, [last.place]),
    })
}

/// Distinct users whose requests failed, over the whole of the edge's log.
pub fn users(incident: &Incident<'_>) -> Option<MetricFinding> {
    let edge = incident.edge.as_ref()?;
    let parts = incident.scene.digests.iter().filter(|d| edge.sources.contains(&d.source) && d.failed_users > 0);
    // How many users two parts have in common is not known.
    let count = Some(parts.map(|part| part.failed_users as f64).collect::<Vec<_>>()).filter(|parts| parts.len() == 1)?[0];
    let (first, last) = edge.failures(Moment(i64::MIN), Moment(i64::MAX), incident.scene)?;
    // A handful of names on many requests are service accounts, not people.
    let failed = edge.failed_between(Moment(i64::MIN), Moment(i64::MAX)) as f64;
    if count < 5.0 || count * 20.0 < failed {
        return None;
    }
    let measure = Measure {
        op: MeasureOp::DistinctUsers,
        sources: edge.sources.clone(),
        select: Selection { request: true, status_at_least: Some(500), ..Selection::default() },
        of: Selection::default(),
        from: None,
        to: None,
        numerator: count,
        denominator: count,
        value: count,
    };
    Some(MetricFinding {
        value: count,
        basis: MetricBasis::Computed(measure),
        one_of: part::of(incident, edge),
        places: Places::new(first.place, [last.place]),
    })
}

fn stated_users(incident: &Incident<'_>) -> Option<MetricFinding> {
    static ALL: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:affected|impacted|in total|altogether|overall)\b"));
    // One or two are an example, unless they are said to be all.
    let of = |quantity: &Quantity, words: &str| {
        quantity.what == QuantityKind::Users
            && (quantity.value >= 3.0 || ALL.is_match(words))
            && tells_of_harm(words)
            && !is_of_reports(words)
    };
    // Whoever tells of all of them is asked before those who tell of a part, and who counted them before who guessed.
    let said = || stated(incident, |quantity, words| of(quantity, words) && ALL.is_match(words)).or_else(|| stated(incident, of));
    counted(incident, |quantity, words| of(quantity, words) && !quantity.approx).or_else(said)
}

/// The only exact figure of a draft that was written when all was over.
fn counted(incident: &Incident<'_>, of: impl Fn(&Quantity, &str) -> bool) -> Option<MetricFinding> {
    let notes = contradictions::written(incident);
    let mut found: Vec<MetricFinding> = Vec::new();
    for message in &notes {
        for said in message.what.said.iter().filter(|s| s.act != Act::ActionItem && s.act != Act::Prevention) {
            let english = message.what.english(said);
            for quantity in said.slots.quantities.iter().filter(|q| of(q, &english)) {
                let words = message.what.sentence(said).to_string();
                let basis = MetricBasis::Stated { words, number: quantity.text.clone(), author: None };
                found.push(MetricFinding { value: quantity.value, basis, one_of: None, places: Places::one(message.place) });
            }
        }
    }
    let first = found.first()?.value;
    found.iter().all(|other| (other.value - first).abs() < 0.5).then(|| found.swap_remove(0))
}

/// The words tell what people suffered. How many a service has, or how many may come, is none of it.
pub fn tells_of_harm(words: &str) -> bool {
    static HARM: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:affect\w*|impact\w*|hit|harm\w*|hurt|suffer\w*|could ?n[o'’]?t|could not|ca ?n[o'’]?t|can ?not|unable|without|saw|sees?|seeing|got|get|getting|lost|los(?:e|ing)|fail\w*|errors?|lock(?:ed)? out|logged out|kicked|stuck|blocked|wait\w*|charged|miss\w*|no|down|offline|complain\w*|report\w*|call\w*|gave up|drop\w*|abandon\w*|broken|denied|reject\w*|turned away|cut off|stranded|delay\w*|wrong|twice|double)\b",
        )
    });
    static NONE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:no|zero|none of (?:the|our)|not a single) (?:\w+ )?(?:users?|customers?) (?:were |was |is |are )?(?:affected|impacted|hit)\b|\b(?:no|zero|without)(?: any| more| new)? errors?\b|\bif\b",
        )
    });
    HARM.is_match(words) && !NONE.is_match(words)
}

/// So many told of it within minutes, when it was noticed: how many were harmed nobody knew yet.
fn is_of_reports(words: &str) -> bool {
    static WITHIN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\bin (?:the )?(?:last |past )?(?:\d+|an?|one|two|three|five|ten|fifteen|twenty|thirty|a few|a couple of) ?(?:m|mins?|minutes?|h|hours?)\b",
        )
    });
    static TELL: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)\b(?:say\w*|said|report\w*|complain\w*|call\w*|ask\w*|writ\w*|wrote|phon\w*|chats?)\b"));
    WITHIN.is_match(words) && TELL.is_match(words)
}

/// A quantity that people stated about this incident; the latest statement stands.
fn stated(incident: &Incident<'_>, of: impl Fn(&Quantity, &str) -> bool) -> Option<MetricFinding> {
    let messages = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    let apart = Apart::of(incident);
    let mut found = None;
    for message in messages.filter(|m| !apart.holds(m.at)) {
        for said in message.what.said.iter().filter(|s| s.act != Act::ActionItem && s.act != Act::Prevention) {
            let english = message.what.english(said);
            for quantity in said.slots.quantities.iter().filter(|q| of(q, &english)) {
                let words = message.what.sentence(said).to_string();
                let author = Some(message.what.speaker.clone());
                let basis = MetricBasis::Stated { words, number: quantity.text.clone(), author };
                let places = Places::one(message.place);
                found = Some(MetricFinding { value: quantity.value, basis, one_of: None, places });
            }
        }
    }
    found
}

/// What the pager or the alert calls it.
pub fn title(incident: &Incident<'_>) -> Option<Stated> {
    let scene = incident.scene;
    let near = |at: Moment| at >= incident.window.from.plus(-120.0) && at <= incident.window.to.plus(1_800.0);
    let page = scene.pages.iter().find(|p| near(p.at) && !p.what.title.is_empty());
    page.map(|p| Stated { words: p.what.title.clone(), author: None, at: Some(p.at), places: Places::one(p.place) }).or_else(
        || {
            let alert = scene.alerts.iter().find(|a| a.what.firing && near(a.at))?;
            let words = if alert.what.summary.is_empty() { alert.what.name.clone() } else { alert.what.summary.clone() };
            Some(Stated { words, author: None, at: Some(alert.at), places: Places::one(alert.place) })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_told_of_it_within_minutes_is_not_who_was_harmed() {
        assert!(is_of_reports("4 customers in the last ten minutes saying that they can not pay"));
        assert!(!is_of_reports("2300 riders could not start in 30 minutes"));
        assert!(!is_of_reports("41 customers reported that they were charged twice"));
    }

    #[test]
    fn who_was_harmed_is_told_from_who_is_there() {
        for words in ["around 2300 riders could not start", "users affected: 800", "41 customers were charged twice"] {
            assert!(tells_of_harm(words), "{words}");
        }
        for words in ["we serve 40,000 users on a Monday", "0 of it matters if 500 users come back", "12 members in the channel"]
        {
            assert!(!tells_of_harm(words), "{words}");
        }
    }
}
