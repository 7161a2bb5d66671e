//! Private keys in PEM, over several lines or in one with escaped line ends.
//!
//! Must never swallow the rest of a log when the end mark is missing: a line that cannot be part of a key ends it.

use crate::Finding;

/// Whether the lines so far ended within a key, and for how many lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    inside: usize,
}

/// Lines of the longest key anybody uses, with room.
const MAX_LINES: usize = 400;
const KIND: &str = "private_key";

impl State {
    /// What of a line belongs to a private key; the line stands without its end.
    pub(crate) fn line(&mut self, line: &[u8]) -> Vec<Finding> {
        if self.inside > 0 {
            return self.within(line);
        }
        let Some(begin) = find(line, b"PRIVATE KEY", 0).filter(|_| find(line, b"BEGIN ", 0).is_some()) else { return Vec::new() };
        let Some(dashes) = find(line, b"----", begin) else { return Vec::new() };
        let start = dashes + line[dashes..].iter().take_while(|b| **b == b'-').count();
        match find(line, b"-----END", start).or_else(|| find(line, b"---- END", start)) {
            Some(end) => finding(line, start, end),
            None => {
                self.inside = 1;
                let end = line[start..].iter().position(|b| *b == b'"' || *b == b'\'').map_or(line.len(), |n| start + n);
                if end < line.len() {
                    self.inside = 0;
                }
                finding(line, start, end)
            }
        }
    }

    fn within(&mut self, line: &[u8]) -> Vec<Finding> {
        self.inside += 1;
        if let Some(end) = find(line, b"---", 0).filter(|_| find(line, b"END ", 0).is_some()) {
            self.inside = 0;
            return finding(line, 0, end);
        }
        if self.inside > MAX_LINES || !could_be_key(line) {
            self.inside = 0;
            return Vec::new();
        }
        finding(line, 0, line.len())
    }
}

/// Base64, perhaps indented or quoted, or one of PEM's own headers.
fn could_be_key(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/=\\\"',|>*#. ".contains(b);
    let header = [&b"Proc-Type:"[..], b"DEK-Info:", b"Version:", b"Comment:", b"Hash:", b"Charset:", b"MessageID:"];
    text.is_empty()
        || header.iter().any(|h| text.starts_with(h))
        || text.len() <= 1_000 && text.iter().all(base64) && text.iter().filter(|b| **b == b' ').count() <= 3
}

fn finding(line: &[u8], start: usize, end: usize) -> Vec<Finding> {
    let inner = &line[start..end];
    let lead = inner.len() - inner.trim_ascii_start().len();
    let (start, end) = (start + lead, start + lead + inner.trim_ascii().len());
    let empty = line[start..end].iter().all(|b| b"\\nr-".contains(b));
    if empty { Vec::new() } else { vec![Finding { start, end, kind: KIND }] }
}

fn find(line: &[u8], word: &[u8], from: usize) -> Option<usize> {
    line.get(from..)?.windows(word.len()).position(|w| w == word).map(|at| from + at)
}
