//! A stream of lz4 frames: one after the other, with frames to be skipped between them.
//!
//! The library reads one frame and takes the end of the input between two blocks for the end of the frame; here it is an
//! error. Must never hold more than a block. Frames that need a dictionary are damaged to it. See the LZ4 frame format,
//! version 1.6.

use std::io::{self, BufRead, Read};

use lz4_flex::frame::FrameDecoder;

use super::layer::{Stop, fill};

pub const MAGIC: &[u8; 4] = b"\x04\x22\x4d\x18";
const CUT: &str = "the lz4 stream ends in the middle";

pub struct Lz4<R: BufRead + Send> {
    /// A new one for each frame: the library sizes its buffers once. `None` after an error.
    decoder: Option<FrameDecoder<Within<R>>>,
}

impl<R: BufRead + Send> Lz4<R> {
    pub fn new(stored: R) -> Lz4<R> {
        Lz4 { decoder: Some(FrameDecoder::new(Within { stored, again: &[], within: false })) }
    }

    /// Goes to the next frame; false at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        let Some(decoder) = self.decoder.take() else { return Ok(false) };
        let mut source = decoder.into_inner();
        source.within = false;
        let more = source.find_frame()?;
        self.decoder = Some(FrameDecoder::new(source));
        Ok(more)
    }
}

impl<R: BufRead + Send> Read for Lz4<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else { return Ok(0) };
            if decoder.get_ref().within {
                let had = decoder.read(buf)?;
                if had > 0 || buf.is_empty() {
                    return Ok(had);
                }
            }
            if !self.next_frame()? {
                return Ok(0);
            }
        }
    }
}

/// The stored bytes, whose end within a frame is an error.
struct Within<R> {
    stored: R,
    /// What was read to see that a frame begins, to be read again.
    again: &'static [u8],
    within: bool,
}

impl<R: BufRead + Send> Within<R> {
    /// Reads up to where a frame begins; false at the end.
    fn find_frame(&mut self) -> io::Result<bool> {
        loop {
            let mut magic = [0; 4];
            match fill(&mut self.stored, &mut magic)? {
                0 => return Ok(false),
                4 if magic == *MAGIC => {
                    (self.again, self.within) = (MAGIC, true);
                    return Ok(true);
                }
                4 if magic[0] & 0xf0 == 0x50 && magic[1..] == [0x2a, 0x4d, 0x18] => self.skip()?,
                _ => return Err(Stop("the lz4 stream is followed by other bytes".into()).into()),
            }
        }
    }

    fn skip(&mut self) -> io::Result<()> {
        let mut size = [0; 4];
        let had = fill(&mut self.stored, &mut size)?;
        let size = u64::from(u32::from_le_bytes(size));
        let skipped = io::copy(&mut self.stored.by_ref().take(size), &mut io::sink())?;
        if had < 4 || skipped < size { Err(Stop(CUT.into()).into()) } else { Ok(()) }
    }
}

impl<R: BufRead + Send> Read for Within<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.again.is_empty() {
            let n = self.again.len().min(buf.len());
            buf[..n].copy_from_slice(&self.again[..n]);
            self.again = &self.again[n..];
            return Ok(n);
        }
        match fill(&mut self.stored, buf)? {
            0 if !buf.is_empty() => Err(Stop(CUT.into()).into()),
            n => Ok(n),
        }
    }
}
