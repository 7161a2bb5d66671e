//! Patterns without a search: a regular expression whose parts follow each other is walked from left to right, and each
//! part takes what it prefers.
//!
//! A walk never goes back, so it may fail where the expression matches; then the expression is asked. It must never find
//! another match than the expression would: what it takes at each step is what the expression tries first
//! (leftmost-first, as in Perl), and it passes over an alternative only when that cannot match at all. What breaks it:
//! expressions with looks around words, or alternatives that have to be tried out; they have no walk.

mod beginning;
mod class;
mod compile;
mod fixed;

use memchr::memmem::Finder;
use regex_syntax::hir::Hir;

pub use beginning::Beginnings;
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

// With a number of its own, which is told by one look: each line goes from step to step.
#[derive(Debug)]
#[repr(u8)]
enum Step {
    Text(Box<[u8]>),
    /// One byte of a set for each place, one after the other.
    Fixed(Fixed),
    /// One byte of a class that has none of which the expression has to say.
    One(Bytes),
    /// Between so many bytes of a class, as many as there are.
    Run(Run),
    /// All bytes of the line, at least so many. It has no line end.
    Rest {
        least: u32,
    },
    /// As a run, but so many bytes that the text follows.
    RunBefore {
        run: Run,
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
    Group(usize, Run),
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

    /// The same for a line that may begin as others did: most of a log's lines do, but for digits.
    #[inline(always)]
    pub fn spans_near(&self, line: &str, room: &[u8], known: &mut Beginnings, spans: &mut Spans) -> Option<usize> {
        match known.find(room, line.len()) {
            Some(beginning) if line.len() < u32::MAX as usize => beginning.walk_on(self, line, spans),
            _ => {
                let end = self.spans(line, spans)?;
                known.learn(self, line);
                Some(end)
            }
        }
    }

    /// Whether a line, without its end, is walked to the end of the expression; where its groups are stands in `spans`,
    /// and where the match ends is given back. Of groups that the expression does not have nothing is said.
    pub fn spans(&self, line: &str, spans: &mut Spans) -> Option<usize> {
        debug_assert!(!line.contains('\n'));
        spans[..self.groups].fill((0, 0));
        u32::try_from(line.len()).ok()?;
        follow(&self.steps, line.as_bytes(), 0, spans, &mut ()).ok()
    }
}

/// Why a walk ended.
enum Stop {
    /// It does not match here.
    No,
    /// The expression has to say.
    Unsure,
}

/// A run of bytes of a class.
#[derive(Debug)]
struct Run {
    class: Class,
    /// What the first byte has to be one of besides.
    head: Option<Bytes>,
    least: u32,
    most: u32,
}

impl Run {
    fn new(class: Class, (least, most): (u32, u32)) -> Run {
        Run { class, head: None, least, most }
    }

    /// Whether each of these bytes is certainly of the class.
    fn takes(&self, bytes: &[u8; 256]) -> bool {
        bytes.iter().zip(self.class.bytes()).all(|(byte, own)| *byte == 0 || *own == class::IN)
    }

    /// Where as many bytes of a class as there are end.
    fn end_of(class: &Class, line: &[u8], at: usize) -> Result<usize, Stop> {
        let end = at + class.leading(&line[at..]);
        if line.get(end).is_some_and(|byte| class.is_unsure(*byte)) { Err(Stop::Unsure) } else { Ok(end) }
    }

    #[inline(always)]
    fn end(&self, line: &[u8], at: usize) -> Result<usize, Stop> {
        if let Some(head) = &self.head
            && line.get(at).is_none_or(|byte| head[usize::from(*byte)] == 0)
        {
            return Err(Stop::No);
        }
        let n = self.class.leading(&line[at..]).min(self.most as usize);
        let may_be_more = || n < self.most as usize && line.get(at + n).is_some_and(|byte| self.class.is_unsure(*byte));
        match n >= self.least as usize {
            true if self.class.has_unsure() && may_be_more() => Err(Stop::Unsure),
            true => Ok(at + n),
            false if line.get(at + n).is_some_and(|byte| self.class.is_unsure(*byte)) => Err(Stop::Unsure),
            false => Err(Stop::No),
        }
    }
}

impl Run {
    #[inline(always)]
    fn walked<L: Look>(&self, line: &[u8], at: usize, look: &mut L) -> Result<usize, Stop> {
        let end = self.end(line, at);
        look.to(end.as_ref().map_or_else(|_| at + 1 + self.least as usize, |end| end + 1));
        end
    }
}

/// Is told up to where a walk has looked at a line; one byte beyond its end is the end.
trait Look {
    const WANTED: bool;

