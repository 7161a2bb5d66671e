//! Parsers written by hand for the formats in which most of the world's lines are, behind the same file as the pattern.
//!
//! Each knows the usual form of its lines and nothing else: it must never read a part differently from the pattern, and
//! gives nothing where it is not sure, so that the pattern is asked. A test runs both over every sample of every format.

use crate::marks::{Marked, quote_or_backslash};

/// Which of them a format has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Combined,
    Common,
    Cri,
    Klog,
    Syslog,
}

/// The parts of a line: name, and from where to where, in their order.
pub type Parts = Vec<(&'static str, usize, usize)>;

impl Hand {
    pub fn from_name(name: &str) -> Option<Hand> {
        Some(match name {
            "combined" => Hand::Combined,
            "common" => Hand::Common,
            "cri" => Hand::Cri,
            "klog" => Hand::Klog,
            "syslog" => Hand::Syslog,
            _ => return None,
        })
    }

    /// The parts of a line of the usual form.
    pub fn parts(self, line: &str) -> Option<Parts> {
        let mut parts = Vec::with_capacity(12);
        self.find((line, None), &mut parts).then_some(parts)
    }

    /// Whether it looks for quotes.
    pub fn has_quotes(self) -> bool {
        matches!(self, Hand::Combined | Hand::Common)
    }

    /// The same, with room that was used before, of a line whose quotes may be marked. False for a line of another form.
    pub fn find(self, (line, marked): (&str, Option<Marked<'_>>), parts: &mut Parts) -> bool {
        parts.clear();
        let mut scan = Scan { line: line.as_bytes(), marked, at: 0, parts: std::mem::take(parts) };
        let found = match self {
            Hand::Combined => scan.combined(),
            Hand::Common => scan.common(),
            Hand::Cri => scan.cri(),
            Hand::Klog => scan.klog(),
            Hand::Syslog => scan.syslog(),
        };
        *parts = scan.parts;
        found.is_some()
    }
}

/// What addresses and names of hosts are made of.
const OF_HOST: [bool; 256] = {
    let mut of_host = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        of_host[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b':' | b'.' | b'%' | b'_' | b'-');
        byte += 1;
    }
    of_host
};

struct Scan<'l> {
    line: &'l [u8],
    marked: Option<Marked<'l>>,
    at: usize,
    parts: Parts,
}

