//! The time in front of a message as phones write it, in the order, the digits and the words of a country.
//!
//! What WhatsApp saves has the shape `[date, time] name: words` or `date, time - name: words`; how date and time look is the phone's
//! affair: `27-11-25, 10:16:52`, `27.11.2025 klo 10.16`, `2025. 11. 27. 오전 10:16`, `27/11/2568`. Here such a front is written as all
//! others are. It must never decide whether a text is a chat, nor who speaks. What breaks it: dates of a page that all fit both orders.

use std::sync::LazyLock;

use expressions::Expression;

use crate::documents::page::Page;

/// Lines that tell the order of a page.
const LOOK: usize = 400;
/// Lines above which a front has to stand first: what people quote in another chat stands deeper.
const HEADING: usize = 3;
/// Bytes within which the front of a line ends.
const FRONT: usize = 80;
/// The calendar of Thailand is ahead by so many years.
const BUDDHIST: i32 = 543;

/// What a page of such lines is like.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Phone {
    pub month_first: bool,
    /// What only the app writes stands in it: marks of direction before its own words, `<Media omitted>`.
    pub is_marked: bool,
}

/// What the fronts of a page have in common; `None` where fewer than two lines have one, or none of the first ones.
pub fn phone(page: &Page<'_>) -> Option<Phone> {
    let mut full = (0..page.len().min(LOOK)).filter(|index| !page.is_blank(*index)).take(HEADING);
    if !full.any(|index| front(&page.line(index)).is_some()) {
        return None;
    }
    let (mut fronts, mut is_marked, mut has_half, mut told) = (0_usize, false, false, None);
    for index in 0..page.len().min(LOOK) {
        let line = page.line(index);
        let Some(front) = front(&line) else { continue };
        fronts += 1;
        is_marked |= is_of_the_app(&front.rest) || front.rest.contains('\u{200e}');
        let [a, b, _] = front.date;
        has_half |= front.has_half && front.by_slash;
        if a < 1_000 && told.is_none() {
            told = if a > 12 { Some(false) } else { (b > 12).then_some(true) };
        }
    }
    (fronts >= 2).then(|| Phone { month_first: told.unwrap_or(has_half), is_marked })
}

/// The line with its time as `2025-11-27 10:16:52`; `None` where its front is of another kind.
pub fn plain(line: &str, phone: Phone) -> Option<String> {
    let front = front(line)?;
    let [a, b, c] = front.date;
    let (year, month, day) = match (a >= 1_000, phone.month_first) {
        (true, _) => (a, b, c),
        (false, true) => (c, a, b),
        (false, false) => (c, b, a),
    };
    let year = if year < 100 { year + 2_000 } else { year };
    let year = if year > 2_400 { year - BUDDHIST } else { year };
    let (hour, minute, second) = front.clock;
    let (open, close) = if front.is_bracketed { ("[", "]") } else { ("", " -") };
    let rest = front.rest.trim_start();
    Some(format!("{open}{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{close} {rest}"))
}

/// What the app says in place of words: a picture that was left out, a message that was deleted.
pub fn is_of_the_app(text: &str) -> bool {
    let said = text.split_once(": ").map_or(text, |(_, said)| said).trim();
    let is_framed = said.starts_with('<') && said.ends_with('>') && said.matches('<').count() == 1 && said.contains(' ');
    said.starts_with('\u{200e}') || is_framed
}

