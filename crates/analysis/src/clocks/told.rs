//! What a tool says of the clock of the machine it ran on: `260.1 seconds slow of NTP time` of `chronyc tracking`, the offset of
//! `ntpdate -q`; and what people say of one: "mail-2 runs 5:40 fast, its ntpd is dead".
//!
//! Must never take an offset for that of a log of which no name says that it is of that machine, nor a slow answer for a slow
//! clock. What breaks it: a clock that was set right between the log and the measurement; so two measurements that differ say
//! nothing.

use std::sync::LazyLock;

use evidence::{Body, Clock, RecordRef};

use crate::digest::Digest;
use expressions::{Expression, constant};

/// Less than this disturbs no order.
const LEAST_S: f64 = 1.0;
const MOST_S: f64 = 86_400.0;
/// A clock goes on drifting after it was measured, and before.
const DRIFT_S: i64 = 5;

/// What was measured of one machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub host: String,
    /// Negative where the machine is behind.
    pub offset_s: i64,
    /// `260.1 seconds slow`.
    pub words: String,
    pub text: String,
    /// Somebody says so, and no tool measured it.
    pub is_said: bool,
    pub place: RecordRef,
}

/// The measurements of all machines, each once, and what messages say of those that nobody measured.
pub fn find<'m>(digests: &[Digest], messages: impl Iterator<Item = (&'m str, RecordRef)>) -> Vec<Told> {
    let measured: Vec<Told> = digests.iter().flat_map(of_source).collect();
    let said: Vec<Told> = messages.filter_map(said).filter(|s| !measured.iter().any(|m| m.host == s.host)).collect();
    let mut found = [measured, said].concat();
    let all = found.clone();
    found.retain(|told| {
        let differs = |other: &Told| other.host == told.host && (other.offset_s - told.offset_s).abs() > DRIFT_S;
        !all.iter().any(differs)
    });
    found.retain(|told| (LEAST_S..=MOST_S).contains(&(told.offset_s as f64).abs()));
    found.dedup_by(|b, a| a.host == b.host);
    found
}

/// What people wrote, before the scene takes it.
pub fn messages(digests: &[Digest]) -> impl Iterator<Item = (&str, RecordRef)> {
    digests.iter().flat_map(|d| &d.events).filter_map(|e| match &e.body {
        Body::Message(m) if !m.deleted => Some((m.text.as_str(), e.place)),
        _ => None,
    })
}

fn of_source(digest: &Digest) -> Vec<Told> {
    let shown = || digest.patterns.iter().flat_map(|p| [&p.first].into_iter().chain(&p.exemplars));
    let measured = shown().find_map(|e| {
        let (seconds, words) = offset(&e.text)?;
        Some((seconds, words.to_string(), e.text.clone(), e.place))
    });
    let Some((seconds, words, text, place)) = measured else { return Vec::new() };
    let host = shown().find_map(|e| prompt(&e.text)).or_else(|| file(&digest.name)).or_else(|| folder(&digest.name));
    let told = host.map(|host| Told { host, offset_s: seconds.round() as i64, words, text, is_said: false, place });
    told.into_iter().collect()
}

fn said((text, place): (&str, RecordRef)) -> Option<Told> {
    let (host, offset_s, words) = match spoken(text) {
        Some((host, offset_s, words)) => (host.to_string(), offset_s, words.to_string()),
        None => translated(text)?,
    };
    Some(Told { host, offset_s, text: words.clone(), words, is_said: true, place })
}

/// The same in another language: the sentence that says so, in its own words.
fn translated(text: &str) -> Option<(String, i64, String)> {
    let sentences = text.split(['\n', '!', '?']).flat_map(clauses).map(str::trim);
    let may_tell = |sentence: &&str| sentence.contains(|c: char| c.is_ascii_digit()) || CLOCK.is_match(sentence);
    sentences.filter(may_tell).find_map(|sentence| {
        let english = crate::acts::in_english(sentence);
        let (host, offset_s, _) = spoken(&english)?;
        Some((host.to_string(), offset_s, sentence.trim_end_matches('.').to_string()))
    })
}

