//! Where the value stands that belongs to a name: `name=value`, JSON, YAML, XML, flags of a command line, calls.
//!
//! A rule knows names; this module knows notations and nothing else. It is misled by prose in which a name stands before a
//! colon, which the rule has to tell from a value.

mod members;
mod told;

use std::ops::Range;

pub(crate) use members::NEXT;
use members::{changed_member, element, element_beside, is_member, is_named, is_tag, under_value};

/// A name and the value that stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The whole identifier, `db_password` where the word was `password`.
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Quoted,
    /// Up to the next space or sign that ends it.
    Bare,
    /// As bare, with spaces after a colon: as prose has it too.
    Spaced,
    /// A sentence says what it is.
    Told,
    /// The next word, and nothing says that it is the value.
    Direct,
}

/// What stands after a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    Value(Assignment),
    /// The line ends where the value should begin.
    NextLine,
    /// `- name: DB_PASSWORD`: the value follows under a key of its own.
    NextValue,
    Nothing,
}

const LONGEST_NAME: usize = 80;
/// So much of a value without quotes is looked at; what it is shows by then.
const LONGEST_BARE: usize = 1_024;
const OPERATORS: [&[u8]; 15] =
    [b"||=", b":::=", b"::=", b"===", b"=>", b":=", b"?=", b".=", b"+=", b"==", b"||", b"->", "→".as_bytes(), b"=", b":"];
/// What stands between a value and the one that came in its place.
const CHANGES: [&[u8]; 7] = [b"->", b"=>", "→".as_bytes(), "⇒".as_bytes(), b"-&gt;", b"was replaced by ", b"replaced by "];
/// Calls and types that hold a value and are none of it.
const WRAPPERS: [&[u8]; 6] = [b"Some(", b"Just(", b"Password(", b"Secret(", b"SecretString(", b"{\"value\":"];
/// Schemes that stand before a credential.
const SCHEMES: [&[u8]; 14] = [
    b"bearer ",
    b"basic ",
    b"token ",
    b"apikey ",
    b"api-key ",
    b"digest ",
    b"negotiate ",
    b"splunk ",
    b"geniekey ",
    b"bot ",
    b"key ",
    b"sso-key ",
    b"oauth ",
    b"sharedaccesssignature ",
];

/// The identifier around a word.
pub(crate) fn identifier(line: &[u8], word: &Range<usize>) -> Range<usize> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_.-".contains(b);
    let floor = word.start.saturating_sub(LONGEST_NAME);
    let start = floor + line[floor..word.start].iter().rposition(|b| !part(b)).map_or(0, |n| n + 1);
    let rest = &line[word.end..line.len().min(word.end + LONGEST_NAME)];
    let mut end = word.end + rest.iter().position(|b| !part(b)).unwrap_or(rest.len());
    while end > word.end && b".-".contains(&line[end - 1]) {
        end -= 1;
    }
    start..end
}

/// What belongs to the identifier.
pub(crate) fn after(line: &[u8], name: Range<usize>) -> After {
    let bold = line[..name.start].ends_with(b"*");
    let mut at = name.end;
    let mut quoted = false;
    while at < line.len() && at < name.end + 3 && (b"\"'`])".contains(&line[at]) || bold && line[at] == b'*') {
        quoted |= b"\"'`]".contains(&line[at]);
        at += 1;
    }
    if is_tag(line, &name) {
        return element(line, name, at);
    }
    if let Some(found) = element_beside(line, &name) {
        return found;
    }
    if let Some(value) = under_value(line, &name, at) {
        return value_at(line, name, value, How::Quoted);
    }
    let gap = at + blanks(line, at, 40);
    if (gap >= line.len() || &line[gap..] == b",") && is_named(line, &name) {
        return After::NextValue;
    }
    let Some((begin, operator)) = operator(line, gap, quoted).or_else(|| typed(line, gap)) else {
        return flag(line, name, at, gap);
    };
    // `token: string = "`: the type stands behind a colon.
    let (begin, operator) = match operator {
        b":" => typed(line, begin + blanks(line, begin, 4)).unwrap_or((begin, operator)),
        _ => (begin, operator),
    };
    let begin = begin + if bold { line[begin..].iter().take(2).take_while(|b| **b == b'*').count() } else { 0 };
    let space = blanks(line, begin, 60);
    let rest = line[begin + space..].trim_ascii();
    let heredoc = rest.starts_with(b"<<") && !rest.contains(&b' ');
    if rest.is_empty() || heredoc || rest.len() < 3 && rest.iter().all(|b| b"|>-+".contains(b)) {
        return if operator == b"," { After::Nothing } else { After::NextLine };
    }
    let how = if space > 0 && operator == b":" { How::Spaced } else { How::Bare };
    let whole = line[..name.start].last().is_some_and(|b| b"\"'`".contains(b));
    match value_at(line, name, begin + space, how) {
        // Behind a comma stands a further argument; not the next member of an object, nor what follows a text that ends in the word.
        After::Value(found) if operator == b"," && (!whole || is_member(line, found.value.end)) => After::Nothing,
        found => found,
    }
}

