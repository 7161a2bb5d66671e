//! JSON with places: a tree of spans over the bytes as they stand.
//!
//! A value knows where it begins and ends, so that an element of a one-line document can be cited apart from its
//! neighbours. Text is decoded only when asked for. It must never know what any document means. Truncated input gives
//! everything before the break (containers that were still open say so); nesting beyond a bound counts as a break.

use std::borrow::Cow;

use evidence::{RecordRef, SourceId, Stamp};

use super::json_reader::Reader;
use super::json_text::{compact, unescape};
use super::when;
use super::yaml_text::{self, Scalar};

/// The bytes of a source (or of one line of it) and what stands in them.
pub struct Doc<'a> {
    pub bytes: &'a [u8],
    pub roots: Vec<Node>,
    /// Where reading ended because what follows is no JSON; the length when all was read.
    pub read_to: usize,
    /// Reading ended because the input did, within a value.
    ends_early: bool,
    base: RecordRef,
    /// Offsets of the line feeds.
    feeds: Vec<u32>,
    is_yaml: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub start: u32,
    pub end: u32,
    /// The input broke off before its end.
    pub open: bool,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Null,
    /// A number, `true` or `false`.
    Bare,
    Text,
    /// Text as YAML writes it.
    Yaml(Scalar),
    Array(Vec<Node>),
    /// Keys (always text) with their values.
    Object(Vec<(Node, Node)>),
}

/// One value of a document, cheap to copy.
#[derive(Clone, Copy)]
pub struct El<'a> {
    doc: &'a Doc<'a>,
    node: &'a Node,
}

impl<'a> Doc<'a> {
    /// Reads the values of a whole source that stand one after the other from byte `from` on. `None` when it is larger
    /// than 4 GiB or nothing at all can be read.
    pub fn read(source: SourceId, bytes: &'a [u8], from: usize) -> Option<Doc<'a>> {
        let base = RecordRef { source, start: 0, end: bytes.len() as u64, line: 1, last_line: 1 };
        Doc::read_at(base, bytes, from)
    }

    /// Reads a part of a source, such as one line, whose first byte stands at `base`.
    pub fn read_at(base: RecordRef, bytes: &'a [u8], from: usize) -> Option<Doc<'a>> {
        if u32::try_from(bytes.len()).is_err() {
            return None;
        }
        let mut reader = Reader::new(bytes, from);
        let mut roots = Vec::new();
        let mut read_to = from;
        loop {
            reader.skip_space();
            if !matches!(reader.peek(), Some(b'{' | b'[')) {
                break;
            }
            let Some(root) = reader.value(0) else { break };
            read_to = if reader.broken { root.deepest_open_start() } else { root.end as usize };
            roots.push(root);
            if reader.broken {
                break;
            }
            reader.skip_space();
            if reader.peek() == Some(b',') {
                reader.at += 1;
            }
        }
        let ends_early = reader.broken && reader.reached_end();
        if bytes.get(read_to..).is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace)) {
            read_to = bytes.len();
        }
        let feeds = memchr::memchr_iter(b'\n', bytes).map(|i| i as u32).collect();
        (!roots.is_empty()).then_some(Doc { bytes, roots, read_to, ends_early, base, feeds, is_yaml: false })
    }

    /// A whole source whose values were read as YAML.
    pub fn of_yaml(source: SourceId, bytes: &'a [u8], roots: Vec<Node>) -> Doc<'a> {
        let base = RecordRef { source, start: 0, end: bytes.len() as u64, line: 1, last_line: 1 };
        let feeds = memchr::memchr_iter(b'\n', bytes).map(|i| i as u32).collect();
        Doc { bytes, roots, read_to: bytes.len(), ends_early: false, base, feeds, is_yaml: true }
    }

    pub fn elements(&'a self) -> impl Iterator<Item = El<'a>> {
        self.roots.iter().map(move |node| El { doc: self, node })
    }

    /// Whether what was read is the beginning of something longer.
    pub fn breaks_at_end(&self) -> bool {
        self.ends_early
    }

    /// The place of a byte range of this document.
    pub fn place(&self, start: usize, end: usize) -> RecordRef {
        let line = |at: usize| self.base.line + self.feeds.partition_point(|f| (*f as usize) < at) as u64;
        RecordRef {
            source: self.base.source,
            start: self.base.start + start as u64,
            end: self.base.start + end as u64,
            line: line(start),
            last_line: line(end.saturating_sub(1).max(start)),
        }
    }

    /// What stands in a byte range; bytes that are no UTF-8 are replaced.
    pub fn slice(&self, start: usize, end: usize) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes.get(start..end).unwrap_or_default())
    }
}

impl Node {
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Offset of the first byte after it.
    pub fn end(&self) -> usize {
        self.end as usize
    }

