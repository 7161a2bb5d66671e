//! What the tools of sysstat print (`sar`, `mpstat`, `iostat -t`): values of a host over time, as series.
//!
//! The date stands in the first line, once. It must never guess whether the month or the day comes first there: where
//! neither the numbers nor a clock of twelve hours tell, nothing is read. What breaks it: output of several days in one text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use evidence::{Basis, Body, Event, Point, Series, Stamp};
use expressions::Expression;

use super::csv_cells::Times;
use super::page::Page;
use super::{Document, when};

const DAY: i64 = 86_400_000_000;
/// Lines by which a text is judged.
const LOOK: usize = 60;
/// Columns that name the thing whose values follow; all other columns are values.
const THINGS: [&str; 8] = ["CPU", "IFACE", "DEV", "Device", "Device:", "INTR", "TTY", "FAN"];

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let mut host = Host::of(page)?;
    let mut document = Document { format: "sysstat".into(), ..Document::default() };
    let mut found: BTreeMap<(usize, String, Option<String>), Vec<Point>> = BTreeMap::new();
    let mut columns: Vec<String> = Vec::new();
    let mut tables: Vec<String> = Vec::new();
    for index in 0..page.len() {
        let line = page.line(index);
        let (clock, words) = timed(&line);
        if let Some(at) = host.dated(&line) {
            host.at = Some(at);
        } else if is_names(&words) {
            columns = words.iter().map(|word| word.to_string()).collect();
            let names = columns.join(" ");
            if !tables.contains(&names) {
                tables.push(names);
            }
        } else if let Some(stamp) = host.time(clock).filter(|_| !columns.is_empty())
            && let Some((thing, values)) = row(&columns, &words)
        {
            let table = tables.iter().position(|names| *names == columns.join(" ")).unwrap_or(0);
            for (name, value) in values.into_iter().filter(|_| thing.as_deref().is_none_or(is_whole)) {
                let point = Point { stamp, value, place: page.place(index, index) };
                found.entry((table, name, thing.clone())).or_default().push(point);
            }
            document.records += 1;
        } else {
            document.texts.extend(page.record(index));
        }
    }
    for ((_, metric, thing), points) in found {
        let Some(first) = points.first().copied() else { continue };
        let labels = [Some(("host".to_string(), host.name.clone())), thing.map(|thing| ("of".to_string(), thing))];
        let series = Series { metric, service: Some(host.name.clone()), labels: labels.into_iter().flatten().collect(), points };
        document.events.push(Event { place: first.place, stamp: Some(first.stamp), body: Body::Series(series) });
    }
    document.records += document.texts.len() as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins with such a first line, of which the date is sure, and has names of columns below it.
pub fn is_likely(page: &Page<'_>) -> bool {
    Host::of(page).is_some() && (1..page.len().min(LOOK)).any(|i| is_names(&timed(&page.line(i)).1))
}

/// The host, and the time from which clocks count.
struct Host {
    name: String,
    times: Times,
    midnight: i64,
    last: i64,
    /// The last time that stood in a line of its own.
    at: Option<Stamp>,
}

impl Host {
    /// `Linux 5.15.0 (db-0) 03/18/2025 _x86_64_ (4 CPU)`.
    fn of(page: &Page<'_>) -> Option<Host> {
        static HEAD: LazyLock<Option<Expression>> =
            LazyLock::new(|| Expression::new(r"^Linux \S+ \(([^)]+)\)\s+([0-9./-]{8,10})\s+_\S+_\s+\(\d+ CPU\)").ok());
        let index = (0..page.len().min(5)).find(|i| HEAD.as_ref().is_some_and(|head| head.is_match(&page.line(*i))))?;
        let line = page.line(index);
        let found = HEAD.as_ref()?.captures(&line)?;
        let has_halves = (index..page.len().min(LOOK)).any(|i| page.line(i).split(' ').take(3).any(|w| w == "AM" || w == "PM"));
        let half = if has_halves { " AM" } else { "" };
        let date = format!("{} 01:00:00{half}", &found[2]);
        let times = Times::of("", std::slice::from_ref(&date));
        let at = times.read(&date).filter(|at| at.basis == Basis::Civil)?;
        Some(Host { name: found[1].to_string(), times, midnight: at.micros - at.micros.rem_euclid(DAY), last: 0, at: None })
    }

    /// A line that is nothing but a time.
    fn dated(&self, line: &str) -> Option<Stamp> {
        let line = line.trim();
        let is_date = (16..=22).contains(&line.len()) && line.starts_with(|c: char| c.is_ascii_digit());
        is_date.then(|| self.times.read(line))?
    }

    /// A clock on the day of the first line, or on the next one where it runs backwards.
    fn time(&mut self, clock: Option<i64>) -> Option<Stamp> {
        let Some(clock) = clock else { return self.at };
        if clock + DAY / 2 < self.last {
            self.midnight += DAY;
        }
        self.last = clock;
        Some(Stamp::new(self.midnight + clock, Basis::Civil))
    }
}

