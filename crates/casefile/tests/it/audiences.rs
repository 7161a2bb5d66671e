//! What each reader gets of each case: the same claims and figures, and for customers not one name.
//!
//! The names are collected here once more, without the code that hides them.

use std::collections::BTreeSet;

use report::audience::{Audience, address, regimes};
use report::model::{Reader, Report};
use serde_json::Value;

use crate::cases::{self, Files, Memory};
use crate::program::{casefile, folder};
use crate::secrets;

const STAGES: [&str; 3] = ["initial", "intermediate", "final"];

fn readers() -> Vec<Audience> {
    let regulators = ["dora", "nis2"].into_iter().flat_map(|regime| STAGES.map(|stage| Audience::Regulator { regime, stage }));
    [Audience::Executive, Audience::Customer].into_iter().chain(regulators).collect()
}

/// All cases and the example, by name, with their files.
fn all() -> Vec<(String, Files, Report)> {
    let mut all: Vec<_> = cases::names().into_iter().map(|n| (n.clone(), cases::files(&n), cases::base(&n))).collect();
    all.push(("example".to_string(), cases::example(), cases::report(&cases::example())));
    all
}

fn to(report: &Report, audience: Audience) -> Report {
    address(report.clone(), audience).unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[test]
fn no_name_reaches_a_customer_in_any_format() {
    let quiet = cases::report(&Files::from([("a.log".to_string(), b"2024-02-07T09:00:00Z INFO up\n".to_vec())]));
    let baseline: BTreeSet<String> = pages(&to(&quiet, Audience::Customer)).iter().flat_map(|(_, page)| words(page)).collect();
    for (case, files, whole) in all() {
        let report = to(&whole, Audience::Customer);
        for (format, page) in pages(&report) {
            let here = words(&page);
            for name in names(&whole, &files) {
                // A name such as `service` is a word of every page.
                let parts = words(&name);
                if parts.is_empty() || parts.is_subset(&baseline) {
                    continue;
                }
                let stands = page.to_lowercase().match_indices(&name).any(|(at, _)| stands_alone(&page, at, name.len()));
                assert!(!stands, "{case}: {name} stands in the {format}");
                assert!(parts.len() > 1 || !parts.is_subset(&here), "{case}: {name} stands in the {format}");
            }
        }
    }
}

#[test]
fn a_customer_reads_no_quotation_and_no_words_of_evidence() {
    for (case, _, whole) in all() {
        let report = to(&whole, Audience::Customer);
        let json = serde_json::to_string(&report).unwrap();
        for sign in ["“", "`", "@", "://", "\\n", ".log", ".json"] {
            assert!(!json.contains(sign), "{case}: {sign}");
        }
        assert!(report.evidence.iter().all(|e| e.withheld && e.text == "(withheld)" && e.before.is_empty()), "{case}");
        for evidence in &report.evidence {
            let own = whole.evidence.iter().find(|e| e.id == evidence.id).expect("the same id");
            assert_eq!((&own.at, own.bytes, own.line), (&evidence.at, evidence.bytes, evidence.line), "{case}");
        }
    }
}

#[test]
fn a_customer_is_told_a_cause_only_where_a_person_named_it() {
    let mut told = 0;
    for (case, _, whole) in all() {
        let report = to(&whole, Audience::Customer);
        let named = whole.causes.first().is_some_and(|c| c.terms.iter().any(|t| t.name == "named as the cause"));
        assert!(report.causes.is_empty() || named, "{case}");
        let open = report.unknowns.iter().any(|unknown| unknown.field == "causes");
        assert_eq!(report.causes.is_empty() && !whole.causes.is_empty(), open, "{case}: what is being confirmed is said");
        told += report.causes.len();
    }
    assert!(told > 0, "no case has a cause that a person named");
}

#[test]
fn ids_numbers_and_times_are_the_same_for_every_reader() {
    for (case, _, whole) in all() {
        for reader in readers() {
            let report = to(&whole, reader);
            for claim in &report.claims {
                let own = whole.claims.iter().find(|c| c.id == claim.id).unwrap_or_else(|| panic!("{case}: {} is new", claim.id));
                assert_eq!(own.citations, claim.citations, "{case}");
                assert!(reader == Audience::Customer || own.text == claim.text, "{case}: {} is worded anew", claim.id);
            }
            for ((name, metric), (_, own)) in report.metrics.all().into_iter().zip(whole.metrics.all()) {
                assert!(metric.is_none() || metric.map(|m| &m.value) == own.map(|m| &m.value), "{case}: {name}");
                assert!(reader == Audience::Customer || metric.is_some() == own.is_some(), "{case}: {name}");
            }
            for ((name, time), (_, own)) in report.times.all().into_iter().zip(whole.times.all()) {
                assert!(time.is_none() || time.map(|t| &t.at) == own.map(|t| &t.at), "{case}: {name}");
            }
            assert_eq!(report.confidence_score.value, whole.confidence_score.value, "{case}");
        }
    }
}

#[test]
fn verify_holds_for_every_reader() {
    for (case, files, whole) in all() {
        // Of the six of a regulator, the first and the longest.
        let few = [readers()[0], readers()[1], readers()[4], readers()[5]];
        for reader in few {
            let json = serde_json::to_vec(&to(&whole, reader)).unwrap();
            let verdict = verify::verify(&json, &Memory::new(&files), &intake::Settings::default(), 2);
            assert_eq!(verdict.faults, Vec::<String>::new(), "{case} {reader:?}");
            let says_so = verdict.unchecked.iter().any(|what| what.contains("withheld"));
            assert_eq!(says_so, reader == Audience::Customer && !to(&whole, reader).evidence.is_empty(), "{case}");
        }
    }
}

#[test]
fn verify_notices_what_is_altered_in_a_customers_report() {
    let report = to(&cases::report(&cases::example()), Audience::Customer);
    let good = serde_json::to_value(&report).unwrap();
    let claim = report.claims.iter().position(|c| c.derivation.is_some()).expect("something is measured");
    for (pointer, value) in [
        (format!("/claims/{claim}/derivation/value"), Value::from(7)),
        (format!("/claims/{claim}/citations/0"), Value::from("e999")),
        ("/evidence/0/text".to_string(), Value::from("what stood there")),
        ("/evidence/0/withheld".to_string(), Value::from(false)),
        ("/times/started/at".to_string(), Value::from("2026-03-11T14:00:00Z")),
        ("/metrics/duration_s/value".to_string(), Value::from(60)),
        ("/coverage/sources/0/bytes".to_string(), Value::from(1)),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        let json = serde_json::to_vec(&bad).unwrap();
        let verdict = verify::verify(&json, &Memory::new(&cases::example()), &intake::Settings::default(), 2);
        assert!(!verdict.holds(), "{pointer} is not noticed");
    }
}

#[test]
fn an_executive_gets_less_and_no_stack_trace() {
    for (case, _, whole) in all() {
        let report = to(&whole, Audience::Executive);
        assert!(report.claims.len() <= whole.claims.len() && report.evidence.len() <= whole.evidence.len(), "{case}");
        assert!(report.evidence.iter().all(|e| !e.text.contains("\n\tat ") && e.before.is_empty()), "{case}");
        let first = |report: &Report| report.causes.first().map(|c| (c.claim.clone(), c.probability, c.against.clone()));
        assert_eq!(first(&report), first(&whole), "{case}: the cause, how probable, and what speaks against it");
        for cause in &report.causes {
            assert!(report.claims.iter().any(|c| c.id == cause.claim && c.text.starts_with(&cause.text)), "{case}");
        }
    }
}

#[test]
fn every_item_of_every_stage_stands_with_its_article_and_an_answer_or_what_is_missing() {
    for (case, _, whole) in all() {
        for regime in regimes() {
            for stage in STAGES {
                let id = if regime.id == "dora" { "dora" } else { "nis2" };
                let report = to(&whole, Audience::Regulator { regime: id, stage });
                let asked = report.audience.as_ref().and_then(|a| a.regulatory.as_ref()).expect("what is asked stands there");
                let wanted: Vec<(&str, &str)> =
                    regime.stage(stage).unwrap().1.iter().map(|i| (i.id.as_str(), i.article.as_str())).collect();
                let given: Vec<(&str, &str)> = asked.items.iter().map(|i| (i.id.as_str(), i.article.as_str())).collect();
                assert_eq!(wanted, given, "{case}");
                for item in &asked.items {
                    assert!(!item.answers.is_empty() || item.needs.is_some(), "{case}: {}", item.id);
                    for answer in &item.answers {
                        let claim = report.claims.iter().find(|c| c.id == answer.claim).expect("the claim is in the report");
                        assert_eq!(
                            (&claim.text, &claim.citations),
                            (&answer.text, &answer.citations),
                            "{case}: nothing invented"
                        );
                    }
                }
                let page = report::render::markdown(&report);
                assert!(page.contains("## Regulatory items") && page.contains("Missing:"), "{case}");
            }
        }
    }
}

#[test]
fn what_a_reader_does_not_get_is_left_out_and_not_called_empty() {
    let report = to(&cases::report(&cases::example()), Audience::Customer);
    for page in [report::render::markdown(&report), report::render::html(&report)] {
        for heading in ["Causal chain", "Five whys", "Lessons learned", "Prevention checklist", "Contradictions"] {
            assert!(!page.contains(heading), "{heading}");
        }
        assert!(page.contains("For customers") && page.contains("The cause is being confirmed"));
        assert!(!page.contains("No hypothesis could be backed"));
    }
}

#[test]
fn no_secret_reaches_any_reader() {
    for case in cases::names() {
        let hidden = secrets::of(&cases::truth(&case));
        // Of the six of a regulator, the one that has the most.
        for reader in [Audience::Executive, Audience::Customer, Audience::Regulator { regime: "dora", stage: "final" }] {
            for (format, page) in pages(&to(&cases::base(&case), reader)) {
                assert!(hidden.iter().all(|secret| !page.contains(secret.as_str())), "{case}: {reader:?} in {format}");
            }
        }
    }
}

#[test]
fn the_same_command_gives_the_same_bytes_and_pseudonyms() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let run = |threads: &str, out: &str| {
        let words = ["report", "in", "--audience", "customer", "--threads", threads, "--out", out];
        let run = casefile(dir.path(), &words);
        assert_eq!(run.code, Some(0), "{}", run.err);
        std::fs::read(dir.path().join(out)).unwrap()
    };
    for ending in ["json", "md", "html"] {
        assert!(run("1", &format!("a.{ending}")) == run("8", &format!("b.{ending}")), "{ending}");
    }
    let report: Report = serde_json::from_slice(&std::fs::read(dir.path().join("a.json")).unwrap()).unwrap();
    assert!(report.is_for(Reader::Customer));
    assert!(report::render::markdown(&report).into_bytes() == std::fs::read(dir.path().join("a.md")).unwrap());
    let checked = casefile(dir.path(), &["verify", "a.json", "in"]);
    assert_eq!(checked.code, Some(0), "{}", checked.text());
    assert!(checked.text().contains("not checked: "), "{}", checked.text());
}

