//! Which cues of which signatures a text leaves open: their literals stand in it, and all that they need beside.
//!
//! Must never know what a cue means, and must never rule out one that matches. Nearly all cues stay within a line, so each line
//! is looked at by itself: the lines of traces are the same in many texts and are looked at once, and first lines of one kind
//! of message often differ in numbers and identifiers alone ([`ids`]); for cues whose words can be part of none, what was found
//! for one of them holds for the others.

use std::cell::{LazyCell, OnceCell};
use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::literals::{self, Known, Left, Need};
use super::words::Words;
use super::{Role, Signature, Span, ids};
use crate::pairs::Pairs;

/// Some of the cues of a signature, one bit for each; the last one stands for all that are beyond it.
pub(super) type Cues = u64;

/// A signature by its number, with cues of it.
pub(super) type Open = (usize, Cues);

/// Signatures whose needs are looked for, from which on it repays to know the pairs of bytes of the text.
const REPAY_PAIRS: usize = 4;

/// Bytes of the lines that a memory keeps, at most.
const MAX_KEPT: usize = 1 << 20;

/// Which signatures are looked for.
pub(super) enum Asked {
    /// Those that are at least so specific, and recoveries: others give way to none that is less specific.
    Spec(f64),
    /// Those with one of these roles.
    Steps(&'static [Role]),
}

impl Asked {
    fn is_for(&self, signature: &Signature) -> bool {
        match self {
            Asked::Spec(spec) => signature.spec >= *spec || signature.role == Role::Recovery,
            Asked::Steps(roles) => roles.contains(&signature.role),
        }
    }

    /// The side of a memory that keeps what was found.
    fn side(&self) -> usize {
        match self {
            Asked::Spec(spec) => usize::from(*spec > 0.0),
            Asked::Steps(_) => 2,
        }
    }
}

/// What was found in lines: for texts of all weights, for those of which only what weighs much is looked for, and for steps.
#[derive(Default)]
pub struct Memory {
    sides: [Side; 3],
    bytes: usize,
}

#[derive(Default)]
struct Side {
    /// Lines behind the first of a text, as they stand there.
    lines: HashMap<Vec<u8>, Rc<Line>, FixedState>,
    /// What words that can be no part of an identifier leave open, by lines in which all identifiers are zeros.
    alike: HashMap<Vec<u8>, Alike, FixedState>,
}

/// What a line in which all identifiers are zeros leaves open.
#[derive(Default)]
struct Alike {
    /// Of cues that go beyond a line.
    across: Vec<Open>,
    /// Of cues that need nothing which may be part of an identifier.
    open: Vec<Open>,
    /// Of others, by signature and number: what is left to look for in the line itself.
    beside: Vec<(Cue, Left)>,
    /// The same for cues that other lines asked for, which are told by an identifier.
    asked: HashMap<Cue, Left, FixedState>,
}

/// The number of a signature, and that of a cue of it.
type Cue = (usize, usize);

/// What a line leaves open.
#[derive(Default)]
pub(super) struct Line {
    /// Of cues that stay within a line.
    pub open: Vec<Open>,
    /// Of cues that go beyond one, whose literals stand in this line.
    across: Vec<Open>,
    /// Where the line shows the signatures that are open, once somebody looked.
    pub found: OnceCell<Vec<(usize, Span)>>,
}

/// What a text leaves open.
pub(super) struct Opened<'t> {
    /// Lines that leave something open, with where they begin.
    pub lines: Vec<(usize, &'t str, Rc<Line>)>,
    /// Cues that may match from one line into another.
    pub across: Vec<Open>,
}

impl Opened<'_> {
    /// The signatures, some of them several times.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        let lines = self.lines.iter().flat_map(|(.., line)| &line.open);
        lines.chain(&self.across).map(|(at, _)| *at)
    }
}

impl Memory {
    fn has_room(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.bytes <= MAX_KEPT
    }
}

