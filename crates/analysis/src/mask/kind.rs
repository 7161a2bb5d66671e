//! What kind of value a variable is: by its own characters and, for an amount, by the unit behind it.
//!
//! Used on a bounded number of values, never on each record. It must never know what the value means for an incident.
//! Input that breaks it: values of one kind that look like another (a build number of forty hexadecimal digits is a hash).

use std::ops::Range;

use super::amount;

/// The kinds of values that messages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Number,
    /// A number with a unit of time.
    Duration,
    /// A number with a unit of memory.
    Size,
    Percentage,
    /// An address of IP, version 4 or 6, with a port or the length of a prefix or without.
    Ip,
    /// A name in the DNS, with a port or without.
    Host,
    Uuid,
    /// Hexadecimal digits: a hash, an address in memory or of a network card, an identifier.
    Hex,
    Path,
    Url,
    Email,
    Version,
    /// A date, a time of day, or both.
    Time,
    /// A name that Kubernetes made for a pod.
    Pod,
    Quoted,
    Text,
}

type Test = fn(&str) -> bool;

impl Kind {
    /// The kind of what stands at `range` of `line`.
    pub fn of(line: &str, range: &Range<usize>) -> Kind {
        Kind::between(&line[..range.start], &line[range.clone()], &line[range.end..])
    }

    /// The kind of a value by what stands before and after it in its line.
    pub fn between(before: &str, value: &str, after: &str) -> Kind {
        const TESTS: [(Test, Kind); 10] = [
            (|v| v.contains("://"), Kind::Url),
            (is_uuid, Kind::Uuid),
            (is_ip, Kind::Ip),
            (is_time, Kind::Time),
            (is_email, Kind::Email),
            (is_version, Kind::Version),
            (is_path, Kind::Path),
            (is_hex, Kind::Hex),
            (is_pod, Kind::Pod),
            (is_host, Kind::Host),
        ];
        let found = || TESTS.iter().find(|(test, _)| test(value)).map(|(_, kind)| *kind);
        let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
        let is_quoted = || {
            let stands_between = before.ends_with(is_quote) && after.starts_with(is_quote);
            stands_between || (value.len() > 1 && value.starts_with(is_quote) && value.ends_with(is_quote))
        };
        amount::kind(value, after).or_else(found).unwrap_or_else(|| if is_quoted() { Kind::Quoted } else { Kind::Text })
    }

    /// The kind of a variable that has values of these kinds: that of nearly all, where a number fits into what has
    /// digits of its own kind (an identifier that happens to have no letter, an amount without its unit).
    pub fn of_all(kinds: &[Kind]) -> Kind {
        let count = |kind: Kind| kinds.iter().filter(|k| **k == kind).count();
        let takes_numbers = |kind: Kind| matches!(kind, Kind::Duration | Kind::Size | Kind::Percentage | Kind::Hex);
        let with = |kind: Kind| count(kind) + if takes_numbers(kind) { count(Kind::Number) } else { 0 };
        let most = kinds.iter().copied().filter(|kind| *kind != Kind::Number).max_by_key(|kind| (with(*kind), *kind));
        let is_most = |kind: &Kind| with(*kind) * 4 >= kinds.len() * 3;
        let number = Some(Kind::Number).filter(|kind| count(*kind) > 0 && is_most(kind));
        let are_machines = !kinds.is_empty() && kinds.iter().all(|kind| matches!(kind, Kind::Ip | Kind::Host));
        number.filter(|_| most.is_none_or(|most| !takes_numbers(most))).or(most.filter(is_most)).unwrap_or(if are_machines {
            Kind::Host
        } else {
            Kind::Text
        })
    }

    /// How it is called where a user reads it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Duration => "duration",
            Kind::Size => "size",
            Kind::Percentage => "percentage",
            Kind::Ip => "ip",
            Kind::Host => "host",
            Kind::Uuid => "uuid",
            Kind::Hex => "hex",
            Kind::Path => "path",
            Kind::Url => "url",
            Kind::Email => "email",
            Kind::Version => "version",
            Kind::Time => "time",
            Kind::Pod => "pod",
            Kind::Quoted => "quoted",
            Kind::Text => "text",
        }
    }

    /// The unit in which amounts of this kind are compared.
    pub fn unit(self) -> Option<&'static str> {
        match self {
            Kind::Duration => Some("ms"),
            Kind::Size => Some("bytes"),
            Kind::Percentage => Some("%"),
            _ => None,
        }
    }
}

