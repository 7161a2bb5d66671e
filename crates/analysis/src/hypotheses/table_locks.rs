//! A change of a table that waits for the table, or holds it, while everybody else waits behind it.
//!
//! What it sees: a statement that changes a table, and records of others that wait for a lock, in the log of a database. Why it
//! matters: applications tell of slow queries only, and the statement behind them is what a migration brought. When it misleads: a
//! statement of this kind that was done at once, which is why the waiting must have begun with it and not before.

use std::sync::LazyLock;

use evidence::{Moment, RecordRef};

use crate::changes::{Candidate, is_migration};
use crate::digest::{Digest, Exemplar};
use crate::entities::word_at;
use crate::findings::{Places, Reason, Term};
use crate::incident::Incident;
use crate::signatures::{Catalogue, Signature};
use crate::weights;
use expressions::{Expression, constant};

/// Seconds before the first failure in which the statement began, and from it until the first one waits.
const BEFORE_S: f64 = 900.0;
const WAITS_S: f64 = 120.0;
/// Records of waiting that are too many to be the odd one of every day.
const LEAST: u64 = 5;
/// Seconds that a migration takes from when it was written to when it runs.
const RUNS_WITHIN_S: f64 = 86_400.0;

static ALTERS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?i)\b(?:alter table(?: if exists)?(?: only)?|lock table|create (?:unique )?index\b[^;]{0,80}? on|truncate(?: table)?|vacuum full|reindex table) [`"\[]?(?:\w+[`"\]]?\.[`"\[]?)?(\w{3,})"#,
    )
});
static WAITS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)still waiting for \w*(?:share|exclusive)\w*lock|waiting for .{0,20}metadata lock|lock wait timeout|due to lock timeout|acquired \w*exclusivelock .{0,80}after \d{4,}",
    )
});

/// What is listed as waiting has waited for so many seconds: a column of a list of processes, or what a log adds. A statement that is
/// logged when it is done has run for so long: the slow query log of MySQL, and what PostgreSQL writes of durations.
static WAITED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\|\s*(?P<s>\d{1,6})\s*\|\s*waiting for |\btime: (?P<t>\d{1,6})\s+state: waiting for |\bstill waiting for .{0,120}\bafter (?P<ms>\d{1,9})(?:\.\d+)? ms|\bquery_time: (?P<q>\d{1,6}(?:\.\d+)?)\s|\bduration: (?P<d>\d{1,9}(?:\.\d+)?) ms\s",
    )
});

/// When the waiting that a record tells of began: who looks at a list of processes sees what began long before, and so does who logs
/// what is done.
fn began(at: Moment, text: &str) -> Moment {
    let Some(found) = WAITED.captures(text) else { return at };
    let number = |name: &str| found.name(name).and_then(|n| n.as_str().parse::<f64>().ok());
    let seconds = ["s", "t", "q"].into_iter().find_map(number);
    let seconds = seconds.or_else(|| ["ms", "d"].into_iter().find_map(number).map(|ms| ms / 1_000.0));
    at.plus(-seconds.unwrap_or(0.0))
}

/// What logs a statement with how long it took writes when it is done.
fn is_done(text: &str) -> bool {
    WAITED.captures(text).is_some_and(|found| found.name("q").or(found.name("d")).is_some())
}

/// A statement that changed a table, and for which others waited.
pub struct Held {
    pub table: String,
    pub at: Moment,
    pub service: String,
    pub words: String,
    /// Its record was written when it was done, and `at` is when it began.
    pub is_done: bool,
    /// The statement first, then the first who waits.
    pub places: Places,
}

/// The table that a statement changes or takes for itself.
pub fn table_of(text: &str) -> Option<String> {
    ALTERS.captures(text).map(|c| c[1].to_lowercase())
}

/// Whether a record tells of somebody who waits for a lock.
pub fn is_waiting(text: &str) -> bool {
    WAITS.is_match(text)
}

/// The last such statement before the failure.
pub fn held(incident: &Incident<'_>) -> Option<Held> {
    let near = |at: Moment| at >= incident.window.from.plus(-BEFORE_S) && at <= incident.window.to;
    let waiting = waiting(incident, near);
    let (begun, place) = waiting.iter().map(|(at, place, _)| (*at, *place)).min()?;
    if waiting.iter().map(|(_, _, count)| count).sum::<u64>() < LEAST {
        return None;
    }
    let mut altering: Vec<Held> = Vec::new();
    for digest in &incident.scene.digests {
        let clock = incident.scene.clock(digest.source);
        for pattern in &digest.patterns {
            // The records of one kind differ in names and numbers, not in what they tell.
            if !ALTERS.is_match(&pattern.first.text) {
                continue;
            }
            for shown in pattern.exemplars.iter().chain([&pattern.first]) {
                let Some(at) = shown.stamp.and_then(|s| clock.moment(s)).filter(|at| near(*at)) else { continue };
                let at = began(at, &shown.text);
                let Some(table) = table_of(&shown.text) else { continue };
                let service = incident.scene.service_of(pattern.service.as_deref(), digest.source);
                let service = service.unwrap_or_else(|| "the database".into());
                let words = crate::signals::first_line(&shown.text);
                let is_done = is_done(&shown.text);
                altering.push(Held { table, at, service, words, is_done, places: Places::one(shown.place) });
            }
        }
    }
    let behind = |h: &&Held| (-1.0..=WAITS_S).contains(&begun.since(h.at)) && h.at <= incident.window.from.plus(60.0);
    let found = altering.iter().filter(behind).max_by_key(|h| (h.at, std::cmp::Reverse(h.places.first())))?;
    let places = found.places.and(&Places::one(place));
    let places = match listed(incident, &found.table) {
        Some(row) => places.and(&Places::one(row)),
        None => places,
    };
    Some(Held { table: found.table.clone(), service: found.service.clone(), words: found.words.clone(), places, ..*found })
}

