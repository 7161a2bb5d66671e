//! Records that a tool prints as blocks, a name and a value a line: logs of a server's hardware (iDRAC, IPMI, RAID controllers, ESXi)
//! and events of Windows as PowerShell lists them.
//!
//! A list is told by the names that its tool always prints. It must never guess whether the day or the month comes first: the tool has
//! one order, else the times tell. What breaks it: a list whose lines were wrapped by a terminal.

use evidence::{Basis, Level, Stamp};

use super::carried::{Carried, Outer};
use super::csv_cells::Times;
use super::page::Page;
use super::{Document, when};

/// Lines within which a first record has to be whole.
const LOOK: usize = 60;
/// Blanks before a name, and letters of one.
const MOST_BLANKS: usize = 3;
const LONGEST: usize = 32;

struct Shape {
    format: &'static str,
    mark: char,
    /// Names that all have to be there.
    needs: &'static [&'static str],
    time: &'static [&'static str],
    /// Whether its dates have the month in front; not said where that is the choice of who runs it.
    month_first: Option<bool>,
    level: &'static [&'static str],
    service: &'static [&'static str],
    instance: &'static [&'static str],
    message: &'static [&'static str],
    fields: &'static [&'static str],
}

const BLANK: Shape = Shape {
    format: "",
    mark: ':',
    needs: &[],
    time: &[],
    month_first: None,
    level: &[],
    service: &[],
    instance: &[],
    message: &[],
    fields: &[],
};

const SHAPES: [Shape; 7] = [
    Shape {
        format: "racadm_sel",
        needs: &["Record", "Date/Time", "Severity", "Description"],
        time: &["Date/Time"],
        month_first: Some(true),
        level: &["Severity"],
        message: &["Description"],
        fields: &["Source"],
        ..BLANK
    },
    Shape {
        format: "racadm_lclog",
        mark: '=',
        needs: &["SeqNumber", "Message ID", "Severity", "Timestamp", "Message"],
        time: &["Timestamp"],
        level: &["Severity"],
        message: &["Message"],
        fields: &["Message ID", "Category", "FQDD"],
        ..BLANK
    },
    Shape {
        format: "raid_events",
        needs: &["seqNum", "Time", "Class", "Event Description"],
        time: &["Time"],
        level: &["Class"],
        message: &["Event Description"],
        fields: &["Code"],
        ..BLANK
    },
    Shape {
        format: "ipmi_sel",
        needs: &["SEL Record ID", "Timestamp", "Event Direction", "Description"],
        time: &["Timestamp"],
        month_first: Some(true),
        message: &["Description"],
        fields: &["Sensor Type", "Sensor Number", "Event Direction"],
        ..BLANK
    },
    Shape {
        format: "esxi_sel",
        needs: &["Record Id", "When", "SEL Type", "Message"],
        time: &["When"],
        message: &["Message"],
        fields: &["Sensor Number"],
        ..BLANK
    },
    Shape {
        format: "windows_event_list",
        needs: &["TimeCreated", "Message"],
        time: &["TimeCreated"],
        level: &["LevelDisplayName"],
        service: &["ProviderName"],
        instance: &["MachineName"],
        message: &["Message"],
        fields: &["Id", "LogName"],
        ..BLANK
    },
    Shape {
        format: "windows_event_list",
        needs: &["EntryType", "Source", "TimeGenerated", "Message"],
        time: &["TimeGenerated"],
        level: &["EntryType"],
        service: &["Source"],
        instance: &["MachineName"],
        message: &["Message"],
        fields: &["EventID", "InstanceId"],
        ..BLANK
    },
];

/// One block: the lines that it has, and what they say.
struct Block {
    first: usize,
    last: usize,
    pairs: Vec<(String, String)>,
}

impl Block {
    fn get(&self, names: &[&str]) -> Option<&str> {
        let value = |name: &&str| self.pairs.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str());
        names.iter().find_map(value)
    }
}

/// Reads such a list; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let (shape, first) = shape(page)?;
    let blocks = blocks(page, shape.mark, first, page.len());
    let times: Vec<String> = blocks.iter().filter_map(|b| b.get(shape.time)).map(str::to_string).collect();
    let order = Times::of("time", &times);
    let mut document = Document { format: shape.format.into(), ..Document::default() };
    document.texts.extend((0..first).filter_map(|i| page.record(i)));
    for block in &blocks {
        let stamp = block.get(shape.time).and_then(|time| stamp(shape, order, time));
        match block.get(shape.message) {
            Some(message) => {
                let place = page.place(block.first, block.last);
                document.carried.push(Carried::new(place, message.to_string(), outer(shape, block, stamp)));
            }
            None => document.texts.extend((block.first..=block.last).filter_map(|i| page.record(i))),
        }
    }
    document.records = (document.carried.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins with a record of such a list.
pub fn is_likely(page: &Page<'_>) -> bool {
    shape(page).is_some()
}

fn shape(page: &Page<'_>) -> Option<(&'static Shape, usize)> {
    SHAPES.iter().find_map(|shape| {
        let first = (0..page.len().min(8)).find(|i| pair(&page.line(*i), shape.mark).is_some())?;
        let one = blocks(page, shape.mark, first, page.len().min(first + LOOK)).into_iter().next()?;
        let is_whole = shape.needs.iter().all(|name| one.get(&[name]).is_some());
        let has_time = one.get(shape.time).is_some_and(|time| time.bytes().filter(u8::is_ascii_digit).count() >= 4);
        (is_whole && has_time).then_some((shape, first))
    })
}

/// A name and its value.
fn pair(line: &str, mark: char) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(mark)?;
    let blanks = name.len() - name.trim_start().len();
    let name = name.trim();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= LONGEST
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b" _/-.".contains(&b));
    (is_name && blanks <= MOST_BLANKS).then(|| (name, value.trim()))
}

