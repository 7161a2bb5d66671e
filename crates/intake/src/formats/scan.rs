//! Patterns without a search: a regular expression whose parts follow each other is walked from left to right, and each
//! part takes what it prefers.
//!
//! A walk never goes back, so it may fail where the expression matches; then the expression is asked. It must never find
//! another match than the expression would: what it takes at each step is what the expression tries first
//! (leftmost-first, as in Perl), and it passes over an alternative only when that cannot match at all. What breaks it:
//! expressions with looks around words, or alternatives that have to be tried out; they have no walk.

mod class;
mod compile;
mod fixed;

use memchr::memmem::Finder;
use regex_syntax::hir::Hir;

use class::{Bytes, Class};
use compile::{compile, is_anchored, joined};
use fixed::Fixed;

/// Capture groups of one expression.
pub const GROUPS: usize = 40;
/// Where each group stands in a line; the second number is 0 for one that took no part.
pub type Spans = [(u32, u32); GROUPS];

/// One bit for each branch by the first byte; those beyond the last bit share it.
type Firsts = Box<[u64; 256]>;

/// An expression as a walk.
#[derive(Debug)]
pub struct Walk {
    steps: Vec<Step>,
    /// How many groups it has; the whole match counts.
    groups: usize,
}

#[derive(Debug)]
enum Step {
    Text(Box<[u8]>),
    /// One byte of a set for each place, one after the other.
    Fixed(Fixed),
    /// One byte of a class that has none of which the expression has to say.
    One(Bytes),
    /// Between so many bytes of a class, as many as there are.
    Run {
        class: Class,
        least: u32,
        most: u32,
    },
    /// All bytes of the line, at least so many. It has no line end.
    Rest {
        least: u32,
    },
    /// As a run, but so many bytes that the text follows.
    RunBefore {
        class: Class,
        least: u32,
        most: u32,
        text: Box<[u8]>,
    },
    /// As few bytes of a class as let the text follow.
    Until {
        class: Class,
        least: u32,
        text: Box<Finder<'static>>,
    },
    Open(usize),
    Close(usize),
    /// A run that is a group.
    Group {
        group: usize,
        class: Class,
        least: u32,
        most: u32,
    },
    Repeat {
        steps: Vec<Step>,
        /// What it can begin with, where it cannot be nothing.
        first: Option<Bytes>,
        least: u32,
        most: u32,
        groups: bool,
    },
    /// The first that matches and is followed by one of these bytes, where that is known.
    Either {
        branches: Vec<Vec<Step>>,
        /// By the first byte: which branches may begin with it.
        first: Firsts,
        next: Option<Bytes>,
        groups: bool,
    },
    End,
}

impl Step {
    /// The same step, done in fewer.
    fn simple(self) -> Step {
        match self {
            Step::Fixed(fixed) => fixed.single().map_or_else(|| Step::Fixed(fixed.ready()), Step::One),
            step => step,
        }
    }
}

impl Walk {
    /// `None` for an expression that cannot be walked. It has to be anchored at its beginning.
    pub fn of(hir: &Hir) -> Option<Walk> {
        let mut steps = Vec::new();
        compile(hir, &mut Vec::new(), &mut steps)?;
        let groups = hir.properties().explicit_captures_len() + 1;
        is_anchored(hir).then(|| Walk { steps: joined(steps), groups: groups.min(GROUPS) })
    }

    /// Whether a line, without its end, is walked to the end of the expression; where its groups are stands in `spans`,
    /// and where the match ends is given back. Of groups that the expression does not have nothing is said.
    pub fn spans(&self, line: &str, spans: &mut Spans) -> Option<usize> {
        debug_assert!(!line.contains('\n'));
        spans[..self.groups].fill((0, 0));
        u32::try_from(line.len()).ok()?;
        follow(&self.steps, line.as_bytes(), 0, spans).ok()
    }
}

/// Why a walk ended.
enum Stop {
    /// It does not match here.
    No,
    /// The expression has to say.
    Unsure,
}

