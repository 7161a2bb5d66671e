//! Which formats a line may be of by the bytes at its first places: all formats are asked together, one bit for each.
//!
//! A line that no format knows would be a question to each of eight hundred otherwise, and logs of home-made formats have
//! nothing but such lines. Must never leave out a format whose gate lets a line in. What breaks it: lines that begin as
//! many formats do; these are asked by themselves.

use wide::u64x4;

use super::definition::{Format, Kind};
use super::needs::{Ascii, PLACES};

/// Formats of which the bits stand together, in words.
const WORDS: usize = 4;

/// One bit for each format of a block.
type Bits = [u64; WORDS];

/// Of each of the first places, by its byte: the formats that may have it there.
#[derive(Debug)]
pub struct Heads(Box<[Block]>);

#[derive(Debug)]
struct Block {
    /// At the first place any byte may stand; a line that is empty counts as one that begins with its end.
    first: Box<[Bits; 256]>,
    /// At the others, what is ASCII: whether anything else fits is not known.
    others: Box<[[Bits; 128]]>,
    /// Those that read one object.
    objects: Bits,
}

impl Heads {
    pub fn of(formats: &[&Format]) -> Heads {
        Heads(formats.chunks(64 * WORDS).map(Block::of).collect())
    }

    /// The first of the formats that a line may be of for which `fits` holds, by their numbers, which rise. Those that read objects
    /// are only asked about lines that are one.
    pub fn find(&self, line: &str, is_object: bool, mut fits: impl FnMut(usize) -> bool) -> Option<usize> {
        self.0.iter().enumerate().find_map(|(n, block)| {
            let found = block.of_line(line.as_bytes(), is_object);
            found.iter().enumerate().find_map(|(word, bits)| {
                let mut bits = *bits;
                while bits != 0 {
                    let format = (n * WORDS + word) * 64 + bits.trailing_zeros() as usize;
                    if fits(format) {
                        return Some(format);
                    }
                    bits &= bits - 1;
                }
                None
            })
        })
    }
}

/// What each of the first bytes of a line of a format is one of.
fn shape(format: &Format) -> &[Ascii] {
    match &format.kind {
        Kind::Pattern(pattern) => pattern.shape(),
        Kind::Text | Kind::Logfmt | Kind::Json { .. } => &[],
    }
}

/// The bytes of a set.
fn bytes(set: &Ascii) -> impl Iterator<Item = u8> {
    (0..).step_by(64).zip(set).flat_map(|(from, half)| {
        let mut half = *half;
        std::iter::from_fn(move || {
            let bit = half.trailing_zeros() as u8;
            half &= half.checked_sub(1)?;
            Some(from + bit)
        })
    })
}

impl Block {
    fn of(formats: &[&Format]) -> Block {
        let mut block =
            Block { first: Box::new([[0; WORDS]; 256]), others: vec![[[0; WORDS]; 128]; PLACES - 1].into(), objects: [0; WORDS] };
        for (at, place) in (1..).zip(&mut block.others) {
            let mut free = [0; WORDS];
            for (n, _) in formats.iter().enumerate().filter(|(_, format)| shape(format).len() <= at) {
                free[n / 64] |= 1 << (n % 64);
            }
            place.fill(free);
        }
        for (n, format) in formats.iter().enumerate() {
            let (word, bit) = (n / 64, 1 << (n % 64));
            let shape = shape(format);
            let is_first = |byte: u8| shape.first().is_none_or(|set| !byte.is_ascii() || bytes(set).any(|known| known == byte));
            for byte in (0..=u8::MAX).filter(|byte| format.may_open_with(*byte) && is_first(*byte)) {
                block.first[usize::from(byte)][word] |= bit;
            }
            for (set, place) in shape.iter().skip(1).zip(&mut block.others) {
                bytes(set).for_each(|byte| place[usize::from(byte)][word] |= bit);
            }
            if format.is_json() {
                block.objects[word] |= bit;
            }
        }
        block
    }

    fn of_line(&self, line: &[u8], is_object: bool) -> Bits {
        let first = line.first().map_or(usize::from(b'\n'), |byte| usize::from(*byte));
        let mut found = u64x4::new(self.first[first]);
        if !is_object {
            found &= !u64x4::new(self.objects);
        }
        let head = &line[..line.len().min(PLACES)];
        let ascii = head.iter().position(|byte| !byte.is_ascii()).unwrap_or(head.len());
        for (byte, place) in head[..ascii].iter().skip(1).zip(&self.others) {
            found &= u64x4::new(place[usize::from(*byte % 128)]);
        }
        found.to_array()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::formats::Formats;

    /// Holds the answer against the gate of each format.
    fn is_gates(line: &str) {
        let formats = Formats::load().all();
        let heads = Heads::of(formats);
        for is_object in [false, true] {
            let mut found = vec![false; formats.len()];
            heads.find(line, is_object, |format| {
                found[format] = true;
                false
            });
            for (format, found) in formats.iter().zip(found) {
                let expected = match &format.kind {
                    Kind::Pattern(pattern) => {
                        assert!(found || !pattern.may_match(line), "{}: {line:?}", format.id());
                        continue;
                    }
                    Kind::Json { .. } => is_object,
                    Kind::Text | Kind::Logfmt => true,
                };
                assert_eq!(found, expected, "{}: {line:?}", format.id());
            }
        }
    }

    #[test]
    fn no_format_is_left_out_whose_gate_lets_a_line_in() {
        let formats = Formats::load().all();
        ["", "é", "2é", "x"].into_iter().for_each(is_gates);
        let heads = Heads::of(formats);
        for format in formats {
            for sample in format.samples() {
                let line = sample.line.split('\n').next().unwrap_or_default();
                let is_one = |found: usize| formats[found].id() == format.id();
                assert!(!format.matches(line) || heads.find(line, line.starts_with('{'), is_one).is_some(), "{line}");
            }
        }
    }

    #[test]
    fn few_formats_are_asked_about_a_line_of_none() {
        let heads = Heads::of(Formats::load().all());
        for line in ["[03] 09:00:17 step 182 finished", "hello world number 7", "worker-1 / 09:00 / request 12 failed"] {
            let mut asked = 0;
            heads.find(line, false, |_| {
                asked += 1;
                false
            });
            assert!(asked < 60, "{asked}: {line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn so_it_is_for_damaged_samples(which in 0usize..10_000, at in 0usize..30, put in "[ \\[\\]:\"<>a-zA-Z0-9.é\t-]{0,3}") {
            let formats = Formats::load().all();
            let samples: Vec<&str> = formats.iter().flat_map(|f| f.samples()).map(|s| s.line.as_str()).collect();
            let line = samples[which % samples.len()];
            let from = line.floor_char_boundary(at.min(line.len()));
            is_gates(&format!("{}{put}{}", &line[..from], &line[from..]));
        }
    }
}
