//! The rules of `redactions/`, and the search for unlabelled random values.
//!
//! One file is one kind of datum: patterns with a group `secret`, matched on bytes, line by line. A file that does not
//! read is left out here and named by the tests.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;
use regex::bytes::{Regex, RegexBuilder};
use rust_embed::Embed;
use serde::Deserialize;

use crate::{Finding, checks, literals};

/// One file of `redactions/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    kind: String,
    /// What it finds, for people. Read by nobody else.
    #[allow(dead_code)]
    prose: String,
    /// About a person and no secret; e-mail addresses count as secrets in reports all the same.
    #[serde(default)]
    personal: bool,
    patterns: Vec<String>,
    /// Bits per byte that a value must have at least.
    #[serde(default)]
    min_entropy: f64,
    /// Digits that a value must have at least.
    #[serde(default)]
    digits: usize,
    #[serde(default)]
    check: Option<Check>,
    /// How values that only stand for one are told apart.
    #[serde(default)]
    placeholder: Option<Placeholder>,
    /// Base64 of a line, a tab and what of it must be gone.
    #[allow(dead_code)]
    samples_b64: Vec<String>,
    #[allow(dead_code)]
    lookalikes: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Check {
    Card,
    Phone,
    Ssn,
    Email,
    Iban,
    Ip,
    Random,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Placeholder {
    /// Templates and masks only.
    Loose,
    /// Also plain words, where they stand unquoted in prose.
    Password,
    /// Also credentials' own schemes.
    Header,
    /// Also identifiers, unless the name says key, token or secret.
    Vendor,
}

struct Pattern {
    text: String,
    /// Compiled when a line first holds one of its literals.
    regex: OnceLock<Option<Regex>>,
    rule: usize,
}

struct Rules {
    rules: Vec<Rule>,
    patterns: Vec<Pattern>,
    /// Finds the literals without which a pattern cannot match.
    literals: Option<AhoCorasick>,
    /// For each literal, the patterns that need it.
    owners: Vec<Vec<usize>>,
    /// Patterns that no literal can rule out.
    always: Vec<usize>,
}

#[derive(Embed)]
#[folder = "../../redactions"]
struct Files;

/// Lines are searched to here; a longer one is data and no message.
const MAX_LINE: usize = 1 << 20;
/// The kind of a value that nothing but its randomness gives away.
const RANDOM: &str = "secret";
/// Shorter random values are as often identifiers.
const RANDOM_LENGTH: usize = 30;
const RANDOM_ENTROPY: f64 = 4.0;

/// All findings of one line, overlapping and in no order.
pub(crate) fn find(line: &[u8], secrets_only: bool) -> Vec<Finding> {
    static RULES: LazyLock<Rules> = LazyLock::new(load);
    let rules: &'static Rules = &RULES;
    let line = &line[..line.len().min(MAX_LINE)];
    let mut found = Vec::new();
    for at in rules.open(line) {
        let pattern = &rules.patterns[at];
        let rule = &rules.rules[pattern.rule];
        if secrets_only && rule.personal && rule.kind != "email" {
            continue;
        }
        let Some(regex) = pattern.regex.get_or_init(|| compile(&pattern.text).ok()) else { continue };
        // A match may begin at the boundary that ended the one before, so the search goes on at the value's end.
        let mut from = 0;
        while let Some(captures) = regex.captures_at(line, from) {
            let (Some(whole), Some(secret)) = (captures.get(0), captures.name("secret")) else { break };
            if counts(rule, line, whole.start(), (secret.start(), secret.end())) {
                found.push(Finding { start: secret.start(), end: secret.end(), kind: &rule.kind });
            }
            from = secret.end().max(from + 1);
            if from > line.len() {
                break;
            }
        }
    }
    found.extend(random(line));
    found
}

/// Whether a matched value is one: what the pattern could not say.
fn counts(rule: &Rule, line: &[u8], whole: usize, (start, end): (usize, usize)) -> bool {
    let value = &line[start..end];
    let name = &line[whole..start];
    let checked = match rule.check {
        Some(Check::Card) => checks::is_card(value) && !is_identifier(name_before(line, start)),
        Some(Check::Phone) => checks::is_phone(value) && !is_identifier(name_before(line, start)),
        Some(Check::Ssn) => checks::is_ssn(value),
        Some(Check::Email) => checks::is_email(value),
        Some(Check::Iban) => checks::is_iban(value),
        Some(Check::Ip) => checks::is_public_ip(value) && !is_identifier(name_before(line, start)),
        Some(Check::Random) => checks::is_random(value) && !checks::is_uuid(value),
        None => true,
    };
    let stands_for = match rule.placeholder {
        None => !rule.personal && checks::is_placeholder(value),
        Some(Placeholder::Loose | Placeholder::Header) => checks::is_placeholder(value),
        Some(Placeholder::Password) => {
            checks::is_placeholder(value)
                || checks::is_plain_word(value)
                || is_prose(line, start, end)
                || rule.digits > 0 && checks::is_name(value)
        }
        Some(Placeholder::Vendor) => {
            checks::is_placeholder(value) || checks::is_name(value) || is_identity(value) && !names_a_key(name)
        }
    };
    checked && !stands_for && checks::entropy(value) >= rule.min_entropy && checks::digits(value) >= rule.digits
}

/// "password: incorrect for bob": an unquoted word after a colon and a space, amid other words.
fn is_prose(line: &[u8], start: usize, end: usize) -> bool {
    let spaced = start > 0 && line[start - 1] == b' ';
    let value = &line[start..end];
    let wordy = value.iter().all(|b| b.is_ascii_lowercase() || b"-_.'".contains(b));
    let alone = line[end..].trim_ascii().is_empty() && !line[..start].trim_ascii().contains(&b' ');
    spaced && wordy && !alone
}

fn is_identity(value: &[u8]) -> bool {
    checks::is_uuid(value) || checks::is_hex(value) || value.contains(&b'/')
}

fn names_a_key(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "token", "secret", "api", "auth", "pass", "pwd", "cred", "access"]
        .iter()
        .any(|w| name.windows(w.len()).any(|n| n == w.as_bytes()))
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
    let name = name.to_ascii_lowercase();
    [
        "id",
        "offset",
        "ts",
        "time",
        "timestamp",
        "seq",
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
    ]
    .iter()
    .any(|word| name.ends_with(word.as_bytes()))
}

