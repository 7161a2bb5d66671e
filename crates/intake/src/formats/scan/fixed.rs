//! Steps of a walk that take as many bytes whatever they are, as one.
//!
//! Must never take a byte that one of the steps would not take. What breaks it: more than eight different sets of bytes; then it
//! says so, and another one begins.

use super::class::{Bytes, CHUNK, Chunk, IN, Row, UNSURE};
use super::{Step, Stop};

/// Sets of bytes, one for each place.
#[derive(Debug)]
pub(super) struct Fixed {
    /// In which of up to eight sets a byte is not: one bit each.
    without: Bytes,
    /// The bit of the set of each place.
    places: Vec<u8>,
    known: u32,
    /// The bits of sets of one byte.
    singles: u8,
    /// Whether one of the sets has characters beyond ASCII, of which the expression has to say.
    is_unsure: bool,
    /// The same for sixteen places at once.
    chunks: Box<[Chunk]>,
    /// Places of which these do not say enough.
    open: Vec<usize>,
    /// The chunk, where it is the only one and says enough.
    only: Option<Chunk>,
}

/// Bytes of a run and of a text that become part of a fixed step.
const MOST_FIXED: u32 = 40;
const MOST_TEXT: usize = 16;

impl Default for Fixed {
    fn default() -> Fixed {
        Fixed {
            without: Box::new([u8::MAX; 256]),
            places: Vec::new(),
            known: 0,
            singles: 0,
            is_unsure: false,
            chunks: Box::default(),
            open: Vec::new(),
            only: None,
        }
    }
}

/// So many places are looked at together, and where that does not say enough, one by one.
const FEW: usize = 2;

impl Fixed {
    #[inline(always)]
    pub(super) fn end(&self, line: &[u8], at: usize) -> Result<usize, Stop> {
        match (&self.only, line.get(at..).and_then(<[u8]>::first_chunk)) {
            (Some(only), Some(here)) if only.fits(*here) => Ok(at + self.places.len()),
            (Some(_), Some(_)) if !self.is_unsure => Err(Stop::No),
            (None, _) if self.places.len() <= FEW && !self.is_unsure => self.end_of_few(line, at),
            _ => self.end_of_any(line, at),
        }
    }

    /// For few places, of sets of which the bytes of a line say everything.
    #[inline(always)]
    fn end_of_few(&self, line: &[u8], at: usize) -> Result<usize, Stop> {
        let here = line.get(at..).unwrap_or_default();
        let fits = self
            .places
            .iter()
            .enumerate()
            .all(|(n, place)| here.get(n).is_some_and(|byte| self.without[usize::from(*byte)] & place == 0));
        if fits { Ok(at + self.places.len()) } else { Err(Stop::No) }
    }

    #[inline(never)]
    fn end_of_any(&self, line: &[u8], at: usize) -> Result<usize, Stop> {
        let end = at + self.places.len();
        match self.fits_at_once(line, at) {
            Some(true) => return Ok(end),
            Some(false) if !self.is_unsure => return Err(Stop::No),
            _ => {}
        }
        match line.get(at..end) {
            Some(here) if self.fits(here) => Ok(end),
            _ if self.is_unsure && line[at..].iter().take(self.places.len()).any(|byte| !byte.is_ascii()) => Err(Stop::Unsure),
            _ => Err(Stop::No),
        }
    }

    /// In which of its sets each byte is not.
    pub(super) fn sets(&self) -> &[u8; 256] {
        &self.without
    }

    /// Up to where it has to look at a line to say that.
    pub(super) fn looked(&self, line: &[u8], at: usize) -> usize {
        let fit =
            line.iter().skip(at).zip(&self.places).take_while(|(byte, place)| self.without[usize::from(**byte)] & **place == 0);
        at + (fit.count() + 1).min(self.places.len())
    }

    /// Whether what stands here fits; `None` for few places and at the end of a line.
    #[inline(always)]
    fn fits_at_once(&self, line: &[u8], at: usize) -> Option<bool> {
        let (mut left, mut fits) = (line.get(at..)?, true);
        for chunk in &self.chunks {
            let (here, rest) = left.split_first_chunk()?;
            fits &= chunk.fits(*here);
            left = rest;
        }
        let is_open = |place: &usize| self.without[usize::from(line[at + place])] & self.places[*place] != 0;
        (!self.chunks.is_empty()).then(|| fits && !self.open.iter().any(is_open))
    }

    /// Nothing more is added.
    pub(super) fn ready(mut self) -> Fixed {
        if self.places.len() < FEW {
            return self;
        }
        let row = |place: &u8| {
            let is_of = |byte: &u8| self.without[usize::from(*byte)] & place == 0;
            Row::of(&(0..=u8::MAX).filter(is_of).collect::<Vec<_>>())
        };
        let rows: Vec<Row> = self.places.iter().map(row).collect();
        self.chunks = rows.chunks(CHUNK).map(Chunk::of).collect();
        self.open = (0..rows.len()).filter(|n| !rows[*n].is_exact).collect();
        self.only = self.chunks.first().copied().filter(|_| self.chunks.len() == 1 && self.open.is_empty());
        self
    }

