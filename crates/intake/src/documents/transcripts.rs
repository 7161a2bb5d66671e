//! Transcripts of calls: WebVTT, SRT and SBV, with their speakers.
//!
//! The times of cues count from the beginning of a recording. They become times only where the text or the file's name
//! says when that was; else the messages have none, for a time of day would be a lie. Cues of one sentence by one speaker
//! are joined. What breaks it: a transcript without any speakers, which is left as text.

use std::sync::LazyLock;

use evidence::{Basis, Body, Event, Message, Stamp};
use expressions::Expression;

use super::page::Page;
use super::{Document, html, when};

/// Seconds between two cues beyond which they are no longer one sentence.
const PAUSE: i64 = 10;
/// Characters of a joined message.
const LONG: usize = 600;

/// Reads a transcript; `None` when the text is none.
pub fn read(page: &Page<'_>, name: &str) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "transcript".into(), ..Document::default() };
    let cues = cues(page, &mut document);
    let begin = beginning(page, &cues, name);
    let has_speakers = cues.iter().any(|c| !c.speaker.is_empty());
    for said in if has_speakers { joined(cues) } else { cues } {
        let place = page.place(said.first, said.last);
        if said.speaker.is_empty() {
            document.texts.push((place, said.text.replace('\n', " ")));
            continue;
        }
        let stamp = begin.map(|b| Stamp::new(b.micros.saturating_add(said.start.saturating_mul(1_000)), b.basis));
        let body = Message { author: said.speaker, text: said.text, ..Message::default() };
        document.events.push(Event { place, stamp, body: Body::Message(body) });
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the first lines are those of such a file.
pub fn is_likely(page: &Page<'_>) -> bool {
    let Some(first) = (0..page.len()).find(|i| !page.is_blank(*i)) else { return false };
    let is_subtitle = page.line(first).trim().bytes().all(|b| b.is_ascii_digit()) && times(&page.line(first + 1)).is_some();
    page.line(first).starts_with("WEBVTT") || is_subtitle || times(&page.line(first)).is_some()
}

struct Cue {
    /// Lines of the page, from the line of times to the last of the words.
    first: usize,
    last: usize,
    /// Milliseconds from the beginning of the recording.
    start: i64,
    end: i64,
    speaker: String,
    text: String,
}

/// All cues; lines that belong to none (notes, styles) go to the texts, numbers and names of cues to nobody.
fn cues(page: &Page<'_>, document: &mut Document) -> Vec<Cue> {
    let mut cues = Vec::new();
    let mut index = 0;
    while index < page.len() {
        let Some((start, end)) = times(&page.line(index)) else {
            let is_name = times(&page.line(index + 1)).is_some();
            document.texts.extend(page.record(index).filter(|(_, line)| !is_name && line.trim() != "WEBVTT"));
            index += 1;
            continue;
        };
        let stop = (index + 1..page.len()).find(|i| page.is_blank(*i) || times(&page.line(*i)).is_some()).unwrap_or(page.len());
        let words: Vec<String> = (index + 1..stop).map(|i| page.line(i).trim().to_string()).collect();
        let (speaker, text) = speaker(&words.join("\n"));
        if !text.is_empty() {
            cues.push(Cue { first: index, last: stop - 1, start, end, speaker, text });
        }
        index = stop.max(index + 1);
    }
    cues
}

/// `00:00:05.000 --> 00:00:08.000 align:start`, with a comma in SRT, without hours in WebVTT: milliseconds.
fn times(line: &str) -> Option<(i64, i64)> {
    if let Some((start, rest)) = line.split_once("-->") {
        return Some((millis(start.trim())?, millis(rest.split_whitespace().next()?)?));
    }
    // As Google Meet and YouTube write it: `0:00:05.000,0:00:08.000`.
    let (start, end) = line.trim().split_once(',').filter(|(start, end)| start.contains('.') && end.contains('.'))?;
    Some((millis(start)?, millis(end)?))
}

fn millis(text: &str) -> Option<i64> {
    let (clock, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let parts: Vec<i64> = clock.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let seconds = match parts.as_slice() {
        [h, m, s] => h.checked_mul(3_600)?.checked_add(m.checked_mul(60)?)?.checked_add(*s)?,
        [m, s] => m.checked_mul(60)?.checked_add(*s)?,
        _ => return None,
    };
    let fraction: i64 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    seconds.checked_mul(1_000)?.checked_add(fraction).filter(|ms| *ms >= 0)
}

/// Who speaks and what: `<v Ann Lee>words</v>`, `Ann Lee: words`.
fn speaker(words: &str) -> (String, String) {
    static VOICE: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new(r"<v(?:\.[\w.]+)?\s+([^>]{1,80})>").ok());
    if let Some(found) = VOICE.as_ref().and_then(|v| v.captures(words)) {
        return (found[1].trim().to_string(), html::text(words));
    }
    let text = html::text(words);
    let named = text.split_once(": ").filter(|(name, _)| is_name(name));
    match named {
        Some((name, rest)) => {
            (name.trim_start_matches(['-', ' ', '[']).trim_end_matches(']').to_string(), rest.trim().to_string())
        }
        None => (String::new(), text),
    }
}

/// Up to four short words, the first with a capital or all of an account's letters.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.trim_start_matches(['-', ' ', '[']).trim_end_matches(']').split(' ').collect();
    let is_plain = |w: &&str| w.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '\'' | '’' | '(' | ')'));
    let is_capital = words.first().is_some_and(|w| w.starts_with(char::is_uppercase));
    words.len() <= 4 && text.len() <= 60 && words.iter().all(is_plain) && (is_capital || words.len() == 1)
}

