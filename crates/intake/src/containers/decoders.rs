//! The decoders: which there are, what they need, and what each of them leaves to be done here.
//!
//! This module must never know names or archives. Streams of several parts are read to their last part. Hostile input:
//! windows of gigabytes (see [`Memory`]), and streams cut where a library sees an end, which is told here.

use std::io::{self, BufRead, Read};

use bzip2::bufread::{BzDecoder, MultiBzDecoder};
use deflate64::Deflate64Decoder;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use lzma_rust2::{LzmaReader, XzReader};

use super::layer::Stop;
use super::lz4::Lz4;
use super::windows::{self, Lease, Memory, SMALL, too_much};

/// A compression that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Lz4,
}

impl Packing {
    pub fn word(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
            Packing::Bzip2 => "bzip2",
            Packing::Xz => "xz",
            Packing::Lz4 => "lz4",
        }
    }

    /// What its errors are said of.
    pub fn stream(self) -> &'static str {
        match self {
            Packing::Gzip => "the gzip stream",
            Packing::Zstd => "the zstd stream",
            Packing::Bzip2 => "the bzip2 stream",
            Packing::Xz => "the xz stream",
            Packing::Lz4 => "the lz4 stream",
        }
    }
}

/// A decoder for a stream that stands alone, or why there can be none.
pub fn stream<'r>(
    packing: Packing,
    stored: impl BufRead + Send + 'r,
    memory: &'r Memory,
) -> Result<Box<dyn Read + Send + 'r>, String> {
    let what = packing.stream();
    match packing {
        Packing::Gzip => Ok(Box::new(MultiGzDecoder::new(stored))),
        Packing::Bzip2 => leased(MultiBzDecoder::new(stored), memory.lease(4 << 20, what)?, what),
        // Two blocks of four megabytes, one as stored, and what refers back.
        Packing::Lz4 => leased(Lz4::new(stored), memory.lease(13 << 20, what)?, what),
        Packing::Zstd => zstd_stream(stored, memory, what),
        Packing::Xz => xz_stream(stored, memory, what),
    }
}

/// A decoder for a member of a zip archive by its method (APPNOTE.TXT, 4.4.5), or why there can be none.
pub fn member<'r>(
    method: u16,
    stored: impl BufRead + Send + 'r,
    size: u64,
    memory: &'r Memory,
) -> Result<Box<dyn Read + Send + 'r>, String> {
    let what = "the zip member";
    match method {
        0 => Ok(Box::new(stored)),
        8 => Ok(Box::new(DeflateDecoder::new(stored))),
        9 => Ok(Box::new(Deflate64Decoder::with_buffer(stored))),
        12 => leased(BzDecoder::new(stored), memory.lease(4 << 20, what)?, what),
        14 => lzma_member(stored, size, memory, what),
        93 => zstd_stream(stored, memory, what),
        95 => xz_stream(stored, memory, what),
        _ => Err(format!("it is compressed with a method that is not read ({})", method_word(method))),
    }
}

fn method_word(method: u16) -> String {
    match method {
        1 => "shrink".into(),
        2..=5 => "reduce".into(),
        6 => "implode".into(),
        97 => "WavPack".into(),
        98 => "PPMd".into(),
        99 => "AES".into(),
        other => format!("number {other}"),
    }
}

fn zstd_stream<'r>(
    mut stored: impl BufRead + Send + 'r,
    memory: &'r Memory,
    what: &'static str,
) -> Result<Box<dyn Read + Send + 'r>, String> {
    let declared = windows::of_zstd(stored.fill_buf().unwrap_or_default());
    // The library's bound is a power of two; what it cannot hold anyway is refused by the lease.
    let share = declared.clamp(SMALL, 1 << 40).next_power_of_two();
    let lease = memory.lease(share, what)?;
    let mut decoder = zstd::stream::read::Decoder::with_buffer(stored).map_err(|_| cannot(what))?;
    decoder.window_log_max(share.ilog2()).map_err(|_| too_much(what, share))?;
    leased(decoder, lease, what)
}

fn xz_stream<'r>(
    mut stored: impl BufRead + Send + 'r,
    memory: &'r Memory,
    what: &'static str,
) -> Result<Box<dyn Read + Send + 'r>, String> {
    let share = windows::of_xz(stored.fill_buf().unwrap_or_default()).max(SMALL);
    let lease = memory.lease(share, what)?;
    // The library counts what it needs besides the dictionary too, about a tenth of this.
    let kibibytes = u32::try_from(share >> 10).unwrap_or(u32::MAX).saturating_add(1 << 10);
    leased(XzReader::new_mem_limit(stored, true, kibibytes), lease, what)
}

/// LZMA as zip has it: a version, the size of the properties, and these (APPNOTE.TXT, 5.8.8).
fn lzma_member<'r>(
    mut stored: impl BufRead + Send + 'r,
    size: u64,
    memory: &'r Memory,
    what: &'static str,
) -> Result<Box<dyn Read + Send + 'r>, String> {
    let mut head = [0; 9];
    stored.read_exact(&mut head).map_err(|_| cannot(what))?;
    let dictionary = u32::from_le_bytes([head[5], head[6], head[7], head[8]]);
    let lease = memory.lease(u64::from(dictionary).max(SMALL), what)?;
    let decoder = LzmaReader::new_with_props(stored, size, head[4], dictionary, None).map_err(|_| cannot(what))?;
    leased(decoder, lease, what)
}

fn cannot(what: &str) -> String {
    format!("{what} cannot be unpacked")
}

/// A decoder with its share of the memory.
struct Leased<'m, R> {
    inner: R,
    lease: Lease<'m>,
    what: &'static str,
}

fn leased<'r, R: Read + Send + 'r>(inner: R, lease: Lease<'r>, what: &'static str) -> Result<Box<dyn Read + Send + 'r>, String> {
    Ok(Box::new(Leased { inner, lease, what }))
}

impl<R: Read> Read for Leased<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf).map_err(|e| match e.kind() {
            io::ErrorKind::OutOfMemory => Stop(too_much(self.what, self.lease.bytes)).into(),
            _ if e.to_string().contains("too much memory") => Stop(too_much(self.what, self.lease.bytes)).into(),
            _ => e,
        })
    }
}
