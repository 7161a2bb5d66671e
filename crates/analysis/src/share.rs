//! How much of each kind of trouble is the incident's: its records within the window beside those before it.
//!
//! Why it matters: what failed anyway explains nothing. Where many kinds of error are usual, some of the rare ones come within
//! the window for the first time by chance alone, and some come more often; how many is told by the kinds that came only
//! before. When it misleads: an error that comes once a week, in a log of a day.

use std::collections::BTreeMap;

use evidence::{Level, Moment};

use crate::scene::Scene;
use crate::signals::{Signal, SignalKind};
use crate::weights::{CHANCE_KINDS, FEW_KINDS, LEAST_AFTER, MANY_KINDS, TIMES_AFTER};
use crate::window::Window;

/// Seconds before the window in which the first records of a kind may come, how many times as long nobody had seen it, and how
/// many times more there are of it then.
const JUST_BEFORE_S: f64 = 180.0;
const LONG_UNSEEN: f64 = 10.0;
const TIMES_MORE: u64 = 5;

/// What comes so soon after the window is still its own, in seconds.
const TAIL_S: f64 = 60.0;

/// A signal beside the window: how much of it is the incident's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Before the window, per hour.
    pub before: u64,
    pub inside: u64,
    /// Not seen before the window at all.
    pub new: bool,
    /// New, or clearly more than before.
    pub excess: bool,
    /// First record that belongs to the incident.
    pub onset: Moment,
}

/// Splits a signal's counts at the window. A rate three times as high with at least three records is an excess (the
/// Poisson test of algorithms 2.2a asks for no less at such counts).
pub fn share(scene: &Scene, signal: &Signal, window: &Window) -> Share {
    // What an orchestrator reports may announce the failure some minutes ahead.
    let ahead = if signal.kind == SignalKind::Kube { 300.0 } else { 0.0 };
    let lead = window.from.plus(-((window.width as f64) * 1.5 + 1.0).max(ahead));
    let tail = window.to.plus(TAIL_S);
    let count =
        |from: Moment, to: Moment| signal.bins.iter().filter(|(at, _)| *at >= from && *at < to).map(|(_, n)| n).sum::<u64>();
    if signal.bins.is_empty() {
        let inside = signal.last >= lead && signal.first <= tail;
        let new = signal.first >= lead;
        return Share { before: u64::from(!new), inside: u64::from(inside), new, excess: inside && new, onset: signal.first };
    }
    // The bin in which a kind begins may begin before the window, and the kind within it.
    let just_before = || signal.is_failure() && begins_just_before(&signal.bins, signal.first, (lead, tail), window.data_from);
    let begins_inside = signal.first >= lead || just_before();
    let before = if begins_inside { 0 } else { count(Moment(i64::MIN), lead) };
    let inside = count(if begins_inside { Moment(i64::MIN) } else { lead }, tail);
    let before_s = lead.since(window.data_from).max(1.0);
    let inside_s = tail.since(lead).max(1.0);
    let expected = before as f64 / before_s * inside_s;
    let new = before == 0;
    let excess = inside > 0 && (new || (inside >= 3 && inside as f64 >= 3.0 * expected.max(0.5)));
    let onset = if new {
        signal.first
    } else {
        let bin = thickens(&signal.bins, lead, tail, before as f64 / before_s).unwrap_or_else(|| first_bin(signal, lead));
        signal.begun_in_bin(scene, bin).unwrap_or(bin)
    };
    Share { before, inside, new, excess, onset }
}

/// A kind that nobody had seen for long, that came a few times right before the window and then on and on: the window is told by
/// what stands out, and the first of them do not.
fn begins_just_before(bins: &[(Moment, u64)], first: Moment, (lead, tail): (Moment, Moment), data_from: Moment) -> bool {
    let count = |from: Moment, to: Moment| -> u64 { bins.iter().filter(|(at, _)| *at >= from && *at < to).map(|(_, n)| n).sum() };
    let (before, inside) = (count(Moment(i64::MIN), lead), count(lead, tail));
    let is_near = lead.since(first) <= JUST_BEFORE_S && first.since(data_from) >= LONG_UNSEEN * JUST_BEFORE_S;
    is_near && inside >= TIMES_MORE * before.max(1)
}

fn first_bin(signal: &Signal, from: Moment) -> Moment {
    signal.bins.iter().map(|(at, _)| *at).find(|at| *at >= from).unwrap_or(signal.first)
}