/// What looks for the literals of all cues.
pub(super) struct Opener {
    /// Those that can be no part of an identifier.
    plain: Words,
    /// The others.
    exact: Words,
    /// For each signature, those of its cues that go beyond a line.
    across: Vec<Cues>,
    /// For each signature, those of its cues that need something beside their words which may be part of an identifier.
    beside: Vec<Cues>,
    /// For each signature and cue, all that a text has to hold.
    needs: Vec<Vec<Option<&'static Need>>>,
}

impl Opener {
    pub(super) fn new(signatures: &[Signature]) -> Opener {
        let (mut plain, mut exact) = (Vec::new(), Vec::new());
        let (mut across, mut beside) = (vec![0; signatures.len()], vec![0; signatures.len()]);
        let mut needs: Vec<Vec<Option<&'static Need>>> = Vec::with_capacity(signatures.len());
        for (at, signature) in signatures.iter().enumerate() {
            let known: Vec<Known> = signature.cues.iter().map(|cue| literals::of(cue)).collect();
            needs.push(known.iter().map(|known| known.need).collect());
            for (n, Known { words, need, is_within_line }) in known.into_iter().enumerate() {
                across[at] |= if is_within_line { 0 } else { bit(n) };
                beside[at] |= if need.is_some_and(Need::has_part) { bit(n) } else { 0 };
                let Some(words) = words else {
                    plain.push((None, (at, bit(n))));
                    continue;
                };
                let (held, free) = words.into_iter().partition(|word| ids::may_hold(word));
                plain.push((Some(free), (at, bit(n))));
                exact.push((Some(held), (at, bit(n))));
            }
        }
        Opener { plain: Words::of(plain), exact: Words::of(exact), across, beside, needs }
    }

