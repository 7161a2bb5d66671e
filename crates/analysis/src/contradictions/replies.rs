//! How somebody asks how long it was, and how somebody else answers in a few words: "that was 20 minutes or so?", "more like 35, it began
//! before the page", "tell them about 45", "eher knapp eine Stunde", "intermitente, casi 45 min desde las 10:13".
//!
//! Must never need the answer to name the outage again, nor its unit: the question had both. What breaks it: an answer that tells how long
//! something else will take ("give me 20 minutes"), so before the figure only words stand that round or set right.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// A question about the length of what is over: it names no outage, "that" is one.
pub fn asks_how_long(sentence: &str, at: usize) -> bool {
    static THAT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:\S+ ){0,4}?(?:that|it|this|we|which) (?:was|lasted|took|were (?:down|out|off)(?: for)?)\b[^.;!?]{0,24}$",
        )
    });
    THAT.is_match(&sentence[..at])
}

/// Somebody passes a question on: "marketing asks if it was 20 minutes".
pub fn passes_a_question_on(sentence: &str) -> bool {
    static ASKS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:asks?|asking|asked|wants? to know|wonders?|wondering|fragt|fragen|demandent?|preguntan?|pergunta[m]?|chied(?:e|ono)|vraagt|vragen|spør|frågar|pyta)\b[^.;!?]{0,24}\b(?:if|whether|ob|si|se|of|om|czy)\b",
        )
    });
    ASKS.is_match(sentence)
}

/// Before the figure stand only words that round it, set it right or say to whom to tell it.
pub fn leads(head: &str) -> bool {
    const WORDS: [&str; 86] = [
        "no",
        "nope",
        "nah",
        "yes",
        "well",
        "hm",
        "hmm",
        "more",
        "like",
        "rather",
        "closer",
        "nearer",
        "to",
        "about",
        "around",
        "roughly",
        "almost",
        "nearly",
        "approx",
        "approximately",
        "circa",
        "ca",
        "over",
        "under",
        "just",
        "it",
        "was",
        "a",
        "bit",
        "good",
        "say",
        "tell",
        "them",
        "him",
        "her",
        "make",
        "that",
        "total",
        "all",
        "in",
        "intermittent",
        "intermittently",
        "on",
        "and",
        "off",
        "so",
        "rather",
        "the",
        "eher",
        "knapp",
        "gut",
        "etwa",
        "rund",
        "fast",
        "ungefähr",
        "nein",
        "mehr",
        "als",
        "casi",
        "unos",
        "como",
        "aprox",
        "más",
        "bien",
        "intermitente",
        "cerca",
        "de",
        "quase",
        "plutôt",
        "presque",
        "environ",
        "non",
        "quasi",
        "piuttosto",
        "meer",
        "zo'n",
        "ongeveer",
        "bijna",
        "eerder",
        "snarare",
        "nästan",
        "ungefär",
        "snarere",
        "nesten",
        "raczej",
        "około",
    ];
    // "in 20 minutes" is when somebody comes.
    let ends_badly = head.trim_end().to_lowercase().ends_with(" in") || head.trim().eq_ignore_ascii_case("in");
    let mut words = head.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    !ends_badly && words.clone().count() <= 5 && words.all(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// "give me", "back in": what the figure measures has not been yet.
pub fn is_to_come(head: &str) -> bool {
    static TO_COME: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:give|gimme|wait|need|needs|takes?|another|in|brauche|gib|warte|denme|dame|espera|donne|attends)\b\D*$",
        )
    });
    TO_COME.is_match(head)
}

/// After the figure nothing says that it is still to come.
pub fn is_past(tail: &str) -> bool {
    static AHEAD: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^ ?(?:more|left|to go|until|till|from now|please|pls|tops|and (?:then )?i|then i|noch|mehr|bis|más|encore|ancora)\b",
        )
    });
    !AHEAD.is_match(tail)
}

/// A number without a unit that answers: where it stands, in bytes.
pub fn bare(sentence: &str) -> Option<(usize, usize)> {
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"^(?P<head>[^\d]{3,40}?)~?(?P<n>[1-9]\d{0,2})(?P<tail>$|[ ]?[,.;!()–—-](?:\D|$)| (?:or so|i|first|from)\b)")
    });
    let c = NUMBER.captures(sentence)?;
    let number = c.name("n")?;
    leads(c.name("head")?.as_str()).then_some((number.start(), number.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_asked_about_as_that() {
        let asks = |text: &str| asks_how_long(text, text.find(|c: char| c.is_ascii_digit()).unwrap());
        assert!(
            asks("that was 20 minutes or so?")
                && asks("so that was about 20 min?")
                && asks("marketing asks if it was 20 minutes")
        );
        assert!(!asks("shall we wait 20 minutes?") && !asks("is the rollback done in 20 minutes?"));
        assert!(passes_a_question_on("the press asks if it was 20 minutes") && !passes_a_question_on("it was 20 minutes"));
    }

    #[test]
    fn an_answer_has_only_rounding_words_before_its_figure() {
        for head in ["more like ", "no, closer to ", "tell them about ", "eher knapp ", "intermitente, casi ", "plutôt ", ""] {
            assert!(leads(head), "{head}");
        }
        for head in ["give me ", "in ", "back in ", "the rebuild takes about ", "we scale to "] {
            assert!(!leads(head), "{head}");
        }
        assert!(is_to_come("give me ") && is_to_come("back in ") && !is_to_come("app: "));
        assert!(!is_past(" more") && !is_past(" until it is warm") && is_past(", on and off"));
    }

    #[test]
    fn an_answer_may_lack_the_unit() {
        let read = |text: &'static str| bare(text).map(|(from, to)| &text[from..to]);
        assert_eq!(read("more like 35, first errors before the page"), Some("35"));
        assert_eq!(read("tell them about 45"), Some("45"));
        for text in ["more like 35 users", "about 45%", "about 14:05", "restarting 3, then more", "rather 2.4.1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
