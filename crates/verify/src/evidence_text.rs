//! Is each piece of evidence what stands in the input? Its text, its lines, its time and the lines shown around it.

use evidence::RecordRef;
use regex::Regex;
use report::model::{Evidence, Report, WITHHELD};
use std::sync::LazyLock;

use crate::input::{Found, Place};
use crate::{Verdict, moments};

/// A secret's mark, and the sign of a cut: something stands there that is not shown.
static GAP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[…\]|…|\[[a-z][a-z0-9_-]*:\d+\]").ok());
static ANSI: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").ok());

pub fn check(report: &Report, found: &Found, verdict: &mut Verdict) {
    let withheld = report.evidence.iter().filter(|evidence| evidence.withheld).count();
    if withheld > 0 {
        verdict.unchecked.push(format!("the words of {withheld} pieces of evidence, which are withheld"));
    }
    for (index, evidence) in report.evidence.iter().enumerate() {
        verdict.checked.citations += 1;
        if let Err(fault) = check_one(evidence, index, found) {
            verdict.fault(format!("{} ({}:{}): {fault}", evidence.id, evidence.source, evidence.line));
        }
    }
}

fn check_one(evidence: &Evidence, index: usize, found: &Found) -> Result<(), String> {
    let Some(source) = found.sources.get(&evidence.source) else {
        return Err("there is no such source".to_string());
    };
    let [start, end] = evidence.bytes;
    let Some(quote) = found.quotes.get(index).and_then(Option::as_ref) else {
        return Err(format!("bytes {start} to {end} are not in the source, which has {}", source.bytes));
    };
    if evidence.withheld {
        if evidence.text != WITHHELD {
            return Err("its text is said to be withheld and stands there".to_string());
        }
    } else if !shows(&evidence.text, &quote.text) {
        return Err(format!("the text is not what stands there, which is {}", short(&quote.text)));
    }
    let places = found.places.get(&evidence.source).map_or(&[][..], Vec::as_slice);
    let around: Vec<&Place> = places.iter().filter(|p| p.place.start <= start && end <= p.place.end).collect();
    if around.is_empty() {
        return Err(format!("no record stands at bytes {start} to {end}"));
    }
    check_lines(evidence, &quote.text, &around)?;
    check_time(evidence, &around, found)?;
    check_neighbours(&evidence.before, &quote.before, true)?;
    check_neighbours(&evidence.after, &quote.after, false)
}

/// A record that starts at the cited byte says its lines; inside of a larger one, they must lie within it.
fn check_lines(evidence: &Evidence, text: &str, around: &[&Place]) -> Result<(), String> {
    let exact = around.iter().filter(|p| p.place.start == evidence.bytes[0]);
    let (line, last) = (evidence.line, evidence.last_line);
    let whole = |p: &RecordRef| p.end == evidence.bytes[1];
    let newlines = text.matches('\n').count() as u64;
    let fits_exact = |p: &RecordRef| {
        p.line == line
            && if whole(p) { p.last_line == last } else { last == line.saturating_add(newlines) || last <= p.last_line }
    };
    let places: Vec<RecordRef> = exact.map(|p| p.place).collect();
    let good = match places.is_empty() {
        false => places.iter().any(fits_exact),
        true => around.iter().any(|p| p.place.line <= line && line <= last && last <= p.place.last_line),
    };
    let stands = places.first().or(around.first().map(|p| &p.place)).map_or((0, 0), |p| (p.line, p.last_line));
    if good { Ok(()) } else { Err(format!("lines {line} to {last} are said, it stands on {} to {}", stands.0, stands.1)) }
}

/// Whether a time may be one of those that its source's account says are taken for none.
fn is_far(at: evidence::Moment, given: Option<&Vec<evidence::Moment>>) -> bool {
    const FAR_S: f64 = 30.0 * 86_400.0;
    given.is_some_and(|given| given.iter().all(|other| at.since(*other).abs() > FAR_S))
}