    fn to(&mut self, end: usize);
}

/// Nobody wants to know.
impl Look for () {
    const WANTED: bool = false;

    #[inline(always)]
    fn to(&mut self, _: usize) {}
}

fn follow<L: Look>(steps: &[Step], line: &[u8], mut at: usize, spans: &mut Spans, look: &mut L) -> Result<usize, Stop> {
    for step in steps {
        match step {
            Step::Text(text) => {
                look.to(at + text.len());
                if !line[at..].starts_with(text) {
                    return Err(Stop::No);
                }
                at += text.len();
            }
            Step::Fixed(fixed) => {
                if L::WANTED {
                    look.to(fixed.looked(line, at));
                }
                at = fixed.end(line, at)?;
            }
            Step::One(class) => {
                look.to(at + 1);
                if line.get(at).is_none_or(|byte| class[usize::from(*byte)] == 0) {
                    return Err(Stop::No);
                }
                at += 1;
            }
            Step::Run(run) => at = run.walked(line, at, look)?,
            Step::Rest { least } if line.len() - at >= *least as usize => {
                at = line.len();
                look.to(at + 1);
            }
            Step::Rest { .. } => return Err(Stop::No),
            Step::RunBefore { run, text } => {
                let end = run.end(line, at)?;
                look.to(end + text.len());
                let first = at + run.least as usize;
                at = (first..=end).rev().find(|p| line[*p..].starts_with(text)).ok_or(Stop::No)?;
            }
            Step::Until { class, least, text } => {
                let first = at + *least as usize;
                let found = first + text.find(line.get(first..).ok_or(Stop::No)?).ok_or(Stop::No)?;
                look.to(found + text.needle().len());
                if Run::end_of(class, &line[..found], at)? < found {
                    return Err(Stop::No);
                }
                at = found;
            }
            Step::Open(group) => spans[*group] = (at as u32, 0),
            Step::Close(group) => spans[*group].1 = at as u32 + 1,
            Step::Group(group, run) => {
                let end = run.walked(line, at, look)?;
                spans[*group] = (at as u32, end as u32 + 1);
                at = end;
            }
            Step::Repeat { least: 0, first: Some(first), .. }
                if line.get(at).is_none_or(|byte| first[usize::from(*byte)] == 0) =>
            {
                look.to(at + 1);
            }
            Step::Repeat { steps, least, most, groups, .. } => {
                look.to(at + 1);
                at = repeat(steps, (*least, *most, *groups), (line, at), spans, look)?;
            }
            Step::Either { branches, first, next, groups } => {
                look.to(at + 1);
                let open = line.get(at).map_or(u64::MAX, |byte| first[usize::from(*byte)]);
                at = either((branches, open), (next.as_deref(), *groups), (line, at), spans, look)?;
            }
            Step::End => {
                look.to(at + 1);
                if at < line.len() {
                    return Err(Stop::No);
                }
            }
        }
    }
    Ok(at)
}

// Apart, so that what walks from step to step has little to keep in mind.
#[inline(never)]
fn repeat<L: Look>(
    steps: &[Step],
    (least, most, groups): (u32, u32, bool),
    (line, mut at): (&[u8], usize),
    spans: &mut Spans,
    look: &mut L,
) -> Result<usize, Stop> {
    for n in 0..most {
        let before = groups.then_some(*spans);
        match follow(steps, line, at, spans, look) {
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
fn either<L: Look>(
    (branches, open): (&[Vec<Step>], u64),
    (next, groups): (Option<&[u8; 256]>, bool),
    (line, at): (&[u8], usize),
    spans: &mut Spans,
    look: &mut L,
) -> Result<usize, Stop> {
    for branch in opened(branches, open) {
        let before = groups.then_some(*spans);
        let found = follow(branch, line, at, spans, look);
        if let Ok(end) = found {
            look.to(end + 1);
        }
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
