//! How much memory a decoder needs for its window, read from the beginning of the stream, and who has how much of it.
//!
//! A stream declares its window, and nested streams hold theirs at the same time: forty bytes may ask for gigabytes. So
//! all decoders of one input share one [`Memory`]. This module must never decode anything. A stream whose later frames
//! ask for more than the first did breaks there; what it takes from the memory is therefore never less than [`SMALL`].

use std::sync::atomic::{AtomicU64, Ordering};

use super::layer::grouped;

/// What is left for the windows of the decoders of one input.
pub struct Memory {
    left: AtomicU64,
}

/// A share of the memory, given back when it is dropped.
pub struct Lease<'m> {
    memory: &'m Memory,
    pub bytes: u64,
}

/// The least that a decoder with a window takes: what ordinary levels of compression need.
pub const SMALL: u64 = 8 << 20;

impl Memory {
    pub fn new(limit: u64) -> Memory {
        Memory { left: AtomicU64::new(limit) }
    }

    /// A share of `bytes`, or why there is none.
    pub fn lease(&self, bytes: u64, what: &str) -> Result<Lease<'_>, String> {
        match self.left.load(Ordering::Relaxed).checked_sub(bytes) {
            Some(left) => {
                self.left.store(left, Ordering::Relaxed);
                Ok(Lease { memory: self, bytes })
            }
            None => Err(too_much(what, self.left.load(Ordering::Relaxed))),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.memory.left.store(self.memory.left.load(Ordering::Relaxed) + self.bytes, Ordering::Relaxed);
    }
}

/// The words for a stream that asks for more than `left` bytes.
pub fn too_much(what: &str, left: u64) -> String {
    format!("{what} needs more memory than the {} bytes that are left for unpacking one input", grouped(left))
}

/// The window that the first zstd frame declares (RFC 8878, 3.1.1.1); 0 where it says nothing.
pub fn of_zstd(head: &[u8]) -> u64 {
    zstd(head).unwrap_or(0)
}

fn zstd(head: &[u8]) -> Option<u64> {
    let rest = head.strip_prefix(b"\x28\xb5\x2f\xfd")?;
    let descriptor = *rest.first()?;
    if descriptor & 0x20 == 0 {
        let window = *rest.get(1)?;
        let base = 1u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    // A single segment: the window is the content.
    let from = 1 + [0, 1, 2, 4][usize::from(descriptor & 3)];
    let width = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let field = little_endian(rest.get(from..from + width)?);
    Some(if width == 2 { field + 256 } else { field })
}

/// The dictionary that the first block of an xz stream declares (the .xz file format, 3.1 and 5.3.1); 0 where it says
/// nothing.
pub fn of_xz(head: &[u8]) -> u64 {
    xz(head).unwrap_or(0)
}

fn xz(head: &[u8]) -> Option<u64> {
    let mut block = head.get(13..)?;
    let flags = take(&mut block)?;
    for bit in [0x40, 0x80] {
        if flags & bit != 0 {
            number(&mut block)?;
        }
    }
    for _ in 0..=flags & 3 {
        let (id, size) = (number(&mut block)?, number(&mut block)?);
        let properties = block.get(..usize::try_from(size).ok()?)?;
        if id == 0x21 {
            return match *properties.first()? {
                bits @ 0..40 => Some(u64::from(2 | (bits & 1)) << (bits / 2 + 11)),
                _ => Some(u64::from(u32::MAX)),
            };
        }
        block = &block[properties.len()..];
    }
    None
}

fn take(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

/// A number in groups of seven bits, the lowest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let group = take(bytes)?;
        value |= u64::from(group & 0x7f) << shift;
        if group & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_zstd_frame_declares_its_window() {
        let text = vec![b'x'; 40_000];
        let mut long = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        long.window_log(27).unwrap();
        long.write_all(&text).unwrap();
        assert_eq!(of_zstd(&long.finish().unwrap()), 128 << 20);
        assert_eq!(of_zstd(&zstd::bulk::compress(&text, 3).unwrap()), 40_000, "a single segment is its own window");
        assert_eq!(of_zstd(b"\x28\xb5"), 0);
    }

    #[test]
    fn an_xz_stream_declares_its_dictionary() {
        let mut options = lzma_rust2::XzOptions::with_preset(1);
        options.lzma_options.dict_size = 3 << 20;
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(b"text").unwrap();
        assert_eq!(of_xz(&writer.finish().unwrap()), 3 << 20);
        assert_eq!(of_xz(b"\xfd7zXZ\x00"), 0);
    }

    #[test]
    fn what_is_leased_is_given_back() {
        let memory = Memory::new(100);
        let first = memory.lease(60, "the xz stream").ok().unwrap();
        let refused = memory.lease(60, "the xz stream").err().unwrap();
        assert_eq!(refused, "the xz stream needs more memory than the 40 bytes that are left for unpacking one input");
        drop(first);
        assert!(memory.lease(100, "the xz stream").is_ok());
    }
}
