//! Beginnings of lines that a walk went through before: the time and the level, which hardly differ but for the digits.
//!
//! A line with the same bytes in the same places, where a digit may stand for another, is walked from behind its beginning on. Must
//! never begin where a walk from the first byte would not have come to: it is learnt up to where a walk had looked at a line by
//! then, and of walks for which all digits are alike. What breaks it: times whose size changes from line to line; so many of them are kept.

use std::collections::BTreeSet;

use super::class::{CHUNK, Chunk, Row};
use super::{GROUPS, Look, Run, Spans, Step, Walk, follow};

/// Beginnings that are kept, and lines of which one is made in vain.
const MOST: usize = 8;
const ATTEMPTS: u32 = 64;

/// Bytes of a line that are compared at most.
const SIZE: usize = 3 * CHUNK;

/// The beginnings of one source.
#[derive(Debug, Clone)]
pub struct Beginnings {
    known: Vec<Beginning>,
    /// A place in which they differ, as the first letter of the level does.
    sign: usize,
    /// By the byte that a line has there: the one that was found last. Which one a line has differs from line to line.
    near: Box<[u8; 256]>,
    attempts: u32,
    /// The bits of groups with few values but for digits.
    few: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Beginning {
    chunks: [Chunk; SIZE / CHUNK],
    /// The line of which it was learnt, as far as it is compared.
    text: [u8; SIZE],
    /// Bytes that are compared. A line may end sooner than what stands there.
    size: usize,
    /// The step that comes next, and where.
    step: usize,
    at: usize,
    /// The groups that it has.
    spans: Box<[(usize, (u32, u32))]>,
}

impl Default for Beginnings {
    fn default() -> Beginnings {
        Beginnings { known: Vec::new(), sign: 0, near: Box::new([0; 256]), attempts: 0, few: 0 }
    }
}

impl Beginnings {
    /// Of lines in which these groups have few values but for digits.
    pub fn of(groups: impl Iterator<Item = usize>) -> Beginnings {
        let few = groups.filter(|group| *group < GROUPS).fold(0, |few, group| few | 1 << group);
        Beginnings { few, ..Beginnings::default() }
    }

    /// The beginning of a line of so many bytes that stands at the beginning of this room.
    #[inline(always)]
    pub(super) fn find(&mut self, room: &[u8], line: usize) -> Option<&Beginning> {
        let here = room.first_chunk::<SIZE>()?;
        let near = &mut self.near[usize::from(here[self.sign % SIZE])];
        if !self.known.get(usize::from(*near))?.fits(here) {
            *near = self.known.iter().position(|known| known.fits(here))? as u8;
        }
        self.known.get(usize::from(*near)).filter(|known| known.size <= line)
    }

    /// Learns of a line that is walked from its first byte.
    #[inline(never)]
    pub(super) fn learn(&mut self, walk: &Walk, line: &str) {
        if self.known.len() >= MOST || self.attempts >= ATTEMPTS {
            return;
        }
        self.attempts += 1;
        if let Some(beginning) = Beginning::of(walk, line, self.few) {
            self.known.push(beginning);
            let tells = |place: &usize| {
                let bytes: BTreeSet<u8> = self.known.iter().map(|known| known.text[*place]).collect();
                bytes.len() - usize::from(bytes.iter().any(u8::is_ascii_digit))
            };
            self.sign = (0..SIZE).rev().max_by_key(tells).unwrap_or(0);
        }
    }
}

impl Beginning {
    /// As far as its groups have few values and a walk does not look further than is compared.
    fn of(walk: &Walk, line: &str, few: u64) -> Option<Beginning> {
        let line = line.as_bytes();
        let most = SIZE.min(line.len());
        let mut spans: Spans = [(0, 0); GROUPS];
        let (mut at, mut looked, mut open) = (0, Looked(0), 0);
        let mut last = None;
        for (n, step) in walk.steps.iter().enumerate() {
            let is_many = matches!(step, Step::Open(group) | Step::Group(group, _) if few >> *group & 1 == 0);
            if is_many || has_groups(step) {
                break;
            }
            let from = at;
            at = follow(std::slice::from_ref(step), line, at, &mut spans, &mut looked).ok()?;
            let has_digits = line.get(from..looked.0).is_some_and(|own| own.iter().any(u8::is_ascii_digit));
            if looked.0 > most || has_digits && !has_digits_alike(step) {
                break;
            }
            // Within a group nothing is known of its end, and what a value begins with differs from line to line.
            match step {
                Step::Open(_) => open += 1,
                Step::Close(_) => open -= 1,
                _ => {}
            }
            let is_apart = |ahead: &[u8]| !ahead.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
            if open == 0 && line.get(at..looked.0).is_none_or(is_apart) {
                last = Some((n + 1, at, looked.0, spans));
            }
        }
        let (step, at, looked, spans) = last?;
        let row = |byte: &u8| if byte.is_ascii_digit() { Row::of(b"0123456789") } else { Row::of(&[*byte]) };
        let rows: Vec<Row> = line[..looked].iter().map(row).collect();
        let chunk = |n: usize| Chunk::of(rows.get(n * CHUNK..).unwrap_or_default());
        let spans = spans.iter().copied().enumerate().filter(|(_, (_, to))| *to > 0);
        let mut text = [0; SIZE];
        text[..looked].copy_from_slice(&line[..looked]);
        Some(Beginning { chunks: [chunk(0), chunk(1), chunk(2)], text, size: looked, step, at, spans: spans.collect() })
    }

