//! What kind of value a variable is: by its own characters and, for an amount, by the unit behind it.
//!
//! Used on a bounded number of records, never on each. It must never know what the value means for an incident. Input
//! that breaks it: values of one kind that look like another (a build number of forty hexadecimal digits is a hash).

use std::ops::Range;

/// The kinds of values that messages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Number,
    /// A number with a unit of time.
    Duration,
    /// A number with a unit of memory.
    Size,
    Percentage,
    /// An address of IP, version 4 or 6, with a port or without.
    Ip,
    /// A name in the DNS, with a port or without.
    Host,
    Uuid,
    /// Hexadecimal digits: a hash, an address in memory, an identifier.
    Hex,
    Path,
    Url,
    Email,
    Version,
    /// A date, a time of day, or both.
    Time,
    /// A name that Kubernetes made for a pod of a deployment.
    Pod,
    Quoted,
    Text,
}

type Test = fn(&str) -> bool;

impl Kind {
    /// The kind of what stands at `range` of `line`.
    pub fn of(line: &str, range: &Range<usize>) -> Kind {
        let value = &line[range.clone()];
        let (before, after) = (&line[..range.start], &line[range.end..]);
        if let Some(kind) = amount(value, after) {
            return kind;
        }
        let tests: [(Test, Kind); 10] = [
            (|v| v.contains("://"), Kind::Url),
            (is_uuid, Kind::Uuid),
            (is_ip, Kind::Ip),
            (is_time, Kind::Time),
            (|v| v.contains('@') && v.contains('.'), Kind::Email),
            (|v| v.contains('/') || v.contains('\\'), Kind::Path),
            (is_version, Kind::Version),
            (is_hex, Kind::Hex),
            (is_pod, Kind::Pod),
            (is_host, Kind::Host),
        ];
        let kind = tests.iter().find(|(test, _)| test(value)).map(|(_, kind)| *kind);
        let is_quoted = before.ends_with(['"', '\'']) && after.starts_with(['"', '\'']);
        kind.unwrap_or(if is_quoted { Kind::Quoted } else { Kind::Text })
    }
}

const TIMES: [&str; 21] = [
    "ns",
    "us",
    "µs",
    "ms",
    "s",
    "m",
    "h",
    "d",
    "msec",
    "sec",
    "secs",
    "second",
    "seconds",
    "milliseconds",
    "microseconds",
    "min",
    "mins",
    "minutes",
    "hour",
    "hours",
    "days",
];
const SIZES: [&str; 14] = ["B", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "kB", "bytes", "byte", "K", "M"];

/// A number, with the unit that is part of it or follows it.
fn amount(value: &str, after: &str) -> Option<Kind> {
    let digits = value.trim_start_matches(['-', '+']);
    let length = digits.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(digits.len());
    let (number, own) = digits.split_at(length);
    if number.is_empty() || number.matches('.').count() > 1 {
        return None;
    }
    let follows = after.strip_prefix(' ').unwrap_or(after).split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    let of_unit = |unit: &str| match unit {
        unit if TIMES.contains(&unit) => Some(Kind::Duration),
        unit if SIZES.contains(&unit) => Some(Kind::Size),
        _ => None,
    };
    match own {
        "" if after.starts_with('%') => Some(Kind::Percentage),
        // One letter behind a blank is more often a word than a unit.
        "" => Some(of_unit(follows).filter(|_| follows.len() > 1 || !after.starts_with(' ')).unwrap_or(Kind::Number)),
        "%" => Some(Kind::Percentage),
        // `1m30s`: the first unit tells.
        own => of_unit(own.split(|c: char| c.is_ascii_digit()).next().unwrap_or("")),
    }
}

fn is_uuid(value: &str) -> bool {
    let groups = value.split('-').map(|group| (group.len(), group.bytes().all(|b| b.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}

fn is_ip(value: &str) -> bool {
    let value = value.trim_start_matches('/');
    let (host, port) = value.rsplit_once(':').unwrap_or((value, ""));
    let is_four = |text: &str| text.parse::<std::net::Ipv4Addr>().is_ok();
    let has_port = port.bytes().all(|b| b.is_ascii_digit());
    is_four(value) || (has_port && is_four(host)) || (value.contains(':') && value.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_time(value: &str) -> bool {
    let starts_like = |parts: &[usize], sign: char| {
        let mut lengths = value.splitn(parts.len() + 1, |c: char| !c.is_ascii_digit()).map(str::len);
        value.contains(sign) && parts.iter().all(|length| lengths.next() == Some(*length))
    };
    starts_like(&[2, 2, 2], ':') || starts_like(&[4, 2, 2], '-') || starts_like(&[4, 2, 2], '/') || starts_like(&[2, 2, 4], '/')
}

fn is_version(value: &str) -> bool {
    let number = value.trim_start_matches(['v', 'V']);
    let dots = number.bytes().filter(|b| *b == b'.').count();
    let first = number.split(['.', '-']).next().unwrap_or("");
    let starts_with_number = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    starts_with_number && (dots >= 2 || (dots >= 1 && number.len() < value.len()))
}

fn is_hex(value: &str) -> bool {
    let digits = value.strip_prefix("0x").unwrap_or(value).replace(':', "");
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()) && (digits.len() >= 7 || digits.len() < value.len())
}

/// `name-<hash of the template>-<five letters or digits>`.
fn is_pod(value: &str) -> bool {
    let is_made = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let mut parts = value.rsplitn(3, '-');
    let (own, template, name) = (parts.next(), parts.next(), parts.next());
    let has_digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    match (name, template, own) {
        (Some(name), Some(template), Some(own)) => {
            let is_hash = (8..=10).contains(&template.len()) && is_made(template) && has_digit(template);
            !name.is_empty() && is_hash && own.len() == 5 && is_made(own)
        }
        _ => false,
    }
}

fn is_host(value: &str) -> bool {
    let name = value.split(':').next().unwrap_or("");
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    name.contains(['.', '-']) && name.bytes().all(in_name) && name.bytes().any(|b| b.is_ascii_alphabetic())
}
