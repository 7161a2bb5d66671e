//! When the incident was, and which of the trouble belongs to it.
//!
//! What it sees: stretches in which the share of failures rises (`rates`), those in which many kinds of failure come
//! together (`runs`), kinds that never came before, and the alerts and pages that somebody or something raised. Why it matters: everything later asks "in the incident or
//! before?". When it misleads: evidence that begins in the middle of an incident has no usual level; then everything is
//! the incident, which is what a person would say too.

use std::collections::BTreeMap;

use evidence::{AlertState, Moment, PageAction};

use crate::edge::Edge;
use crate::parallel;
use crate::rates;
use crate::runs;
use crate::scene::{At, Scene};
use crate::share;
use crate::signals::{Signal, SignalKind};
use crate::told;
use crate::weights::{NEAR_S, NEW_CAME, NEW_MISSED, RUN_LEAST_ODDS};

mod unhealed;
mod unnoticed;

/// An alarm so long before another one is the same trouble's.
const NOTICED_BEFORE_S: f64 = 1_800.0;

/// Records that make an outburst, and their part of those of the next one.
const OUTBURST: u64 = 5;
const OUTBURST_OF_ALL: f64 = 0.2;

/// The stretch of harm: from the first to the last bin that stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub from: Moment,
    pub to: Moment,
    /// Where the evidence itself begins and ends.
    pub data_from: Moment,
    pub data_to: Moment,
    /// Seconds of a bin.
    pub width: i64,
}

/// From a moment on until another, without it.
pub type Stretch = (Moment, Moment);

/// The span of the evidence, and the seconds of a bin.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    pub data: Stretch,
    pub width: i64,
}

/// `None`: nothing stands out anywhere.
pub fn find(scene: &Scene, signals: &[Signal], edge: Option<&Edge>) -> Option<Window> {
    let data = data_span(scene, signals)?;
    let grid = Grid { data, width: width((data.1.seconds() - data.0.seconds()).max(1)) };
    let anchor = anchor(scene, data);
    let near = |(from, to): Stretch| anchor.is_some_and(|a| a >= from.plus(-NEAR_S) && a <= to.plus(NEAR_S));
    let rises = || rates::rises(scene, signals, edge, grid);
    let (rises, run) = parallel::both(scene.threads, rises, || runs::clearest(scene, signals, edge, grid, anchor));
    let rise = rates::clearest(&rises, |r| near((r.from, r.to))).map(|rise| (rise.from, rise.to));
    // More load brings more of every failure.
    let is_load = |run: Stretch| {
        let ratio = rates::odds_ratio(scene, signals, edge, grid, run);
        runs::is_steady(run, signals, edge, grid) && ratio.is_some_and(|ratio| ratio < RUN_LEAST_ODDS)
    };
    let run = run.filter(|run| near(*run) || !is_load(*run));
    let (from, to) = match (run, rise, anchor) {
        (Some(run), Some(rise), _) => of_both(run, rise, near(run), runs::is_steady(run, signals, edge, grid)),
        (Some(run), None, _) => run,
        (None, Some(rise), _) if anchor.is_none() || near(rise) => rise,
        (None, rise, Some(at)) => by_metrics(scene, signals, at).or(rise)?,
        (None, _, None) => by_new_kinds(signals, grid)?,
    };
    let from = first_outburst(scene, signals, from, to);
    let to = last_outburst(scene, (signals, edge), from, to);
    let to = unnoticed::until(scene, signals, &alarms(scene), (from, to));
    let from = unhealed::since(signals, (from, to));
    // The alarm that stands for the harm may have come when the logs had ended already.
    let alarm = anchor.filter(|_| run.is_none() && rise.is_none());
    let (data_from, data_to) = (data.0.min(alarm.unwrap_or(data.0)), data.1.max(alarm.unwrap_or(data.1)));
    let (from, to) = (from.max(data_from), to.min(Moment::from_seconds(data_to.seconds() + 1)));
    Some(Window { from, to, data_from, data_to, width: grid.width })
}

/// What failed, was well for minutes and fails again in the same way is one incident, where somebody was called the first time.
fn first_outburst(scene: &Scene, signals: &[Signal], from: Moment, to: Moment) -> Moment {
    let inside = |s: &Signal| s.bins.iter().filter(|(at, _)| *at >= from && *at <= to).map(|(_, n)| n).sum::<u64>();
    let failures = signals.iter().filter(|s| s.kind == SignalKind::Log && s.is_failure() && !s.hits.is_empty());
    let loudest = failures.max_by_key(|s| (inside(s), std::cmp::Reverse(s.first)));
    let first = loudest.and_then(|s| outburst_before(&s.bins, (from, to)));
    first.filter(|first| alarms(scene).iter().any(|at| at >= first && *at < from)).unwrap_or(from)
}