    /// Whether each byte is in the set of its place: four are looked at without a branch between them.
    #[inline(always)]
    fn fits(&self, here: &[u8]) -> bool {
        let out = |byte: u8, place: u8| self.without[usize::from(byte)] & place;
        let ((fours, rest), (places, last)) = (here.as_chunks::<4>(), self.places.as_chunks::<4>());
        let four = |([a, b, c, d], [p, q, r, s]): (&[u8; 4], &[u8; 4])| out(*a, *p) | out(*b, *q) | out(*c, *r) | out(*d, *s);
        fours.iter().zip(places).all(|pair| four(pair) == 0) && rest.iter().zip(last).all(|(byte, place)| out(*byte, *place) == 0)
    }

    /// The set of the only place.
    pub(super) fn single(&self) -> Option<Bytes> {
        let [place] = *self.places.as_slice() else { return None };
        (!self.is_unsure).then(|| Box::new(self.without.map(|out| if out & place == 0 { IN } else { 0 })))
    }

    /// Takes in a text or a run of one size; false where it has no room for its sets.
    pub(super) fn add(&mut self, step: &Step) -> bool {
        match step {
            Step::Text(text) if text.len() <= MOST_TEXT => {
                let before = (self.known, self.singles, self.places.len());
                if text.iter().all(|byte| self.add_byte(*byte)) {
                    return true;
                }
                self.places.truncate(before.2);
                self.forget(before.0);
                self.singles = before.1;
                false
            }
            Step::Run(run) if run.least == run.most && run.least <= MOST_FIXED => {
                self.add_class(run.class.bytes(), run.least as usize)
            }
            _ => false,
        }
    }

    fn add_byte(&mut self, byte: u8) -> bool {
        let known = !self.without[usize::from(byte)] & self.singles;
        if known == 0 && self.known == 8 {
            return false;
        }
        let place = if known != 0 { known } else { self.new_place() };
        self.without[usize::from(byte)] &= !place;
        self.singles |= place;
        self.places.push(place);
        true
    }

    fn add_class(&mut self, class: &[u8; 256], times: usize) -> bool {
        let is_same = |place: &u8| self.without.iter().zip(class).all(|(out, class)| (out & place == 0) == (*class == IN));
        let known = (0..self.known).map(|n| 1 << n).find(is_same);
        if known.is_none() && self.known == 8 {
            return false;
        }
        let place = known.unwrap_or_else(|| {
            let place = self.new_place();
            self.without.iter_mut().zip(class).filter(|(_, class)| **class == IN).for_each(|(out, _)| *out &= !place);
            place
        });
        self.is_unsure |= class.contains(&UNSURE);
        self.places.extend(std::iter::repeat_n(place, times));
        true
    }

    fn new_place(&mut self) -> u8 {
        self.known += 1;
        1 << (self.known - 1)
    }

    /// Leaves so many sets.
    fn forget(&mut self, known: u32) {
        self.known = known;
        let left = if known == 8 { u8::MAX } else { (1 << known) - 1 };
        self.without.iter_mut().for_each(|out| *out |= !left);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Run;
    use super::super::class::Class;
    use super::*;

    fn run(members: &[u8], times: u32) -> Step {
        let mut bytes = Box::new([0; 256]);
        members.iter().for_each(|byte| bytes[usize::from(*byte)] = IN);
        Step::Run(Run::new(Class::new(bytes), (times, times)))
    }

    proptest! {
        #[test]
        fn places_are_told_at_once_as_they_are_one_by_one(
            parts in proptest::collection::vec((0..6_usize, 1..5_u32), 1..9),
            picks in proptest::collection::vec(any::<u8>(), 40),
            spoilt in proptest::option::of((0..40_usize, "[ -~]")),
            rest in "[ -~]{0,40}",
        ) {
            let sets: [&[u8]; 6] = [b"0123456789", b"x", b"eE", b" T", b",.", b"abz"];
            let mut fixed = Fixed::default();
            let fitting = parts.iter().flat_map(|(set, times)| vec![sets[*set]; *times as usize]);
            let mut line: Vec<u8> = fitting.zip(&picks).map(|(set, pick)| set[usize::from(*pick) % set.len()]).collect();
            for (set, times) in &parts {
                prop_assert!(fixed.add(&run(sets[*set], *times)));
            }
            let size = line.len();
            if let Some((at, byte)) = spoilt.filter(|(at, _)| *at < size) {
                line[at] = byte.as_bytes()[0];
            }
            line.extend(rest.bytes());
            let fits = fixed.end(&line, 0).ok();
            let fixed = fixed.ready();
            prop_assert_eq!(fixed.end(&line, 0).ok(), fits);
            let is_told = size >= FEW && line.len() >= size.next_multiple_of(CHUNK);
            prop_assert_eq!(fixed.fits_at_once(&line, 0), is_told.then_some(fits.is_some()));
        }
    }

    #[test]
    fn a_text_is_a_set_of_one_byte_for_each_place() {
        let mut fixed = Fixed::default();
        assert!(fixed.add(&Step::Text(b"] [".as_slice().into())));
        assert_eq!(fixed.ready().end(b"] [worker-3] a message", 0).ok(), Some(3));
    }
}
