//! Short texts compared, sixteen bytes at a time.
//!
//! Must never know what a text means.

use wide::u8x16;

use crate::marks::Marked;

const CHUNK: usize = 16;

/// A text that is compared at once where it is short.
#[derive(Debug, Clone, Default)]
pub struct Text {
    text: Box<[u8]>,
    /// Its first 16 bytes, and which of these count.
    head: u8x16,
    mask: u8x16,
    /// Its last 16 bytes, where it is longer than that.
    tail: u8x16,
}

impl Text {
    pub fn new(text: &[u8]) -> Text {
        let mut head = [0; CHUNK];
        let n = text.len().min(CHUNK);
        head[..n].copy_from_slice(&text[..n]);
        let mut mask = [0; CHUNK];
        mask[..n].fill(u8::MAX);
        let tail = text.last_chunk().copied().unwrap_or_default();
        Text { text: text.into(), head: u8x16::new(head), mask: u8x16::new(mask), tail: u8x16::new(tail) }
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Whether it stands at this place of the piece of a line. It has no line end, so what it stands in is one line.
    #[inline(always)]
    pub fn stands(&self, line: Marked<'_>, at: usize) -> bool {
        match line.chunk(at) {
            Some(chunk) if self.text.len() <= CHUNK => self.is_head(*chunk),
            _ => line.rest(at).is_some_and(|rest| self.begins(rest)),
        }
    }

    #[inline(always)]
    fn is_head(&self, chunk: [u8; CHUNK]) -> bool {
        is_same(u8x16::new(chunk) & self.mask, self.head)
    }

    /// Whether a line begins with it.
    pub fn begins(&self, rest: &[u8]) -> bool {
        let size = self.text.len();
        match rest.first_chunk() {
            Some(head) if size <= CHUNK => self.is_head(*head),
            Some(head) if size <= 2 * CHUNK => {
                let tail = rest.get(size - CHUNK..).and_then(|tail| tail.first_chunk());
                self.is_head(*head) && tail.is_some_and(|tail| is_same(u8x16::new(*tail), self.tail))
            }
            _ => rest.starts_with(&self.text),
        }
    }

    /// Whether it is what is left of a line.
    pub fn is(&self, rest: &[u8]) -> bool {
        // For one or two bytes a call costs more than the bytes.
        rest.len() == self.text.len() && rest.iter().zip(&self.text).all(|(a, b)| a == b)
    }
}

#[inline(always)]
fn is_same(one: u8x16, other: u8x16) -> bool {
    one.simd_eq(other).to_bitmask() == 0xffff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::marks::Alone;

    proptest! {
        #[test]
        fn a_text_begins_where_its_bytes_stand(text in "[ab]{0,40}", line in "[ab]{0,50}", at in 0..60_usize) {
            let (text, line) = (text.as_bytes(), line.as_bytes());
            let rest = line.get(at..);
            prop_assert_eq!(rest.is_some_and(|rest| Text::new(text).begins(rest)), rest.is_some_and(|rest| rest.starts_with(text)));
            prop_assert_eq!(rest.is_some_and(|rest| Text::new(text).is(rest)), rest == Some(text));
            let alone = Alone::new(std::str::from_utf8(line).unwrap());
            prop_assert_eq!(Text::new(text).stands(alone.marked(), at), rest.is_some_and(|rest| rest.starts_with(text)));
            let whole = [line, text].concat();
            let rest = &whole[line.len()..];
            prop_assert!(Text::new(text).begins(rest) && Text::new(text).is(rest));
        }
    }
}
