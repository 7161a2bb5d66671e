//! Every weight of the score of a hypothesis, with the reason beside it. Values are log-odds: +2.5 is about twelve to
//! one. They are design values after `algorithms.md` 3.4, to be tuned on many cases at once and never on one.

/// Undoing a change was followed by recovery within minutes: the nearest thing to an experiment there is.
pub const REVERSAL: f64 = 2.5;
/// Undoing it changed nothing: the experiment failed.
pub const NO_REVERSAL: f64 = -4.0;
/// A change right before the failure; falls off with the time between. Weak on purpose: the last deployment is innocent
/// more often than not.
pub const BEFORE: f64 = 1.0;
/// Minutes in which that falls to a third, and for failures that build up (memory, disk).
pub const BEFORE_TAU_S: f64 = 15.0 * 60.0;
pub const BEFORE_TAU_SLOW_S: f64 = 6.0 * 3_600.0;
/// The failure was there before the change took effect.
pub const AFTER: f64 = -8.0;
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
/// The changed service failed first, or fails at all; or nothing that fails depends on it.
pub const CHANGED_FAILS_FIRST: f64 = 1.0;
pub const CHANGED_FAILS: f64 = 0.6;
pub const CHANGED_IS_WELL: f64 = -1.5;
/// The failures ended when another change was taken back, and this one still stands.
pub const STANDS: f64 = -2.5;
/// A person says it is the cause; suspects it; says it is not.
pub const SAID: f64 = 1.5;
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
/// "Something in the service that fails first": what is left when nothing else fits.
pub const UNKNOWN: f64 = 1.0;
/// Some share is always kept for what nobody handed over.
pub const WITHIN_THE_INPUT: f64 = 0.96;
/// Below this share, or with less than this lead, the cause is not determined (algorithms, 3.4).
pub const LEAST_SHARE: f64 = 0.45;
pub const LEAST_LEAD: f64 = 0.15;
