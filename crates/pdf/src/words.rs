//! Numbers, times and the report's own words, written for people.
//!
//! Durations come in as seconds, ratios as 0 to 1, times as RFC 3339 in UTC; a time that is none is printed as it
//! stands. This module must never know where a value comes from. Not finite numbers are `unknown`.

use report::model::{Metric, Op, Section};
pub use report::render::words::{bytes, day, epoch, kind, number, offset, ratio, status, test_result, thousands, trigger, whole};
use serde_json::Value;

/// `0.4 s`, `1 min 15 s`, `2 h 5 min`, `1 d 3 h`: the two largest units.
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
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let Some(first) = parts.iter().position(|(n, _)| *n > 0) else { return "0 s".to_owned() };
    let shown = parts.iter().skip(first).take(2).filter(|(n, _)| *n > 0);
    let shown: Vec<String> = shown.map(|(n, unit)| format!("{}\u{A0}{unit}", thousands(*n))).collect();
    format!("{sign}{}", shown.join(" "))
}

/// Probabilities carry no tenths.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "unknown".to_owned();
    }
    format!("{:.0}%", share * 100.0)
}

/// `+2.5`, `−0.3`.
pub fn signed(value: f64) -> String {
    let sign = if value < 0.0 { "−" } else { "+" };
    format!("{sign}{}", trimmed(value.abs(), 2))
}

/// The value of a metric by its unit.
pub fn metric(name: &str, metric: &Metric) -> String {
    let Some(value) = metric.value.as_f64() else { return json(&metric.value) };
    match metric.unit.as_str() {
        "s" | "seconds" => duration(value),
        _ if name.ends_with("_s") => duration(value),
        "ratio" => ratio(value),
        "" | "count" | "users" | "requests" | "tickets" => number(value),
        unit => format!("{} {unit}", number(value)),
    }
}

/// A value of a derivation: number, time or text.
pub fn json(value: &Value) -> String {
    match value {
        Value::Null => "unknown".to_owned(),
        Value::String(text) if is_time(text) => moment(text),
        Value::String(text) => text.clone(),
        Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), number),
        other => other.to_string(),
    }
}

/// `09:00:35` of a time.
pub fn clock(at: &str) -> String {
    if !is_time(at) {
        return at.to_owned();
    }
    at.get(11..).unwrap_or(at).trim_end_matches('Z').to_owned()
}

/// `2024-02-07 09:00:35 UTC`.
pub fn moment(at: &str) -> String {
    if !is_time(at) {
        return at.to_owned();
    }
    format!("{} {} UTC", day(at), clock(at))
}

/// What the evidence allows around an instant: `exact`, or the two ends, with their days where these differ.
pub fn interval(earliest: &str, latest: &str) -> String {
    if earliest == latest {
        return "exact".to_owned();
    }
    if day(earliest) == day(latest) {
        return format!("{} – {}", clock(earliest), clock(latest));
    }
    format!("{} {} – {} {}", day(earliest), clock(earliest), day(latest), clock(latest))
}

pub fn section(section: Section) -> &'static str {
    match section {
        Section::Summary => "Executive summary",
        Section::Timeline => "Timeline",
        Section::RootCause => "Root cause",
        Section::Impact => "Impact",
        Section::Actions => "Action items",
        Section::Response => "Response",
        Section::Whys => "Five whys",
        Section::Prevention => "Prevention",
        Section::Evidence => "Coverage",
        Section::Lessons => "Lessons learned",
        Section::Contradictions => "Contradictions",
    }
}

pub fn op(op: Op) -> &'static str {
    match op {
        Op::Count => "count",
        Op::Distinct => "distinct values",
        Op::Ratio => "ratio",
        Op::Rate => "rate",
        Op::Max => "highest value",
        Op::Min => "lowest value",
        Op::Difference => "time between",
        Op::First => "first record",
        Op::Last => "last record",
        Op::Absent => "absence",
    }
}

/// `YYYY-MM-DDThh:mm:ss...Z`.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let head = bytes.len() > SHAPE.len() && text.ends_with('Z');
    head && SHAPE.iter().zip(bytes).all(|(shape, b)| if *shape == b'0' { b.is_ascii_digit() } else { shape == b })
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
        let plain = |s: f64| duration(s).replace('\u{A0}', " ");
        assert_eq!(plain(0.0), "0 s");
        assert_eq!(plain(0.42), "0.4 s");
        assert_eq!(plain(75.0), "1 min 15 s");
        assert_eq!(plain(7_500.0), "2 h 5 min");
        assert_eq!(plain(90_061.0), "1 d 1 h");
        assert_eq!(plain(-30.0), "−30 s");
        assert_eq!(plain(f64::NAN), "unknown");
    }

    #[test]
    fn numbers_and_ratios() {
        assert_eq!(number(41_203.0), "41,203");
        assert_eq!(number(0.25), "0.25");
        assert_eq!(ratio(0.92), "92%");
        assert_eq!(ratio(0.0042), "0.42%");
        assert_eq!(bytes(3_140_000), "3.1 MB");
        assert_eq!(signed(-0.3), "−0.3");
    }

    #[test]
    fn times_are_cut_only_when_they_are_times() {
        assert_eq!(moment("2024-02-07T09:00:35Z"), "2024-02-07 09:00:35 UTC");
        assert_eq!(clock("yesterday"), "yesterday");
        assert_eq!(day("ünlikely-a-time"), "");
        assert_eq!(interval("2024-02-07T23:59:00Z", "2024-02-08T00:01:00Z"), "2024-02-07 23:59:00 – 2024-02-08 00:01:00");
    }

    #[test]
    fn epoch_counts_days_right() {
        assert_eq!(epoch("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(epoch("2024-02-29T12:00:00.5Z"), Some(1_709_208_000.5));
        assert_eq!(epoch("soon"), None);
    }
}