/// What was well for minutes and fails again in the same way is the same incident, where it was not over for those who handle it: they
/// are called again, or declare it over only afterwards.
fn last_outburst(scene: &Scene, (signals, edge): (&[Signal], Option<&Edge>), from: Moment, to: Moment) -> Moment {
    let inside = |s: &Signal| s.bins.iter().filter(|(at, _)| *at >= from && *at <= to).map(|(_, n)| n).sum::<u64>();
    let failures = signals.iter().filter(|s| s.kind == SignalKind::Log && s.is_failure() && !s.hits.is_empty());
    let loudest = failures.max_by_key(|s| (inside(s), std::cmp::Reverse(s.first)));
    let Some((again, until)) = loudest.and_then(|s| outburst_after(&s.bins, (from, to), NEAR_S)) else {
        let of_edge =
            || edge.map(|edge| edge.failed_by_bin(1).into_iter().map(|(at, n)| (Moment::from_seconds(at), n)).collect());
        let bins = loudest.map(|s| s.bins.clone()).or_else(of_edge).unwrap_or_default();
        let back = outburst_after(&bins, (from, to), BACK_WITHIN_S);
        return back.filter(|back| is_said_to_be_back(scene, *back)).map_or(to, |(_, until)| until);
    };
    let called = || alarms(scene).iter().any(|at| *at >= again && *at <= until);
    let closes = |m: &&At<crate::scene::Utterance>| !m.what.message.is_bot && m.what.does(crate::acts::Act::Resolve);
    let closed = scene.chat.iter().filter(closes).map(|m| m.at).find(|at| *at >= to);
    let is_open = called() || closed.is_some_and(|at| at >= until);
    if is_open || is_said_to_be_back(scene, (again, until)) { until } else { to }
}

/// What had been declared over comes back so soon, where somebody says that it does.
const BACK_WITHIN_S: f64 = 2.0 * 3_600.0;

/// Somebody says while it fails that it does so again, and somebody declares it over afterwards.
fn is_said_to_be_back(scene: &Scene, (again, until): Stretch) -> bool {
    let people = || scene.chat.iter().filter(|m| !m.what.message.is_bot);
    people().any(|m| m.at >= again && m.at <= until && tells_again(&m.what.message.text))
        && people().any(|m| m.at > until && m.at.since(until) <= BACK_WITHIN_S && m.what.does(crate::acts::Act::Resolve))
}

fn tells_again(text: &str) -> bool {
    const BACK: [&str; 5] = ["is back", "it's back", "are back", "came back", "coming back"];
    let english = crate::acts::in_english(text).to_lowercase();
    let mut words = english.split(|c: char| !c.is_alphanumeric());
    let is_well = ["works again", "fine again", "up again", "working again", "ok again"].iter().any(|w| english.contains(w));
    !is_well && (words.any(|word| word == "again") || BACK.iter().any(|w| english.contains(w)))
}

/// From when until when a kind of failure came in numbers shortly after a stretch, though it was not usual before.
fn outburst_after(bins: &[(Moment, u64)], (from, to): Stretch, within_s: f64) -> Option<Stretch> {
    let limit = to.plus(within_s);
    let later = || bins.iter().filter(|(at, n)| *at > to && *at <= limit && *n > 0);
    let count = |from: Moment, to: Moment| bins.iter().filter(|(at, _)| *at >= from && *at < to).map(|(_, n)| n).sum::<u64>();
    let (older, inside, after) = (count(Moment(i64::MIN), from), count(from, to.plus(1.0)), later().map(|(_, n)| n).sum::<u64>());
    let is_outburst = after >= OUTBURST && after as f64 >= OUTBURST_OF_ALL * inside as f64 && older * 20 <= after;
    let again = later().map(|(at, _)| *at).min().filter(|_| is_outburst)?;
    // It is over when nothing more comes for as long as that.
    let rest = || bins.iter().filter(|(at, n)| *at > to && *n > 0).map(|(at, _)| *at);
    let mut all: Vec<Moment> = rest().collect();
    all.sort();
    let until = all.into_iter().fold(again, |last, at| if at.since(last) <= NEAR_S / 2.0 { last.max(at) } else { last });
    Some((again, until))
}

