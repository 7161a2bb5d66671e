//! What differs between the kinds of message of two sides: which are new, gone, more, fewer or the same, and how sure that is.
//!
//! What it sees: how often each kind occurs on either side, and for how long either side was looked at. Why it matters:
//! what an incident brought is what the hours before it did not have. When it misleads: two stretches of different
//! traffic differ in every kind (compare shares of the records then); a kind whose mask holds a name is new with the name.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Moment;

use super::statistics::{Contrast, benjamini_hochberg, bonferroni, of_rates, of_shares};
use super::{Counts, Side, Stretch, Windows};

/// A kind is more or fewer when at most this share of such findings is wrong (Benjamini-Hochberg) ...
const FALSE_DISCOVERIES: f64 = 0.05;
/// ... and its rate at least doubled or halved: with many records every difference is significant.
const RATIO: f64 = 2.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Not in the baseline.
    New,
    /// Only in the baseline.
    Gone,
    More,
    Fewer,
    Same,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub change: Change,
    pub contrast: Contrast,
    /// The p value after Bonferroni, over all kinds of both sides.
    pub p_bonferroni: f64,
    /// The p value after Benjamini-Hochberg.
    pub q: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Records,
}

/// How much of each side was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    pub unit: Unit,
    pub here: u64,
    pub baseline: u64,
}

impl Exposure {
    pub fn of_records(here: &Side<u32>, baseline: &Side<u32>) -> Exposure {
        Exposure { unit: Unit::Records, here: here.records(), baseline: baseline.records() }
    }

    /// Of two stretches of one input that spans so much.
    pub fn of_windows(windows: Windows, span: (Moment, Moment)) -> Exposure {
        let Windows { here, baseline } = windows;
        let seconds = |stretch: Option<Stretch>| stretch.map_or(0, |stretch| stretch.seconds_of(span));
        let both = baseline.map(|baseline| here.and(baseline));
        let here = here.seconds_of(span).saturating_sub(seconds(both));
        Exposure { unit: Unit::Seconds, here, baseline: seconds(baseline) }
    }

    /// Of a stretch each of two inputs.
    pub fn of_inputs(here: (Stretch, (Moment, Moment)), baseline: (Stretch, (Moment, Moment))) -> Exposure {
        let seconds = |(stretch, span): (Stretch, (Moment, Moment))| stretch.seconds_of(span);
        Exposure { unit: Unit::Seconds, here: seconds(here), baseline: seconds(baseline) }
    }
}

impl Stretch {
    fn and(self, other: Stretch) -> Stretch {
        let to = [self.to, other.to].into_iter().flatten().min();
        Stretch { from: self.from.max(other.from), to }
    }

    /// How many seconds of the clock it has in common with a span of records, the first and the last included.
    fn seconds_of(self, (first, last): (Moment, Moment)) -> u64 {
        let from = self.from.map_or(first, |from| from.max(first));
        let last = self.to.map_or(last, |to| Moment(to.0.saturating_sub(1)).min(last));
        if from > last { 0 } else { last.seconds().abs_diff(from.seconds()) + 1 }
    }
}

/// Compares every kind that either side has.
pub fn compare(here: &Side<u32>, baseline: &Side<u32>, exposure: Exposure) -> BTreeMap<u32, Comparison> {
    let ranks: BTreeSet<u32> = here.kinds.keys().chain(baseline.kinds.keys()).copied().collect();
    let count = |side: &Side<u32>, rank: u32| side.kinds.get(&rank).map_or(0, |counts: &Counts| counts.count);
    let counts: Vec<(u64, u64)> = ranks.iter().map(|rank| (count(here, *rank), count(baseline, *rank))).collect();
    let contrasts: Vec<Contrast> = counts.iter().map(|counts| contrast(*counts, exposure)).collect();
    let p_values: Vec<f64> = contrasts.iter().map(|contrast| contrast.p).collect();
    let q_values = benjamini_hochberg(&p_values);
    let found = counts.iter().zip(contrasts).zip(q_values).map(|((counts, contrast), q)| {
        let p_bonferroni = bonferroni(contrast.p, p_values.len());
        Comparison { change: change(*counts, contrast.ratio, q), contrast, p_bonferroni, q }
    });
    ranks.into_iter().zip(found).collect()
}

