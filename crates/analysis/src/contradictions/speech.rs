//! What people state, sentence by sentence, and the times of day that stand in it.
//!
//! Must never know what is true. A time of day is in the zone of whoever wrote it, which nobody says: what is off by whole hours,
//! or by what else zones differ, is never held against anybody. Misled by ratios that are written like times (`3:30`).

use std::sync::LazyLock;

use evidence::Moment;

use crate::acts::{self, Act};
use crate::clocks;
use crate::findings::{Places, Side};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

const DAY: i64 = 86_400;
/// People look back so long.
const LATEST_S: f64 = 14.0 * 86_400.0;

/// What has no time was written so long after it was over, for what hangs on that.
const WRITTEN_S: f64 = 3_600.0;
/// Notes of so many lines are of one thing.
const SHORT: u64 = 30;
/// A file of more lines is no draft.
const LONGEST: u64 = 400;

/// A sentence that states something about what was.
#[derive(Clone, Copy)]
pub struct Sentence<'a> {
    pub message: &'a At<Utterance>,
    pub text: &'a str,
}

impl Sentence<'_> {
    /// One side of a contradiction; `value` stands in the sentence.
    pub fn side(&self, value: &str) -> Side {
        Side {
            value: value.to_string(),
            number: None,
            between: None,
            measure: None,
            stated_by: speaker(self.message),
            words: Some(self.text.to_string()),
            places: Places::one(self.message.place),
        }
    }

    /// Words that take the edge off whatever is said.
    pub fn is_loose(&self) -> bool {
        static LOOSE: LazyLock<Expression> = LazyLock::new(|| {
            constant(
                r"(?i)\b(?:maybe|perhaps|probably|possibly|i think|i guess|guess(?:ing)?|seems?|looks like|not sure|might|could be|should|would|if|unless|until|or so|more or less|let'?s|please|plan(?:ned)?|attempt\w*|tried|second|third|another|other|previous|separate|unrelated|tomorrow|yesterday|last (?:week|month|time|year)|used to)\b|\?",
            )
        });
        LOOSE.is_match(self.text)
    }
}

/// Who said it; a file that somebody wrote is nobody.
pub fn speaker(message: &At<Utterance>) -> Option<String> {
    Some(message.what.speaker.clone()).filter(|speaker| message.what.message.is_bot || speaker.starts_with('@'))
}

/// What people stated from the beginning of the incident on. Questions and what is to be done state nothing.
pub fn stated<'a>(incident: &Incident<'a>, written: &'a [At<Utterance>]) -> Vec<Sentence<'a>> {
    let (from, to) = (incident.window.from, incident.window.to.plus(LATEST_S));
    let people = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= from && m.at <= to);
    people.chain(written).flat_map(of_message).collect()
}

/// Lines of drafts and hand-overs that have no time: written when it was over, by whoever wrote the file. Of a file that is not
/// about one incident, only those that name a service that failed, or an alert.
pub fn written(incident: &Incident<'_>) -> Vec<At<Utterance>> {
    let scene = incident.scene;
    let at = incident.window.to.plus(WRITTEN_S);
    let alerts: Vec<&str> = scene.alerts.iter().filter(|a| a.what.firing).map(|a| a.what.name.as_str()).collect();
    let is_alert = |text: &str| alerts.iter().any(|name| name.len() >= 6 && crate::entities::word_at(text, name).is_some());
    let is_hurt = |text: &str| scene.entities.named_in(text).iter().any(|name| incident.hurt(name).is_some()) || is_alert(text);
    let mut found = Vec::new();
    for digest in scene.digests.iter().filter(|d| d.stamped == 0 && d.records <= LONGEST) {
        let Some(is_of_one) = draft(&digest.name) else { continue };
        let lines = digest.patterns.iter().flat_map(|pattern| &pattern.exemplars);
        // Few lines that somebody put among the notes, and that name what failed, are about this one.
        let is_of_one =
            is_of_one || digest.records <= SHORT && is_among_notes(&digest.name) && lines.clone().any(|line| is_hurt(&line.text));
        for line in lines.filter(|line| is_of_one || is_hurt(&line.text)) {
            let text = line.text.trim_start_matches([' ', '-', '*', '#', '>']).to_string();
            let said = acts::read(&text, &digest.name, false);
            let message = evidence::Message { author: digest.name.clone(), text, ..evidence::Message::default() };
            found.push(At { at, place: line.place, what: Utterance { message, speaker: digest.name.clone(), said } });
        }
    }
    found.sort_by_key(|line| line.place);
    found
}

