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
        let mut blank_follows = 0;
        for block in (0..blocks).rev() {
            let classes = classes(&line[..length], block * BLOCK);
            bitmap.delimiters[block] = classes.delimiters;
            // A blank before a blank is one too many.
            bitmap.interest[block] = classes.marks | (classes.blanks & ((classes.blanks >> 1) | (blank_follows << (BLOCK - 1))));
            blank_follows = classes.blanks & 1;
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

/// One bit per byte.
struct Classes {
    delimiters: u64,
    blanks: u64,
    /// What may make a word a variable.
    marks: u64,
}

/// The classes of the bytes from `start` on, of which there is at least one; no bits beyond the end.
fn classes(line: &[u8], start: usize) -> Classes {
    if let Some(block) = line[start..].first_chunk() {
        return classify(block);
    }
    let length = line.len() - start;
    // The last block of a long line begins earlier, so that nothing has to be copied.
    if let Some(block) = line.last_chunk() {
        let Classes { delimiters, blanks, marks } = classify(block);
        let excess = BLOCK - length;
        return Classes { delimiters: delimiters >> excess, blanks: blanks >> excess, marks: marks >> excess };
    }
    let mut padded = [0; BLOCK];
    padded[..length].copy_from_slice(&line[start..]);
    classify(&padded)
}

fn classify(bytes: &[u8; BLOCK]) -> Classes {
    const DELIMITER: u8 = 1;
    const BLANK: u8 = 2;
    const MARK: u8 = 4;
    let flags = bytes.map(|byte| {
        let is_mark = byte.is_ascii_digit() | matches!(byte, b'.' | b'/') | (byte == b'\\') | (byte == b'@');
        flag(is_delimiter(byte), DELIMITER) | flag(byte == b' ', BLANK) | flag(is_mark, MARK)
    });
    Classes { delimiters: packed(&flags, DELIMITER), blanks: packed(&flags, BLANK), marks: packed(&flags, MARK) }
}

const fn flag(is_set: bool, flag: u8) -> u8 {
    if is_set { flag } else { 0 }
}

/// What parts words. Without short circuits, so that it is computed for many bytes at once.
const fn is_delimiter(byte: u8) -> bool {
    // Brackets of two kinds and the bar between them differ in one bit: `[\]` and `{|}`.
    let is_bracket = ((byte | 0x20).wrapping_sub(b'{') <= b'}' - b'{') & (byte != b'\\');
    is_bracket
        | (byte == b' ')
        | (byte == b'\t')
        | (byte == b'"')
        | (byte == b',')
        | (byte.wrapping_sub(b'\'') <= b')' - b'\'')
        | (byte.wrapping_sub(b':') <= b'>' - b':')
}

/// The bits of one flag, the first byte's lowest.
fn packed(flags: &[u8; BLOCK], flag: u8) -> u64 {
    // The product moves the lowest bit of byte n to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    let (eights, _) = flags.as_chunks::<8>();
    let bits = |eight: &[u8; 8]| ((u64::from_le_bytes(*eight) >> flag.trailing_zeros()) & LOWEST).wrapping_mul(GATHER) >> 56;
    eights.iter().rev().fold(0, |all, eight| (all << 8) | bits(eight))
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
