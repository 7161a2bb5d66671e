//! Alterations of a report: a sum, a time, an order, an owner or a source that is no longer right. Must never alter what
//! somebody else is quoted with.

use regex::Regex;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sum,
    Time,
    Order,
    Owner,
    Source,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Sum, Kind::Time, Kind::Order, Kind::Owner, Kind::Source];
}

/// A linear congruential generator, so that a failure can be had again.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    pub fn choose<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// The altered text and what was done, or none where the report has nothing of the kind.
pub fn altered(kind: Kind, name: &str, text: &str, random: &mut Random) -> Option<(String, String)> {
    if name.ends_with(".json") {
        let mut report: Value = serde_json::from_str(text).ok()?;
        let what = of_json(kind, &mut report, random)?;
        return Some((serde_json::to_string_pretty(&report).ok()?, what));
    }
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let what = match kind {
        Kind::Sum => number(&mut lines, random),
        Kind::Time => time(&mut lines, random),
        Kind::Order => order(&mut lines, random),
        Kind::Owner => owner(&mut lines, random),
        Kind::Source => source(&mut lines, random),
    }?;
    Some((lines.join("\n") + "\n", what))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// The line with what is quoted as blanks of the same length.
fn own(line: &str) -> String {
    let mut depth = 0u32;
    let blank = |c: char, depth: &mut u32| {
        *depth += u32::from(c == '“');
        let inside = *depth > 0;
        *depth -= u32::from(c == '”' && inside);
        if inside { " ".repeat(c.len_utf8()) } else { c.to_string() }
    };
    line.chars().map(|c| blank(c, &mut depth)).collect()
}

/// Sections of a page by the line of their heading.
fn section(lines: &[String], at: usize) -> String {
    lines[..=at].iter().rev().find_map(|l| l.strip_prefix("## ")).unwrap_or_default().to_lowercase()
}

fn entries(lines: &[String]) -> Vec<usize> {
    let entry = pattern(r"^(?:- \d{4}-\d\d-\d\dT|\| \d\d:\d\d:\d\d)");
    (0..lines.len()).filter(|i| entry.is_match(&lines[*i]) && section(lines, *i) == "timeline").collect()
}

/// A duration, a share, a term, a score or one of its parts.
fn number(lines: &mut [String], random: &mut Random) -> Option<String> {
    let places = [
        r"^- (?:duration|mtt\w)_s: (\d+)",
        r"^Confidence (\d+):",
        r"(?:took|lasted) (\d+)",
        r"(\d+) of \d+ requests[a-z ]*\(",
        r"^\| \*\*(?:Duration|Time to \w+)\S* ?\S*\*\* \| (\d+)",
        r"^\| Score \| \+?(\d+(?:\.\d+)?)",
        r"^\| [a-z ]+ \| [+-](\d+(?:\.\d+)?) \|",
        r"^\| [a-z ]+ \| (\d+) of \d+ \|",
        r"^\*\*(\d+)\*\* of 100",
    ]
    .map(pattern);
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let own = own(line);
        found.extend(places.iter().flat_map(|p| p.captures_iter(&own)).filter_map(|c| Some((i, c.get(1)?.range()))));
    }
    if found.is_empty() {
        return None;
    }
    let (line, range) = random.choose(&found).clone();
    let old = lines[line][range.clone()].to_string();
    let more = *random.choose(&[3.0, 7.0, 12.0, 25.0]);
    let new = match old.split_once('.') {
        Some((_, decimals)) => format!("{:.*}", decimals.len(), old.parse::<f64>().ok()? + more / 4.0),
        None => (old.parse::<u64>().ok()? + more as u64).to_string(),
    };
    lines[line].replace_range(range, &new);
    Some(format!("line {}: {old} to {new}", line + 1))
}

fn time(lines: &mut [String], random: &mut Random) -> Option<String> {
    let clock = pattern(r"\d\d:\d\d:\d\d");
    let stated = pattern(r"^- \w+: \d{4}-|response (?:measured|stated|inferred) |^\| \*\*(?:Time|Duration)");
    let mut at = entries(lines);
    at.extend((0..lines.len()).filter(|i| stated.is_match(&lines[*i])));
    at.retain(|i| clock.is_match(&own(&lines[*i])));
    if at.is_empty() {
        return None;
    }
    let line = *random.choose(&at);
    let found = clock.find(&own(&lines[line])).map(|m| m.range())?;
    let new = shifted(&lines[line][found.clone()], random);
    let what = format!("line {}: {} to {new}", line + 1, &lines[line][found.clone()]);
    lines[line].replace_range(found, &new);
    Some(what)
}

