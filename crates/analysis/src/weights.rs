//! Every weight and limit, with the reason beside it: of the score of a hypothesis, and below of the search for when an
//! incident was. Values of the score are log-odds: +2.5 is about twelve to one. They are design values after `algorithms.md` 3.4, to be tuned on many cases at once and never on one.

/// Undoing a change was followed by recovery within minutes: the nearest thing to an experiment there is.
pub const REVERSAL: f64 = 2.5;
/// The last failure came shortly before it was undone: a rollout may have begun before its record, or the failures ended
/// of themselves. Further apart than what clocks and whole seconds may be off.
pub const ENDED_FIRST: f64 = 1.0;
pub const SAME_TIME_S: f64 = 2.0;
/// Undoing it changed nothing: the experiment failed.
pub const NO_REVERSAL: f64 = -4.0;
/// Undoing it was followed by ever fewer failures until there were none: clients that ask for their settings now and then, or caches
/// that expire. Less than an end at once, which nothing else brings.
pub const FADED: f64 = 1.5;
/// Seconds in which they may end where people waited for it: settings reach machines one after the other, and what had piled up has to go.
pub const WAITED_S: f64 = 900.0;
/// Seconds in which the failures end after that; and where it is only known when it was written, in which they may end, and
/// in which they may go on without telling anything.
pub const SOON_S: f64 = 300.0;
pub const SOON_UNDATED_S: f64 = 900.0;
pub const UNDATED_S: f64 = 3_600.0;
/// A change right before the failure; falls off with the time between. Weak on purpose: the last deployment is innocent
/// more often than not.
pub const BEFORE: f64 = 1.0;
/// Minutes in which that falls to a third, and for failures that build up (memory, disk).
pub const BEFORE_TAU_S: f64 = 15.0 * 60.0;
pub const BEFORE_TAU_SLOW_S: f64 = 6.0 * 3_600.0;
/// The failure was there before the change took effect.
pub const AFTER: f64 = -8.0;
/// A kind of failure that is first seen so many seconds after others failed: a log may be slow to tell of its cause, but not so slow.
pub const LATE_S: f64 = 180.0;
pub const LATE: f64 = -2.0;
/// A value that only this change brought stands in a record right before the first failure.
pub const SEEN_LATE: f64 = 1.5;
/// A record shows the changed value, or that a flag was taken.
pub const SEEN: f64 = 0.5;
/// The series of what ran out bends where the change took effect.
pub const BENDS: f64 = 2.0;
/// The failure quotes the version that it brought.
pub const QUOTED: f64 = 2.5;
/// What the score of a diff is worth at most. On incidents with known truth guilty commits score above 5 and innocent
/// ones below 3, so the middle of that is worth nothing yet and what lies under it speaks against.
pub const DIFF_MOST: f64 = 4.5;

/// The worth of a diff's own score.
pub fn diff(score: f64) -> f64 {
    match score {
        s if s < 1.5 => DIFF_UNRELATED,
        s if s < 3.0 => DIFF_UNRELATED + (s - 1.5),
        s => (s - 2.5).min(DIFF_MOST),
    }
}
/// The diff touches nothing that the failure is about.
pub const DIFF_UNRELATED: f64 = -1.5;
/// Only documentation, tests or comments.
pub const DIFF_NEUTRAL: f64 = -4.0;
/// A change of a kind that can bring about just this failure, of which no diff is here.
pub const KIND_FITS: f64 = 1.5;
/// A program failed on what it was given, and the failures ended when the bad data were taken out.
pub const TAKEN_OUT: f64 = 1.5;
/// The changed service failed first, or fails at all; or nothing that fails depends on it.
pub const CHANGED_FAILS_FIRST: f64 = 1.0;
pub const CHANGED_FAILS: f64 = 0.6;
pub const CHANGED_IS_WELL: f64 = -1.5;
/// The failures ended when another change was taken back, and this one still stands.
pub const STANDS: f64 = -2.5;
/// Somebody owns up to the change: a strong witness, who knows that it was made and tells it against themselves.
pub const CONFESSED: f64 = 2.0;
/// Somebody who handled it states something of it by a name that it alone has, which nobody denies later.
pub const FOUND: f64 = 1.5;
/// A person says it is the cause; suspects it; says it is not.
pub const SAID: f64 = 1.5;
/// Those who handled it state in the end, by that word, what the cause was.
pub const STATED: f64 = 2.5;
pub const SUSPECTED: f64 = 0.4;
pub const REFUTED: f64 = -2.0;
/// A signature that needs no change explains itself: its own log-odds count in full. One that needs a change tells only
/// that there was one.
pub const SPECIFIC: f64 = 1.0;
pub const SPECIFIC_NEEDS_CHANGE: f64 = 0.25;
/// An alert names the same kind of failure: it confirms that, and no more.
pub const ALERTED: f64 = 0.6;
/// All that shows a failure is what an orchestrator makes of another one: restarts of a container out of memory. About as
/// much as a change that was not needed.
pub const CONSEQUENCE: f64 = -2.5;
/// Several services name the same one as the other side of their failing calls.
pub const COMMON_TARGET: f64 = 1.2;
/// The third party itself reports trouble at the time.
pub const PROVIDER: f64 = 2.5;
/// The failing calls go to a third party, and it is no service of ours.
pub const EXTERNAL_CALLS: f64 = 1.0;
/// A revert has to score so much more than what it takes back to be suspected beside it.
pub const ABOUT_AS_MUCH: f64 = 1.0;
/// The failures went on long after the last sign of what is held to be their cause: as good as an experiment that failed, and
/// for what went on with them a witness.
pub const OUTLIVED: f64 = -2.5;
pub const GOES_ON: f64 = 1.5;
/// A job's statement holds a table, and others begin to wait for it within seconds.
pub const HOLDS: f64 = 2.5;
/// Runs of a job that used to end overlap from some time before the failures on.
pub const OVERLAPS: f64 = 2.0;
/// A program was told to log more, and the disk that its log stands on is full.
pub const LOGS_MORE: f64 = 2.0;
/// The only log that is here names whom it did not reach: a little ahead of trouble in the caller, and never decided.
pub const NOT_REACHED: f64 = 1.2;
/// "Something in the service that fails first": what is left when nothing else fits.
pub const UNKNOWN: f64 = 1.0;
/// Some share is always kept for what nobody handed over.
pub const WITHIN_THE_INPUT: f64 = 0.96;
/// Below this share, or with less than this lead, the cause is not determined (algorithms, 3.4).
pub const LEAST_SHARE: f64 = 0.45;
pub const LEAST_LEAD: f64 = 0.15;

