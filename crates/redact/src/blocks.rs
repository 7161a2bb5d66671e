//! What is secret over several lines: private keys (PEM, PuTTY, OpenVPN, PGP), and the data of a Kubernetes Secret.
//!
//! Must never swallow the rest of a log when the end mark is missing: a line that cannot be part of a block ends it.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::rules::Pending;
use crate::{Finding, base64, placeholders};

/// Where in a block the lines so far ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Lines of a key so far; 0 outside of one.
    inside: usize,
    /// Lines of a PuTTY key that are still to come.
    lines: usize,
    manifest: Manifest,
    /// Within a certificate or a public key, which are no secret however random they look.
    public: bool,
    /// What the line before left open.
    pub pending: Option<Pending>,
}

/// A Kubernetes object in YAML or in JSON over several lines.
#[derive(Debug, Clone, Default)]
struct Manifest {
    secret: Option<bool>,
    /// Within `data:` or `stringData:`: how far the key stands from the margin, and whether values are as they are.
    data: Option<(usize, bool)>,
}

/// Lines of the longest key anybody uses, with room.
const MAX_LINES: usize = 400;
const KEY: (&str, &str) = ("private_key", "private_key");
const DATA: (&str, &str) = ("secret", "kubernetes_secret");
const PUTTY: &[u8] = b"Private-Lines:";

impl State {
    /// What of a line belongs to a block; the line stands without its end.
    pub(crate) fn line(&mut self, line: &[u8], found: &mut Vec<Finding>) {
        self.key(line, found);
        if self.inside == 0 && found.is_empty() {
            self.manifest.line(line, found);
        }
    }

    /// Whether a line is of the body of a certificate or of a public key.
    pub(crate) fn is_public(&mut self, line: &[u8]) -> bool {
        let within = self.public && is_body(line.trim_ascii());
        self.public = within || begins_public(line);
        within
    }

    fn key(&mut self, line: &[u8], found: &mut Vec<Finding>) {
        if self.lines > 0 {
            self.lines -= 1;
            if could_be_key(line) {
                push(line, 0..line.len(), KEY, found);
            }
        } else if self.inside > 0 {
            self.within(line, found);
        } else if let Some(start) = begin(line) {
            self.first(line, start, found);
        } else if line.starts_with(PUTTY) {
            let number = String::from_utf8_lossy(&line[PUTTY.len()..]).trim().parse().unwrap_or(0);
            self.lines = if number <= MAX_LINES { number } else { 0 };
        }
    }

    fn first(&mut self, line: &[u8], start: usize, found: &mut Vec<Finding>) {
        if let Some(end) = end(line, start) {
            push(line, start..end, KEY, found);
            return;
        }
        let quote = line[start..].iter().position(|b| b"\"'<".contains(b));
        self.inside = usize::from(quote.is_none());
        push(line, start..quote.map_or(line.len(), |n| start + n), KEY, found);
    }

    fn within(&mut self, line: &[u8], found: &mut Vec<Finding>) {
        self.inside += 1;
        if let Some(end) = end(line, 0) {
            self.inside = 0;
            let part = last_word(&line[..end]);
            if part.len() == line[..end].trim_ascii().len() || part.len() >= 16 {
                push(line, end_of(line, end, part), KEY, found);
            }
        } else if self.inside > MAX_LINES {
            self.inside = 0;
        } else if could_be_key(line) {
            push(line, 0..line.len(), KEY, found);
        } else if is_key_line(last_word(line)) {
            // A log's own head stands before each line of the key.
            let word = last_word(line);
            let end = line.trim_ascii_end().len();
            push(line, end - word.len()..end, KEY, found);
        } else {
            self.inside = 0;
        }
    }
}

