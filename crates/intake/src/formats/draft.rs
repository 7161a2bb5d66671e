//! From named values to a record: the one place where roles of values become fields of [`Record`].
//!
//! Must never know how a line was taken apart. What breaks it: a value under a name that means something else there
//! (`status=ok`, `level=3`); such a value does not fit its role and stays a further field under its own name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use evidence::{Basis, Http, Level, Record, RecordRef, Stamp};

use super::swift::times;
use super::{names, time};

/// What a value means for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Time,
    /// A date that stands apart from its time of day.
    Date,
    Level,
    Service,
    Pod,
    /// A host or container by name.
    Instance,
    Host,
    Message,
    /// A stack trace, set under the message.
    Stack,
    /// A message with names in braces, which the other values fill in.
    Template,
    /// The texts of those of a template's values that have a format of their own, in order.
    Renderings,
    Trace,
    User,
    Status,
    Method,
    Path,
    /// `GET /path HTTP/1.1`
    Request,
    Upstream,
    /// With a unit of its own, or in the unit given: factor to milliseconds is 1, 1000, 0.001, 0.000001.
    DurationMs,
    DurationS,
    DurationUs,
    DurationNs,
    /// A module path of Rust, whose crate is the service.
    Target,
    /// Seconds since 1970 in hexadecimal digits, nanoseconds behind a point.
    HexTime,
    /// `key=value` words behind everything else.
    Tail,
    /// Known under this name only.
    Field,
}

impl Role {
    /// The role of a group or key by the name that definitions use; a number behind the name tells two groups of one
    /// role apart.
    pub fn from_name(name: &str) -> Role {
        Role::known(own_name(name)).map_or(Role::Field, |(_, role)| role)
    }

    /// The same with the name, without the number behind it.
    pub fn named(name: &str) -> (Cow<'static, str>, Role) {
        let own = own_name(name);
        Role::known(own).map_or_else(|| (Cow::Owned(own.to_string()), Role::Field), |(name, role)| (Cow::Borrowed(name), role))
    }

    fn known(own: &str) -> Option<(&'static str, Role)> {
        ROLES.iter().find(|(name, _)| *name == own).copied()
    }
}

fn own_name(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// What the groups of patterns are called, as far as that says what they are.
const ROLES: [(&str, Role); 25] = [
    ("time", Role::Time),
    ("date", Role::Date),
    ("level", Role::Level),
    ("service", Role::Service),
    ("pod", Role::Pod),
    ("instance", Role::Instance),
    ("host", Role::Host),
    ("message", Role::Message),
    ("stack", Role::Stack),
    ("template", Role::Template),
    ("renderings", Role::Renderings),
    ("trace", Role::Trace),
    ("user", Role::User),
    ("status", Role::Status),
    ("method", Role::Method),
    ("path", Role::Path),
    ("request", Role::Request),
    ("upstream", Role::Upstream),
    ("duration_ms", Role::DurationMs),
    ("duration_s", Role::DurationS),
    ("duration_us", Role::DurationUs),
    ("duration_ns", Role::DurationNs),
    ("target", Role::Target),
    ("hex_time", Role::HexTime),
    ("tail", Role::Tail),
];

/// A record in the making.
#[derive(Default)]
pub struct Draft<'a> {
    time: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    stamp: Option<Stamp>,
    pub level: Option<Level>,
    pub service: Option<Cow<'a, str>>,
    instance: Option<Cow<'a, str>>,
    is_pod: bool,
    host: Option<Cow<'a, str>>,
    pub message: Option<Cow<'a, str>>,
    stack: Option<Cow<'a, str>>,
    trace: Option<Cow<'a, str>>,
    user: Option<Cow<'a, str>>,
    http: Http<'a>,
    pub fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// What a format says about its values.
pub struct Reading<'f> {
    pub order: time::Order,
    pub levels: &'f BTreeMap<String, Level>,
}

/// Bound of further fields of one record.
pub const FIELDS: usize = 64;

impl<'a> Draft<'a> {
    /// With room for further values that was used before.
    pub fn with(fields: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Draft<'a> {
        Draft { fields, ..Draft::default() }
    }

