//! What of a message votes for an act: its words, each two that follow each other, how it begins, about how long it is.
//!
//! Compiled into the build script as well, which counts the labelled messages. Must never know an act. A word with a digit, a name
//! with dots or dashes and a mention vote as what they are, not by what they say: `checkout-svc` and `catalogue-svc` are both a name.

use std::collections::BTreeSet;

/// Longer words than this on a side of a dash are a name, not two words: `fail-over`, `order-service`.
const LONGEST_PART: usize = 6;

/// The words of a text in order, in lowercase.
pub fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('’', "'");
    let mut found = Vec::new();
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let (end, is_mention) = match first {
            '@' => (length(&rest[1..], |c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')) + 1, true),
            c if c.is_alphanumeric() => (joined(rest), false),
            c => {
                if c == '?' {
                    found.push("?".to_string());
                }
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        push(&mut found, &rest[..end], is_mention);
        rest = &rest[end..];
    }
    found
}

fn length(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.char_indices().find(|(_, c)| !is_part(*c)).map_or(text.len(), |(at, _)| at)
}

/// The end of a word: letters and digits, joined by single signs.
fn joined(text: &str) -> usize {
    let mut end = length(text, char::is_alphanumeric);
    while let Some(sign) = text[end..].chars().next().filter(|c| matches!(c, '\'' | '-' | '_' | '.' | '/' | ':' | '#')) {
        let next = end + sign.len_utf8();
        let more = length(&text[next..], char::is_alphanumeric);
        if more == 0 {
            break;
        }
        end = next + more;
    }
    end
}

fn push(found: &mut Vec<String>, word: &str, is_mention: bool) {
    let as_kind = |kind: &str| kind.to_string();
    if is_mention {
        if word.len() > 1 {
            found.push(as_kind("@"));
        }
    } else if is_time(word) {
        found.push(as_kind("#time"));
    } else if word.starts_with(|c: char| c.is_numeric()) {
        found.push(as_kind("#"));
    } else if word.contains(char::is_numeric) {
        found.push(as_kind("#name"));
    } else if word.contains(['-', '.', '/', '_', ':', '#']) {
        let parts: Vec<&str> = word.split('-').collect();
        let is_pair = parts.len() == 2 && parts.iter().all(|part| part.chars().count() <= LONGEST_PART);
        match is_pair && !word.contains(['.', '/', '_', ':', '#']) {
            true => found.extend(parts.into_iter().map(str::to_string)),
            false => found.push(as_kind("#name")),
        }
    } else {
        found.push(word.to_string());
    }
}

fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    let is_of = |part: &str, least: usize| (least..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (2..=3).contains(&parts.len()) && is_of(parts[0], 1) && parts[1..].iter().all(|part| is_of(part, 2))
}

/// Everything that votes, each once, by its number.
pub fn features(words: &[String]) -> BTreeSet<u32> {
    let mut found: BTreeSet<u32> = words.iter().map(|word| number(word)).collect();
    found.extend(words.windows(2).map(|pair| number(&format!("{} {}", pair[0], pair[1]))));
    if let Some(first) = words.first() {
        found.insert(number(&format!("^{first}")));
    }
    if let [first, second, ..] = words {
        found.insert(number(&format!("^{first} {second}")));
    }
    found.insert(number(&format!("length {}", (words.len() / 3).min(4))));
    found
}

/// FNV-1a, folded to 32 bits.
pub fn number(feature: &str) -> u32 {
    let hash =
        feature.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash ^ (hash >> 32)) as u32
}
