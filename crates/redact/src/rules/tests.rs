//! The rules prove themselves: what they must find, and what they must leave alone.

use super::*;
use crate::{ALSO, Redactor, base64, scan};

#[derive(rust_embed::Embed)]
#[folder = "../../redactions"]
struct Files;

/// The rules with what they show, each read from its file.
fn all() -> Vec<Rule> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let read = |name: &str| {
        let text = String::from_utf8(Files::get(name).unwrap().data.into_owned()).unwrap();
        let rule: Rule = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        Rule { id: name.trim_end_matches(".toml").to_string(), ..rule }
    };
    names.iter().map(|name| read(name)).collect()
}

#[test]
fn what_the_build_script_read_is_what_stands_in_the_files() {
    let rules = load().unwrap();
    let shown =
        |rule: Rule| format!("{:?}", Rule { prose: String::new(), samples_b64: Vec::new(), lookalikes: Vec::new(), ..rule });
    let patterns = |rules: &[Rule]| rules.iter().flat_map(|r| r.patterns.clone()).collect::<Vec<_>>();
    assert_eq!(rules.patterns.iter().map(|p| p.text.clone()).collect::<Vec<_>>(), patterns(&all()));
    assert_eq!(rules.rules.into_iter().map(shown).collect::<Vec<_>>(), all().into_iter().map(shown).collect::<Vec<_>>());
    let embedded: Embedded = serde_json::from_str(EMBEDDED).unwrap();
    for pattern in patterns(&all()) {
        assert_eq!(embedded.literals.get(&pattern), crate::literals::required(&pattern).as_ref(), "{pattern}");
    }
}

#[test]
fn much_text_is_searched_as_little_is() {
    let rules = load().unwrap();
    let hits = |search: &AhoCorasick, text: &str| {
        search.find_overlapping_iter(text).map(|m| (m.pattern(), m.start())).collect::<Vec<_>>()
    };
    let text: String = all().iter().flat_map(|rule| rule.lookalikes.clone()).collect();
    let (soon, fast) = (rules.literals.for_more(1, &rules.needles), {
        rules.literals.for_more(MANY, &rules.needles);
        rules.literals.for_more(1, &rules.needles)
    });
    assert!(rules.literals.fast.get().is_some_and(Option::is_some));
    let all = |search| hits(search, &text).into_iter().collect::<std::collections::BTreeSet<_>>();
    assert!(!all(soon).is_empty());
    assert_eq!(all(soon), all(fast));
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
