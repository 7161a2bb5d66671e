//! The rules prove themselves: what they must find, and what they must leave alone.

use super::*;
use crate::{ALSO, Redactor, base64, scan};

fn all() -> Vec<Rule> {
    Files::iter().map(|name| read(&name).unwrap_or_else(|e| panic!("{e}"))).collect()
}

/// The redactor under which a rule is at work.
fn redactor(rule: &Rule) -> Redactor {
    rule.asked.iter().fold(Redactor::new(), |r, word| r.also(word))
}

#[test]
fn every_file_is_a_rule_that_can_be_compiled() {
    for rule in all() {
        assert!(rule.kind.starts_with(|c: char| c.is_ascii_lowercase()), "{}", rule.id);
        assert!(!rule.samples_b64.is_empty() && !rule.lookalikes.is_empty(), "{}", rule.id);
        assert!(rule.asked.as_ref().is_none_or(|word| ALSO.contains(&word.as_str())), "{}", rule.id);
        for pattern in rule.patterns.iter().chain(&rule.runs).chain(&rule.numbers) {
            let regex = compile(pattern).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
            assert!(regex.capture_names().flatten().any(|n| n == "secret"), "{}: {pattern}", rule.id);
        }
    }
    load().map(|_| ()).unwrap();
}

#[test]
fn every_sample_is_found_and_nothing_else_of_its_line() {
    let mut wrong = Vec::new();
    for rule in all() {
        for sample in &rule.samples_b64 {
            let text = String::from_utf8(base64::decode(sample.as_bytes()).expect("base64")).expect("text");
            let (line, secret) = text.split_once('\t').expect("a tab");
            let out = redactor(&rule).redact(line);
            let (before, after) = line.split_once(secret).expect("the secret stands in the line");
            if out.contains(secret) || !out.starts_with(before) || !out.ends_with(after) {
                wrong.push(format!("{}: {line:?} -> {out:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_redacted_is_clean() {
    let mut wrong = Vec::new();
    for rule in all() {
        for sample in &rule.samples_b64 {
            let text = String::from_utf8(base64::decode(sample.as_bytes()).expect("base64")).expect("text");
            let out = redactor(&rule).redact(text.split_once('\t').expect("a tab").0);
            let page = format!("<p>{}</p>", out.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;"));
            let json = format!("\"{}\"", out.replace('\\', "\\\\").replace('"', "\\\""));
            if redactor(&rule).redact(&out) != out {
                wrong.push(format!("{}: {out} -> {}", rule.id, redactor(&rule).redact(&out)));
            }
            let markdown = out.replace('[', "\\[").replace(']', "\\]").replace('_', "\\_");
            for written in [&out, &page, &json, &markdown] {
                wrong.extend(crate::gate(written.as_bytes()).iter().map(|f| format!("{}: {} in {written}", rule.id, f.rule)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_lookalike_stays() {
    let mut wrong = Vec::new();
    for rule in all() {
        for line in &rule.lookalikes {
            let out = redactor(&rule).redact(line);
            if out != *line {
                wrong.push(format!("{}: {line:?} -> {out:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_token_of_every_shape_is_found_wherever_it_stands() {
    let mut wrong = Vec::new();
    for rule in all() {
        for token in &rule.tokens {
            for prefix in token.prefixes() {
                let value = token.invented(prefix);
                for line in [
                    format!("rejected {value} at once"),
                    format!("{{\"v\":\"{value}\"}}"),
                    format!("got <{value}>, retry"),
                    format!("{{\"log\":\"a\\n{value}\\n\"}}"),
                    format!("\x1b[33m{value}\x1b[0m"),
                    format!("GET /x?q%3D{value}%26z"),
                ] {
                    if scan(&line).is_empty() || Redactor::new().redact(&line).contains(&value[prefix.len()..]) {
                        wrong.push(format!("{}: {line}", token.of));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}