fn is_uuid(value: &str) -> bool {
    let value = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')).unwrap_or(value);
    let groups = value.split('-').map(|group| (group.len(), group.bytes().all(|b| b.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}

fn is_ip(value: &str) -> bool {
    let value = value.trim_start_matches('/');
    let is_number = |text: &str| !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    let value = value.rsplit_once('/').filter(|(_, prefix)| is_number(prefix)).map_or(value, |(address, _)| address);
    let is_four = |text: &str| text.parse::<std::net::Ipv4Addr>().is_ok();
    let is_six = |text: &str| text.contains(':') && text.parse::<std::net::Ipv6Addr>().is_ok();
    if is_four(value) || is_six(value.split('%').next().unwrap_or(value)) {
        return true;
    }
    let host = value.rsplit_once(':').filter(|(_, port)| is_number(port)).map(|(host, _)| host);
    host.is_some_and(|host| is_four(host) || host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).is_some_and(is_six))
}

/// Dates with a year or a name of a month, times of day with seconds.
fn is_time(value: &str) -> bool {
    let starts_like = |parts: &[usize], sign: char| {
        let mut lengths = value.splitn(parts.len() + 1, |c: char| !c.is_ascii_digit()).map(str::len);
        value.contains(sign) && parts.iter().all(|length| lengths.next() == Some(*length))
    };
    let is_name = |word: &&str| {
        const NAMES: [&str; 19] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu",
            "Fri", "Sat", "Sun",
        ];
        word.get(..3).is_some_and(|head| NAMES.contains(&head))
    };
    let has_digit = || value.bytes().any(|b| b.is_ascii_digit());
    let words = || value.split([' ', '/', '-', ',']).filter(|word| !word.is_empty());
    starts_like(&[2, 2, 2], ':')
        || starts_like(&[4, 2, 2], '-')
        || starts_like(&[4, 2, 2], '/')
        || starts_like(&[2, 2, 4], '/')
        || (has_digit() && words().count() > 1 && words().take(2).any(|word| is_name(&word)) && words().take(4).all(is_of_date))
}

/// Letters as a day or a month has them, or digits with what stands in a time.
fn is_of_date(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+'))
        || (word.len() <= 9 && word.bytes().all(|b| b.is_ascii_alphabetic()))
        || word.split(':').count() >= 3
}

fn is_email(value: &str) -> bool {
    let Some((name, domain)) = value.split_once('@') else { return false };
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b) || b >= 128;
    !name.is_empty() && name.bytes().all(in_name) && is_domain(domain)
}

/// Names with dots between them, the last one of letters.
fn is_domain(value: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let last = value.rsplit('.').next().unwrap_or_default();
    value.contains('.') && value.split('.').all(is_label) && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_path(value: &str) -> bool {
    let separates = |c: char| matches!(c, '/' | '\\');
    let parts = value.split(separates).count() - 1;
    let has_letter = value.bytes().any(|b| b.is_ascii_alphabetic());
    let is_rooted =
        value.starts_with(['/', '\\']) || value.starts_with("./") || value.starts_with("../") || value.starts_with("~/");
    let has_drive = value.as_bytes().get(1) == Some(&b':') && value[2..].starts_with(separates);
    let is_nested = parts >= 2 && has_letter && !value.contains(' ');
    let name = value.rsplit(separates).next().unwrap_or_default();
    is_rooted || has_drive || is_nested || is_file(name)
}

/// A name with an ending that files have and no host.
fn is_file(name: &str) -> bool {
    const ENDINGS: [&str; 31] = [
        "bak",
        "c",
        "cfg",
        "conf",
        "cpp",
        "csv",
        "gz",
        "html",
        "ini",
        "jar",
        "java",
        "js",
        "json",
        "log",
        "lock",
        "pid",
        "pl",
        "php",
        "properties",
        "py",
        "rb",
        "rs",
        "sock",
        "sql",
        "tar",
        "tmp",
        "toml",
        "txt",
        "xml",
        "yaml",
        "yml",
    ];
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"._-+".contains(&b);
    name.bytes().all(in_name) && name.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && ENDINGS.contains(&end))
}

fn is_version(value: &str) -> bool {
    let number = value.trim_start_matches(['v', 'V']);
    let dots = number.bytes().filter(|b| *b == b'.').count();
    let first = number.split(['.', '-']).next().unwrap_or("");
    let starts_with_number = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    let in_version = |b: u8| b.is_ascii_alphanumeric() || b".-+_~".contains(&b);
    starts_with_number && number.bytes().all(in_version) && (dots >= 2 || (dots >= 1 && number.len() < value.len()))
}

fn is_hex(value: &str) -> bool {
    let prefixed = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
    let digits = prefixed.unwrap_or(value).replace(':', "");
    let is_hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    // Words of the language may have such letters only ("defaced").
    let is_long = digits.len() >= 16 || (digits.len() >= 7 && digits.bytes().any(|b| b.is_ascii_digit()));
    is_hex && (is_long || digits.len() < value.len())
}