    /// Gives a value its role; `name` is what it is called where it keeps or falls back to being a field.
    pub fn put(&mut self, role: Role, name: Cow<'a, str>, value: Cow<'a, str>, reading: &Reading) {
        // A sign may stand for a level; elsewhere a hyphen says that there is nothing.
        let says_nothing = value == "-" && role != Role::Message && !(role == Role::Level && reading.levels.contains_key("-"));
        if value.is_empty() || says_nothing {
            return;
        }
        let left = match role {
            Role::Time => self.put_time(value, reading),
            Role::Level => match level_of(&value, reading.levels) {
                Some(level) if self.level.is_none() => {
                    self.level = Some(level);
                    None
                }
                _ => Some(value),
            },
            Role::HexTime => self.put_hex_time(value),
            Role::Date => fill(&mut self.date, value),
            Role::Service => fill(&mut self.service, value),
            Role::Pod => {
                self.is_pod = self.instance.is_none();
                fill(&mut self.instance, value)
            }
            Role::Instance => fill(&mut self.instance, value),
            Role::Host => {
                self.host = self.host.take().or_else(|| Some(value.clone()));
                Some(value)
            }
            Role::Target => {
                let name = value.split("::").next().unwrap_or("").replace('_', "-");
                self.service = self.service.take().or(Some(Cow::Owned(name)));
                Some(value)
            }
            Role::Message => fill(&mut self.message, value),
            Role::Stack => fill(&mut self.stack, value),
            Role::Trace => fill(&mut self.trace, value),
            Role::User => fill(&mut self.user, value),
            _ => self.put_http(role, value),
        };
        if let Some(value) = left {
            self.field(name, value);
        }
    }

    pub fn field(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        if self.fields.len() < FIELDS {
            self.fields.push((name, value));
        }
    }

