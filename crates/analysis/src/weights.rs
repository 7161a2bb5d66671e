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
/// Per point of the diff's own score, and its highest worth.
pub const DIFF: f64 = 0.9;
pub const DIFF_MOST: f64 = 4.5;
/// The diff touches nothing that the failure is about.
pub const DIFF_UNRELATED: f64 = -1.5;
/// Only documentation, tests or comments.
pub const DIFF_NEUTRAL: f64 = -4.0;
/// The changed service failed first, or fails at all; or nothing that fails depends on it.
pub const CHANGED_FAILS_FIRST: f64 = 1.0;
pub const CHANGED_FAILS: f64 = 0.6;
pub const CHANGED_IS_WELL: f64 = -1.5;
/// A service that does not depend on the changed one, and was not changed, fails in the same way.
pub const UNCHANGED_FAILS: f64 = -1.0;
/// A person says it is the cause; suspects it; says it is not.
pub const SAID: f64 = 1.5;
pub const SUSPECTED: f64 = 0.4;
pub const REFUTED: f64 = -2.0;
/// A signature that needs no change explains itself: its own log-odds count in full. One that needs a change tells only
/// that there was one.
pub const SPECIFIC: f64 = 1.0;
pub const SPECIFIC_NEEDS_CHANGE: f64 = 0.25;
/// Several services name the same one as the other side of their failing calls.
pub const COMMON_TARGET: f64 = 1.2;
/// The third party itself reports trouble at the time.
pub const PROVIDER: f64 = 2.5;
/// The failing calls go to a third party, and it is no service of ours.
pub const EXTERNAL_CALLS: f64 = 1.0;
/// "Something in the service that fails first": what is left when nothing else fits.
pub const UNKNOWN: f64 = 1.0;
/// Below this share, or with less than this lead, the cause is not determined (algorithms, 3.4).
pub const LEAST_SHARE: f64 = 0.45;
pub const LEAST_LEAD: f64 = 0.15;
