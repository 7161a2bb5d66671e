//! Steps of a walk that take as many bytes whatever they are, as one.
//!
//! Must never take a byte that one of the steps would not take. What breaks it: more than eight different sets of bytes; then it
//! says so, and another one begins.

use super::{Bytes, IN, Step, Stop, UNSURE};

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
}

/// Bytes of a run and of a text that become part of a fixed step.
const MOST_FIXED: u32 = 40;
const MOST_TEXT: usize = 16;

impl Default for Fixed {
    fn default() -> Fixed {
        Fixed { without: Box::new([u8::MAX; 256]), places: Vec::new(), known: 0, singles: 0, is_unsure: false }
    }
}

impl Fixed {
    pub(super) fn end(&self, line: &[u8], at: usize) -> Result<usize, Stop> {
        let end = at + self.places.len();
        match line.get(at..end) {
            Some(here) if self.fits(here) => Ok(end),
            _ if self.is_unsure && line[at..].iter().take(self.places.len()).any(|byte| !byte.is_ascii()) => Err(Stop::Unsure),
            _ => Err(Stop::No),
        }
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
            Step::Run { class, least, most } if least == most && *least <= MOST_FIXED => self.add_class(class, *least as usize),
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
