//! A report that somebody altered, against the input it was made from. The bytes are the report itself, or, where they
//! are no JSON, a list of alterations of a good one, so that every field meets odd values.
#![no_main]

use std::sync::LazyLock;

use doors::{Files, settings};
use investigate::{Config, investigate};
use serde_json::{Value, json};

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let line = |i: usize| {
        let (level, text) = if i < 15 { ("INFO", "order stored") } else { ("ERROR", "connection refused: 10.0.0.7:5432") };
        format!("2025-03-01T10:00:{:02}Z {level} shop {text} id={i} status={}\n", 2 * i, if i < 15 { 200 } else { 503 })
    };
    let chat = r#"[{"type":"message","user":"U1","text":"rolled back to v2, errors at 5%","ts":"1740823260.000100"}]"#;
    let deploys = r#"[{"service":"shop","version":"v3","environment":"prod","deployed_at":"2025-03-01T10:00:28Z"}]"#;
    Files::new([
        ("app.log".to_string(), (0..30).map(line).collect::<String>().into_bytes()),
        ("deploys.json".to_string(), deploys.into()),
        ("slack/inc/2025-03-01.json".to_string(), chat.into()),
    ])
});

static REPORT: LazyLock<Value> = LazyLock::new(|| {
    let config = Config { threads: 1, settings: settings(), ..Config::default() };
    serde_json::to_value(investigate(&*FILES, &config).report).expect("a report is JSON")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let altered = || serde_json::to_vec(&alter(REPORT.clone(), data)).expect("it is JSON");
    let json = if data.first() == Some(&b'{') { data.to_vec() } else { altered() };
    verify::verify(&json, &*FILES, &settings(), 1);
});

/// Each alteration is four bytes: which value (two), what becomes of it, and how.
fn alter(mut report: Value, data: &[u8]) -> Value {
    for step in data.chunks_exact(4).take(16) {
        let mut places = Vec::new();
        pointers(&report, String::new(), &mut places);
        let which = usize::from(u16::from_le_bytes([step[0], step[1]]));
        let other = report.pointer(&places[(which * 31 + usize::from(step[3])) % places.len()]).cloned();
        if let Some(value) = report.pointer_mut(&places[which % places.len()]) {
            odd(value, step[2], step[3], other.unwrap_or_default());
        }
    }
    report
}

fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, member)| pointers(member, format!("{at}/{}", key.replace('/', "~1")), all));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| pointers(item, format!("{at}/{i}"), all)),
        _ => {}
    }
    all.push(at);
}

fn odd(value: &mut Value, how: u8, more: u8, other: Value) {
    match (how % 8, &mut *value) {
        (0, Value::Array(items)) => drop(items.pop()),
        (0, Value::Object(members)) => drop(members.shift_remove(&members.keys().next().cloned().unwrap_or_default())),
        (1, Value::Array(items)) => items.extend_from_within(..),
        (2, Value::String(text)) => *text = text.chars().skip(usize::from(more) % 8).collect(),
        (3, Value::String(text)) => {
            text.push_str(["\u{202e}", "é", "9", "99999999999999999999", "-1", "%", " ", "~"][usize::from(more) % 8])
        }
        (4 | 5, Value::Number(_)) => {
            let odd =
                [json!(0), json!(-1), json!(1), json!(u64::MAX), json!(i64::MIN), json!(1e308), json!(0.1), json!(1u64 << 53)];
            *value = odd[usize::from(more) % 8].clone();
        }
        (4 | 5, Value::String(text)) => *text = text.replace(char::from(b'0' + more % 10), "9"),
        (6, _) => *value = Value::Null,
        _ => *value = other,
    }
}
