//! Whether a value that stands where a secret would stand is one.
//!
//! A rule says what its values are like; this module decides. It is misled by secrets that look like words and by words that
//! look like secrets.

use std::ops::Range;

use serde::Deserialize;

use crate::notations::{Assignment, How};
use crate::rules::Rule;
use crate::{base64, checks, ids};

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    Card,
    Phone,
    Ssn,
    Email,
    Iban,
    Ip,
    Random,
    Basic,
    Id,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Placeholder {
    /// Templates and masks only.
    Loose,
    /// Also plain words, where they stand unquoted in prose.
    Password,
    /// As password, and what is made of words.
    Token,
    /// Also identifiers, unless the name says key, token or secret.
    Vendor,
}

/// A value that a pattern found.
pub(crate) fn counts(rule: &Rule, line: &[u8], whole: usize, secret: Range<usize>) -> bool {
    let value = &line[secret.clone()];
    let stands_for = match rule.placeholder {
        None if rule.personal => false,
        None | Some(Placeholder::Loose) => checks::is_placeholder(value),
        Some(Placeholder::Password | Placeholder::Token) => {
            checks::is_placeholder(value)
                || checks::is_plain_word(value)
                || is_prose(line, &secret)
                || rule.digits > 0 && checks::is_name(value)
        }
        Some(Placeholder::Vendor) => is_vendors_own(value, &line[whole..secret.start]),
    };
    holds(rule, line, &secret)
        && !stands_for
        && checks::entropy(value) >= rule.min_entropy
        && checks::digits(value) >= rule.digits
}

/// A value that a token's shape found; only the part after the prefix can be a mask.
pub(crate) fn counts_alone(rule: &Rule, line: &[u8], rest: Range<usize>) -> bool {
    let value = &line[rest];
    !checks::is_mask(value) && checks::entropy(value) >= rule.min_entropy && checks::digits(value) >= rule.digits
}

/// What of the value that stands beside a name is one.
pub(crate) fn beside(rule: &Rule, line: &[u8], place: &Assignment) -> Option<Range<usize>> {
    let password = rule.placeholder == Some(Placeholder::Password);
    let mut at = place.value.clone();
    if !password && place.how != How::Quoted {
        // A token ends where a sign stands of which none is made.
        at.end = at.start + line[at.clone()].iter().position(|b| !is_sign(*b)).unwrap_or(at.len());
    }
    let value = &line[at.clone()];
    let name = &line[place.name.clone()];
    let spaced = place.how == How::Spaced;
    if value.len() < rule.least.max(2) + usize::from(spaced) || checks::is_placeholder(value) || !holds(rule, line, &at) {
        return None;
    }
    let counts = match rule.placeholder {
        // Reports of tests begin lines with PASS.
        Some(Placeholder::Password) if spaced => {
            name != b"PASS" && !checks::is_plain_word(value) && !is_prose(line, &at) && !is_code(value)
        }
        Some(Placeholder::Password) => !checks::is_plain_word(value) && (place.how == How::Quoted || !is_code(value)),
        Some(Placeholder::Vendor) => {
            is_plain(value)
                && !is_vendors_own(value, name)
                && checks::entropy(value) >= rule.min_entropy
                && checks::digits(value) >= rule.digits
        }
        _ => is_plain(value) && !checks::is_plain_word(value) && !is_worded(value) && is_unguessable(rule, value),
    };
    counts.then_some(at)
}

/// The remainder of a name after the word: nothing, or what says which of several it is.
pub(crate) fn ends_name(rest: &[u8]) -> bool {
    const MORE: [&[u8]; 24] = [
        b"value",
        b"val",
        b"data",
        b"base64",
        b"b64",
        b"plaintext",
        b"plain",
        b"text",
        b"production",
        b"prod",
        b"live",
        b"dev",
        b"development",
        b"test",
        b"staging",
        b"string",
        b"str",
        b"raw",
        b"encoded",
        b"current",
        b"default",
        b"s",
        b"env",
        b"v",
    ];
    let mut rest = rest;
    loop {
        rest = &rest[rest.iter().take_while(|b| b"_-.".contains(b)).count()..];
        if rest.is_empty() || rest.len() <= 3 && rest.iter().all(u8::is_ascii_digit) {
            return true;
        }
        let Some(word) = MORE.iter().find(|w| rest.len() >= w.len() && rest[..w.len()].eq_ignore_ascii_case(w)) else {
            return false;
        };
        rest = &rest[word.len()..];
    }
}

/// The name says that its value is no secret.
pub(crate) fn is_unless(rule: &Rule, name: &[u8]) -> bool {
    !rule.unless.is_empty() && rule.unless.iter().any(|word| contains(&name.to_ascii_lowercase(), word.as_bytes()))
}

/// No letter or digit goes on at either side.
pub(crate) fn is_word(line: &[u8], at: &Range<usize>) -> bool {
    let part = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    !(at.start > 0 && part(line.get(at.start - 1))) && !part(line.get(at.end))
}

/// The number is the value of an identifier, a time or a size.
pub(crate) fn is_identifier_before(rule: &Rule, line: &[u8], start: usize) -> bool {
    rule.near.is_empty() && !matches!(rule.check, Some(Check::Iban | Check::Id)) && is_identifier(name_before(line, start))
}