/// The time of day in front of a line, and its words.
fn timed(line: &str) -> (Option<i64>, Vec<&str>) {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let half = words.get(1).copied().filter(|word| ["AM", "PM"].contains(word)).unwrap_or_default();
    let first = words.first().copied().filter(|word| word.len() == 8).unwrap_or_default();
    match when::clock(format!("{first} {half}").trim()) {
        Some(stamp) => {
            words.drain(..1 + usize::from(!half.is_empty()));
            (Some(stamp.micros.rem_euclid(DAY)), words)
        }
        None => (None, words),
    }
}

/// Names of columns: a thing or measures of a host, and no number among them.
fn is_names(words: &[&str]) -> bool {
    let is_measure = |word: &&str| word.contains(['%', '/']) || word.starts_with("kb") || word.ends_with("-sz");
    words.len() >= 3 && words.iter().all(|word| number(word).is_none()) && words.iter().any(is_measure)
}

/// The thing that a row is of, and its values by their names.
type Row = (Option<String>, Vec<(String, f64)>);

fn row(columns: &[String], words: &[&str]) -> Option<Row> {
    let first = columns.first()?;
    // `avg-cpu:` stands in front of the names, and nothing in front of the values.
    let names = if first == "avg-cpu:" { &columns[1..] } else { columns };
    let (thing, names, values) = match THINGS.contains(&first.as_str()) {
        true => (words.first().map(|word| word.to_string()), &names[1..], words.get(1..)?),
        false => (None, names, words),
    };
    let values: Vec<f64> = values.iter().map(|word| number(word)).collect::<Option<_>>()?;
    (values.len() == names.len()).then(|| (thing, names.iter().cloned().zip(values).collect()))
}

/// One of many processors says little of its host.
fn is_whole(thing: &str) -> bool {
    thing.parse::<u32>().is_err()
}

fn number(word: &str) -> Option<f64> {
    let is_number = word.bytes().all(|b| b.is_ascii_digit() || b",.-".contains(&b));
    is_number.then(|| word.replace(',', ".").parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Metric, what it is of, and seconds since the beginning of 2025 with values.
    type Told = (String, Option<String>, Vec<(i64, f64)>);

    fn check(text: &str) -> Vec<Told> {
        assert!(sniff("sar.txt", text.as_bytes(), true), "{text}");
        let document = read_whole("sar.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("output");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Series(s) => {
                assert_eq!(s.service.as_deref(), Some("db-0"));
                let points = s.points.iter().map(|p| (p.stamp.micros / 1_000_000 - 1_735_689_600, p.value)).collect();
                (s.metric, s.labels.get(1).map(|(_, of)| of.clone()), points)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn clocks_count_from_the_date_of_the_first_line() {
        let text = "Linux 5.15.0 (db-0) \t01/13/2025 \t_x86_64_\t(4 CPU)\n\n11:50:01 PM     CPU     %user     %idle\n11:50:01 PM     all     20.87     73.42\n11:50:01 PM       0     10.87     83.42\n12:00:01 AM     all     70.90      1.50\nAverage:        all     45.00     37.00\n";
        let day = 12 * 86_400;
        let all = || Some("all".to_string());
        let at = [day + 85_801, day + 86_401];
        let expected = [("%idle", [73.42, 1.5]), ("%user", [20.87, 70.9])]
            .map(|(name, v)| (name.to_string(), all(), vec![(at[0], v[0]), (at[1], v[1])]));
        assert_eq!(check(text), expected);
        let german = "Linux 6.1.0 (db-0) \t02.01.2025 \t_x86_64_\t(8 CPU)\n\n00:10:01        CPU     %user\t%idle\n00:10:01        all     12,04      84,63\n";
        assert_eq!(check(german)[0], ("%idle".to_string(), all(), vec![(86_400 + 601, 84.63)]));
    }

    #[test]
    fn times_in_lines_of_their_own() {
        let text = "Linux 5.15.0 (db-0) \t01/13/2025 \t_x86_64_\t(4 CPU)\n\n01/13/2025 01:45:00 PM\navg-cpu:  %user   %idle %steal\n          21.10   72.88   0.00\n\nDevice            r/s     %util\tw/s\nnvme0n1          1.20      6.10\t2.0\n";
        let at = 12 * 86_400 + 13 * 3_600 + 45 * 60;
        let told = check(text);
        assert_eq!(told[1], ("%steal".to_string(), None, vec![(at, 0.0)]));
        assert_eq!(told[3], ("%util".to_string(), Some("nvme0n1".to_string()), vec![(at, 6.1)]));
    }

    #[test]
    fn a_date_that_may_be_two_is_none() {
        let text = "Linux 5.15.0 (db-0) \t01/02/2025 \t_x86_64_\t(4 CPU)\n\n13:50:01     CPU     %user     %idle\n13:50:01     all     20.87     73.42\n";
        assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())));
    }
}