/// What tickets and pages of the incident say of it, which is written on until they are closed.
pub fn tickets(incident: &Incident<'_>) -> Vec<At<Utterance>> {
    let window = &incident.window;
    let is_near = |at: Moment| at >= window.from.plus(-WRITTEN_S) && at <= window.to.plus(WRITTEN_S);
    let told = incident.scene.pages.iter().filter(|p| is_near(p.at) && !p.what.text.is_empty());
    let at = window.to.plus(WRITTEN_S);
    let of_page = |page: &At<evidence::Page>| {
        let text = page.what.text.clone();
        let message = evidence::Message { author: page.what.incident.clone(), text, ..evidence::Message::default() };
        let said = acts::read(&message.text, &message.author, false);
        let utterance = Utterance { speaker: message.author.clone(), said, message };
        At { at, place: page.place, what: utterance }
    };
    told.map(of_page).collect()
}

/// Their sentences.
pub fn sentences(messages: &[At<Utterance>]) -> impl Iterator<Item = Sentence<'_>> {
    messages.iter().flat_map(of_message)
}

/// Whether a file's name says that people wrote it about an incident, and whether about one.
fn draft(name: &str) -> Option<bool> {
    let lower = name.rsplit(['/', '!']).next().unwrap_or(name).to_lowercase();
    let is_text = [".md", ".txt", ".rst", ".adoc", ".docx", ".html"].iter().any(|end| lower.ends_with(end));
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_of_one = has(&["postmortem", "post-mortem", "post_mortem", "rca", "retro", "incident", "draft"]);
    let is_of_many = has(&["handover", "hand-over", "handoff", "notes", "summary", "report", "review", "shift", "standup"])
        || is_among_notes(name);
    (is_text && (is_of_one || is_of_many)).then_some(is_of_one)
}

/// In a folder of notes, and not called after all that a shift or a meeting had.
fn is_among_notes(name: &str) -> bool {
    const FOLDERS: [&str; 9] = ["notes", "note", "notizen", "notas", "appunti", "notities", "postmortem", "postmortems", "retro"];
    const OF_MANY: [&str; 8] = ["handover", "hand-over", "handoff", "shift", "standup", "meeting", "runbook", "readme"];
    let lower = name.to_lowercase();
    let mut parts = lower.rsplit(['/', '!']);
    let file = parts.next().unwrap_or_default();
    parts.any(|folder| FOLDERS.contains(&folder)) && !OF_MANY.iter().any(|word| file.contains(word))
}

fn of_message(message: &At<Utterance>) -> Vec<Sentence<'_>> {
    let text = message.what.message.text.as_str();
    let plans = |(start, end): (usize, usize)| {
        let said = message.what.said.iter().filter(|s| s.span.0 < end && s.span.1 > start);
        said.into_iter().any(|s| matches!(s.act, Act::ActionItem | Act::Prevention | Act::Decide))
    };
    let sentences = acts::relative_sentence_split(text).into_iter().filter(|span| !plans(*span));
    let sentences = sentences.map(|(start, end)| text[start..end].trim());
    let sentences = sentences.filter_map(|s| if acts::is_question(s) { before_a_tag(s) } else { Some(s) });
    sentences.map(|text| Sentence { message, text }).collect()
}

