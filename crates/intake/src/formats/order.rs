//! Which of the formats that match a line is its format: the more special one, and the samples tell which that is. Where they do
//! not, as for a spelling of the time that no sample has, it is the one that reads more of the line.
//!
//! Must never be told by hand. What breaks it: two formats that each read the other's samples; nothing says then which
//! is more special, and the tests fail. What is asked is remembered: most pairs of formats never meet on a line.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU8, Ordering};

use evidence::{RecordRef, SourceId};

use super::definition::Format;

/// What is known of pairs of formats.
#[derive(Debug)]
pub struct Precedence {
    count: usize,
    /// For each pair: 0 not asked, 1 no, 2 yes: the first reads a sample of the second.
    reads: Vec<AtomicU8>,
}

impl Precedence {
    pub fn of(formats: &[&'static Format]) -> Precedence {
        let count = formats.len();
        Precedence { count, reads: (0..count * count).map(|_| AtomicU8::new(0)).collect() }
    }

    /// The most special of these formats (indices, rising), which all match the line: no other of them comes before it. Of
    /// several, the one that reads most of the line, else the first.
    pub fn most_special(&self, formats: &[&'static Format], among: &[usize], line: &str) -> Option<usize> {
        let mut first = self.first(formats, among);
        match (first.next(), first.next()) {
            (Some(one), None) => Some(one),
            (Some(one), Some(other)) => {
                let all = [one, other].into_iter().chain(first);
                all.max_by_key(|i| (told(formats[*i], line), Reverse(*i)))
            }
            (None, _) => among.first().copied(),
        }
    }

    /// Those before which no other of them comes.
    pub fn first(&self, formats: &[&'static Format], among: &[usize]) -> impl Iterator<Item = usize> {
        among.iter().copied().filter(|i| among.iter().all(|j| j == i || !self.before(formats, *j, *i)))
    }

    /// `a` comes before `b`: that one reads a sample of it and not conversely, or it is a user's and the other is not.
    pub fn before(&self, formats: &[&'static Format], a: usize, b: usize) -> bool {
        self.reads(formats, b, a) && (!self.reads(formats, a, b) || formats[a].is_users() && !formats[b].is_users())
    }

    /// Format `a` reads a sample of format `b`.
    pub fn reads(&self, formats: &[&'static Format], a: usize, b: usize) -> bool {
        let known = &self.reads[a * self.count + b];
        match known.load(Ordering::Relaxed) {
            0 => {
                let yes = formats[b].samples().iter().any(|s| formats[a].matches(&s.line));
                known.store(1 + u8::from(yes), Ordering::Relaxed);
                yes
            }
            known => known == 2,
        }
    }
}

/// How much a format reads from a line: a time, a level, and all but a short message.
fn told(format: &'static Format, line: &str) -> (bool, bool, bool, Reverse<usize>) {
    let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 0, last_line: 0 };
    match format.read(line, place) {
        Some(record) => (format.is_users(), record.stamp.is_some(), record.level.is_some(), Reverse(record.message.len())),
        None => (false, false, false, Reverse(line.len())),
    }
}
