//! Numbers and hexadecimal identifiers in a text, hidden behind zeros, so that records of one kind become alike.
//!
//! Must never hide a word: whatever holds a letter beyond f, or has no digit, stays. What breaks it: nothing, as a word that may
//! overlap an identifier is told by [`may_hold`] and has to be looked for in the text itself.

/// Puts a zero for each digit of a text in lowercase, and for each letter of a run of letters and digits that are all
/// hexadecimal and not letters alone.
pub fn hide(text: &mut [u8]) {
    for run in text.chunk_by_mut(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric()) {
        let (mut has_digit, mut is_hex) = (false, true);
        for byte in run.iter() {
            has_digit |= byte.is_ascii_digit();
            is_hex &= byte.is_ascii_hexdigit();
        }
        if has_digit && is_hex {
            run.fill(b'0');
        } else if has_digit {
            run.iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'0');
        }
    }
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

    fn hidden(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        hide(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn identifiers_and_numbers_become_zeros_and_words_stay() {
        assert_eq!(
            hidden("order 2fdcd204-eaf2-4a27-b20d-6ebf9796990f failed"),
            "order 00000000-0000-0000-0000-000000000000 failed"
        );
        assert_eq!(hidden("took 183ms of 5s on db01, bad face"), "took 000ms of 0s on 0000, bad face");
        assert_eq!(hidden("x509: schlüssel e11000 für käse2"), "x000: schlüssel 000000 für käse0");
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
            let is_found = text.contains(&word) == hidden(&text).contains(&word);
            prop_assert!(is_found || may_hold(&word));
        }
    }
}
