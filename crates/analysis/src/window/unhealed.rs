//! What does not heal by itself, and first failed hours before many noticed: a night job finds the ids used up, the counter opens at
//! eight.
//!
//! What it sees: kinds of failure whose cause stays until somebody does something (a sequence at its end, an expired certificate or
//! licence, a full disk), within a stretch and before it. Why it matters: the incident began where it first failed, and the first victim is told as
//! one. When it misleads: a disk that was cleaned in between; so what failed so before may not have been usual, and lies within a day.

use evidence::Moment;

use super::Stretch;
use crate::signals::{Signal, SignalKind};

/// Failures that last until somebody ends them.
const LASTING: [&str; 5] = ["int_overflow", "tls_expired", "license_expired", "disk_full", "quota_exceeded"];
/// So long before the stretch it first failed at most.
const WITHIN_S: f64 = 86_400.0;
/// Records of it in the stretch that make it what the stretch is about, and more of them than before it.
const LEAST: u64 = 10;

/// Where the stretch begins when what fails in it, and does not heal, failed before: there.
pub fn since(signals: &[Signal], stretch: Stretch) -> Moment {
    let failures = || signals.iter().filter(|s| s.kind == SignalKind::Log && s.is_failure());
    let of = |id: &str| {
        let bins: Vec<(Moment, u64)> =
            failures().filter(|s| s.hits.iter().any(|h| h.id == id)).flat_map(|s| s.bins.iter().copied()).collect();
        let places: Vec<Moment> = failures().filter(|s| s.hits.iter().any(|h| h.id == id)).map(|s| s.first).collect();
        began(&bins, &places, stretch)
    };
    LASTING.iter().filter_map(|id| of(id)).min().unwrap_or(stretch.0)
}

/// `firsts`: when each kind of it came first, to more than what a bin tells.
fn began(bins: &[(Moment, u64)], firsts: &[Moment], (from, to): Stretch) -> Option<Moment> {
    let count = |is: &dyn Fn(Moment) -> bool| bins.iter().filter(|(at, _)| is(*at)).map(|(_, n)| n).sum::<u64>();
    let since = from.plus(-WITHIN_S);
    let (inside, before, older) =
        (count(&|at| at >= from && at <= to), count(&|at| at >= since && at < from), count(&|at| at < since));
    let is_of_it = inside >= LEAST && before > 0 && before <= inside && older == 0;
    let bin = bins.iter().map(|(at, _)| *at).filter(|at| *at >= since && *at < from).min()?;
    let first = firsts.iter().copied().filter(|at| *at >= since && *at < from).min();
    is_of_it.then_some(first.unwrap_or(bin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_heal_began_where_it_first_failed() {
        let hour = |n: i64| Moment::from_seconds(n * 3_600);
        let stretch = (hour(32), hour(34));
        let first = Moment::from_seconds(23 * 3_600 + 47);
        assert_eq!(began(&[(hour(23), 1), (hour(32), 40), (hour(33), 60)], &[first, hour(32)], stretch), Some(first));
        assert_eq!(began(&[(hour(23), 1), (hour(32), 4)], &[first], stretch), None, "too few to be what it is about");
        assert_eq!(began(&[(hour(2), 1), (hour(23), 1), (hour(32), 40)], &[hour(2)], stretch), None, "it was usual");
        assert_eq!(began(&[(hour(23), 90), (hour(32), 40)], &[first], stretch), None, "it is about something else");
        assert_eq!(began(&[(hour(32), 40)], &[hour(32)], stretch), None);
    }
}