/// Words without the marks that turn the direction of reading, which an app sets around names and its own words; and whether it says
/// behind them that they were changed.
pub fn words(text: &str) -> (String, bool) {
    let edited = text.rfind("\u{200e}<").filter(|_| text.trim_end().ends_with('>'));
    let said = edited.map_or(text, |at| &text[..at]);
    (said.chars().filter(|c| !is_mark(*c)).collect::<String>().trim_end().to_string(), edited.is_some())
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

struct Front {
    is_bracketed: bool,
    date: [i32; 3],
    clock: (u8, u8, u8),
    has_half: bool,
    by_slash: bool,
    rest: String,
}

fn front(line: &str) -> Option<Front> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let joint = r"(?P<joint>[-/.]|\. |년 ?|年)";
        let date = format!(r"(?P<a>\d{{1,4}}){joint}(?P<b>\d{{1,2}})(?:[-/.]|\. |월 ?|月)(?P<c>\d{{1,4}})(?:\.|일|日)?");
        let words = r"(?:klo|kl\.?|à|às|a las|um|at|alle|ore|om|op|godz\.|o|в|у|lúc)";
        let half = r"[AaPp]\.? ?[Mm]\.?|오전|오후|上午|下午|午前|午後|凌晨|早上|中午|晚上|ص|م|π\.?μ\.?|μ\.?μ\.?|SA|CH|ÖÖ|ÖS";
        let clock = r"(?P<h>\d{1,2})[:.](?P<m>\d{2})(?:[:.](?P<s>\d{2}))?";
        let end = r"(?:\](?: |$)|(?P<dash> [-–] )|(?P<comma>, )(?:[^:]{1,60} : ))";
        Expression::new(&format!(
            r"^(?P<open>\[)?{date}(?:,? ?{words} |,? )(?P<early>(?:{half}) ?)?{clock}(?: ?(?P<late>{half}))?{end}"
        ))
        .ok()
    });
    let bare = line.trim_start_matches(|c| is_mark(c) || c == ' ');
    let first = bare.chars().next()?;
    if first != '[' && !is_digit(first) {
        return None;
    }
    // Only the front is written anew: what people say stays as it is.
    let cut = bare.char_indices().map(|(at, _)| at).take_while(|at| *at <= FRONT).last()?;
    let cut = bare.find(']').filter(|end| first == '[' && *end < cut).unwrap_or(cut);
    let cut = bare.find(" - ").or_else(|| bare.find(" – ")).filter(|end| first != '[' && *end < cut).unwrap_or(cut);
    let written: String = bare[..cut].chars().filter(|c| !is_mark(*c)).map(as_ascii).collect::<String>() + &bare[cut..];
    let c = SHAPE.as_ref()?.captures(&written)?;
    let number = |name: &str| c.name(name).map_or(Some(0), |m| m.as_str().parse::<i32>().ok());
    let is_bracketed = c.name("open").is_some();
    let (is_dashed, by_comma) = (c.name("dash").is_some(), c.name("comma"));
    let end = by_comma.map_or(c.get(0)?.end(), |m| m.end());
    let rest = &written[end..];
    // In brackets a time alone begins what other tools copy, too.
    if is_bracketed == (is_dashed || by_comma.is_some()) || is_bracketed && !rest.contains(':') {
        return None;
    }
    let half = c.name("early").or(c.name("late")).map(|m| m.as_str().trim());
    let date = [number("a")?, number("b")?, number("c")?];
    let is_year = |n: i32| (1_000..3_000).contains(&n) || (0..100).contains(&n);
    let fits = if date[0] >= 1_000 { (1..=12).contains(&date[1]) && (1..=31).contains(&date[2]) } else { is_year(date[2]) };
    let hour = u8::try_from(number("h")?).ok()?;
    let (minute, second) = (u8::try_from(number("m")?).ok()?, u8::try_from(number("s")?).ok()?);
    let clock = (half.map_or(hour, |half| of_day(hour, half)), minute, second);
    let is_clock = clock.0 < 24 && minute < 60 && second < 60;
    let by_slash = c.name("joint").is_some_and(|m| m.as_str() == "/");
    // Countries with the day in front write small letters, or points: `10:16 am`, `10:16 a. m.`
    let has_half = half.is_some_and(|half| matches!(half, "AM" | "PM"));
    (fits && is_clock).then(|| Front { is_bracketed, date, clock, has_half, by_slash, rest: spaced(rest, by_comma.is_some()) })
}

/// `Ann Lee : words`, as phones in Korea write it.
fn spaced(rest: &str, is_spaced: bool) -> String {
    if is_spaced { rest.replacen(" : ", ": ", 1) } else { rest.to_string() }
}