fn operator(line: &[u8], at: usize, quoted: bool) -> Option<(usize, &[u8])> {
    let rest = &line[at.min(line.len())..];
    if let Some(found) = OPERATORS.iter().find(|o| rest.starts_with(o)) {
        return Some((at + found.len(), &rest[..found.len()]));
    }
    // `password........."x"`, as settings are listed.
    let dots = rest.iter().take_while(|b| **b == b'.').count();
    if dots > 3 {
        return Some((at + dots, &rest[..1]));
    }
    let call = rest.len() > 1 && rest[0] == b'(' && b"\"'`".contains(&rest[1]);
    (quoted && rest.starts_with(b",") || call).then(|| (at + 1, &rest[..1]))
}

/// `token string = "`, `token: Option<String> = "`: a type stands between.
fn typed(line: &[u8], at: usize) -> Option<(usize, &[u8])> {
    let rest = &line[at.min(line.len())..];
    let word = rest.iter().take(24).take_while(|b| b.is_ascii_alphanumeric() || b"_<>&[]*?.".contains(b)).count();
    let space = blanks(line, at + word, 4);
    let equals = at + word + space;
    let sign = line.get(equals) == Some(&b'=') && !matches!(line.get(equals + 1), Some(b'=' | b'>'));
    (word > 0 && space > 0 && sign).then(|| (equals + 1, &line[equals..=equals]))
}

/// `--password VALUE`, `password VALUE` of a .netrc, `ENV PASSWORD VALUE`: a space alone; and what a sentence or a table says.
fn flag(line: &[u8], name: Range<usize>, at: usize, gap: usize) -> After {
    let dashed = name.start < line.len() && line[name.start] == b'-';
    let word = &line[name.clone()];
    let near = &line[name.start.saturating_sub(200)..name.start];
    let netrc = word.eq_ignore_ascii_case(b"password") && has_word(near, b"login ")
        || word.eq_ignore_ascii_case(b"password") && has_word(near, b"machine ");
    if gap > at && line.get(gap) == Some(&b'-') {
        return After::Nothing;
    }
    let set = [&b"ENV"[..], b"setx", b"SETX"].contains(&line[..name.start].trim_ascii());
    if gap > at && gap < line.len() && (dashed || netrc || set) {
        return value_at(line, name, gap, How::Bare);
    }
    match cell(line, &name, at, gap).map(|begin| (begin, How::Told)).or_else(|| told::value(line, at, gap)) {
        Some((begin, how)) => value_at(line, name, begin, how),
        None => After::Nothing,
    }
}

/// `| name | value |`, `name<tab>value`: where the value begins.
fn cell(line: &[u8], name: &Range<usize>, at: usize, gap: usize) -> Option<usize> {
    if line.get(at) == Some(&b'\t') {
        return Some(gap);
    }
    let first = matches!(line[..name.start].trim_ascii_end().last(), None | Some(b'|'));
    (first && line.get(gap) == Some(&b'|')).then(|| gap + 1 + blanks(line, gap + 1, 60))
}

/// The value that came in the place of another: `"A" -> "B"`, `from A to B`, `"old":"A","new":"B"`; and the next of a list.
pub(crate) fn changed(line: &[u8], place: &Assignment) -> Option<Assignment> {
    let Range { start, end } = place.value;
    let quotes = line[end..].iter().take(2).take_while(|b| b"\"'`\\".contains(b)).count();
    let at = end + quotes;
    let gap = at + blanks(line, at, 8);
    let rest = &line[gap..];
    let listed = quotes > 0 && rest.starts_with(b",\"") && line[place.name.end..start].contains(&b'[');
    let begin = if let Some(begin) = changed_member(line, at) {
        begin
    } else if listed {
        gap + 1
    } else if let Some(arrow) = CHANGES.iter().find(|arrow| (gap > end || !arrow.is_ascii()) && rest.starts_with(arrow)) {
        gap + arrow.len() + blanks(line, gap + arrow.len(), 8)
    } else {
        let head = &line[..start - quotes.min(1)];
        (rest.starts_with(b"to ") && head.ends_with(b"from ")).then_some(gap + 3)?
    };
    match value_at(line, place.name.clone(), begin, place.how) {
        After::Value(next) => Some(next),
        _ => None,
    }
}

