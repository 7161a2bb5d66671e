//! Where a line has delimiters, and where it has anything that could make a word a variable, as one bit per byte.
//!
//! Sixty-four bytes at a time and without a branch per byte, so that the compiler can use wide registers; most of a
//! message is words that are then never looked at again (the way of simdjson: Langdale & Lemire, 2019). It must never
//! know what a word is. Input that breaks it: a line longer than [`MOST`].

/// The longest line that there is room for.
pub const MOST: usize = BLOCKS * BLOCK;

const BLOCK: usize = 64;
const BLOCKS: usize = 16;

pub struct Bitmap {
    delimiters: [u64; BLOCKS],
    interest: [u64; BLOCKS],
    blocks: usize,
    length: usize,
}

impl Bitmap {
    /// Bytes beyond [`MOST`] are left out.
    pub fn of(line: &[u8]) -> Bitmap {
        let length = line.len().min(MOST);
        let blocks = length.div_ceil(BLOCK);
        let mut bitmap = Bitmap { delimiters: [0; BLOCKS], interest: [0; BLOCKS], blocks, length };
        for block in 0..blocks {
            let start = block * BLOCK;
            let (delimiters, interest) = match line.get(start..=start + BLOCK).and_then(|bytes| bytes.try_into().ok()) {
                Some(bytes) => classify(bytes),
                None => {
                    let mut padded = [0; BLOCK + 1];
                    padded[..length - start].copy_from_slice(&line[start..length]);
                    classify(&padded)
                }
            };
            (bitmap.delimiters[block], bitmap.interest[block]) = (delimiters, interest);
        }
        bitmap
    }

    /// The first place of interest at or after `from`.
    pub fn next_of_interest(&self, from: usize) -> Option<usize> {
        self.first(&self.interest, from)
    }

    /// The first delimiter at or after `from`.
    pub fn delimiter_from(&self, from: usize) -> Option<usize> {
        self.first(&self.delimiters, from)
    }

    /// The last delimiter before `place`.
    pub fn delimiter_before(&self, place: usize) -> Option<usize> {
        let mut block = place / BLOCK;
        let mut bits = self.delimiters[block] & !(u64::MAX << (place % BLOCK));
        while bits == 0 {
            block = block.checked_sub(1)?;
            bits = self.delimiters[block];
        }
        Some(block * BLOCK + 63 - bits.leading_zeros() as usize)
    }

    fn first(&self, bits_of: &[u64; BLOCKS], from: usize) -> Option<usize> {
        if from >= self.length {
            return None;
        }
        let mut block = from / BLOCK;
        let mut bits = bits_of[block] & (u64::MAX << (from % BLOCK));
        while bits == 0 {
            block += 1;
            if block >= self.blocks {
                return None;
            }
            bits = bits_of[block];
        }
        Some(block * BLOCK + bits.trailing_zeros() as usize)
    }
}

/// One bit per byte: delimiters, and places of interest. The last byte is only looked ahead at.
fn classify(bytes: &[u8; BLOCK + 1]) -> (u64, u64) {
    let mut delimiters = [0u8; BLOCK];
    let mut interest = [0u8; BLOCK];
    for at in 0..BLOCK {
        let (byte, next) = (bytes[at], bytes[at + 1]);
        delimiters[at] = u8::from(is_delimiter(byte));
        let joins = (byte == b'.') & next.is_ascii_alphanumeric();
        let too_many = (byte == b' ') & (next == b' ');
        let marks = byte.is_ascii_digit() | (byte == b'/') | (byte == b'\\') | (byte == b'@');
        interest[at] = u8::from(marks | joins | too_many);
    }
    (packed(&delimiters), packed(&interest))
}

/// What parts words. Without short circuits, so that it is computed for many bytes at once.
const fn is_delimiter(byte: u8) -> bool {
    (byte == b' ')
        | (byte == b'\t')
        | (byte == b'"')
        | (byte == b',')
        | (byte == b'|')
        | (byte == b'[')
        | (byte == b']')
        | (byte == b'{')
        | (byte == b'}')
        | (byte.wrapping_sub(b'\'') <= b')' - b'\'')
        | (byte.wrapping_sub(b':') <= b'>' - b':')
}

/// The lowest bit of each byte, the first byte's lowest.
fn packed(flags: &[u8; BLOCK]) -> u64 {
    // The product moves the lowest bit of byte n to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| (bits << 8) | (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_as_a_search_byte_by_byte_would() {
        let line = "a b=7 ".repeat(40);
        let bitmap = Bitmap::of(line.as_bytes());
        let delimiters: Vec<usize> = line.bytes().enumerate().filter(|(_, b)| is_delimiter(*b)).map(|(at, _)| at).collect();
        for at in 0..line.len() {
            assert_eq!(bitmap.delimiter_from(at), delimiters.iter().copied().find(|d| *d >= at), "from {at}");
            assert_eq!(bitmap.delimiter_before(at), delimiters.iter().copied().rfind(|d| *d < at), "before {at}");
            let digit = line.bytes().enumerate().position(|(place, b)| place >= at && b == b'7');
            assert_eq!(bitmap.next_of_interest(at), digit, "of interest from {at}");
        }
    }

    #[test]
    fn a_line_of_any_length_is_read_to_its_end() {
        for length in [0, 1, 63, 64, 65, 127, 128, 129, MOST - 1, MOST, MOST + 1] {
            let line = "x".repeat(length.saturating_sub(1)) + &"7".repeat(length.min(1));
            let expected = (1..=MOST).contains(&length).then(|| length - 1);
            assert_eq!(Bitmap::of(line.as_bytes()).next_of_interest(0), expected, "{length}");
        }
    }
}
