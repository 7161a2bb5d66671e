//! From a text to what must go: each line as it stands, as its reader would see it, and what base64 in it holds.
//!
//! Must never know what becomes of a finding. A line of any length is searched to its end, in pieces that overlap.

use crate::blocks::{self, State};
use crate::rules::{self, Pending};
use crate::views::View;
use crate::{Finding, Scope, base64, marks, random};

/// Pieces of a long line share so much, so that a value at the cut is seen whole in one of them.
const OVERLAP: usize = 1 << 14;
/// Times that a line with findings is searched again.
const ROUNDS: usize = 3;
/// Base64 within base64 that anybody writes.
const DEPTH: usize = 2;

/// All findings of a text, in order, without overlaps.
pub(crate) fn text(text: &[u8], scope: Scope, block: &mut State) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let next = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |n| start + n + 1);
        let line = &text[start..next];
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let before = block.clone();
        let blanked = marks::blanked(body);
        let mut found = line_with(&blanked, scope, block);
        if !found.is_empty() {
            further(&blanked, scope, &before, &mut found);
            all.extend(merged(found, body).into_iter().map(|f| Finding { start: f.start + start, end: f.end + start, ..f }));
        }
        start = next;
    }
    all
}

/// Adds what is only found when the rest is replaced: an address within an address hides the password behind it.
fn further(line: &[u8], scope: Scope, before: &State, found: &mut Vec<Finding>) {
    let mut line = line.to_vec();
    let mut known = 0;
    for _ in 0..ROUNDS {
        if found[known..].is_empty() || found.iter().any(|f| f.kind == "private_key") {
            return;
        }
        found[known..].iter().for_each(|f| line[f.start..f.end].fill(marks::BLANK));
        known = found.len();
        found.extend(
            line_with(&line, scope, &mut before.clone())
                .into_iter()
                .filter(|f| line[f.start..f.end].iter().any(|b| *b != marks::BLANK)),
        );
    }
}

fn line_with(line: &[u8], scope: Scope, block: &mut State) -> Vec<Finding> {
    let mut found = Vec::new();
    let pending = block.pending.take();
    block.line(line, &mut found);
    if block.is_public(line) || !found.is_empty() {
        return found;
    }
    if let Some(pending) = pending {
        rules::under(pending, line, scope, &mut found);
    }
    let mut from = 0;
    loop {
        let to = line.len().min(from + rules::MAX_LINE);
        let before = found.len();
        block.pending = one(&line[from..to], scope, &mut found);
        found[before..].iter_mut().for_each(|f| (f.start, f.end) = (f.start + from, f.end + from));
        if to == line.len() {
            return found;
        }
        from = to - OVERLAP;
    }
}

/// A line in all its writings.
fn one(line: &[u8], scope: Scope, found: &mut Vec<Finding>) -> Option<Pending> {
    // Colours touch what they colour, so that a coloured line has no sense as it stands.
    let coloured = memchr::memchr(0x1b, line).is_some();
    let mut pending = if coloured { None } else { as_it_stands(line, scope, found) };
    if let Some(view) = View::of(line) {
        let mut inner = Vec::new();
        let mut start = 0;
        let mut open = None;
        for part in view.bytes.split(|b| *b == b'\n') {
            let before = inner.len();
            if let Some(open) = open.take() {
                rules::under(open, part, scope, &mut inner);
            }
            open = as_it_stands(part, scope, &mut inner);
            inner[before..].iter_mut().for_each(|f| (f.start, f.end) = (f.start + start, f.end + start));
            start += part.len() + 1;
        }
        found.extend(inner.into_iter().map(|f| {
            let place = view.place(&(f.start..f.end));
            Finding { start: place.start, end: place.end, ..f }
        }));
        pending = pending.or(open);
    } else if coloured {
        pending = as_it_stands(line, scope, found);
    }
    pending
}

fn as_it_stands(line: &[u8], scope: Scope, found: &mut Vec<Finding>) -> Option<Pending> {
    let pending = rules::find(line, scope, found);
    random::find(line, found);
    blocks::manifest_in_line(line, found);
    for (range, text) in base64::texts(line) {
        if let Some(inner) = hidden(&text, DEPTH) {
            found.push(Finding { start: range.start, end: range.end, ..inner });
        }
    }
    pending
}

/// The first secret of a text that stood in base64.
fn hidden(text: &[u8], depth: usize) -> Option<Finding> {
    let mut block = State::default();
    for line in text.split(|b| *b == b'\n') {
        let mut found = Vec::new();
        block.line(line, &mut found);
        rules::find(line, Scope::SECRETS, &mut found);
        let deeper = || base64::texts(line).into_iter().filter(|_| depth > 1).find_map(|(_, text)| hidden(&text, depth - 1));
        if let Some(first) = found.into_iter().next().or_else(deeper) {
            return Some(first);
        }
    }
    None
}

/// In order, with overlaps joined under the kind that begins first (of equals, one that says more than `secret`, then the
/// longest), on character boundaries. What looks like an address of mail and has a secret in it is the secret.
fn merged(mut found: Vec<Finding>, line: &[u8]) -> Vec<Finding> {
    for finding in &mut found {
        while finding.start > 0 && is_continuation(line[finding.start]) {
            finding.start -= 1;
        }
        while finding.end < line.len() && is_continuation(line[finding.end]) {
            finding.end += 1;
        }
    }
    if found.iter().any(|f| f.kind == "email") {
        let secrets: Vec<(usize, usize)> = found.iter().filter(|f| f.kind != "email").map(|f| (f.start, f.end)).collect();
        found.retain(|f| f.kind != "email" || !secrets.iter().any(|(start, end)| f.start < *end && f.end > *start));
    }
    found.sort_by_key(|f| (f.start, f.kind == "secret", std::cmp::Reverse(f.end)));
    let mut out: Vec<Finding> = Vec::new();
    for finding in found {
        match out.last_mut() {
            Some(last) if finding.start < last.end => last.end = last.end.max(finding.end),
            _ => out.push(finding),
        }
    }
    out
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_behind_another_finding_is_found_as_well() {
        let line = ["ftp://ann@shop.example:", "Kd8xTq1z9", "@files.example/x"].concat();
        let found = text(line.as_bytes(), Scope::ALL, &mut State::default());
        let gone: String = found.iter().map(|f| &line[f.start..f.end]).collect();
        assert!(gone.contains("Kd8xTq1z9") && gone.contains("ann@shop.example"), "{gone}");
    }
}