fn has_word(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|w| w == word)
}

fn value_at(line: &[u8], name: Range<usize>, at: usize, how: How) -> After {
    let mut at = unwrapped(line, at);
    if is_object(&line[at.min(line.len())..]) {
        return After::Nothing;
    }
    if line.get(at) == Some(&b'[') && line.get(at + 1) == Some(&b' ') {
        at += 1 + blanks(line, at + 1, 40);
    }
    // `["x"]`, `b"x"`, `os.environ = ("x")`.
    if at + 1 < line.len() && b"[(bBrRfuN@$".contains(&line[at]) && b"\"'".contains(&line[at + 1]) {
        at += 1;
    }
    let Some(first) = line.get(at) else { return After::Nothing };
    let quote = b"\"'`".contains(first).then_some(*first);
    let mut start = at + usize::from(quote.is_some());
    if quote.is_some() && line.get(start) == quote.as_ref() && line.get(start + 1) == quote.as_ref() {
        start += 2;
    }
    let scheme = scheme(&line[start.min(line.len())..]);
    start += scheme;
    let end = match quote {
        Some(quote) => closing(line, start, quote),
        None => bare_end(line, &name, start),
    };
    // A cell of a table ends where the next one begins.
    let cell = line[name.end..at.max(name.end)].contains(&b'|').then(|| find(&line[start..end.max(start)], b'|')).flatten();
    let end = cell.map_or(end, |length| start + length);
    if end <= start {
        return After::Nothing;
    }
    let quoted = quote.is_some() && !matches!(how, How::Told | How::Direct);
    After::Value(Assignment { name, value: start..end, how: if quoted { How::Quoted } else { how } })
}

/// Behind `Some(`, `string(9) ` and the like.
fn unwrapped(line: &[u8], at: usize) -> usize {
    let mut at = at;
    for _ in 0..2 {
        let rest = line.get(at..).unwrap_or_default();
        let sized = rest.strip_prefix(b"string(").map_or(0, |r| r.iter().take_while(|b| b.is_ascii_digit()).count());
        if sized > 0 && rest[7 + sized..].starts_with(b") ") {
            at += sized + 9;
        } else if let Some(wrapper) = WRAPPERS.iter().find(|w| rest.starts_with(w)) {
            at += wrapper.len() + blanks(line, at + wrapper.len(), 4);
        }
    }
    at
}

/// `{name: `, `[{"key":`: further settings stand here.
fn is_object(rest: &[u8]) -> bool {
    let inner = rest.strip_prefix(b"[").unwrap_or(rest);
    let Some(inner) = inner.strip_prefix(b"{") else { return false };
    let inner = inner.trim_ascii_start();
    let key = inner.iter().take(LONGEST_NAME).take_while(|b| b.is_ascii_alphanumeric() || b"_-\"'".contains(b)).count();
    key > 0 && inner.get(key) == Some(&b':')
}

fn scheme(rest: &[u8]) -> usize {
    let known = SCHEMES.iter().find(|s| rest.len() > s.len() && rest[..s.len()].eq_ignore_ascii_case(s));
    known.map_or(0, |s| s.len() + rest[s.len()..].iter().take_while(|b| **b == b' ').count())
}

/// Up to the quote that is not escaped; an open one ends with the line.
fn closing(line: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start;
    while at < line.len() {
        match line[at] {
            b'\\' if quote != b'\'' => at += 2,
            b if b == quote => return at,
            _ => at += 1,
        }
    }
    line.len()
}

/// A value without quotes. Where a name begins the line as in a dump of an environment, only space ends it.
fn bare_end(line: &[u8], name: &Range<usize>, start: usize) -> usize {
    let head = line[..name.start].trim_ascii();
    let whole = [&b""[..], b"export", b"set", b"ENV", b"env", b"-e", b"--env", b"declare -x"].contains(&head)
        && line.get(name.end) == Some(&b'=')
        && line.get(name.end + 1) != Some(&b'>');
    let stops: &[u8] = if whole { b"\"'`" } else { b"\"'`&,;)}]<>" };
    let rest = &line[start.min(line.len())..];
    let nested = open_quote(&line[name.start.saturating_sub(4_096)..name.start]);
    let mut end = rest.len();
    for (i, b) in rest.iter().enumerate() {
        if i == LONGEST_BARE {
            return start + i;
        }
        let escaped = *b == b'\\' && matches!(rest.get(i + 1), Some(b'"' | b'\'' | b'\\'))
            || nested && *b == b'\\' && matches!(rest.get(i + 1), Some(b'n' | b'r' | b't' | b'u'));
        let next = whole && b";&,".contains(b) && begins_setting(&rest[i + 1..]);
        if b.is_ascii_whitespace() || stops.contains(b) || escaped || next || *b == 0x1b {
            end = i;
            break;
        }
    }
    let value = &rest[..end];
    let trimmed = value.iter().rposition(|b| !b",;.:".contains(b)).map_or(0, |n| n + 1);
    start + if end < rest.len() || !whole { trimmed } else { end }
}

