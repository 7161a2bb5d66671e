//! A source whose bytes have to be unpacked first: that is done by a thread of its own, a few blocks ahead.
//!
//! Must never change what is read, only when: a stream that breaks does so at the same byte, as the error comes behind the
//! blocks before it. What breaks it: sources that are small, for which a thread costs more than it saves; who calls it
//! looks at the size.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::lines::Feed;

/// Bytes of a block, and how many may wait.
const BLOCK: usize = 256 << 10;
const WAITING: usize = 4;

/// Lets a source be read while what comes next of it is unpacked.
pub fn unpacked_apart<R>(feed: &mut Feed<'_>, read: impl FnOnce(&mut Feed<'_>) -> R) -> R {
    let (blocks, received) = sync_channel(WAITING);
    let (had, rest) = feed.parts();
    let (result, had) = thread::scope(|scope| {
        scope.spawn(move || unpack(rest, &blocks));
        // Gone at the end of this block: the other thread does not wait for somebody who takes its blocks.
        let mut received = Received { blocks: received, block: Vec::new(), at: 0 };
        let mut near = Feed::going_on(had, &mut received);
        let result = read(&mut near);
        (result, near.parts().0)
    });
    feed.resume(had);
    result
}

/// Hands on blocks, to the end or to an error.
fn unpack(inner: &mut (dyn Read + Send), blocks: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut block = Vec::new();
        let ended = inner.take(BLOCK as u64).read_to_end(&mut block);
        let is_last = block.len() < BLOCK;
        if !block.is_empty() && blocks.send(Ok(block)).is_err() {
            return;
        }
        match ended {
            Err(e) => {
                let _ = blocks.send(Err(e));
                return;
            }
            Ok(_) if is_last => return,
            Ok(_) => {}
        }
    }
}

/// The blocks of another thread as a reader.
struct Received {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
}

impl Read for Received {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            match self.blocks.recv() {
                Ok(block) => (self.block, self.at) = (block?, 0),
                Err(_) => return Ok(0),
            }
        }
        let n = buf.len().min(self.block.len() - self.at);
        buf[..n].copy_from_slice(&self.block[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes to an error.
    struct Breaks<'b>(&'b [u8]);

    impl Read for Breaks<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            match self.0.len() {
                0 => Err(io::Error::other("it broke")),
                _ => self.0.read(buf),
            }
        }
    }

    fn all(feed: &mut Feed<'_>) -> Vec<u8> {
        let (mut had, mut buffer) = (Vec::new(), [0; 1_000]);
        loop {
            match feed.read(&mut buffer) {
                0 => return had,
                n => had.extend_from_slice(&buffer[..n]),
            }
        }
    }

    #[test]
    fn bytes_and_breaks_are_the_same_apart() {
        for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let bytes: Vec<u8> = (0..size).map(|n| (n / 7) as u8).collect();
            let (mut one, mut other) = (Breaks(&bytes), Breaks(&bytes));
            let (mut near, mut apart) = (Feed::new(&mut one), Feed::new(&mut other));
            let ahead = near.ahead(100).to_vec();
            assert_eq!(apart.ahead(100), ahead);
            assert_eq!(unpacked_apart(&mut apart, all), all(&mut near), "{size}");
            assert_eq!((apart.bytes(), apart.stop(), apart.is_whole()), (near.bytes(), near.stop(), near.is_whole()));
            assert!(near.stop().is_some());
        }
    }

    #[test]
    fn a_reader_that_leaves_early_is_not_waited_for() {
        let bytes = vec![b'x'; 40 * BLOCK];
        let mut reader = &bytes[..];
        let mut feed = Feed::new(&mut reader);
        assert_eq!(unpacked_apart(&mut feed, |feed| feed.read(&mut [0; 10])), 10);
        assert_eq!(feed.bytes(), 10);
    }
}
