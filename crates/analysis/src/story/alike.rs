//! Whether two kinds of failure differ only in the values that stand in their words: a shop, a till, an address, a path.
//!
//! What it sees: the words of each kind, cut. Why it matters: a timeline that tells of one failure eight times, once for each client, hides
//! what else failed. It must never take two failures for one that have other words outside of their values. When it misleads: a program
//! that writes what went wrong as a value (`error=timeout`), so values that are words of errors stay.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// Words of a value that has blanks, at most: `shop=Port Elliot East till=3`.
const LONG: usize = 3;
/// Keys whose values say what went wrong.
const TELLING: [&str; 12] =
    ["error", "err", "reason", "msg", "message", "cause", "code", "status", "exception", "level", "state", "type"];

/// The words without their values.
pub fn outline(words: &str) -> String {
    static ADDRESS: LazyLock<Expression> = LazyLock::new(|| constant(r#"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s,;)\]"']+"#));
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| constant(r"(?:[\w.:/-]*\d[\w.:/-]*)"));
    let plain = ADDRESS.replace_all(words, "*");
    let quoted = without_quotes(&plain);
    let bare = without_values(&quoted);
    NUMBER.replace_all(&bare, "#").trim_end_matches(['…', ' ']).to_string()
}

/// What stands in double quotes is a value; where the words were cut within it, all behind it is.
fn without_quotes(words: &str) -> String {
    let mut out = String::new();
    for (at, part) in words.split('"').enumerate() {
        if at % 2 == 0 {
            out.push_str(part);
        } else {
            out.push_str("\"*\"");
        }
    }
    out
}

/// `shop=Bay till=11:` as `shop=* till=*:`.
fn without_values(words: &str) -> String {
    let tokens: Vec<&str> = words.split(' ').collect();
    let is_pair = |token: &str| {
        let key = token.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
    };
    let ends = |token: &str| token.ends_with([':', ',', ';', ')', ']']);
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let Some((key, value)) =
            token.split_once('=').filter(|(key, _)| is_pair(token) && !TELLING.contains(&key.to_lowercase().as_str()))
        else {
            out.push((*token).to_string());
            continue;
        };
        let tail: String = value.chars().rev().take_while(|c| ":,;)]".contains(*c)).collect();
        out.push(format!("{key}=*{}", tail.chars().rev().collect::<String>()));
        if !ends(token) {
            let next = tokens[at..]
                .iter()
                .take(LONG + 1)
                .position(|t| is_pair(t))
                .filter(|n| !tokens[at..at + n].iter().any(|t| ends(t)));
            at += next.unwrap_or(0);
        }
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_differ_in_values_are_alike() {
        for (one, other) in [
            (
                "no answer for shop=Bay till=11: 504 from POST http://a.example/x",
                "no answer for shop=Port Elliot till=2: 504 from POST http://b.example/y",
            ),
            (
                "upstream timed out, client: 192.0.2.4, server: a, request: \"POST /x HTTP/1.1\", upstream: \"http://192.0.2.9/x\"",
                "upstream timed out, client: 192.0.2.7, server: a, request: \"GET /y?z=4 HTTP/1.1\", upstream: \"http://192.0.2.9/y…",
            ),
            ("Node gpu14 is down", "Node gpu7 is down"),
        ] {
            let is_cut = other.ends_with('…');
            let (one, other) = (outline(one), outline(other));
            assert!(one == other || is_cut && one.starts_with(other.trim_end_matches('"')), "{one} / {other}");
        }
    }

    #[test]
    fn other_words_are_another_failure() {
        for (one, other) in [
            ("till=3: 504 Gateway Time-out", "till=3: 502 Bad Gateway"),
            ("call failed error=timeout peer=a", "call failed error=refused peer=a"),
            ("Node gpu14 is down", "Node gpu14 is slow"),
            ("till=3 has no paper", "till=3 has no ink"),
        ] {
            assert_ne!(outline(one), outline(other), "{one}");
        }
    }
}
