//! Failures of a batch that was over before anybody noticed: after them nothing fails because nothing is tried, so that no quiet behind
//! them shows that it works again.
//!
//! What it sees: the kind that failed most, a long pause in it, and who noticed it in that pause; the few that came later are
//! attempts of those who handle it. Why it matters: the last of those attempts would be told as the recovery, and what was done just
//! before it as the remedy. When it misleads: work that really was accepted again in the pause and failed once more later.

use evidence::Moment;

use crate::acts::Act;
use crate::incident::Incident;
use crate::signals::SignalKind;

/// Seconds without a failure that make a pause.
const PAUSE_S: f64 = 3_600.0;
/// Attempts by hand are a small part of all.
const PART: u64 = 4;

/// Whether what failed last are only attempts of those who handle it.
pub fn is_so(incident: &Incident<'_>) -> bool {
    let failures = incident.failures().filter(|(_, s, _)| s.kind == SignalKind::Log && !s.hits.is_empty());
    let Some((_, signal, _)) = failures.max_by_key(|(i, _, share)| (share.inside, std::cmp::Reverse(*i))) else { return false };
    let window = &incident.window;
    let bins: Vec<(Moment, u64)> =
        signal.bins.iter().copied().filter(|(at, n)| *n > 0 && *at >= window.from.plus(-PAUSE_S) && *at <= window.to).collect();
    let Some((ceased, again)) = pause(&bins) else { return false };
    let notices = |act: &Act| matches!(act, Act::Detect | Act::Acknowledge | Act::Declare);
    let people = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= window.from);
    let noticed = people.into_iter().find(|m| m.what.said.iter().any(|said| notices(&said.act))).map(|m| m.at);
    noticed.is_some_and(|at| at > ceased && at < again)
}

/// The last failure before the longest pause and the first one behind it, where few came then.
fn pause(bins: &[(Moment, u64)]) -> Option<(Moment, Moment)> {
    let mut sorted = bins.to_vec();
    sorted.sort_unstable();
    let (at, long) = sorted
        .windows(2)
        .enumerate()
        .map(|(at, pair)| (at, pair[1].0.since(pair[0].0)))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let count = |part: &[(Moment, u64)]| part.iter().map(|(_, n)| n).sum::<u64>();
    let (before, after) = sorted.split_at(at + 1);
    (long >= PAUSE_S && count(after) * PART <= count(before)).then(|| (before[before.len() - 1].0, after[0].0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_pause_with_few_failures_behind_it_parts_a_batch_from_attempts_by_hand() {
        let at = |hour: f64| Moment::from_seconds((hour * 3_600.0) as i64);
        assert_eq!(pause(&[(at(4.7), 80), (at(5.5), 20), (at(8.4), 9)]), Some((at(5.5), at(8.4))));
        assert_eq!(pause(&[(at(4.7), 80), (at(5.5), 20), (at(8.4), 90)]), None, "it goes on as before");
        assert_eq!(pause(&[(at(4.7), 80), (at(5.5), 20), (at(6.0), 9)]), None, "no long pause");
        assert_eq!(pause(&[(at(4.7), 80)]), None);
    }
}
