//! Where a sentence of a chat message begins and ends, whether it asks, and whether it is somebody else's text.
//!
//! Must never know what a sentence means. Breaks on prose without punctuation, which stays one sentence.

use expressions::{Expression, constant};
use std::sync::LazyLock;

/// The sentences of a message as byte spans, trimmed, in order. Line breaks, `.`, `!`, `?`, `…` and `;` before white
/// space end one; inside a code span or fence nothing does. Together the spans hold all but white space and `;`.
pub fn relative_sentence_split(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut state = Quoting::Outside;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '`' {
            state = state.tick(text, at);
        }
        let end = at + c.len_utf8();
        let next = chars.peek().map(|n| n.1);
        let ends = match (state, c) {
            (Quoting::Fence, _) => false,
            (_, '\n') => true,
            (Quoting::Span, _) => false,
            (_, ';') => next.is_none_or(char::is_whitespace) && !is_in_brackets(&text[start..at]),
            (_, '.' | '!' | '?' | '…') => {
                next.is_none_or(char::is_whitespace) && {
                    !is_abbreviation(&text[start..end])
                        && !is_day_of_month(&text[start..at], &text[end..])
                        && !is_initial(&text[start..at], &text[end..])
                }
            }
            _ => false,
        };
        if ends {
            state = Quoting::Outside;
            push_trimmed(text, start, end, &mut spans);
            start = end;
        }
    }
    push_trimmed(text, start, text.len(), &mut spans);
    spans
}

/// The first letter of somebody's name, where a name may stand: "- A. Roy: a test", "tests (A. Roy)".
fn is_initial(head: &str, tail: &str) -> bool {
    let Some(letter) = head.chars().next_back().filter(|c| c.is_uppercase()) else { return false };
    let before = head[..head.len() - letter.len_utf8()].trim_end_matches(' ');
    let may_be_name = before.is_empty() || before.ends_with(['-', '*', '•', '–', '—', ':', ',', '(', '[', '>']);
    let mut next = tail.trim_start_matches(' ').chars();
    let is_surname = next.next().is_some_and(char::is_uppercase) && next.next().is_some_and(char::is_lowercase);
    may_be_name && is_surname && letter != 'I'
}

/// A bracket is open: "(Ana; 14 June)".
fn is_in_brackets(head: &str) -> bool {
    head.rfind('(').is_some_and(|open| !head[open..].contains(')') && head.len() - open <= 40)
}

/// True when the sentence asks rather than states; a polite request ("can you roll back?") does not ask.
pub fn is_question(sentence: &str) -> bool {
    static OPENER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^(?:@\S+[ ,:]*)?(?:so |and |but |hm+,? |wait,? |ok,? )?(?:who|what|what's|why|where|which|how|when (?:did|is|was|will)|does|did|do we|do you|should (?:we|i)|shall we|has any|have (?:we|you)|any(?:one|body|thing|body)?\b|is (?:it|this|that|there|the|any)|are (?:we|you|they|there|the)|was (?:it|this|that|there)|were (?:we|there)|can (?:i|we)|could (?:it|this|that)|am i)\b",
        )
    });
    static REQUEST: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:can|could|would|will) (?:you|someone|somebody|anyone|we please|one of you|@\S+)\b|\bplease\b")
    });
    if REQUEST.is_match(sentence) {
        return false;
    }
    sentence.trim_end_matches([')', '"', '*', '_', ' ', '!']).ends_with('?')
        || (OPENER.is_match(sentence) && !sentence.contains(':'))
}

/// True where a verb says that something goes on: "rolling back".
pub fn is_under_way(sentence: &str) -> bool {
    const NO_VERBS: [&str; 9] =
        ["everything", "nothing", "something", "anything", "morning", "evening", "during", "staging", "string"];
    let words = sentence.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
    words.into_iter().any(|w| w.len() >= 6 && w.ends_with("ing") && !NO_VERBS.contains(&w.as_str()))
}

/// True for quoted text, code fences and pasted log lines: they are evidence, not something the author does.
pub(super) fn is_pasted(sentence: &str) -> bool {
    static PASTE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r#"(?i)^(?:```|>\s?["\[a-z@]|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|[a-z]{3} +\d+ \d\d:\d\d:\d\d |\{"|\$ [a-z]|(?:time|ts|level)=|(?-i:ERROR|WARN|FATAL|INFO)[ :]+\S|at [\w.$]+\(|Traceback \(|goroutine \d+|panic: )"#,
        )
    });
    PASTE.is_match(sentence)
}

