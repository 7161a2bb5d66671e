//! What is searched for: values, and the line in which a person writes them.
//!
//! Must never be spliced into anything: a word is looked for as it stands, whatever characters it has, and a regular
//! expression has bounds. What misleads a reader: `a:b` with a name that is none of ours is a word like any other, as lines
//! of logs are full of them.

mod time;

use std::fmt;

use evidence::{Level, Moment};

pub use time::time;

/// Everything that is said has to hold; of several levels, services or sources, one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words and phrases that a record has, in whatever letters.
    pub words: Vec<String>,
    /// Words and phrases that it has not.
    pub without: Vec<String>,
    /// Regular expressions that match in it.
    pub regexes: Vec<String>,
    pub levels: Vec<Level>,
    /// Names, in whatever letters.
    pub services: Vec<String>,
    /// Public names, or parts of them, in whatever letters.
    pub sources: Vec<String>,
    /// A rank: 17 for `p17`.
    pub pattern: Option<u32>,
    /// Names and values of further fields, both in whatever letters.
    pub fields: Vec<(String, String)>,
    /// From this time on, and before that one.
    pub from: Option<Moment>,
    pub to: Option<Moment>,
}

/// What cannot be searched for: where in the line (bytes from 0 on), and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why} (at character {})", at + 1)]
pub struct Wrong {
    /// In characters.
    pub at: usize,
    pub why: String,
}

/// Characters of a line, and things that one line may ask for.
const LONGEST: usize = 4_000;
const MOST: usize = 64;

impl Query {
    /// Reads a line such as `timeout level:error service:checkout /pool.*full/ field:status=503 -health`.
    pub fn parse(line: &str) -> Result<Query, Wrong> {
        let mut query = Query::default();
        if line.chars().count() > LONGEST {
            return Err(Wrong { at: LONGEST, why: format!("a search has at most {LONGEST} characters") });
        }
        let mut rest = Rest { line, at: 0 };
        let mut parts = 0;
        while let Some(part) = rest.next()? {
            parts += 1;
            if parts > MOST {
                return Err(rest.wrong(part.at, format!("a search asks for at most {MOST} things")));
            }
            query.add(&part).map_err(|why| rest.wrong(part.at, why))?;
        }
        crate::matching::Matching::check(&query).map_err(|why| Wrong { at: 0, why })?;
        Ok(query)
    }

    fn add(&mut self, part: &Part) -> Result<(), String> {
        match part.shape {
            Shape::Regex => {
                crate::matching::regex(&part.text)?;
                self.regexes.push(part.text.clone());
            }
            Shape::Without => self.without.push(part.text.clone()),
            Shape::Word => self.words.push(part.text.clone()),
            Shape::Facet(facet) => return self.facet(facet, &part.text),
        }
        Ok(())
    }

    fn facet(&mut self, facet: Facet, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err(format!("`{}:` needs a value", facet.word()));
        }
        match facet {
            Facet::Level => self.levels.extend(levels(value)?),
            Facet::Service => self.services.push(value.to_string()),
            Facet::Source => self.sources.push(value.to_string()),
            Facet::Pattern => self.pattern = Some(only(self.pattern, rank(value)?, "pattern")?),
            Facet::Trace => self.fields.push(("trace".into(), value.to_string())),
            Facet::Field => {
                let (name, value) = value.split_once('=').ok_or("`field:` needs a name and a value: `field:status=503`")?;
                if name.is_empty() || value.is_empty() {
                    return Err("`field:` needs a name and a value: `field:status=503`".into());
                }
                self.fields.push((name.to_string(), value.to_string()));
            }
            Facet::From => self.from = Some(only(self.from, time(value)?, "from")?),
            Facet::To => self.to = Some(only(self.to, time(value)?, "to")?),
        }
        Ok(())
    }

    /// Nothing but what the summaries of blocks know is asked for.
    pub(crate) fn has_text(&self) -> bool {
        !(self.words.is_empty() && self.without.is_empty() && self.regexes.is_empty() && self.fields.is_empty())
    }
}

/// The line that [`Query::parse`] reads as this.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.words.iter().map(|word| quoted("", word)));
        parts.extend(self.without.iter().map(|word| quoted("-", word)));
        parts.extend(self.regexes.iter().map(|regex| format!("/{}/", slashed(regex))));
        parts.extend(self.levels.iter().map(|level| format!("level:{}", level.word())));
        parts.extend(self.services.iter().map(|name| quoted("service:", name)));
        parts.extend(self.sources.iter().map(|name| quoted("source:", name)));
        parts.extend(self.pattern.iter().map(|rank| format!("pattern:p{rank}")));
        parts.extend(self.fields.iter().map(|(name, value)| quoted("field:", &format!("{name}={value}"))));
        parts.extend(self.from.iter().map(|from| format!("from:{}", from.rfc3339())));
        parts.extend(self.to.iter().map(|to| format!("to:{}", to.rfc3339())));
        f.write_str(&parts.join(" "))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Facet {
    Level,
    Service,
    Source,
    Pattern,
    Field,
    Trace,
    From,
    To,
}

impl Facet {
    const ALL: [Facet; 8] =
        [Facet::Level, Facet::Service, Facet::Source, Facet::Pattern, Facet::Field, Facet::Trace, Facet::From, Facet::To];

