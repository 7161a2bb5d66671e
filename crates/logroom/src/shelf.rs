//! Where a room lies: bytes at positions, and nothing else.
//!
//! Must never know files. What breaks it: a shelf whose bytes change while somebody reads, which is told as broken bytes.

use std::io::{self, ErrorKind};
use std::sync::Arc;

/// Bytes that are read at positions, by several threads at once.
pub trait Shelf: Send + Sync {
    /// Fills `into` with the bytes from `offset` on; fails where there are not so many.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
    /// Bytes that there are.
    fn size(&self) -> u64;
}

impl Shelf for [u8] {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).ok();
        let held = from.and_then(|from| self.get(from..from.checked_add(into.len())?));
        into.copy_from_slice(held.ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn size(&self) -> u64 {
        self.len() as u64
    }
}

impl Shelf for Vec<u8> {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(offset, into)
    }

    fn size(&self) -> u64 {
        self.len() as u64
    }
}

impl<S: Shelf + ?Sized> Shelf for &S {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        (**self).read_at(offset, into)
    }

    fn size(&self) -> u64 {
        (**self).size()
    }
}

impl<S: Shelf + ?Sized> Shelf for Arc<S> {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        (**self).read_at(offset, into)
    }

    fn size(&self) -> u64 {
        (**self).size()
    }
}
