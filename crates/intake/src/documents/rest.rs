//! What no family knows: JSON left as text records, in the pieces a reader would cut it into.
//!
//! Arrays of objects give their elements, texts with log lines in them give those lines, anything else stands whole. It
//! must never interpret what it leaves. Plain values beside such a list (a status, a count) are not told.

use super::Out;
use super::json::{Doc, El};

/// Members under which other systems keep lines of a log.
const LOGS: [&str; 12] =
    ["logs", "log", "lines", "output", "stdout", "stderr", "log_lines", "logLines", "tail", "records", "entries", "hits"];

/// Leaves an element as text.
pub fn leave(element: El<'_>, out: &mut Out) {
    if element.is_array() {
        for item in element.items() {
            leave_item(item, out);
        }
    } else if !leave_logs(element, out) && !leave_members(element, out) {
        leave_item(element, out);
    }
}

/// A wrapper around lists, however deep: each list is left item by item, everything else beside it whole.
fn leave_members(object: El<'_>, out: &mut Out) -> bool {
    if object.is_open() || is_record(object) || !holds_list(object, 0) {
        return false;
    }
    for (name, member) in object.members() {
        if holds_list(member, 0) {
            leave(member, out);
        } else if (member.is_object() || member.is_array()) && !member.is_open() {
            out.texts.push((member.place(), format!("{name}: {}", member.compact())));
        }
    }
    true
}

/// Whether a list of objects stands in it, not within another list.
fn holds_list(element: El<'_>, depth: usize) -> bool {
    element.items().next().is_some_and(El::is_object) || depth < 5 && element.members().any(|(_, e)| holds_list(e, depth + 1))
}

/// Leaves what follows a break, line by line.
pub fn leave_tail(doc: &Doc<'_>, out: &mut Out) {
    let mut at = doc.read_to;
    for line in doc.bytes.get(at..).unwrap_or_default().split(|b| *b == b'\n') {
        let text = String::from_utf8_lossy(line);
        let kept = text.trim_end();
        if kept.trim_matches([',', ' ', '\t']).len() > 1 {
            let end = at + line.len() - usize::from(line.last() == Some(&b'\r'));
            out.texts.push((doc.place(at, end), kept.to_string()));
        }
        at += line.len() + 1;
    }
}

fn leave_item(item: El<'_>, out: &mut Out) {
    if item.is_open() {
        return;
    }
    let text = item.text().unwrap_or_else(|| item.compact());
    if !text.trim().is_empty() {
        out.texts.push((item.place(), text));
    }
}

/// An object that holds a log: a list of records, or a text of many lines.
fn leave_logs(object: El<'_>, out: &mut Out) -> bool {
    let named = LOGS.iter().filter_map(|k| object.get(k));
    let of_objects = |e: &El<'_>| e.is_array() && e.items().next().is_some_and(|i| i.is_object() || i.is_string());
    if let Some(list) = named.clone().find(of_objects) {
        list.items().for_each(|item| leave_item(item, out));
        return true;
    }
    let dated = |e: &El<'_>| e.is_array() && e.items().next().is_some_and(is_record);
    if let Some((_, list)) = object.members().find(|(_, e)| dated(e)) {
        list.items().for_each(|item| leave_item(item, out));
        return true;
    }
    let lists: Vec<_> = object.members().filter(|(_, e)| e.is_array() || e.is_object()).map(|(_, e)| e).collect();
    if let [only] = lists.as_slice()
        && only.items().next().is_some_and(El::is_object)
    {
        only.items().for_each(|item| leave_item(item, out));
        return true;
    }
    match named.filter(|e| e.is_string()).find(|e| e.text_lines().len() > 1) {
        Some(text) => {
            out.texts.extend(text.text_lines());
            true
        }
        None => false,
    }
}

fn is_record(item: El<'_>) -> bool {
    item.has_any(&["timestamp", "time", "ts", "@timestamp", "date", "datetime", "at"])
        && item.has_any(&["message", "msg", "log", "text", "event", "body", "line", "detail", "description"])
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, u64)> {
        let document = read_whole("u.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        document.texts.into_iter().map(|(place, text)| (text, place.line)).collect()
    }

    #[test]
    fn lists_are_left_item_by_item_however_deep() {
        let text = "{\"data\":{\"actor\":{\"results\":[{\"a\":1},\n{\"a\":2}]}},\"meta\":{\"b\":3},\"ok\":true}";
        assert_eq!(check(text), [("{\"a\":1}".into(), 1), ("{\"a\":2}".into(), 2), ("meta: {\"b\":3}".into(), 2)]);
    }

    #[test]
    fn a_record_with_a_list_in_it_is_left_whole() {
        let text = r#"{"time":"2025-01-01T00:00:05Z","message":"failed","details":{"causes":[{"a":1}]}}"#;
        assert_eq!(check(&format!("{text}\n\n{text}\n")), [(text.to_string(), 1), (text.to_string(), 3)]);
    }
}
