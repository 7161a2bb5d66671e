//! Events of Windows as XML, as Event Viewer and wevtutil export them: one after the other in one line, one a line, or indented
//! over many.
//!
//! An event ends where its element does; nothing else of XML is believed, so a document that breaks off gives what stands before.
//! Must never know what an event id means. What breaks it: an event within the data of another, written without escapes.

use std::borrow::Cow;

use evidence::Record;

use super::members::Members;
use super::stream::{Stream, feeds};
use super::{Teller, limited};
use crate::lines::{Encoding, Feed};

pub const ID: &str = "windows_event_xml";
const NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";
/// Bytes between two events that are looked at together.
const GAP: usize = 64 << 10;
/// How many times the bytes of another record an event may have: markup takes most of it.
const FACTOR: usize = 16;
/// Values of the data of one event.
const MOST_VALUES: usize = 48;

/// Whether events begin so: nothing but what wraps them stands before the first.
pub fn is_likely(text: &str) -> bool {
    let text = without_wrapper(text.trim_start_matches('\u{feff}'));
    let tag = text.strip_prefix("<Event ").and_then(|rest| rest.split_once('>')).map(|(tag, _)| tag);
    tag.is_some_and(|tag| tag.contains(NAMESPACE))
}

/// Reads the events of a source; says how many lines it has.
pub fn read(feed: &mut Feed<'_>, (encoding, mark): (Encoding, usize), teller: &mut Teller<'_, '_, '_>) -> u64 {
    let mut stream = Stream::new(feed, encoding, mark);
    let (begins, ends) = (encoded("<Event ", encoding), encoded("</Event>", encoding));
    loop {
        match find(&begins, stream.rest(), 0) {
            Some(at) => {
                between(&mut stream, at, (encoding, &mut *teller));
                event(&mut stream, &ends, (encoding, &mut *teller));
            }
            None => {
                // The beginning of a tag may stand at the edge; a unit of two bytes never does.
                let far = stream.rest().len().saturating_sub(begins.len()) & !1;
                if far > GAP {
                    between(&mut stream, far, (encoding, &mut *teller));
                }
                if !stream.more() {
                    break;
                }
            }
        }
    }
    let left = stream.rest().len();
    between(&mut stream, left, (encoding, &mut *teller));
    stream.lines()
}

type To<'t, 's, 'h, 'c> = (Encoding, &'t mut Teller<'s, 'h, 'c>);

/// What stands between two events: lines of text, unless it wraps them.
fn between(stream: &mut Stream<'_, '_>, size: usize, (encoding, teller): To<'_, '_, '_, '_>) {
    let bytes = stream.rest()[..size].to_vec();
    if !without_wrapper(&encoding.decode(&bytes)).is_empty() {
        let (mut from, mut line) = (0, stream.line);
        while from < bytes.len() {
            let (end, width) = encoding.line_end(&bytes[from..]).map_or((bytes.len() - from, 0), |(at, width)| (at, width));
            let text = encoding.decode(&bytes[from..from + end]);
            let start = stream.at + from as u64;
            if !without_wrapper(&text).is_empty() {
                teller.line(text.trim_end(), teller.place((start, start + end as u64), (line, line)), 0);
            }
            from += end + width;
            line += 1;
        }
    }
    stream.pass(size);
}