fn holds(rule: &Rule, line: &[u8], at: &Range<usize>) -> bool {
    let value = &line[at.clone()];
    match rule.check {
        Some(Check::Card) => checks::is_card(value),
        Some(Check::Phone) => checks::is_phone(value) && !is_identifier(name_before(line, at.start)),
        Some(Check::Ssn) => checks::is_ssn(value),
        Some(Check::Email) => checks::is_email(value),
        Some(Check::Iban) => checks::is_iban(value),
        Some(Check::Ip) => checks::is_address(value) && !name_before(line, at.start).to_ascii_lowercase().ends_with(b"version"),
        Some(Check::Random) => (checks::is_random(value) || is_long(line, at)) && !checks::is_uuid(value),
        Some(Check::Basic) => base64::text(value).is_some_and(|text| text.contains(&b':')),
        Some(Check::Id) => ids::holds(value),
        None => true,
    }
}

/// So long or so mixed, beside a name that says more than `key`, that it is no name of anything.
fn is_long(line: &[u8], at: &Range<usize>) -> bool {
    let value = &line[at.clone()];
    let turns = value.windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit()).count();
    let mixed = value.len() >= 32 || value.len() >= 16 && turns >= 5 && value.iter().all(u8::is_ascii_alphanumeric);
    mixed && name_before(line, at.start).len() > 4 && checks::digits(value) >= 3
}

/// Random enough for a token: digits among the letters, or letters that make no word.
fn is_unguessable(rule: &Rule, value: &[u8]) -> bool {
    let mixed = checks::digits(value) >= rule.digits || value.len() >= 16 && checks::is_gibberish(value);
    mixed && checks::entropy(value) >= rule.min_entropy
}

/// Made of words and numbers, as people name things.
fn is_worded(value: &[u8]) -> bool {
    checks::is_name(value) && !(value.len() >= 16 && checks::is_gibberish(value))
}

/// Signs of which tokens are made.
fn is_plain(value: &[u8]) -> bool {
    value.iter().all(|b| is_sign(*b))
}

fn is_sign(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_=+/.~%$@!:|*^#?-".contains(&b)
}

/// A call or a reference of a program, not a value: `get_password()`, `self.password`.
fn is_code(value: &[u8]) -> bool {
    value.ends_with(b"(") || value.ends_with(b"()") || value.contains(&b'(') && !value.contains(&b')')
}

fn is_vendors_own(value: &[u8], name: &[u8]) -> bool {
    checks::is_placeholder(value) || checks::is_name(value) || is_identity(value) && !names_a_key(name)
}

/// "password: incorrect for bob": an unquoted word after a colon and a space, amid other words.
fn is_prose(line: &[u8], at: &Range<usize>) -> bool {
    let spaced = at.start > 0 && line[at.start - 1] == b' ';
    let value = &line[at.clone()];
    let wordy = value.iter().all(|b| b.is_ascii_lowercase() || b"-_.'".contains(b));
    let alone =
        line[at.end..].trim_ascii().is_empty() && !line[at.start.saturating_sub(200)..at.start].trim_ascii().contains(&b' ');
    spaced && wordy && !alone
}

fn is_identity(value: &[u8]) -> bool {
    checks::is_uuid(value) || [32, 40, 64].contains(&value.len()) && checks::is_hex(value) || value.contains(&b'/')
}

fn names_a_key(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    [&b"key"[..], b"token", b"secret", b"api", b"auth", b"pass", b"pwd", b"cred", b"access", b"client"]
        .iter()
        .any(|w| contains(&name, w))
}

/// The name before `name=value` or `"name":"value"`, or nothing.
fn name_before(line: &[u8], start: usize) -> &[u8] {
    let before = &line[..start];
    let before = &before[..before.iter().rposition(|b| !b"\"': =".contains(b)).map_or(0, |n| n + 1)];
    if before.len() == start {
        return &[];
    }
    let from = before.iter().rposition(|b| !(b.is_ascii_alphanumeric() || b"_-.".contains(b))).map_or(0, |n| n + 1);
    &before[from..]
}

/// Names whose numbers are no personal data.
fn is_identifier(name: &[u8]) -> bool {
    const WORDS: [&str; 52] = [
        "id",
        "offset",
        "ts",
        "time",
        "timestamp",
        "seq",
        "sequence",
        "epoch",
        "lsn",
        "nanos",
        "bytes",
        "size",
        "count",
        "hash",
        "trace",
        "span",
        "version",
        "tid",
        "pid",
        "port",
        "total",
        "length",
        "ms",
        "order",
        "client",
        "session",
        "user",
        "parent",
        "request",
        "req",
        "job",
        "task",
        "item",
        "sku",
        "node",
        "message",
        "msg",
        "key",
        "partition",
        "block",
        "txn",
        "event",
        "batch",
        "build",
        "run",
        "process",
        "thread",
        "worker",
        "ref",
        "ticket",
        "invoice",
        "snapshot",
    ];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.ends_with(word.as_bytes()))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|w| w == word)
}