/// Its sentences; "ca. 7 minutes" ends none.
fn clauses(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, end) in line.match_indices(". ") {
        if !["ca", "Ca"].iter().any(|short| line[..at].ends_with(&format!(" {short}"))) {
            found.push(&line[start..at]);
            start = at + end.len();
        }
    }
    found.push(&line[start..]);
    found
}

fn in_words(number: &str) -> Option<f64> {
    const WORDS: [&str; 10] = ["a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let lower = number.to_lowercase();
    let place = WORDS.iter().position(|word| *word == lower).map(|at| at as f64 + 1.0);
    place.or_else(|| {
        Some(match lower.as_str() {
            "an" | "one" => 1.0,
            "fifteen" => 15.0,
            "twenty" => 20.0,
            "thirty" => 30.0,
            _ => return None,
        })
    })
}

static CLOCK: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(?:clocks?|s?ntpd?|chronyd?|timesyncd|time ?sync|w32time)\b"));

/// A machine, how many seconds it is ahead, and the sentence that says so, where a sentence is about a clock.
fn spoken(text: &str) -> Option<(&str, i64, &str)> {
    static OFF: LazyLock<Expression> = LazyLock::new(|| {
        let host = r"(?P<host>[a-z][\w-]*?\d[\w-]*|[a-z]+(?:-[a-z\d]+)+)(?:['’]s)?";
        let things = r"(?: (?:clocks?|time|system time|box(?:es)?|hosts?|nodes?|servers?|machines?|vms?))?";
        let runs = r"(?: (?:runs?|is running|are running|ran|is|are|was|were|goes)(?: still)?| (?:still )?(?:has|have)(?: still)?(?: a| the| its)? wrong clock[,:]?)";
        let amount = r"(?:(?P<h>\d{1,2}):(?P<m>\d\d):(?P<s>\d\d)|(?P<min>\d{1,3}):(?P<sec>\d\d)|(?P<n>\d+(?:\.\d+)?|a|an|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty)(?:[- ]?ish)? ?(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?: (?P<more>\d{1,2}) ?(?:s|secs?|seconds?))?)";
        constant(&format!(
            r"(?i)\b{host}{things}{runs}(?: (?:about|around|roughly|exactly|nearly|almost|some|approx\.?|ca\.?|circa|like|maybe|over))? ~?{amount}(?: (?:too|minutes|min))? (?P<way>fast|slow|ahead|behind|early|late)\b"
        ))
    });
    if !CLOCK.is_match(text) {
        return None;
    }
    let sentence = text.split_inclusive(['\n', '!', '?']).find(|s| OFF.is_match(s))?;
    let c = OFF.captures(sentence).filter(|_| CLOCK.is_match(sentence))?;
    let number = |name: &str| c.name(name).map_or(Some(0.0), |m| m.as_str().parse::<f64>().ok().or_else(|| in_words(m.as_str())));
    let unit = match c.name("unit").map(|u| u.as_str().to_ascii_lowercase()) {
        Some(unit) if unit.starts_with('h') => 3_600.0,
        Some(unit) if unit.starts_with('m') => 60.0,
        _ => 1.0,
    };
    let whole = number("h")? * 3_600.0 + (number("m")? + number("min")?) * 60.0 + number("s")? + number("sec")?;
    let seconds = whole + number("n")? * unit + number("more")?;
    let is_ahead = ["fast", "ahead", "early"].iter().any(|way| c["way"].eq_ignore_ascii_case(way));
    let host = c.name("host")?.as_str();
    Some((host, if is_ahead { seconds } else { -seconds }.round() as i64, c.get(0)?.as_str()))
}

/// Seconds that the clock is ahead, and the words that say so.
fn offset(text: &str) -> Option<(f64, &str)> {
    static CHRONY: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?m)^System time\s*:\s*(?P<words>(?P<n>\d+(?:\.\d+)?) seconds (?P<way>slow|fast)) of NTP time")
    });
    // The offset is what has to be added to the own time.
    static QUERY: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?m)^server \S+, stratum [1-9]\d?, (?P<words>offset (?P<n>[+-]?\d+(?:\.\d+)?)), delay"));
    if let Some(c) = CHRONY.captures(text) {
        let seconds: f64 = c["n"].parse().ok()?;
        return Some((if &c["way"] == "slow" { -seconds } else { seconds }, c.name("words")?.as_str()));
    }
    let c = QUERY.captures(text)?;
    let seconds: f64 = c["n"].parse().ok()?;
    Some((-seconds, c.name("words")?.as_str()))
}

