//! Whether the words before a cue deny it: "no connection refused errors", "0 slow queries", "recovered from ...".
//!
//! Must never look behind the cue (many cues hold their own negation: "No space left on device"). It is misled by
//! denials over a clause boundary ("not the pool: exhausted threads"), which count as no denial on purpose: losing a
//! failure is worse than keeping a denied one.

/// Words before the cue that are looked at. The length is that of the negation window of NegEx (Chapman et al. 2001).
const WINDOW: usize = 5;
/// "0" must stand closer: "0 connection resets", not "shard 0 after failover hit a connection reset".
const ZERO_WINDOW: usize = 2;

/// True when one of the five words before `start`, in the same clause, denies what begins there. A clause ends with its line.
pub(super) fn denied(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or("");
    let clause = before.rsplit(|c: char| ".;:,!?|()[]{}\"\n".contains(c)).next().unwrap_or("");
    let words: Vec<&str> = clause.split_whitespace().rev().take(WINDOW).collect();
    words.iter().enumerate().any(|(distance, word)| denies(word, distance, words.get(distance + 1).copied()))
}

/// `distance` counts from the cue, the nearest word is 0; `previous` stands before the word in the text.
fn denies(word: &str, distance: usize, previous: Option<&str>) -> bool {
    let is = |words: &[&str]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
    if is(&["0", "zero"]) {
        return distance < ZERO_WINDOW && !previous.is_some_and(names_a_number);
    }
    if is(&["not"]) {
        // "could not connect ..." tells of the failure itself.
        return !previous
            .is_some_and(|p| ["could", "can", "did", "does", "do", "would"].iter().any(|w| p.eq_ignore_ascii_case(w)))
            || previous.is_some_and(|p| p.eq_ignore_ascii_case("does")) && distance > 1;
    }
    is(&["no", "without", "resolved", "recovered", "isn't", "wasn't", "never"])
}

/// Words after which a zero is a name and no count.
fn names_a_number(word: &str) -> bool {
    let names =
        ["code", "status", "shard", "partition", "worker", "attempt", "replica", "node", "thread", "id", "#", "level", "index"];
    names.iter().any(|n| word.eq_ignore_ascii_case(n))
}

/// Whether a text as a whole tells that something is over: "[RESOLVED] HighErrorRate".
pub(super) fn is_resolved_notice(text: &str) -> bool {
    let head = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let word = head.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let marked = text.len() > head.len() || head[word.len()..].starts_with([':', ']']);
    marked && (word.eq_ignore_ascii_case("resolved") || word.eq_ignore_ascii_case("recovered"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, cue: &str, expected: bool) {
        let start = text.find(cue).expect("the cue stands in the text");
        assert_eq!(is_resolved_notice(text) || denied(text, start), expected, "{text}");
    }

    #[test]
    fn a_negation_within_five_words_denies() {
        check("no connection refused errors", "connection refused", true);
        check("completed without any deadlock detected", "deadlock detected", true);
        check("0 slow queries", "slow queries", true);
        check("pod recovered from connection refused", "connection refused", true);
        check("[RESOLVED] CPUThrottlingHigh in shop", "CPUThrottlingHigh", true);
        check("Resolved: too many connections", "too many connections", true);
    }

    #[test]
    fn a_clause_boundary_or_distance_ends_the_denial() {
        check("0 errors yesterday, connection refused", "connection refused", false);
        check("no luck: connection refused", "connection refused", false);
        check("no one of us on the call has yet seen connection refused", "connection refused", false);
        check("worker 0 connection refused", "connection refused", false);
        check("could not connect to server", "connect to server", false);
        check("resolved 10.0.0.1 but then we saw a connection refused", "connection refused", false);
    }

    #[test]
    fn odd_text_is_no_danger() {
        check("ünï «cödé» no \u{301}connection refused", "connection refused", true);
        assert!(!denied("", 0));
    }
}
