//! Prevention replayed: when a rule would have fired on this incident's own requests, and what a smaller rollout would
//! have spared.
//!
//! What it sees: the requests at the edge, bin by bin. Why it matters: a rule that sounds good and would have been silent,
//! or that would have woken somebody every night, is told from one that would have helped. When it misleads: what came
//! after an alert would not all have been spared, as somebody has to act; the numbers are the most that was to be gained.

use evidence::Moment;

use crate::edge::Edge;
use crate::findings::{Replay, Replayed, Times};

/// The fewest requests of a window that make a share: with fewer, one failure is a rate.
pub const LEAST_REQUESTS: u64 = 20;
/// Seconds that a rule looks at which names none.
const USUAL_S: i64 = 60;
/// Seconds before the incident from which a threshold can be learnt.
const QUIET_S: f64 = 600.0;
/// A threshold is so many times what was usual, in whole percent, and neither below nor above these.
pub const TIMES_USUAL: f64 = 3.0;
pub const LEAST_SHARE: f64 = 0.02;
pub const MOST_SHARE: f64 = 0.5;
/// Seconds that an alert has to gain to be worth proposing.
const GAIN_S: f64 = 10.0;

/// A share of failed requests over so many seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rule {
    share: f64,
    seconds: i64,
}

/// From when until when failed requests count as the incident's.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub from: Moment,
    pub to: Moment,
}

/// What the words of a suggestion ask for, replayed on the requests up to the end of the incident. A smaller rollout is
/// worth something only where a change was the cause.
pub fn of_words(words: &str, (edge, times): (&Edge, &Times), by_change: bool, span: Span) -> Option<Replay> {
    times.started.as_ref()?;
    let lower = words.to_lowercase();
    let share = percent(&lower)?;
    if lower.contains("canary") || lower.contains("gradual") {
        let failed = edge.failed_between(span.from, span.to);
        let most = (failed as f64 * share).round() as u64;
        let replayed = Replayed::Canary { share, failed, most };
        return (by_change && failed > 0 && share < 1.0).then(|| made(edge, replayed, times)).flatten();
    }
    let is_rate = ["error", "failure", "failed", "5xx", "panic"].iter().any(|w| lower.contains(w)) && lower.contains("rate");
    let rule = Rule { share, seconds: seconds(&lower).unwrap_or(USUAL_S) };
    is_rate.then(|| made(edge, alert(rule, edge, times, span)?, times)).flatten()
}

/// The alert that the incident's own quiet time suggests, where it would have told of it before anybody did.
pub fn proposed((edge, times): (&Edge, &Times), span: Span) -> Option<Replay> {
    let started = times.started.as_ref()?.at;
    let usual = peak(edge, USUAL_S, started.plus(-f64::from(USUAL_S as i32)))?;
    let share = ((usual * TIMES_USUAL * 100.0).ceil() / 100.0).clamp(LEAST_SHARE, MOST_SHARE);
    let replayed = alert(Rule { share, seconds: USUAL_S }, edge, times, span)?;
    let gains = match &replayed {
        Replayed::Alert { fired: Some(_), before_detected: Some(gain), earlier: 0, .. } => *gain >= GAIN_S,
        Replayed::Alert { fired: Some(_), before_detected: None, earlier: 0, .. } => true,
        _ => false,
    };
    gains.then(|| made(edge, replayed, times)).flatten()
}

fn made(edge: &Edge, replayed: Replayed, times: &Times) -> Option<Replay> {
    let places = times.started.as_ref()?.places.few(2);
    let of_begin = edge.sources.iter().find(|source| places.iter().any(|place| place.source == **source));
    Some(Replay { replayed, source: *of_begin.or(edge.sources.first())?, places })
}