/// Long values of upper case, lower case and digits that no pattern knows.
fn random(line: &[u8]) -> Vec<Finding> {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"+/_-~".contains(&b);
    let mut found = Vec::new();
    let mut start = 0;
    while start < line.len() {
        if !part(line[start]) {
            start += 1;
            continue;
        }
        let end = start + line[start..].iter().take_while(|b| part(**b)).count();
        let value = &line[start..end];
        let slashes = value.iter().filter(|b| **b == b'/').count();
        if value.len() >= RANDOM_LENGTH
            && checks::digits(value) >= 3
            && slashes * 12 <= value.len()
            && checks::is_random(value)
            && checks::entropy(value) >= RANDOM_ENTROPY
            && !has_uuid(value)
        {
            found.push(Finding { start, end, kind: RANDOM });
        }
        start = end;
    }
    found
}

fn has_uuid(value: &[u8]) -> bool {
    value.windows(36).any(checks::is_uuid)
}

impl Rules {
    /// Indexes of the patterns that the literals of a line leave open, in rising order.
    fn open(&self, line: &[u8]) -> Vec<usize> {
        let Some(literals) = &self.literals else { return (0..self.patterns.len()).collect() };
        let mut open = self.always.clone();
        for hit in literals.find_overlapping_iter(line) {
            open.extend(&self.owners[hit.pattern().as_usize()]);
        }
        open.sort_unstable();
        open.dedup();
        open
    }
}

fn load() -> Rules {
    let mut names: Vec<String> = Files::iter().map(|n| n.to_string()).collect();
    names.sort();
    let rules: Vec<Rule> = names.iter().filter_map(|name| read(name).ok()).collect();
    let texts = rules.iter().enumerate().flat_map(|(rule, r)| r.patterns.iter().map(move |text| (rule, text)));
    let patterns: Vec<Pattern> = texts.map(|(rule, text)| Pattern { text: text.clone(), regex: OnceLock::new(), rule }).collect();
    let mut words: Vec<(String, usize)> = Vec::new();
    let mut always = Vec::new();
    for (at, pattern) in patterns.iter().enumerate() {
        match literals::required(&pattern.text) {
            Some(set) => words.extend(set.into_iter().map(|word| (word, at))),
            None => always.push(at),
        }
    }
    words.sort();
    words.dedup();
    let mut needles: Vec<String> = Vec::new();
    let mut owners: Vec<Vec<usize>> = Vec::new();
    for (word, at) in words {
        if needles.last() != Some(&word) {
            needles.push(word);
            owners.push(Vec::new());
        }
        if let Some(last) = owners.last_mut() {
            last.push(at);
        }
    }
    let literals = AhoCorasick::builder().ascii_case_insensitive(true).build(&needles).ok();
    Rules { rules, patterns, literals, owners, always }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(8 << 20).dfa_size_limit(4 << 20).build()
}

fn read(name: &str) -> Result<Rule, String> {
    let file = Files::get(name).ok_or("the file is not embedded")?;
    let text = std::str::from_utf8(&file.data).map_err(|e| e.to_string())?;
    toml::from_str(text).map_err(|e| format!("{name}: {}", e.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> String {
        let value =
            |b: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|c| *c == b).unwrap_or(0);
        let digits: Vec<usize> = text.bytes().filter(|b| *b != b'=').map(value).collect();
        let bytes: Vec<u8> = digits
            .chunks(4)
            .flat_map(|c| {
                let word = c.iter().fold(0, |n, d| n << 6 | d) << (6 * (4 - c.len()));
                [(word >> 16) as u8, (word >> 8) as u8, word as u8].into_iter().take(c.len() - 1).collect::<Vec<u8>>()
            })
            .collect();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn every_file_is_a_rule_with_a_named_group() {
        for name in Files::iter() {
            let rule = read(&name).unwrap_or_else(|e| panic!("{e}"));
            assert!(rule.kind.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
            assert!(!rule.samples_b64.is_empty() && !rule.lookalikes.is_empty(), "{name}");
            for pattern in &rule.patterns {
                let regex = compile(pattern).unwrap_or_else(|e| panic!("{name}: {e}"));
                assert!(regex.capture_names().flatten().any(|n| n == "secret"), "{name}: {pattern}");
            }
        }
        assert!(load().literals.is_some());
    }

    #[test]
    fn every_sample_is_found_and_nothing_else_of_its_line() {
        let mut wrong = Vec::new();
        for name in Files::iter() {
            for sample in read(&name).expect("a rule").samples_b64 {
                let text = decode(&sample);
                let (line, secret) = text.split_once('\t').expect("a tab");
                let out = crate::Redactor::new().redact(line);
                let (before, after) = line.split_once(secret).expect("the secret stands in the line");
                if out.contains(secret) || !out.starts_with(before) || !out.ends_with(after) {
                    wrong.push(format!("{name}: {line:?} -> {out:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_lookalike_stays() {
        let mut wrong = Vec::new();
        for name in Files::iter() {
            for line in read(&name).expect("a rule").lookalikes {
                let out = crate::Redactor::new().redact(&line);
                if out != line {
                    wrong.push(format!("{name}: {line:?} -> {out:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