/// Where a kind of failure that was not usual before came in numbers shortly before a stretch.
fn outburst_before(bins: &[(Moment, u64)], (from, to): Stretch) -> Option<Moment> {
    let count = |from: Moment, to: Moment| bins.iter().filter(|(at, _)| *at >= from && *at < to).map(|(_, n)| n).sum::<u64>();
    let since = from.plus(-NEAR_S);
    let (older, before, inside) = (count(Moment(i64::MIN), since), count(since, from), count(from, to.plus(1.0)));
    let first = bins.iter().map(|(at, _)| *at).filter(|at| *at >= since && *at < from).min()?;
    let is_outburst = before >= OUTBURST && before as f64 >= OUTBURST_OF_ALL * inside as f64 && older * 20 <= before;
    is_outburst.then_some(first)
}

/// A run of kinds and a stretch in which shares rise. Where failures are usual, kinds that come by chance make runs, and
/// shares tell better; where they are not, the first odd failure may lie well ahead of the run's own.
fn of_both(run: Stretch, rise: Stretch, at_alarm: bool, is_steady: bool) -> Stretch {
    let overlap = run.0 < rise.1 && rise.0 < run.1;
    match (is_steady, overlap) {
        (true, true) => rise,
        (true, false) if !at_alarm => rise,
        (false, true) if !at_alarm => (run.0.max(rise.0), run.1),
        _ => run,
    }
}

/// Errors that nothing stands out of, and that yet at least doubled: by kinds that had never come before, though as they came
/// they would have come often. Where a program says hundreds of different errors every minute of every day, and little
/// else, new ones are a small part of all kinds and of the share, and a large part of all records.
fn by_new_kinds(signals: &[Signal], Grid { data: (data_from, data_to), width }: Grid) -> Option<Stretch> {
    let failures = || signals.iter().filter(|s| s.kind == SignalKind::Log && s.level.is_some_and(evidence::Level::is_bad));
    // Bins count, not records: one bunch of a thousand came once.
    let is_new = |s: &&Signal| {
        let (lasted, before) = (s.last.since(s.first).max(width as f64), s.first.since(data_from));
        let came = share::episodes(s, width).len() as f64;
        before > data_to.since(data_from) * 0.1 && came >= NEW_CAME && came / lasted * before >= NEW_MISSED
    };
    let from = failures().filter(is_new).map(|s| s.first).min()?;
    let to = failures().filter(is_new).map(|s| s.last).max()?;
    let new: u64 = failures().filter(is_new).map(|s| s.count).sum();
    let inside = |s: &Signal| s.bins.iter().filter(|(at, _)| *at >= from && *at <= to).map(|(_, n)| n).sum::<u64>();
    let usual: u64 = failures().filter(|s| !is_new(s)).map(inside).sum();
    (new >= usual).then_some((from, to))
}

/// Nothing but an alarm: the metrics that moved around it say from when to when. Logs that show nothing and metrics that
/// did not move outweigh it.
fn by_metrics(scene: &Scene, signals: &[Signal], alarm: Moment) -> Option<Stretch> {
    let near = |s: &&Signal| {
        s.kind == SignalKind::Metric
            && s.first <= alarm.plus(300.0)
            && s.last >= alarm.plus(-3_600.0)
            && alarm.since(s.first) <= 7_200.0
    };
    let moved: Vec<&Signal> = signals.iter().filter(near).collect();
    let silent = scene.digests.iter().any(|d| d.stamped >= 20) || is_past_warning(scene);
    if moved.is_empty() && silent {
        return None;
    }
    let first = alarms(scene).into_iter().find(|at| (0.0..=NOTICED_BEFORE_S).contains(&alarm.since(*at))).unwrap_or(alarm);
    let from = moved.iter().map(|s| s.first).min().unwrap_or(first).min(first);
    let to = moved.iter().map(|s| s.last).max().unwrap_or(alarm).max(alarm);
    Some((from, to))
}

/// Bin width for a span: about 240 bins between one second and one minute (algorithms, 2.2).
pub fn width(span: i64) -> i64 {
    let wanted = (span / 240).clamp(1, 60);
    [1, 2, 5, 10, 15, 30, 60].into_iter().find(|w| *w >= wanted).unwrap_or(60)
}