/// Takes from the incident what chance explains: kinds that never came before, of which as many came only before; and, where
/// very many kinds are usual, those that are not more than so many kinds would bring (Bonferroni; algorithms, 2.2a).
pub fn weed(signals: &[Signal], shares: &mut [Share], window: &Window) {
    let before_s = window.from.since(window.data_from).max(1.0);
    let inside_s = window.to.since(window.from).max(1.0);
    let is_kind = |signal: &Signal| signal.kind == SignalKind::Log && signal.is_failure() && !signal.bins.is_empty();
    let rarity = |signal: &Signal| (signal.level == Some(Level::Fatal), episodes(signal, window.width).len());
    // Kinds by how often they came: only before the window, and within it for the first time.
    let mut rare: BTreeMap<(bool, usize), (usize, usize)> = BTreeMap::new();
    let mut usual = 0;
    for (signal, share) in signals.iter().zip(&*shares).filter(|(signal, _)| is_kind(signal)) {
        usual += usize::from(outside(signal, window) > 0);
        let (only_before, new) = (share.inside == 0 && share.before > 0, share.new && share.inside > 0);
        if only_before || new {
            let known = rare.entry(rarity(signal)).or_default();
            *known = (known.0 + usize::from(only_before), known.1 + usize::from(new));
        }
    }
    for (signal, share) in signals.iter().zip(shares).filter(|(signal, share)| is_kind(signal) && share.excess) {
        share.excess = if goes_on(signal, share, window) {
            false
        } else if share.new && outside(signal, window) == 0 {
            let rarity = rarity(signal);
            let (before, new) = rare.get(&rarity).copied().unwrap_or_default();
            let by_chance = before as f64 * (inside_s / before_s).min(1.0).powi(rarity.1 as i32);
            before < FEW_KINDS || by_chance <= CHANCE_KINDS * new as f64
        } else {
            usual < MANY_KINDS || surprise(signal, share, window) >= 2.0 * (usual as f64).ln()
        };
    }
}

/// How often a kind came before or after the window.
fn outside(signal: &Signal, window: &Window) -> u64 {
    let is_outside = |at: Moment| at < window.from.plus(-1.5 * window.width as f64) || at > window.to.plus(TAIL_S);
    signal.bins.iter().filter(|(at, _)| is_outside(*at)).map(|(_, n)| n).sum()
}

/// After the window, and for longer, a kind comes about as often as within: it came for other reasons.
fn goes_on(signal: &Signal, share: &Share, window: &Window) -> bool {
    let after: u64 = signal.bins.iter().filter(|(at, _)| *at > window.to.plus(TAIL_S)).map(|(_, n)| n).sum();
    let after_s = window.data_to.since(window.to.plus(TAIL_S));
    let inside_s = window.to.since(window.from).max(1.0);
    let expected = after as f64 / after_s.max(1.0) * inside_s;
    // Two standard deviations, so that the second one of a kind that comes once an hour is no excess.
    let most = TIMES_AFTER * expected + 2.0 * expected.sqrt();
    after >= LEAST_AFTER && after_s >= inside_s && share.inside as f64 <= most
}

/// Bins of the window's width in which a kind came, with its counts, rising.
pub fn episodes(signal: &Signal, width: i64) -> Vec<(i64, u64)> {
    wider(signal.bins.iter(), width)
}

/// Counts in bins of a width, rising.
pub fn wider<'a>(bins: impl Iterator<Item = &'a (Moment, u64)>, width: i64) -> Vec<(i64, u64)> {
    let mut wide: Vec<(i64, u64)> = Vec::new();
    let mut is_rising = true;
    for (at, count) in bins {
        let bin = at.seconds().div_euclid(width);
        match wide.last_mut() {
            Some((last, sum)) if *last == bin => *sum += count,
            last => {
                is_rising &= last.is_none_or(|(last, _)| *last < bin);
                wide.push((bin, *count));
            }
        }
    }
    if !is_rising {
        wide.sort_unstable_by_key(|(bin, _)| *bin);
        wide.dedup_by(|later, known| {
            let is_same = later.0 == known.0;
            known.1 += if is_same { later.1 } else { 0 };
            is_same
        });
    }
    wide
}

