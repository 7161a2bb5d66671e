//! What somebody wrote down while an incident went on, or after it: a time and what happened then, one below the other.
//!
//! Times stand in front, as items of a list, rows of a table or in bold. It must never take the log of a program for notes:
//! those have words of people, and a mark before the time or a name that says so. What breaks it: notes of two days without a
//! date between them.

use std::borrow::Cow;
use std::sync::LazyLock;

use evidence::{Basis, Event, Stamp};
use expressions::Expression;
use jiff::civil;

use super::chat::names_level;
use super::notes_told::Told;
use super::page::Page;
use super::{Document, when, zones};

/// Lines that decide, and notes that are enough.
const LOOK: usize = 300;
const ENOUGH: usize = 3;
const DAY: i64 = 86_400_000_000;

/// Words of the names of files in which people write things down.
const HINTS: [&str; 27] = [
    "notes",
    "timeline",
    "oncall",
    "on-call",
    "on_call",
    "handover",
    "postmortem",
    "post-mortem",
    "diary",
    "scribe",
    "warroom",
    "war-room",
    "main_courante",
    "main-courante",
    "chronologi",
    "protokoll",
    "logbuch",
    "cronologia",
    "bitacora",
    "tidslinje",
    "shift log",
    "shift-log",
    "shift_log",
    "shiftlog",
    "logbook",
    "log book",
    "schichtbuch",
];

/// A note's first line.
struct Head {
    stamp: Stamp,
    text: String,
    /// Something marks the time: a bullet, a table, bold letters, brackets.
    is_marked: bool,
}

