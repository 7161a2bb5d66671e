//! What no family knows: JSON left as text records, in the pieces a reader would cut it into.
//!
//! Arrays of objects give their elements, texts with log lines in them give those lines, anything else stands whole. It
//! must never interpret what it leaves. An object with both a list of records and large other members loses the latter.

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
    } else if !leave_logs(element, out) {
        leave_item(element, out);
    }
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