/// Cues joined to what one speaker says in one go; a cue without a speaker goes on with the one before.
fn joined(cues: Vec<Cue>) -> Vec<Cue> {
    let mut all: Vec<Cue> = Vec::new();
    for cue in cues {
        let goes_on = |before: &&mut Cue| {
            let is_ended = before.text.ends_with(['.', '?', '!']) || before.text.len() > LONG;
            let is_same = cue.speaker.is_empty() || cue.speaker == before.speaker && !is_ended;
            is_same && cue.start - before.end <= PAUSE * 1_000
        };
        match all.last_mut().filter(goes_on) {
            Some(before) => {
                before.text = format!("{} {}", before.text, cue.text);
                before.last = cue.last;
                before.end = cue.end;
            }
            None => all.push(cue),
        }
    }
    all
}

/// When the recording began: a time with a date in the lines before the first cue, else in the name of the file.
fn beginning(page: &Page<'_>, cues: &[Cue], name: &str) -> Option<Stamp> {
    let before = cues.first().map_or(0, |c| c.first).min(40);
    (0..before).find_map(|i| dated(&page.line(i))).or_else(|| dated(name.rsplit(['/', '!']).next().unwrap_or_default()))
}

/// `2025-01-01T10:00:00Z`, `2025-01-01 10-00`, `GMT20250101-100000`.
fn dated(text: &str) -> Option<Stamp> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"(GMT)?(\d{4})-?(\d{2})-?(\d{2})[T_ -]+(?:at )?(\d{2})[-:.h]?(\d{2})(?:[-:.]?(\d{2}))?(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?").ok()
    });
    let found = SHAPE.as_ref()?.captures(text)?;
    let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
    let second = if part(7).is_empty() { "00" } else { part(7) };
    let zone = if part(1).is_empty() { part(8) } else { "Z" };
    let stamp = when::read(&format!("{}-{}-{}T{}:{}:{second}{zone}", part(2), part(3), part(4), part(5), part(6)))?;
    matches!(stamp.basis, Basis::Zoned | Basis::Civil).then_some(stamp)
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// 2025-01-01T10:00:00Z.
    const AT: i64 = 1_735_725_600;

    /// Speaker, words, seconds since then, first and last line.
    type Said = (String, String, Option<(i64, Basis)>, u64, u64);

    fn check(name: &str, text: &str) -> Vec<Said> {
        assert!(sniff(name, text.as_bytes(), true), "{text}");
        let document = read_whole(name, SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a transcript");
        let seen = document.events.into_iter().map(|e| match e.body {
            Body::Message(m) => {
                (m.author, m.text, e.stamp.map(|s| (s.micros / 1_000_000 - AT, s.basis)), e.place.line, e.place.last_line)
            }
            other => panic!("{other:?}"),
        });
        seen.collect()
    }

    fn said(who: &str, what: &str, at: Option<(i64, Basis)>, lines: (u64, u64)) -> Said {
        (who.into(), what.into(), at, lines.0, lines.1)
    }

    const CALL: &str = "00:00:05.000 --> 00:00:07.500\n<v Ann Lee>We should roll</v>\n\n8a-1\n00:00:07.500 --> 00:00:09.000 align:start\n<v Ann Lee>back &amp; wait.</v>\n\n00:01:10.000 --> 00:01:12.000\n<v Bo>Done?\nyes</v>\n";

    #[test]
    fn cues_of_one_sentence_are_one_message_and_a_note_dates_them() {
        let text = format!("WEBVTT\n\nNOTE recorded 2025-01-01T10:00:00Z\n\n{CALL}");
        let at = |s| Some((s, Basis::Zoned));
        assert_eq!(
            check("call.vtt", &text),
            [said("Ann Lee", "We should roll back & wait.", at(5), (5, 10)), said("Bo", "Done?\nyes", at(70), (12, 14))]
        );
    }

    #[test]
    fn the_name_of_the_file_may_date_it_and_else_there_is_no_time() {
        let text = format!("WEBVTT\n\n{CALL}");
        assert_eq!(check("GMT20250101-100000_Recording.transcript.vtt", &text)[0].2, Some((5, Basis::Zoned)));
        assert_eq!(check("a/bridge 2025-01-01 10-00.vtt", &text)[0].2, Some((5, Basis::Civil)));
        assert_eq!(check("bridge.vtt", &text)[0].2, None);
    }

    #[test]
    fn subtitles_with_names_in_front_of_the_words() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nAnn Lee: is it the deploy?\n\n2\n00:00:03,000 --> 00:00:04,000\nI think so\n\n3\n00:01:03,000 --> 00:01:04,000\nbo: no: it is the cert\n";
        assert_eq!(
            check("call.srt", text),
            [said("Ann Lee", "is it the deploy? I think so", None, (2, 7)), said("bo", "no: it is the cert", None, (10, 11))]
        );
    }

    #[test]
    fn captions_without_an_arrow() {
        let text = "0:00:16.239,0:00:27.079\nAnn Lee: the cart is down\n\n0:00:28.239,0:00:30.079\nBo: looking\n";
        let said: Vec<(String, String)> = check("chat.sbv", text).into_iter().map(|(who, words, ..)| (who, words)).collect();
        assert_eq!(said, [("Ann Lee".into(), "the cart is down".into()), ("Bo".into(), "looking".into())]);
    }

    #[test]
    fn words_without_any_speaker_are_text() {
        let text = "WEBVTT\n\n00:01.000 --> 00:02.000\nwe are down\n";
        let document = read_whole("c.vtt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a transcript");
        assert_eq!((document.events.len(), document.texts[0].1.as_str(), document.texts[0].0.line), (0, "we are down", 3));
    }
}
