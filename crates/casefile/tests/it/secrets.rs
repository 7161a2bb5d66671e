//! No secret of a case stands in any output. The secrets are known from `truth.json`, where they stand encoded.

use serde_json::Value;

use crate::cases;

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