/// Reads notes; `None` when the text is none.
pub fn read(page: &Page<'_>, name: &str) -> Option<Document> {
    is_likely(page, name).then_some(())?;
    let mut document = Document { format: "notes".into(), ..Document::default() };
    let heads: Vec<(usize, Head)> = (0..page.len()).filter_map(|i| Some((i, head(&page.line(i))?))).collect();
    let first = heads.first()?.0;
    document.texts.extend((0..first).filter_map(|i| page.record(i)));
    let (day, zone) = {
        let said = || document.texts.iter().map(|(_, line)| line.as_str());
        (said().find_map(zones::date_in), said().find_map(zones::stated).or_else(|| said().find_map(beside)))
    };
    let author = (0..first).find_map(|i| writer(&page.line(i))).unwrap_or_else(|| file(name));
    let told = Told::of(page, first, author);
    let mut clock = Clock { day, last: 0 };
    let note = |start: usize, end: usize, text: Option<&str>, stamp: Option<Stamp>| {
        let last = page.last_full(start, end);
        let below = (start + usize::from(text.is_some())..=last).map(|i| page.line(i).trim_end().to_string());
        let text = text.map(str::to_string).into_iter().chain(below).collect::<Vec<_>>().join("\n");
        let place = page.place(start, last);
        told.bodies(text.trim()).into_iter().map(move |body| Event { place, stamp, body }).collect::<Vec<_>>()
    };
    for (n, (index, head)) in heads.iter().enumerate() {
        let next = heads.get(n + 1).map(|(next, _)| *next);
        // What stands apart below the last note is no part of it.
        let end = next.unwrap_or_else(|| (*index..page.len()).find(|i| page.is_blank(*i)).unwrap_or(page.len()));
        let stamp = clock.place(head.stamp);
        let stamp = zone.map_or(stamp, |zone| zones::at(stamp, zone, day));
        document.events.extend(note(*index, end, Some(&head.text), Some(stamp)));
        if next.is_none() && (end..page.len()).any(|i| !page.is_blank(i)) {
            let start = (end..page.len()).find(|i| !page.is_blank(*i)).unwrap_or(end);
            document.events.extend(note(start, page.len(), None, Some(stamp)));
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the beginning of a text reads like notes.
pub fn is_likely(page: &Page<'_>, name: &str) -> bool {
    let (mut full, mut timed, mut marked, mut prose) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut is_over = false;
    for index in 0..page.len().min(LOOK) {
        let line = page.line(index);
        let Some(head) = head(&line) else {
            // Below a heading behind the notes stands something else.
            is_over |= timed >= ENOUGH && is_heading(&line);
            full += usize::from(!is_over && !line.trim().is_empty() && !is_heading(&line) && !is_rule(&line));
            continue;
        };
        full += 1;
        timed += 1;
        marked += usize::from(head.is_marked);
        prose += usize::from(is_prose(&head.text));
    }
    let lower = name.to_lowercase();
    let is_named = HINTS.iter().any(|hint| lower.contains(hint)) && !lower.ends_with(".log");
    timed >= ENOUGH && timed * 2 >= full && prose * 4 >= timed * 3 && (is_named || marked * 4 >= timed * 3)
}

fn head(line: &str) -> Option<Head> {
    static HEAD: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let mark = r"(?:[-*+•–·>|]|#{1,6}|\[[ xX]\]|\d{1,2}[.)])";
        let open = r"(?:\*\*|__|`|\[|\()";
        let close = r"(?:\*\*|__|`|\]|\))";
        // `08h34` in French, Spanish and Portuguese; `08.34 Uhr` in German.
        let clock = r"\d{1,2}(?:(?::\d{2}){1,2}(?: ?[AaPp]\.?[Mm]\.?|[AaPp]\b)?| ?[hH] ?\d{2}(?:min)?|\.\d{2} Uhr)";
        let date = r"\d{4}-\d{2}-\d{2}[T ]";
        let until = format!(r"(?: ?(?:-|–|to|until|bis) ?{clock})?");
        Expression::new(&format!(
            r"^\s*(?<marks>(?:{mark}\s*){{0,3}})(?<open>{open})?(?:~|ca\.? |around |vers |gegen |um |kl\.? )?(?<time>(?:{date})?{clock}){until}(?: (?:environ|env\.|ca\.|approx\.|Uhr|aprox\.)(?:[ ]|\b))?(?: ?(?<zone>Z|[A-Z]{{3,4}}T?)\b)?(?<close>{close})?(?:\s*[-–—:|,;→]+)?\s+(?<text>\S.*)$"
        ))
        .ok()
    });
    if line.len() > 2_000 || !line.bytes().take(48).any(|b| matches!(b, b':' | b'h' | b'H' | b'.')) {
        return None;
    }
    let found = HEAD.as_ref()?.captures(line)?;
    let time = plain(&found["time"]);
    let stamp = when::clock(&time).or_else(|| when::read(&time))?;
    let zone = found.name("zone").map(|zone| zone.as_str());
    let own = zone.and_then(|zone| zones::abbreviated(if zone == "Z" { "UTC" } else { zone }));
    // A word in capitals that is no zone begins the note.
    let text = match zone.filter(|_| own.is_none()) {
        Some(word) => format!("{word} {}", &found["text"]),
        None => found["text"].to_string(),
    };
    let text = text.trim_end().trim_end_matches('|').trim_end().replace(" | ", ": ");
    let stamp = own.map_or(stamp, |zone| zones::at(stamp, zone, None));
    let is_marked = !found["marks"].is_empty() || found.name("open").is_some() && found.name("close").is_some();
    text.chars().any(char::is_alphabetic).then_some(Head { stamp, text, is_marked })
}

/// A time with a colon between hours and minutes.
fn plain(time: &str) -> Cow<'_, str> {
    if let Some(german) = time.strip_suffix(" Uhr") {
        return Cow::Owned(german.replacen('.', ":", 1));
    }
    // `9:05p` of a logbook.
    if time.ends_with(['a', 'p', 'A', 'P']) {
        return Cow::Owned(format!("{time}m"));
    }
    let Some((hour, minute)) = time.split_once(['h', 'H']) else { return Cow::Borrowed(time) };
    let minute = minute.trim_start();
    Cow::Owned(format!("{}:{}", hour.trim_end(), minute.get(..2).unwrap_or(minute)))
}

/// Times of notes run forward from the day that stands above them.
struct Clock {
    day: Option<civil::Date>,
    last: i64,
}