/// Twice the log likelihood ratio of a rate within the window and another outside of it against one, over the dispersion of
/// the counts outside.
fn surprise(signal: &Signal, share: &Share, window: &Window) -> f64 {
    let (outside, inside) = (outside(signal, window) as f64, share.inside as f64);
    let inside_s = window.to.since(window.from).max(1.0);
    let outside_s = (window.data_to.since(window.data_from) - inside_s).max(1.0);
    let rate = (outside + inside) / (outside_s + inside_s);
    let term = |seen: f64, expected: f64| if seen > 0.0 { seen * (seen / expected).ln() } else { 0.0 };
    let bins = (outside_s / window.width as f64).max(1.0);
    let mean = outside / bins;
    let (first, last) = (window.from.seconds().div_euclid(window.width), window.to.seconds().div_euclid(window.width));
    let others = episodes(signal, window.width).into_iter().filter(|(bin, _)| *bin < first || *bin > last);
    let squares: f64 = others.map(|(_, n)| (n as f64).powi(2)).sum();
    let dispersion = if mean > 0.0 { ((squares / bins - mean * mean) / mean).max(1.0) } else { 1.0 };
    2.0 * (term(inside, rate * inside_s) + term(outside, rate * outside_s)) / dispersion
}

/// The first moment of a stretch from which events come clearly more often than is usual: at least three within a minute
/// and three times the usual number.
pub fn thickens(moments: &[(Moment, u64)], from: Moment, to: Moment, per_second: f64) -> Option<Moment> {
    let later: Vec<&(Moment, u64)> = moments.iter().filter(|(at, _)| *at >= from && *at <= to).collect();
    let all: u64 = later.iter().map(|(_, n)| n).sum();
    // Five times the usual distance in the incident: a lone one before the burst is not its beginning.
    let gap = 5.0 * to.since(from).max(1.0) / all.max(1) as f64;
    let begun = later.iter().enumerate().find_map(|(index, (at, count))| {
        let minute: u64 = later[index..].iter().take_while(|(t, _)| t.since(*at) < 60.0).map(|(_, n)| n).sum();
        let goes_on = *count >= 3 || later.get(index + 1).is_some_and(|(next, _)| next.since(*at) <= gap.max(2.0));
        (minute >= 3 && goes_on && minute as f64 >= 3.0 * 60.0 * per_second).then_some(index)
    })?;
    let inside = all as f64 / to.since(from).max(1.0);
    Some(steepest(&later[begun..], per_second, inside))
}

/// Where events begin to come at a new rate, by the likelihood of every possible beginning (Page, Biometrika 1954): those
/// that still belong to the usual rate, right before it, are left out. Rates are of a second.
fn steepest(moments: &[&(Moment, u64)], usual: f64, inside: f64) -> Moment {
    let mut best = (0.0, moments[0].0);
    if usual <= 0.0 || inside <= usual {
        return best.1;
    }
    let mut counted = 0;
    for (at, count) in moments {
        let against = counted as f64 * (inside / usual).ln() - (inside - usual) * at.since(moments[0].0);
        if against < best.0 {
            best = (against, *at);
        }
        counted += count;
    }
    best.1
}

/// Lets the window go on while a kind of failure that it brought still comes about as often as within it. Says whether it does.
pub fn extend(window: &mut Window, signals: &[Signal], shares: &[Share]) -> bool {
    const PAUSE_S: f64 = 600.0;
    let length = window.to.since(window.from).max(1.0);
    let own = signals.iter().zip(shares).filter(|(signal, share)| {
        share.new && share.inside >= 5 && signal.kind == SignalKind::Log && signal.level.is_some_and(evidence::Level::is_bad)
    });
    let (begin, mut end) = (window.from, window.to);
    for (signal, share) in own {
        let pause = (5.0 * length / share.inside as f64).min(PAUSE_S);
        let mut last =
            signal.bins.iter().map(|(at, _)| *at).filter(|at| *at >= begin && *at <= window.to).max().unwrap_or(window.to);
        for at in signal.bins.iter().map(|(at, _)| *at).filter(|at| *at > window.to) {
            if at.since(last) > pause {
                break;
            }
            last = at;
        }
        end = end.max(last.plus(window.width as f64).min(window.data_to));
    }
    std::mem::replace(&mut window.to, end) != end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_comes_right_before_the_window_and_then_on_and_on_begins_there() {
        let at = Moment::from_seconds;
        let begins = |first: i64, many: u64| {
            let bins = [(at(first), 1), (at(10_100), many)];
            begins_just_before(&bins, at(first), (at(10_000), at(20_000)), at(0))
        };
        assert!(begins(9_900, 40));
        assert!(!begins(9_000, 40), "long before");
        assert!(!begins(9_900, 2), "no more then than before");
        assert!(
            !begins_just_before(&[(at(60), 1), (at(200), 40)], at(60), (at(100), at(900)), at(0)),
            "nothing is known of before"
        );
    }
}
