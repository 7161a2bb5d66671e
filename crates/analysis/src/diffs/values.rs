//! Quantities as they are written in code and configuration: `15 * time.Minute`, `"512Mi"`, `10_000`, `5.seconds`.
//!
//! It must never know which quantity is good. What breaks it: arithmetic with names (`N * 2`), which has no value here.

use expressions::{Expression, constant};
use std::sync::LazyLock;

/// What a quantity measures; only equal dimensions compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Plain,
    Seconds,
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantity {
    pub value: f64,
    pub dimension: Dimension,
}

static NUMBER: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)-?(?:0x[0-9a-f]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)"));
static CLOCK_PARTS: LazyLock<Expression> = LazyLock::new(|| constant(r"^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d|w))+$"));
static CLOCK_PART: LazyLock<Expression> = LazyLock::new(|| constant(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)"));
static UNIT_WORD: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)(nano|micro|milli)?-?(second|minute|hour|day|week)s?|(?:of)?(millis)|(?:\b|_)(ms|secs?|mins?)\b")
});
static BYTES: LazyLock<Expression> = LazyLock::new(|| constant(r"^(\d+(?:\.\d+)?)\s*([KMGTP]i?[Bb]?|[kmgt]i?b?)$"));

/// The value of `text`, or `None` when it is not one number with at most a unit. `name` decides `500m`: of a processor
/// it is half of one, of a time it is minutes.
pub(super) fn quantity(text: &str, name: &str) -> Option<Quantity> {
    let text = text.trim().trim_matches(['"', '\'', '`', ',', ';', ' ']);
    let lower = name.to_ascii_lowercase();
    if lower.contains("cpu") {
        return cpu(text);
    }
    let sized = ["mem", "heap", "size", "storage", "disk", "limit", "xmx", "bytes", "buffer", "request"]
        .iter()
        .any(|w| lower.contains(w));
    if CLOCK_PARTS.is_match(text) && !(sized && text.ends_with('m')) {
        return Some(Quantity { value: clock(text), dimension: Dimension::Seconds });
    }
    if let Some(c) = BYTES.captures(text) {
        let value = c[1].parse::<f64>().ok()? * byte_unit(&c[2]);
        return Some(Quantity { value, dimension: Dimension::Bytes });
    }
    product(text)
}

fn cpu(text: &str) -> Option<Quantity> {
    let (digits, factor) = text.strip_suffix('m').map_or((text, 1.0), |d| (d, 0.001));
    let value = digits.trim().parse::<f64>().ok()? * factor;
    Some(Quantity { value, dimension: Dimension::Plain })
}

fn clock(text: &str) -> f64 {
    CLOCK_PART.captures_iter(text).map(|c| c[1].parse::<f64>().unwrap_or(0.0) * seconds(&c[2])).sum()
}

fn seconds(unit: &str) -> f64 {
    match unit {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => 1.0,
    }
}

fn byte_unit(unit: &str) -> f64 {
    let base: f64 = if unit.contains('i') { 1024.0 } else { 1000.0 };
    match unit.as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(b'k') => base,
        Some(b'm') => base.powi(2),
        Some(b'g') => base.powi(3),
        Some(b't') => base.powi(4),
        _ => base.powi(5),
    }
}

/// `15 * time.Minute`, `64 << 20`, `Duration.ofSeconds(5)`, `5_000`.
fn product(text: &str) -> Option<Quantity> {
    let numbers: Vec<f64> = NUMBER.find_iter(text).filter_map(|m| number(m.as_str())).collect();
    let words = NUMBER.replace_all(text, " ");
    let unit = UNIT_WORD.find(&words).map(|m| m.as_str().to_ascii_lowercase());
    let rest = UNIT_WORD.replace_all(&words, " ");
    let others = rest.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty() && !is_wrapper(w)).count();
    if others > 0 || (numbers.is_empty() && unit.is_none()) || numbers.len() > 4 {
        return None;
    }
    if text.contains("<<") && numbers.len() == 2 {
        let value = numbers[0] * numbers[1].clamp(0.0, 62.0).exp2();
        return Some(Quantity { value, dimension: Dimension::Plain });
    }
    if numbers.len() > 1 && !text.contains('*') {
        return None;
    }
    let value: f64 = numbers.iter().product();
    Some(match unit {
        Some(u) => Quantity { value: value * unit_seconds(&u), dimension: Dimension::Seconds },
        None => Quantity { value, dimension: Dimension::Plain },
    })
}

fn number(text: &str) -> Option<f64> {
    let plain = text.replace('_', "");
    match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok().map(|n| n as f64),
        None => plain.parse().ok(),
    }
}

fn unit_seconds(unit: &str) -> f64 {
    let base = match unit {
        u if u.contains("minute") || u.trim_start_matches('_').starts_with("min") => 60.0,
        u if u.contains("hour") => 3_600.0,
        u if u.contains("day") => 86_400.0,
        u if u.contains("week") => 604_800.0,
        u if u.contains("millis") && !u.contains("second") => return 1e-3,
        "ms" | "_ms" => return 1e-3,
        _ => 1.0,
    };
    match unit {
        u if u.starts_with("nano") => base * 1e-9,
        u if u.starts_with("micro") => base * 1e-6,
        u if u.starts_with("milli") => base * 1e-3,
        _ => base,
    }
}

/// Words that wrap a number without changing it.
fn is_wrapper(word: &str) -> bool {
    const WRAPPERS: [&str; 27] = [
        "time",
        "duration",
        "timedelta",
        "timespan",
        "from",
        "of",
        "chrono",
        "new",
        "int",
        "int64",
        "uint",
        "float64",
        "long",
        "timeunit",
        "std",
        "some",
        "parse",
        "l",
        "f",
        "d",
        "u64",
        "usize",
        "u32",
        "m",
        "bytes",
        "std_chrono",
        "ptr",
    ];
    WRAPPERS.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, name: &str) -> Option<f64> {
        quantity(text, name).map(|q| q.value)
    }

    #[test]
    fn durations_of_many_languages() {
        for (text, seconds) in [
            ("15 * time.Minute", 900.0),
            ("15*time.Second", 15.0),
            ("time.Second", 1.0),
            ("\"15m\"", 900.0),
            ("1h30m", 5400.0),
            ("Duration.ofSeconds(5)", 5.0),
            ("Duration.ofMillis(250)", 0.25),
            ("timedelta(minutes=2)", 120.0),
            ("5.seconds", 5.0),
            ("TimeSpan.FromMilliseconds(100)", 0.1),
            ("Duration::from_secs(5)", 5.0),
        ] {
            assert_eq!(value(text, "timeout"), Some(seconds), "{text}");
        }
    }

    #[test]
    fn sizes_counts_and_processors() {
        assert_eq!(value("512Mi", "memory"), Some(512.0 * 1024.0 * 1024.0));
        assert_eq!(value("500m", "cpu"), Some(0.5));
        assert_eq!(value("64 << 20", "max_bytes"), Some(64.0 * 1_048_576.0));
        assert_eq!(value("\"10_000\"", "limit"), Some(10_000.0));
        assert_eq!(value("64 * 1024", "limit"), Some(65_536.0));
    }

    #[test]
    fn what_is_not_one_quantity_has_no_value() {
        for text in ["", "debug", "N * 2", "10.0.0.1", "a-1", "{19, 7}", "http://x:80"] {
            assert_eq!(value(text, "x"), None, "{text}");
        }
    }
}
