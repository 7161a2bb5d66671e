//! The last look at a sentence before it becomes a claim: a number that nothing cited has does not get through.
//!
//! Stricter than the audit on purpose: what is accepted here is accepted there. Must never know what a sentence claims.

use crate::model::Derivation;

use super::words;

/// What a sentence may lean on.
pub struct Ground<'g> {
    /// Texts, sources and times of what it cites.
    pub own: &'g [&'g str],
    /// Texts of all evidence so far: parts of names may come from there.
    pub all: &'g [&'g str],
    pub derivation: Option<&'g Derivation>,
}

/// The text with `…` in the place of each number without proof.
pub fn proven(text: &str, ground: &Ground<'_>) -> String {
    let blanked = blank_derived(text, ground.derivation);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in tokens(&blanked) {
        let token = blanked.get(start..end).unwrap_or_default();
        if is_term(&blanked, start, end) || holds(&blanked, start, end, token, ground) {
            continue;
        }
        let compound = token.contains(['/', '-', ':', ',', '.']);
        let pieces: Vec<&str> = token.split(['/', '-', ':', 'T']).filter(|p| !p.is_empty()).collect();
        if compound && pieces.len() > 1 && !token.contains(':') && pieces.iter().all(|p| stands(p, ground)) {
            continue;
        }
        out.push_str(text.get(done..start).unwrap_or_default());
        out.push('…');
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Durations, shares and counts of the derivation, as they are printed, become blanks of the same length.
fn blank_derived(text: &str, derivation: Option<&Derivation>) -> String {
    let Some(derivation) = derivation else { return text.to_string() };
    let value = derivation.value.as_f64();
    let mut forms: Vec<String> = Vec::new();
    for number in value.into_iter().chain(derivation.numerator).chain(derivation.denominator) {
        forms.extend([words::duration(number), words::percent(number), words::count(number)]);
    }
    forms.sort_by_key(|f| std::cmp::Reverse(f.len()));
    let mut text = text.to_string();
    for form in forms {
        text = blank(&text, &form);
    }
    text
}

fn blank(text: &str, form: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(form) {
        if at >= done && closed(text, at, at + form.len()) {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(&" ".repeat(form.len()));
            done = at + form.len();
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// No digit goes on before or after.
fn closed(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let goes_on = bytes.get(end).is_some_and(|b| matches!(b, b'.' | b',' | b':')) && digit(end + 1);
    let came = start > 1 && matches!(bytes[start - 1], b'.' | b',' | b':') && digit(start - 2);
    !(start > 0 && digit(start - 1)) && !digit(end) && !goes_on && !came
}

fn holds(text: &str, start: usize, end: usize, token: &str, ground: &Ground<'_>) -> bool {
    if stands(token, ground) {
        return true;
    }
    let before = text.get(..start).unwrap_or_default().trim_end_matches(['-', '_', '.', '@', '/']);
    let after = text.get(end..).unwrap_or_default();
    let named = before.ends_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '#')
        || after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || token.matches('.').count() >= 2;
    named && ground.all.iter().any(|t| stands_in(token, t))
}

fn stands(token: &str, ground: &Ground<'_>) -> bool {
    let spaced = token.replace('T', " ");
    let plain = token.replace(',', "");
    let bounds = ground.derivation.into_iter().flat_map(|d| [d.from.as_deref(), d.to.as_deref(), d.value.as_str()]).flatten();
    ground.own.iter().copied().chain(bounds).any(|t| stands_in(token, t) || stands_in(&spaced, t) || stands_in(&plain, t))
}

fn stands_in(token: &str, text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let closed = token.contains('.') || token.len() >= 6;
    text.match_indices(token).any(|(at, _)| {
        let end = at + token.len();
        // 80 stands in 80.0.
        let zeros = bytes.get(end + 1..).unwrap_or_default().iter().take_while(|b| **b == b'0').count();
        let is_whole = zeros > 0 && !digit(end + 1 + zeros) && bytes.get(end + 1 + zeros) != Some(&b'.');
        !(at > 0 && digit(at - 1)) && !digit(end) && (closed || is_whole || !(bytes.get(end) == Some(&b'.') && digit(end + 1)))
    })
}

/// Part of a mark of a secret, or of a word that has a digit in it and is no number.
fn is_term(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    if after.starts_with(']') && before.ends_with(':') && before.rfind('[').is_some_and(|at| !before[at..].contains(' ')) {
        return true;
    }
    let token = text.get(start..end).unwrap_or_default();
    after.starts_with("xx") && matches!(token, "1" | "2" | "3" | "4" | "5")
        || (token == "8" && before.ends_with('k') && after.starts_with('s'))
}

/// Runs of digits, joined by single joints between digits.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let start = at;
        while digit(at) || bytes.get(at).is_some_and(|b| b".,:/T-".contains(b)) && digit(at + 1) {
            at += 1;
        }
        found.push((start, at));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> String {
        let own = ["GET /checkout 503 in 30 ms on 10/12, load 80.0, 1.0.3", "2024-02-07T09:00:25.120Z"];
        let all = ["web-7d9f4 at v2.15.0"];
        proven(text, &Ground { own: &own, all: &all, derivation: None })
    }

    #[test]
    fn what_is_cited_stays() {
        for text in ["503 after 30 ms at 09:00:25", "load 80", "10/12, 12 of 10", "v2.15.0 on web-7d9f4", "5xx of k8s [token:3]"]
        {
            assert_eq!(look(text), text);
        }
    }

    #[test]
    fn what_is_not_cited_goes() {
        assert_eq!(look("504 at 09:00:26, v2.16.0"), "… at …, v…");
    }
}
