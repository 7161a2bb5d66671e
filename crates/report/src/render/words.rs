//! Numbers, times and the report's own words, written for people; and text of the sources made visible.
//!
//! Durations come in as seconds, ratios as 0 to 1, times as RFC 3339 in UTC; a time that is none is printed as it
//! stands. This module must never know where a value comes from. What breaks it: a time that is no time, a number that
//! is not finite (`unknown`), text with control characters or marks that turn the reading direction.

use crate::model::{ContradictionKind, Metric, Op, Status, TestResult, TimelineKind, TriggerKind};
use serde_json::Value;

/// `0.4 s`, `75 s`, `2 min 5 s`, `2 h 5 min`, `1 d 3 h`, as sentences have it: the three largest units, as far as they are not zero.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".to_owned();
    }
    let sign = if seconds < 0.0 { "−" } else { "" };
    let size = seconds.abs();
    if size < 10.0 && size.fract() > 0.0 {
        return format!("{sign}{} s", trimmed(size, 1));
    }
    // Saturates for absurd values, by the rules of `as`.
    let whole = size.round() as u64;
    if whole < 120 {
        return format!("{sign}{whole} s");
    }
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let Some(first) = parts.iter().position(|(n, _)| *n > 0) else { return "0 s".to_owned() };
    let shown = parts.iter().skip(first).take(3).filter(|(n, _)| *n > 0);
    let shown: Vec<String> = shown.map(|(n, unit)| format!("{} {unit}", thousands(*n))).collect();
    format!("{sign}{}", shown.join(" "))
}

/// `92%`, `0.42%`.
pub fn ratio(share: f64) -> String {
    if !share.is_finite() {
        return "unknown".to_owned();
    }
    format!("{}%", trimmed(share * 100.0, if share.abs() < 0.1 { 2 } else { 1 }))
}

/// Probabilities carry no tenths, and what is not certain is not printed as if it were.
pub fn percent(share: f64) -> String {
    match share {
        _ if !share.is_finite() => "unknown".to_owned(),
        _ if share > 0.0 && share < 0.005 => "<1%".to_owned(),
        _ if (0.995..1.0).contains(&share) => ">99%".to_owned(),
        _ => format!("{:.0}%", share * 100.0),
    }
}

/// A share as whole percent for drawing, 0 to 100.
pub fn hundredths(share: f64) -> u32 {
    if share.is_finite() { (share * 100.0).round().clamp(0.0, 100.0) as u32 } else { 0 }
}

/// `41,203`, `0.25`.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    if value.fract() == 0.0 && value.abs() < 9e15 {
        let sign = if value < 0.0 { "−" } else { "" };
        return format!("{sign}{}", thousands(value.abs() as u64));
    }
    trimmed(value, 3)
}

pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 line`, `2,041 lines`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", thousands(count)) }
}

/// `+2.5`, `−0.3`.
pub fn signed(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let sign = if value < 0.0 { "−" } else { "+" };
    format!("{sign}{}", trimmed(value.abs(), 2))
}

/// `812 B`, `3.1 MB`.
pub fn bytes(count: u64) -> String {
    let size = count as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", trimmed(size / 1e3, 1)),
        1_000_000..1_000_000_000 => format!("{} MB", trimmed(size / 1e6, 1)),
        _ => format!("{} GB", trimmed(size / 1e9, 1)),
    }
}

/// The value of a metric by its unit.
pub fn metric(name: &str, metric: &Metric) -> String {
    let Some(value) = metric.value.as_f64() else { return json(&metric.value) };
    match metric.unit.as_str() {
        "s" | "seconds" => duration(value),
        _ if name.ends_with("_s") => duration(value),
        "ratio" => ratio(value),
        "" | "count" | "users" | "requests" | "tickets" => number(value),
        unit => visible(&format!("{} {unit}", number(value))),
    }
}

/// A value of a derivation: number, time or text.
pub fn json(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => moment(&visible(text)),
        Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), number),
        other => visible(&other.to_string()),
    }
}

/// `2024-02-07` of a time, nothing of what is none.
pub fn day(at: &str) -> String {
    at.get(..10).filter(|_| is_time(at)).unwrap_or("").to_owned()
}

/// `09:00:35` of a time.
pub fn clock(at: &str) -> String {
    let time = at.get(11..).filter(|_| is_time(at)).map(|time| time.trim_end_matches('Z'));
    time.map_or_else(|| visible(at), str::to_owned)
}

/// `2024-02-07 09:00:35 UTC`.
pub fn moment(at: &str) -> String {
    if is_time(at) { format!("{} {} UTC", day(at), clock(at)) } else { visible(at) }
}

/// `2024-02-07, 09:00:00 to 09:01:15 UTC`, with both days where they differ.
pub fn span(from: &str, to: &str) -> String {
    if day(from) != day(to) || !is_time(from) || !is_time(to) {
        return format!("{} to {}", moment(from), moment(to));
    }
    format!("{}, {} to {} UTC", day(from), clock(from), clock(to))
}

/// What the evidence allows around an instant: `exact`, or the two ends, with their days where these differ.
pub fn interval(earliest: &str, latest: &str) -> String {
    if earliest == latest {
        return "exact".to_owned();
    }
    if day(earliest) == day(latest) {
        return format!("{} to {}", clock(earliest), clock(latest));
    }
    format!("{} to {}", moment(earliest), moment(latest))
}

/// Seconds since 1970 of an RFC 3339 time in UTC, for drawing.
pub fn epoch(at: &str) -> Option<f64> {
    if !is_time(at) {
        return None;
    }
    let int = |range: std::ops::Range<usize>| at.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (int(0..4)?, int(5..7)?, int(8..10)?);
    // Days from civil, H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds: f64 = at.get(17..)?.trim_end_matches('Z').parse().ok()?;
    Some((days * 86_400 + int(11..13)? * 3_600 + int(14..16)? * 60) as f64 + seconds)
}

/// How a source's clock was corrected.
pub fn offset(seconds: i64) -> String {
    match seconds {
        0 => "no correction".to_owned(),
        ahead if ahead > 0 => format!("{} ahead", duration(ahead as f64)),
        behind => format!("{} behind", duration(behind.unsigned_abs() as f64)),
    }
}

/// One line: runs of white space become one blank, what cannot be seen is made visible.
pub fn line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in parts, each with whether it is code: what stands between a pair of backticks. A backtick without its pair
/// stays what it is.
pub fn parts(text: &str) -> Vec<(bool, &str)> {
    let ticks: Vec<usize> = text.match_indices('`').map(|(at, _)| at).collect();
    let mut out = Vec::new();
    let (mut done, mut next) = (0, 0);
    while let (Some(&from), Some(&to)) = (ticks.get(next), ticks.get(next + 1)) {
        let inner = text.get(from + 1..to).unwrap_or_default();
        // The end of a quotation between them: the first one lost its pair where the words were cut.
        next += if inner.contains(['“', '”']) { 1 } else { 2 };
        // An empty pair, or one that spans blanks only, marks nothing.
        if inner.trim().is_empty() || inner.contains(['“', '”']) {
            continue;
        }
        out.push((false, text.get(done..from).unwrap_or_default()));
        out.push((true, inner));
        done = to + 1;
    }
    out.push((false, text.get(done..).unwrap_or_default()));
    out.retain(|(_, part)| !part.is_empty());
    out
}

/// How a stated figure is hedged in the words that state it: `about `, `~`; nothing where it is not.
///
/// `shown`: the figure as it is printed, `8,000`; `said`: the sentence that states it.
pub fn hedge(shown: &str, said: &str) -> &'static str {
    const HEDGES: [(&str, &str); 16] = [
        ("~", "~"),
        ("≈", "~"),
        ("about", "about "),
        ("around", "about "),
        ("approximately", "about "),
        ("approx.", "about "),
        ("approx", "about "),
        ("roughly", "about "),
        ("some", "about "),
        ("circa", "about "),
        ("almost", "almost "),
        ("nearly", "almost "),
        ("more than", "more than "),
        ("over", "more than "),
        ("at least", "at least "),
        ("up to", "up to "),
    ];
    let plain = shown.replace(',', "");
    let lower = said.to_lowercase();
    for form in [shown, plain.as_str()] {
        for (at, _) in lower.match_indices(form) {
            let before = lower.get(..at).unwrap_or_default().trim_end_matches([' ', '“', '"', '$', '€', '£']);
            let word = |w: &str| before.strip_suffix(w).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric));
            if let Some((_, hedge)) = HEDGES.iter().find(|(w, _)| word(w)) {
                return hedge;
            }
        }
    }
    ""
}

/// An instant to the whole second, for covers: `2024-02-07T09:01:15.000761Z` becomes `2024-02-07T09:01:15Z`.
pub fn whole(at: &str) -> String {
    match at.get(..19).filter(|_| is_time(at)) {
        Some(head) => format!("{head}Z"),
        None => at.to_owned(),
    }
}

