//! Whether a value that stands where a secret would stand is one.
//!
//! A rule says what its values are like; this module decides. It is misled by secrets that look like words and by words that
//! look like secrets.

use std::ops::Range;

use serde::Deserialize;

use crate::notations::{Assignment, How};
use crate::rules::Rule;
use crate::{base64, checks, ids, passwords, placeholders, public};

/// Bytes before a name in which the name of a resource of a cloud begins.
const NEAR: usize = 160;

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
    /// A password among other words.
    Mixed,
    /// As mixed, where nothing but its place says so.
    Strong,
    /// Base64 of an object that is or holds a credential, or of what cannot be read.
    Object,
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
        None | Some(Placeholder::Loose) => placeholders::is_placeholder(value),
        Some(Placeholder::Password | Placeholder::Token) => {
            placeholders::is_placeholder(value)
                || placeholders::is_plain_word(value)
                || is_prose(line, &secret)
                || rule.digits > 0 && checks::is_name(value)
        }
        Some(Placeholder::Vendor) => is_vendors_own(value, &line[whole..secret.start]),
    };
    let setting = matches!(rule.placeholder, None | Some(Placeholder::Token)) && !rule.personal && is_setting(value);
    holds(rule, line, &secret)
        && !stands_for
        && !setting
        && checks::entropy(value) >= rule.min_entropy
        && checks::digits(value) >= rule.digits
}

/// A value that a token's shape found; only the part after the prefix can be a mask.
pub(crate) fn counts_alone(rule: &Rule, line: &[u8], rest: Range<usize>) -> bool {
    let value = &line[rest];
    !placeholders::is_mask(value) && checks::entropy(value) >= rule.min_entropy && checks::digits(value) >= rule.digits
}

/// What of the value that stands beside a name is one.
pub(crate) fn beside(rule: &Rule, line: &[u8], place: &Assignment) -> Option<Range<usize>> {
    let password = rule.placeholder == Some(Placeholder::Password);
    let mut at = place.value.clone();
    if !password && place.how != How::Quoted {
        // A token ends where a sign stands of which none is made.
        at.end = at.start + line[at.clone()].iter().position(|b| !is_sign(*b)).unwrap_or(at.len());
    }
    if line[..place.name.start].ends_with(b"//") && line.get(place.name.end) == Some(&b':') {
        // `https://oauth:token@host`: the name is a user's, and the host goes on behind the value.
        at.end = at.start + line[at.clone()].iter().position(|b| *b == b'@').unwrap_or(at.len());
    }
    let value = &line[at.clone()];
    let name = &line[place.name.clone()];
    let spaced = place.how == How::Spaced;
    let short = value.len() < rule.least.max(2) + usize::from(spaced);
    if short || is_no_value(line, place, &at) || placeholders::is_placeholder(value) || !holds(rule, line, &at) {
        return None;
    }
    let counts = match rule.placeholder {
        // Reports of tests begin lines with PASS.
        Some(Placeholder::Password) if spaced => {
            name != b"PASS" && !placeholders::is_plain_word(value) && !is_prose(line, &at) && !is_code(value)
        }
        // "Pass it to x2" is said of anything.
        Some(Placeholder::Password) if place.how == How::Told && name.eq_ignore_ascii_case(b"pass") => {
            passwords::is_strong(value)
        }
        Some(Placeholder::Password) if place.how == How::Told => {
            (passwords::is_mixed(value) || passwords::is_phrase(value)) && !placeholders::is_plain_word(value)
        }
        Some(Placeholder::Password) if place.how == How::Direct => {
            let quoted = at.start > 0 && b"\"'`".contains(&line[at.start - 1]);
            ![&b"pass"[..], b"secret"].iter().any(|word| name.eq_ignore_ascii_case(word))
                && if quoted { passwords::is_mixed(value) } else { passwords::is_strong(value) }
        }
        // Behind "the credentials are" stands a user first.
        _ if place.how == How::Told && (value.contains(&b':') || value.len() < 16 && !passwords::is_strong(value)) => false,
        _ if place.how == How::Direct => is_named_token(name, value) && is_plain(value) && is_unguessable(rule, value),
        Some(Placeholder::Password) => !placeholders::is_plain_word(value) && (place.how == How::Quoted || !is_code(value)),
        Some(Placeholder::Vendor) => {
            is_plain(value)
                && !is_vendors_own(value, name)
                && checks::entropy(value) >= rule.min_entropy
                && checks::digits(value) >= rule.digits
        }
        _ if is_id(name) && (checks::is_uuid(value) || value.starts_with(b"0x")) => false,
        _ => is_plain(value) && !placeholders::is_plain_word(value) && !is_worded(value) && is_unguessable(rule, value),
    };
    counts.then_some(at)
}

