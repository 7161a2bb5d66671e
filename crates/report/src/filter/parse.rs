//! Reads the filter language. Must never guess: a term that is not understood is an error that says what would be.

use std::iter::Peekable;
use std::str::Chars;

use evidence::Level;

use super::{Compare, EventKind, Filter, Glob, Has, Of, Term, Test};

const KNOWN: &str = "any, level, status, service=, path=, user, trace, instance, text~, field.KEY=, of=, metric=, label.KEY=, \
                     points, event=, author=, firing";

/// One term taken apart: `!` `key` [`.sub`] [sign value].
struct Raw {
    negated: bool,
    key: String,
    sub: Option<String>,
    sign: String,
    value: String,
}

pub(super) fn filter(text: &str) -> Result<Filter, String> {
    let raws = split(text)?;
    from_raws(&raws)
}

pub(super) fn ratio(text: &str) -> Result<(Filter, Filter), String> {
    let raws = split(text)?;
    let is_slash = |r: &Raw| r.key == "/" && r.sign.is_empty();
    let mut parts = raws.split(is_slash);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(numerator), Some(denominator), None) => Ok((from_raws(numerator)?, from_raws(denominator)?)),
        _ => Err(format!("`{text}` is not of the form `NUMERATOR / DENOMINATOR`")),
    }
}

fn from_raws(raws: &[Raw]) -> Result<Filter, String> {
    if raws.is_empty() {
        return Err("an empty filter; write `any` for everything".to_string());
    }
    let mut filter = Filter::any();
    for raw in raws {
        match (raw.key.as_str(), raw.sign.as_str()) {
            ("any", "") if !raw.negated => {}
            ("of", "=") if !raw.negated => filter.of = Some(word(&Of::WORDS, raw)?),
            _ => filter.terms.push(Term { negated: raw.negated, test: test(raw)? }),
        }
    }
    Ok(filter)
}

fn test(raw: &Raw) -> Result<Test, String> {
    let value = || raw.value.clone();
    Ok(match (raw.key.as_str(), raw.sub.as_deref(), raw.sign.as_str()) {
        ("status", None, "") => Test::Has(Has::Status),
        ("user", None, "") => Test::Has(Has::User),
        ("trace", None, "") => Test::Has(Has::Trace),
        ("instance", None, "") => Test::Has(Has::Instance),
        ("points", None, "") => Test::Points,
        ("firing", None, "") => Test::Firing,
        ("level", None, sign) => Test::Level(compare(sign)?, level(&raw.value)?),
        ("status", None, sign) => {
            let status = raw.value.parse().map_err(|_| format!("`{}` is no status code", raw.value))?;
            Test::Status(compare(sign)?, status)
        }
        ("service", None, "=") => Test::Service(value()),
        ("path", None, "=") => Test::Path(Glob::new(&raw.value)),
        ("text", None, "~") => Test::Text(Glob::new(&raw.value)),
        ("field", Some(key), "=") => Test::Field(key.to_string(), Glob::new(&raw.value)),
        ("metric", None, "=") => Test::Metric(value()),
        ("label", Some(key), "=") => Test::Label(key.to_string(), value()),
        ("event", None, "=") => Test::Event(word(&EventKind::WORDS, raw)?),
        ("author", None, "=") => Test::Author(value()),
        _ => return Err(format!("`{}{}{}` is no term of a filter; known are {KNOWN}", raw.key, raw.sign, raw.value)),
    })
}

fn compare(sign: &str) -> Result<Compare, String> {
    Ok(match sign {
        "<" => Compare::Less,
        "<=" => Compare::AtMost,
        "=" => Compare::Equal,
        ">=" => Compare::AtLeast,
        ">" => Compare::More,
        _ => return Err(format!("`{sign}` does not compare; write <, <=, =, >= or >")),
    })
}

fn level(text: &str) -> Result<Level, String> {
    Level::ALL
        .into_iter()
        .find(|l| l.word() == text)
        .ok_or_else(|| format!("`{text}` is no level; they are trace, debug, info, warn, error, fatal"))
}

fn word<T: Copy>(words: &[(&'static str, T)], raw: &Raw) -> Result<T, String> {
    words.iter().find(|(w, _)| *w == raw.value).map(|(_, v)| *v).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
        format!("`{}={}` is not known; write one of {}", raw.key, raw.value, known.join(", "))
    })
}

fn split(text: &str) -> Result<Vec<Raw>, String> {
    let mut chars = text.chars().peekable();
    let mut raws = Vec::new();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(raws);
        }
        raws.push(raw(&mut chars)?);
    }
}

fn raw(chars: &mut Peekable<Chars<'_>>) -> Result<Raw, String> {
    let negated = chars.next_if_eq(&'!').is_some();
    let key = take(chars, |c| !c.is_whitespace() && !matches!(c, '.' | '<' | '>' | '=' | '~' | '"'));
    let sub = match chars.next_if_eq(&'.') {
        Some(_) if chars.peek() == Some(&'"') => Some(in_quotes(chars)?),
        Some(_) => Some(take(chars, |c| !c.is_whitespace() && !matches!(c, '=' | '~' | '"'))),
        None => None,
    };
    let sign = take(chars, |c| matches!(c, '<' | '>' | '=' | '~'));
    let value = match chars.peek() {
        Some('"') => in_quotes(chars)?,
        _ => take(chars, |c| !c.is_whitespace()),
    };
    Ok(Raw { negated, key, sub, sign, value })
}

fn take(chars: &mut Peekable<Chars<'_>>, wanted: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    while let Some(c) = chars.next_if(|c| wanted(*c)) {
        out.push(c);
    }
    out
}

fn in_quotes(chars: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    chars.next();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(out),
            '\\' => out.push(match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(escaped @ ('"' | '\\')) => escaped,
                _ => return Err("a `\\` in quotes is followed by \", \\, n, r or t".to_string()),
            }),
            _ => out.push(c),
        }
    }
    Err("a quote is not closed".to_string())
}
