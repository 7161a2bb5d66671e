//! What a number in a text may mean: `8,000` is `8k`, `92%` is 0.92, `1 min 13 s` is 73 seconds.
//!
//! Must never decide which meaning was intended: all are returned, and one must be found in the evidence.

/// Digits, joined by single `.`, `,`, `:`, `/`, `T` or `-` between digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    pub text: &'t str,
    pub start: usize,
    pub end: usize,
}

/// All number-like tokens of a text, in order.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    split(text, b".,:/T-")
}

/// The parts of a token such as `2/3` or `10-20`, each with its place in the whole text.
pub fn pieces<'t>(text: &'t str, token: Token<'_>) -> Vec<Token<'t>> {
    let inside = |t: &Token<'_>| token.start <= t.start && t.end <= token.end;
    split(text, b".,").into_iter().filter(inside).collect()
}

/// The numbers that a token may stand for, the unit after it counted in.
pub fn meanings(text: &str, token: Token<'_>) -> Vec<f64> {
    let factors = factors(text.get(token.end..).unwrap_or_default());
    plain_values(token.text).into_iter().flat_map(|v| factors.iter().map(move |f| v * f)).collect()
}

/// The numbers that a token may stand for by itself.
pub fn plain_values(token: &str) -> Vec<f64> {
    let mut values: Vec<f64> = token.replace(',', "").parse().into_iter().collect();
    if token.matches(',').count() == 1 && !token.contains('.') {
        values.extend(token.replace(',', ".").parse::<f64>());
    }
    values.retain(|v| v.is_finite());
    values
}

/// What a number is multiplied with by the unit that follows; 1 is always among them.
pub fn factors(rest: &str) -> Vec<f64> {
    let mut factors = vec![1.0];
    let rest = rest.strip_prefix([' ', '\u{a0}', '\u{202f}', '-']).unwrap_or(rest);
    if rest.starts_with('%') {
        factors.push(0.01);
        return factors;
    }
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).take(14).collect::<String>().to_lowercase();
    let per_cent = rest.to_lowercase().starts_with("per cent");
    factors.extend(if per_cent { &[0.01][..] } else { of_word(&word) });
    factors
}

/// Durations of more than one part, with their extent: `1 min 13 s`, `2h05m`.
pub fn long_durations(text: &str) -> Vec<(usize, usize, f64)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, f64, f64, u32)> = None;
    for token in split(text, b".") {
        let part = duration_part(text, token);
        let joined = open.zip(part).filter(|(o, p)| {
            let between = text.get(o.1..token.start).unwrap_or("x");
            p.1 < o.3 && matches!(between.trim_matches([' ', ',', '\u{a0}', '\u{202f}']), "" | "and")
        });
        open = match (joined, part) {
            (Some((o, _)), Some((end, factor, value))) => Some((o.0, end, o.2 + value, factor, o.4 + 1)),
            (None, Some((end, factor, value))) => {
                found.extend(complete(open));
                Some((token.start, end, value, factor, 1))
            }
            _ => {
                found.extend(complete(open));
                None
            }
        };
    }
    found.extend(complete(open));
    found
}

fn complete(open: Option<(usize, usize, f64, f64, u32)>) -> Option<(usize, usize, f64)> {
    open.filter(|o| o.4 > 1).map(|o| (o.0, o.1, o.2))
}

/// End, seconds of the unit and seconds in all of one part of a duration.
fn duration_part(text: &str, token: Token<'_>) -> Option<(usize, f64, f64)> {
    let rest = text.get(token.end..)?;
    let blank = rest.strip_prefix([' ', '\u{a0}', '\u{202f}', '-']).unwrap_or(rest);
    let word: String = blank.chars().take_while(|c| c.is_alphabetic()).collect();
    let seconds = match word.to_lowercase().as_str() {
        "d" | "day" | "days" => 86_400.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        _ => return None,
    };
    let end = token.end + (rest.len() - blank.len()) + word.len();
    Some((end, seconds, token.text.parse::<f64>().ok()? * seconds))
}

fn of_word(word: &str) -> &'static [f64] {
    match word {
        "percent" => &[0.01],
        "ms" | "msec" | "millisecond" | "milliseconds" => &[0.001],
        "µs" | "us" | "microseconds" => &[1e-6],
        "m" => &[1e6, 60.0],
        "min" | "mins" | "minute" | "minutes" => &[60.0],
        "h" | "hr" | "hrs" | "hour" | "hours" => &[3_600.0],
        "d" | "day" | "days" => &[86_400.0],
        "k" | "thousand" => &[1e3],
        "mio" | "million" | "millions" => &[1e6],
        "b" | "bn" | "billion" | "billions" => &[1e9],
        "kb" => &[1e3, 1_024.0],
        "mb" => &[1e6, 1_048_576.0],
        "gb" => &[1e9, 1_073_741_824.0],
        "kib" | "ki" => &[1_024.0],
        "mib" | "mi" => &[1_048_576.0],
        "gib" | "gi" => &[1_073_741_824.0],
        _ => &[],
    }
}

fn split<'t>(text: &'t str, joints: &[u8]) -> Vec<Token<'t>> {
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
        while digit(at) || bytes.get(at).is_some_and(|b| joints.contains(b)) && digit(at + 1) {
            at += 1;
        }
        // Digits and joints are ASCII, so these are character boundaries.
        if let Some(text) = text.get(start..at) {
            found.push(Token { text, start, end: at });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(text: &str, value: f64) -> bool {
        tokens(text).iter().any(|t| meanings(text, *t).iter().any(|v| (v - value).abs() < 1e-9))
    }

    #[test]
    fn a_number_means_what_its_notation_and_unit_say() {
        assert!(means("8,000 requests", 8_000.0) && means("8k", 8_000.0) && means("~8 thousand", 8_000.0));
        assert!(means("92%", 0.92) && means("92 per cent", 0.92) && means("0,5 s", 0.5));
        assert!(means("30ms", 0.03) && means("5 min", 300.0) && means("5m", 300.0) && means("5M", 5e6));
        assert!(!means("5 mistakes", 300.0));
    }

    #[test]
    fn durations_of_several_parts_are_one_number() {
        let seconds = |text: &str| long_durations(text).iter().map(|d| d.2).collect::<Vec<_>>();
        assert_eq!(seconds("took 1 min 13 s, then 2h05m and 3 min"), [73.0, 7_500.0]);
        assert_eq!(seconds("1 h and 5 minutes"), [3_900.0]);
        assert_eq!(seconds("13 s 1 min"), Vec::<f64>::new());
    }

    #[test]
    fn times_and_lists_are_one_token_and_come_apart() {
        let text = "from 09:00:25 on 2024-02-07T09:00, 2/3 of 1.5";
        let all: Vec<&str> = tokens(text).iter().map(|t| t.text).collect();
        assert_eq!(all, ["09:00:25", "2024-02-07T09:00", "2/3", "1.5"]);
        let parts: Vec<&str> = pieces(text, tokens(text)[2]).iter().map(|t| t.text).collect();
        assert_eq!(parts, ["2", "3"]);
    }
}
