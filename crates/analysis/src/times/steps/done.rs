//! Whether a step is told as done, and whether a release was one at all.
//!
//! Must never know whether it helped. What breaks it: a language whose word for "done" stands in front.

use super::Step;
use crate::findings::TimeBasis;

/// A release of which nobody says that it is a fix: while failures go on, there is no telling what it was for.
pub fn is_anybodys(step: &Step) -> bool {
    matches!(step.by, TimeBasis::Change { .. }) && step.remediation.as_deref() == Some("roll-forward")
}

/// The words tell of something that is over: "rolled back", "is back on", "is live", and of nothing that goes on.
pub fn is_past(words: &str) -> bool {
    let lower = words.to_lowercase();
    // A word for "done" in a sentence that is too short to tell its language.
    const DONE: [&str; 13] = [
        "done", "feito", "feita", "hecho", "hecha", "fait", "fatto", "gedaan", "erledigt", "gjort", "zrobione", "listo", "pronto",
    ];
    let last = lower.trim_end_matches(['.', '!', ' ']).rsplit(' ').next().unwrap_or_default();
    DONE.contains(&last)
        || !crate::acts::is_under_way(words)
            && [
                "rolled ",
                "reverted",
                "back on ",
                "is back",
                "are back",
                " live",
                " again",
                "is off",
                "turned off",
                "switched off",
                " done",
                "restarted",
            ]
            .iter()
            .any(|phrase| lower.contains(phrase))
}

/// Who changes a setting and restarts what reads it has the restart last, and the setting is what helped.
pub fn read_by_restart<'s>(steps: &[&'s Step], step: &Step) -> Option<&'s Step> {
    const READ: [&str; 5] = ["feature-flag-disable", "config-revert", "rotate-secret", "rotate-cert", "scale"];
    let is = |s: &Step, words: &[&str]| s.remediation.as_deref().is_some_and(|word| words.contains(&word));
    let is_before = |s: &&&Step| is(s, &READ) && s.at <= step.at && step.at.since(s.at) <= READ_WITHIN_S;
    steps.iter().rev().find(is_before).copied().filter(|_| is(step, &["restart"]))
}

/// A restart follows the setting that it reads within this time.
const READ_WITHIN_S: f64 = 180.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Places;
    use evidence::Moment;

    fn step(by: TimeBasis, remedy: &str) -> Step {
        let place =
            evidence::RecordRef { source: evidence::SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let (words, places, at) = (String::new(), Places::one(place), Moment::from_seconds(1_000));
        Step { at, service: None, by, remediation: Some(remedy.into()), words, author: None, places, is_done: false }
    }

    #[test]
    fn a_release_that_nobody_calls_a_fix_is_anybodys() {
        let change = || TimeBasis::Change { service: None, version: None, words: String::new() };
        let said = TimeBasis::Said { author: "@mira".into(), words: "hotfix is out".into() };
        assert!(is_anybodys(&step(change(), "roll-forward")));
        assert!(!is_anybodys(&step(change(), "rollback")) && !is_anybodys(&step(said, "roll-forward")));
    }

    #[test]
    fn a_restart_right_after_a_setting_has_it_read() {
        let said = || TimeBasis::Said { author: "@mira".into(), words: String::new() };
        let at = |remedy: &str, after_s: f64| {
            let step = step(said(), remedy);
            Step { at: step.at.plus(after_s), ..step }
        };
        let (flag, restart, late) = (at("feature-flag-disable", 0.0), at("restart", 60.0), at("restart", 600.0));
        let steps = [&flag, &restart, &late];
        let read = |step: &Step| read_by_restart(&steps, step).and_then(|s| s.remediation.clone());
        assert_eq!(read(&restart).as_deref(), Some("feature-flag-disable"));
        assert_eq!(read(&late), None);
        assert_eq!(read(&flag), None);
    }

    #[test]
    fn a_word_for_done_ends_a_short_message_in_any_language() {
        assert!(is_past("KILL 4711 feito") && is_past("kill 4711 done.") && is_past("failover hecho"));
        assert!(!is_past("killing 4711") && !is_past("kill 4711"));
    }
}
