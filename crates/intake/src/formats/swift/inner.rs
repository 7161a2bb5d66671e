//! Lines within lines, read by plans of their own: what a container engine or an agent puts around each line is taken off
//! before, and what is left is made like its neighbours, too.
//!
//! Must never read a text of several lines. What breaks it: more formats of inner lines than it keeps plans for; the others
//! are read in general.

use evidence::{Record, RecordRef};

use super::{Fields, Followed, Swift};
use crate::formats::{Format, Formats};
use crate::marks::Alone;
use crate::unseen::is_seen;

/// Formats for which plans are kept.
const MOST: usize = 8;

#[derive(Default)]
pub struct Inner {
    /// By the id of a format; `None` for one that has no plans.
    known: Vec<(&'static str, Option<Swift>)>,
    alone: Alone,
    found: Followed,
}

impl Inner {
    /// The record that the general reader makes of a text; `None` where it has to be asked.
    pub fn record<'a>(
        &mut self,
        (formats, format): (&'static Formats, &'static Format),
        text: &'a str,
        place: RecordRef,
    ) -> Option<Record<'a>> {
        let is_line = memchr::memchr(b'\n', text.as_bytes()).is_none() && is_seen(text);
        let at = if is_line { self.place_of(formats, format) } else { None }?;
        let Inner { known, alone, found } = self;
        let swift = known[at].1.as_mut()?;
        swift.begin(text.as_bytes());
        alone.look(text, swift.signs());
        if !swift.follow((text, true), alone.marked(), found) {
            return None;
        }
        let mut read = None;
        swift.read((text, found), place, &mut Fields::new(), &mut |record, _| read = Some(record.clone()));
        read
    }

    fn place_of(&mut self, formats: &'static Formats, format: &'static Format) -> Option<usize> {
        let known = self.known.iter().position(|(id, _)| *id == format.id());
        if known.is_none() && self.known.len() < MOST {
            self.known.push((format.id(), Swift::of(formats, format)));
            return Some(self.known.len() - 1);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::*;

    #[test]
    fn lines_within_lines_are_read_as_in_general() {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 10, end: 90, line: 3, last_line: 3 };
        let (formats, mut read, mut plans) = (Formats::load(), 0, Inner::default());
        for (n, format) in formats.all().iter().enumerate() {
            if n % MOST == 0 {
                plans = Inner::default();
            }
            for sample in format.samples() {
                let other = sample.line.replace(['1', '3'], "2");
                for line in [&sample.line, &sample.line, &other, &sample.line.replace('e', "é"), &format!("{other}\n  at x")] {
                    let Some(record) = plans.record((formats, format), line, place) else { continue };
                    assert_eq!(record, formats.parse(format, line, place), "{}: {line}", format.id());
                    read += 1;
                }
            }
        }
        assert!(read > 2_000, "{read}");
    }
}
