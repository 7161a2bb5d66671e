//! The time of a record whose head has none: at the beginning of the line below it, as where a console writes level and category on
//! a line of their own and the message, which begins with a time, on the next.
//!
//! Must never look at the first line; what stands there is its pattern's. What breaks it: a message that begins with a time that it
//! is about.

use std::borrow::Cow;

use evidence::{Basis, Record};

use super::text::first_line;
use super::time::{self, Order};

/// Takes the time from the front of a message that begins on a line below the head.
pub fn time(record: &mut Record<'_>, order: Order) {
    let line = first_line(&record.message);
    let blanks = line.len() - line.trim_start().len();
    let Some(seen) = time::read(&line[blanks..], order).filter(|seen| blanks > 0 && seen.stamp.basis != Basis::ClockOnly) else {
        return;
    };
    let (from, to) = (blanks, blanks + seen.len);
    let stamp = seen.stamp;
    let rest = &record.message[to..];
    let skipped = rest.len() - rest.trim_start_matches([' ', '\t', ':', '|', '-', ']', ',']).len();
    let (stamp_text, message) = match &record.message {
        Cow::Borrowed(text) => (Cow::Borrowed(&text[from..to]), Cow::Borrowed(&text[to + skipped..])),
        Cow::Owned(text) => (Cow::Owned(text[from..to].to_string()), Cow::Owned(text[to + skipped..].to_string())),
    };
    (record.stamp, record.stamp_text, record.message) = (Some(stamp), Some(stamp_text), message);
}

#[cfg(test)]
mod tests {
    use super::super::Formats;
    use evidence::{Level, RecordRef, SourceId};

    #[test]
    fn a_time_below_the_head_is_the_records_own() {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 3 };
        let formats = Formats::load();
        let read = |text: &'static str| formats.parse(formats.get("dotnet_console").unwrap(), text, place);
        let told =
            read("fail: Shop.Stock[0]\n      2024-02-07 09:00:25 cannot read shelf 7\n      System.TimeoutException: no answer");
        assert_eq!(told.message, "cannot read shelf 7\n      System.TimeoutException: no answer");
        assert_eq!((told.level, told.stamp_text.as_deref()), (Some(Level::Error), Some("2024-02-07 09:00:25")));
        assert!(told.stamp.is_some());
        for none in
            ["fail: Shop.Stock[0]\n      shelf 7 of 2024-02-07 is empty", "info: Shop.Stock[0] 2024 shelves\n      12:00 is noon"]
        {
            assert!(read(none).stamp.is_none(), "{none}");
        }
    }
}
