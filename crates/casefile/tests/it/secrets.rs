//! No secret of a case stands in any output. The secrets are known from `truth.json`, where they stand encoded.

use serde_json::Value;

use crate::{cases, program};

#[test]
fn no_secret_of_a_case_stands_in_its_report() {
    for case in cases::names() {
        let secrets = of(&cases::truth(&case));
        let report = cases::base(&case);
        let json = serde_json::to_string_pretty(&report).unwrap();
        let mut outputs = crate::exports::texts(&report);
        outputs.extend([("json".to_string(), json), ("html".to_string(), report::render::html(&report))]);
        for secret in &secrets {
            for (format, text) in &outputs {
                assert!(!text.contains(secret.as_str()), "{case}: {}... stands in the {format}", start(secret));
            }
        }
    }
}

#[test]
fn what_is_expected_holds_no_secret() {
    for case in cases::names() {
        let page = std::fs::read_to_string(cases::folder().join(&case).join("expected.md")).unwrap_or_default();
        for secret in of(&cases::truth(&case)) {
            assert!(!page.contains(&secret), "{case}: {}...", start(&secret));
        }
    }
}

#[cfg(feature = "pdf")]
#[test]
fn no_secret_of_a_case_stands_in_its_pdf() {
    for case in ["01-checkout-crash-loop", "07-wal"] {
        let pdf = pdf::pdf(&cases::base(case)).unwrap();
        for secret in of(&cases::truth(case)) {
            for text in streams(&pdf).iter().chain([&pdf]) {
                assert!(!text.windows(secret.len()).any(|w| w == secret.as_bytes()), "{case}: {}...", start(&secret));
            }
        }
    }
}

/// Every sample of every rule about secrets, in the records and in the chat of an incident.
#[test]
fn no_secret_of_any_rule_stands_in_any_format() {
    let samples = samples();
    assert!(samples.len() > 60, "{}", samples.len());
    let mut log = String::new();
    let mut chat = Vec::new();
    for (at, (line, _)) in samples.iter().enumerate() {
        let time = format!("2026-02-25T09:{:02}:{:02}Z", at / 60, at % 60);
        log.push_str(&format!("{time} ERROR [checkout] upstream {at} failed: {line}\n"));
        chat.push(
            serde_json::json!({ "ts": format!("17720100{:02}.0001", at % 100), "user": "U1", "text": format!("I see {line}") }),
        );
    }
    let calm: String =
        (0..600).map(|n| format!("2026-02-25T08:{:02}:{:02}Z INFO [checkout] request {n} done\n", n / 10 % 60, n % 10)).collect();
    let chat = serde_json::to_string(&chat).unwrap();
    let folder = program::folder(&[("in/app.log", &(calm + &log)), ("in/chat.json", &chat)]);
    let mut words = vec!["report", "in"];
    let outs = ["r.json", "r.md", "r.html", "r.pdf"];
    let outs = &outs[..if cfg!(feature = "pdf") { 4 } else { 3 }];
    outs.iter().for_each(|out| words.extend(["--out", out]));
    let run = program::casefile(folder.path(), &words);
    assert_eq!(run.code, Some(0), "{}", run.err);
    for out in outs {
        let bytes = std::fs::read(folder.path().join(out)).unwrap();
        for (_, secret) in &samples {
            let escaped = serde_json::to_string(secret).unwrap();
            for form in [secret.as_str(), escaped.trim_matches('"')] {
                assert!(!bytes.windows(form.len()).any(|w| w == form.as_bytes()), "{}... stands in {out}", start(secret));
            }
        }
    }
}

/// Lines and secrets of the rules that are about secrets; words that stand elsewhere as well are left out.
fn samples() -> Vec<(String, String)> {
    let mut samples = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(cases::root().join("redactions")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files {
        let rule: toml::Table = std::fs::read_to_string(&file).unwrap().parse().unwrap();
        if rule.get("personal").is_some() {
            continue;
        }
        for sample in rule["samples_b64"].as_array().unwrap() {
            let text = decoded(sample.as_str().unwrap());
            let (line, secret) = text.split_once('\t').unwrap();
            if secret.len() >= 6 && !line.contains('\x1b') {
                samples.push((line.to_string(), secret.to_string()));
            }
        }
    }
    samples
}

/// What the streams of a PDF hold, inflated. Its pages name glyphs, its titles and links are text.
#[cfg(feature = "pdf")]
fn streams(pdf: &[u8]) -> Vec<Vec<u8>> {
    use std::io::Read;
    let begins = pdf.windows(7).enumerate().filter(|(_, w)| *w == b"stream\n").map(|(i, _)| i + 7);
    let inflate = |at: usize| {
        let mut out = Vec::new();
        flate2::read::ZlibDecoder::new(&pdf[at..]).read_to_end(&mut out).ok().map(|_| out)
    };
    begins.filter_map(inflate).collect()
}

/// The secrets that a truth names.
pub fn of(truth: &Value) -> Vec<String> {
    let all = truth["secrets"].as_array().cloned().unwrap_or_default();
    let texts = all.iter().filter_map(Value::as_str);
    texts.map(|t| t.strip_prefix("b64:").map_or(t.to_string(), decoded)).collect()
}

fn start(secret: &str) -> String {
    secret.chars().take(4).collect()
}

fn decoded(text: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for sign in text.bytes().filter(|b| *b != b'=') {
        bits = bits << 6 | SIGNS.iter().position(|s| *s == sign).expect("base64") as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    String::from_utf8(out).unwrap()
}