/// The text with control characters and marks that turn the reading direction shown as signs; line ends as `\n`.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' => out.push('\t'),
            '\u{7f}' => out.push('\u{2421}'),
            _ if u32::from(c) < 0x20 => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}')),
            _ if c.is_control() || turns_direction(c) => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
        after_return = c == '\r';
    }
    out
}

/// The first `longest` characters, marked with `…` where there are more.
pub fn short(text: &str, longest: usize) -> String {
    let text = line(text);
    match text.char_indices().nth(longest) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("").trim_end()),
    }
}

/// As [`short`], cut between words where that leaves a quarter of it: half a word reads as something else, and half of what is no
/// secret may look like one.
pub fn beginning(text: &str, longest: usize) -> String {
    let cut = short(text, longest);
    let Some((head, tail)) = cut.strip_suffix('…').and_then(|cut| cut.rsplit_once(' ')) else { return cut };
    let is_enough = tail.chars().count() < longest / 3 || head.chars().count() * 4 >= longest;
    if is_enough { format!("{}…", head.trim_end_matches([',', ';', ':', ' '])) } else { cut }
}

/// The first sentences of a text, `longest` characters or fewer; where the first one is longer, its [`beginning`].
pub fn first_sentences(text: &str, longest: usize) -> String {
    let text = line(text);
    if text.chars().count() <= longest {
        return text;
    }
    let ends = text.match_indices(". ").map(|(at, _)| at + 1).filter(|end| {
        let next = text.get(end + 1..).and_then(|rest| rest.chars().next());
        next.is_some_and(char::is_uppercase)
    });
    let kept = ends.filter_map(|end| text.get(..end)).take_while(|head| head.chars().count() <= longest).last();
    kept.filter(|head| head.chars().count() > 20).map_or_else(|| beginning(&text, longest), str::to_owned)
}

/// A name of the contract for a reader: `for_the_reader` becomes `for the reader`.
pub fn plain(name: &str) -> String {
    line(name).replace(['_', '-'], " ")
}

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Resolved => "Resolved",
        Status::Ongoing => "Ongoing",
        Status::Unknown => "Status unknown",
        Status::NoneFound => "No incident found",
    }
}

pub fn kind(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Change => "Change",
        TimelineKind::Symptom => "Symptom",
        TimelineKind::Alert => "Alert",
        TimelineKind::Ack => "Acknowledged",
        TimelineKind::Statement => "Statement",
        TimelineKind::Decision => "Decision",
        TimelineKind::Action => "Action",
        TimelineKind::Recovery => "Recovery",
        TimelineKind::Resolved => "Resolved",
    }
}

/// Which of the page's colours a moment of the timeline has.
pub fn kind_tone(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Change => "violet",
        TimelineKind::Symptom => "bad",
        TimelineKind::Alert => "warn",
        TimelineKind::Statement => "plain",
        TimelineKind::Ack | TimelineKind::Decision | TimelineKind::Action => "accent",
        TimelineKind::Recovery | TimelineKind::Resolved => "good",
    }
}

pub fn contradiction(kind: ContradictionKind) -> &'static str {
    match kind {
        ContradictionKind::ClockOffset => "Clock offset",
        ContradictionKind::Duration => "Duration",
        ContradictionKind::Time => "Time",
        ContradictionKind::Number => "Number",
        ContradictionKind::Order => "Order",
        ContradictionKind::Statement => "Statement",
        ContradictionKind::Name => "Name",
    }
}

pub fn trigger(kind: TriggerKind) -> &'static str {
    match kind {
        TriggerKind::Deploy => "deploy",
        TriggerKind::Commit => "commit",
        TriggerKind::Flag => "feature flag",
        TriggerKind::Config => "configuration change",
        TriggerKind::Migration => "migration",
        TriggerKind::Infrastructure => "infrastructure event",
        TriggerKind::Dependency => "dependency",
        TriggerKind::Load => "load",
        TriggerKind::Expiry => "expiry",
        TriggerKind::Data => "data",
        TriggerKind::Schedule => "schedule",
        TriggerKind::None => "none",
    }
}

pub fn test_result(result: TestResult) -> &'static str {
    match result {
        TestResult::Passed => "passed",
        TestResult::Failed => "failed",
        TestResult::NotTestable => "not testable",
    }
}

