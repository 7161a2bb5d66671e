//! A name and its value that stand apart: as elements of XML, members of JSON or keys of YAML of their own.
//!
//! Must never read the markup of a page as such: only the elements that settings are written with count.

use std::ops::Range;

use super::{After, Assignment, How, LONGEST_NAME, blanks, find};

/// Elements whose text is a name.
const NAMES: [&[u8]; 3] = [b"name", b"key", b"param-name"];
/// Elements that name a setting in an attribute and have its value as text.
const SETTINGS: [&[u8]; 11] =
    [b"entry", b"string", b"setting", b"data", b"property", b"param", b"item", b"variable", b"env", b"field", b"option"];
/// Elements whose text is the value of the name before.
const VALUES: [&[u8]; 5] = [b"value", b"string", b"data", b"val", b"param-value"];
/// What the line after a name begins with where the value stands under a key of its own, and what ends the value.
pub(crate) const NEXT: [(&[u8], Option<u8>); 5] =
    [(b"value:", None), (b"\"value\":", None), (b"<value>", Some(b'<')), (b"<string>", Some(b'<')), (b"<data>", Some(b'<'))];
/// Keys under which the two values of a change stand.
const CHANGES: [(&[u8], &[u8]); 5] =
    [(b"old", b"new"), (b"old_value", b"new_value"), (b"oldvalue", b"newvalue"), (b"from", b"to"), (b"before", b"after")];

/// The text that ends here names a member: a colon follows its quote.
pub(super) fn is_member(line: &[u8], end: usize) -> bool {
    let rest = line.get(end..).unwrap_or_default();
    let quote = rest.iter().take_while(|b| b"\\\"'`".contains(b)).count();
    quote > 0 && rest[quote..].trim_ascii_start().first() == Some(&b':')
}

/// `<name>` or `<name type="x">`.
pub(super) fn is_tag(line: &[u8], name: &Range<usize>) -> bool {
    let space = |b: &u8| b.is_ascii_alphanumeric() || b":_-".contains(b);
    let before = &line[name.start.saturating_sub(LONGEST_NAME)..name.start];
    let open = before.iter().rposition(|b| !space(b)).map(|n| before[n]);
    open == Some(b'<') && matches!(line.get(name.end), Some(b'>' | b' '))
}

pub(super) fn element(line: &[u8], name: Range<usize>, at: usize) -> After {
    let Some(open) = find(&line[at..line.len().min(at + 200)], b'>') else { return After::Nothing };
    let start = at + open + 1;
    if line[start..].trim_ascii().is_empty() {
        return After::NextLine;
    }
    let start = start + blanks(line, start, 40);
    let start = if line[start..].starts_with(b"<![CDATA[") { start + 9 } else { start };
    let end = start + line[start..].iter().position(|b| b"<]".contains(b)).unwrap_or(line.len() - start);
    let end = start + line[start..end].trim_ascii_end().len();
    if end > start { After::Value(Assignment { name, value: start..end, how: How::Quoted }) } else { After::Nothing }
}

/// `<name>x</name><value>v</value>`, `<entry key="x">v</entry>`: what stands in an element beside the name.
pub(super) fn element_beside(line: &[u8], name: &Range<usize>) -> Option<After> {
    let floor = name.start.saturating_sub(2 * LONGEST_NAME);
    let open = floor + line[floor..name.start].iter().rposition(|b| *b == b'<')?;
    let text = line[..name.start].ends_with(b">");
    let closes = line[name.end..].starts_with(b"</");
    let known: &[&[u8]] = if text && closes { &NAMES } else { &SETTINGS };
    if !is_one_of(&line[open + 1..], known) || text != closes || !text && !b"\"'".contains(line.get(name.end)?) {
        return None;
    }
    let mut at = after_tag(line, name.end)?;
    let mut values = 0;
    loop {
        at += blanks(line, at, 80);
        match line.get(at) {
            None => return Some(After::NextValue),
            Some(b'<') if values == 0 && is_one_of(&line[at + 1..], &VALUES) => {
                at = after_tag(line, at)?;
                values += 1;
            }
            Some(b'<') => return None,
            Some(_) if text && values == 0 => return None,
            Some(_) => break,
        }
    }
    let end = at + find(&line[at..], b'<').unwrap_or(line.len() - at);
    let value = at..at + line[at..end].trim_ascii_end().len();
    Some(After::Value(Assignment { name: name.clone(), value, how: How::Quoted }))
}