/// `name-<hash of the template>-<five letters or digits>`, or of a set that has no hash, `name-<five letters or digits>` of
/// those that Kubernetes takes (no vowel, and none that looks like another; apimachinery `util/rand`).
fn is_pod(value: &str) -> bool {
    let is_made = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_safe = |part: &str| part.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b));
    let has_digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
    };
    let Some((rest, own)) = value.rsplit_once('-') else { return false };
    if own.len() != 5 || !is_made(own) || !is_name(rest) {
        return false;
    }
    let has_hash = rest.rsplit_once('-').is_some_and(|(name, template)| {
        !name.is_empty() && (8..=10).contains(&template.len()) && is_made(template) && has_digit(template)
    });
    has_hash || (is_safe(own) && has_digit(own) && own.bytes().any(|b| b.is_ascii_lowercase()))
}

/// A name with dots, or any name with a port.
fn is_host(value: &str) -> bool {
    let (name, port) = value.rsplit_once(':').map_or((value, None), |(name, port)| (name, Some(port)));
    let has_port = port.is_some_and(|port| !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()));
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.' || b == b'_';
    let is_name = name.bytes().all(in_name) && name.bytes().any(|b| b.is_ascii_alphabetic());
    match port {
        Some(_) => has_port && is_name,
        None => name == "localhost" || (is_name && is_domain(name) && !name.bytes().any(|b| b.is_ascii_uppercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, values: &[&str]) {
        for value in values {
            assert_eq!(Kind::between("", value, ""), kind, "{value}");
        }
    }

    #[test]
    fn each_kind_has_its_look() {
        check(Kind::Number, &["17", "-4", "7,216", "1.5", "1,2", "1.5e-05"]);
        check(Kind::Duration, &["5ms", "1m30s", "2 hours", "1.25s"]);
        check(Kind::Size, &["5KB", "12 bytes", "1.5GiB", "512Mi"]);
        check(Kind::Percentage, &["90%", "12.5 %"]);
        check(Kind::Ip, &["10.0.0.7", "10.0.0.7:80", "10.0.0.0/8", "/10.0.0.7:80", "fe80::1%eth0", "2001:db8::7", "[::1]:8080"]);
        check(Kind::Host, &["ns.example.org", "db-1:5432", "localhost", "ip-10-0-0-7.ec2.internal"]);
        check(Kind::Uuid, &["484ade6b-3fa5-a5fe-a530-e883ba95f793", "{484ADE6B-3FA5-A5FE-A530-E883BA95F793}"]);
        check(Kind::Hex, &["0x1f", "9217331a", "02:4f:aa:bb:cc:dd", "68932ff2b2d409dd311ca871902316d9841aab4c"]);
        check(Kind::Path, &["/var/lib/x", "C:\\Temp\\y.txt", "src/main.rs", "a/b/c", "./x", "/a?b=1 HTTP/1.1", "app.log"]);
        check(Kind::Url, &["https://example.org/a?b=1", "jdbc:postgresql://db.local:5432/orders"]);
        check(Kind::Email, &["a.b@example.com", "ana+x@mail.example.org"]);
        check(Kind::Version, &["v1.2", "1.2.3", "v2.17.7-rc1+build.6290", "6.1.26"]);
        check(
            Kind::Time,
            &["12:30:01.123", "2024-02-07T09:00:25Z", "2024/02/07", "Mon Jun 17 12:30:01 2005", "07/Feb/2024:09:00:25 +0000"],
        );
        check(Kind::Pod, &["checkout-api-7d9f8b6c5-x2k4q", "fluentd-x7k2p"]);
        check(Kind::Quoted, &["\"View Lock\"", "'x'"]);
        check(Kind::Text, &["ana", "checkout-api", "text/html", "N/A", "defaced", "ORD-17", "worker-", "user@10", "Marchand x"]);
        assert_eq!(Kind::between("tag=\"", "View Lock", "\""), Kind::Quoted);
        assert_eq!(Kind::between("took ", "84", " ms"), Kind::Duration);
        assert_eq!(Kind::between("at ", "90", "%"), Kind::Percentage);
    }

    #[test]
    fn a_variable_has_the_kind_of_nearly_all_of_its_values() {
        use Kind::{Duration, Hex, Host, Ip, Number, Path, Text};
        assert_eq!(Kind::of_all(&[Number, Hex, Number, Number]), Hex);
        assert_eq!(Kind::of_all(&[Number, Duration]), Duration);
        assert_eq!(Kind::of_all(&[Number, Number, Number, Text]), Number);
        assert_eq!(Kind::of_all(&[Number, Text]), Text);
        assert_eq!(Kind::of_all(&[Ip, Host]), Host);
        assert_eq!(Kind::of_all(&[Path, Path, Path, Text]), Path);
        assert_eq!(Kind::of_all(&[]), Text);
    }
}