pub fn op(op: Op) -> &'static str {
    match op {
        Op::Count => "count of records",
        Op::Distinct => "count of distinct values",
        Op::Ratio => "ratio",
        Op::Rate => "rate",
        Op::Max => "highest value",
        Op::Min => "lowest value",
        Op::Difference => "seconds between two instants",
        Op::First => "first record",
        Op::Last => "last record",
        Op::Absent => "absence of a record",
    }
}

/// `YYYY-MM-DDThh:mm:ss...Z`.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let long_enough = bytes.len() > SHAPE.len() && bytes.len() < 40 && text.ends_with('Z');
    let head = SHAPE.iter().zip(bytes).all(|(shape, b)| if *shape == b'0' { b.is_ascii_digit() } else { shape == b });
    long_enough && head && bytes.iter().skip(SHAPE.len()).all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'Z'))
}

/// Marks that reorder what is read, and characters of no width that hide in words.
fn turns_direction(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x61C | 0x180E | 0x200B | 0x200E..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        assert_eq!(duration(0.0), "0 s");
        assert_eq!(duration(0.42), "0.4 s");
        assert_eq!((duration(75.0), duration(125.0)), ("75 s".to_owned(), "2 min 5 s".to_owned()));
        assert_eq!(duration(7_500.0), "2 h 5 min");
        assert_eq!(duration(3_989.0), "1 h 6 min 29 s");
        assert_eq!(duration(90_061.0), "1 d 1 h 1 min");
        assert_eq!(duration(-30.0), "−30 s");
        assert_eq!(duration(f64::NAN), "unknown");
    }

    #[test]
    fn numbers_and_ratios() {
        assert_eq!(number(41_203.0), "41,203");
        assert_eq!(number(0.25), "0.25");
        assert_eq!(ratio(0.92), "92%");
        assert_eq!(ratio(0.0042), "0.42%");
        assert_eq!(bytes(3_140_000), "3.1 MB");
        assert_eq!(signed(-0.3), "−0.3");
        assert_eq!([0.0, 0.001, 0.87, 0.999, 1.0].map(percent), ["0%", "<1%", "87%", ">99%", "100%"]);
        assert_eq!(hundredths(f64::NAN), 0);
    }

    #[test]
    fn times_are_cut_only_when_they_are_times() {
        assert_eq!(moment("2024-02-07T09:00:35Z"), "2024-02-07 09:00:35 UTC");
        assert_eq!(clock("yesterday"), "yesterday");
        assert_eq!(clock("2024-02-07T09:00:35\u{e9}Z"), "2024-02-07T09:00:35\u{e9}Z");
        assert_eq!(day("ünlikely-a-time"), "");
        assert_eq!(interval("2024-02-07T09:00:00Z", "2024-02-07T09:00:02Z"), "09:00:00 to 09:00:02");
        assert_eq!(epoch("2024-02-29T12:00:00.5Z"), Some(1_709_208_000.5));
    }

    #[test]
    fn pairs_of_backticks_are_code() {
        assert_eq!(
            parts("lowers `a|b` to `3`."),
            [(false, "lowers "), (true, "a|b"), (false, " to "), (true, "3"), (false, ".")]
        );
        assert_eq!(
            parts("one ` and `` none"),
            [(true, " and "), (false, "` none")].into_iter().fold(vec![(false, "one ")], |mut v, p| {
                v.push(p);
                v
            })
        );
        assert_eq!(parts("“cut `here …” and `x`").last(), Some(&(true, "x")));
        assert_eq!(parts("a ` b"), [(false, "a ` b")]);
    }

    #[test]
    fn a_stated_figure_keeps_its_hedge() {
        assert_eq!(hedge("8,000", "users affected ~8,000 so far"), "~");
        assert_eq!(hedge("300", "I think about 300 users saw it"), "about ");
        assert_eq!(hedge("300", "300 users"), "");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("a\0\x1b[1m\u{202E}b\r\nc"), "a␀␛[1m\u{FFFD}b\nc");
        assert_eq!(line(" a\n\t b "), "a b");
        assert_eq!(short("äöüß", 2), "äö…");
        assert_eq!(beginning("the session, cache", 14), "the session…");
        assert_eq!(beginning("a nil", 34), "a nil");
        let long = "api 1.4.0 caused the incident. Commit abc changes it. The code fails.";
        assert_eq!(first_sentences(long, 60), "api 1.4.0 caused the incident. Commit abc changes it.");
        assert_eq!(first_sentences(long, 25), "api 1.4.0 caused the…");
    }
}