    /// What the literals of a text leave open.
    pub(super) fn of<'t>(&self, signatures: &[Signature], text: &'t str, asked: &Asked, memory: &mut Memory) -> Opened<'t> {
        let weighs = |at: usize| asked.is_for(&signatures[at]);
        let side = asked.side();
        let (mut lines, mut across, mut begin) = (Vec::new(), Vec::new(), 0);
        for (n, end) in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]).enumerate() {
            let line = &text[begin..end];
            let known = memory.sides[side].lines.get(line.as_bytes()).filter(|_| n > 0);
            let looked = known.cloned().unwrap_or_else(|| {
                let looked = Rc::new(self.line(line, weighs, side, memory));
                // First lines seldom come again as they are.
                if n > 0 && memory.has_room(line.len()) {
                    memory.sides[side].lines.insert(line.as_bytes().to_vec(), Rc::clone(&looked));
                }
                looked
            });
            across.extend(&looked.across);
            if !looked.open.is_empty() {
                lines.push((begin, line, looked));
            }
            begin = end + 1;
        }
        if !across.is_empty() {
            across = self.all_met(merged(across), &text.as_bytes().to_ascii_lowercase());
        }
        Opened { lines, across }
    }

    /// What a line leaves open.
    fn line(&self, line: &str, weighs: impl Fn(usize) -> bool, side: usize, memory: &mut Memory) -> Line {
        let text = line.as_bytes().to_ascii_lowercase();
        let (mut across, within) = parted(&merged(self.exact.open(&text, &weighs)), &self.across);
        let hidden = ids::hidden(&text);
        let mut own = None;
        if !memory.sides[side].alike.contains_key(&hidden) {
            let alike = self.alike(&hidden, weighs);
            if memory.has_room(hidden.len()) {
                memory.sides[side].alike.insert(hidden.clone(), alike);
            } else {
                own = Some(alike);
            }
        }
        let alike = match &mut own {
            Some(own) => own,
            None => memory.sides[side].alike.entry_ref(&hidden).or_default(),
        };
        across.extend(&alike.across);
        let mut open = alike.open.clone();
        let pairs = LazyCell::new(|| Pairs::of(&text));
        let met = |left: &Left| left.is_met(&|word: &[u8]| pairs.finds(word, &text));
        open.extend(alike.beside.iter().filter(|(_, left)| met(left)).map(|((at, n), _)| (*at, bit(*n))));
        if !within.is_empty() {
            let its_pairs = LazyCell::new(|| Pairs::of(&hidden));
            for (at, n) in self.cues(&within) {
                let left = alike.asked.entry((at, n)).or_insert_with(|| self.left((at, n), &hidden, &its_pairs));
                open.extend(met(left).then_some((at, bit(n))));
            }
        }
        Line { open: merged(open), across, found: OnceCell::new() }
    }

    /// What a line in which all identifiers are zeros leaves open.
    fn alike(&self, hidden: &[u8], weighs: impl Fn(usize) -> bool) -> Alike {
        let (across, within) = parted(&merged(self.plain.open(hidden, weighs)), &self.across);
        let (beside, sure) = parted(&within, &self.beside);
        let pairs = Pairs::of(hidden);
        let left = self.cues(&beside).map(|cue| (cue, self.left(cue, hidden, &pairs)));
        let beside = left.filter(|(_, left)| !matches!(left, Left::Missing)).collect();
        Alike { across, open: self.all_met(sure, hidden), beside, asked: HashMap::default() }
    }

    /// What of all that a cue needs is left to look for in lines of which this is what is left without their identifiers.
    fn left(&self, (at, n): Cue, hidden: &[u8], pairs: &Pairs) -> Left {
        self.needs[at][n].map_or(Left::Nothing, |need| need.left(hidden, pairs))
    }

    /// These cues one by one.
    fn cues(&self, open: &[Open]) -> impl Iterator<Item = Cue> {
        let of = |(at, cues): &Open| {
            let (at, cues) = (*at, *cues);
            (0..self.needs[at].len()).filter(move |n| cues & bit(*n) != 0).map(move |n| (at, n))
        };
        open.iter().flat_map(of)
    }

    /// Those whose every need a text in lowercase meets.
    fn all_met(&self, mut open: Vec<Open>, text: &[u8]) -> Vec<Open> {
        if open.is_empty() {
            return open;
        }
        let pairs = if open.len() < REPAY_PAIRS { Pairs::any() } else { Pairs::of(text) };
        open.iter_mut().for_each(|(at, cues)| *cues &= self.met(*at, *cues, |need| need.is_met(text, &pairs)));
        open.retain(|(_, cues)| *cues != 0);
        open
    }

    /// Those of these cues of a signature whose every need is met.
    fn met(&self, at: usize, cues: Cues, is_met: impl Fn(&Need) -> bool) -> Cues {
        let open = self.needs[at].iter().enumerate().filter(|(n, _)| cues & bit(*n) != 0);
        open.filter(|(_, need)| need.is_none_or(&is_met)).map(|(n, _)| bit(n)).fold(0, |all, cue| all | cue)
    }
}

/// Of each signature the cues that are among those of a kind, and the others.
fn parted(open: &[Open], kind: &[Cues]) -> (Vec<Open>, Vec<Open>) {
    let part = |of: &dyn Fn(Cues, Cues) -> Cues| {
        let cues = open.iter().map(|(at, cues)| (*at, of(*cues, kind[*at])));
        cues.filter(|(_, cues)| *cues != 0).collect::<Vec<_>>()
    };
    (part(&|cues, kind| cues & kind), part(&|cues, kind| cues & !kind))
}

/// Each signature once, with all of its cues, rising.
fn merged(mut found: Vec<Open>) -> Vec<Open> {
    found.sort_unstable();
    found.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 |= if is_same { next.1 } else { 0 };
        is_same
    });
    found
}

/// The bit of the n-th cue.
pub(super) fn bit(n: usize) -> Cues {
    1 << n.min(Cues::BITS as usize - 1)
}
