//! Leads the links of a laid out report to their places.
//!
//! The typesetter lays out anew whatever it had linked to a place that it did not know yet: with thousands of citations
//! that is three times the whole report. So the template names places as if they were addresses outside (`evidence 3`),
//! which needs no knowledge, and here each becomes the place of that name. This module must never know what a report is.
//! What breaks it: a name that no place has, which is a fault of the template and no link that leaves the file.

use std::collections::HashMap;

use typst::foundations::Label;
use typst::introspection::{Introspector, Location};
use typst::layout::{Frame, FrameItem};
use typst::model::{Destination, Document};
use typst::utils::PicoStr;
use typst_layout::PagedDocument;

/// The document with every link that named a place leading there, or the name that no place has.
pub fn led(document: &PagedDocument) -> Result<PagedDocument, String> {
    let mut places = Places { introspector: document.introspector().as_ref(), known: HashMap::new() };
    let mut pages: Vec<_> = document.pages().to_vec();
    for page in &mut pages {
        places.lead(&mut page.frame)?;
    }
    Ok(PagedDocument::new(pages.into_iter().collect(), document.info().clone()))
}

struct Places<'a> {
    introspector: &'a dyn Introspector,
    known: HashMap<String, Location>,
}

impl Places<'_> {
    fn lead(&mut self, frame: &mut Frame) -> Result<(), String> {
        // A frame shared with what the typesetter remembers is copied when it is changed, so only where there is a link.
        if !has_link(frame) {
            return Ok(());
        }
        let mut fault = None;
        frame.retain(|item| {
            let led = match item {
                FrameItem::Group(group) => self.lead(&mut group.frame),
                FrameItem::Link(to, _) => self.destination(to).map(|place| *to = place),
                _ => Ok(()),
            };
            fault = fault.take().or(led.err());
            true
        });
        fault.map_or(Ok(()), Err)
    }

    fn destination(&mut self, to: &Destination) -> Result<Destination, String> {
        let Destination::Url(name) = to else { return Ok(to.clone()) };
        if let Some(place) = self.known.get(name.as_str()) {
            return Ok(Destination::Location(*place));
        }
        let unknown = || format!("no place is named {}", name.as_str());
        let label = Label::new(PicoStr::intern(name)).ok_or_else(unknown)?;
        let place = self.introspector.query_label(label).ok().and_then(|element| element.location()).ok_or_else(unknown)?;
        self.known.insert(name.to_string(), place);
        Ok(Destination::Location(place))
    }
}

fn has_link(frame: &Frame) -> bool {
    frame.items().any(|(_, item)| match item {
        FrameItem::Link(..) => true,
        FrameItem::Group(group) => has_link(&group.frame),
        _ => false,
    })
}