    #[inline(always)]
    fn fits(&self, here: &[u8; SIZE]) -> bool {
        // The last ones differ most: levels stand behind times.
        here.as_chunks::<CHUNK>().0.iter().zip(&self.chunks).rev().all(|(here, chunk)| chunk.fits(*here))
    }

    /// Walks through what follows it.
    #[inline(always)]
    pub(super) fn walk_on(&self, walk: &Walk, line: &str, spans: &mut Spans) -> Option<usize> {
        spans[..walk.groups].fill((0, 0));
        for (group, span) in &self.spans {
            spans[*group] = *span;
        }
        follow(walk.steps.get(self.step..)?, line.as_bytes(), self.at, spans, &mut ()).ok()
    }
}

/// Up to where a line was looked at.
struct Looked(usize);

impl Look for Looked {
    const WANTED: bool = true;

    fn to(&mut self, end: usize) {
        self.0 = self.0.max(end);
    }
}

/// Whether groups of their own are within a step.
fn has_groups(step: &Step) -> bool {
    matches!(step, Step::Repeat { groups: true, .. } | Step::Either { groups: true, .. })
}

/// Whether a step does the same whichever digit stands where one does.
fn has_digits_alike(step: &Step) -> bool {
    let text = |text: &[u8]| !text.iter().any(u8::is_ascii_digit);
    let run = |run: &Run| is_alike(run.class.bytes()) && run.head.as_deref().is_none_or(is_alike);
    match step {
        Step::Text(own) => text(own),
        Step::Fixed(fixed) => is_alike(fixed.sets()),
        Step::One(class) => is_alike(class),
        Step::Run(own) | Step::Group(_, own) => run(own),
        Step::RunBefore { run: own, text: own_text } => run(own) && text(own_text),
        Step::Until { class, text: own, .. } => is_alike(class.bytes()) && text(own.needle()),
        Step::Repeat { steps, first, .. } => first.as_deref().is_none_or(is_alike) && steps.iter().all(has_digits_alike),
        Step::Either { branches, first, next, .. } => {
            let is_next_alike = next.as_deref().is_none_or(is_alike);
            is_alike(first) && is_next_alike && branches.iter().flatten().all(has_digits_alike)
        }
        Step::Open(_) | Step::Close(_) | Step::Rest { .. } | Step::End => true,
    }
}

fn is_alike<T: PartialEq>(of_bytes: &[T; 256]) -> bool {
    of_bytes[usize::from(b'0')..=usize::from(b'9')].iter().all(|one| *one == of_bytes[usize::from(b'0')])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::formats::{Formats, definition};

    const PATTERN: &str = r"^(?:(?<time>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z| UTC)?) +\[?(?<level>(?i:info|inf|warning|warn|error))\]? +(?<service>[a-z0-9]+) - (?<message>.*))";

    fn walk_of(pattern: &str) -> Walk {
        Walk::of(&regex_syntax::parse(pattern).unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn a_line_is_walked_the_same_wherever_its_walk_begins(
            lines in proptest::collection::vec("(2024|20a4)-02-0[1-3][T ]09:0[0-9]:[0-5][0-9]([.,][0-9]{1,3})?(Z| UTC| UT| )? {1,2}\\[?(INFO|INF|INFOS|warn|WARNING|E)\\]?  ?(web|a1)( -|:) (a message of some size|b)", 1..12),
        ) {
            let walk = walk_of(PATTERN);
            let mut known = Beginnings::of([1, 2].into_iter());
            for line in lines.iter().chain(&lines) {
                let (mut straight, mut near) = ([(0, 0); GROUPS], [(0, 0); GROUPS]);
                let end = walk.spans(line, &mut straight);
                let room = [line.as_bytes(), b"\n INFO web -     "].concat();
                prop_assert_eq!(walk.spans_near(line, &room, &mut known, &mut near), end);
                if end.is_some() {
                    prop_assert_eq!(near, straight);
                }
            }
        }
    }

    #[test]
    fn what_a_walk_looked_at_is_compared_and_nothing_more() {
        let walk = walk_of(PATTERN);
        let first = "2024-02-07 09:00:25.123  INFO web - a first message of some size";
        let mut known = Beginnings::of([1, 2].into_iter());
        known.learn(&walk, first);
        let found = |line: &str, known: &mut Beginnings| {
            let room = [line.as_bytes(), &[0; SIZE]].concat();
            known.find(&room, line.len()).map(|found| found.at)
        };
        assert_eq!(found("2031-11-17 23:59:59.999  INFO db - a message", &mut known), Some(29));
        for other in
            ["2031-11-17 23:59:59.99  INFO db - a message of some", "2031-11-17 23:59:59.999  INFORMATION db - a message"]
        {
            assert_eq!(found(other, &mut known), None, "{other}");
        }
    }

    #[test]
    fn a_line_that_was_cut_has_no_beginning_beyond_its_end() {
        let walk = walk_of(PATTERN);
        let whole = "2024-02-07 09:00:25.123  INFO web - a message of some size";
        let mut known = Beginnings::of([1, 2].into_iter());
        known.learn(&walk, whole);
        for size in 0..whole.len() {
            let (mut straight, mut near) = ([(0, 0); GROUPS], [(0, 0); GROUPS]);
            let end = walk.spans(&whole[..size], &mut straight);
            assert_eq!(walk.spans_near(&whole[..size], whole.as_bytes(), &mut known, &mut near), end, "{size}");
        }
    }

    #[test]
    fn a_walk_that_tells_digits_apart_has_no_beginnings() {
        let mut known = Beginnings::of([1].into_iter());
        known.learn(&walk_of("^(?<time>[0-2][0-9]:[0-5][0-9]:[0-9]{2}) (.*)"), "09:00:25 a message");
        assert!(known.known.is_empty());
    }

    #[test]
    fn samples_of_every_format_are_walked_the_same_behind_the_beginning_of_another() {
        let mut used = 0;
        for format in Formats::load().all() {
            let definition::Kind::Pattern(pattern) = &format.kind else { continue };
            let Some(walk) = pattern.walk() else { continue };
            let mut known = Beginnings::of(0..GROUPS);
            let lines = format.samples().iter().filter_map(|sample| sample.line.lines().next());
            let lines: Vec<String> = lines.flat_map(|line| [line.to_string(), line.replace(['1', '5'], "3")]).collect();
            for line in &lines {
                let (mut straight, mut near) = ([(0, 0); GROUPS], [(0, 0); GROUPS]);
                let room = [line.as_bytes(), &[0; SIZE]].concat();
                used += usize::from(known.find(&room, line.len()).is_some());
                let end = walk.spans(line, &mut straight);
                assert_eq!(walk.spans_near(line, &room, &mut known, &mut near), end, "{}: {line}", format.id());
                assert!(end.is_none() || near == straight, "{}: {line}", format.id());
            }
        }
        assert!(used > 100, "{used}");
    }
}