/// The row of a list of processes in which the statement itself waits: who saved such a list wrote down who holds up whom, and no time.
fn listed(incident: &Incident<'_>, table: &str) -> Option<RecordRef> {
    let patterns = incident.scene.digests.iter().flat_map(|digest| &digest.patterns);
    let mut shown = patterns.filter(|pattern| pattern.first.stamp.is_none()).flat_map(|p| p.exemplars.iter().chain([&p.first]));
    let is_row = |shown: &&Exemplar| WAITED.is_match(&shown.text) && table_of(&shown.text).is_some_and(|own| own == *table);
    shown.find(is_row).map(|shown| shown.place)
}

/// Records of who waits for a lock: since when, and how many are of its kind.
fn waiting(incident: &Incident<'_>, near: impl Fn(Moment) -> bool) -> Vec<(Moment, RecordRef, u64)> {
    let of_digest = |digest: &Digest| -> Vec<(Moment, RecordRef, u64)> {
        let clock = incident.scene.clock(digest.source);
        let first = digest.patterns.iter().filter_map(|p| Some((clock.moment(p.first.stamp?)?, p)));
        let waits = first.filter(|(at, pattern)| near(*at) && is_waiting(&pattern.first.text));
        waits.map(|(at, pattern)| (began(at, &pattern.first.text), pattern.first.place, pattern.count)).collect()
    };
    incident.scene.digests.iter().flat_map(of_digest).collect()
}

impl Held {
    /// It is what a change brought: a migration that names the table, written before the statement ran.
    pub fn term(&self, incident: &Incident<'_>, candidate: &Candidate) -> Option<Term> {
        let commit = &incident.scene.commits[candidate.commit?].what;
        let lag = self.at.since(candidate.at);
        let names = |text: &str| {
            let snake = snake(text);
            word_at(&snake, &self.table).is_some() || snake.split(['_', ' ', '/', '.']).any(|word| word == self.table)
        };
        let is_it =
            is_migration(commit) && (names(&commit.message) || commit.files.iter().any(|f| names(&f.path) || names(&f.patch)));
        let reason = Reason::Seen { service: self.service.clone(), words: self.words.clone() };
        (is_it && (-60.0..=RUNS_WITHIN_S).contains(&lag)).then(|| Term {
            name: "seen in effect",
            value: weights::SEEN_LATE,
            reason,
            places: self.places.clone(),
        })
    }

    /// The failure that it is known as.
    pub fn signature() -> Option<&'static Signature> {
        Catalogue::load().get("db_migration")
    }
}

/// `AddWidthToParcels` as `add_width_to_parcels`.
fn snake(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut last = ' ';
    for c in text.chars() {
        if c.is_uppercase() && (last.is_lowercase() || last.is_ascii_digit()) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        last = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_the_table_that_it_changes() {
        let table = table_of;
        assert_eq!(table("statement: ALTER TABLE \"parcels\" ADD \"width\" integer").as_deref(), Some("parcels"));
        assert_eq!(table("ALTER TABLE public.parcels ADD COLUMN x int").as_deref(), Some("parcels"));
        assert_eq!(table("CREATE INDEX idx_width ON parcels (width)").as_deref(), Some("parcels"));
        assert_eq!(table("SELECT * FROM parcels"), None);
        assert_eq!(snake("AddWidthToParcels"), "add_width_to_parcels");
    }

    #[test]
    fn who_looks_later_sees_what_began_before() {
        let at = Moment::from_seconds(10_000);
        let listed = "| 12 | cart | 10.0.0.3:4 | shop | Query | 700 | Waiting for table metadata lock | select 1 from items |";
        assert_eq!(began(at, listed), Moment::from_seconds(9_300));
        let upright = "Command: Query\n   Time: 700\n  State: Waiting for table metadata lock";
        assert_eq!(began(at, upright), Moment::from_seconds(9_300));
        let logged = "process 12 still waiting for AccessShareLock on relation 9 of database 1 after 2000.1 ms";
        assert_eq!(began(at, logged), Moment::from_seconds(9_998));
        let slow = "# User@Host: ann[ann] @ [10.0.0.3] Id: 12\n# Query_time: 600.4  Lock_time: 599.9 Rows_sent: 0\nALTER TABLE items ADD x INT;";
        assert_eq!(began(at, slow), Moment::from_seconds(10_000).plus(-600.4));
        let lasted = "LOG:  duration: 600400.5 ms  statement: ALTER TABLE items ADD x int";
        assert!(is_done(slow) && is_done(lasted) && !is_done(listed));
        assert_eq!(began(at, lasted), Moment::from_seconds(10_000).plus(-600.4005));
        assert_eq!(began(at, "| 12 | cart | Sleep | 700 | | NULL |"), at);
    }

    #[test]
    fn who_waits_for_a_lock() {
        assert!(WAITS.is_match("process 12 still waiting for AccessShareLock on relation 9 of database 1 after 1000.1 ms"));
        assert!(WAITS.is_match("Waiting for table metadata lock"));
        assert!(!WAITS.is_match("waiting for the lock file"));
    }
}