#[derive(Clone, Copy, PartialEq)]
enum Quoting {
    Outside,
    Span,
    Fence,
}

impl Quoting {
    /// The state after the back tick at `at`; a fence opens and closes at the third of its ticks.
    fn tick(self, text: &str, at: usize) -> Quoting {
        let third = text[..at].ends_with("``");
        match self {
            Quoting::Fence if third => Quoting::Outside,
            Quoting::Fence => Quoting::Fence,
            _ if third => Quoting::Fence,
            Quoting::Span => Quoting::Outside,
            Quoting::Outside if text[at + 1..].contains('`') => Quoting::Span,
            Quoting::Outside => Quoting::Outside,
        }
    }
}

fn push_trimmed(text: &str, start: usize, end: usize, spans: &mut Vec<(usize, usize)>) {
    let piece = &text[start..end];
    let head = piece.len() - piece.trim_start().len();
    let body = piece.trim().trim_end_matches(';');
    if body.chars().any(char::is_alphanumeric) || body.starts_with(':') {
        spans.push((start + head, start + head + body.len()));
    }
}

/// The dot belongs to a day: "3. Mai".
fn is_day_of_month(head: &str, rest: &str) -> bool {
    const MONTHS: [&str; 24] = [
        "januar",
        "jänner",
        "januari",
        "februar",
        "februari",
        "märz",
        "mars",
        "marts",
        "april",
        "mai",
        "maj",
        "juni",
        "juli",
        "august",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
        "dezember",
        "desember",
        "jan",
        "feb",
        "dez",
    ];
    let number = head.rsplit([' ', '(']).next().unwrap_or("");
    let word: String = rest.trim_start().chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    matches!(number.len(), 1 | 2) && number.bytes().all(|b| b.is_ascii_digit()) && MONTHS.contains(&word.as_str())
}

/// True when the final dot belongs to an abbreviation or to the number of a list entry.
fn is_abbreviation(sentence: &str) -> bool {
    let trimmed = sentence.trim_start();
    let Some(word) = trimmed.strip_suffix('.') else { return false };
    if word.ends_with('.') {
        return false;
    }
    let last = word.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let lower = last.to_ascii_lowercase();
    let known =
        ["e.g", "i.e", "eg", "ie", "vs", "approx", "ca", "incl", "resp", "kl", "ung", "godz", "bzw", "no", "cf", "a.k.a", "etc"];
    let numbered = word == last && !last.is_empty() && last.len() <= 2 && last.bytes().all(|b| b.is_ascii_digit());
    (known.contains(&lower.as_str()) && !(lower == "no" && word == last)) || numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        relative_sentence_split(text).into_iter().map(|(a, b)| &text[a..b]).collect()
    }

    #[test]
    fn versions_numbers_and_code_do_not_end_a_sentence() {
        assert_eq!(
            split("timing matches. roll back to v2.1.3 now! 0.5% left"),
            ["timing matches.", "roll back to v2.1.3 now!", "0.5% left"]
        );
        assert_eq!(split("see `a. b` and so on. ok"), ["see `a. b` and so on.", "ok"]);
        assert_eq!(split("redis is down... I mean the coffee machine"), ["redis is down...", "I mean the coffee machine"]);
    }

    #[test]
    fn lines_and_list_numbers_hold_together() {
        assert_eq!(split("1. add tests\n2. e.g. more tests"), ["1. add tests", "2. e.g. more tests"]);
        assert_eq!(split("look:\n```\na. b\nc\n```\ndone"), ["look:", "```\na. b\nc\n```", "done"]);
        assert_eq!(split("no. not that"), ["no.", "not that"]);
        assert_eq!(split("ab kl. 14:05, klart 3. maj. tak"), ["ab kl. 14:05, klart 3. maj.", "tak"]);
        assert!(split("  \n ; ").is_empty());
    }

    #[test]
    fn the_initial_of_a_name_ends_no_sentence() {
        assert_eq!(split("- A. Roy : a test. later"), ["- A. Roy : a test.", "later"]);
        assert_eq!(split("P. Ruiz: an alert"), ["P. Ruiz: an alert"]);
        assert_eq!(split("we go for plan B. Then we stop"), ["we go for plan B.", "Then we stop"]);
    }

    #[test]
    fn a_polite_request_is_not_a_question() {
        assert!(is_question("should we roll back"));
        assert!(is_question("new openssl?"));
        assert!(!is_question("can you roll back?"));
        assert!(!is_question("why did it ship: nobody reviewed it"));
    }
}
