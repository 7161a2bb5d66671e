//! What counts no more against a change that was taken back with success and that those who handled it name.
//!
//! What it sees: the terms of one hypothesis. Why it matters: that nothing is known here of how such a diff brings about such a failure
//! says something of what is known here; that it ended when the change was taken back, and that who was there says so, says more.
//! When it misleads: two changes that were taken back together; which of them it was is told apart elsewhere. It must never drop
//! what was found to speak against a change, only that nothing was found.

use super::found_to_be;
use crate::findings::{NAMED_AS_CAUSE, Reason, Term};
use crate::weights;

pub fn drop_unknown(terms: &mut Vec<Term>) {
    let is_shown = terms.iter().any(|t| t.name == "reversal" && t.value > 0.0);
    let is_named = terms.iter().any(|t| [NAMED_AS_CAUSE, found_to_be::NAMED].contains(&t.name) && t.value > 0.0);
    if is_shown && is_named {
        terms.retain(|t| !is_unknown(t));
    }
}

fn is_unknown(term: &Term) -> bool {
    match term.reason {
        Reason::DiffUnrelated { .. } => term.value > weights::DIFF_NEUTRAL,
        Reason::NotReached { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use evidence::{RecordRef, SourceId};

    use super::*;
    use crate::findings::Places;

    fn left(names: &[&'static str]) -> Vec<&'static str> {
        let places = Places::one(RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 });
        let term = |name: &'static str| {
            let (value, reason) = match name {
                "reversal" => (weights::REVERSAL, Reason::Reversal { undone: "the revert".into(), seconds: 60.0 }),
                "diff" => (weights::DIFF_UNRELATED, Reason::DiffUnrelated { subject: "smaller quotas".into() }),
                "reach" => (weights::CHANGED_IS_WELL, Reason::NotReached { service: "shop".into() }),
                _ => (weights::SAID, Reason::Said { author: "@ana".into(), words: "it is #12".into() }),
            };
            Term { name, value, reason, places: places.clone() }
        };
        let mut terms: Vec<Term> = names.iter().map(|name| term(name)).collect();
        drop_unknown(&mut terms);
        terms.iter().map(|t| t.name).collect()
    }

    #[test]
    fn what_is_not_known_counts_no_more_against_what_was_shown_and_named() {
        assert_eq!(left(&["reversal", NAMED_AS_CAUSE, "diff", "reach"]), ["reversal", NAMED_AS_CAUSE]);
        assert_eq!(left(&["reversal", found_to_be::NAMED, "diff"]), ["reversal", found_to_be::NAMED]);
        assert_eq!(left(&["reversal", "diff", "reach"]), ["reversal", "diff", "reach"], "nobody names it");
        assert_eq!(left(&[NAMED_AS_CAUSE, "diff"]), [NAMED_AS_CAUSE, "diff"], "it was not taken back");
    }
}
