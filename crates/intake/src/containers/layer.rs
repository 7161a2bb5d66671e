//! Readers between the bytes as stored and the text within: looking ahead, unpacking within a budget, words for breaks.
//!
//! This module must never know names or sources. Hostile input shows here first: a stream that unpacks without end is
//! stopped by the [`Budget`], one that is cut or damaged ends with an error that carries a sentence for the reader.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Why a stream ends before its end, in plain words: "the gzip stream ends in the middle".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop(pub String);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stop {}

impl From<Stop> for io::Error {
    fn from(stop: Stop) -> io::Error {
        io::Error::other(stop)
    }
}

/// The words for an error while `what` was read; those of a deeper layer win.
pub fn words(error: &io::Error, what: &str) -> String {
    if let Some(stop) = error.get_ref().and_then(|e| e.downcast_ref::<Stop>()) {
        return stop.0.clone();
    }
    match error.kind() {
        ErrorKind::UnexpectedEof => format!("{what} ends in the middle"),
        _ if error.to_string().to_ascii_lowercase().contains("checksum") => format!("the checksum of {what} does not fit"),
        // Where a further member should begin stands something else: zero bytes of a tape, or what was appended.
        _ if FOLLOWED.iter().any(|words| error.to_string().contains(words)) => format!("{what} is followed by other bytes"),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => format!("{what} is damaged"),
        kind => format!("{what} could not be read further ({kind})"),
    }
}

/// What the decoders say when another part should begin and does not.
const FOLLOWED: [&str; 4] = ["gzip header", "bz2 header", "invalid data after stream", "incomplete XZ magic"];

/// Unpacked bytes that one input may still become.
pub struct Budget {
    left: AtomicU64,
    limit: u64,
    exceeded: AtomicBool,
}

impl Budget {
    pub fn new(limit: u64) -> Budget {
        Budget { left: AtomicU64::new(limit), limit, exceeded: AtomicBool::new(false) }
    }

    /// Takes `bytes` from what is left; all of it, when that is less.
    fn spend(&self, bytes: usize) -> Result<(), Stop> {
        let left = self.left.load(Ordering::Relaxed).checked_sub(bytes as u64);
        self.left.store(left.unwrap_or(0), Ordering::Relaxed);
        self.exceeded.store(left.is_none(), Ordering::Relaxed);
        match self.reached() {
            Some(reason) => Err(Stop(reason)),
            None => Ok(()),
        }
    }

    /// Why nothing more is unpacked, when that is so.
    pub fn reached(&self) -> Option<String> {
        let reason = || format!("the limit of {} unpacked bytes for one input is reached", grouped(self.limit));
        self.exceeded.load(Ordering::Relaxed).then(reason)
    }
}

/// A decoder whose output is counted and whose errors have words. What broke stays broken, however often it is asked:
/// decoders do not promise what they do after an error.
pub struct Unpacked<'b, R> {
    inner: R,
    what: &'static str,
    budget: &'b Budget,
    broken: Option<Stop>,
}

impl<'b, R: Read> Unpacked<'b, R> {
    pub fn new(inner: R, what: &'static str, budget: &'b Budget) -> Self {
        Unpacked { inner, what, budget, broken: None }
    }

    fn unpack(&mut self, buf: &mut [u8]) -> Result<usize, Stop> {
        if let Some(stop) = &self.broken {
            return Err(stop.clone());
        }
        // A decoder that meets damage drops what it unpacked in the same call: small calls lose little.
        let room = buf.len().min(16 << 10);
        let had = loop {
            match self.inner.read(&mut buf[..room]) {
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                other => break other,
            }
        };
        let had = had.map_err(|e| Stop(words(&e, self.what)))?;
        self.budget.spend(had)?;
        Ok(had)
    }
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.unpack(buf).map_err(|stop| {
            self.broken = Some(stop.clone());
            stop.into()
        })
    }
}

/// A reader whose first bytes were looked at, and that knows how many it handed on.
pub struct Peek<'r> {
    head: Vec<u8>,
    at: usize,
    error: Option<io::Error>,
    inner: &'r mut (dyn Read + Send),
    /// Bytes handed on so far.
    pub passed: u64,
}