/// Runs a rule over all requests. It fires at the end of the first window whose share is above its own.
fn alert(rule: Rule, edge: &Edge, times: &Times, span: Span) -> Option<Replayed> {
    let started = times.started.as_ref()?.at;
    let windows = windows(edge, rule.seconds);
    let within = windows.iter().filter(|w| w.end > started && w.end <= span.to.plus(rule.seconds as f64));
    let most = within.clone().map(|w| w.share()).fold(0.0, f64::max);
    let fired = within.clone().find(|w| w.share() > rule.share).map(|w| w.end);
    // One that goes on firing is one alert.
    let mut earlier = 0;
    let mut is_firing = false;
    for window in windows.iter().filter(|w| w.end <= started) {
        let fires = window.share() > rule.share;
        earlier += u64::from(fires && !is_firing);
        is_firing = fires;
    }
    let before_detected = fired.zip(times.detected.as_ref()).map(|(fired, detected)| detected.at.since(fired));
    Some(Replayed::Alert {
        share: rule.share,
        seconds: rule.seconds,
        fired,
        after_start: fired.map(|fired| fired.since(started)),
        before_detected,
        earlier,
        most,
        after: fired.map_or(0, |fired| edge.failed_between(fired, span.to)),
        failed: edge.failed_between(span.from, span.to),
    })
}

/// The highest share of a window before a moment; `None` without enough time to learn from.
fn peak(edge: &Edge, seconds: i64, before: Moment) -> Option<f64> {
    let windows = windows(edge, seconds);
    let is_long = windows.first().is_some_and(|w| before.since(w.end) >= QUIET_S);
    let usual = windows.iter().filter(|w| w.end <= before).map(Window::share).fold(0.0, f64::max);
    is_long.then_some(usual)
}

/// The requests of so many seconds.
#[derive(Debug, Clone, Copy)]
struct Window {
    end: Moment,
    failed: u64,
    total: u64,
}

impl Window {
    fn share(&self) -> f64 {
        if self.total < LEAST_REQUESTS { 0.0 } else { self.failed as f64 / self.total as f64 }
    }
}

/// One that ends with each bin that has requests, from the first on that is whole.
fn windows(edge: &Edge, seconds: i64) -> Vec<Window> {
    let width = edge.paths.iter().map(|p| p.width_s).max().unwrap_or(1).max(1);
    let bins: Vec<(i64, u64, u64)> = edge.binned(width, None).into_iter().map(|(at, t)| (at, t.failed, t.total)).collect();
    let span = (seconds / width).max(1);
    let first = bins.first().map_or(0, |(at, ..)| *at);
    let (mut from, mut failed, mut total) = (0, 0, 0);
    bins.iter()
        .map(|(at, its_failed, its_total)| {
            failed += its_failed;
            total += its_total;
            while bins[from].0 <= at - span {
                failed -= bins[from].1;
                total -= bins[from].2;
                from += 1;
            }
            (*at, Window { end: Moment::from_seconds((at + 1) * width), failed, total })
        })
        .filter(|(at, _)| *at >= first + span - 1)
        .map(|(_, window)| window)
        .collect()
}

/// The first percentage of a text, as a share.
fn percent(lower: &str) -> Option<f64> {
    let end = lower.find('%')?;
    let number = lower[..end].trim_end();
    let from = number
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |at| at + number[at..].chars().next().map_or(1, char::len_utf8));
    let value: f64 = number[from..].parse().ok()?;
    (value > 0.0 && value <= 100.0).then_some(value / 100.0)
}

