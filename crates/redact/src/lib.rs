//! Secrets and personal data to stable pseudonyms: `[kind:n]`, the same value always the same number.
//!
//! What a secret looks like is data (`redactions/*.toml` at the root); this crate reads the rules, finds the values and
//! replaces them. It must never know reports, logs or files. It is misled by secrets that look like nothing (a password
//! alone on a line) and by identifiers that look like secrets; the look-alikes in the files hold what must stay.
//!
//! A line is searched as it stands and as its reader would see it, without colours and escapes ([`views`]), and base64 in it
//! is looked into; a value gets the same number in each of its writings.

mod base64;
mod blocks;
mod checks;
mod gate;
mod ids;
#[cfg(test)]
mod literals;
mod marks;
mod notations;
mod numbers;
mod passwords;
mod placeholders;
mod public;
mod random;
mod rules;
mod runs;
mod search;
mod segments;
mod tokens;
mod values;
mod views;

use std::borrow::Cow;
use std::ops::Range;

pub use gate::gate;
use numbers::Numbers;
use rules::Rule;

/// Reads the rules, which else happens when they are first asked for.
pub fn prepare() {
    rules::prepare();
}

/// A value to be replaced, as a half-open byte range of the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    /// The word of the pseudonym: `token`, `password`, `email`, ...
    pub kind: &'static str,
    /// The rule that found it: the name of its file, or of what is built in.
    pub rule: &'static str,
}

/// A value that was replaced, for a ledger: never the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Where it stood in the text that was given.
    pub start: usize,
    pub end: usize,
    pub kind: &'static str,
    pub rule: &'static str,
    /// The number of its pseudonym.
    pub number: usize,
}

/// What is replaced only where somebody asks for it, because it is evidence more often than personal.
pub const ALSO: [&str; 2] = ["ip", "mac"];

/// What is looked for beside secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scope {
    personal: bool,
    mail: bool,
    /// For each word of [`ALSO`].
    also: [bool; 2],
}

impl Scope {
    const ALL: Scope = Scope { personal: true, mail: true, also: [false; 2] };
    /// What may not stand in a report, where numbers and addresses of machines are evidence.
    const SECRETS_AND_MAIL: Scope = Scope { personal: false, mail: true, also: [false; 2] };
    const SECRETS: Scope = Scope { personal: false, mail: false, also: [false; 2] };

    fn takes(&self, rule: &Rule) -> bool {
        match &rule.asked {
            Some(word) => ALSO.iter().zip(self.also).any(|(known, asked)| asked && known == word),
            None => !rule.personal || self.personal || self.mail && rule.kind == "email",
        }
    }
}

/// Replaces values and remembers which number each got. Numbers count from 1 in order of appearance, per kind.
#[derive(Debug, Clone)]
pub struct Redactor {
    scope: Scope,
    numbers: Numbers,
}

impl Default for Redactor {
    fn default() -> Self {
        Redactor::new()
    }
}

impl Redactor {
    /// Replaces secrets and personal data.
    pub fn new() -> Redactor {
        Redactor { scope: Scope::ALL, numbers: Numbers::default() }
    }

    /// Replaces secrets and e-mail addresses only.
    pub fn secrets_only() -> Redactor {
        Redactor { scope: Scope::SECRETS_AND_MAIL, ..Redactor::new() }
    }

    /// Replaces as well what one of the words of [`ALSO`] names; other words change nothing.
    pub fn also(mut self, word: &str) -> Redactor {
        for (known, asked) in ALSO.iter().zip(&mut self.scope.also) {
            *asked |= *known == word;
        }
        self
    }

    /// The text with every value replaced. Line ends stay where they are; a key over several lines becomes a mark a line.
    pub fn redact(&mut self, text: &str) -> String {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => text.to_string(),
            // Findings lie on character boundaries, so nothing is lost here.
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// The same for bytes in any encoding that keeps ASCII; borrowed where nothing was found.
    pub fn redact_bytes<'a>(&mut self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let findings = search::text(text, self.scope, &mut blocks::State::default());
        self.replaced(text, &findings, &mut Vec::new())
    }