impl Manifest {
    fn line(&mut self, line: &[u8], found: &mut Vec<Finding>) {
        let text = line.trim_ascii_start();
        let indent = line.len() - text.len();
        if let Some((margin, plain)) = self.data {
            if text.is_empty() || text[0] == b'#' {
                return;
            }
            if indent > margin {
                return self.entry(line, indent, plain, found);
            }
            self.data = None;
        }
        if text.starts_with(b"---") || text.starts_with(b"apiVersion") || text.starts_with(b"\"apiVersion") {
            self.secret = None;
        }
        let Some((key, value)) = key_of(text) else { return };
        match key {
            b"kind" => self.secret = Some(value.eq_ignore_ascii_case(b"secret")),
            b"data" | b"stringData" if self.secret != Some(false) && (value.is_empty() || value == b"{") => {
                self.data = Some((indent, key == b"stringData"));
            }
            _ => {}
        }
    }

    /// `key: value` within the data. Before the kind is known, only what is base64 of something counts.
    fn entry(&self, line: &[u8], indent: usize, plain: bool, found: &mut Vec<Finding>) {
        let Some((key, value)) = key_of(&line[indent..]) else { return };
        let value = value.strip_suffix(b",").unwrap_or(value);
        let start = indent + key.len() + find(&line[indent + key.len()..], value, 0).unwrap_or(0);
        let encoded = value.len() >= 4 && value.len() % 4 == 0 && base64::decode(value).is_some();
        let sure = encoded && (value.ends_with(b"=") || value.len() >= 8 && base64::text(value).is_some());
        let counts = match (plain, self.secret) {
            (true, _) => value.len() >= 3,
            (false, Some(true)) => encoded,
            (false, _) => sure,
        };
        if counts && !placeholders::is_placeholder(value) {
            push(line, start..start + value.len(), DATA, found);
        }
    }
}

/// The data of a Secret that stands in one line of JSON.
pub(crate) fn manifest_in_line(line: &[u8], found: &mut Vec<Finding>) {
    static SECRET: LazyLock<Finder> = LazyLock::new(|| Finder::new("\"Secret\""));
    let Some(kind) = SECRET.find(line) else { return };
    if ![&b"\"kind\":"[..], b"\"kind\": "].iter().any(|k| line[..kind].ends_with(k)) {
        return;
    }
    for name in [&b"\"data\":"[..], b"\"stringData\":"] {
        let Some(at) = find(line, name, 0) else { continue };
        let Some(open) = find(line, b"{", at + name.len()).filter(|n| line[at + name.len()..*n].trim_ascii().is_empty()) else {
            continue;
        };
        let end = find(line, b"}", open).unwrap_or(line.len());
        let quotes: Vec<usize> = (open..end).filter(|n| line[*n] == b'"').collect();
        for value in quotes.chunks_exact(4) {
            push(line, value[2] + 1..value[3], DATA, found);
        }
    }
}

/// A key of YAML or JSON and its value, both without quotes.
fn key_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii();
    let colon = text.iter().position(|b| *b == b':')?;
    let strip = |t: &[u8]| t.strip_prefix(b"\"").map_or(t.len(), |_| 0) == 0;
    let key = text[..colon].trim_ascii();
    let value = text[colon + 1..].trim_ascii();
    let bare = value.strip_suffix(b",").unwrap_or(value);
    let quoted = bare.len() >= 2 && b"\"'".contains(&bare[0]) && bare.last() == bare.first();
    Some((
        if strip(key) { key.strip_prefix(b"\"")?.strip_suffix(b"\"")? } else { key },
        if quoted { &bare[1..bare.len() - 1] } else { bare },
    ))
}

static BEGIN: LazyLock<Finder> = LazyLock::new(|| Finder::new("BEGIN "));