fn contrast(counts: (u64, u64), exposure: Exposure) -> Contrast {
    match exposure.unit {
        Unit::Seconds => of_rates(counts, (exposure.here as f64, exposure.baseline as f64)),
        Unit::Records => of_shares(counts, (exposure.here, exposure.baseline)),
    }
}

fn change(counts: (u64, u64), ratio: f64, q: f64) -> Change {
    match counts {
        (_, 0) => Change::New,
        (0, _) => Change::Gone,
        _ if q <= FALSE_DISCOVERIES && ratio >= RATIO => Change::More,
        _ if q <= FALSE_DISCOVERIES && ratio <= 1.0 / RATIO => Change::Fewer,
        _ => Change::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(counts: &[(u32, u64)]) -> Side<u32> {
        let mut side = Side::default();
        counts.iter().for_each(|(rank, count)| side.kinds.entry(*rank).or_default().count = *count);
        side
    }

    fn seconds(from: i64, to: i64) -> (Moment, Moment) {
        (Moment::from_seconds(from), Moment::from_seconds(to))
    }

    fn stretch(from: Option<i64>, to: Option<i64>) -> Stretch {
        Stretch { from: from.map(Moment::from_seconds), to: to.map(Moment::from_seconds) }
    }

    #[test]
    fn each_kind_of_change_is_told() {
        let here = side(&[(1, 600), (2, 100), (3, 5), (4, 40)]);
        let baseline = side(&[(1, 100), (2, 620), (3, 6), (5, 50)]);
        let found = compare(&here, &baseline, Exposure { unit: Unit::Seconds, here: 600, baseline: 600 });
        let changes: Vec<Change> = found.values().map(|c| c.change).collect();
        assert_eq!(changes, [Change::More, Change::Fewer, Change::Same, Change::New, Change::Gone]);
        assert!(found[&1].p_bonferroni >= found[&1].q && found[&1].q >= found[&1].contrast.p);
    }

    #[test]
    fn ten_times_the_time_explains_ten_times_the_records() {
        let exposure = Exposure { unit: Unit::Seconds, here: 6_000, baseline: 600 };
        assert_eq!(compare(&side(&[(1, 1_000)]), &side(&[(1, 100)]), exposure)[&1].change, Change::Same);
    }

    #[test]
    fn a_significant_difference_that_is_small_is_none() {
        let exposure = Exposure { unit: Unit::Seconds, here: 600, baseline: 600 };
        let found = compare(&side(&[(1, 130_000)]), &side(&[(1, 100_000)]), exposure)[&1];
        assert!(found.q < 1e-9);
        assert_eq!(found.change, Change::Same);
    }

    #[test]
    fn a_share_of_the_records_does_not_depend_on_the_traffic() {
        let (here, baseline) = (side(&[(1, 9_000), (2, 1_000)]), side(&[(1, 900), (2, 100)]));
        let found = compare(&here, &baseline, Exposure::of_records(&here, &baseline));
        assert!(found.values().all(|c| c.change == Change::Same && c.contrast.p > 0.99), "{found:?}");
    }

    #[test]
    fn exposure_is_what_a_stretch_and_the_records_have_in_common() {
        let windows = Windows { here: stretch(None, None), baseline: Some(stretch(Some(0), Some(160))) };
        let exposure = Exposure::of_windows(windows, seconds(100, 199));
        assert_eq!((exposure.here, exposure.baseline), (40, 60));
        let exposure = Exposure::of_inputs((stretch(Some(500), None), seconds(0, 9)), (stretch(None, None), seconds(0, 9)));
        assert_eq!((exposure.here, exposure.baseline), (0, 10));
    }
}
