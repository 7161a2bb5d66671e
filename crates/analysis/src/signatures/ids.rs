//! Numbers and hexadecimal identifiers in a text, hidden behind zeros, so that records of one kind become alike.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never hide a word: whatever holds a
//! letter beyond f, or has no digit, stays. What breaks it: nothing, as a word that may overlap an identifier is told by
//! [`may_hold`] and has to be looked for in the text itself.

/// What a byte of a text in lowercase is of a name or number.
const NONE: u8 = 0;
const DIGIT: u8 = 1;
const HEX: u8 = 2;
const LETTER: u8 = 4;
const KINDS: [u8; 256] = {
    let mut kinds = [NONE; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'g'..=b'z' | b'G'..=b'Z' => LETTER,
            _ => NONE,
        };
        byte += 1;
    }
    kinds
};

/// A text in lowercase with one zero for each run of digits, and for each run of letters and digits that are all hexadecimal and
/// not letters alone.
pub fn hidden(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (begin, mut kinds) = (at, NONE);
        while at < text.len() && KINDS[usize::from(text[at])] != NONE {
            kinds |= KINDS[usize::from(text[at])];
            at += 1;
        }
        let run = &text[begin..at];
        match kinds {
            _ if kinds & DIGIT == 0 => out.extend_from_slice(run),
            _ if kinds & LETTER == 0 => out.push(b'0'),
            _ => {
                let mut was_digit = false;
                for byte in run {
                    let is_digit = byte.is_ascii_digit();
                    if !(is_digit && was_digit) {
                        out.push(if is_digit { b'0' } else { *byte });
                    }
                    was_digit = is_digit;
                }
            }
        }
        if at < text.len() {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// Whether a word in lowercase, as it stands in a text, may lie in what is hidden there, or reach into it.
pub fn may_hold(word: &str) -> bool {
    let bytes = word.as_bytes();
    let is_part = |run: &[u8]| run.iter().all(u8::is_ascii_hexdigit);
    let is_run = |byte: &u8| byte.is_ascii_alphanumeric();
    let first = &bytes[..bytes.iter().position(|byte| !is_run(byte)).unwrap_or(bytes.len())];
    let last = &bytes[bytes.iter().rposition(|byte| !is_run(byte)).map_or(0, |at| at + 1)..];
    let reaches = |edge: &[u8]| !edge.is_empty() && is_part(edge);
    bytes.iter().any(u8::is_ascii_digit) || reaches(first) || reaches(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hide(text: &str) -> String {
        String::from_utf8(hidden(text.as_bytes())).unwrap()
    }

    #[test]
    fn identifiers_and_numbers_become_zeros_and_words_stay() {
        assert_eq!(hide("order 2fdcd204-eaf2-4a27-b20d-6ebf9796990f failed"), "order 0-0-0-0-0 failed");
        assert_eq!(hide("took 183ms of 5s on db01, bad face"), "took 0ms of 0s on 0, bad face");
        assert_eq!(hide("x509: schlüssel e11000 für käse2 9"), "x0: schlüssel 0 für käse0 0");
        assert_eq!(hide(""), "");
    }

    #[test]
    fn a_word_that_may_reach_into_an_identifier_is_told() {
        for word in ["h12", "dead", "added", "is a", "deadline exceeded bad", "cafe closed", "http 5"] {
            assert!(may_hold(word), "{word}");
        }
        for word in ["refused", "could not be ", " is bad ", "deadline", "no. timeout", ": ", "connection reset"] {
            assert!(!may_hold(word), "{word}");
        }
    }

    proptest! {
        #[test]
        fn a_word_that_can_be_no_part_of_an_identifier_stands_in_a_text_as_in_the_hidden_one(
            text in "[a-f0-2 gx._ä-]{0,40}",
            word in "[a-f gx._-]{1,4}",
        ) {
            let is_found = text.contains(&word) == hide(&text).contains(&word);
            prop_assert!(is_found || may_hold(&word));
        }
    }
}
