//! What the variables of patterns hold, and what a user adds to the rules, as `casefile patterns` tells it.
//!
//! Must never test which messages are one pattern.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Run, casefile, folder};

/// Each message on a line of its own, a second after the one before.
fn log<M: AsRef<str>>(messages: impl IntoIterator<Item = M>) -> String {
    let line = |(n, message): (usize, M)| {
        format!("2024-02-07T{:02}:{:02}:{:02}Z INFO {}\n", 9 + n / 3_600, n / 60 % 60, n % 60, message.as_ref())
    };
    messages.into_iter().enumerate().map(line).collect()
}

fn objects(run: &Run) -> Vec<Value> {
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn patterns(dir: &Path, words: &[&str]) -> Vec<Value> {
    objects(&casefile(dir, &[&["patterns"], words].concat()))
}

/// The variables of the pattern with this template.
#[track_caller]
fn variables(found: &[Value], template: &str) -> Vec<Value> {
    let pattern = found.iter().find(|pattern| pattern["template"] == template);
    let pattern = pattern.unwrap_or_else(|| panic!("no {template} in {found:#?}"));
    pattern["variables"].as_array().unwrap().clone()
}

#[test]
fn variables_are_typed() {
    let lines = [
        ("kept the id 484ade6b-3fa5-a5fe-a530-e883ba95f793", "kept the id <*>", "uuid"),
        ("digest 9217331a0cfe44ab is known", "digest <*> is known", "hex"),
        ("peer 10.4.17.9:41220 closed", "peer <*> closed", "ip"),
        ("resolved ns.example.org again", "resolved <*> again", "host"),
        ("wrote /var/lib/orders/x.db twice", "wrote <*> twice", "path"),
        ("fetched https://shop.example.org/v1/items?page=2 slowly", "fetched <*> slowly", "url"),
        ("query took 84 ms", "query took <*> ms", "duration"),
        ("body has 12 KB", "body has <*> KB", "size"),
        ("disk is 91% full", "disk is <*>% full", "percentage"),
        ("agent v2.17.7-rc1 started", "agent <*> started", "version"),
        ("window began 2024-02-07T08:59:00Z here", "window began <*> here", "time"),
        ("tag=\"a17 b\" was set", "tag=\"<*> b\" was set", "text"),
        ("killed checkout-api-7d9f8b6c5-x2k4q now", "killed <*> now", "pod"),
        ("mail bounced for ana.ruiz@example.com", "mail bounced for <*>", "email"),
        ("rows 1,204 in total", "rows <*> in total", "number"),
        ("name '17x' is taken", "name '<*>' is taken", "quoted"),
    ];
    let dir = folder(&[("app.log", &log(lines.map(|(message, ..)| message)))]);
    let found = patterns(dir.path(), &["app.log"]);
    for (_, template, kind) in lines {
        let told = variables(&found, template);
        assert_eq!((told.len(), &told[0]["type"], &told[0]["distinct"]), (1, &json!(kind), &json!(1)), "{template}");
    }
}

#[test]
fn amounts_are_compared_by_their_value_and_names_have_no_order() {
    let messages = [
        "user ana waited 900ms for 2 MB",
        "user bo waited 2s for 3 KB",
        "user cy waited 1m30s for 3 KB",
        "user ana waited 2s for 1 GB",
    ];
    let dir = folder(&[("app.log", &log(messages))]);
    let told = variables(&patterns(dir.path(), &["app.log"]), "user <*> waited <*> for <*>");
    let amounts = |at: usize| ["type", "distinct", "min", "max", "unit"].map(|key| told[at][key].clone());
    assert_eq!(amounts(0), [json!("text"), json!(3), Value::Null, Value::Null, Value::Null]);
    assert_eq!(amounts(1), [json!("duration"), json!(3), json!(900), json!(90_000), json!("ms")]);
    assert_eq!(amounts(2), [json!("size"), json!(3), json!(3_072), json!(1_073_741_824), json!("bytes")]);
}

/// More than a piece of a source, with more values than are kept, and lines of several patterns.
fn large() -> String {
    let mut text = String::new();
    for n in 0..20_000_u64 {
        let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let (day, second, name) = (7 + n / 86_400, n % 86_400, ["ana", "bo", "cy", "dee"][n as usize % 4]);
        let _ = writeln!(
            text,
            "2024-02-{day:02}T{:02}:{:02}:{:02}Z INFO {}",
            second / 3_600,
            second / 60 % 60,
            second % 60,
            match n % 3 {
                0 => format!("order {mixed} of user {name} took {} ms", mixed % 977),
                1 => format!("the user {name} logged in from 10.{}.0.{}", mixed % 200, mixed % 31),
                _ => format!("wrote /data/{}/{mixed:x}.bin with {} KB", mixed % 17, mixed % 4_000),
            }
        );
    }
    text
}

#[test]
fn one_source_on_several_threads_gives_what_one_thread_gives() {
    let text = large();
    assert!(text.len() > 9 << 17);
    let dir = folder(&[("app.log", &text), ("casefile.toml", "[[mask]]\nname = \"order\"\npattern = \"order [0-9]+\"\n")]);
    for words in [
        &["patterns", "app.log"][..],
        &["patterns", "app.log", "--config", "casefile.toml"],
        &["patterns", "app.log", "--show", "p1", "--show", "p2", "--show", "p3", "--format", "table"],
        &["parse", "app.log"],
    ] {
        let run = |threads| casefile(dir.path(), &[words, &["--threads", threads]].concat()).text();
        let alone = run("1");
        assert!(alone.lines().count() > 2, "{alone}");
        assert!(alone == run("5"), "{words:?}");
    }
}

#[test]
fn how_many_different_values_is_right_within_a_tenth() {
    let text = large();
    let dir = folder(&[("app.log", &text)]);
    let told = variables(&patterns(dir.path(), &["app.log"]), "order <*> of user <*> took <*> ms");
    let orders: std::collections::BTreeSet<&str> =
        text.lines().filter_map(|line| line.split_once("order ")?.1.split(' ').next()).collect();
    let estimate = told[0]["distinct"].as_u64().unwrap() as f64;
    assert!((estimate / orders.len() as f64 - 1.0).abs() < 0.1, "{estimate} of {}", orders.len());
    assert_eq!((&told[1]["distinct"], &told[2]["min"], &told[2]["max"]), (&json!(4), &json!(0), &json!(976)));
    assert_eq!(told[0]["sample"].as_array().unwrap().len(), 8);
}

#[test]
fn neither_the_order_of_lines_nor_copies_change_what_is_told() {
    let text = large();
    let lines: Vec<&str> = text.lines().take(3_000).collect();
    let backwards: String = lines.iter().rev().map(|line| format!("{line}\n")).collect();
    let forwards = lines.join("\n") + "\n";
    let of = |files: &[(&str, &str)]| -> BTreeMap<String, Value> {
        let dir = folder(files);
        let found = patterns(dir.path(), &["in"]);
        found.into_iter().map(|p| (p["template"].as_str().unwrap().to_string(), p["variables"].clone())).collect()
    };
    let once = of(&[("in/a.log", &forwards)]);
    assert_eq!(once, of(&[("in/a.log", &backwards)]));
    assert_eq!(once, of(&[("in/a.log", &forwards), ("in/b.log", &forwards)]));
}

#[test]
fn values_are_of_what_is_looked_at() {
    let dir = folder(&[("app.log", &log(["took 1 ms", "took 2 ms", "took 3 ms", "took 4 ms"]))]);
    let sample = |words: &[&str]| {
        let told = variables(&patterns(dir.path(), &[&["app.log"], words].concat()), "took <*> ms");
        (told[0]["min"].clone(), told[0]["max"].clone())
    };
    assert_eq!(sample(&[]), (json!(1), json!(4)));
    assert_eq!(sample(&["--from", "2024-02-07T09:00:01Z", "--to", "2024-02-07T09:00:03Z"]), (json!(2), json!(3)));
    // What is in the baseline is not on this side.
    assert_eq!(sample(&["--baseline-to", "2024-02-07T09:00:02Z"]), (json!(3), json!(4)));
}

#[test]
fn what_cannot_be_told_is_said() {
    let many: String =
        (0..40).map(|n| format!("k{}=17 ", char::from(b'a' + n as u8 % 26).to_string().repeat(1 + n / 26))).collect();
    let dir = folder(&[(
        "app.log",
        &log([many.as_str(), "a close, 12 bytes sent", "a close, 1800 bytes (1.75 KB) sent", "a close, 9 bytes sent"]),
    )]);
    let found = patterns(dir.path(), &["app.log"]);
    let of = |key: &str| found.iter().filter(|p| !p[key].is_null()).map(|p| p[key].clone()).collect::<Vec<_>>();
    assert_eq!((of("more_variables"), of("incomplete_variables")), (vec![json!(8)], vec![json!(true)]));
    let run = casefile(dir.path(), &["patterns", "app.log", "--no-variables"]);
    assert!(!run.text().contains("variables"), "{}", run.text());
}

#[test]
fn one_pattern_is_shown_with_what_its_variables_hold() {
    let dir =
        folder(&[("app.log", &log(["the user ana waited 900ms", "the user bo waited 2s", "the user cy waited 1m30s", "bye"]))]);
    let shown = casefile(dir.path(), &["patterns", "app.log", "--format", "table", "--show", "p1"]).text();
    let rows: Vec<&str> = shown.lines().map(str::trim_end).collect();
    assert_eq!(rows[0], "p1  the user <1> waited <2>");
    assert_eq!(rows[1], "  3 of 4 records, 75.0%");
    assert!(rows.contains(&"variable  type      distinct   least  greatest  some of its values"), "{shown}");
    assert!(rows.iter().any(|row| row.starts_with("     <2>  duration         3  900 ms   1.5 min  ")), "{shown}");
    assert_eq!(patterns(dir.path(), &["app.log", "--show", "p2"]).len(), 1);
    for (words, told) in
        [(["--show", "p9"], "there is no pattern p9 in what is looked at"), (["--show", "x"], "write a pattern as p17")]
    {
        let run = casefile(dir.path(), &[&["patterns", "app.log"][..], &words].concat());
        assert_eq!((run.code, run.out.len()), (Some(2), 0));
        assert!(run.err.contains(told), "{}", run.err);
    }
}

#[test]
fn samples_hold_no_secrets_and_the_same_one_has_the_same_name_everywhere() {
    // Put together here, so that no line of this file has the shape of a credential.
    let token = ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat();
    let long = format!(
        "eyJhbGciOiJIUzI1NiJ9.{}.{}",
        "eyJzdWIiOiIxMjM0NTY3ODkwIn0".repeat(12),
        "dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk".repeat(3)
    );
    let messages = [
        "login of ana with password=Kd8xTq1z from 10.0.0.7".to_string(),
        "login of bo with password=Zr5mWq9p from 10.0.0.8".to_string(),
        format!("pushed with {token} at 5 ms"),
        format!("pulled 3 times with {token} today"),
        format!("bearer {long} came 2 times"),
        "mail 7 to ana.ruiz@example.com sent".to_string(),
    ];
    let dir = folder(&[("app.log", &log(messages))]);
    let lines = casefile(dir.path(), &["patterns", "app.log"]).text();
    let ids = ["p1", "p2", "p3", "p4", "p5", "p6"].map(|id| ["--show", id]).concat();
    let shown = casefile(dir.path(), &[&["patterns", "app.log", "--format", "table"][..], &ids].concat()).text();
    for text in [&lines, &shown] {
        for secret in ["Kd8xTq1z", "Zr5mWq9p", "a8vXnt57", "ana.ruiz", "dBjftJeZ", &long[..40]] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(text.matches("[token:1]").count(), 2, "{text}");
        assert!(text.contains("[password:1]") && text.contains("[password:2]") && text.contains("10.0.0.7"), "{text}");
    }
}

#[test]
fn masks_and_pins_of_a_file_decide_what_a_pattern_is() {
    let messages = [
        "placed ORD-17 for ana",
        "placed ORD-18 for bo",
        "ward A opened",
        "ward B opened",
        "ward C is full",
        "error 404 for /a",
        "error 500 for /b",
    ];
    let config = "\
# What our programs write.
[[mask]]
name = \"order\"
pattern = \"ORD-[0-9]+\"

[[mask]]
name = \"ward\"
pattern = 'ward [A-Z]\\b'

[[pin]]
template = \"placed <*> for <*>\"
";
    let dir = folder(&[("app.log", &log(messages)), ("casefile.toml", config)]);
    let words = ["app.log", "--config", "casefile.toml"];
    let found = patterns(dir.path(), &words);
    let templates: Vec<&str> = found.iter().map(|p| p["template"].as_str().unwrap()).collect();
    assert_eq!(templates, ["<*> opened", "error <*> for <*>", "placed <*> for <*>", "<*> is full"]);
    let placed = variables(&found, "placed <*> for <*>");
    assert_eq!((&placed[0]["type"], &placed[0]["distinct"], &placed[1]["distinct"]), (&json!("order"), &json!(2), &json!(2)));
    assert_eq!(variables(&found, "<*> is full")[0]["sample"], json!(["ward C"]));
    // `parse` numbers them alike, and the counts add up to the records.
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for record in objects(&casefile(dir.path(), &[&["parse"][..], &words].concat())) {
        *counted.entry(record["pattern"].as_str().unwrap().to_string()).or_default() += 1;
    }
    let counts = found.iter().map(|p| (p["pattern"].as_str().unwrap().to_string(), p["count"].as_u64().unwrap())).collect();
    assert_eq!(counted, counts);
    assert_eq!(counts.values().sum::<u64>(), 7);
    assert_ne!(patterns(dir.path(), &["app.log"])[0]["template"], "<*> opened");
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_by_every_command() {
    let dir = folder(&[("app.log", &log(["a"])), ("bad.toml", "[[mask]]\nname = \"order\"\npattern = \"ORD-(\"\n")]);
    for command in [&["patterns", "app.log"][..], &["parse", "app.log"], &["report", "app.log"], &["explain-format", "app.log"]] {
        let run = casefile(dir.path(), &[command, &["--config", "bad.toml"]].concat());
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{command:?}");
        let wanted = "cannot use bad.toml, line 3: the pattern of the mask order is no regular expression that can be used: unclosed group";
        assert!(run.err.contains(wanted), "{}", run.err);
        let run = casefile(dir.path(), &[command, &["--config", "none.toml"]].concat());
        assert_eq!(run.code, Some(2));
        assert!(run.err.contains("cannot read none.toml; --config wants a TOML file"), "{}", run.err);
    }
}

#[test]
fn nothing_of_a_value_steers_a_terminal() {
    let dir = folder(&[("app.log", &log((0..3).map(|n| format!("got \"7{n}\u{1b}[2J\u{202e}x\u{9b}31m\" back"))))]);
    for words in [&["--format", "ndjson"][..], &["--format", "table", "--show", "p1"]] {
        let run = casefile(dir.path(), &[&["patterns", "app.log"], words].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        assert!(!run.text().chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{:?}", run.text());
    }
}