/// Behind the next `>` of an element that has content.
fn after_tag(line: &[u8], at: usize) -> Option<usize> {
    let close = at + find(&line[at..line.len().min(at + 200)], b'>')?;
    (line[close - 1] != b'/').then_some(close + 1)
}

fn is_one_of(rest: &[u8], words: &[&[u8]]) -> bool {
    let word = rest.iter().take(LONGEST_NAME).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    words.iter().any(|w| w.eq_ignore_ascii_case(&rest[..word]))
}

/// `name="X" value="`, `"name":"X","value":"`, `"k":"X","v":"`, `"X","old":"`: where the value begins.
pub(super) fn under_value(line: &[u8], name: &Range<usize>, at: usize) -> Option<usize> {
    if let Some(begin) = member(line, at, b"value") {
        return Some(begin);
    }
    let keyed = line[..name.start].ends_with(b"\"k\":\"") || line[..name.start].ends_with(b"\"k\": \"");
    if keyed && let Some(begin) = member(line, at, b"v") {
        return Some(begin);
    }
    CHANGES.iter().find_map(|(old, new)| {
        let begin = member(line, at, old).filter(|begin| line.get(*begin) == Some(&b'"'))?;
        let end = begin + 1 + find(&line[begin + 1..], b'"')?;
        member(line, end + 1, new).map(|_| begin)
    })
}

/// The second value of a change whose first ends here: `"old":"A","new":"`.
pub(super) fn changed_member(line: &[u8], at: usize) -> Option<usize> {
    CHANGES.iter().find_map(|(_, new)| member(line, at, new).filter(|begin| line.get(*begin) == Some(&b'"')))
}

/// Where the value of the member that comes next begins, if this is its key.
fn member(line: &[u8], at: usize, key: &[u8]) -> Option<usize> {
    let rest = &line[at.min(line.len())..line.len().min(at + 40)];
    let skipped = rest.iter().take_while(|b| b" ,\t\"'".contains(b)).count();
    let word = rest.get(skipped..skipped + key.len())?;
    if skipped == 0 || !word.eq_ignore_ascii_case(key) {
        return None;
    }
    let tail = &rest[skipped + key.len()..];
    let closed = tail.iter().take_while(|b| b"\"' ".contains(b)).count();
    if !matches!(tail.get(closed), Some(b'=' | b':')) {
        return None;
    }
    let begin = at + skipped + key.len() + closed + 1;
    Some(begin + blanks(line, begin, 8))
}

/// The line is `name: IDENTIFIER`, as lists of variables are written.
pub(super) fn is_named(line: &[u8], name: &Range<usize>) -> bool {
    let before = line[..name.start].trim_ascii();
    let before = before.strip_suffix(b"\"").unwrap_or(before).trim_ascii_end();
    [&b"name:"[..], b"- name:", b"\"name\":", b"key:", b"- key:"].contains(&before)
}

#[cfg(test)]
mod tests {
    use super::super::{after, identifier};
    use super::*;

    fn of(line: &str) -> After {
        let at = line.to_ascii_lowercase().find("pass").expect("the word");
        after(line.as_bytes(), identifier(line.as_bytes(), &(at..at + 4)))
    }

    #[track_caller]
    fn check(line: &str, expected: &str) {
        match of(line) {
            After::Value(found) => assert_eq!(&line[found.value], expected, "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_value_may_stand_in_an_element_or_member_beside_its_name() {
        check("<property><name>db.pass</name><value>v1</value></property>", "v1");
        check("<key>DbPass</key><string>v1</string>", "v1");
        check(r#"<entry key="db.pass">v1</entry>"#, "v1");
        check(r#"<setting name="Pass" serializeAs="String"><value>v1</value></setting>"#, "v1");
        check(r#"<Data Name="ServicePass">v1</Data>"#, "v1");
        check(r#"{"k":"pass","v":"v1"}"#, "v1");
        check(r#"{"field":"pass","old":"v1","new":"v2"}"#, "v1");
        assert_eq!(of("  <name>db.pass</name>"), After::NextValue);
    }

    #[test]
    fn the_markup_of_a_page_names_nothing() {
        for line in
            ["<td>pass</td><td>v1</td>", "<b>pass</b> <code>v1</code>", r#"<a href="pass">v1</a>"#, "<key>pass</key><true/>"]
        {
            assert_eq!(of(line), After::Nothing, "{line}");
        }
        for line in [r#"{"grant":"pass","from":"ann"}"#, r#"{"kind":"pass","v":"v1"}"#] {
            assert_eq!(of(line), After::Nothing, "{line}");
        }
    }
}