/// "fails since 18:50 they say, so since the release, right?": the last clause asks, what stands before it is told.
fn before_a_tag(question: &str) -> Option<&str> {
    static TAG: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)[,;] (?:(?:so|and so|then|donc|alors|also|entonces|então|quindi|dus|alltså|altså|więc) [^,;?]{2,48} )?(?:no|non|nah|right|correct|yes|oder|ne|gell|nicht wahr|verdad|né|vero|toch|eller hur|ikke sant|ikke|nie|prawda|huh|eh) ?\?+$",
        )
    });
    let tag = TAG.find(question)?;
    const ASKS: [&str; 12] = ["is", "are", "was", "were", "did", "do", "does", "has", "have", "can", "could", "should"];
    let asks = |told: &str| told.split(' ').next().is_some_and(|first| ASKS.contains(&first.to_lowercase().as_str()));
    let told = question[..tag.start()].trim();
    (!told.is_empty() && !asks(told) && !acts::is_question(told)).then_some(told)
}

/// A time of day as somebody wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told<'t> {
    /// `14:05`, `14:05:30`, `2:05 pm`.
    pub text: &'t str,
    /// Its bytes in the sentence, with what belongs to it.
    pub span: (usize, usize),
    /// Seconds of the day.
    pub second: i64,
    /// "about", "shortly after".
    pub is_about: bool,
    /// UTC is written behind it.
    pub is_utc: bool,
}

/// All times of day in a text.
pub fn times_in(text: &str) -> Vec<Told<'_>> {
    static TIME: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?P<about>(?:~|≈|\b(?:about|around|approx\.?|approximately|roughly|circa|ca\.?|some|nearly|almost|shortly|just|right|before|after|by|until|etwa|ungefähr|gegen|kurz|vor|nach|bis|omkring|cirka|ungefär|strax|före|efter|innan|før|etter|vers|environ|avant|après|(?:hacia|sobre|(?:alrededor|antes|después|cerca) de) las|(?:por volta|antes|depois|cerca) das|(?:verso|intorno alle|dopo) le|prima delle|rond|omstreeks|około|przed)\s+)+)?(?P<time>(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?P<half>\s?[ap]m\b)?)(?P<utc>\s?(?:UTC|GMT|Z)\b)?(?P<ish>-?ish\b)?",
        )
    });
    let told = TIME.captures_iter(text).filter_map(|c| {
        let (whole, time) = (c.get(0)?, c.name("time")?);
        let before = text[..time.start()].chars().next_back();
        let after = text[time.end()..].chars().next();
        let is_part = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ':' | '.' | '/' | '_'))
            || after.is_some_and(|c| c.is_ascii_digit() || matches!(c, ':' | '_'))
            || text[time.end()..].starts_with('.') && text[time.end() + 1..].starts_with(|c: char| c.is_ascii_digit());
        let number = |name: &str| c.name(name).map_or(Some(0), |m| m.as_str().parse::<i64>().ok());
        let (mut hour, minute, second) = (number("h")?, number("m")?, number("s")?);
        match c.name("half").map(|m| m.as_str().trim().to_ascii_lowercase()).as_deref() {
            Some("pm") if hour < 12 => hour += 12,
            Some("am") if hour == 12 => hour = 0,
            _ => {}
        }
        let is_time = hour < 24 && minute < 60 && second < 60;
        (is_time && !is_part).then(|| Told {
            text: time.as_str(),
            span: (whole.start(), whole.end()),
            second: hour * 3_600 + minute * 60 + second,
            is_about: c.name("about").is_some() || c.name("ish").is_some(),
            is_utc: c.name("utc").is_some(),
        })
    });
    told.collect()
}

impl Told<'_> {
    /// Seconds from a moment to this time of day in the zone that brings the two nearest, and that zone.
    pub fn from(&self, at: Moment) -> (i64, i64) {
        let apart = |zone: i64| {
            let own = (self.second - zone - at.seconds()).rem_euclid(DAY);
            if own > DAY / 2 { own - DAY } else { own }
        };
        let zones: Vec<i64> = if self.is_utc { vec![0] } else { clocks::candidates().collect() };
        let nearest = zones.into_iter().map(|zone| (apart(zone), zone)).min_by_key(|(apart, zone)| (apart.abs(), zone.abs()));
        nearest.unwrap_or((DAY, 0))
    }
}