fn is_body(text: &[u8]) -> bool {
    (1..=4_096).contains(&text.len()) && text.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

/// The line ends where a certificate or a public key begins.
fn begins_public(line: &[u8]) -> bool {
    let Some(mark) = BEGIN.find(line) else { return false };
    let public = [&b"CERTIFICATE"[..], b"PUBLIC KEY"].iter().any(|word| find(line, word, mark).is_some());
    public && line.trim_ascii_end().ends_with(b"----") && find(line, b"PRIVATE", mark).is_none()
}

/// Where the body of a key begins: after the line that says so.
fn begin(line: &[u8]) -> Option<usize> {
    let mark = BEGIN.find(line)?;
    let named =
        [&b"PRIVATE KEY"[..], b"OpenVPN Static key", b"ENCRYPTED PRIVATE"].iter().filter_map(|w| find(line, w, mark)).min()?;
    let dashes = find(line, b"----", named)?;
    Some(dashes + line[dashes..].iter().take_while(|b| **b == b'-').count())
}

fn end(line: &[u8], from: usize) -> Option<usize> {
    let mark = find(line, b"END ", from)?;
    let dashes = line[from..mark].iter().rposition(|b| !b"- ".contains(b)).map_or(from, |n| from + n + 1);
    (mark - dashes >= 3).then_some(dashes)
}

fn end_of(line: &[u8], end: usize, part: &[u8]) -> Range<usize> {
    let end = line[..end].trim_ascii_end().len();
    end - part.len()..end
}

/// Base64, perhaps indented or quoted, or one of PEM's own headers.
fn could_be_key(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/=\\\"',|>*#. ".contains(b);
    let header = [&b"Proc-Type:"[..], b"DEK-Info:", b"Version:", b"Comment:", b"Hash:", b"Charset:", b"MessageID:", b"Subject:"];
    text.is_empty()
        || header.iter().any(|h| text.starts_with(h))
        || text.len() <= 1_000 && text.iter().all(base64) && text.iter().filter(|b| **b == b' ').count() <= 3
}

fn is_key_line(word: &[u8]) -> bool {
    word.len() >= 16 && word.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

fn last_word(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii_end();
    &text[text.iter().rposition(|b| b" \t|".contains(b)).map_or(0, |n| n + 1)..]
}

fn push(line: &[u8], range: Range<usize>, (kind, rule): (&'static str, &'static str), found: &mut Vec<Finding>) {
    let inner = &line[range.clone()];
    let start = range.start + inner.len() - inner.trim_ascii_start().len();
    let end = start + inner.trim_ascii().len();
    if !line[start..end].iter().all(|b| b"\\nr-".contains(b)) {
        found.push(Finding { start, end, kind, rule });
    }
}

fn find(line: &[u8], word: &[u8], from: usize) -> Option<usize> {
    memmem::find(line.get(from..)?, word).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, gone: &[&str]) {
        let mut state = State::default();
        let mut out = Vec::new();
        for line in text.lines() {
            let mut found = Vec::new();
            state.line(line.as_bytes(), &mut found);
            out.extend(found.iter().map(|f| line[f.start..f.end].to_string()));
        }
        assert_eq!(out, gone, "{text}");
    }

    #[test]
    fn a_key_ends_where_it_says_or_where_it_cannot_go_on() {
        let begin = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj";
        check(&format!("{begin}\n{body}\n-----END {}-----\nx y", "PRIVATE KEY"), &[body]);
        check(&format!("{begin}\n{body}\n2026-01-01 the log goes on: here\nAAAA"), &[body]);
        check(&format!("12:00 | {begin}\n12:01 | {body}\n12:02 | -----END {}-----", "PRIVATE KEY"), &[body]);
        check(&format!("Private-Lines: 2\n{body}\n{body}\nPrivate-MAC: 00"), &[body, body]);
    }

    #[test]
    fn a_certificate_is_public_to_its_end() {
        let body = "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa";
        let lines = ["-----BEGIN CERTIFICATE-----", body, body, "-----END CERTIFICATE-----", body];
        let mut state = State::default();
        assert_eq!(lines.map(|line| state.is_public(line.as_bytes())), [false, true, true, false, false]);
    }

    #[test]
    fn a_secret_of_a_cluster_has_secret_data() {
        check("kind: Secret\ndata:\n  user: YWRtaW4=\n  pin: MTIz\ntype: Opaque", &["YWRtaW4=", "MTIz"]);
        check("data:\n  extra: \"YWRtaW46cGFzc3dvcmQ=\"\nkind: Secret", &["YWRtaW46cGFzc3dvcmQ="]);
        check("kind: ConfigMap\ndata:\n  mode: fast\n  size: MTIz", &[]);
        check("data:\n  name: checkout\n  region: eu-west-1", &[]);
        check("kind: Secret\nstringData:\n  pin: fast-one\nmetadata:\n  name: x", &["fast-one"]);
    }
}