fn follow(steps: &[Step], line: &[u8], mut at: usize, spans: &mut Spans) -> Result<usize, Stop> {
    for step in steps {
        match step {
            Step::Text(text) if line[at..].starts_with(text) => at += text.len(),
            Step::Text(_) => return Err(Stop::No),
            Step::Fixed(fixed) => at = fixed.end(line, at)?,
            Step::One(class) if line.get(at).is_some_and(|byte| class[usize::from(*byte)] != 0) => at += 1,
            Step::One(_) => return Err(Stop::No),
            Step::Run { class, least, most } => at = run(class, (*least, *most), line, at)?,
            Step::Rest { least } if line.len() - at >= *least as usize => at = line.len(),
            Step::Rest { .. } => return Err(Stop::No),
            Step::RunBefore { class, least, most, text } => {
                let end = run(class, (*least, *most), line, at)?;
                let first = at + *least as usize;
                at = (first..=end).rev().find(|p| line[*p..].starts_with(text)).ok_or(Stop::No)?;
            }
            Step::Until { class, least, text } => {
                let first = at + *least as usize;
                let found = first + text.find(line.get(first..).ok_or(Stop::No)?).ok_or(Stop::No)?;
                let end = run(class, (0, u32::MAX), &line[..found], at)?;
                if end < found {
                    return Err(Stop::No);
                }
                at = found;
            }
            Step::Open(group) => spans[*group] = (at as u32, 0),
            Step::Close(group) => spans[*group].1 = at as u32 + 1,
            Step::Group { group, class, least, most } => {
                let end = run(class, (*least, *most), line, at)?;
                spans[*group] = (at as u32, end as u32 + 1);
                at = end;
            }
            Step::Repeat { least: 0, first: Some(first), .. }
                if line.get(at).is_none_or(|byte| first[usize::from(*byte)] == 0) => {}
            Step::Repeat { steps, least, most, groups, .. } => at = repeat(steps, (*least, *most, *groups), line, at, spans)?,
            Step::Either { branches, first, next, groups } => {
                let open = line.get(at).map_or(u64::MAX, |byte| first[usize::from(*byte)]);
                at = either((branches, open), (next.as_deref(), *groups), line, at, spans)?;
            }
            Step::End if at == line.len() => {}
            Step::End => return Err(Stop::No),
        }
    }
    Ok(at)
}

#[inline(always)]
fn run(class: &Class, (least, most): (u32, u32), line: &[u8], at: usize) -> Result<usize, Stop> {
    let n = class.leading(&line[at..]).min(most as usize);
    if n < least as usize || n < most as usize && line.get(at + n).is_some_and(|byte| class.is_unsure(*byte)) {
        return Err(if line.get(at + n).is_some_and(|byte| class.is_unsure(*byte)) { Stop::Unsure } else { Stop::No });
    }
    Ok(at + n)
}

// Apart, so that what walks from step to step has little to keep in mind.
#[inline(never)]
fn repeat(
    steps: &[Step],
    (least, most, groups): (u32, u32, bool),
    line: &[u8],
    mut at: usize,
    spans: &mut Spans,
) -> Result<usize, Stop> {
    for n in 0..most {
        let before = groups.then_some(*spans);
        match follow(steps, line, at, spans) {
            Ok(end) if end > at => at = end,
            Ok(_) | Err(Stop::Unsure) => return Err(Stop::Unsure),
            Err(Stop::No) if n >= least => {
                before.into_iter().for_each(|before| *spans = before);
                break;
            }
            Err(Stop::No) => return Err(Stop::No),
        }
    }
    Ok(at)
}

#[inline(never)]
fn either(
    (branches, open): (&[Vec<Step>], u64),
    (next, groups): (Option<&[u8; 256]>, bool),
    line: &[u8],
    at: usize,
    spans: &mut Spans,
) -> Result<usize, Stop> {
    for branch in opened(branches, open) {
        let before = groups.then_some(*spans);
        let found = match branch.as_slice() {
            [Step::Fixed(fixed)] => fixed.end(line, at),
            steps => follow(steps, line, at, spans),
        };
        match found {
            Ok(end) if next.is_none_or(|next| line.get(end).is_some_and(|b| next[usize::from(*b)] != 0)) => return Ok(end),
            Err(Stop::Unsure) => return Err(Stop::Unsure),
            _ => before.into_iter().for_each(|before| *spans = before),
        }
    }
    Err(Stop::No)
}

