//! Phrases of several words that stand for one value: dates, amounts, properties, lists.
//!
//! [`line`] is careful, for a reader still sees the result; [`key`] also leaves out what a statement may or may not
//! write (a unit that fits the amount, an amount said twice), and the values of keys. It must never join across a
//! word that has an opposite. Input that breaks it: a month that is a verb ("May 5 more be opened").

use crate::mask::VARIABLE;

use super::compare::Key;
use super::tokens::{is_word, tokens};
use super::words::{
    is_account, is_alphabetic, is_boolean, is_class, is_closed, is_day_or_month, is_fault, is_null, is_unit, is_zone,
};

/// The tokens of a mask with what are values in any message as variables.
pub fn line(mask: &str) -> Vec<&str> {
    let tokens = tokens(mask);
    let mut out: Vec<&str> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let (end, is_value) = match () {
            () if is_day_or_month(tokens[at]) => date(&tokens, at).map_or((at + 1, false), |end| (end, true)),
            () if is_property(&tokens, at) => (end_of_property(&tokens, at), true),
            () => (at + 1, is_value(&tokens, at)),
        };
        if is_value {
            // "17 Jun 2005": the day before the month is part of the date.
            if end > at + 1 && out.ends_with(&[VARIABLE, " "]) {
                out.truncate(out.len() - 2);
            }
            out.push(VARIABLE);
        } else {
            out.push(tokens[at]);
        }
        at = end;
    }
    joined(&out)
}

/// The key of a line: what decides whether it belongs with another.
pub fn key<'m>(line: &[&'m str]) -> Key<'m> {
    let mut out: Key<'m> = Vec::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        let token = line[at];
        at += 1;
        match token {
            VARIABLE => {
                at += unit(line, at);
                at += restated(line, at);
                // "less than" some amount is an amount.
                if out.ends_with(&[" ", "<"]) {
                    out.pop();
                }
                out.push(VARIABLE);
            }
            "=" => {
                out.push("=");
                if let Some(end) = value(line, at) {
                    out.push(VARIABLE);
                    at = end;
                }
            }
            // Which class it is varies with the object at hand; an exception is what the message is about.
            class if is_class(class) && !is_fault(class) => out.push(VARIABLE),
            _ => out.push(token),
        }
    }
    without_lists(&joined(&out))
}

/// A line without what a statement says of an amount at times only: the amount again ("(18.4 KB)"), or that it is less
/// than the least that is counted ("<1 sec" beside "02:10").
pub fn without_asides<'m>(line: &[&'m str]) -> Vec<&'m str> {
    let mut out = Vec::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        if matches!(line[at..], ["<", VARIABLE, ..]) && out.ends_with(&[" "]) {
            out.push(VARIABLE);
            at += 2 + unit(line, at + 2);
            continue;
        }
        out.push(line[at]);
        at += 1;
        let behind_amount = out.ends_with(&[VARIABLE]) || (out.len() >= 3 && unit(line, at - 2) == 2);
        at += if behind_amount { restated(line, at) } else { 0 };
    }
    out
}

/// Variables with nothing but signs between them are one: `<*>.<*>`, `<*>/<*>`, `<*><*>`.
pub fn joined<'m>(tokens: &[&'m str]) -> Vec<&'m str> {
    let joins = |token: &str| token.bytes().all(|byte| b".:/,;@#_|+~-\\".contains(&byte));
    let mut out: Vec<&str> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if *token == VARIABLE {
            let before = out.iter().rposition(|token| *token == VARIABLE);
            if let Some(before) = before.filter(|before| out[before + 1..].iter().all(|token| joins(token))) {
                out.truncate(before);
            }
        }
        out.push(token);
    }
    out
}

/// Where a date ends that begins with a day or a month: with a number in it, up to the last of its parts.
fn date(tokens: &[&str], start: usize) -> Option<usize> {
    let in_date = |token: &&&str| matches!(**token, " " | VARIABLE | ":" | ",") || is_day_or_month(token) || is_zone(token);
    let parts = &tokens[start..start + tokens[start..].iter().take_while(in_date).count()];
    let last = parts.iter().rposition(|token| !matches!(*token, " " | ":" | ","))?;
    parts.contains(&VARIABLE).then_some(start + last + 1)
}

/// Properties are dumped by the dozen from one statement, so their dotted name is no text of it, nor is what follows:
/// "environment:user.dir=/", "kernel.panic = 1". With further keys in the message they are fields, and stay.
fn is_property(tokens: &[&str], at: usize) -> bool {
    let is_name = tokens[at].contains('.') && !tokens[at].starts_with('.') && is_word(tokens[at]);
    let is_assigned = matches!(tokens[at + 1..], ["=", ..]) || (at == 0 && matches!(tokens[at + 1..], [" ", "=", ..]));
    let is_only_one = || tokens.iter().filter(|token| **token == "=").count() == 1;
    is_name && is_assigned && (at == 0 || tokens[at - 1] == ":") && is_only_one()
}

fn end_of_property(tokens: &[&str], at: usize) -> usize {
    if tokens[at + 1] == "=" { tokens.len() } else { at + 1 }
}