    /// Parts of a text with every value replaced that is found in the whole of it: what gives a value away may stand
    /// outside of the part. Of a value that reaches beyond the part, the part of it is replaced. Parts are in order, on
    /// character boundaries and without overlaps.
    pub fn redact_parts(&mut self, text: &str, parts: &[Range<usize>]) -> Vec<String> {
        let findings = search::text(text.as_bytes(), self.scope, &mut blocks::State::default());
        let redacted = parts.iter().map(|part| {
            let mut out = String::new();
            let mut at = part.start;
            for finding in findings.iter().filter(|f| f.start < part.end && f.end > part.start) {
                out.push_str(&text[at..finding.start.max(part.start)]);
                let (kind, number) = self.numbers.of(finding.kind, &text.as_bytes()[finding.start..finding.end]);
                out.push_str(&format!("[{kind}:{number}]"));
                at = finding.end.min(part.end);
            }
            out + &text[at..part.end]
        });
        redacted.collect()
    }

    fn replaced<'a>(&mut self, text: &'a [u8], findings: &[Finding], removed: &mut Vec<Removed>) -> Cow<'a, [u8]> {
        if findings.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for finding in findings {
            let (start, end) = (finding.start, finding.end);
            out.extend_from_slice(&text[at..start]);
            let (kind, number) = self.numbers.of(finding.kind, &text[start..end]);
            out.extend_from_slice(format!("[{kind}:{number}]").as_bytes());
            removed.push(Removed { start, end, kind, rule: finding.rule, number });
            at = end;
        }
        out.extend_from_slice(&text[at..]);
        Cow::Owned(out)
    }
}

/// A redactor for input that arrives piece by piece: remembers that it stands in the middle of a private key.
#[derive(Debug, Clone)]
pub struct Stream {
    redactor: Redactor,
    block: blocks::State,
    removed: Vec<Removed>,
}

impl Stream {
    pub fn new(redactor: Redactor) -> Stream {
        Stream { redactor, block: blocks::State::default(), removed: Vec::new() }
    }

    /// One line (or several whole ones) with every value replaced.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Cow<'a, [u8]> {
        let findings = search::text(line, self.redactor.scope, &mut self.block);
        self.removed.clear();
        self.redactor.replaced(line, &findings, &mut self.removed)
    }

    /// What was replaced in the last piece, in order.
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }
}

