//! The step of an incident that a few words of a tool name: `Alert acknowledged via mobile`, `RESOLVED`, `ACKED`.
//!
//! It must never read the words of a note for a step: what is noted may name any. What breaks it: a tool with words of its
//! own for its steps.

use evidence::PageAction;

/// The step, where the words name one.
pub fn action(words: &str) -> Option<PageAction> {
    let lower = words.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let begins = |starts: &[&str]| words.iter().any(|w| starts.iter().any(|s| w.starts_with(s)));
    let first = words.first().copied().unwrap_or_default();
    if begins(&["unack", "unclaim", "snooz", "unsnooz"]) {
        None
    } else if first.contains("note") && !first.starts_with("notif") || lower.starts_with("added note") || first == "annotate" {
        Some(PageAction::Note)
    } else if begins(&["notif"]) {
        Some(PageAction::Notified)
    } else if begins(&["ack"]) {
        Some(PageAction::Acknowledged)
    } else if begins(&["clos", "resolv", "recover"]) {
        Some(PageAction::Resolved)
    } else if begins(&["escalat", "assign", "reassign", "delegat", "responder", "addresponder"]) {
        Some(PageAction::Escalated)
    } else if begins(&["creat", "open", "trigger", "declar", "detect", "report"]) {
        Some(PageAction::Triggered)
    } else {
        None
    }
}

/// The words of a note without those that say that it is one.
pub fn noted(words: &str) -> &str {
    let rest = words.strip_prefix("Added note:").or_else(|| words.strip_prefix("Note added:"));
    rest.map_or(words, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_a_step() {
        use PageAction::{Acknowledged, Escalated, Note, Notified, Resolved, Triggered};
        for (words, want) in [
            ("Alert acknowledged via mobile", Some(Acknowledged)),
            ("Alert's notification sent to jack@a.example: mobile", Some(Notified)),
            ("Added note: rolling back, then we close it", Some(Note)),
            ("AddNote", Some(Note)),
            ("Alert closed via web", Some(Resolved)),
            ("ACKED", Some(Acknowledged)),
            ("UnAcknowledge", None),
            ("Alert created via API[Prometheus], priority P1", Some(Triggered)),
            ("Escalated to the second line", Some(Escalated)),
            ("rollback of the cart", None),
        ] {
            assert_eq!(action(words), want, "{words}");
        }
        assert_eq!(noted("Added note: rolling back"), "rolling back");
    }
}
