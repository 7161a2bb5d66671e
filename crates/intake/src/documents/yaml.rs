//! YAML with places, as far as `kubectl get -o yaml`, `helm history -o yaml` and `argocd app get -o yaml` write it: blocks
//! of names and values, lists, scalars of every kind; of flow values only those that are JSON.
//!
//! It gives the same tree as JSON does, so that every family reads both. It must never know what a document means. What
//! breaks it: anchors, aliases, tags and complex keys, whose values stand as text, and indentation by tabs.

use evidence::SourceId;

use super::json::{Doc, Kind, Node};
use super::page::Page;
use super::yaml_text::Scalar;

/// Values within values; deeper ones are left out.
const DEPTH: usize = 64;

/// Reads the documents of a source; `None` when there is nothing that has names.
pub fn read(source: SourceId, bytes: &[u8]) -> Option<Doc<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if u32::try_from(bytes.len()).is_err() {
        return None;
    }
    let mut reader = Reader { text, lines: lines(text) };
    let mut roots = Vec::new();
    let mut at = 0;
    while let Some(first) = reader.next_full(at) {
        if reader.is_mark(first) || reader.is_shell(first) {
            at = first + 1;
            continue;
        }
        let (node, next) = reader.value(first, 0);
        roots.extend(node.filter(|n| matches!(n.kind, Kind::Object(_) | Kind::Array(_))));
        at = next.max(first + 1);
    }
    (!roots.is_empty()).then(|| Doc::of_yaml(source, bytes, roots))
}

/// Whether a text begins like an object of Kubernetes or a list of releases.
pub fn is_likely(page: &Page<'_>) -> bool {
    let first = (0..page.len().min(60)).filter(|i| !page.is_blank(*i));
    let names =
        ["apiVersion:", "- apiVersion:", "kind:", "- app_version:", "- chart:", "- revision:", "- deployedAt:", "  deployedAt:"];
    first.into_iter().any(|i| names.iter().any(|n| page.line(i).starts_with(n)))
}

#[derive(Clone, Copy)]
struct Line {
    indent: usize,
    /// Offset of the first byte that is no blank.
    start: usize,
    /// Offset behind the last byte that is no blank.
    end: usize,
}

struct Reader<'a> {
    text: &'a str,
    lines: Vec<Line>,
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for line in text[at..].split('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        lines.push(Line { indent, start: at + indent, end: at + line.trim_end().len().max(indent) });
        at += line.len() + 1;
    }
    lines
}

