//! Prose is tested too: the schema describes the reports, the excerpt in the README is a real one, the commands exist,
//! and links lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use report::audience::{self, Audience};
use serde_json::Value;

use crate::cases;
use crate::program::casefile;

#[test]
fn the_schema_describes_every_report() {
    let schema: Value = serde_json::from_str(&prose("docs/report-v1.schema.json")).unwrap();
    let mut reports = vec![("examples/checkout".to_string(), cases::report(&cases::example()))];
    reports.extend(cases::names().into_iter().map(|n| (n.clone(), cases::base(&n))));
    for audience in [Audience::Executive, Audience::Customer, Audience::Regulator { regime: "dora", stage: "final" }] {
        let report = audience::address(reports[0].1.clone(), audience).unwrap();
        reports.push((format!("examples/checkout for {audience:?}"), report));
    }
    let mut faults = Vec::new();
    for (name, report) in reports {
        let at = Place { root: &schema, path: name };
        at.check(&schema, &serde_json::to_value(report).unwrap(), &mut faults);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_schema_notices_what_is_not_so() {
    let schema: Value = serde_json::from_str(&prose("docs/report-v1.schema.json")).unwrap();
    let good = serde_json::to_value(cases::report(&cases::example())).unwrap();
    for (pointer, value) in [
        ("/schema", "casefile.report/2"),
        ("/incident/status", "over"),
        ("/claims/0/confidence", "high"),
        ("/evidence/0/line", "1"),
        ("/timeline/0/at", "14:05"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = Value::from(value);
        let mut faults = Vec::new();
        Place { root: &schema, path: String::new() }.check(&schema, &bad, &mut faults);
        assert_eq!(faults.len(), 1, "{pointer}: {faults:?}");
    }
}

/// Named so that `cargo xtask bless` writes it anew.
#[test]
fn the_golden_excerpt_in_the_readme_stands_in_the_report() {
    let page = report::render::markdown(&cases::report(&cases::example()));
    let readme = prose("README.md");
    let (before, rest) = readme.split_once("<!-- excerpt -->\n").expect("the README has an excerpt");
    let (shown, after) = rest.split_once("<!-- /excerpt -->").expect("the excerpt ends");
    let wanted = excerpt(&page);
    if std::env::var_os("CASEFILE_BLESS").is_some() {
        let text = format!("{before}<!-- excerpt -->\n{wanted}<!-- /excerpt -->{after}");
        fs::write(cases::root().join("README.md"), text).unwrap();
        return;
    }
    assert_eq!(shown, wanted, "not as in the report; `cargo xtask bless` accepts it");
}

#[test]
fn commands_in_prose_are_understood() {
    let command = Regex::new(r"(?m)^ {4}(?:.*\| |\$ )?(?:casefile|cargo run --release --) ([^|>\n]+)").unwrap();
    let mut seen = 0;
    for file in ["README.md", "examples/README.md", "docs/cli-v1.md", "docs/templates.md"] {
        for found in command.captures_iter(&prose(file)) {
            let words: Vec<&str> = found[1].split_whitespace().chain(["--help"]).collect();
            let run = casefile(&cases::root(), &words);
            assert_eq!(run.code, Some(0), "{file}: {words:?}: {}", run.err);
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} commands were found");
}

#[test]
fn links_in_prose_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#\s]+)").unwrap();
    let mut astray = Vec::new();
    for file in pages() {
        let text = fs::read_to_string(&file).unwrap();
        for target in link.captures_iter(&text).map(|c| c[1].to_string()).filter(|t| !t.contains("://")) {
            if !file.parent().unwrap().join(&target).exists() {
                astray.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(astray.is_empty(), "{astray:#?}");
}

fn prose(name: &str) -> String {
    fs::read_to_string(cases::root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "docs/decisions", "examples"] {
        let entries = fs::read_dir(cases::root().join(folder)).unwrap();
        pages.extend(entries.filter_map(|e| e.ok()).map(|e| e.path()).filter(|p| is_page(p)));
    }
    pages.sort();
    pages
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "md") && !path.ends_with("expected.md")
}

/// What the first hypothesis says, what speaks for it (each once), and the first of its records that is a line, as a quotation.
fn excerpt(page: &str) -> String {
    let section = page.split("\n### ").find(|s| s.starts_with("Hypothesis 1")).expect("there is a hypothesis");
    let blocks: Vec<&str> = section.split("\n\n").collect();
    let statement = blocks[1].trim();
    let head = blocks.iter().position(|b| b.contains("What speaks for it")).expect("something speaks for it");
    let ids = Regex::new(r"\[(e\d+)\]").unwrap();
    let record = ids.captures_iter(statement).find_map(|id| record(page, &id[1])).unwrap_or_default();
    let reasons: Vec<&str> = blocks[head + 1].lines().filter(|l| !l.contains("as stated above")).collect();
    let text = [statement, blocks[head], &reasons.join("\n"), &record].join("\n\n");
    text.trim().lines().map(|l| format!("> {l}").trim_end().to_string() + "\n").collect()
}

/// The evidence as the page shows it, when it is one line of a log.
fn record(page: &str, id: &str) -> Option<String> {
    let from = page.find(&format!("**{id}** — "))?;
    let length = page[from..].find("\n```\n")? + 4;
    let text = &page[from..from + length];
    (text.lines().count() == 5 && text.contains(", line ")).then(|| text.to_string())
}

/// Where in a report we are. Knows the few words of JSON Schema that ours uses, and nothing is let through that it
/// does not know. Stricter than the schema in one point: what the schema does not name must not be there.
struct Place<'a> {
    root: &'a Value,
    path: String,
}

impl Place<'_> {
    fn check(&self, schema: &Value, value: &Value, faults: &mut Vec<String>) {
        for (word, rule) in schema.as_object().expect("a schema is an object") {
            if !self.holds(word, rule, schema, value, faults) {
                faults.push(format!("{}: {word} {rule} is not true of {value:.120}", self.path));
            }
        }
    }

    fn holds(&self, word: &str, rule: &Value, schema: &Value, value: &Value, faults: &mut Vec<String>) -> bool {
        let number = |v: &Value| v.as_f64();
        let items = value.as_array().map(Vec::as_slice);
        match word {
            "$schema" | "title" | "description" | "$defs" => true,
            "type" => is_one_of(rule, value),
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => number(value).is_none_or(|n| n >= number(rule).unwrap()),
            "maximum" => number(value).is_none_or(|n| n <= number(rule).unwrap()),
            "minItems" => items.is_none_or(|i| i.len() as u64 >= rule.as_u64().unwrap()),
            "maxItems" => items.is_none_or(|i| i.len() as u64 <= rule.as_u64().unwrap()),
            "uniqueItems" => items.is_none_or(|i| i.iter().enumerate().all(|(n, x)| !i[..n].contains(x))),
            "pattern" => value.as_str().is_none_or(|t| Regex::new(rule.as_str().unwrap()).unwrap().is_match(t)),
            "required" => rule.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "$ref" => {
                let target =
                    self.root.pointer(rule.as_str().unwrap().trim_start_matches('#')).expect("a reference leads somewhere");
                self.check(target, value, faults);
                true
            }
            "anyOf" => rule.as_array().unwrap().iter().any(|each| {
                let mut inner = Vec::new();
                self.check(each, value, &mut inner);
                inner.is_empty()
            }),
            "items" => {
                for (i, item) in items.into_iter().flatten().enumerate() {
                    self.at(&i.to_string()).check(rule, item, faults);
                }
                true
            }
            "properties" => {
                for (key, member) in value.as_object().into_iter().flatten() {
                    match schema["properties"].get(key) {
                        Some(rule) => self.at(key).check(rule, member, faults),
                        None => faults.push(format!("{}/{key} is not in the schema", self.path)),
                    }
                }
                true
            }
            _ => panic!("{}: the schema says {word}, which nothing checks", self.path),
        }
    }

    fn at(&self, step: &str) -> Place<'_> {
        Place { root: self.root, path: format!("{}/{step}", self.path) }
    }
}

fn is_one_of(types: &Value, value: &Value) -> bool {
    let one = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("{other} is no type"),
    };
    match types {
        Value::Array(names) => names.iter().any(|n| one(n.as_str().unwrap())),
        name => one(name.as_str().unwrap()),
    }
}
