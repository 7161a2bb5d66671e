//! Places of a document that was read in UTF-8, back to the bytes in which it stands.
//!
//! Documents are read from clean UTF-8. A source with a byte order mark, in UTF-16 or with invalid bytes is rewritten
//! first, and the places of its events have to be those of the source. Must never change anything but places.

use std::borrow::Cow;

use evidence::{Body, Event, RecordRef};

use crate::lines::Encoding;

/// From places in the rewritten text to places in the source.
pub enum Shift {
    /// The text follows a mark of so many bytes.
    By(u64),
    /// The text was UTF-16: for every step of [`STEP`] bytes of it, the place in the source.
    Wide { text: String, steps: Vec<(usize, u64)> },
}

const STEP: usize = 256;

/// The source's text in clean UTF-8, without its mark; invalid bytes become `?`, one for one, so that places stay.
pub fn as_utf8(bytes: &[u8], encoding: Encoding) -> (Cow<'_, [u8]>, Shift) {
    let mark = Encoding::detect(bytes).1;
    let rest = &bytes[mark..];
    match encoding {
        Encoding::Utf8 if std::str::from_utf8(rest).is_ok() => (Cow::Borrowed(rest), Shift::By(mark as u64)),
        Encoding::Utf8 => {
            let mut clean = Vec::with_capacity(rest.len());
            for chunk in rest.utf8_chunks() {
                clean.extend_from_slice(chunk.valid().as_bytes());
                clean.resize(clean.len() + chunk.invalid().len(), b'?');
            }
            (Cow::Owned(clean), Shift::By(mark as u64))
        }
        _ => {
            let text = encoding.decode(rest).into_owned();
            let mut steps = Vec::new();
            let mut at = mark as u64;
            for (i, c) in text.char_indices() {
                if steps.last().is_none_or(|&(last, _)| i >= last + STEP) {
                    steps.push((i, at));
                }
                at += 2 * c.len_utf16() as u64;
            }
            (Cow::Owned(text.clone().into_bytes()), Shift::Wide { text, steps })
        }
    }
}

impl Shift {
    pub fn place(&self, place: RecordRef) -> RecordRef {
        RecordRef { start: self.offset(place.start), end: self.offset(place.end), ..place }
    }

    fn offset(&self, at: u64) -> u64 {
        match self {
            Shift::By(mark) => at.saturating_add(*mark),
            Shift::Wide { text, steps } => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
                let step = steps.partition_point(|&(i, _)| i <= at).saturating_sub(1);
                let Some(&(from, base)) = steps.get(step) else { return 2 };
                let between = text.get(from..text.floor_char_boundary(at)).unwrap_or_default();
                base + 2 * between.encode_utf16().count() as u64
            }
        }
    }
}

/// Moves the event's place, and those of its parts.
pub fn event(event: &mut Event, shift: &Shift) {
    if matches!(shift, Shift::By(0)) {
        return;
    }
    event.place = shift.place(event.place);
    if let Body::Series(series) = &mut event.body {
        for point in &mut series.points {
            point.place = shift.place(point.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::SourceId;

    fn place(start: u64, end: u64) -> RecordRef {
        RecordRef { source: SourceId { input: 0, entry: 0 }, start, end, line: 1, last_line: 1 }
    }

    #[test]
    fn invalid_bytes_are_replaced_one_for_one() {
        let (text, shift) = as_utf8(b"\xef\xbb\xbfa\xff\xfeb", Encoding::Utf8);
        assert_eq!(text.as_ref(), b"a??b");
        assert_eq!(shift.place(place(3, 4)), place(6, 7));
    }

    #[test]
    fn a_place_in_utf_16_is_in_its_own_bytes() {
        let words = format!("é{}🙂b", "x".repeat(300));
        let bytes: Vec<u8> = [b"\xff\xfe".to_vec(), words.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        let (text, shift) = as_utf8(&bytes, Encoding::Utf16Le);
        let b = text.len() as u64 - 1;
        assert_eq!(shift.place(place(b, b + 1)), place(bytes.len() as u64 - 2, bytes.len() as u64));
        assert_eq!(shift.place(place(0, 2)), place(2, 4));
    }
}
