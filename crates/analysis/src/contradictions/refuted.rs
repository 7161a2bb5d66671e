//! Suspicions that somebody else denied.
//!
//! What it sees: what people held to be the cause, and the later words by which it was given up. Why it matters: the first words are
//! what others heard. When it misleads: two words that are the same of two things.

use crate::findings::{About, Belief, Contradiction, ContradictionKind, Side, Stated};

pub fn find(beliefs: &[Belief]) -> impl Iterator<Item = Contradiction> + '_ {
    beliefs.iter().filter(|belief| is_denied(belief)).map(refuted)
}

/// Somebody else says of what was suspected that it is not so. Who drops an idea of their own contradicts nobody, and "no change" after a
/// step is a finding, not a statement about the suspicion.
fn is_denied(belief: &Belief) -> bool {
    let (said, later) = (&belief.said, &belief.refuted_by);
    let words = |stated: &Stated| -> Vec<String> {
        let split = stated.words.split(|c: char| !c.is_alphanumeric() && c != '.').map(|w| w.trim_matches('.').to_lowercase());
        split
            .filter(|w| w.len() >= 4 && !super::COMMON.contains(&w.as_str()) || w.len() >= 3 && w.contains(char::is_numeric))
            .collect()
    };
    let own = words(later);
    (said.author.is_none() || said.author != later.author) && words(said).iter().any(|word| own.contains(word))
}

fn refuted(belief: &Belief) -> Contradiction {
    let side = |stated: &Stated| Side {
        value: stated.words.clone(),
        number: None,
        between: None,
        measure: None,
        stated_by: stated.author.clone(),
        words: Some(stated.words.clone()),
        places: stated.places.clone(),
    };
    Contradiction {
        kind: ContradictionKind::Statement,
        about: About::Belief,
        sides: vec![side(&belief.said), side(&belief.refuted_by)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Places;
    use evidence::RecordRef;

    #[test]
    fn a_suspicion_is_contradicted_by_another_person_who_speaks_of_it() {
        let place = RecordRef { source: evidence::SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let stated = |author: &str, words: &str| Stated {
            words: words.to_string(),
            author: Some(author.to_string()),
            at: None,
            places: Places::one(place),
        };
        let denied = |by: &str, words: &str| {
            let said = stated("@ana", "must be the carousel release, 4.2.0");
            is_denied(&Belief { said, refuted_by: stated(by, words) })
        };
        assert!(denied("@ben", "still failing with the carousel off") && denied("@ben", "it is not 4.2.0"));
        assert!(!denied("@ben", "no change"), "the outcome of a step");
        assert!(!denied("@ana", "so it is not the carousel"), "nobody disagrees");
    }
}