impl Clock {
    fn place(&mut self, stamp: Stamp) -> Stamp {
        let basis = match stamp.basis {
            Basis::ClockOnly => Basis::Civil,
            Basis::ZonedClock => Basis::Zoned,
            _ => return stamp,
        };
        let Some(midnight) = self.day.and_then(midnight) else { return stamp };
        let mut at = midnight + stamp.micros.rem_euclid(DAY);
        while at + DAY / 2 < self.last {
            at += DAY;
        }
        self.last = at;
        Stamp::new(at, basis)
    }
}

fn midnight(day: civil::Date) -> Option<i64> {
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// The zone behind a time in a line above the notes: `Reported at: 11 Jun 2025 14:07 (UTC)`.
fn beside(line: &str) -> Option<zones::Zone> {
    static ZONE: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new(r"\d:\d\d(?::\d\d)? \(([A-Z]{3,4}T?)\)").ok());
    zones::abbreviated(&ZONE.as_ref()?.captures(line)?[1])
}

/// Who writes, as the head of the notes says: `# On-call, Ana, Tue 16 Dec`, `Notes by Ana Ruiz`, `Scribe: @ana`.
fn writer(line: &str) -> Option<String> {
    static HEAD: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let role = r"(?i:on[ -]?call(?: engineer| notes| log| diary)?|scribe|author|written by|kept by|(?:notes|log|diary) (?:of|by|from))";
        let name = r"@?\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?|@[\p{L}\d][\p{L}\d._-]*";
        let end = r"\s*(?:[,;(|–—]|-\s|$)";
        Expression::new(&format!(r"^[#*_\s]*(?:{role})[*_]*\s*[:,–—|-]?[*_]*\s+(?P<name>{name}){end}")).ok()
    });
    let found = HEAD.as_ref()?.captures(line.trim())?;
    let name = found["name"].trim_start_matches('@');
    let first = name.split(' ').next().unwrap_or_default().to_lowercase();
    let is_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| first.starts_with(day) && names_day(&first));
    (!is_day && !OF_HEADS.contains(&first.as_str())).then(|| name.to_string())
}

/// `Tue`, `Tuesday`; `Monica` is nobody's day.
fn names_day(word: &str) -> bool {
    word.len() <= 4 || word.ends_with("day")
}

/// Words with which heads of notes go on, and which nobody is called.
const OF_HEADS: [&str; 12] =
    ["the", "incident", "outage", "notes", "log", "timeline", "handover", "shift", "rotation", "team", "week", "report"];

/// Where nobody is named, the file is who says it.
fn file(name: &str) -> String {
    name.rsplit(['/', '!']).next().filter(|file| !file.is_empty()).unwrap_or("notes.txt").to_string()
}

fn is_heading(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('#') || line.ends_with(':') || !line.is_empty() && line.len() <= 40 && !line.contains([':', '=', '|', '['])
}

/// The rule of a table, or between parts.
fn is_rule(line: &str) -> bool {
    line.trim().bytes().all(|b| matches!(b, b'-' | b'=' | b'|' | b':' | b' ' | b'*' | b'_'))
}

/// Words, and not the fields and levels of a log.
fn is_prose(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let first = text.split_whitespace().next().unwrap_or_default();
    words >= 2 && !names_level(first) && text.split(' ').filter(|word| word.contains('=')).count() < 2 && !text.starts_with('{')
}

#[cfg(test)]
mod tests {
    use evidence::{Body, PageAction, SourceId};

    use super::*;

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    /// The notes with their times, in micros of their stamps.
    fn notes(name: &str, text: &str) -> Option<Vec<(String, i64, Basis)>> {
        let document = read(&Page::new(SOURCE, text.as_bytes()), name)?;
        let told = document.events.into_iter().map(|event| match (event.body, event.stamp) {
            (Body::Message(message), Some(stamp)) => (message.text, stamp.micros, stamp.basis),
            other => panic!("{other:?}"),
        });
        Some(told.collect())
    }

