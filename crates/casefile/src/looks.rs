//! What a file looks like by its beginning, for those commands that take text and no evidence: text, text in UTF-16, or
//! nothing that can be read as it is.
//!
//! Must never unpack anything: what is packed is told, so that nobody takes what was not looked at for clean. What misleads
//! it: a text whose encoding changes on the way.

use std::io::{self, Read, Write};

use intake::Encoding;

/// The beginning that is looked at.
pub const HEAD: usize = 4 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// Bytes of ASCII and whatever else.
    Text,
    Wide(Order),
    /// Compressed, or an archive.
    Packed,
    Binary,
}

/// Which byte of a unit of UTF-16 comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

/// By the first bytes; give it [`HEAD`] of them, where there are so many.
pub fn of(head: &[u8]) -> Looks {
    let is_utf32 = head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff]);
    match head {
        _ if intake::containers::is_container(head) => Looks::Packed,
        _ if is_utf32 || head.starts_with(b"%PDF-") => Looks::Binary,
        // What a report reads as UTF-16 is redacted as UTF-16.
        _ => match Encoding::detect(head).0 {
            Encoding::Utf16Le => Looks::Wide(Order::Little),
            Encoding::Utf16Be => Looks::Wide(Order::Big),
            // A log that was truncated while it was written to may begin with more zeros than are looked at.
            Encoding::Utf8 if head.iter().any(|byte| *byte != 0) && intake::is_binary(head) => Looks::Binary,
            Encoding::Utf8 => Looks::Text,
        },
    }
}

/// The beginning of what is read, with a reader of all of it.
pub fn ahead<'r>(mut reader: impl Read + 'r) -> io::Result<(Vec<u8>, impl Read + 'r)> {
    let mut head = Vec::with_capacity(HEAD);
    (&mut reader).take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), io::Cursor::new(head).chain(reader)))
}

impl Order {
    fn unit(self, pair: &[u8]) -> u16 {
        let pair = [pair.first().copied().unwrap_or_default(), pair.get(1).copied().unwrap_or_default()];
        match self {
            Order::Little => u16::from_le_bytes(pair),
            Order::Big => u16::from_be_bytes(pair),
        }
    }

    fn bytes(self, unit: u16) -> [u8; 2] {
        match self {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        }
    }
}

/// UTF-16 as UTF-8, a mark at the beginning included. What is no character, and a single byte at the end, becomes U+FFFD.
pub struct FromWide<R> {
    inner: R,
    order: Order,
    /// Bytes that were read and are no whole character yet.
    held: Vec<u8>,
    text: io::Cursor<Vec<u8>>,
}

impl<R: Read> FromWide<R> {
    pub fn new(inner: R, order: Order) -> FromWide<R> {
        FromWide { inner, order, held: Vec::new(), text: io::Cursor::default() }
    }

    fn refill(&mut self) -> io::Result<()> {
        let read = (&mut self.inner).take(HEAD as u64).read_to_end(&mut self.held)?;
        let whole = if read == 0 { self.held.len() } else { self.whole() };
        let units = self.held[..whole].chunks(2).map(|pair| if pair.len() < 2 { 0xfffd } else { self.order.unit(pair) });
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.held.drain(..whole);
        self.text = io::Cursor::new(text.into_bytes());
        Ok(())
    }

    /// How much of what is held is whole units, without the first half of a pair at the end.
    fn whole(&self) -> usize {
        let even = self.held.len() & !1;
        let is_half = even >= 2 && (0xd800..0xdc00).contains(&self.order.unit(&self.held[even - 2..even]));
        if is_half { even - 2 } else { even }
    }
}

impl<R: Read> Read for FromWide<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        self.refill()?;
        self.text.read(buffer)
    }
}

/// UTF-8 as UTF-16; a character may come in two pieces.
pub struct ToWide<W> {
    inner: W,
    order: Order,
    held: Vec<u8>,
}

impl<W: Write> ToWide<W> {
    pub fn new(inner: W, order: Order) -> ToWide<W> {
        ToWide { inner, order, held: Vec::new() }
    }
}

impl<W: Write> Write for ToWide<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.held) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.held.len(),
        };
        let text = String::from_utf8_lossy(&self.held[..whole]);
        let wide: Vec<u8> = text.encode_utf16().flat_map(|unit| self.order.bytes(unit)).collect();
        self.inner.write_all(&wide)?;
        self.held.drain(..whole);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, order: Order) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| order.bytes(unit)).collect()
    }

    #[test]
    fn text_stays_text_whatever_its_bytes() {
        let log = b"2024-02-07T09:00:00Z INFO \xe9t\xe9 \xff up\n\0\x01 on\n";
        assert_eq!([of(log), of(b""), of(b"a"), of(&[0; 64])], [Looks::Text; 4]);
        assert_eq!(of(&[&[0; 100][..], log].concat()), Looks::Text);
    }

    #[test]
    fn wide_text_is_known_with_its_mark_and_without() {
        for order in [Order::Little, Order::Big] {
            assert_eq!(of(&wide("\u{feff}a", order)), Looks::Wide(order));
            assert_eq!(of(&wide("2024-02-07 up again", order)), Looks::Wide(order));
        }
    }

    #[test]
    fn what_has_to_be_unpacked_or_exported_first_is_no_text() {
        for packed in [&b"\x1f\x8b\x08\0"[..], b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"PK\x03\x04", b"BZh91AY&SY"] {
            assert_eq!(of(packed), Looks::Packed, "{packed:?}");
        }
        let binary: Vec<u8> = (0..=255).cycle().take(HEAD).collect();
        assert_eq!([of(&binary), of(b"%PDF-1.7\n"), of(&[0xff, 0xfe, 0, 0, 0x41, 0, 0, 0])], [Looks::Binary; 3]);
    }

    #[test]
    fn wide_text_goes_there_and_back_in_whatever_pieces() {
        let text = "\u{feff}ä 日本 ".to_string() + &"𝄞x".repeat(HEAD) + "\r\n";
        for order in [Order::Little, Order::Big] {
            let bytes = wide(&text, order);
            let mut plain = Vec::new();
            FromWide::new(&bytes[..], order).read_to_end(&mut plain).unwrap();
            assert_eq!(String::from_utf8(plain.clone()).unwrap(), text);
            let mut back = ToWide::new(Vec::new(), order);
            plain.chunks(3).for_each(|piece| back.write_all(piece).unwrap());
            assert!(back.inner == bytes);
        }
    }

    #[test]
    fn a_single_byte_at_the_end_is_no_character() {
        let mut plain = String::new();
        FromWide::new(&b"a\0b"[..], Order::Little).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, "a\u{fffd}");
    }
}