    fn word(self) -> &'static str {
        ["level", "service", "source", "pattern", "field", "trace", "from", "to"][self as usize]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Word,
    Without,
    Regex,
    Facet(Facet),
}

/// One thing that is asked for, and the byte at which it begins.
struct Part {
    shape: Shape,
    text: String,
    at: usize,
}

/// What is left of the line.
struct Rest<'l> {
    line: &'l str,
    at: usize,
}

impl Rest<'_> {
    fn next(&mut self) -> Result<Option<Part>, Wrong> {
        let left = &self.line[self.at..];
        self.at += left.len() - left.trim_start().len();
        let (at, left) = (self.at, &self.line[self.at..]);
        let Some(first) = left.chars().next() else { return Ok(None) };
        if first == '/' {
            if let Some(text) = self.regex()? {
                return Ok(Some(Part { shape: Shape::Regex, text, at }));
            }
            return Ok(Some(Part { shape: Shape::Word, text: self.word()?, at }));
        }
        let facet = Facet::ALL.into_iter().find(|facet| left.strip_prefix(facet.word()).is_some_and(|l| l.starts_with(':')));
        let (shape, skip) = match facet {
            Some(facet) => (Shape::Facet(facet), facet.word().len() + 1),
            // A dash alone, or an arrow, is a word.
            None if first == '-' && left[1..].starts_with(|c: char| !c.is_whitespace() && c != '-' && c != '>') => {
                (Shape::Without, 1)
            }
            None => (Shape::Word, 0),
        };
        self.at += skip;
        let text = self.word()?;
        if text.is_empty() && matches!(shape, Shape::Word | Shape::Without) {
            return Err(self.wrong(at, "there is nothing between the quotation marks".into()));
        }
        Ok(Some(Part { shape, text, at }))
    }

    /// From a quotation mark to the next one, or up to a blank.
    fn word(&mut self) -> Result<String, Wrong> {
        let left = &self.line[self.at..];
        let Some(quoted) = left.strip_prefix('"') else {
            let end = left.find(char::is_whitespace).unwrap_or(left.len());
            self.at += end;
            return Ok(left[..end].to_string());
        };
        match until(quoted, '"') {
            Some((text, used)) => {
                self.at += 1 + used;
                Ok(text)
            }
            None => Err(self.wrong(self.at, "this quotation mark is not closed".into())),
        }
    }

    /// From a slash to the next one that a blank or nothing follows; `None` for a path, which is a word.
    fn regex(&mut self) -> Result<Option<String>, Wrong> {
        let left = &self.line[self.at + 1..];
        let mut from = 0;
        while let Some(found) = left[from..].find('/') {
            let end = from + found;
            let escaped = left[..end].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
            let after = &left[end + 1..];
            let flag = after.strip_prefix('i').filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
            let is_end = after.is_empty() || after.starts_with(char::is_whitespace) || flag.is_some();
            if !escaped && is_end && end > 0 {
                let text = left[..end].replace("\\/", "/");
                self.at += 1 + end + 1 + usize::from(flag.is_some());
                return Ok(Some(if flag.is_some() { format!("(?i){text}") } else { text }));
            }
            from = end + 1;
        }
        let word = left.split(char::is_whitespace).next().unwrap_or_default();
        if word.chars().all(|c| c.is_alphanumeric() || "/._-~%:=?&+@".contains(c)) {
            return Ok(None);
        }
        Err(self.wrong(self.at, "this regular expression is not closed by a `/`; quote what is a path".into()))
    }

    fn wrong(&self, at: usize, why: String) -> Wrong {
        Wrong { at: self.line[..at].chars().count(), why }
    }
}

/// What stands before a mark that no backslash precedes, and the bytes used with it.
fn until(text: &str, mark: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next_if(|(_, next)| *next == mark || *next == '\\') {
                Some((_, next)) => out.push(next),
                None => out.push(c),
            },
            c if c == mark => return Some((out, at + c.len_utf8())),
            c => out.push(c),
        }
    }
    None
}

fn quoted(before: &str, text: &str) -> String {
    format!("{before}\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Slashes within a regular expression, each with a backslash before it.
fn slashed(regex: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for c in regex.chars() {
        if c == '/' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

fn only<T: PartialEq>(had: Option<T>, new: T, word: &str) -> Result<T, String> {
    match had {
        Some(had) if had != new => Err(format!("there is a `{word}:` already; a record has one")),
        _ => Ok(new),
    }
}

/// `error`, several with commas, or `warn+` for this and all that are worse.
fn levels(value: &str) -> Result<Vec<Level>, String> {
    let mut all = Vec::new();
    for word in value.split(',') {
        let (name, is_least) = word.strip_suffix('+').map_or((word, false), |name| (name, true));
        let level = Level::from_word(name)
            .ok_or_else(|| format!("`{name}` is no level; there are trace, debug, info, warn, error and fatal"))?;
        all.extend(Level::ALL.into_iter().filter(|l| *l == level || is_least && *l > level));
    }
    Ok(all)
}

fn rank(value: &str) -> Result<u32, String> {
    let digits = value.strip_prefix(['p', 'P']).unwrap_or(value);
    digits.parse().ok().filter(|rank| *rank > 0).ok_or_else(|| format!("`{value}` is no pattern; they are called p1, p2, ..."))
}

#[cfg(test)]
mod tests;