impl Scan<'_> {
    /// `2025-12-31T17:22:25.1Z stdout F words`
    fn cri(&mut self) -> Option<()> {
        let from = self.at;
        self.shape(b"0000-00-00T00:00:00")?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.run(u8::is_ascii_digit)?;
        }
        if self.literal(b"Z").is_none() {
            (self.shape(b"+00:00").or_else(|| self.shape(b"-00:00")))?;
        }
        self.parts.push(("time", from, self.at));
        self.literal(b" ")?;
        self.part("stream", |s| s.literal(b"stdout").or_else(|| s.literal(b"stderr")))?;
        self.literal(b" ")?;
        self.part("partial", |s| s.literal(b"F").or_else(|| s.literal(b"P")))?;
        match self.peek() {
            None => Some(()),
            Some(_) => {
                self.literal(b" ")?;
                self.rest("message")
            }
        }
    }

    /// `I0302 05:50:03.781414       1 conditions.go:252] words`
    fn klog(&mut self) -> Option<()> {
        matches!(self.peek()?, b'D' | b'I' | b'W' | b'E' | b'F').then_some(())?;
        self.at += 1;
        self.parts.push(("level", 0, 1));
        self.part("time", |s| {
            s.shape(b"0000 00:00:00.0")?;
            s.maybe(u8::is_ascii_digit);
            Some(())
        })?;
        self.run(|b| *b == b' ')?;
        self.part("thread", |s| s.run(u8::is_ascii_digit))?;
        self.literal(b" ")?;
        self.part("file", |s| {
            s.run(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-'))?;
            s.literal(b":")?;
            s.run(u8::is_ascii_digit)
        })?;
        self.literal(b"]")?;
        let _ = self.literal(b" ");
        self.rest("message")
    }

    /// `<34>Feb  7 09:00:25 web-1 checkout[812]: words`
    fn syslog(&mut self) -> Option<()> {
        if self.literal(b"<").is_some() {
            self.part("priority", |s| s.run(u8::is_ascii_digit))?;
            (self.at <= 4).then_some(())?;
            self.literal(b">")?;
        }
        self.part("time", Scan::bsd_time)?;
        self.literal(b" ")?;
        self.part("host", |s| s.run(|b| !matches!(b, b' ' | b':' | b'[' | b']')))?;
        self.literal(b" ")?;
        (self.peek()?.is_ascii_alphabetic() || matches!(self.peek()?, b'_' | b'(' | b'/')).then_some(())?;
        self.part("service", |s| s.run(|b| !matches!(b, b' ' | b':' | b'[' | b']')))?;
        if self.literal(b"[").is_some() {
            self.part("pid", |s| s.run(u8::is_ascii_digit))?;
            self.literal(b"]")?;
        }
        self.literal(b":")?;
        let _ = self.literal(b" ");
        self.rest("message")
    }

    fn bsd_time(&mut self) -> Option<()> {
        let month = self.line.get(self.at..self.at + 3)?;
        (month[0].is_ascii_uppercase() && month[1..].iter().all(u8::is_ascii_lowercase)).then_some(())?;
        self.at += 3;
        self.literal(b" ")?;
        match self.peek()? {
            b' ' => self.shape(b" 0")?,
            _ => self.shape(b"00").or_else(|| self.shape(b"0"))?,
        }
        self.shape(b" 00:00:00")?;
        // A fraction or a year is left to the pattern.
        (self.peek()? == b' ').then_some(())
    }

    /// `192.0.2.1 - ana [07/Feb/2024:08:38:00 +0000] "GET / HTTP/1.1" 200 12`
    fn access(&mut self) -> Option<()> {
        self.part("client", |s| s.run(|b| OF_HOST[usize::from(*b)]))?;
        self.literal(b" ")?;
        self.part("ident", |s| s.run(|b| !matches!(b, b' ' | b'\t' | b'"' | b'[' | b']')))?;
        self.literal(b" ")?;
        self.part("user", |s| s.run(|b| !matches!(b, b' ' | b'"' | b'[' | b']')))?;
        self.literal(b" [")?;
        self.part("time", |s| {
            s.shape(b"00/Aaa/0000:00:00:00 ")?;
            s.shape(b"+0000").or_else(|| s.shape(b"-0000"))
        })?;
        self.literal(b"] \"")?;
        self.part("request", |s| {
            s.run(u8::is_ascii_uppercase)?;
            s.literal(b" ")?;
            s.until_quote()
        })?;
        self.literal(b"\" ")?;
        self.part("status", |s| s.shape(b"000"))?;
        self.literal(b" ")?;
        self.part("bytes", |s| s.run(u8::is_ascii_digit).or_else(|| s.literal(b"-")))
    }

    fn combined(&mut self) -> Option<()> {
        self.access()?;
        for name in ["referer", "agent"] {
            self.literal(b" \"")?;
            self.part(name, Scan::until_quote)?;
            self.literal(b"\"")?;
        }
        let rest = &self.line[self.at..];
        let end = self.at + rest.trim_ascii_end().len();
        // Without a branch for each byte: there are few of them.
        let is_odd = |b: &u8| u8::from(!b.is_ascii() | matches!(b, b'"' | b'\t' | b'\r' | 0x0b | 0x0c));
        let plain = rest.iter().fold(0, |any, b| any | is_odd(b)) == 0 && !rest.ends_with(b" ");
        (plain && (rest.is_empty() || rest[0] == b' ')).then_some(())?;
        self.parts.push(("tail", self.at, end));
        Some(())
    }

    fn common(&mut self) -> Option<()> {
        self.access()?;
        (self.at == self.line.len()).then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    /// Exactly these bytes.
    #[inline(always)]
    fn literal<const N: usize>(&mut self, bytes: &[u8; N]) -> Option<()> {
        let here = self.line.get(self.at..)?.first_chunk::<N>()?;
        (here == bytes).then(|| self.at += N)
    }

    /// Bytes of this shape: `0` is a digit, `A` a capital and `a` another letter; others stand for themselves.
    #[inline(always)]
    fn shape<const N: usize>(&mut self, shape: &[u8; N]) -> Option<()> {
        let here = self.line.get(self.at..)?.first_chunk::<N>()?;
        // All bytes without a branch for each.
        let odd = here.iter().zip(shape).fold(0, |odd, (byte, want)| {
            let number = |first: u8, many: u8| u8::from(byte.wrapping_sub(first) >= many);
            odd | match want {
                b'0' => number(b'0', 10),
                b'A' => number(b'A', 26),
                b'a' => number(b'a', 26),
                other => byte ^ other,
            }
        });
        (odd == 0).then(|| self.at += N)
    }

    /// As many bytes as fit, at least one.
    #[inline(always)]
    fn run(&mut self, fits: impl Fn(&u8) -> bool) -> Option<()> {
        let from = self.at;
        self.maybe(fits);
        (self.at > from).then_some(())
    }

    #[inline(always)]
    fn maybe(&mut self, fits: impl Fn(&u8) -> bool) {
        let rest = &self.line[self.at..];
        self.at += rest.iter().position(|b| !fits(b)).unwrap_or(rest.len());
    }

    /// All bytes before the next quote or backslash.
    fn until_quote(&mut self) -> Option<()> {
        self.at = match &self.marked {
            Some(marked) => marked.quote(marked.from + self.at).map_or(marked.to, |at| at.min(marked.to)) - marked.from,
            None => quote_or_backslash(&self.line[self.at..]).map_or(self.line.len(), |n| self.at + n),
        };
        Some(())
    }

    #[inline(always)]
    fn part(&mut self, name: &'static str, scan: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let from = self.at;
        scan(self)?;
        self.parts.push((name, from, self.at));
        Some(())
    }

    fn rest(&mut self, name: &'static str) -> Option<()> {
        self.parts.push((name, self.at, self.line.len()));
        self.at = self.line.len();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::formats::Formats;
    use crate::formats::definition::Kind;

    /// Where a parser is sure of a line, the pattern of its format has the same parts. Says whether it was.
    fn agrees(id: &str, line: &str) -> bool {
        let Kind::Pattern(pattern) = &Formats::load().get(id).unwrap().kind else { panic!("{id} has no pattern") };
        let Some(parts) = pattern.hand().unwrap().parts(line) else { return false };
        let parts: Vec<(String, usize, usize)> = parts.into_iter().map(|(n, a, b)| (n.to_string(), a, b)).collect();
        assert_eq!(Some(parts), pattern.by_regex(line), "{id}: {line:?}");
        true
    }

    const BY_HAND: [&str; 5] = ["access_combined", "access_common", "cri", "klog", "syslog_rfc3164"];

    #[test]
    fn a_parser_written_by_hand_reads_what_the_pattern_reads() {
        let formats = Formats::load();
        let lines: Vec<&str> = formats
            .all()
            .iter()
            .flat_map(|f| f.samples().iter().map(|s| s.line.as_str()).chain(f.lookalikes().iter().map(String::as_str)))
            .collect();
        for id in BY_HAND {
            let sure = lines.iter().filter(|line| agrees(id, line)).count();
            assert!(sure > 0, "{id} is sure of no sample");
        }
    }

    proptest! {
        #[test]
        fn they_agree_on_damaged_lines_too(which in 0usize..1_000, at in 0usize..160, put in "[ \\[\\]:\"<>a-zA-Z0-9.\\-\\\\é\t]{0,3}", cut in 0usize..3) {
            let formats = Formats::load();
            for id in BY_HAND {
                let samples = formats.get(id).unwrap().samples();
                let line = &samples[which % samples.len()].line;
                let from = line.floor_char_boundary(at.min(line.len()));
                let to = line.ceil_char_boundary((from + cut).min(line.len()));
                agrees(id, &format!("{}{put}{}", &line[..from], &line[to..]));
            }
        }
    }
}