    fn at(text: &str) -> i64 {
        when::read(text).unwrap().micros
    }

    #[test]
    fn a_list_of_times_is_notes_of_the_day_and_the_zone_above_it() {
        let text = "# Notes, Sat 8 Nov 2025 (all times UTC)\n\n- 23:50 paged: basket fails\n- 23:58 suspect: the cache.\n  it is full\n\
                    - 00:07 cache emptied, errors gone\n\nFollow-ups\n\n- [ ] Ann: alert on a full cache, by 2025-11-20\n";
        let found = notes("ops/notes.md", text).unwrap();
        let expected = [
            ("paged: basket fails", at("2025-11-08T23:50:00Z")),
            ("suspect: the cache.\n  it is full", at("2025-11-08T23:58:00Z")),
            ("cache emptied, errors gone", at("2025-11-09T00:07:00Z")),
            ("Follow-ups\n\n- [ ] Ann: alert on a full cache, by 2025-11-20", at("2025-11-09T00:07:00Z")),
        ];
        assert_eq!(found, expected.map(|(text, micros)| (text.to_string(), micros, Basis::Zoned)));
    }

    #[test]
    fn tables_bold_times_and_times_with_a_date_or_a_zone_are_notes() {
        let table = "| Time | What |\n|---|---|\n| 10:02 UTC | deploy of basket 1.4 |\n| 10:05 UTC | Ann paged | \n| 10:09 UTC | rolled back |\n";
        let texts = |found: Vec<(String, i64, Basis)>| found.into_iter().map(|(text, ..)| text).collect::<Vec<_>>();
        assert_eq!(notes("x.md", table).map(texts).unwrap(), ["deploy of basket 1.4", "Ann paged", "rolled back"]);
        let bold = "**10:02** SRE is paged\n**10:05 – 10:07** all pods restart\n**10:09**: rolled back\n";
        assert_eq!(notes("x.md", bold).map(texts).unwrap(), ["SRE is paged", "all pods restart", "rolled back"]);
        let dated = "2025-11-08 10:02 - basket fails\n2025-11-08 10:05 - Ann takes it\n2025-11-08 10:09 - rolled back\n";
        let found = notes("timeline.txt", dated).unwrap();
        assert_eq!(found[2], ("rolled back".to_string(), at("2025-11-08T10:09:00Z"), Basis::Civil));
    }

    #[test]
    fn times_and_dates_are_written_as_elsewhere() {
        let french = "# Main courante – jeudi 5 mars 2026\n\n- **08h34** – appel du guichet\n- 8 h 52 : Anne prend le sujet\n- 9h05 environ – base relancée\n- **10h21**, tout est revenu\n";
        let found = notes("main_courante.md", french).unwrap();
        let expected = [
            ("appel du guichet", "08:34:00"),
            ("Anne prend le sujet", "08:52:00"),
            ("base relancée", "09:05:00"),
            ("tout est revenu", "10:21:00"),
        ];
        assert_eq!(found, expected.map(|(text, time)| (text.to_string(), at(&format!("2026-03-05T{time}Z")), Basis::Civil)));
        let german = "Ablauf am 5. März 2026\n\n- 08.34 Uhr: Kasse meldet Fehler\n- 08.52 Uhr: Anna übernimmt\n- 9:05 Uhr: Datenbank neu gestartet\n";
        let found = notes("protokoll.txt", german).unwrap();
        assert_eq!(found[0], ("Kasse meldet Fehler".to_string(), at("2026-03-05T08:34:00Z"), Basis::Civil));
        assert_eq!(found[2].0, "Datenbank neu gestartet");
    }

    #[test]
    fn a_logbook_has_halves_of_the_day_and_the_day_by_its_name() {
        let text = "SHIFT LOG  GATE 3   Wed 2/12/2025   sup: R. Ruiz\n\n9:05p   lane 3 jam, cleared\n10:16p  printers dead\n12:10a  all back\n";
        let found = notes("shift log gate 3.txt", text).unwrap();
        let expected = [
            ("lane 3 jam, cleared", at("2025-02-12T21:05:00Z")),
            ("printers dead", at("2025-02-12T22:16:00Z")),
            ("all back", at("2025-02-13T00:10:00Z")),
        ];
        assert_eq!(found, expected.map(|(text, micros)| (text.to_string(), micros, Basis::Civil)));
    }

