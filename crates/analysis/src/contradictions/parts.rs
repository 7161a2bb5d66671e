//! A part of all that somebody told in a word (half, a third, everybody), and the share that was found when it was counted: "38% of
//! the visits failed, not half of them".
//!
//! What it sees: sentences that have both the share and the word that it is not, and who had said that word before. Why it
//! matters: what was called out in the first minutes is what others repeat. When it misleads: two different wholes; so the
//! sentence itself has to deny the word.

use std::sync::LazyLock;

use super::speech::Sentence;
use crate::acts::{self, QuantityKind};
use crate::findings::{About, Contradiction, ContradictionKind};
use expressions::{Expression, constant};

/// Words for one part, in the languages that people here speak.
const PARTS: [&[&str]; 5] = [
    &["half", "hälfte", "mitad", "metade", "moitié", "metà", "helft", "hälften", "halvparten", "halvdelen", "połowa", "połowę"],
    &["a third", "one third", "drittel", "un tercio", "um terço", "un tiers", "un terzo", "een derde", "en tredjedel"],
    &["a quarter", "one quarter", "viertel", "un cuarto", "um quarto", "un quart", "un quarto", "een kwart", "en fjärdedel"],
    &["everybody", "everyone", "alle", "todos", "tout le monde", "tutti", "iedereen", "alla", "wszyscy"],
    &["most", "die meisten", "la mayoría", "a maioria", "la plupart", "la maggior parte", "de meeste", "de flesta"],
];
static NOT: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)(?:\bnot|\bnicht|\bno|\bnão|\bpas|\bnon|\bniet|\binte|\bikke|\bnie) (?:\S+ ){0,2}$"));

pub fn find(sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let told = sentences.iter().filter_map(|later| {
        let (share, part) = denied(later.text)?;
        let before = |s: &&Sentence<'_>| s.message.at < later.message.at && s.message.place != later.message.place;
        let (earlier, word) = sentences.iter().filter(before).find_map(|s| Some((s, own(s.text, part)?)))?;
        let sides = vec![later.side(&share), earlier.side(word)];
        Some(Contradiction { kind: ContradictionKind::Number, about: About::Quantity { what: "share".into() }, sides })
    });
    told.collect()
}

/// The share that a sentence tells, and the part that it is not.
fn denied(text: &str) -> Option<(String, usize)> {
    let is_share = |kind: &QuantityKind| matches!(kind, QuantityKind::ErrorRate | QuantityKind::Percent(_));
    let share = acts::quantities(text, false).into_iter().find(|q| is_share(&q.what) && q.to.is_none())?;
    let part = (0..PARTS.len())
        .find(|part| own(text, *part).is_some_and(|word| text.find(word).is_some_and(|at| NOT.is_match(&text[..at]))))?;
    Some((share.text, part))
}

/// The word for a part, as it stands in a sentence, as a whole word.
fn own(text: &str, part: usize) -> Option<&str> {
    PARTS[part].iter().find_map(|word| {
        let at = crate::entities::word_at(&text.to_lowercase(), word)?;
        text.get(at..at + word.len()).filter(|own| own.to_lowercase() == *word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_denies_the_part_that_was_called_out() {
        assert_eq!(denied("counted it: 38% of the visits failed, not half of them"), Some(("38%".into(), 0)));
        assert_eq!(denied("analytics: 12% de las visitas con error, no la mitad"), Some(("12%".into(), 0)));
        assert_eq!(denied("es waren 30% der Anfragen, nicht die Hälfte"), Some(("30%".into(), 0)));
        assert_eq!(denied("half of the visits failed"), None);
        assert_eq!(denied("38% of the visits failed for half an hour"), None);
    }
}