impl<'r> Peek<'r> {
    /// Reads up to `size` bytes ahead; an error met there waits until the bytes before it were read.
    pub fn new(inner: &'r mut (dyn Read + Send), size: usize) -> Peek<'r> {
        let mut head = Vec::with_capacity(size);
        let error = inner.take(size as u64).read_to_end(&mut head).err();
        Peek { head, at: 0, error, inner, passed: 0 }
    }

    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Why nothing at all could be read, when that is so.
    pub fn nothing(&self) -> Option<String> {
        if self.head.is_empty() { self.error.as_ref().map(|e| words(e, "the stream")) } else { None }
    }

    /// Reads to the end and says how many bytes there were in all.
    pub fn count(&mut self) -> u64 {
        let _ = io::copy(self, &mut io::sink());
        self.passed
    }
}

impl Read for Peek<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let waiting = &self.head[self.at..];
        let had = if waiting.is_empty() {
            match self.error.take() {
                Some(error) => return Err(error),
                None => self.inner.read(buf)?,
            }
        } else {
            let n = waiting.len().min(buf.len());
            buf[..n].copy_from_slice(&waiting[..n]);
            self.at += n;
            n
        };
        self.passed += had as u64;
        Ok(had)
    }
}

/// A member of an archive: exactly `left` bytes of the archive's stream, an early end of which is an error.
pub struct Member<'r> {
    inner: &'r mut (dyn Read + Send),
    what: &'static str,
    pub left: u64,
    /// The archive's stream broke within this member, and its reader was told.
    pub broken: bool,
}

impl<'r> Member<'r> {
    pub fn new(inner: &'r mut (dyn Read + Send), left: u64, what: &'static str) -> Member<'r> {
        Member { inner, what, left, broken: false }
    }
}

impl Read for Member<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buf.is_empty() || self.broken {
            return Ok(0);
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        match self.inner.read(&mut buf[..room]) {
            Ok(0) => {
                self.broken = true;
                Err(Stop(format!("{} ends in the middle", self.what)).into())
            }
            Ok(n) => {
                self.left -= n as u64;
                Ok(n)
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => Err(e),
            Err(e) => {
                self.broken = true;
                Err(Stop(words(&e, self.what)).into())
            }
        }
    }
}

/// Reads until `block` is full or the stream ends.
pub fn fill(reader: &mut (dyn Read + Send), block: &mut [u8]) -> io::Result<usize> {
    let mut had = 0;
    while had < block.len() {
        match reader.read(&mut block[had..]) {
            Ok(0) => break,
            Ok(n) => had += n,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(had)
}

/// A number as people read it: `3,145,728`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(3_145_728), "3,145,728");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn what_was_looked_at_is_read_again() {
        let mut bytes: &[u8] = b"abcdef";
        let mut peek = Peek::new(&mut bytes, 4);
        assert_eq!(peek.head(), b"abcd");
        let mut all = Vec::new();
        peek.read_to_end(&mut all).unwrap();
        assert_eq!((all.as_slice(), peek.passed), (&b"abcdef"[..], 6));
    }

    #[test]
    fn an_unpacked_stream_ends_where_its_budget_ends() {
        let budget = Budget::new(20_000);
        let mut reader = Unpacked::new(io::repeat(b'x'), "the gzip stream", &budget);
        let mut all = Vec::new();
        let error = reader.read_to_end(&mut all).unwrap_err();
        assert_eq!(words(&error, "it"), "the limit of 20,000 unpacked bytes for one input is reached");
    }

    #[test]
    fn a_member_that_ends_early_says_so() {
        let mut bytes: &[u8] = b"abc";
        let mut member = Member::new(&mut bytes, 5, "the tar archive");
        let mut all = Vec::new();
        let error = member.read_to_end(&mut all).unwrap_err();
        assert_eq!((all.as_slice(), words(&error, "it")), (&b"abc"[..], "the tar archive ends in the middle".to_string()));
        assert!(member.broken);
    }
}