// When an incident was (`rates`, `window`). Chosen so that invented logs of every size with a rise of a third to ten times
// are found, and the same logs without it are not.

/// Cells in which shares are counted at most: a minute each in a day and a half.
pub const RATE_CELLS: i64 = 2_048;
/// The rise that the cumulative sum is laid out for, as a ratio of odds. What lies above about 1.8 times then adds up,
/// what lies below falls off: mild waves over a day do not, a doubling does.
pub const RATE_DESIGN_ODDS: f64 = 3.0;
/// The least rise: odds of failure at least doubled. Less is no incident, however certain it is.
pub const RATE_LEAST_ODDS: f64 = 2.0;
/// One record in a thousand has to fail that did not before: nobody notices less.
pub const RATE_LEAST_ABSOLUTE: f64 = 0.001;
/// Records that make a share (algorithms, 2.3), and failures, each of a bunch counted once.
pub const RATE_LEAST_TOTAL: f64 = 20.0;
pub const RATE_LEAST_FAILED: f64 = 10.0;
/// Cells that are above the usual share: one burst is no stretch.
pub const RATE_LEAST_CELLS: usize = 3;
/// How often chance may bring a rise in an input, over all stretches of all series (Bonferroni; algorithms, 2.2a).
pub const RATE_CHANCE: f64 = 0.02;
/// A rise that has at least this share of the clearest one's surprise tells how long the trouble lasts.
pub const RATE_SAME: f64 = 0.05;
/// Share of the bins outside of a stretch that have failures, from which on failures are usual.
pub const STEADY: f64 = 0.5;
/// Where failures are usual, a stretch of many kinds of failure has at least so many times the odds of failure of the rest:
/// more load brings more of all kinds, and is no incident.
pub const RUN_LEAST_ODDS: f64 = 1.5;
/// An alarm within half an hour speaks of the same trouble.
pub const NEAR_S: f64 = 1_800.0;
/// A kind of failure that came only before the window is counted against new ones when there are so many of them; and of
/// the new ones no more than this share may be chance's.
pub const FEW_KINDS: usize = 5;
pub const CHANCE_KINDS: f64 = 0.2;
/// So many usual kinds bring one that comes three times as often by chance.
pub const MANY_KINDS: usize = 50;
/// Masks of errors of one service beyond which they are merged: fewer are kinds of their own, as far as is known.
pub const MANY_MASKS: usize = 64;
/// How often chance may bring a run of failures in an input without an alarm, over all its stretches.
pub const RUN_CHANCE: f64 = 0.02;
/// Failures that go on through the whole evidence are an incident from this share of its records on.
pub const RUN_OF_ALL: f64 = 0.1;
/// A kind of failure is not the incident's if it goes on after it, at least so often and for as long, at a rate that the
/// incident's is not so many times of.
pub const LEAST_AFTER: u64 = 5;
pub const TIMES_AFTER: f64 = 1.5;
/// Bins in which a new kind of error came, and in which it would have come before had it been there: about the number at
/// which a doubling is beyond chance.
pub const NEW_CAME: f64 = 10.0;
pub const NEW_MISSED: f64 = 20.0;