/// What stands where a value would and is something else: the next setting, a name of a secret, what is public.
fn is_no_value(line: &[u8], place: &Assignment, at: &Range<usize>) -> bool {
    let value = &line[at.clone()];
    let name = &line[place.name.clone()];
    let setting = is_setting(value) && place.how != How::Quoted;
    // `secret: cart-tls` of a manifest; `aws:region:account:secret:name`.
    let reference = name.eq_ignore_ascii_case(b"secret") && place.how == How::Spaced && is_object_name(value);
    let before = &line[place.name.start.saturating_sub(NEAR)..place.name.start];
    let word = before.iter().rposition(|b| b" \t\"'=,([".contains(b)).map_or(0, |n| n + 1);
    let resource = before[word..].starts_with(b"arn:");
    // The user part of an address is found on its own.
    let address = contains(value, b"://") && value.contains(&b'@');
    setting || reference || resource || address || public::is_public(line, at)
}

/// `TOKEN=abc`, `expires_in=3600`: a name and its own value, that the search meets by itself.
pub(crate) fn is_setting(value: &[u8]) -> bool {
    let name = value.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'_').count();
    name > 2 && value.get(name) == Some(&b'=') && value.get(name + 1).is_some_and(|b| *b != b'=') || is_open_setting(value, name)
}

/// `realm=` before a quote.
fn is_open_setting(value: &[u8], name: usize) -> bool {
    name > 2 && name + 1 == value.len() && value[name] == b'=' && value[..name].iter().all(u8::is_ascii_lowercase) && name < 12
}

/// A name that Kubernetes gives an object: small letters in parts, without a mix that nobody would name it.
fn is_object_name(value: &[u8]) -> bool {
    value.contains(&b'-') && checks::is_name(value) && !value.iter().any(|b| b"_./:".contains(b))
}

/// The name has two words that say what stands behind it, and that is long.
fn is_named_token(name: &[u8], value: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [&b"secret"[..], b"token", b"api key", b"access key", b"api_key"];
    value.len() >= 24
        && !contains(value, b"://")
        && name.iter().any(|b| b" _-".contains(b))
        && words.iter().any(|word| name.ends_with(word))
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
        Some(Check::Email) => checks::is_email(value) && !is_message(line, at.start),
        Some(Check::Iban) => checks::is_iban(value),
        Some(Check::Ip) => checks::is_address(value) && !name_before(line, at.start).to_ascii_lowercase().ends_with(b"version"),
        Some(Check::Random) => (checks::is_random(value) || is_long(line, at)) && !checks::is_uuid(value),
        Some(Check::Basic) => base64::text(value).is_some_and(|text| text.contains(&b':')),
        Some(Check::Id) => ids::holds(value),
        Some(Check::Mixed) => passwords::is_mixed(value),
        Some(Check::Strong) => passwords::is_strong(value),
        Some(Check::Object) => base64::text(value).is_none_or(|text| is_credential(&text)),
        None => true,
    }
}

/// An object of JSON with a member that credentials have.
fn is_credential(text: &[u8]) -> bool {
    const MEMBERS: [&[u8]; 14] = [
        b"\"alg", b"\"typ\"", b"\"kid", b"\"enc\"", b"token", b"secret", b"passw", b"\"sig", b"\"exp\"", b"\"iat\"", b"\"iss\"",
        b"\"key", b"auth", b"session",
    ];
    MEMBERS.iter().any(|member| contains(text, member))
}

/// `Message-ID: <`: the address of a message is nobody's.
fn is_message(line: &[u8], start: usize) -> bool {
    let before = line[start.saturating_sub(20)..start].to_ascii_lowercase();
    let name = &before[..before.iter().rposition(|b| !b"<\"\\ :=".contains(b)).map_or(0, |n| n + 1)];
    name.len() < before.len()
        && [&b"message-id"[..], b"message_id", b"messageid", b"in-reply-to"].iter().any(|w| name.ends_with(w))
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
    let id = is_id(name) && (checks::is_uuid(value) || value.len() <= 32 && checks::is_hex(value));
    placeholders::is_placeholder(value) || checks::is_name(value) || is_identity(value) && !names_a_key(name) || id
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

/// The name is that of an identifier, not of half a credential.
fn is_id(name: &[u8]) -> bool {
    let name: Vec<u8> = name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    name.ends_with(b"id") && ![&b"secretid"[..], b"accessid", b"keyid", b"clientid"].iter().any(|word| name.ends_with(word))
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
    memchr::memmem::find(text, word).is_some()
}