    #[test]
    fn the_log_of_a_program_and_a_few_times_in_a_text_are_none() {
        for (name, text) in [
            (
                "cron.log",
                "10:02:01 starting job sweep\n10:02:05 job sweep is done\n10:03:01 starting job sweep\n10:03:06 done again\n",
            ),
            ("notes.log", "10:02:01 INFO starting\n10:02:05 WARN retry a=1 b=2\n10:03:01 INFO done\n"),
            ("readme.md", "# Opening hours\n\n- 10:00 to 18:00 on weekdays\n\nWe are closed on Sundays.\nAsk Ann.\nOr write.\n"),
            ("x.txt", "10:02 one thing\n10:05 another\n"),
            ("vm.txt", "- 10:02:01 a=1 b=2\n- 10:02:02 a=2 b=3\n- 10:02:03 a=2 b=4\n"),
        ] {
            assert_eq!(notes(name, text), None, "{name}");
        }
    }

    #[test]
    fn who_writes_is_named_above_the_notes_or_the_file_says_it() {
        let author = |head: &str| {
            let text = format!("{head}\n\n- 23:50 paged: basket fails\n- 23:58 suspect: the cache\n- 00:07 cache emptied\n");
            let document = read(&Page::new(SOURCE, text.as_bytes()), "ops/night-notes.md").unwrap();
            let Body::Message(message) = &document.events[0].body else { panic!("a message") };
            message.author.clone()
        };
        for (head, who) in [
            ("# On-call, Ana, Tue 16 Dec 2025 (all times UTC)", "Ana"),
            ("Notes by Ana Ruiz", "Ana Ruiz"),
            ("**Scribe:** @ana.r", "ana.r"),
            ("# On-call notes - Monica (UTC)", "Monica"),
            ("# On-call, Tue 16 Dec 2025", "night-notes.md"),
            ("# On-call notes, Incident 12", "night-notes.md"),
            ("# Notes, Basket fails", "night-notes.md"),
            ("On-call Ana was asleep when it began", "night-notes.md"),
        ] {
            assert_eq!(author(head), who, "{head}");
        }
    }

    #[test]
    fn a_timeline_of_a_tool_names_steps_and_people() {
        let text = "# INC-31 Cart fails\n\n**Severity:** Major\n**Incident lead:** Ann Lee\n**Reported at:** 8 Nov 2025 10:02 (UTC)\n\n- **10:02** — Incident reported by Ann Lee\n- **10:04** — Ann Lee: looking\n- **10:09** — Status changed from Investigating → Fixing by Bo Ray\n  > rolling back\n- **10:30** — Load Balancer: drained\n- **10:40** — Incident closed by Bo Ray\n";
        let document = read(&Page::new(SOURCE, text.as_bytes()), "x.md").unwrap();
        let told: Vec<_> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Page(p) => (format!("{:?} {} {:?}", p.action, p.incident, p.priority), p.actor.clone().unwrap_or_default()),
                Body::Message(m) => (m.text.clone(), m.author.clone()),
                other => panic!("{other:?}"),
            })
            .collect();
        let step = |action: PageAction| format!("{action:?} INC-31 Some(\"Major\")");
        let expected = [
            (step(PageAction::Triggered), "Ann Lee"),
            ("looking".to_string(), "Ann Lee"),
            (step(PageAction::Note), "Bo Ray"),
            ("rolling back".to_string(), "Bo Ray"),
            ("Load Balancer: drained".to_string(), "x.md"),
            (step(PageAction::Resolved), "Bo Ray"),
        ];
        assert_eq!(told, expected.map(|(what, who)| (what, who.to_string())));
        assert_eq!(document.events[0].stamp.unwrap().basis, Basis::Zoned);
    }
}