/// Begin and end of the logs, else of what is dated at all.
pub fn data_span(scene: &Scene, signals: &[Signal]) -> Option<Stretch> {
    let mut moments: Vec<Moment> = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        moments.extend(digest.first.and_then(|(s, _)| clock.moment(s)));
        moments.extend(digest.last.and_then(|(s, _)| clock.moment(s)));
    }
    if moments.is_empty() {
        moments.extend(signals.iter().filter(|s| s.kind != SignalKind::Note).flat_map(|s| [s.first, s.last]));
        let series = scene.series.iter().flat_map(|s| crate::metrics::moments(scene, &s.what, s.place.source));
        moments.extend(series.map(|(at, _)| at));
        moments.extend(scene.pages.iter().map(|p| p.at));
        moments.extend(scene.alerts.iter().map(|a| a.at));
        moments.extend(scene.chat.iter().map(|c| c.at));
    }
    // One stray date far from all others must not stretch the axis: the middle of the sources decides.
    moments.sort();
    let middle = *moments.get(moments.len() / 2)?;
    let near = |m: &Moment| m.since(middle).abs() <= 3.0 * 86_400.0;
    let from = *moments.iter().find(|m| near(m))?;
    let to = *moments.iter().rev().find(|m| near(m))?;
    Some(over_long_log(scene, (from, to)))
}

/// The log with most records may be longer than that. It is followed as far as its records go on: a date with a day of nothing
/// before it is a stray one all the same.
fn over_long_log(scene: &Scene, (from, to): Stretch) -> Stretch {
    let Some(longest) = scene.digests.iter().max_by_key(|d| (d.stamped, std::cmp::Reverse(d.source))) else { return (from, to) };
    let clock = scene.clock(longest.source);
    let ends = || [longest.first, longest.last].into_iter().flatten().filter_map(|(stamp, _)| clock.moment(stamp));
    if ends().all(|at| at >= from && at <= to) {
        return (from, to);
    }
    let dated = longest.patterns.iter().filter_map(|pattern| Some((pattern, pattern.basis?)));
    let mut moments: Vec<Moment> = dated.flat_map(|(p, basis)| p.bins.moments(clock, basis)).map(|(at, _)| at).collect();
    moments.extend(ends());
    moments.sort();
    goes_on(&moments, (from, to))
}

/// A pause so long ends a log, and no log is followed further than so long.
const LOG_PAUSE_S: f64 = 86_400.0;
const LONGEST_S: f64 = 90.0 * 86_400.0;

/// As far as sorted moments follow each other without a long pause, from a stretch on to both sides.
fn goes_on(moments: &[Moment], (from, to): Stretch) -> Stretch {
    let follows = |one: Moment, next: Moment| one.since(next).abs() <= LOG_PAUSE_S;
    let earlier = moments.iter().rev().filter(|at| **at < from && from.since(**at) <= LONGEST_S);
    let begin = earlier.fold((from, true), |(b, open), at| if open && follows(b, *at) { (*at, true) } else { (b, false) }).0;
    let later = moments.iter().filter(|at| **at > to && at.since(begin) <= LONGEST_S);
    let end = later.fold((to, true), |(e, open), at| if open && follows(*at, e) { (*at, true) } else { (e, false) }).0;
    (begin, end)
}

/// When somebody or something raised an alarm first, within the evidence.
fn anchor(scene: &Scene, (from, to): Stretch) -> Option<Moment> {
    let inside = |at: &Moment| *at >= from.plus(-3_600.0) && *at <= to.plus(3_600.0);
    let all: Vec<Moment> = alarms(scene).into_iter().filter(inside).collect();
    all.get(all.len() / 2).copied()
}

/// When each page and alert came that nobody calls a small one, by time. Steps of a page whose beginning is not here stand
/// for it.
fn alarms(scene: &Scene) -> Vec<Moment> {
    let pages = || scene.pages.iter().filter(|p| !is_low(p.what.priority.as_deref()));
    let begun: Vec<Moment> = pages().filter(|p| p.what.action == PageAction::Triggered).map(|p| p.at).collect();
    let pages = if begun.is_empty() { pages().map(|p| p.at).collect() } else { begun };
    let counts = |a: &AlertState| a.firing && !is_low(a.severity.as_deref()) && !told::is_exercise(a);
    let alerts = raised(scene).filter(|a| counts(&a.what)).map(|a| a.at);
    let mut all: Vec<Moment> = pages.into_iter().chain(alerts).collect();
    all.sort();
    all
}

/// Alerts when they began to fire: a check that says again and again that it is bad was raised when it said so first, or again
/// after it was well.
fn raised(scene: &Scene) -> impl Iterator<Item = &At<AlertState>> {
    type Named<'a> = (&'a str, &'a [(String, String)]);
    let mut firing: BTreeMap<Named<'_>, bool> = BTreeMap::new();
    scene.alerts.iter().filter(move |a| {
        let was = firing.insert((&a.what.name, &a.what.labels), a.what.firing);
        a.what.firing && was != Some(true)
    })
}