    fn put_time(&mut self, value: Cow<'a, str>, reading: &Reading) -> Option<Cow<'a, str>> {
        if self.time.is_some() {
            return Some(value);
        }
        let (stamp, zone) = stamp_of(&value, reading.order);
        if let Some(zone) = zone {
            self.fields.push((Cow::Borrowed("zone"), Cow::Owned(zone)));
        }
        self.stamp = stamp;
        fill(&mut self.time, value)
    }

    /// A time whose stamp is known already. A value that is a time is neither empty nor a hyphen.
    pub fn put_stamp(&mut self, name: &'static str, value: &'a str, stamp: Stamp) {
        match self.time {
            None => (self.stamp, self.time) = (Some(stamp), Some(Cow::Borrowed(value))),
            Some(_) => self.field(Cow::Borrowed(name), Cow::Borrowed(value)),
        }
    }

    /// A name that is neither empty nor a hyphen, for a role that nothing has yet; false where something has.
    pub fn put_name(&mut self, role: Role, value: Cow<'a, str>) -> bool {
        let slot = match role {
            Role::Service => &mut self.service,
            Role::Trace => &mut self.trace,
            Role::User => &mut self.user,
            _ => return false,
        };
        fill(slot, value).is_none()
    }

    fn put_hex_time(&mut self, value: Cow<'a, str>) -> Option<Cow<'a, str>> {
        let (seconds, nanos) = value.split_once('.').unwrap_or((&value, "0"));
        let parse = |digits: &str| i64::from_str_radix(digits, 16).ok();
        let (Some(seconds), Some(nanos)) = (parse(seconds), parse(nanos)) else { return Some(value) };
        if self.time.is_some() || nanos >= 1_000_000_000 || seconds > 0xffff_ffff {
            return Some(value);
        }
        self.stamp = Some(Stamp::new(seconds * 1_000_000 + nanos / 1_000, Basis::Epoch));
        fill(&mut self.time, value)
    }

    fn put_http(&mut self, role: Role, value: Cow<'a, str>) -> Option<Cow<'a, str>> {
        match role {
            Role::Status => match value.parse::<u16>() {
                Ok(status) if (100..600).contains(&status) && self.http.status.is_none() => {
                    self.http.status = Some(status);
                    None
                }
                _ => Some(value),
            },
            Role::Method if is_method(&value) => fill(&mut self.http.method, value),
            Role::Path if value.starts_with('/') || value.contains("://") => fill(&mut self.http.path, path_of(value)),
            Role::Upstream => fill(&mut self.http.upstream, value),
            Role::Request => self.put_request(value),
            Role::DurationMs => self.put_duration(value, 1.0),
            Role::DurationS => self.put_duration(value, 1_000.0),
            Role::DurationUs => self.put_duration(value, 0.001),
            Role::DurationNs => self.put_duration(value, 1e-6),
            _ => Some(value),
        }
    }

    fn put_duration(&mut self, value: Cow<'a, str>, unit: f64) -> Option<Cow<'a, str>> {
        match duration_ms(&value, unit) {
            Some(ms) if self.http.duration_ms.is_none() => {
                self.http.duration_ms = Some(ms);
                None
            }
            _ => Some(value),
        }
    }

    /// `GET /path HTTP/1.1`; anything else stays a field.
    fn put_request(&mut self, value: Cow<'a, str>) -> Option<Cow<'a, str>> {
        let Some((method, path)) = request_of(&value) else { return Some(value) };
        self.http.method = Some(slice(&value, 0, method));
        self.http.path = Some(path_of(slice(&value, path.start, path.end)));
        None
    }

    /// The record. `whole` is its message when nothing said what the message is.
    pub fn finish(mut self, format: &'static str, place: RecordRef, whole: &'a str, reading: &Reading) -> Record<'a> {
        self.join_date(reading);
        let workload = if self.is_pod { names::workload_of_pod } else { names::workload };
        if self.service.is_none()
            && let Some(workload) = self.instance.as_deref().and_then(workload)
        {
            self.service = Some(Cow::Owned(workload.to_string()));
        }
        let has_http = self.http.status.is_some() || self.http.path.is_some();
        // The host of a request is the one asked for, not the one that wrote.
        let instance = self.instance.take().or(self.host.take().filter(|_| !has_http));
        let message = self.message.take().unwrap_or_else(|| match &self.http {
            Http { method, path: Some(path), status, .. } => {
                let verb = || self.fields.iter().find(|(k, _)| k == "verb").map(|(_, v)| v.as_ref());
                Cow::Owned(request_line(method.as_deref().or_else(verb), path, *status))
            }
            _ => Cow::Borrowed(whole),
        });
        let message = match self.stack.take() {
            Some(stack) if !message.contains(stack.as_ref()) => Cow::Owned(format!("{message}\n{stack}")),
            _ => message,
        };
        if !has_http && let Some(ms) = self.http.duration_ms {
            self.field(Cow::Borrowed("duration_ms"), Cow::Owned(ms.to_string()));
        }
        if !has_http && let Some(method) = self.http.method.take() {
            self.field(Cow::Borrowed("method"), method);
        }
        if !has_http && let Some(upstream) = self.http.upstream.take() {
            self.field(Cow::Borrowed("upstream"), upstream);
        }
        Record {
            place,
            stamp: self.stamp,
            stamp_text: self.time,
            level: self.level,
            service: self.service,
            instance,
            message,
            trace: self.trace,
            http: has_http.then_some(self.http),
            user: self.user,
            format,
            fields: self.fields,
        }
    }

    fn join_date(&mut self, reading: &Reading) {
        let Some(date) = self.date.take() else { return };
        let clock_only = self.stamp.is_none_or(|s| s.basis == Basis::ClockOnly);
        if let (true, Some(clock)) = (clock_only, &self.time) {
            let joined = format!("{date} {clock}");
            let (stamp, _) = stamp_of(&joined, reading.order);
            if stamp.is_some() {
                self.stamp = stamp;
                self.time = Some(Cow::Owned(joined));
                return;
            }
        }
        if self.time.is_none() {
            self.stamp = stamp_of(&date, reading.order).0;
            if self.stamp.is_some() {
                self.time = Some(date);
                return;
            }
        }
        self.field(Cow::Borrowed("date"), date);
    }
}

/// Sets what is empty; gives back what finds no room.
fn fill<'a>(slot: &mut Option<Cow<'a, str>>, value: Cow<'a, str>) -> Option<Cow<'a, str>> {
    if slot.is_some() {
        return Some(value);
    }
    *slot = Some(value);
    None
}

/// The stamp of a value that is a time as a whole, and a zone's abbreviation in it.
pub fn stamp_of(value: &str, order: time::Order) -> (Option<Stamp>, Option<String>) {
    times::stamp_of(trimmed(value), order)
}

/// The same, read from its first letter to its last.
pub fn whole_stamp(value: &str, order: time::Order) -> (Option<Stamp>, Option<String>) {
    match time::read(value, order) {
        Some(seen) => (Some(seen.stamp), seen.zone.map(str::to_string)),
        // PowerShell: `/Date(1709802825123)/`.
        None if value.starts_with("/Date(") => {
            (value.strip_prefix("/Date(").and_then(|v| time::epoch(v.strip_suffix(")/")?)), None)
        }
        // An audit record's stamp has its serial number behind a colon.
        None => (time::epoch(value.split_once(':').map_or(value, |(stamp, _)| stamp)), None),
    }
}

/// The level of a word or of a number on the scale of tens (`30`), by the format's own words first.
pub fn level_of(value: &str, levels: &BTreeMap<String, Level>) -> Option<Level> {
    let word = value.trim();
    if let Some(level) = levels.get(word) {
        return Some(*level);
    }
    if let Ok(number) = word.parse::<u32>() {
        return match number {
            10..=19 => Some(Level::Trace),
            20..=29 => Some(Level::Debug),
            30..=39 => Some(Level::Info),
            40..=49 => Some(Level::Warn),
            50..=59 => Some(Level::Error),
            60..=69 => Some(Level::Fatal),
            _ => None,
        };
    }
    Level::from_word(word)
}

const METHODS: [&str; 21] = [
    "PURGE",
    "BAN",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "SEARCH",
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "REPORT",
    "PRI",
];

pub fn is_method(word: &str) -> bool {
    METHODS.contains(&word)
}

/// Where the method ends and where the path stands in `GET /path HTTP/1.1`.
pub fn request_of(value: &str) -> Option<(usize, Range<usize>)> {
    // It is short: a search would cost more than a look at each byte.
    let (method, rest) =
        value.split_at_checked(value.bytes().position(|b| b == b' ')?).filter(|(method, _)| is_method(method))?;
    let rest = &rest[1..];
    // It nearly always begins with the last blank.
    let last = memchr::memrchr(b' ', rest.as_bytes()).filter(|at| rest[*at..].starts_with(" HTTP/"));
    let cut = last.or_else(|| rest.rfind(" HTTP/")).unwrap_or(rest.len());
    let from = method.len() + 1;
    Some((method.len(), from..from + cut))
}

fn slice<'a>(value: &Cow<'a, str>, from: usize, to: usize) -> Cow<'a, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(from..to).unwrap_or("")),
        Cow::Owned(text) => Cow::Owned(text.get(from..to).unwrap_or("").to_string()),
    }
}

/// Without blanks around it, which values seldom have.
#[inline(always)]
pub fn trimmed(value: &str) -> &str {
    match value.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => value,
        _ => value.trim(),
    }
}

