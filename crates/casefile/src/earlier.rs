//! Files that an earlier run of ours wrote: they are no evidence, and may be written anew.
//!
//! Known by their beginning (a PDF by its end, a DOCX by its properties), never by their names. Must never take a log for one: each mark stands where
//! only we put it, so that a chat in which somebody pasted a line of a report is read as ever. What misses it: a layout of
//! one's own that leaves the line about the sources out.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// What a file of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Report,
    /// Records or patterns, as lines.
    Lines,
    /// What goes with a report: a manifest, a ledger, findings.
    Companion,
}

/// By this much it is seen whether it may be one at all, and by that much whether it is.
const FIRST: u64 = 512;
const BEGINNING: u64 = 64 << 10;
/// The end of a PDF.
const END: u64 = 64;
/// Bytes of a signature of Ed25519.
const SIGNATURE: u64 = 64;
/// Of a file within a DOCX.
const MEMBER: u64 = 4 << 10;

/// Nothing for what is not ours, and for what cannot be read: whoever reads it next will say so.
pub fn made(path: &Path) -> Option<Made> {
    // A signature has no mark of its own; it is told by what it signs.
    if path.extension().is_some_and(|ending| ending == "sig") && path.metadata().is_ok_and(|file| file.len() == SIGNATURE) {
        return of_content(&path.with_extension("")).filter(|made| *made == Made::Companion);
    }
    of_content(path)
}

fn of_content(path: &Path) -> Option<Made> {
    let mut file = File::open(path).ok()?;
    let mut head = Vec::new();
    (&mut file).take(FIRST).read_to_end(&mut head).ok()?;
    if head.starts_with(b"%PDF-") {
        return is_pdf(&file).then_some(Made::Report);
    }
    if head.starts_with(b"PK\x03\x04") {
        return (head.get(30..)?.starts_with(b"[Content_Types].xml") && is_docx(file)).then_some(Made::Report);
    }
    let tell = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning.as_bytes()))?.1;
    file.take(BEGINNING).read_to_end(&mut head).ok()?;
    tell(&String::from_utf8_lossy(&head))
}

type Tell = fn(&str) -> Option<Made>;

/// The longer beginning of two stands first.
const BEGINNINGS: [(&str, Tell); 13] = [
    ("{\"source\":\"", records),
    ("{\"pattern\":\"p", patterns),
    ("{\"text\":\"", payload),
    ("{", object),
    ("<!doctype html>", page),
    ("<h1>", |text| marked(text, "<p>")),
    ("# ", |text| marked(text, "")),
    ("h1. ", |text| marked(text, "")),
    ("*", |text| marked(text, "")),
    ("\"time_utc\",\"kind\",\"service\",\"actor\",\"text\",\"status\",\"confidence\",\"claim\",\"citations\"", report),
    ("\"priority\",\"action\",\"owner\",\"due\",\"status\",\"origin\",\"done_when\",\"confidence\",\"claim\",", report),
    ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Casefile//", report),
    ("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Casefile//", report),
];

fn report(_: &str) -> Option<Made> {
    Some(Made::Report)
}

fn object(text: &str) -> Option<Made> {
    let rest = text.strip_prefix('{')?.trim_start().strip_prefix("\"schema\"")?.trim_start().strip_prefix(':')?;
    let schema = rest.trim_start().strip_prefix("\"casefile.")?;
    Some(if schema.starts_with("report/") { Made::Report } else { Made::Companion })
}

/// The keys of `parse`, in their order.
fn records(text: &str) -> Option<Made> {
    has_in_order(text, &["\",\"line\":", ",\"last_line\":", ",\"at\":", ",\"at_raw\":", ",\"at_basis\":", ",\"level\":"])
}

fn patterns(text: &str) -> Option<Made> {
    has_in_order(text, &["\",\"template\":\"", "\",\"count\":", ",\"first\":", ",\"last\":", ",\"levels\":{", ",\"services\":["])
}

fn has_in_order(text: &str, keys: &[&str]) -> Option<Made> {
    let mut rest = text.lines().next()?;
    keys.iter().all(|key| rest.find(key).map(|at| rest = &rest[at..]).is_some()).then_some(Made::Lines)
}