/// The time is one that the record states, corrected by the clock of its source.
fn check_time(evidence: &Evidence, around: &[&Place], found: &Found) -> Result<(), String> {
    let Some(clock) = found.clocks.get(&evidence.source) else { return Ok(()) };
    // The smallest element around the bytes is the one that was meant.
    let size = |p: &&&Place| p.place.end - p.place.start;
    let Some(smallest) = around.iter().min_by_key(size).map(|p| p.place) else { return Ok(()) };
    let own: Vec<_> = around
        .iter()
        .filter(|p| p.place == smallest)
        .flat_map(|p| p.stamps.iter().filter_map(|s| moments::on_line(clock, *s, p.place.line)))
        .collect();
    let Some(first) = own.first() else { return Ok(()) };
    match evidence.at.as_deref() {
        None if is_far(*first, found.near.get(&evidence.source)) => Ok(()),
        None => Err(format!("it has no time, the record has {}", first.rfc3339())),
        Some(text) => match moments::moment(text) {
            Some(at) if own.iter().any(|m| moments::same(*m, at)) => Ok(()),
            _ => Err(format!("the time is said to be {text}, the record has {}", first.rfc3339())),
        },
    }
}

/// Lines shown before (counted from the nearest, which stands last) and after.
fn check_neighbours(said: &[String], stand: &[String], before: bool) -> Result<(), String> {
    let pairs: Vec<(&String, &String)> = match before {
        true => said.iter().rev().zip(stand.iter().rev()).collect(),
        false => said.iter().zip(stand).collect(),
    };
    let complete = pairs.len() == said.len();
    match pairs.into_iter().find(|(said, stands)| !shows(said, stands)) {
        Some((said, _)) => Err(format!("the line shown beside it is not there: {}", short(said))),
        None if !complete => Err("more lines are shown beside it than there are".to_string()),
        None => Ok(()),
    }
}

/// Does `text`, with its gaps, show `record` from its begin to its end (unless the text ends in a gap)?
pub fn shows(text: &str, record: &str) -> bool {
    let Some(gap) = GAP.as_ref() else { return false };
    let record = squeezed(record);
    let marked = gap.find_iter(text).any(|m| !m.as_str().contains('…'));
    let pieces: Vec<String> = gap.split(text).map(squeezed).collect();
    let shown: usize = pieces.iter().map(String::len).sum();
    if shown < record.len().min(8) && !marked {
        return false;
    }
    in_order(&pieces, record.trim_end_matches('…'), text.trim_start().starts_with('…'))
}

/// Whether something in the text is the mark of a secret.
pub fn has_mark(text: &str) -> bool {
    GAP.as_ref().is_some_and(|gap| gap.find_iter(text).any(|m| !m.as_str().contains('…')))
}

/// First piece at the begin, last piece at the end, the others between them in order.
fn in_order(pieces: &[String], record: &str, starts_with_cut: bool) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return false };
    let Some((last, middle)) = rest.split_last() else { return first == record || first.trim_end() == record.trim_end() };
    if starts_with_cut {
        return false;
    }
    let Some(mut left) = record.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        match left.find(piece.as_str()).and_then(|at| left.get(at.saturating_add(piece.len())..)) {
            Some(after) => left = after,
            None => return false,
        }
    }
    left.ends_with(last.as_str())
}

/// Colours away; blanks and control characters are one blank.
fn squeezed(text: &str) -> String {
    let plain = match ANSI.as_ref() {
        Some(ansi) => ansi.replace_all(text, ""),
        None => text.into(),
    };
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{fffd}' || c == '\u{feff}';
    plain.split(blank).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn short(text: &str) -> String {
    let text = squeezed(text);
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("“{}…”", text.get(..at).unwrap_or_default()),
        None => format!("“{text}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::shows;

    #[test]
    fn a_text_shows_a_record_when_only_gaps_are_left_out() {
        let record = "09:00 login of ana with password=hunter2 failed\n\tat x.go:3";
        assert!(shows(record, record));
        assert!(shows("09:00 login of ana with password=[password:1] failed at x.go:3", record));
        assert!(shows("09:00 login of ana …", record));
        assert!(shows("09:00 login … x.go:3", record));
    }

    #[test]
    fn it_does_not_when_a_word_differs_or_an_end_is_missing() {
        let record = "09:00 login of ana failed";
        for text in ["09:00 login of ben failed", "login of ana failed", "09:00 login of ana", "…", "… login of ana failed", ""]
        {
            assert!(!shows(text, record), "{text}");
        }
        assert!(!shows("09:00 failed … login", record), "order counts");
    }
}