/// All secrets and personal data of a text, in order, without overlaps.
pub fn scan(text: &str) -> Vec<Finding> {
    search::text(text.as_bytes(), Scope::ALL, &mut blocks::State::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer() -> String {
        // Put together here, so that no line of this file has the shape of a credential.
        ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat()
    }

    #[test]
    fn the_same_value_gets_the_same_number() {
        let mut redactor = Redactor::new();
        let text = format!("a@b.example used {} and again {}; c@d.example came", bearer(), bearer());
        assert_eq!(redactor.redact(&text), "[email:1] used [token:1] and again [token:1]; [email:2] came");
        assert_eq!(redactor.redact("c@d.example"), "[email:2]");
    }

    #[test]
    fn a_part_is_redacted_for_what_stands_around_it() {
        let text = "password=Kd8xTq1 of a@b.example";
        let parts = [0..8, 9..16, 12..16, 20..31];
        assert_eq!(Redactor::new().redact_parts(text, &parts), ["password", "[password:1]", "[password:1]", "[email:1]"]);
        assert_eq!(Redactor::new().redact("Kd8xTq1"), "Kd8xTq1");
    }

    #[test]
    fn reports_keep_what_is_evidence() {
        let text = "from 10.0.0.7 call +1 415 555 0132, a@b.example";
        assert_eq!(Redactor::secrets_only().redact(text), "from 10.0.0.7 call +1 415 555 0132, [email:1]");
        assert_eq!(Redactor::new().redact(text), "from 10.0.0.7 call [phone:1], [email:1]");
    }

    #[test]
    fn a_private_key_over_lines_keeps_the_number_of_lines() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
        let text = format!("x\n-----BEGIN RSA {}-----\n{body}\n{body}\n-----END RSA {}-----\ny\n", "PRIVATE KEY", "PRIVATE KEY");
        let out = Redactor::new().redact(&text);
        assert_eq!(out.lines().count(), text.lines().count());
        assert!(!out.contains(body) && out.ends_with("y\n"), "{out}");
        let mut stream = Stream::new(Redactor::new());
        let streamed: Vec<u8> =
            text.as_bytes().split_inclusive(|b| *b == b'\n').flat_map(|l| stream.line(l).into_owned()).collect();
        assert_eq!(String::from_utf8_lossy(&streamed), out);
    }

    #[test]
    fn a_value_has_one_number_in_all_its_writings() {
        let text = "password=Kd8/xTq=1 then GET /?password=Kd8%2FxTq%3D1 then {\\\"password\\\":\\\"Kd8\\/xTq=1\\\"}";
        let out = Redactor::new().redact(text);
        assert_eq!(out.matches("[password:1]").count(), 3, "{out}");
        let out = Redactor::new().redact("password: hunter2!\nkind: Secret\ndata:\n  p: aHVudGVyMiE=\n");
        assert_eq!(out.matches("[password:1]").count(), 2, "{out}");
    }

    #[test]
    fn base64_is_looked_into() {
        // "DB_PASSWORD=Kd8xTq1" and, once more encoded, the same.
        for text in ["REJfUEFTU1dPUkQ9S2Q4eFRxMQ==", "UkVKZlVFRlRVMWRQVWtROVMyUTRlRlJ4TVE9PQ=="] {
            assert_eq!(Redactor::new().redact(&format!("env {text} end")), "env [password:1] end");
        }
        let text = "cmVwbGljYXM9MTIgcmVnaW9uPWV1LXdlc3QtMQ==";
        assert_eq!(Redactor::new().redact(text), text);
    }

    #[test]
    fn a_value_may_stand_under_its_name() {
        let text =
            "<zentroToken>\n  9f1c2ab44710de55\n</zentroToken>\n- name: DB_PASSWORD\n  value: Kd8xTq1\ntoken:\n  enabled: true\n";
        let out = Redactor::new().redact(text);
        assert_eq!(
            out,
            "<zentroToken>\n  [secret:1]\n</zentroToken>\n- name: DB_PASSWORD\n  value: [password:1]\ntoken:\n  enabled: true\n"
        );
    }

    #[test]
    fn addresses_of_machines_stay_unless_asked() {
        let text = "client 203.0.113.77 via 00:1a:2b:3c:4d:5e";
        assert_eq!(Redactor::new().redact(text), text);
        assert_eq!(Redactor::new().also("ip").redact(text), "client [ip:1] via 00:1a:2b:3c:4d:5e");
        assert_eq!(Redactor::new().also("mac").also("ip").redact(text), "client [ip:1] via [mac:1]");
    }

    #[test]
    fn what_was_removed_is_told_without_the_value() {
        let mut stream = Stream::new(Redactor::new());
        stream.line(b"mail a@b.example\nagain a@b.example password=Kd8xTq1\n");
        let told: Vec<_> = stream.removed().iter().map(|r| (r.start, r.end, r.kind, r.rule, r.number)).collect();
        let expected = [(5, 16, "email", "email", 1), (23, 34, "email", "email", 1), (44, 51, "password", "password_value", 1)];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_end_of_a_very_long_line_is_searched() {
        let line = format!("{} password=Kd8xTq1 {}", "x ".repeat(900_000), "y ".repeat(300_000));
        assert!(!Redactor::new().redact(&line).contains("Kd8xTq1"));
    }

    #[test]
    fn bytes_that_are_not_text_pass_through() {
        let line = b"\xff\xfe password=\"Kd8xTq1\xff\" \xe9";
        assert_eq!(Redactor::new().redact_bytes(line).as_ref(), b"\xff\xfe password=\"[password:1]\" \xe9");
    }

    #[test]
    fn what_is_redacted_once_stays_as_it_is() {
        let text = format!("password=Kd8xTq1 {} a@b.example", bearer());
        let once = Redactor::new().redact(&text);
        assert_eq!(Redactor::new().redact(&once), once);
    }

    /// Each secret in each place where one stands: what is redacted is stable, and no output is refused because of it.
    #[test]
    fn nothing_that_redaction_made_is_found_again() {
        let jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJ4In0", "a8vXnt57yzfYm909fb3N5hhcmyx7O1pre"].join(".");
        let secrets = [bearer(), jwt, "Kd8/xTq=1".to_string(), "v4DXqbWI-77-hXq2Lm9T".to_string(), "a@b.example".to_string()];
        let places = [
            "clone https://{}@git.example/x/y refused",
            "clone https://bot:{}@git.example/x/y refused",
            "https://{}:x-oauth-basic@git.example/x",
            "git -c http.extraheader='Authorization: Bearer {}' push",
            "password={} token={} retry",
            "{\"password\":\"{}\",\"url\":\"https:\\/\\/{}@git.example\"}",
            "GET /cb?token={}&state=1",
            "redis://:{}@cache:6379/0 {}@db.example",
            "amqp://svc:{}%40{}@mq/vhost",
            "Cookie: session={}; csrf={}",
            "curl -u bot:{} https://api.example",
            "-p{} --password {} --token={}",
            "password: \u{1b}[31m{}\u{1b}[0m",
            "<password>{}</password>",
        ];
        for (secret, place) in secrets.iter().flat_map(|s| places.iter().map(move |p| (s, p))) {
            let once = Redactor::new().redact(&place.replace("{}", secret));
            assert_eq!(Redactor::new().redact(&once), once, "{place}");
            for written in [once.clone(), once.replace('[', "\\[").replace(']', "\\]"), format!("{{\"text\":{once:?}}}")] {
                assert_eq!(gate(written.as_bytes()), [], "{place}: {written}");
            }
        }
    }

    #[test]
    fn identifiers_of_operations_stay() {
        for line in ORDINARY.lines() {
            assert_eq!(Redactor::new().redact(line), line);
        }
    }

    const ORDINARY: &str = "\
2026-02-25T09:00:00.123456Z epoch=1772078887646
deployed commit 68932ff2b2d409dd311ca871902316d9841aab4c to prod
trace_id=bf20f876ffc474c0251908fcdce4b314 span_id=f68d9dcbd7a085a3
request_id=484ade6b-3fa5-a5fe-a530-e883ba95f793 done in 12ms
job 01JGCEFGPN6685EXN7M9A2ZH8Q finished
arn:aws:ecs:eu-west-1:123456789012:task/prod/52757ec8bcbd2c7d5df4c453ffe54864
com.acme.payments.internal.PaymentServiceImpl$$EnhancerBySpringCGLIB$$9217331a.process(<generated>)
ETag: W/\"d460fd71e9a72937116d10f35970d13a\"
image registry.local/checkout@sha256:9d89a0da0c41aebb8f010b8e9a5b5ab89c3049787a5d33aa7e52a6e87316a58a pulled
pod checkout-api-2b4d98ebd-mrxrc OOMKilled
checkout-api v2.17.7-rc1+build.6290
password rotation job finished; 0 secrets expired
GET /v1/orders/8812345678901234?page=2 200 12ms 10.0.3.7:8080
\tat com.shop.Orders.lambda$find$3(Orders.java:77)
github.com/shop/checkout/payment.(*Service).Process(0xc000123456, {0x1, 0x2})
kafka topic=orders.v1 partition=7 offset=4811902 key=ord_f969dd38203b
Authorization: Bearer ${TOKEN}
token=<redacted> password=**** secret=[token:1]";

    #[test]
    fn hostile_text_is_no_danger() {
        for unit in ["password=", "eyJ", "-----BEGIN PRIVATE KEY-----", "a@", "+1 ", "é", "\u{0}", "key: '"] {
            let text = unit.repeat(3_000);
            let _ = Redactor::new().redact(&text);
        }
    }
}