/// The first length of time of a text, in seconds.
fn seconds(lower: &str) -> Option<i64> {
    let words: Vec<&str> = lower.split(|c: char| c.is_whitespace() || c == ',' || c == ')').collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let number: i64 = word[..digits].parse().ok().filter(|n| (1..=86_400).contains(n))?;
        let unit = if digits == word.len() { words.get(at + 1).copied().unwrap_or("") } else { &word[digits..] };
        match unit.trim_end_matches(['.', ';', ':']) {
            "s" | "sec" | "secs" | "second" | "seconds" => Some(number),
            "m" | "min" | "mins" | "minute" | "minutes" => Some(number * 60),
            "h" | "hour" | "hours" => Some(number * 3_600),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use evidence::{RecordRef, SourceId};

    use super::*;
    use crate::digest::RequestTally;
    use crate::edge::Path;
    use crate::findings::{Places, TimeBasis, TimeFinding};

    const START: i64 = 1_700_000_000;
    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn span() -> Span {
        Span { from: Moment::from_seconds(START), to: Moment::from_seconds(START + 300) }
    }

    /// Ten requests a second for an hour; from `START` on half of them fail for five minutes. `usual` in a thousand fail
    /// before.
    fn edge(usual: u64) -> Edge {
        let bin = |second: i64| {
            let is_bad = (0..300).contains(&(second - START));
            let failed = if is_bad { 5 } else { u64::from(usual > 0 && second % (100 / usual as i64) == 0) };
            (Moment::from_seconds(second), RequestTally { total: 10, failed, ..RequestTally::default() })
        };
        let bins = (START - 1_800..START + 1_800).map(bin).collect();
        Edge { sources: vec![SOURCE], service: None, paths: vec![Path { group: "/*".into(), width_s: 1, bins }] }
    }

    fn time(second: i64) -> TimeFinding {
        let at = Moment::from_seconds(second);
        let place = RecordRef { source: SOURCE, start: 0, end: 1, line: 1, last_line: 1 };
        TimeFinding { at, earliest: at, latest: at, by: TimeBasis::FailedRequests { service: None }, places: Places::one(place) }
    }

    fn times() -> Times {
        Times { started: Some(time(START)), detected: Some(time(START + 240)), ..Times::default() }
    }

    fn replayed(words: &str, usual: u64) -> Option<Replayed> {
        of_words(words, (&edge(usual), &times()), true, span()).map(|replay| replay.replayed)
    }

    #[test]
    fn a_rule_fires_when_the_share_of_its_window_is_above_its_own() {
        let Some(Replayed::Alert { share, seconds, fired, before_detected, earlier, after, failed, .. }) =
            replayed("roll back when the error rate exceeds 20% for 30 seconds", 0)
        else {
            panic!("no rule")
        };
        assert_eq!((share, seconds, earlier, failed), (0.2, 30, 0, 1_500));
        // Half of the requests fail: 13 of 30 seconds are above a fifth.
        assert_eq!(fired, Some(Moment::from_seconds(START + 13)));
        assert_eq!((before_detected, after), (Some(227.0), 1_435));
    }

    #[test]
    fn a_rule_that_was_never_met_says_how_near_it_came() {
        let found = replayed("alert on an error rate above 60%", 0);
        assert!(matches!(found, Some(Replayed::Alert { fired: None, most: 0.5, seconds: 60, .. })), "{found:?}");
    }

    #[test]
    fn a_rule_that_fires_on_usual_days_is_told() {
        let found = replayed("page when the failure rate is over 0.5% for 1 minute", 10);
        assert!(matches!(found, Some(Replayed::Alert { earlier: 1.., .. })), "{found:?}");
    }

    #[test]
    fn a_smaller_rollout_spares_its_share_where_a_change_was_the_cause() {
        assert!(matches!(
            replayed("a 10% canary would have limited this", 0),
            Some(Replayed::Canary { most: 150, failed: 1_500, .. })
        ));
        assert!(of_words("a 10% canary would have limited this", (&edge(0), &times()), false, span()).is_none());
    }

    #[test]
    fn words_without_a_rule_are_not_replayed() {
        for words in ["90%+ coverage on critical paths", "add a breaker", "error rate alerts", "keep 20% of the disk free"] {
            assert!(replayed(words, 0).is_none(), "{words}");
        }
    }

    #[test]
    fn what_is_proposed_was_silent_before_and_tells_sooner() {
        let found = proposed((&edge(1), &times()), span()).map(|replay| replay.replayed);
        let Some(Replayed::Alert { share, fired: Some(fired), earlier: 0, before_detected: Some(gain), .. }) = found else {
            panic!("{found:?}")
        };
        assert!((0.02..0.1).contains(&share) && gain > 200.0 && fired < Moment::from_seconds(START + 20));
        let soon = Times { detected: Some(time(START + 1)), ..times() };
        assert!(proposed((&edge(1), &soon), span()).is_none());
        // Without a quiet time there is nothing to learn from.
        let mut short = edge(1);
        short.paths[0].bins.retain(|(at, _)| *at >= Moment::from_seconds(START - 60));
        assert!(proposed((&short, &times()), span()).is_none());
    }
}