/// The machine at whose prompt a command was typed: `root@db-2:~#`.
fn prompt(text: &str) -> Option<String> {
    static PROMPT: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?m)^\[?[a-z_][\w.-]*@(?P<host>[A-Za-z][\w-]*)[\w.-]*[: ][^$#%>]{0,60}[$#%>] "));
    PROMPT.captures(text).map(|c| c["host"].to_string())
}

/// The file is called after the machine and the tool: `db-2_chronyc.txt`, `ntpdate.db-2.txt`.
fn file(name: &str) -> Option<String> {
    const TOOLS: [&str; 9] = ["chronyc", "chrony", "tracking", "ntpdate", "ntpq", "ntp", "timedatectl", "clock", "time"];
    let file = name.rsplit(['/', '!']).next()?;
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let lower = stem.to_ascii_lowercase();
    let is_joint = |c: char| matches!(c, '-' | '_' | '.' | ' ' | '@');
    let without = TOOLS.iter().fold(lower.as_str(), |rest, tool| {
        let behind = rest.strip_suffix(tool).filter(|rest| rest.ends_with(is_joint));
        let before = || rest.strip_prefix(tool).filter(|rest| rest.starts_with(is_joint));
        behind.or_else(before).unwrap_or(rest).trim_matches(is_joint)
    });
    let is_machine = without.len() >= 3
        && without.len() < lower.len()
        && without.starts_with(|c: char| c.is_ascii_alphabetic())
        && without.contains(|c: char| c.is_ascii_digit())
        && without.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let at = lower.find(without)?;
    is_machine.then(|| stem[at..at + without.len()].to_string())
}

/// The folder of a machine bears its name, which has a number or a dash as a rule.
fn folder(name: &str) -> Option<String> {
    let folder = name.split(['/', '!']).rev().nth(1)?;
    let is_machine = folder.len() >= 3 && folder.contains(|c: char| c.is_ascii_digit());
    is_machine.then(|| folder.to_string())
}

/// The machine's name stands in that of the source as a whole word, or in all its records.
fn is_of(digest: &Digest, told: &Told) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '-';
    let is_whole = |(at, found): (usize, &str)| {
        let (before, after) = (&digest.name[..at], &digest.name[at + found.len()..]);
        !before.ends_with(joins) && !after.starts_with(joins)
    };
    // Or each of its records says that it is of that machine.
    let is_of_host = || digest.instances.len() == 1 && digest.instances.keys().all(|name| name.eq_ignore_ascii_case(&told.host));
    let is_named = || digest.name.match_indices(&told.host).any(is_whole) || is_of_host();
    digest.source != told.place.source && digest.stamped > 0 && is_named()
}

/// What was measured of the machine that a source is of.
pub fn of<'t>(digest: &Digest, all: &'t [Told]) -> Option<&'t Told> {
    all.iter().find(|told| is_of(digest, told))
}

/// The clock as it was decided otherwise, and what was measured of it.
pub fn measured(clock: &mut Clock, told: &Told) {
    clock.offset_s += told.offset_s;
    let how = if told.is_said { "told of" } else { "measured on" };
    clock.basis = format!("{how} {}, whose clock is off", told.host);
    clock.uncertainty_s = clock.uncertainty_s.max(DRIFT_S);
}