fn is_value(tokens: &[&str], at: usize) -> bool {
    let token = tokens[at];
    let next = tokens.get(at + 1).copied().unwrap_or("");
    let next_word = if next == " " { tokens.get(at + 2).copied().unwrap_or("") } else { "" };
    // The first 8 digits of a dump may all be letters: "ffffffff".
    let is_hex = token.len() >= 8 && token.len().is_multiple_of(8) && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    // "null pointer", "None of", "root directory": words of a sentence.
    let goes_on = || is_alphabetic(next_word) && (!is_closed(next_word) || next_word == "of");
    token == VARIABLE
        || is_hex
        || is_boolean(token)
        || (is_null(token) && !goes_on())
        || (is_account(token) && next != "=" && !goes_on())
        || is_name_of_user(tokens, at)
}

/// "for user ana", "invalid user ana": what follows is a name, unless it is grammar.
fn is_name_of_user(tokens: &[&str], at: usize) -> bool {
    let Some([introduction, " ", "user", " "]) = at.checked_sub(4).map(|start| &tokens[start..at]) else { return false };
    matches!(*introduction, "for" | "invalid" | "illegal") && is_word(tokens[at]) && !is_closed(tokens[at])
}

/// How many tokens the unit behind an amount has.
fn unit(line: &[&str], at: usize) -> usize {
    match line.get(at..) {
        Some([" ", unit, ..]) if is_unit(unit) => 2,
        _ => 0,
    }
}

/// How many tokens a second telling of the amount has: " (<*> KB)".
fn restated(line: &[&str], at: usize) -> usize {
    match line.get(at..) {
        Some([" ", "(", VARIABLE, ")", ..]) => 0,
        Some([" ", "(", VARIABLE, " ", unit, ")", ..]) if is_unit(unit) => 6,
        _ => 0,
    }
}

/// Where the plain value of a key ends, if it has one: a word that has no opposite, or a short quoted text of such.
/// What opens a bracket is a structure with a name, not a value.
fn value(line: &[&str], at: usize) -> Option<usize> {
    let is_plain = |text: &str| is_word(text) && text.split(' ').count() <= 2 && !text.split(' ').any(is_closed);
    match line.get(at..)? {
        ["\"", text, "\"", ..] if is_plain(text) => Some(at + 3),
        [text, "(" | "{" | "[" | "<", ..] if is_word(text) => None,
        [text, ..] if is_plain(text) => Some(at + 1),
        _ => None,
    }
}

/// Lists of any length are one variable: three or more with blanks or commas between them.
pub fn without_lists<'m>(tokens: &[&'m str]) -> Vec<&'m str> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let (length, variables) = list(&tokens[at..]);
        out.push(tokens[at]);
        at += if variables >= 3 { length } else { 1 };
    }
    out
}

/// How many tokens the list has at whose beginning `tokens` starts, and how many of them are variables.
fn list(tokens: &[&str]) -> (usize, usize) {
    let (mut length, mut variables) = (0, 0);
    let mut at = 0;
    while tokens.get(at) == Some(&VARIABLE) {
        (length, variables) = (at + 1, variables + 1);
        at = length + tokens[length..].iter().take_while(|token| matches!(**token, " " | ",")).count();
        if at == length {
            break;
        }
    }
    (length, variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(mask: &str) -> String {
        line(mask).concat()
    }

    fn keyed(mask: &str) -> String {
        key(&line(mask)).concat()
    }

    #[test]
    fn dates_are_one_value() {
        assert_eq!(seen("from <*> at Mon Jun <*> <*> <*>, again"), "from <*> at <*>, again");
        assert_eq!(seen("built <*> Jun <*> <*> GMT"), "built <*>");
        assert_eq!(seen("May this be"), "May this be");
    }

    #[test]
    fn booleans_nulls_and_accounts_are_values_but_words_of_a_sentence_are_not() {
        assert_eq!(seen("enabled:true config null for root from <*>"), "enabled:<*> config <*> for <*> from <*>");
        assert_eq!(seen("nil pointer at root=<*> of the root directory"), "nil pointer at root=<*> of the root directory");
        assert_eq!(seen("opened for user ana by <*>, user unknown"), "opened for user <*> by <*>, user unknown");
    }

    #[test]
    fn a_property_is_a_value_with_its_name_but_fields_keep_theirs() {
        assert_eq!(seen("environment:java.vendor=Sun Inc."), "environment:<*>");
        assert_eq!(seen("kernel.panic = <*>"), "<*> = <*>");
        assert_eq!(seen("a:http.status=<*> http.method=GET"), "a:http.status=<*> http.method=GET");
    }

    #[test]
    fn a_key_has_neither_units_nor_values_nor_the_length_of_lists() {
        assert_eq!(keyed("sent <*> bytes (<*> KB) in <<*> sec"), "sent <*> in <*>");
        assert_eq!(keyed("lock=<*> name=ana tag=\"View Lock\""), "lock=<*> name=<*> tag=<*>");
        assert_eq!(keyed("fans ( <*> <*> <*> <*> )"), "fans ( <*> )");
    }

    #[test]
    fn classes_are_values_and_exceptions_are_not() {
        let text = "class a.b.Handler failed: java.net.SocketException";
        assert_eq!(keyed(text), "class <*> failed: java.net.SocketException");
    }

    #[test]
    fn opposites_as_values_of_keys_stay() {
        assert_eq!(keyed("state=started result=FAILED tag=\"read only\""), "state=started result=FAILED tag=\"read only\"");
    }
}