/// Nobody was paged, and all that was raised are warnings that are over.
fn is_past_warning(scene: &Scene) -> bool {
    let is_warning =
        |a: &AlertState| matches!(a.severity.as_deref(), Some(word) if word.to_ascii_lowercase().starts_with("warn"));
    let is_over = |alert: &At<AlertState>| {
        let ended = |a: &At<AlertState>| !a.what.firing && a.what.name == alert.what.name && a.at >= alert.at;
        alert.what.ends.is_some() || scene.alerts.iter().any(ended)
    };
    scene.pages.is_empty() && scene.alerts.iter().filter(|a| a.what.firing).all(|a| is_warning(&a.what) && is_over(a))
}

/// Words by which a source says that nobody needs to get up.
pub fn is_low(severity: Option<&str>) -> bool {
    const LOW: [&str; 14] = [
        "info",
        "information",
        "informational",
        "low",
        "none",
        "notice",
        "debug",
        "ok",
        "p4",
        "p5",
        "sev4",
        "sev5",
        "minor",
        "not classified",
    ];
    let word = severity.unwrap_or("").to_ascii_lowercase();
    LOW.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_before_in_the_same_way_is_the_beginning() {
        let at = |minute: i64| Moment::from_seconds(minute * 60);
        let stretch = (at(100), at(110));
        assert_eq!(outburst_before(&[(at(80), 40), (at(82), 9), (at(101), 60)], stretch), Some(at(80)));
        // Usual all day, a few only, and hours ago.
        assert_eq!(outburst_before(&[(at(20), 30), (at(80), 40), (at(101), 60)], stretch), None);
        assert_eq!(outburst_before(&[(at(80), 3), (at(101), 60)], stretch), None);
        assert_eq!(outburst_before(&[(at(80), 9), (at(101), 600)], stretch), None);
        assert_eq!(outburst_before(&[(at(20), 40), (at(101), 60)], stretch), None);
    }

    #[test]
    fn what_fails_again_in_the_same_way_is_not_over() {
        let at = |minute: i64| Moment::from_seconds(minute * 60);
        let stretch = (at(100), at(110));
        assert_eq!(outburst_after(&[(at(101), 60), (at(127), 30), (at(136), 9)], stretch, NEAR_S), Some((at(127), at(136))));
        // A few only, hours later, and usual all day.
        assert_eq!(outburst_after(&[(at(101), 60), (at(127), 3)], stretch, NEAR_S), None);
        assert_eq!(outburst_after(&[(at(101), 60), (at(190), 60)], stretch, NEAR_S), None);
        assert_eq!(outburst_after(&[(at(20), 30), (at(101), 60), (at(127), 60)], stretch, NEAR_S), None);
    }

    #[test]
    fn what_was_declared_over_comes_back_where_somebody_says_so() {
        let at = |minute: i64| Moment::from_seconds(minute * 60);
        let hourly = [(at(101), 60), (at(160), 55), (at(170), 4)];
        assert_eq!(outburst_after(&hourly, (at(100), at(110)), NEAR_S), None, "too late to be told without words");
        assert_eq!(outburst_after(&hourly, (at(100), at(110)), BACK_WITHIN_S), Some((at(160), at(170))));
        for text in ["it is doing it AGAIN", "the timeouts are back", "schon wieder, die Kasse hängt"] {
            assert!(tells_again(text), "{text}");
        }
        for text in ["fine again", "back on 1.2", "resolved", "works again for me"] {
            assert!(!tells_again(text), "{text}");
        }
    }

    #[test]
    fn a_log_of_a_week_is_looked_at_whole_and_a_stray_date_is_not_followed() {
        let day = |days: i64| Moment::from_seconds(days * 86_400);
        let week: Vec<Moment> = (0..=28).map(|quarter| Moment::from_seconds(quarter * 21_600)).collect();
        assert_eq!(goes_on(&week, (day(7), day(7))), (day(0), day(7)));
        assert_eq!(goes_on(&week, (day(3), day(4))), (day(0), day(7)));
        let stray: Vec<Moment> = [day(-400)].into_iter().chain(week).chain([day(12)]).collect();
        assert_eq!(goes_on(&stray, (day(7), day(7))), (day(0), day(7)));
    }

    #[test]
    fn the_grid_grows_with_the_span() {
        assert_eq!((width(7), width(2_100), width(7_200), width(86_400)), (1, 10, 30, 60));
    }
}
