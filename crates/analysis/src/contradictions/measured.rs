//! Shares that people tell of a metric beside what was measured then: "hit rate is 97%" while the series has 8%.
//!
//! What it sees: a sentence with one share in per cent and all telling words of a metric's name, and that metric's points of those
//! minutes. Why it matters: who reads the wrong graph sends everybody the wrong way. When it misleads: a share of a part, of
//! another time or of another metric with the same words; so every point of every such series has to be far from what was told.

use std::sync::LazyLock;

use evidence::Moment;

use super::speech::Sentence;
use crate::findings::{About, Contradiction, ContradictionKind, Places, Side};
use crate::incident::Incident;
use crate::scene::At;
use expressions::{Expression, constant};

/// Graphs are looked at so long before one speaks of them, and are so far behind.
const BEFORE_S: f64 = 300.0;
const AFTER_S: f64 = 60.0;
const LEAST_POINTS: usize = 2;
/// Per cent by which what was told has to be off.
const FAR: f64 = 25.0;

/// One point of a series, in per cent.
struct Point {
    at: Moment,
    share: f64,
    value: f64,
    places: Places,
}

pub fn find(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let told = sentences.iter().filter(|s| !s.is_loose());
    told.filter_map(|sentence| beside(incident, sentence, told_share(sentence.text)?)).collect()
}

fn beside(incident: &Incident<'_>, sentence: &Sentence<'_>, (text, share): (&str, f64)) -> Option<Contradiction> {
    let words = words(sentence.text);
    let about = |metric: &str| {
        let telling = telling(metric);
        !telling.is_empty() && telling.iter().all(|word| words.contains(word))
    };
    let named: Vec<_> = incident.scene.series.iter().filter(|s| about(&s.what.metric)).collect();
    let mut all: Vec<Point> = Vec::new();
    for series in &named {
        let own = points(incident, series, sentence.message.at);
        if own.len() < LEAST_POINTS {
            return None;
        }
        all.extend(own);
    }
    if all.iter().any(|point| (point.share - share).abs() < FAR) {
        return None;
    }
    let last = all.into_iter().max_by_key(|point| point.at)?;
    let measured = Side {
        value: last.value.to_string(),
        number: None,
        between: None,
        measure: None,
        stated_by: None,
        words: None,
        places: last.places,
    };
    Some(Contradiction {
        kind: ContradictionKind::Number,
        about: About::Quantity { what: named.first()?.what.metric.clone() },
        sides: vec![sentence.side(text), measured],
    })
}

/// The points of those minutes; none where the series is not of shares or its points have no lines of their own.
fn points(incident: &Incident<'_>, series: &At<evidence::Series>, at: Moment) -> Vec<Point> {
    let clock = incident.scene.clock(series.place.source);
    let most = series.what.points.iter().map(|p| p.value).fold(0.0, f64::max);
    let is_share = series.what.points.iter().all(|p| p.value >= 0.0) && most <= 100.0;
    let scale = if most <= 1.0 { 100.0 } else { 1.0 };
    let is_told = scale > 1.0 || says_share(&series.what.metric);
    if !is_share || !is_told {
        return Vec::new();
    }
    let near = |moment: &Moment| (-AFTER_S..=BEFORE_S).contains(&at.since(*moment));
    let own = series.what.points.iter().filter(|p| p.place != series.place);
    let dated = own.filter_map(|p| Some((clock.moment(p.stamp).filter(near)?, p)));
    dated.map(|(at, p)| Point { at, share: p.value * scale, value: p.value, places: Places::one(p.place) }).collect()
}

fn says_share(metric: &str) -> bool {
    let words = words(metric);
    ["percent", "percentage", "pct", "ratio", "utilization", "utilisation"].iter().any(|w| words.iter().any(|own| own == w))
}

/// The one share of a sentence that tells how it is, of the whole.
fn told_share(text: &str) -> Option<(&str, f64)> {
    static SHARE: LazyLock<Expression> = LazyLock::new(|| constant(r"(?P<text>\b(?P<n>\d{1,3}(?:\.\d+)?)\s?%)"));
    static OTHER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:below|above|under|over|than|from|was|were|had|before|earlier|since|until|between|when|free|idle|left|another|other|each|every|average|mean|peak\w*|max\w*|up to|at least|again|back|by|on|for|of|in)\b|[<>~≈]|\d{1,2}:\d\d",
        )
    });
    let mut all = SHARE.captures_iter(text);
    let found = all.next().filter(|_| all.next().is_none() && !OTHER.is_match(text))?;
    let share = found.name("n")?.as_str().parse::<f64>().ok().filter(|share| *share <= 100.0)?;
    Some((found.name("text")?.as_str(), share))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

/// The words of a metric's own name, or of all of it, that are not those of a unit or of a statistic.
fn telling(metric: &str) -> Vec<String> {
    const UNITS: &[&str] = &[
        "ratio",
        "rate",
        "percent",
        "percentage",
        "pct",
        "usage",
        "used",
        "utilization",
        "utilisation",
        "total",
        "avg",
        "mean",
        "value",
        "gauge",
        "current",
        "share",
    ];
    let of = |name: &str| -> Vec<String> { words(name).into_iter().filter(|w| !UNITS.contains(&w.as_str())).collect() };
    let own = of(metric.rsplit('.').next().unwrap_or(metric));
    if own.is_empty() { of(metric) } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_share_that_tells_how_it_is_counts() {
        assert_eq!(told_share("cache is fine, hit rate is 97% as always"), Some(("97%", 97.0)));
        for text in [
            "hit rate was 97% before",
            "hit rate is 8% since 10:02",
            "hit rate fell from 97% to 8%",
            "alert when the hit rate is below 80%",
            "cpu is 90% on web-3",
            "disk is 40% free",
            "97 hits",
        ] {
            assert_eq!(told_share(text), None, "{text}");
        }
    }

    #[test]
    fn units_and_statistics_tell_no_metric_from_another() {
        assert_eq!(telling("hit_ratio"), ["hit"]);
        assert_eq!((telling("redis.hit_ratio"), telling("cpu.usage")), (vec!["hit".to_string()], vec!["cpu".to_string()]));
        assert_eq!(telling("cpu_usage_percent"), ["cpu"]);
        assert_eq!(telling("used_percent"), Vec::<String>::new());
        assert!(says_share("mem_used_percent") && !says_share("queue_length"));
    }
}
