//! Short texts compared, sixteen bytes at a time.
//!
//! Must never know what a text means.

const CHUNK: usize = 16;

/// A text that is compared at once where it is short.
#[derive(Debug, Clone, Default)]
pub struct Text {
    text: Box<[u8]>,
    /// Its first 16 bytes, and which of these count.
    head: u128,
    mask: u128,
    /// Its last 16 bytes, where it is longer than that.
    tail: u128,
}

impl Text {
    pub fn new(text: &[u8]) -> Text {
        let mut head = [0; CHUNK];
        let n = text.len().min(CHUNK);
        head[..n].copy_from_slice(&text[..n]);
        let mask = if n == CHUNK { u128::MAX } else { (1 << (8 * n)) - 1 };
        let tail = text.last_chunk().map_or(0, |tail| u128::from_le_bytes(*tail));
        Text { text: text.into(), head: u128::from_le_bytes(head), mask, tail }
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Whether it stands at this place of a line.
    pub fn begins(&self, line: &[u8], at: usize) -> bool {
        let Some(rest) = line.get(at..) else { return false };
        let Some(chunk) = rest.first_chunk() else { return rest.starts_with(&self.text) };
        if u128::from_le_bytes(*chunk) & self.mask != self.head {
            return false;
        }
        match self.text.len() {
            0..=CHUNK => true,
            n @ ..=32 => {
                rest.get(n - CHUNK..).and_then(|end| end.first_chunk()).is_some_and(|end| u128::from_le_bytes(*end) == self.tail)
            }
            _ => rest[CHUNK..].starts_with(&self.text[CHUNK..]),
        }
    }

    /// Whether the line ends with it, from this place on.
    pub fn is(&self, line: &[u8], at: usize) -> bool {
        let Some(rest) = line.get(at..) else { return false };
        // For one or two bytes a call costs more than the bytes.
        rest.len() == self.text.len() && rest.iter().zip(&self.text).all(|(a, b)| a == b)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_begins_where_its_bytes_stand(text in "[ab]{0,40}", line in "[ab]{0,50}", at in 0..60_usize) {
            let (text, line) = (text.as_bytes(), line.as_bytes());
            let rest = line.get(at..);
            prop_assert_eq!(Text::new(text).begins(line, at), rest.is_some_and(|rest| rest.starts_with(text)));
            prop_assert_eq!(Text::new(text).is(line, at), rest == Some(text));
            let whole = [line, text].concat();
            prop_assert!(Text::new(text).begins(&whole, line.len()) && Text::new(text).is(&whole, line.len()));
        }
    }
}
