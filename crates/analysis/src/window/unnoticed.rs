//! What failed while nobody looked, and had ceased when somebody did: a batch that was refused in the night, tried again by hand in the
//! morning and refused in the same way.
//!
//! What it sees: a kind of failure that was not usual before, the first who notice anything only after it ceased, the same kind again
//! while they handle it, and who declares it over. Why it matters: all that people said and did lies hours behind the failures, and would
//! be of no incident. When it misleads: people who handle something else that day, and in which the same failure comes once more by
//! chance; so nothing may have been noticed or raised while it failed.

use evidence::Moment;

use super::Stretch;
use crate::acts::Act;
use crate::scene::{At, Scene, Utterance};
use crate::signals::{Signal, SignalKind};
use crate::weights::NEAR_S;

/// It is noticed so long after it ceased at most, and handled so long.
const LATER_S: f64 = 12.0 * 3_600.0;

/// Where the stretch ends when nobody noticed it before it was over: with the last failure of its kind that they saw.
pub fn until(scene: &Scene, signals: &[Signal], alarms: &[Moment], (from, to): Stretch) -> Moment {
    let people = || scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= from);
    let notices = |m: &&At<Utterance>| [Act::Detect, Act::Acknowledge, Act::Declare].into_iter().any(|act| m.what.does(act));
    let Some(noticed) =
        people().find(notices).map(|m| m.at).into_iter().chain(alarms.iter().copied().find(|at| *at >= from)).min()
    else {
        return to;
    };
    let over = people().filter(|m| m.at > noticed && m.at.since(noticed) <= LATER_S);
    let Some(over) = over.filter(|m| m.what.does(Act::Resolve)).map(|m| m.at).next() else { return to };
    let inside = |s: &Signal| s.bins.iter().filter(|(at, _)| *at >= from && *at <= to).map(|(_, n)| n).sum::<u64>();
    let failures = signals.iter().filter(|s| s.kind == SignalKind::Log && s.is_failure() && !s.hits.is_empty());
    let Some(loudest) = failures.max_by_key(|s| (inside(s), std::cmp::Reverse(s.first))) else { return to };
    again(&loudest.bins, (from, to), (noticed, over)).unwrap_or(to)
}

/// When what ceased before it was noticed came last while it was handled.
fn again(bins: &[(Moment, u64)], (from, to): Stretch, (noticed, over): Stretch) -> Option<Moment> {
    // A bin may begin before the first failure in it.
    let was_usual = bins.iter().any(|(at, n)| *at < from.plus(-NEAR_S) && *n > 0);
    let is_late = noticed > to && noticed.since(to) <= LATER_S;
    let last = bins.iter().filter(|(at, n)| *n > 0 && *at > to && *at <= over).map(|(at, _)| *at).max()?;
    (is_late && !was_usual && last > noticed).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ceased_before_anybody_noticed_goes_on_while_it_is_handled() {
        let at = |hour: f64| Moment::from_seconds((hour * 3_600.0) as i64);
        let night = [(at(4.7), 80), (at(5.5), 20)];
        let morning = [(at(4.7), 80), (at(5.5), 20), (at(8.4), 9), (at(20.0), 1)];
        let stretch = (at(4.7), at(5.6));
        let handled = (at(7.8), at(13.0));
        assert_eq!(again(&morning, stretch, handled), Some(at(8.4)), "tried again by hand");
        assert_eq!(again(&night, stretch, handled), None, "nobody tried again");
        assert_eq!(again(&morning, stretch, (at(5.0), at(13.0))), None, "it was noticed while it failed");
        assert_eq!(again(&morning, stretch, (at(9.0), at(13.0))), None, "before anybody noticed");
        assert_eq!(again(&morning, stretch, (at(18.0), at(19.0))), None, "another day's work");
        let usual = [(at(1.0), 3), (at(4.7), 80), (at(8.4), 9)];
        assert_eq!(again(&usual, stretch, handled), None);
    }
}