/// The zone in which people write times of day: the one in which most of them are times of what was recorded; nothing where that
/// is none, or several. And how many times of day say so.
pub fn zone(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Option<(i64, usize)> {
    let scene = incident.scene;
    let recorded: Vec<i64> = (scene.deploys.iter().map(|d| d.at))
        .chain(scene.pages.iter().map(|p| p.at))
        .chain(scene.alerts.iter().map(|a| a.at))
        .chain(scene.flags.iter().map(|f| f.at))
        .map(Moment::seconds)
        .collect();
    let told: std::collections::BTreeSet<i64> =
        sentences.iter().flat_map(|s| times_in(s.text)).filter(|t| !t.is_about).map(|t| t.second).collect();
    let fits = |zone: i64| {
        let is_recorded = |second: &&i64| {
            recorded.iter().any(|at| (at + zone - **second).rem_euclid(DAY).min((*second - at - zone).rem_euclid(DAY)) <= 60)
        };
        told.iter().filter(is_recorded).count()
    };
    let most = clocks::candidates().map(fits).max().filter(|most| *most > 0)?;
    let mut best = clocks::candidates().filter(|zone| fits(*zone) == most);
    let zone = best.next()?;
    best.next().is_none().then_some((zone, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_and_ports_versions_and_dates_are_not() {
        let read = |text| times_in(text).into_iter().map(|t| (t.text, t.second, t.is_about)).collect::<Vec<_>>();
        assert_eq!(read("rolled back at 14:05, over by 14:20:30"), [("14:05", 50_700, false), ("14:20:30", 51_630, true)]);
        assert_eq!(read("down 2:05 pm-2:30 pm"), [("2:05 pm", 50_700, false), ("2:30 pm", 52_200, false)]);
        assert_eq!(read("around 09:10 UTC"), [("09:10", 33_000, true)]);
        for text in ["gegen 14:05 Uhr", "omkring 14:05", "hacia las 14:05", "por volta das 14:05", "około 14:05", "vers 14:05"] {
            assert_eq!(read(text), [("14:05", 50_700, true)], "{text}");
        }
        for text in ["um 14:05 Uhr", "kl. 14:05", "a las 14:05", "om 14:05 uur", "alle 14:05", "o 14:05", "às 14:05"] {
            assert_eq!(read(text), [("14:05", 50_700, false)], "{text}");
        }
        assert_eq!(read("10.0.0.1:11 and :20, 25:10, 12:5, 2025-01-01T10:00:00Z"), []);
    }

    #[test]
    fn a_text_among_the_notes_is_one_that_somebody_wrote() {
        assert_eq!(draft("notes/saturday evening.md"), Some(false));
        assert!(is_among_notes("notes/saturday evening.md") && !is_among_notes("notes/handover-12.md"));
        assert!(!is_among_notes("logs/saturday.txt") && draft("logs/saturday.txt").is_none());
    }

    #[test]
    fn before_a_tag_somebody_tells() {
        assert_eq!(before_a_tag("fails since 18:50, so since 7.0.3, right?"), Some("fails since 18:50, so since 7.0.3"));
        assert_eq!(before_a_tag("ça plante depuis 18h50, donc depuis la 7.0.3 non ?"), Some("ça plante depuis 18h50"));
        assert_eq!(before_a_tag("is it down since 18:50, right?"), None);
        assert_eq!(before_a_tag("since when, and for whom?"), None);
    }

    #[test]
    fn zones_are_never_held_against_anybody() {
        let at = Moment::from_seconds(14 * 3_600 + 15 * 60);
        let off = |text| times_in(text)[0].from(at);
        assert_eq!(off("14:05"), (-600, 0));
        assert_eq!(off("19:45"), (0, 19_800));
        assert_eq!(off("17:05"), (-600, 10_800));
        assert_eq!(off("17:15 UTC"), (10_800, 0));
    }
}
