use super::*;

fn decode(text: &str) -> String {
    let value =
        |b: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|c| *c == b).unwrap_or(0);
    let digits: Vec<usize> = text.bytes().filter(|b| *b != b'=').map(value).collect();
    let bytes: Vec<u8> = digits
        .chunks(4)
        .flat_map(|c| {
            let word = c.iter().fold(0, |n, d| n << 6 | d) << (6 * (4 - c.len()));
            [(word >> 16) as u8, (word >> 8) as u8, word as u8].into_iter().take(c.len() - 1).collect::<Vec<u8>>()
        })
        .collect();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn every_file_is_a_rule_with_a_named_group() {
    for name in Files::iter() {
        let rule = read(&name).unwrap_or_else(|e| panic!("{e}"));
        assert!(rule.kind.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
        assert!(!rule.samples_b64.is_empty() && !rule.lookalikes.is_empty(), "{name}");
        for pattern in &rule.patterns {
            let regex = compile(pattern).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(regex.capture_names().flatten().any(|n| n == "secret"), "{name}: {pattern}");
        }
    }
    assert!(load().literals.is_some());
}

#[test]
fn every_sample_is_found_and_nothing_else_of_its_line() {
    let mut wrong = Vec::new();
    for name in Files::iter() {
        for sample in read(&name).expect("a rule").samples_b64 {
            let text = decode(&sample);
            let (line, secret) = text.split_once('\t').expect("a tab");
            let out = crate::Redactor::new().redact(line);
            let (before, after) = line.split_once(secret).expect("the secret stands in the line");
            if out.contains(secret) || !out.starts_with(before) || !out.ends_with(after) {
                wrong.push(format!("{name}: {line:?} -> {out:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_lookalike_stays() {
    let mut wrong = Vec::new();
    for name in Files::iter() {
        for line in read(&name).expect("a rule").lookalikes {
            let out = crate::Redactor::new().redact(&line);
            if out != line {
                wrong.push(format!("{name}: {line:?} -> {out:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
