//! A text of a signal: most stand in the digest already, and those with traces are long.
//!
//! Must never be anything but what a digest keeps of a record, or what was made of fields, spans and series.

use std::ops::Deref;

use crate::digest::Exemplar;

#[derive(Debug, Clone)]
pub enum Text {
    /// That of a record.
    Of(Exemplar),
    /// Made of its fields, or of an event.
    Made(Box<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Of(record) => &record.text,
            Text::Made(text) => text,
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::Made(text.into())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}