/// By 3 to 55 minutes.
fn shifted(clock: &str, random: &mut Random) -> String {
    let parts: Vec<i64> = clock.split(':').filter_map(|p| p.parse().ok()).collect();
    let by = (3 + random.below(53) as i64) * 60 * if random.below(2) == 0 { 1 } else { -1 };
    let second = (parts[0] * 3_600 + parts[1] * 60 + parts[2] + by).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

fn order(lines: &mut [String], random: &mut Random) -> Option<String> {
    let clock = pattern(r"\d\d:\d\d:\d\d");
    let told = |i: usize| clock.find(&lines[i]).map(|m| m.as_str().to_string());
    let pairs: Vec<(usize, usize)> =
        entries(lines).windows(2).map(|w| (w[0], w[1])).filter(|(a, b)| told(*a) != told(*b)).collect();
    if pairs.is_empty() {
        return None;
    }
    let (a, b) = *random.choose(&pairs);
    lines.swap(a, b);
    Some(format!("lines {} and {}", a + 1, b + 1))
}

fn owner(lines: &mut [String], random: &mut Random) -> Option<String> {
    let page = pattern(r"^- stated .*\(owner ([^,]+),");
    let row = pattern(r"^\| [^|]+ \| [^|]+ \| (@[^|]+?) \| ");
    let found: Vec<_> = lines
        .iter()
        .enumerate()
        .filter(|(i, _)| section(lines, *i).starts_with("action"))
        .filter_map(|(i, l)| Some((i, page.captures(l).or(row.captures(l))?.get(1)?.range())))
        .collect();
    if found.is_empty() {
        return None;
    }
    let (line, range) = random.choose(&found).clone();
    let new = *random.choose(&["-", "none stated", "@zed.quill"]);
    lines[line].replace_range(range, new);
    Some(format!("line {}: {new}", line + 1))
}

/// A citation goes, or leads nowhere.
fn source(lines: &mut [String], random: &mut Random) -> Option<String> {
    let place = pattern(r" ?\[[^\]]*:\d+[^\]]*\]\s*$");
    let label = pattern(r" \[e\d+\]");
    let at: Vec<usize> = (0..lines.len())
        .filter(|i| !lines[*i].starts_with("**e") && (place.is_match(&lines[*i]) || label.is_match(&own(&lines[*i]))))
        .collect();
    if at.is_empty() {
        return None;
    }
    let line = *random.choose(&at);
    lines[line] = match (label.is_match(&lines[line]), random.below(2)) {
        (true, 0) => label.replace_all(&lines[line], "").into_owned(),
        (true, _) => label.replace(&lines[line], " [e987]").into_owned(),
        _ => place.replace(&lines[line], "").into_owned(),
    };
    Some(format!("line {}", line + 1))
}

fn of_json(kind: Kind, report: &mut Value, random: &mut Random) -> Option<String> {
    let pointers = pointers(kind, report);
    if pointers.is_empty() {
        return None;
    }
    let pointer = random.choose(&pointers).clone();
    if kind == Kind::Order {
        let list = report.pointer_mut("/timeline")?.as_array_mut()?;
        let at: usize = pointer.parse().ok()?;
        list.swap(at, at + 1);
        return Some(format!("timeline {at}"));
    }
    let place = report.pointer_mut(&pointer)?;
    *place = match kind {
        Kind::Sum if place.is_u64() => Value::from(place.as_u64()? + [3, 7, 12][random.below(3)]),
        Kind::Sum => Value::from(place.as_f64()? * 1.5 + 3.0),
        Kind::Time => {
            let text = place.as_str()?.to_string();
            let new = shifted(text.get(11..19)?, random);
            Value::from(format!("{}{new}{}", text.get(..11)?, text.get(19..)?))
        }
        Kind::Owner => [Value::Null, Value::from("@zed.quill")][random.below(2)].clone(),
        _ => [Value::from(Vec::<String>::new()), Value::from(vec!["e987"])][random.below(2)].clone(),
    };
    Some(pointer)
}

/// Where a value of the kind stands.
fn pointers(kind: Kind, report: &Value) -> Vec<String> {
    let count = |part: &str| report.pointer(part).and_then(Value::as_array).map_or(0, Vec::len);
    let each = |part: &str, rest: &str| (0..count(part)).map(|i| format!("{part}/{i}{rest}")).collect::<Vec<_>>();
    let keys = |part: &str, rest: &str| {
        let map = report.pointer(part).and_then(Value::as_object).into_iter().flatten();
        map.map(|(k, _)| format!("{part}/{k}{rest}")).collect::<Vec<_>>()
    };
    let mut all = match kind {
        Kind::Sum => {
            let mut all = keys("/metrics", "/value");
            all.extend(each("/confidence_score/parts", "/points"));
            all.extend(each("/coverage/sources", "/read_bytes"));
            all.extend(each("/causes", "/score"));
            all.extend(each("/claims", "/derivation/value"));
            all
        }
        Kind::Time => [keys("/times", "/at"), each("/timeline", "/at"), each("/causes", "/trigger/at")].concat(),
        Kind::Order => {
            let at = |i: usize| report.pointer(&format!("/timeline/{i}/at")).cloned();
            (1..count("/timeline")).filter(|i| at(i - 1) != at(*i)).map(|i| (i - 1).to_string()).collect()
        }
        Kind::Owner => {
            let stated = |i: &usize| report.pointer(&format!("/actions/{i}/origin")).is_some_and(|o| o == "stated");
            (0..count("/actions")).filter(stated).map(|i| format!("/actions/{i}/owner")).collect()
        }
        Kind::Source => [each("/claims", "/citations"), each("/timeline", "/citations"), each("/lessons", "/citations")].concat(),
    };
    let usable = |p: &String| report.pointer(p).is_some_and(|v| v.is_array() || v.is_number() || v.is_string());
    all.retain(|p| kind == Kind::Order || usable(p) && (kind != Kind::Sum || report.pointer(p).is_some_and(Value::is_number)));
    all
}