/// The clock was measured, or somebody told of it, as one that is off.
pub fn is_off(clock: &Clock) -> bool {
    clock.basis.contains(", whose clock is off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_told_of_is_off() {
        let source = evidence::SourceId { input: 0, entry: 0 };
        let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
        let words = "dc02 is 3 min fast".to_string();
        let told = Told { host: "dc02".into(), offset_s: 180, text: words.clone(), words, is_said: true, place };
        let mut clock = Clock::trusted();
        assert!(!is_off(&clock));
        measured(&mut clock, &told);
        assert!(is_off(&clock));
    }

    #[test]
    fn tools_say_how_far_the_clock_is_off() {
        assert_eq!(offset("System time     : 41.250000000 seconds fast of NTP time"), Some((41.25, "41.250000000 seconds fast")));
        assert_eq!(offset("System time     : 90.5 seconds slow of NTP time"), Some((-90.5, "90.5 seconds slow")));
        assert_eq!(offset("server 192.0.2.7, stratum 2, offset +12.5, delay 0.02"), Some((-12.5, "offset +12.5")));
        for text in
            ["Last offset     : +0.000012 seconds", "server 192.0.2.7, stratum 0, offset +12.5, delay 0.0", "3 seconds slow"]
        {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    #[test]
    fn people_say_how_far_a_clock_is_off() {
        for (text, told) in [
            ("all good. By the way mail-2 runs 5:40 fast, its ntpd is dead.", ("mail-2", 340)),
            ("web3's clock is 90 seconds behind", ("web3", -90)),
            ("mind you, fw-core is about 2 min 30 s ahead, no ntp there", ("fw-core", 150)),
            ("the clock of all boxes is fine but web3 runs four minutes fast", ("web3", 240)),
            ("careful, mail-gw boxes are 4 min behind, chronyd is dead on them", ("mail-gw", -240)),
            ("sw-core-2 still has wrong clock, 7 min ahead", ("sw-core-2", 420)),
            ("mind that fw-core's clock is 9-ish minutes slow", ("fw-core", -540)),
        ] {
            assert_eq!(spoken(text).map(|(host, s, _)| (host, s)), Some(told), "{text}");
        }
        for text in [
            "db-2 is 5 minutes behind",
            "the job on db-2 runs 30 seconds slow",
            "clock of the migration: mail-2 is done in 5 minutes",
            "mail-2 was up 5 minutes ahead of the release",
        ] {
            assert_eq!(spoken(text), None, "{text}");
        }
    }

    #[test]
    fn other_languages_say_so_too() {
        let told = translated("Nicht wundern. Achtung: web3 geht sechs Minuten vor, NTP ist dort aus. Danke").expect("a clock");
        assert_eq!((told.0.as_str(), told.1), ("web3", 360));
        assert_eq!(told.2, "Achtung: web3 geht sechs Minuten vor, NTP ist dort aus");
        let told = translated("Nicht wundern beim Vergleich, web3 geht ca. 6 Minuten vor (NTP ist dort aus)").expect("a clock");
        assert_eq!((told.0.as_str(), told.1), ("web3", 360));
        assert!(told.2.contains("web3 geht ca. 6 Minuten vor"), "as it was written: {}", told.2);
        assert_eq!(translated("web3 geht sechs Minuten vor der Abgabe offline"), None);
    }

    #[test]
    fn a_clock_is_told_of_in_other_languages() {
        let place = RecordRef { source: evidence::SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let text = "ps sw-core-2 har fortsatt feil klokke, 7 min foran";
        let told = said((text, place)).map(|t| (t.host, t.offset_s, t.words));
        assert_eq!(told, Some(("sw-core-2".to_string(), 420, text.to_string())));
        assert_eq!(said(("sw-core-2 har fortsatt feil, 7 min foran oss", place)), None, "nobody speaks of a clock");
    }

    #[test]
    fn the_machine_is_that_of_the_prompt_of_the_file_or_of_the_folder() {
        assert_eq!(prompt("root@db-2:~# chronyc tracking").as_deref(), Some("db-2"));
        assert_eq!(prompt("[ops@db-2.int ~]$ chronyc tracking").as_deref(), Some("db-2"));
        assert_eq!(prompt("mail ops@shop.example"), None);
        for (name, host) in [
            ("logs/db-2_chronyc.txt", Some("db-2")),
            ("chronyc-tracking-DB7.log", Some("DB7")),
            ("chronyc_2025-11-19.txt", None),
            ("notes-2.txt", None),
            ("chrony.txt", None),
            ("db-2 and db-3 chronyc.txt", None),
        ] {
            assert_eq!(file(name).as_deref(), host, "{name}");
        }
        assert_eq!(folder("db-2/tracking.txt").as_deref(), Some("db-2"));
        assert_eq!(folder("clocks/tracking.txt"), None);
        assert_eq!(folder("tracking.txt"), None);
    }
}
