//! Why a line is of a format or not: how far the pattern went, and which formats came near.
//!
//! Must never decide what format a source has; it only tells of it. What breaks it: a pattern that is one alternative
//! of several at its top, of which no part can be told apart.

use std::fmt;

use regex::Regex;
use regex_syntax::ast::{Ast, parse::Parser};

use super::codes::clean;
use super::definition::Kind;
use super::json;
use super::parts::{expand, shared_parts};
use super::{Format, Formats, text};

/// Where a line left a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The text that still fits.
    pub fits: String,
    /// What was expected behind it, as the definition writes it.
    pub wanted: String,
    /// What stands there.
    pub found: String,
    /// The time was read.
    pub past_time: bool,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fits.is_empty() {
            return write!(f, "wanted {} at the beginning, found {:?}", self.wanted, self.found);
        }
        write!(f, "fits up to {:?}, then wanted {}, found {:?}", self.fits, self.wanted, self.found)
    }
}

/// How a format did on the sample of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: &'static str,
    pub title: String,
    /// Lines that it matches, and those for which it was the first to.
    pub matches: usize,
    pub first: usize,
    /// The first line that it does not match: its index in the sample, and why.
    pub miss: Option<(usize, String)>,
}

impl Formats {
    /// The formats that match any of these lines, the best first; for none, those that went furthest into the first.
    pub fn candidates(&'static self, sample: &[&str]) -> Vec<Candidate> {
        let mut first = vec![0; self.formats.len()];
        for line in sample {
            if let Some(i) = self.of_line(&clean(line)) {
                first[i] += 1;
            }
        }
        let mut all: Vec<Candidate> = self
            .formats
            .iter()
            .zip(first)
            .filter(|(format, _)| !format.is_text())
            .map(|(format, first)| candidate(format, sample, first))
            .filter(|c| c.matches > 0)
            .collect();
        all.sort_by(|a, b| (b.first, b.matches, a.id).cmp(&(a.first, a.matches, b.id)));
        if all.is_empty() { self.nearest(sample) } else { all }
    }

    /// The formats whose patterns go furthest into the first line, at least beyond its time.
    fn nearest(&'static self, sample: &[&str]) -> Vec<Candidate> {
        let Some(line) = sample.first() else { return Vec::new() };
        let mut near: Vec<(usize, Candidate)> = self
            .formats
            .iter()
            .filter_map(|format| {
                let stop = format.stops_at(line)?;
                let candidate = candidate(format, sample, 0);
                stop.past_time.then_some((stop.fits.len(), candidate))
            })
            .collect();
        near.sort_by(|a, b| (b.0, a.1.id).cmp(&(a.0, b.1.id)));
        near.truncate(5);
        near.into_iter().map(|(_, candidate)| candidate).collect()
    }
}

fn candidate(format: &'static Format, sample: &[&str], first: usize) -> Candidate {
    let matches = sample.iter().filter(|l| format.matches(&clean(l))).count();
    let miss = sample.iter().position(|l| !format.matches(&clean(l))).map(|at| (at, format.why_not(sample[at])));
    Candidate { id: format.id(), title: format.title.clone(), matches, first, miss }
}

impl Format {
    /// Why a line is not of this format.
    pub fn why_not(&self, line: &str) -> String {
        match &self.kind {
            Kind::Json { required, .. } => match json::members(&clean(line)) {
                None => "it is not one JSON object".to_string(),
                Some(members) => {
                    let missing: Vec<String> = required.iter().filter(|r| !r.holds(&members)).map(|r| r.to_string()).collect();
                    format!("the object has no {}", missing.join(" and no "))
                }
            },
            Kind::Logfmt => "it does not consist of key=value pairs".to_string(),
            Kind::Text => "any line is text".to_string(),
            Kind::Pattern(_) => self.stops_at(line).map_or("the pattern does not match".to_string(), |stop| stop.to_string()),
        }
    }

    /// How far a line that does not match goes with the pattern.
    pub(super) fn stops_at(&self, line: &str) -> Option<Stop> {
        let Kind::Pattern(pattern) = &self.kind else { return None };
        let line = clean(line);
        let line = text::first_line(&line);
        let source = pattern.source();
        let ends = part_ends(source)?;
        let fitting = |parts: usize| {
            let prefix = &source[..parts.checked_sub(1).map_or(0, |last| ends[last])];
            Regex::new(&format!("^(?:{})", expand(prefix))).ok()?.find(line).map(|m| m.end())
        };
        // The more parts, the less matches: the last prefix that fits is found by halving.
        let (mut low, mut high) = (0, ends.len());
        while high - low > 1 {
            let middle = low.midpoint(high);
            if fitting(middle).is_some() { low = middle } else { high = middle }
        }
        let fits = fitting(low)?;
        let from = low.checked_sub(1).map_or(0, |last| ends[last]);
        let wanted = &source[from..ends[low]];
        Some(Stop {
            fits: line[..fits].to_string(),
            wanted: wanted.to_string(),
            found: shortened(&line[fits..]),
            past_time: source[..from].contains("time>"),
        })
    }
}

/// Where the parts of a pattern end, in bytes of it as it stands in its file. What stands for a shared part is one.
fn part_ends(source: &str) -> Option<Vec<usize>> {
    let ast = Parser::new().parse(source).ok()?;
    let Ast::Concat(concat) = &ast else { return None };
    let shared = shared_parts(source);
    let within = |end: usize| shared.iter().any(|part| part.start < end && end < part.end);
    Some(concat.asts.iter().map(|part| part.span().end.offset).filter(|end| !within(*end)).collect())
}

/// The first words of what stands where something else was wanted.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_does_not_match_says_where_it_leaves_the_pattern() {
        let format = Formats::load().get("klog").unwrap();
        let stop = format.stops_at("I0302 05:50:03.781414       x conditions.go:252] no thread").unwrap();
        assert_eq!((stop.fits.as_str(), stop.wanted.as_str()), ("I0302 05:50:03.781414       ", "(?<thread>\\d+)"));
        assert!(stop.found.starts_with("x conditions.go"));
    }

    #[test]
    fn the_formats_that_match_come_first_and_the_nearest_when_none_does() {
        let lines = ["I0302 05:50:03.781414       1 a.go:2] x", "something else"];
        let candidates = Formats::load().candidates(&lines);
        assert_eq!((candidates[0].id, candidates[0].matches, candidates[0].first), ("klog", 1, 1));
        assert_eq!(candidates[0].miss.as_ref().map(|m| m.0), Some(1));
        let near = Formats::load().candidates(&["I0302 05:50:03.781414       1 a.go:2! x"]);
        assert!(near.iter().any(|c| c.id == "klog"), "{near:?}");
        assert_eq!(Formats::load().candidates(&[]), []);
    }

    #[test]
    fn an_object_says_which_member_it_lacks() {
        let format = Formats::load().get("pino").unwrap();
        assert_eq!(format.why_not(r#"{"level":30}"#), "the object has no time (a number)");
        assert_eq!(format.why_not("x"), "it is not one JSON object");
    }
}