/// The branches whose bits are set.
fn opened(branches: &[Vec<Step>], mut open: u64) -> impl Iterator<Item = &Vec<Step>> {
    let last = branches.get(LAST..).filter(|_| open & bit(LAST) != 0).unwrap_or_default();
    open &= !bit(LAST);
    let own = std::iter::from_fn(move || {
        let n = open.trailing_zeros() as usize;
        open &= open.wrapping_sub(1);
        branches.get(n)
    });
    own.chain(last)
}

/// The last bit, which further branches share.
const LAST: usize = 63;

/// The bit of the n-th branch.
fn bit(n: usize) -> u64 {
    1 << n.min(LAST)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::formats::{Formats, definition};

    /// The groups that a walk finds, checked against those of the expression.
    fn walked(pattern: &str, line: &str) -> Option<Vec<Option<String>>> {
        let pattern = format!("^(?:{pattern})");
        let mut spans = [(0, 0); GROUPS];
        Walk::of(&regex_syntax::parse(&pattern).unwrap())?.spans(line, &mut spans)?;
        let regex = Regex::new(&pattern).unwrap();
        let captures = regex.captures(line).unwrap_or_else(|| panic!("{pattern} does not match {line}"));
        let found = (1..regex.captures_len()).map(|i| {
            let own = (spans[i].1 > 0).then(|| line[spans[i].0 as usize..spans[i].1 as usize - 1].to_string());
            assert_eq!(own.as_deref(), captures.get(i).map(|c| c.as_str()), "{pattern} in {line}");
            own
        });
        Some(found.collect())
    }

    #[test]
    fn parts_follow_each_other() {
        let some = |texts: &[&str]| Some(texts.iter().map(|t| (!t.is_empty()).then(|| t.to_string())).collect::<Vec<_>>());
        assert_eq!(
            walked(r"([0-9]{2}) \[([^\]]+)\](?: (x+))? - (.*)", "12 [ab c] - rest é"),
            some(&["12", "ab c", "", "rest é"])
        );
        assert_eq!(walked(r"([0-9]{2}) \[([^\]]+)\](?: (x+))? - (.*)", "12 [ab c] xx - r"), some(&["12", "ab c", "xx", "r"]));
        assert_eq!(walked(r"([^ ]+): (.*)", "a:b:c: d: e"), some(&["a:b:c", "d: e"]));
        assert_eq!(walked(r"(.*?) - (.*)", "a - b - c"), some(&["a", "b - c"]));
        assert_eq!(walked(r"(info|information) x", "information x"), some(&["information"]));
        assert_eq!(walked(r"((?i:warn|warning|error))\b", "WARNING"), None);
        assert_eq!(walked(r"(a+)$", "aab"), None);
    }

    #[test]
    fn samples_and_lookalikes_of_every_format_are_walked_as_the_expression_finds_them() {
        let formats = Formats::load();
        let lines: Vec<&str> = formats
            .all()
            .iter()
            .flat_map(|f| f.samples().iter().map(|s| s.line.as_str()).chain(f.lookalikes().iter().map(String::as_str)))
            .filter_map(|line| line.lines().next())
            .collect();
        let (mut walks, mut patterns) = (0, 0);
        for format in formats.all() {
            let definition::Kind::Pattern(pattern) = &format.kind else { continue };
            patterns += 1;
            let Some(walk) = pattern.walk() else { continue };
            walks += 1;
            let mut spans = [(0, 0); GROUPS];
            for line in lines.iter().filter(|line| pattern.may_match(line)) {
                if walk.spans(line, &mut spans).is_none() {
                    continue;
                }
                let found = pattern.by_regex(line).unwrap_or_else(|| panic!("{} does not match {line}", format.id()));
                let own: Vec<_> = pattern.spans_by_name(&spans);
                assert_eq!(own, found, "{}: {line}", format.id());
            }
        }
        assert!(walks * 10 >= patterns * 5, "{walks} of {patterns}");
    }
}
