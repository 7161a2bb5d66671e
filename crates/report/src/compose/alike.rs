//! The words of one record as another record of its kind has them: the same but for words with digits in them.
//!
//! Must never decide which record is shown. What breaks it: a record whose message is put together from several fields,
//! which has no such words in one piece; then it has none.

/// Words beyond which a text is not looked through.
const MOST: usize = 4_000;

/// The part of the text that is made like the words.
pub fn within(text: &str, words: &str) -> Option<String> {
    let sought: Vec<&str> = words.split_whitespace().collect();
    let there: Vec<&str> = text.split_whitespace().take(MOST).collect();
    if sought.is_empty() {
        return None;
    }
    let found = there.windows(sought.len()).find(|part| part.iter().zip(&sought).all(|(a, b)| alike(a, b)))?;
    // A cut word, and the quotation mark or bracket of a field at either end, are none of its words.
    let joined = found.join(" ");
    Some(joined.trim_matches(['"', '}', ',', '{']).to_string())
}

fn alike(a: &str, b: &str) -> bool {
    let digit = |word: &str| word.bytes().any(|c| c.is_ascii_digit());
    let plain = |word: &str| word.trim_matches(['"', '}', ',', '{']).to_string();
    plain(a) == plain(b) || digit(a) && digit(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_kind_of_message_is_found_with_its_own_numbers() {
        let text = "2025-01-03T10:00:01Z WARN lookup of 10.0.0.9 failed after 31 ms";
        assert_eq!(
            within(text, "lookup of 10.0.0.4 failed after 7 ms").as_deref(),
            Some("lookup of 10.0.0.9 failed after 31 ms")
        );
        assert_eq!(within(r#"{"msg":"x", "text": "lookup failed"}"#, "lookup failed"), Some("lookup failed".to_string()));
    }

    #[test]
    fn another_message_is_not() {
        for words in ["lookup of 10.0.0.4 worked after 7 ms", "", "lookup of host failed after 7 ms"] {
            assert_eq!(within("lookup of 10.0.0.9 failed after 31 ms", words), None, "{words}");
        }
    }
}