/// A path without scheme, host and query.
pub fn path_of(value: Cow<'_, str>) -> Cow<'_, str> {
    let host = if value.starts_with('/') { None } else { value.find("://") };
    let from = match host {
        Some(at) if !value[..at].contains(['/', '?']) => value[at + 3..].find('/').map_or(value.len(), |n| at + 3 + n),
        _ => 0,
    };
    let to = memchr::memchr(b'?', &value.as_bytes()[from..]).map_or(value.len(), |n| from + n);
    if (from, to) == (0, value.len()) { value } else { slice(&value, from, to) }
}

/// Milliseconds of `12`, `0.287`, `12ms`, `1.5s`, `383us`, `1m2.5s`; a bare number is in `unit` milliseconds.
pub fn duration_ms(value: &str, unit: f64) -> Option<f64> {
    if let Some(number) = whole_number(value.as_bytes()) {
        return Some(scaled(number, unit));
    }
    let value = trimmed(value);
    let (whole, unit) = value.strip_suffix("ms").map_or((value, unit), |whole| (whole, 1.0));
    if let Some(number) = whole_number(whole.as_bytes()) {
        return Some(scaled(number, unit));
    }
    if let Some((number, tenths)) = decimal(whole.as_bytes()) {
        return Some((f64::from(number) * unit / tenths * 1e6).round() / 1e6);
    }
    let digits = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let number: f64 = value.get(..digits)?.parse().ok()?;
    let ms = match value[digits..].trim() {
        "" => number * unit,
        "ms" | "msec" | "msecs" | "millis" => number,
        "s" | "sec" | "secs" | "seconds" => number * 1_000.0,
        "us" | "µs" | "μs" => number / 1_000.0,
        "ns" => number / 1_000_000.0,
        rest => match rest.strip_prefix('m') {
            Some(seconds) => number * 60_000.0 + duration_ms(seconds, 1_000.0)?,
            None => return None,
        },
    };
    // A sum of binary fractions is rounded to the nanosecond, so that 0.287 s is 287 ms.
    ms.is_finite().then(|| (ms * 1e6).round() / 1e6)
}

/// A number of up to nine digits.
#[inline]
pub fn whole_number(bytes: &[u8]) -> Option<u32> {
    if !(1..=9).contains(&bytes.len()) {
        return None;
    }
    let mut number = 0;
    for byte in bytes {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit > 9 {
            return None;
        }
        number = number * 10 + digit;
    }
    Some(number)
}

/// A number with a point among up to nine digits: all of them, and how many of the last one make one.
#[inline]
pub fn decimal(bytes: &[u8]) -> Option<(u32, f64)> {
    const TENTHS: [f64; 9] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
    let point = bytes.iter().position(|byte| *byte == b'.').filter(|point| *point > 0)?;
    let (before, behind) = (whole_number(&bytes[..point])?, &bytes[point + 1..]);
    let number = whole_number(behind).filter(|_| bytes.len() <= 10)?;
    Some((before * 10_u32.pow(behind.len() as u32) + number, TENTHS[behind.len()]))
}

/// So many units, rounded to the nanosecond.
#[inline]
pub fn scaled(number: u32, unit: f64) -> f64 {
    if unit == 1.0 { f64::from(number) } else { (f64::from(number) * unit * 1e6).round() / 1e6 }
}

/// `GET /path 200`
pub fn request_line(method: Option<&str>, path: &str, status: Option<u16>) -> String {
    let mut line = String::with_capacity(method.map_or(0, str::len) + path.len() + 5);
    if let Some(method) = method {
        line.push_str(method);
        line.push(' ');
    }
    line.push_str(path);
    if let Some(status @ 100..=999) = status {
        let digit = |n: u16| b'0' + (n % 10) as u8;
        let word = [b' ', digit(status / 100), digit(status / 10), digit(status)];
        line.push_str(str::from_utf8(&word).unwrap_or_default());
    } else if let Some(status) = status {
        // A number is written into a string without fail.
        let _ = write!(line, " {status}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_carries_its_unit_or_takes_the_given_one() {
        for (text, unit, want) in [
            ("0.287", 1_000.0, Some(287.0)),
            ("12ms", 1_000.0, Some(12.0)),
            ("3528us", 1.0, Some(3.528)),
            ("1m2.5s", 1.0, Some(62_500.0)),
            ("505.317µs", 1.0, Some(0.505317)),
            ("soon", 1.0, None),
            ("", 1.0, None),
        ] {
            assert_eq!(duration_ms(text, unit), want, "{text}");
        }
    }

    #[test]
    fn a_decimal_of_few_digits_is_what_parsing_it_would_make() {
        for number in (0..999_999).step_by(37) {
            let text = format!("{}.{:03}", number / 1_000, number % 1_000);
            let (digits, tenths) = decimal(text.as_bytes()).unwrap();
            assert_eq!(f64::from(digits) / tenths, text.parse::<f64>().unwrap(), "{text}");
            let parsed = text.parse::<f64>().unwrap() * 1_000.0;
            assert_eq!(duration_ms(&text, 1_000.0), Some((parsed * 1e6).round() / 1e6), "{text}");
        }
        for text in [".5", "5.", "5", "1.2.3", "1.2345678901", "-1.5", "1e5"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_path_loses_host_and_query() {
        for (text, want) in [
            ("/a/b?c=1", "/a/b"),
            ("http://10.0.0.1:80/x?y", "/x"),
            ("https://example.com", ""),
            ("/r?u=http://x/", "/r"),
            ("/é", "/é"),
        ] {
            assert_eq!(path_of(Cow::Borrowed(text)), want);
        }
    }
}