#[test]
fn a_stage_without_a_regulator_is_a_mistake_of_the_operator() {
    let dir = folder(&[("a.log", "2024-02-07T09:00:00Z INFO up\n")]);
    for words in [&["--stage", "final"][..], &["--regime", "dora", "--audience", "customer"], &["--audience", "press"]] {
        let run = casefile(dir.path(), &[&["report", "a.log"], words].concat());
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
    }
    let asked = ["report", "a.log", "--audience", "regulator", "--regime", "nis2", "--stage", "early-warning"];
    assert_eq!(casefile(dir.path(), &asked).code, Some(0));
}

fn pages(report: &Report) -> [(&'static str, String); 3] {
    let json = serde_json::to_string_pretty(report).unwrap();
    [("md", report::render::markdown(report)), ("html", without_style(&report::render::html(report))), ("json", json)]
}

fn without_style(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap_or((page, ""));
    format!("{head}{}", rest.split_once("</style>").map_or("", |(_, body)| body))
}

/// Lower-case words with a letter in them.
fn words(text: &str) -> BTreeSet<String> {
    let all = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().any(char::is_alphabetic));
    all.map(str::to_lowercase).collect()
}

fn stands_alone(page: &str, at: usize, length: usize) -> bool {
    let lower = page.to_lowercase();
    let before = lower.get(..at).and_then(|t| t.chars().next_back());
    let after = lower.get(at + length..).and_then(|t| t.chars().next());
    before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphanumeric())
}

/// Services, people, sources, commits, signatures and versions of a case, lower case.
fn names(whole: &Report, files: &Files) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    all.extend(whole.incident.services.iter().chain(&whole.blast_radius).chain(&whole.first_failing_service).cloned());
    for cause in &whole.causes {
        all.extend(cause.service.iter().chain(&cause.signature).chain(&cause.commit).cloned());
        all.extend(cause.commit.iter().filter_map(|sha| Some(sha.get(..7)?.to_string())));
        all.extend(cause.trigger.iter().filter_map(|t| t.reference.clone()));
    }
    for entry in &whole.timeline {
        all.extend(entry.service.iter().chain(&entry.actor).cloned());
    }
    all.extend(whole.actions.iter().filter_map(|a| a.owner.clone()));
    for edge in &whole.chain {
        all.extend([edge.from.clone(), edge.to.clone()]);
    }
    for name in files.keys().chain(whole.coverage.sources.iter().map(|s| &s.name)) {
        all.insert(name.clone());
        all.extend(name.rsplit('/').next().map(str::to_string));
    }
    let plain = all.into_iter().map(|name| name.trim_start_matches('@').to_lowercase());
    plain.filter(|name| name.chars().any(char::is_alphabetic) && name.len() > 1).collect()
}