impl Reader<'_> {
    fn of(&self, index: usize) -> &str {
        self.lines.get(index).and_then(|l| self.text.get(l.start..l.end)).unwrap_or_default()
    }

    /// The next line that is neither blank nor a comment.
    fn next_full(&self, from: usize) -> Option<usize> {
        (from..self.lines.len()).find(|i| !self.of(*i).is_empty() && !self.of(*i).starts_with('#'))
    }

    fn is_mark(&self, index: usize) -> bool {
        let line = self.of(index);
        self.indent(index) == 0 && (line == "---" || line == "..." || line.starts_with("--- ") || line.starts_with('%'))
    }

    /// The command above its output.
    fn is_shell(&self, index: usize) -> bool {
        self.of(index).starts_with("$ ")
    }

    fn indent(&self, index: usize) -> usize {
        self.lines.get(index).map_or(0, |l| l.indent)
    }

    fn is_item(&self, index: usize) -> bool {
        let line = self.of(index);
        line == "-" || line.starts_with("- ")
    }

    /// The value whose first line is that of the index, and the line to go on with.
    fn value(&mut self, index: usize, depth: usize) -> (Option<Node>, usize) {
        if depth > DEPTH {
            return (None, self.after(index));
        }
        if self.is_item(index) {
            self.list(index, depth)
        } else if self.key(index).is_some() {
            self.object(index, depth)
        } else {
            let line = self.lines[index];
            self.scalar(index, line.start, line.indent.saturating_sub(1))
        }
    }

    /// The first line behind all that is indented below a line.
    fn after(&self, index: usize) -> usize {
        let indent = self.indent(index);
        (index + 1..self.lines.len()).find(|i| !self.of(*i).is_empty() && self.indent(*i) <= indent).unwrap_or(self.lines.len())
    }

    fn list(&mut self, first: usize, depth: usize) -> (Option<Node>, usize) {
        let (start, indent) = (self.lines[first].start, self.indent(first));
        let (mut items, mut at) = (Vec::new(), first);
        while let Some(index) = self.next_full(at).filter(|i| self.indent(*i) == indent && self.is_item(*i) && !self.is_mark(*i))
        {
            let line = self.of(index);
            let blanks = line[1..].len() - line[1..].trim_start().len() + 1;
            if line.len() <= blanks {
                let (node, next) = self.below(index, indent + 1, depth);
                items.extend(node);
                at = next;
                continue;
            }
            // What follows the dash is a line of its own.
            let line = self.lines[index];
            self.lines[index] = Line { indent: line.indent + blanks, start: line.start + blanks, end: line.end };
            let (node, next) = self.value(index, depth + 1);
            items.extend(node);
            at = next.max(index + 1);
        }
        items.shrink_to_fit();
        (node(start, &items.last().map_or(start, |n| n.end as usize), Kind::Array(items)), at)
    }

    fn object(&mut self, first: usize, depth: usize) -> (Option<Node>, usize) {
        let (start, indent) = (self.lines[first].start, self.indent(first));
        let (mut members, mut at, mut end) = (Vec::new(), first, start);
        while let Some(index) = self.next_full(at).filter(|i| self.indent(*i) >= indent && !self.is_mark(*i)) {
            let Some((key, value_at)) = self.key(index).filter(|_| self.indent(index) == indent && !self.is_item(index)) else {
                if self.indent(index) == indent {
                    break;
                }
                // Indented deeper than what it could belong to.
                at = index + 1;
                continue;
            };
            let (value, next) = self.member(index, value_at, indent, depth);
            let empty = Node { start: key.end, end: key.end, open: false, kind: Kind::Null };
            let value = value.unwrap_or(empty);
            end = (value.end as usize).max(key.end as usize + 1);
            members.push((key, value));
            at = next.max(index + 1);
        }
        members.shrink_to_fit();
        (node(start, &end, Kind::Object(members)), at)
    }

    /// The value behind a name, on the same line or below it.
    fn member(&mut self, index: usize, value_at: usize, indent: usize, depth: usize) -> (Option<Node>, usize) {
        let rest = self.text.get(value_at..self.lines[index].end).unwrap_or_default();
        if rest.is_empty() || rest.starts_with('#') {
            return self.below(index, indent, depth);
        }
        if rest.starts_with(['|', '>']) {
            return self.block(index, indent, if rest.starts_with('|') { Scalar::Literal } else { Scalar::Folded });
        }
        self.scalar(index, value_at, indent)
    }

    /// The value on the lines below: deeper than `indent`, or a list at it.
    fn below(&mut self, index: usize, indent: usize, depth: usize) -> (Option<Node>, usize) {
        match self.next_full(index + 1) {
            Some(next) if self.is_mark(next) => (None, index + 1),
            Some(next) if self.indent(next) > indent || self.indent(next) == indent && self.is_item(next) => {
                self.value(next, depth + 1)
            }
            _ => (None, index + 1),
        }
    }

    fn block(&self, index: usize, indent: usize, scalar: Scalar) -> (Option<Node>, usize) {
        let end = (index + 1..self.lines.len())
            .find(|i| !self.of(*i).is_empty() && self.indent(*i) <= indent)
            .unwrap_or(self.lines.len());
        let full: Vec<usize> = (index + 1..end).filter(|i| !self.of(*i).is_empty()).collect();
        match (full.first(), full.last()) {
            (Some(first), Some(last)) => (node(self.lines[*first].start, &self.lines[*last].end, Kind::Yaml(scalar)), end),
            _ => (None, end),
        }
    }

    /// A scalar that begins at an offset of a line and may go on on lines that are indented deeper.
    fn scalar(&self, index: usize, start: usize, indent: usize) -> (Option<Node>, usize) {
        let line = self.lines[index];
        let rest = self.text.get(start..line.end).unwrap_or_default();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            return self.quoted(index, start, quote);
        }
        if rest.starts_with(['{', '[']) {
            return (flow(rest, start), index + 1);
        }
        let mut last = index;
        while last + 1 < self.lines.len() && !self.of(last + 1).is_empty() && self.indent(last + 1) > indent {
            last += 1;
        }
        let end = if last == index { start + without_comment(rest).len() } else { self.lines[last].end };
        let kind =
            if last == index && matches!(rest, "null" | "~" | "Null" | "NULL") { Kind::Null } else { Kind::Yaml(Scalar::Plain) };
        (node(start, &end, kind), last + 1)
    }

    /// Up to the closing quote, which may stand on a later line.
    fn quoted(&self, index: usize, start: usize, quote: char) -> (Option<Node>, usize) {
        let scalar = if quote == '"' { Scalar::Double } else { Scalar::Single };
        let end = closing(self.text.get(start..).unwrap_or_default(), quote).map(|n| start + n);
        match end {
            Some(end) => {
                let last = (index..self.lines.len()).find(|i| self.lines[*i].end >= end).unwrap_or(index);
                (node(start, &end, Kind::Yaml(scalar)), last + 1)
            }
            None => (None, self.lines.len()),
        }
    }

    /// The name at the front of a line and where its value begins.
    fn key(&self, index: usize) -> Option<(Node, usize)> {
        let line = self.lines.get(index)?;
        let text = self.of(index);
        let (name, kind) = match text.chars().next()? {
            '"' => (closing(text, '"')?, Scalar::Double),
            '\'' => (closing(text, '\'')?, Scalar::Single),
            '{' | '[' | '|' | '>' | '?' | '*' | '&' | '!' => return None,
            _ => {
                let mut colons = text.match_indices(':').map(|(at, _)| at);
                (colons.find(|at| text[at + 1..].is_empty() || text[at + 1..].starts_with(' '))?, Scalar::Plain)
            }
        };
        let rest = text.get(name..)?.strip_prefix(':').filter(|r| r.is_empty() || r.starts_with(' '))?;
        let value_at = line.end - rest.trim_start().len();
        Some((node(line.start, &(line.start + name), Kind::Yaml(kind))?, value_at))
    }
}

fn node(start: usize, end: &usize, kind: Kind) -> Option<Node> {
    (start < *end).then_some(Node { start: start as u32, end: *end as u32, open: false, kind })
}

/// Bytes up to and with the quote that closes the one at the front.
fn closing(text: &str, quote: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        let is_doubled = quote == '\'' && bytes[at] == b'\'' && bytes.get(at + 1) == Some(&b'\'');
        match bytes[at] {
            b'\\' if quote == '"' => at += 2,
            _ if is_doubled => at += 2,
            b if b == quote as u8 => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// An empty list or object; any other flow value stands as text.
fn flow(rest: &str, start: usize) -> Option<Node> {
    let text = without_comment(rest);
    let kind = match text {
        "{}" => Kind::Object(Vec::new()),
        "[]" => Kind::Array(Vec::new()),
        _ => Kind::Yaml(Scalar::Plain),
    };
    node(start, &(start + text.len()), kind)
}

fn without_comment(rest: &str) -> &str {
    rest.split(" #").next().unwrap_or(rest).trim_end()
}

#[cfg(test)]
mod tests;