/// The end of a value that is longer than what was looked at.
pub(crate) fn whole_value(line: &[u8], value: &Range<usize>) -> Range<usize> {
    let rest = if value.len() < LONGEST_BARE {
        0
    } else {
        line[value.end..].iter().take_while(|b| b.is_ascii_graphic() && !b"\"'`".contains(b)).count()
    };
    value.start..value.end + rest
}

/// `;Server=`: the next setting of a connection string.
fn begins_setting(rest: &[u8]) -> bool {
    let word = rest.iter().take(32).take_while(|b| b.is_ascii_alphanumeric() || b"_ ".contains(b)).count();
    word > 1 && rest.get(word) == Some(&b'=')
}

/// An odd number of quotes before: what follows stands in a string.
fn open_quote(before: &[u8]) -> bool {
    let mut open = false;
    let mut at = 0;
    while at < before.len() {
        match before[at] {
            b'\\' => at += 1,
            b'"' => open = !open,
            _ => {}
        }
        at += 1;
    }
    open
}

fn blanks(line: &[u8], at: usize, most: usize) -> usize {
    line.get(at..).map_or(0, |rest| rest.iter().take(most).take_while(|b| b" \t".contains(b)).count())
}

fn find(text: &[u8], byte: u8) -> Option<usize> {
    text.iter().position(|b| *b == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let at = line.to_ascii_lowercase().find("pass").expect("the word");
        let name = identifier(line.as_bytes(), &(at..at + 4));
        match after(line.as_bytes(), name) {
            After::Value(found) => assert_eq!(&line[found.value], expected, "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_value_is_found_in_every_notation() {
        check("DB_PASS=v1 x", "v1");
        check("export PASS=v1,v2;v3", "v1,v2;v3");
        check(r#"{"user":"a","pass":"v\"1"}"#, r#"v\"1"#);
        check("pass: 'v1'", "v1");
        check("pass => v1,", "v1");
        check("<db:pass>v1</db:pass>", "v1");
        check(r#"<add key="DbPass" value="v1" />"#, "v1");
        check(r#"{"name":"DB_PASS","value":"v1"}"#, "v1");
        check("tool --pass v1 --host x", "v1");
        check("Server=x;Pass=v1;Database=y", "v1");
        check(r#"setProperty("DB_PASS", "v1")"#, "v1");
        check(r#"os.environ["PASS"] = "v1""#, "v1");
        check(r#"var pass string = "v1""#, "v1");
        check("http://h/?pass=v1&b=2", "v1");
        check("--header 'X-Pass: Bearer v1'", "v1");
        check("let pass: &str = \"v1\";", "v1");
        check("ENV DB_PASS v1", "v1");
        check("\"pass\" : [ \"v1\" ]", "v1");
        check("dbPass('v1')", "v1");
        check("the pass is v1", "v1");
        check(r#"{"config.ini": "DB_PASS=v1\nB=true"}"#, "v1");
    }

    #[test]
    fn the_next_member_of_an_object_is_no_value() {
        for line in
            [r#"{"msg":"ann changed pass","user":"ann"}"#, r#"{"grant":"pass","user":"ann"}"#, r#"{\"kind\":\"pass\",\"a\":1}"#]
        {
            let at = line.find("pass").expect("the word");
            assert_eq!(after(line.as_bytes(), identifier(line.as_bytes(), &(at..at + 4))), After::Nothing, "{line}");
        }
    }

    #[test]
    fn a_value_may_stand_on_the_next_line() {
        for line in ["<pass>", "pass:", "pass: >-", "\"pass\": "] {
            let at = line.find("pass").expect("the word");
            assert_eq!(after(line.as_bytes(), identifier(line.as_bytes(), &(at..at + 4))), After::NextLine, "{line}");
        }
        let line = b"- name: DB_PASS";
        assert_eq!(after(line, identifier(line, &(11..15))), After::NextValue);
    }
}
