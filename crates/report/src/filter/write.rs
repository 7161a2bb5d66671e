//! Prints a filter so that it reads back as the same. Must never print what the parser does not know.

use std::fmt;

use super::{EventKind, Filter, Has, Of, Term, Test};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = self.terms.iter().map(Term::to_string).collect();
        if let Some(of) = self.of {
            words.push(format!("of={}", word_of(&Of::WORDS, of)));
        }
        f.write_str(&if words.is_empty() { "any".to_string() } else { words.join(" ") })
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        match &self.test {
            Test::Level(compare, level) => write!(f, "level{}{}", compare.sign(), level.word()),
            Test::Status(compare, status) => write!(f, "status{}{status}", compare.sign()),
            Test::Has(has) => f.write_str(has.word()),
            Test::Service(name) => write!(f, "service={}", plain_or_quoted(name)),
            Test::Path(glob) => write!(f, "path={}", plain_or_quoted(&glob.to_string())),
            Test::Text(glob) => write!(f, "text~{}", quoted(&glob.to_string())),
            Test::Field(name, glob) => write!(f, "field.{}={}", plain_or_quoted(name), quoted(&glob.to_string())),
            Test::Metric(name) => write!(f, "metric={}", quoted(name)),
            Test::Label(key, value) => write!(f, "label.{}={}", plain_or_quoted(key), quoted(value)),
            Test::Points => f.write_str("points"),
            Test::Event(kind) => write!(f, "event={}", word_of(&EventKind::WORDS, *kind)),
            Test::Author(name) => write!(f, "author={}", quoted(name)),
            Test::Firing => f.write_str("firing"),
        }
    }
}

impl Has {
    fn word(self) -> &'static str {
        match self {
            Has::Status => "status",
            Has::User => "user",
            Has::Trace => "trace",
            Has::Instance => "instance",
        }
    }
}

fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, v)| *v == value).map_or("", |(w, _)| w)
}

fn plain_or_quoted(text: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\\' | '=' | '~' | '<' | '>');
    if !text.is_empty() && text.chars().all(plain) { text.to_string() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
