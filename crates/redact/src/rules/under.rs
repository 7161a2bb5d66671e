//! The value that stands on the line below its name, also where a log puts its own head before both.
//!
//! It is misled by a name at the end of a sentence, below which something else begins.

use super::{RULES, rule_finding};
use crate::notations::{Assignment, How, NEXT};
use crate::{Finding, Scope, values};

/// Bytes of the head of a line that are remembered.
const HEAD: usize = 96;

/// What the value of the line before has to be, where its name stood at the end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pending {
    rule: usize,
    /// Under a key `value` of its own.
    named: bool,
    head: Head,
}

/// How the line begins in which the name stood: a log puts the same before the line of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    bytes: [u8; HEAD],
    length: usize,
}

impl Pending {
    /// The value of the name that this line ends with is to come.
    pub(super) fn new(rule: usize, named: bool, line: &[u8]) -> Pending {
        Pending { rule, named, head: Head::of(line) }
    }
}

impl Head {
    fn of(line: &[u8]) -> Head {
        let length = line.len().min(HEAD);
        let mut bytes = [0; HEAD];
        bytes[..length].copy_from_slice(&line[..length]);
        Head { bytes, length }
    }

    /// The end of what both lines begin with, whatever digits; nothing where that has no digit and may be of the value.
    fn end(&self, line: &[u8]) -> usize {
        let alike = |(a, b): &(&u8, &u8)| a == b || a.is_ascii_digit() && b.is_ascii_digit();
        let same = self.bytes[..self.length].iter().zip(line).take_while(alike).count();
        let end = line[..same].iter().rposition(|b| *b == b' ').map_or(0, |n| n + 1);
        if line[..end].iter().any(u8::is_ascii_digit) { end } else { 0 }
    }
}

/// The value of a line that stands under its name.
pub(crate) fn under(pending: Pending, line: &[u8], scope: Scope, found: &mut Vec<Finding>) {
    let Some(rules) = RULES.as_ref() else { return };
    let rule = &rules.rules[pending.rule];
    let head = pending.head.end(line);
    let mut start = line.len() - line[head..].trim_ascii_start().len();
    let mut end = line.trim_ascii_end().len();
    let key = NEXT.iter().find(|(key, _)| line[start..].starts_with(key));
    match key {
        Some((key, until)) => {
            start = line.len() - line[start + key.len()..].trim_ascii_start().len();
            end = until.and_then(|sign| memchr::memchr(sign, &line[start..])).map_or(end, |n| start + n);
        }
        None if pending.named => return,
        None => {}
    }
    if start >= end {
        return;
    }
    let value = &line[start..end];
    let value = value.strip_suffix(b",").unwrap_or(value);
    let quotes = value.len() > 2 && b"\"'".contains(&value[0]) && value.last() == value.first();
    let value = if quotes { start + 1..start + value.len() - 1 } else { start..start + value.len() };
    // Several words are prose, another name is the next setting.
    let plain = !line[value.clone()].iter().any(|b| b" \t<>{}[],".contains(b)) && !line[value.clone()].ends_with(b":");
    if plain && scope.takes(rule) {
        let place = Assignment { name: 0..0, value, how: How::Quoted };
        found.extend(values::beside(rule, line, &place).map(|value| rule_finding(rule, value)));
    }
}

#[cfg(test)]
mod tests {
    use crate::Redactor;

    #[test]
    fn a_log_puts_its_head_before_the_name_and_before_the_value() {
        let text = "2031-04-02 08:11:04.120 WARN [main] Db - password:\n2031-04-02 08:11:04.121 WARN [main] Db -   Kd8xTq1\n";
        assert_eq!(Redactor::new().redact(text), text.replace("Kd8xTq1", "[password:1]"));
        let prose = "2031-04-02 08:11:04.120 WARN Db - no password:\n2031-04-02 08:11:04.121 WARN Db - giving up on it\n";
        assert_eq!(Redactor::new().redact(prose), prose);
    }

    #[test]
    fn an_element_for_the_value_may_stand_below_that_of_the_name() {
        let text = "<name>db.password</name>\n  <value>Kd8xTq1</value>\n";
        assert_eq!(Redactor::new().redact(text), "<name>db.password</name>\n  <value>[password:1]</value>\n");
    }
}