/// The event that begins here.
fn event(stream: &mut Stream<'_, '_>, ends: &[u8], (encoding, teller): To<'_, '_, '_, '_>) {
    let most = teller.limits().record_bytes.saturating_mul(FACTOR);
    let (start, line) = (stream.at, stream.line);
    let mut searched = 0;
    let mut kept: Option<Vec<u8>> = None;
    let is_whole = loop {
        if let Some(at) = find(ends, stream.rest(), searched) {
            searched = at + ends.len();
            break true;
        }
        searched = stream.rest().len().saturating_sub(ends.len()) & !1;
        // Of a longer one the beginning is looked at, which says when and what.
        if searched > most {
            kept.get_or_insert_with(|| stream.rest()[..searched].to_vec());
            stream.pass(searched);
            searched = 0;
        }
        if !stream.more() {
            searched = stream.rest().len();
            break false;
        }
    };
    let cut = if kept.is_some() { stream.at + searched as u64 - start - kept.as_ref().map_or(0, Vec::len) as u64 } else { 0 };
    let bytes = kept.unwrap_or_else(|| stream.rest()[..searched].to_vec());
    let last_line = stream.line + feeds(&stream.rest()[..searched], encoding);
    stream.pass(searched);
    let text = encoding.decode(&bytes);
    if encoding == Encoding::Utf8 && matches!(text, Cow::Owned(_)) {
        teller.hand.sink.notes.invalid(line);
    }
    let xml = text.trim_end();
    let trailing = if is_whole { 0 } else { (text.len() - xml.len()) * if encoding == Encoding::Utf8 { 1 } else { 2 } };
    let lines = last_line - if is_whole { 0 } else { text[xml.len()..].matches('\n').count() as u64 };
    let place = teller.place((start, stream.at - trailing as u64), (line, lines.max(line)));
    if !is_whole {
        teller.note("the source ends within this event; what stands before the break was used", line);
    }
    teller.cut(cut, line);
    tell(xml, place, teller);
}

fn tell(xml: &str, place: evidence::RecordRef, teller: &mut Teller<'_, '_, '_>) {
    let formats = teller.hand.settings.formats;
    let data = data_of(xml);
    let message = message_of(xml, &data);
    let (message, cut) = limited(&message, teller.limits().record_bytes);
    teller.cut(cut, place.line);
    let object = as_object(xml, &message);
    let format = formats.get("evtx_json").unwrap_or(formats.text());
    let mut record: Record<'_> = formats.parse(format, &object, place);
    if let Some((name, _)) = record.fields.iter_mut().find(|(name, _)| name == "EventID") {
        *name = Cow::Borrowed("event_id");
    }
    let named = data.iter().filter(|(name, value)| !name.is_empty() && !value.is_empty()).take(MOST_VALUES);
    record.fields.extend(named.map(|(name, value)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.as_ref()))));
    teller.tell(record, xml);
}

/// What the event says of itself, under the names that converters to JSON give it.
fn as_object(xml: &str, message: &str) -> String {
    let system = inner(xml, "System").unwrap_or(xml);
    let text = |name: &str| inner(system, name).map(unescaped).unwrap_or_default();
    let level = text("Level");
    let level = ["", "Critical", "Error", "Warning", "Information", "Verbose"].get(level.parse::<usize>().unwrap_or(0)).copied();
    let mut members = Members::default();
    members.add("TimeCreated", &attribute(system, "TimeCreated", "SystemTime").unwrap_or_default());
    members.add("Level", level.unwrap_or_default());
    members.add("ProviderName", &attribute(system, "Provider", "Name").unwrap_or_default());
    ["EventID", "Channel", "Computer"].iter().for_each(|name| members.add(name, &text(name)));
    members.add("ProcessID", &attribute(system, "Execution", "ProcessID").unwrap_or_default());
    members.add("Message", message);
    members.finish()
}

/// The message as it was rendered; without one the data, and else the event's number.
fn message_of<'x>(xml: &'x str, data: &[(Cow<'_, str>, Cow<'_, str>)]) -> Cow<'x, str> {
    let rendered = inner(xml, "RenderingInfo").and_then(|info| inner(info, "Message")).map(unescaped);
    if let Some(message) = rendered.filter(|m| !m.is_empty()) {
        return message;
    }
    let says = |(name, value): &(Cow<'_, str>, Cow<'_, str>)| match name.is_empty() {
        true => value.to_string(),
        false => format!("{name}={value}"),
    };
    let said: Vec<String> = data.iter().filter(|(_, value)| !value.is_empty()).map(says).collect();
    match inner(xml, "EventID") {
        _ if !said.is_empty() => Cow::Owned(said.join(" ")),
        Some(id) => Cow::Owned(format!("Event {}", unescaped(id))),
        None => Cow::Borrowed(""),
    }
}

