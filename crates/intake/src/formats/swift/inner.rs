//! Lines within lines, read by plans of their own: what a container engine or an agent puts around each line is taken off
//! before, and what is left is made like its neighbours, too.
//!
//! Must never read a text of several lines. What breaks it: more formats of inner lines than it keeps plans for; the others
//! are read in general.

use evidence::{Record, RecordRef};

use super::{Fields, Followed, Swift, recycled};
use crate::formats::{Format, Formats};
use crate::marks::{Alone, Marked};
use crate::unseen::is_seen;

/// Formats for which plans are kept.
const MOST: usize = 8;

#[derive(Default)]
pub struct Inner {
    /// By the id of a format; `None` for one that has no plans.
    known: Vec<(&'static str, Option<Swift>)>,
    alone: Alone,
    /// The text that was followed last, and to which of them.
    pub(super) found: Followed,
    pub(super) last: usize,
    fields: Fields<'static>,
}

impl Inner {
    /// Whether a text follows a plan of its format.
    fn follows(&mut self, (formats, format): (&'static Formats, &'static Format), text: &str, at: Option<Marked<'_>>) -> bool {
        let is_line = at.is_some() || memchr::memchr(b'\n', text.as_bytes()).is_none() && is_seen(text);
        let Some(of) = (if is_line { self.place_of(formats, format) } else { None }) else { return false };
        let Inner { known, alone, found, last, .. } = self;
        let Some(swift) = known[of].1.as_mut() else { return false };
        *last = of;
        swift.begin(text.as_bytes());
        let at = at.unwrap_or_else(|| {
            alone.look(text, swift.signs());
            alone.marked()
        });
        swift.follow((text, true), at, found)
    }

    /// Whether a text is a record's first line for certain, as it follows a plan of its format. It may stand in a piece, as a part
    /// of a line with nothing unseen.
    pub fn is_head(&mut self, known: (&'static Formats, &'static Format), text: &str, at: Option<Marked<'_>>) -> bool {
        let follows = self.follows(known, text, at);
        let swift = self.known.get(self.last).and_then(|(_, swift)| swift.as_ref());
        follows && swift.is_some_and(|swift| swift.knows_heads() || swift.is_closed())
    }

    /// Hands out the record of a text that was followed, and whether every byte of it stands there as it is. False where the
    /// general reader has to be asked.
    pub(super) fn read<'a>(
        &mut self,
        (text, found, at): (&'a str, &Followed, usize),
        place: RecordRef,
        out: &mut dyn FnMut(&mut Record<'a>, bool),
    ) -> bool {
        let swift = self.known.get_mut(at).and_then(|(_, swift)| swift.as_mut());
        let mut fields = recycled(std::mem::take(&mut self.fields));
        let is_read = swift.is_some_and(|swift| swift.read((text, found), place, &mut fields, out));
        self.fields = recycled(fields);
        is_read
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
                    if !plans.follows((formats, format), line, None) {
                        continue;
                    }
                    let general = formats.parse(format, line, place);
                    let (found, at) = (plans.found.clone(), plans.last);
                    read += u32::from(plans.read((line, &found, at), place, &mut |record, _| {
                        assert_eq!(*record, general, "{}: {line}", format.id());
                    }));
                }
            }
        }
        assert!(read > 2_000, "{read}");
    }
}