fn of_day(hour: u8, half: &str) -> u8 {
    let first = half.chars().next().unwrap_or_default();
    let is_late =
        matches!(first, 'P' | 'p' | 'م') || ["오후", "下午", "午後", "晚上", "CH", "ÖS"].contains(&half) || half.starts_with('μ');
    let is_early = !is_late && half != "中午";
    match hour {
        12 if is_early => 0,
        1..=11 if is_late => hour + 12,
        _ => hour,
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

/// Digits, commas and blanks of any script as those of ASCII.
fn as_ascii(c: char) -> char {
    let digit = |zero: u32| char::from_digit(c as u32 - zero, 10).unwrap_or(c);
    match c {
        '\u{660}'..='\u{669}' => digit(0x660),
        '\u{6f0}'..='\u{6f9}' => digit(0x6f0),
        '،' => ',',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_anew_whatever_the_country_of_the_phone() {
        for (line, day_first) in [
            ("[27-11-25, 10:16:52] Ann: down?", "[2025-11-27 10:16:52] Ann: down?"),
            ("\u{200e}[27/11/25, 10:16:52] Ann: down?", "[2025-11-27 10:16:52] Ann: down?"),
            ("[27.11.2025 klo 10.16.52] Ann: down?", "[2025-11-27 10:16:52] Ann: down?"),
            ("[27.11.25, 10:16:52] Ann: down?", "[2025-11-27 10:16:52] Ann: down?"),
            ("[27/11/25, 10:16:52\u{202f}p.\u{a0}m.] Ann: down?", "[2025-11-27 22:16:52] Ann: down?"),
            ("[2025/11/27 下午10:16:52] Ann: down?", "[2025-11-27 22:16:52] Ann: down?"),
            ("27/11/2025, 12:16 a. m. - Ann: down?", "2025-11-27 00:16:00 - Ann: down?"),
            ("27/11/25, 10:16\u{202f}pm - Ann: down?", "2025-11-27 22:16:00 - Ann: down?"),
            ("27-11-2025 10:16 - Ann: down?", "2025-11-27 10:16:00 - Ann: down?"),
            ("27/11/25 10.16 - Ann: down?", "2025-11-27 10:16:00 - Ann: down?"),
            ("27/11/2025 à 10:16 - Ann: down?", "2025-11-27 10:16:00 - Ann: down?"),
            ("27/11/2568 10:16 - Ann: down?", "2025-11-27 10:16:00 - Ann: down?"),
            ("2025. 11. 27. 오후 1:16, Ann : down?", "2025-11-27 13:16:00 - Ann: down?"),
            ("2025년 11월 27일 오전 10:16, Ann : down?", "2025-11-27 10:16:00 - Ann: down?"),
            ("٢٧/١١/٢٠٢٥، ١٠:١٦ ص - Ann: down?", "2025-11-27 10:16:00 - Ann: down?"),
        ] {
            assert_eq!(plain(line, Phone::default()).as_deref(), Some(day_first), "{line}");
        }
        let american = Phone { month_first: true, is_marked: false };
        let line = "[11/27/25, 10:16:52\u{202f}AM] Ann: down?";
        assert_eq!(plain(line, american).as_deref(), Some("[2025-11-27 10:16:52] Ann: down?"));
    }

    #[test]
    fn what_other_programs_write_is_left_alone() {
        for line in [
            "2025-11-27 10:16:52,123 - root: started",
            "[27/Nov/2025:10:16:52 +0000] GET /",
            "[27/11/2025 10:16] Ann Lee",
            "10:16 - Ann: down?",
            "1.2.3.4 - - x",
            "Ann: 27/11/25, 10:16 - no",
        ] {
            assert_eq!(plain(line, Phone::default()), None, "{line}");
        }
    }

    #[test]
    fn words_of_the_app_are_told_from_those_of_people() {
        assert!(is_of_the_app("Ann: \u{200e}image omitted") && is_of_the_app("Ann: <Multimedia omitido>"));
        assert!(!is_of_the_app("Ann: <app> is down") && !is_of_the_app("Ann: load > 5"));
        assert_eq!(words("ask @\u{2068}Bo Ray\u{2069}"), ("ask @Bo Ray".into(), false));
        assert_eq!(words("it is down \u{200e}<This message was edited>"), ("it is down".into(), true));
    }
}