/// The blocks from one line to another: each begins with the name with which the first does. What is indented goes on with the
/// value above it.
fn blocks(page: &Page<'_>, mark: char, first: usize, end: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let begins = pair(&page.line(first), mark).map(|(name, _)| name.to_string()).unwrap_or_default();
    for index in (first..end).filter(|i| !page.is_blank(*i)) {
        let line = page.line(index);
        let told = pair(&line, mark);
        if told.is_some_and(|(name, _)| name == begins) {
            blocks.push(Block { first: index, last: index, pairs: Vec::new() });
        }
        let Some(block) = blocks.last_mut() else { continue };
        block.last = index;
        match told {
            Some((name, value)) => block.pairs.push((name.to_string(), value.to_string())),
            None if line.starts_with("    ") => {
                if let Some((_, value)) = block.pairs.last_mut().filter(|(_, value)| !value.is_empty()) {
                    value.push('\n');
                    value.push_str(line.trim());
                }
            }
            None => {}
        }
    }
    blocks
}

fn stamp(shape: &Shape, order: Times, time: &str) -> Option<Stamp> {
    match shape.month_first {
        Some(month_first) => when::numeric(time, month_first).or_else(|| when::read(time)),
        None => order.read(time),
    }
    .filter(|stamp| stamp.basis != Basis::ClockOnly)
}

fn outer(shape: &Shape, block: &Block, stamp: Option<Stamp>) -> Outer {
    let text = |names: &[&str]| block.get(names).map(str::to_string);
    let fields = shape.fields.iter().filter_map(|name| Some((name.to_string(), block.get(&[name])?.to_string()))).collect();
    Outer {
        stamp,
        level: block.get(shape.level).and_then(level),
        service: text(shape.service),
        instance: text(shape.instance),
        fields,
        ..Outer::default()
    }
}

/// A word, or a class of events of a RAID controller.
fn level(text: &str) -> Option<Level> {
    match text {
        "-2" => Some(Level::Debug),
        "-1" | "0" | "Ok" | "Normal" => Some(Level::Info),
        "1" => Some(Level::Warn),
        "2" | "Non-Critical" => Some(Level::Error),
        "3" | "4" => Some(Level::Fatal),
        word => Level::from_word(word),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Message, level, seconds since the beginning of 2025, lines.
    fn check(text: &str) -> Vec<(String, Option<Level>, Option<i64>, (u64, u64))> {
        assert!(sniff("x.txt", text.as_bytes(), true), "{text}");
        let document = read_whole("x.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a list");
        let told = document.carried.iter().map(|c| {
            let record = c.record(c.place);
            let at = record.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
            (record.message.to_string(), record.level, at, (c.place.line, c.place.last_line))
        });
        told.collect()
    }

    #[test]
    fn what_the_hardware_of_a_server_noted() {
        let sel = "Record:      1\nDate/Time:   01/02/2025 00:00:05\nSource:      system\nSeverity:    Critical\nDescription: The power input is lost.\n------\nRecord:      2\nDate/Time:   01/02/2025 00:00:09\nSource:      system\nSeverity:    Ok\nDescription: The power input is restored.\n";
        let day = 86_400;
        assert_eq!(
            check(sel),
            [
                ("The power input is lost.".to_string(), Some(Level::Fatal), Some(day + 5), (1, 6)),
                ("The power input is restored.".into(), Some(Level::Info), Some(day + 9), (7, 11)),
            ]
        );
        let lifecycle = "SeqNumber       = 4812\nMessage ID      = PSU0003\nCategory        = System\nSeverity        = Critical\nTimestamp       = 2025-01-01 00:00:05\nMessage         = The power input is lost.\n----\n";
        assert_eq!(check(lifecycle)[0].2, Some(5));
        let raid = "seqNum: 0x00003a1f\nTime: Wed Jan  1 00:00:05 2025\n\nCode: 0x000000fb\nClass: 2\nLocale: 0x01\nEvent Description: VD 00/0 is now DEGRADED\nEvent Data:\n===========\nTarget Id: 0\n";
        let told = check(raid).remove(0);
        assert_eq!((told.0.as_str(), told.1, told.2), ("VD 00/0 is now DEGRADED", Some(Level::Error), Some(5)));
    }

    #[test]
    fn events_that_power_shell_lists() {
        let text = "\n\nTimeCreated      : 1/13/2025 12:00:05 AM\nProviderName     : Service Control Manager\nId               : 7031\nLevelDisplayName : Error\nMessage          : The Shop Sync service\n                   stopped.\n\nTimeCreated      : 1/2/2025 12:00:05 AM\nProviderName     : disk\nId               : 7\nLevelDisplayName : Error\nMessage          : A block is bad.\n";
        let told = check(text);
        assert_eq!((told[0].0.as_str(), told[0].2), ("The Shop Sync service\nstopped.", Some(12 * 86_400 + 5)));
        assert_eq!((told[1].0.as_str(), told[1].2), ("A block is bad.", Some(86_400 + 5)));
        let open = "TimeCreated : 02/03/2025 10:00:05\nMessage     : It stopped.\n";
        assert_eq!(check(open)[0].2, None, "the day or the month may be in front");
    }

    #[test]
    fn other_pairs_are_none() {
        for text in [
            "Name: cart\nTime: 2025-01-01 00:00:05\nMessage: it fails\n",
            "Time : 5 s\nMessage : no\n",
            "2025-01-01T00:00:05Z Message: x\n",
        ] {
            assert!(shape(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())).is_none(), "{text}");
        }
    }
}