/// The values of the event's data with their names: `<Data Name="a">1</Data>`, or elements of a provider's own.
fn data_of(xml: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let Some(mut rest) = inner(xml, "EventData").or_else(|| inner(xml, "UserData")) else { return Vec::new() };
    let mut found = Vec::new();
    while let Some(at) = rest.find('<').filter(|_| found.len() < MOST_VALUES) {
        let Some((tag, after)) = rest[at + 1..].split_once('>') else { break };
        rest = after;
        // Only an element with nothing but text in it is a value.
        let is_leaf = !tag.starts_with(['/', '?', '!']) && !tag.ends_with('/');
        let Some(end) = rest.find('<').filter(|end| is_leaf && rest[*end..].starts_with("</")) else { continue };
        let name = tag.split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
        let name = match name {
            "Data" | "Binary" => value_of(tag, "Name").unwrap_or_default(),
            own => Cow::Borrowed(own),
        };
        found.push((name, unescaped(&rest[..end])));
        rest = &rest[end..];
    }
    found
}

/// What stands in the first element of this name.
fn inner<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, after) = element(xml, name)?;
    let end = after.find(&format!("</{name}>")).unwrap_or(after.len());
    Some(&after[..end])
}

/// The tag of the first element of this name, and what follows it. An element without content has none.
fn element<'x>(xml: &'x str, name: &str) -> Option<(&'x str, &'x str)> {
    let mut rest = xml;
    loop {
        let at = rest.find(&format!("<{name}"))? + 1 + name.len();
        rest = &rest[at..];
        if rest.starts_with(['>', '/', ' ', '\t', '\r', '\n']) {
            let (tag, after) = rest.split_once('>')?;
            return Some(match tag.strip_suffix('/') {
                Some(tag) => (tag, ""),
                None => (tag, after),
            });
        }
    }
}

fn attribute<'x>(xml: &'x str, name: &str, of: &str) -> Option<Cow<'x, str>> {
    value_of(element(xml, name)?.0, of)
}

/// The value of an attribute in a tag.
fn value_of<'x>(tag: &'x str, name: &str) -> Option<Cow<'x, str>> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let is_name = rest[..at].ends_with([' ', '\t', '\r', '\n']);
        rest = &rest[at + name.len()..];
        let Some(value) = rest.trim_start().strip_prefix('=').filter(|_| is_name) else { continue };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        return value[1..].split_once(quote).map(|(value, _)| unescaped(value));
    }
}

/// A text without blanks around it and with the characters that its entities stand for.
fn unescaped(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let text = text.strip_prefix("<![CDATA[").and_then(|t| t.strip_suffix("]]>")).unwrap_or(text);
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        match known {
            Some((character, after)) => {
                out.push(character);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out.replace('\r', ""))
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// A text without the declaration and the tags that stand around all events.
fn without_wrapper(text: &str) -> &str {
    let mut rest = text.trim();
    while ["<?xml", "<Events>", "<Events ", "</Events>", "<!--"].iter().any(|tag| rest.starts_with(tag)) {
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let Some((_, after)) = rest.split_once(end) else { break };
        rest = after.trim_start();
    }
    rest
}

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// Where a text stands first, from a place on; characters of two bytes begin at even places.
fn find(needle: &[u8], bytes: &[u8], from: usize) -> Option<usize> {
    let unit = if needle.contains(&0) { 2 } else { 1 };
    memchr::memmem::find_iter(bytes.get(from..)?, needle).map(|at| from + at).find(|at| at % unit == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_sections_are_what_they_stand_for() {
        assert_eq!(unescaped(" a &lt;b&gt; &amp;&#39;&#x41; &c \n"), "a <b> &'A &c");
        assert_eq!(unescaped("<![CDATA[x < y]]>"), "x < y");
    }

    #[test]
    fn an_attribute_is_told_from_one_whose_name_ends_alike() {
        let xml = "<Provider EventSourceName='x' Name = \"Service Control Manager\"/>";
        assert_eq!(attribute(xml, "Provider", "Name").as_deref(), Some("Service Control Manager"));
        assert_eq!(attribute(xml, "Provid", "Name"), None);
    }

    #[test]
    fn a_provider_may_name_its_values_by_elements() {
        let xml = "<UserData><Op xmlns='y'><User>bo</User><Empty/><Code>5</Code></Op></UserData>";
        let data: Vec<_> = data_of(xml).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(data, ["User=bo", "Code=5"]);
    }
}