    /// Whether it holds nothing at all.
    pub fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Array(items) => items.is_empty(),
            Kind::Object(members) => members.is_empty(),
            _ => false,
        }
    }

    fn deepest_open_start(&self) -> usize {
        let last = match &self.kind {
            Kind::Array(items) => items.last(),
            Kind::Object(members) => members.last().map(|(_, value)| value),
            _ => None,
        };
        match last {
            Some(child) if child.open => child.deepest_open_start(),
            Some(child) if matches!(self.kind, Kind::Array(_)) => child.end as usize,
            _ => self.start as usize,
        }
    }
}

impl<'a> El<'a> {
    pub fn is_object(self) -> bool {
        matches!(self.node.kind, Kind::Object(_))
    }

    pub fn is_array(self) -> bool {
        matches!(self.node.kind, Kind::Array(_))
    }

    pub fn is_string(self) -> bool {
        matches!(self.node.kind, Kind::Text | Kind::Yaml(_))
    }

    /// The input broke off within it.
    pub fn is_open(self) -> bool {
        self.node.open
    }

    /// The member of that name (the first, when there are several) unless it is null.
    pub fn get(self, key: &str) -> Option<El<'a>> {
        let Kind::Object(members) = &self.node.kind else { return None };
        let (_, node) = members.iter().find(|(k, v)| self.is_key(k, key) && v.kind != Kind::Null)?;
        Some(El { doc: self.doc, node })
    }

    pub fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether it has all of these members.
    pub fn has_all(self, keys: &[&str]) -> bool {
        keys.iter().all(|k| self.has(k))
    }

    pub fn has_any(self, keys: &[&str]) -> bool {
        keys.iter().any(|k| self.has(k))
    }

    /// Follows members, and items of arrays by their number: `commit.author.name`, `revisions.0.version`.
    pub fn dig(self, path: &str) -> Option<El<'a>> {
        if let Some(direct) = self.get(path) {
            return Some(direct);
        }
        if self.is_array() {
            let (number, rest) = path.split_once('.').map_or((path, None), |(number, rest)| (number, Some(rest)));
            let item = self.items().nth(number.parse().ok()?)?;
            return rest.map_or(Some(item), |rest| item.dig(rest));
        }
        let (head, rest) = path.split_once('.')?;
        self.get(head)?.dig(rest)
    }

    /// The items of an array; nothing for anything else.
    pub fn items(self) -> impl Iterator<Item = El<'a>> {
        let items: &'a [Node] = if let Kind::Array(items) = &self.node.kind { items } else { &[] };
        items.iter().map(move |node| El { doc: self.doc, node })
    }

    /// The items of the array of that name.
    pub fn list(self, key: &str) -> impl Iterator<Item = El<'a>> {
        self.get(key).into_iter().flat_map(El::items)
    }

    /// Names and values of an object in the order in which they stand; nothing for anything else.
    pub fn members(self) -> impl Iterator<Item = (String, El<'a>)> {
        let members: &'a [(Node, Node)] = if let Kind::Object(members) = &self.node.kind { members } else { &[] };
        members.iter().map(move |(k, node)| (El { doc: self.doc, node: k }.decoded(), El { doc: self.doc, node }))
    }

    /// Text decoded, a number or a truth value as written; `None` for null and containers.
    pub fn text(self) -> Option<String> {
        match self.node.kind {
            Kind::Text | Kind::Yaml(_) => Some(self.decoded()),
            Kind::Bare => Some(self.raw().into_owned()),
            _ => None,
        }
    }

    /// The first of these members (paths with dots) that has a text that is not blank.
    pub fn first(self, paths: &[&str]) -> Option<String> {
        paths.iter().filter_map(|p| self.dig(p)?.text()).find(|t| !t.trim().is_empty())
    }

    /// The text of a member; empty when there is none.
    pub fn word(self, path: &str) -> String {
        self.dig(path).and_then(El::text).unwrap_or_default()
    }

    /// The first of these members that reads as a time.
    pub fn stamp(self, paths: &[&str]) -> Option<Stamp> {
        paths.iter().filter_map(|p| self.dig(p)).find_map(El::own_stamp)
    }

    /// The time this value itself is.
    pub fn own_stamp(self) -> Option<Stamp> {
        match self.node.kind {
            Kind::Text | Kind::Yaml(_) => when::read(&self.decoded()),
            Kind::Bare => when::epoch(&self.raw()),
            _ => None,
        }
    }

    /// A number, also one written as text; never infinite.
    pub fn number(self) -> Option<f64> {
        let value: f64 = self.text()?.trim().parse().ok()?;
        value.is_finite().then_some(value)
    }

    pub fn truth(self) -> Option<bool> {
        match self.text()?.as_str() {
            "true" | "True" => Some(true),
            "false" | "False" => Some(false),
            _ => None,
        }
    }

    pub fn place(self) -> RecordRef {
        self.doc.place(self.node.start as usize, self.node.end as usize)
    }

    /// The place of a byte range within it as it stands.
    pub fn part(self, from: usize, to: usize) -> RecordRef {
        self.doc.place(self.node.start as usize + from, self.node.start as usize + to)
    }

    /// As it stands.
    pub fn raw(self) -> Cow<'a, str> {
        self.doc.slice(self.node.start as usize, self.node.end as usize)
    }

    /// As it stands, on one line: without the white space between its parts.
    pub fn compact(self) -> String {
        if self.doc.is_yaml {
            return self.raw().lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("; ");
        }
        compact(&self.raw())
    }

    /// The lines of a text value, each with the place at which it stands within the quotes.
    pub fn text_lines(self) -> Vec<(RecordRef, String)> {
        if self.node.kind != Kind::Text {
            return Vec::new();
        }
        let (from, to) = (self.node.start as usize + 1, (self.node.end as usize).saturating_sub(1));
        let inner = self.doc.bytes.get(from..to).unwrap_or_default();
        let mut lines = Vec::new();
        let (mut begin, mut at) = (0, 0);
        while at < inner.len() {
            if inner[at] != b'\\' {
                at += 1;
                continue;
            }
            if inner.get(at + 1) == Some(&b'n') {
                lines.push((begin, at));
                begin = at + 2;
            }
            at += 2;
        }
        lines.push((begin, inner.len()));
        let with_text = |(b, e): (usize, usize)| {
            let text = unescape(inner.get(b..e).unwrap_or_default());
            (!text.trim().is_empty()).then(|| (self.doc.place(from + b, from + e), text))
        };
        lines.into_iter().filter_map(with_text).collect()
    }

    fn decoded(self) -> String {
        if let Kind::Yaml(scalar) = self.node.kind {
            return yaml_text::decode(&self.raw(), scalar);
        }
        let inner = self.doc.bytes.get(self.node.start as usize + 1..(self.node.end as usize).saturating_sub(1));
        unescape(inner.unwrap_or_default())
    }

    fn is_key(self, key: &Node, name: &str) -> bool {
        if let Kind::Yaml(scalar) = key.kind {
            let raw = self.doc.slice(key.start as usize, key.end as usize);
            return raw == name || scalar != Scalar::Plain && yaml_text::decode(&raw, scalar) == name;
        }
        let inner = self.doc.bytes.get(key.start as usize + 1..(key.end as usize).saturating_sub(1));
        let inner = inner.unwrap_or_default();
        inner == name.as_bytes() || (inner.contains(&b'\\') && unescape(inner) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn places(text: &str) -> Vec<(String, u64, u64)> {
        let doc = Doc::read(SOURCE, text.as_bytes(), 0).expect("JSON");
        let items = doc.elements().flat_map(|r| r.items().collect::<Vec<_>>());
        items.map(|e| (e.raw().into_owned(), e.place().line, e.place().last_line)).collect()
    }

    #[test]
    fn every_element_knows_its_bytes_and_lines() {
        let text = "[\n  {\"a\": 1},\n  {\n    \"b\": [2]\n  }\n]\n";
        assert_eq!(places(text), [("{\"a\": 1}".into(), 2, 2), ("{\n    \"b\": [2]\n  }".into(), 3, 5)]);
    }

    #[test]
    fn what_stands_before_a_break_is_read() {
        let doc = Doc::read(SOURCE, b"{\"list\": [{\"a\": 1}, {\"b\": \"cut he", 0).expect("JSON");
        let root = doc.elements().next().expect("a root");
        let list: Vec<_> = root.list("list").map(|e| (e.raw().into_owned(), e.is_open())).collect();
        assert_eq!(list, [("{\"a\": 1}".to_string(), false)]);
        assert_eq!(doc.read_to, 18);
    }

    #[test]
    fn a_log_line_in_brackets_is_not_json() {
        let doc = Doc::read(SOURCE, b"[2024-02-07 09:00:00] INFO started", 0).expect("a broken array");
        assert_eq!(doc.read_to, 0);
    }

    #[test]
    fn escapes_are_undone_and_half_a_pair_is_replaced() {
        let doc = Doc::read(SOURCE, br#"["a\n\"b\" \u00e9 \ud83d\ude80 \ud83d"]"#, 0).expect("JSON");
        let text = doc.elements().next().and_then(|r| r.items().next()).and_then(El::text);
        assert_eq!(text.as_deref(), Some("a\n\"b\" é 🚀 \u{fffd}"));
    }

    #[test]
    fn lines_within_a_text_have_their_own_places() {
        let text = r#"{"logs": "one\ntwo \"2\"\n"}"#;
        let doc = Doc::read(SOURCE, text.as_bytes(), 0).expect("JSON");
        let lines = doc.elements().next().and_then(|r| r.get("logs")).expect("logs").text_lines();
        let seen: Vec<_> = lines.iter().map(|(p, t)| (&text[p.start as usize..p.end as usize], t.as_str())).collect();
        assert_eq!(seen, [("one", "one"), ("two \\\"2\\\"", "two \"2\"")]);
    }

    #[test]
    fn deep_nesting_is_a_break_and_no_overflow() {
        let text = "[".repeat(100_000);
        assert!(Doc::read(SOURCE, text.as_bytes(), 0).is_some_and(|d| d.read_to < text.len()));
    }
}
