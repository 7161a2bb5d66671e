//! Lines around lines, read by plans of their own: what a container engine or an agent puts around each line of what a
//! program wrote, and where in it that line stands.
//!
//! Must never look into the line within; that is read by plans of its own ([`super::Inner`]) or in general. What breaks
//! it: heads that differ in more than their values; they are read in general.

use std::borrow::Cow;

use evidence::{Record, RecordRef};

use super::json::offset;
use super::{Fields, Followed, Inner, Swift, recycled};
use crate::formats::within::Within;
use crate::formats::wrap::wrap_into;
use crate::formats::{Format, Formats};
use crate::marks::{Marked, Signs};

/// Plans of the lines of one source that wraps the lines of others.
pub struct Around {
    swift: Swift,
    /// The line that was followed last.
    found: Followed,
    fields: Fields<'static>,
}

/// How a line and the one within it follow their plans.
#[derive(Debug, Clone, Default)]
pub struct Nested {
    around: Followed,
    within: Followed,
    /// Which of the plans of inner lines it is.
    at: usize,
}

impl Nested {
    /// Takes it from the plans that were followed last.
    pub fn take(&mut self, around: &mut Around, inner: &mut Inner) {
        std::mem::swap(&mut self.around, &mut around.found);
        std::mem::swap(&mut self.within, &mut inner.found);
        self.at = inner.last;
    }

    /// Hands out the record of a line and a text within it that are as they were then, and whether every byte of it stands there
    /// as it is. False where it has to be read in general.
    pub fn read<'a>(
        &self,
        (around, inner): (&mut Around, &mut Inner),
        (line, text): (&'a str, &'a str),
        place: RecordRef,
        out: &mut dyn FnMut(&mut Record<'a>, bool),
    ) -> bool {
        let mut is_read = false;
        let mut fields = recycled(std::mem::take(&mut around.fields));
        around.swift.read((line, &self.around), place, &mut fields, &mut |head, is_verbatim| {
            is_read = inner.read((text, &self.within, self.at), place, &mut |record, verbatim| {
                wrap_into(head, record);
                out(record, verbatim && is_verbatim);
            });
        });
        around.fields = recycled(fields);
        is_read
    }
}

impl Around {
    /// `None` for a format that wraps no lines, or whose heads no plan holds.
    pub fn of(formats: &'static Formats, format: &'static Format) -> Option<Around> {
        let wrap = Some(format.wrap.as_ref()?);
        let swift = Swift { wrap, acts: None, ..Swift::any(formats, format)? };
        Some(Around { swift, found: Followed::default(), fields: Fields::new() })
    }

    /// What has to be marked in the pieces that it is shown.
    pub fn signs(&self) -> Signs {
        // Lines within may need any, and there it costs least.
        Signs::QuotesAndBlanks
    }

    /// Looks at a piece of which lines are to be followed.
    pub fn begin(&mut self, piece: &[u8]) {
        self.swift.begin(piece);
    }

    /// The line within a line that stands in the piece that was begun last and has nothing unseen, and its place there if it
    /// stands there as it is. The line may have tabs if `tabs`.
    pub fn within<'l, 'm>(&mut self, (line, tabs): (&'l str, bool), at: Marked<'m>) -> Option<(Within<'l>, Option<Marked<'m>>)> {
        let Around { swift, found, .. } = self;
        let within = if swift.follow((line, tabs), at, found) { swift.within(line, at, found) } else { None }?;
        let its_place = match within.content {
            Cow::Borrowed(inner) => offset(line, inner).map(|from| at.part(from, from + inner.len())),
            Cow::Owned(_) => None,
        };
        Some((within, its_place))
    }
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::*;
    use crate::marks::Alone;

    #[test]
    fn heads_around_lines_are_read_as_in_general() {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 10, end: 90, line: 3, last_line: 3 };
        let (formats, mut read) = (Formats::load(), 0);
        for format in formats.all() {
            let Some(mut around) = Around::of(formats, format) else { continue };
            for sample in format.samples().iter().filter(|sample| !sample.line.contains('\n')) {
                let line = &sample.line;
                let said = line.replace("message", "x\\\"\\n\\u00e9 y").replace("hello", "{\\\"level\\\":\\\"info\\\"}");
                for line in
                    [line, line, &line.replace(['1', '3'], "2"), &line.replace('e', "é"), &said, &said.replace("\\\"", "")]
                {
                    around.begin(line.as_bytes());
                    let alone = Alone::new(line);
                    let Some((within, its_place)) = around.within((line, true), alone.marked()) else { continue };
                    let its_bytes = its_place.and_then(|at| at.rest(at.from));
                    assert!(its_bytes.is_none_or(|bytes| bytes == within.content.as_bytes()), "{}: {line}", format.id());
                    assert_eq!(Some(within), format.within(line), "{}: {line}", format.id());
                    let Around { swift, found, .. } = &mut around;
                    let general = format.read(line, place).map(|record| Record { message: "".into(), ..record });
                    read += u32::from(swift.read((line, found), place, &mut Fields::new(), &mut |record, _| {
                        record.message = "".into();
                        assert_eq!(Some(&*record), general.as_ref(), "{}: {line}", format.id());
                    }));
                }
            }
        }
        assert!(read > 150, "{read}");
    }
}