/// Of Slack: the line about the sources stands within a string.
fn payload(text: &str) -> Option<Made> {
    let blocks = text.lines().next()?.split_once(",\"blocks\":[{\"type\":\"header\"")?.1;
    blocks.split("\\n").any(is_extent).then_some(Made::Report)
}

fn page(text: &str) -> Option<Made> {
    text.contains("<meta name=\"generator\" content=\"Casefile ").then_some(Made::Report)
}

fn marked(text: &str, mark: &str) -> Option<Made> {
    text.lines().filter_map(|line| line.strip_prefix(mark)).any(is_extent).then_some(Made::Report)
}

/// `Casefile 0.1.0 · 13 sources · 2,212 records · ...`
fn is_extent(line: &str) -> bool {
    let parts: Vec<&str> = line.splitn(4, " · ").collect();
    let [maker, sources, records, _] = parts[..] else { return false };
    let counts = |part: &str, what: &str| {
        let number = part.strip_suffix('s').unwrap_or(part).strip_suffix(what).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b',')
    };
    let version = maker.strip_prefix("Casefile ");
    version.is_some_and(|version| !version.contains(' ')) && counts(sources, " source") && counts(records, " record")
}

/// Its maker stands before the table of its objects, and where that one begins stands at its end.
fn is_pdf(file: &File) -> bool {
    let size = file.metadata().map_or(0, |file| file.len());
    let end = String::from_utf8_lossy(&part(file, size.saturating_sub(END), END)).into_owned();
    let table = end.rsplit_once("startxref").and_then(|(_, at)| at.split_ascii_whitespace().next()?.parse::<u64>().ok());
    let before = |at: u64| part(file, at.saturating_sub(BEGINNING), BEGINNING);
    table.is_some_and(|at| String::from_utf8_lossy(&before(at)).contains("/Creator(Casefile "))
}

fn part(mut file: &File, from: u64, size: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.take(size).read_to_end(&mut bytes));
    read.map(|_| bytes).unwrap_or_default()
}

fn is_docx(file: File) -> bool {
    let Ok(mut archive) = zip::ZipArchive::new(file) else { return false };
    let Ok(member) = archive.by_name("docProps/app.xml") else { return false };
    let mut text = String::new();
    member.take(MEMBER).read_to_string(&mut text).is_ok() && text.contains("<Application>casefile ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Made> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        made(file.path())
    }

    #[test]
    fn what_begins_like_ours_is_ours() {
        let line = "Casefile 0.1.0 · 1 source · 2,212 records · 73 statements";
        assert_eq!(of(&format!("# Something failed\n\n{line}\n")), Some(Made::Report));
        assert_eq!(of("{\n  \"schema\": \"casefile.report/1\",\n"), Some(Made::Report));
        assert_eq!(of("{\"schema\":\"casefile.redactions/1\",\"removed\":["), Some(Made::Companion));
        assert_eq!(of("{\"schema\":\"casefile"), None);
    }

    #[test]
    fn a_pdf_is_known_by_its_maker_before_the_table_of_its_objects() {
        let pdf = |maker: &str| {
            let body = format!("%PDF-1.7\n1 0 obj\n<</Creator({maker})>>\n");
            let table = "0000000000 65535 f \n".repeat(9_000);
            of(&format!("{body}xref\n{table}trailer\n<</Size 1>>\nstartxref\n{}\n%%EOF", body.len()))
        };
        assert_eq!((pdf("Casefile 0.1.0"), pdf("Word, after Casefile 0.1.0")), (Some(Made::Report), None));
    }

    #[test]
    fn what_only_speaks_of_a_report_is_not_ours() {
        let line = "Casefile 0.1.0 · 13 sources · 2,212 records · 73 statements";
        assert_eq!(of(&format!("2024-02-07T09:00:00Z INFO {line}\n")), None);
        assert_eq!(of(&format!("# Notes\n\nsomebody wrote: {line}\n")), None);
        assert_eq!(of(&format!("[{{\"type\":\"message\",\"text\":\"{line}\"}}]")), None);
        assert_eq!(of(&format!("{{\"text\":\"x\\n{line}\",\"ts\":\"1\"}}")), None);
        assert_eq!(of("{\"source\":\"a\",\"line\":1,\"message\":\"up\"}"), None);
        assert_eq!((of("# Casefile 0.1.0 · sources"), of(""), of("PK\x03\x04")), (None, None, None));
    }
}
