//! The first line of a message in a paste: who said it, when, and the words that stand beside it.
//!
//! It must never decide whether a text is a chat: each shape here is that of some log as well. What breaks it: a page that
//! shows the time below the words.

use std::sync::LazyLock;

use evidence::Stamp;
use expressions::Expression;

use super::days;
use super::local::{self, Phone};
use super::names::{author, contact, is_name, names_level};
use crate::documents::page::Page;
use crate::documents::{when, zones};

/// What is known of a whole page.
#[derive(Clone, Copy, Default)]
pub struct Habits {
    pub month_first: bool,
    /// It has lines of a client of IRC: `<ann> words`, `-!- ann has joined`.
    pub is_irc: bool,
    /// Tabs part time, name and words, as in what LINE saves.
    pub is_tabbed: bool,
    /// Times as a phone writes them stand in front.
    pub phone: Option<Phone>,
}

/// What the first line of a message says.
#[derive(Default)]
pub struct Head {
    pub author: String,
    pub is_bot: bool,
    pub stamp: Option<Stamp>,
    /// Words on the same line.
    pub text: String,
    /// Lines that the head takes.
    pub lines: usize,
    /// The words follow on the same line, as in many logs.
    pub is_inline: bool,
    /// The time has its half of the day.
    pub is_halved: bool,
}

impl Head {
    fn above((author, is_bot): (String, bool), stamp: Stamp, lines: usize) -> Head {
        Head { author, is_bot, stamp: Some(stamp), lines, ..Head::default() }
    }

    fn inline((author, is_bot): (String, bool), stamp: Stamp, text: &str) -> Head {
        Head {
            author,
            is_bot,
            stamp: Some(stamp),
            text: text.trim_end().to_string(),
            lines: 1,
            is_inline: true,
            is_halved: false,
        }
    }
}

pub fn head(page: &Page<'_>, index: usize, habits: Habits) -> Option<Head> {
    let line = page.line(index);
    if line.len() > 4_000 || line.trim().is_empty() || is_of_a_kernel(&line) {
        return None;
    }
    if let Some(said) = habits.phone.and_then(|phone| local::plain(&line, phone)) {
        return phone_head(&said, habits);
    }
    let marked = inline_head(&line, habits).or_else(|| above_head(&line, habits)).or_else(|| split_head(page, index, habits));
    marked
        .or_else(|| dumped_head(&line))
        .or_else(|| dated_head(page, index))
        .or_else(|| bracketed_head(page, index, habits))
        .or_else(|| bare_head(page, index, habits))
}

/// `[2025-11-27 10:16:52] name: words`, `2025-11-27 10:16:52 - name: words`: contacts are called as whoever owns the phone likes.
fn phone_head(said: &str, habits: Habits) -> Option<Head> {
    let (front, rest) = said.split_at_checked(if said.starts_with('[') { 21 } else { 19 })?;
    let stamp = time(front.trim_matches(['[', ']']), habits)?;
    let rest = rest.trim_start_matches([' ', '-']);
    let (name, text) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|name| (name, "")))?;
    if local::is_of_the_app(rest) {
        return None;
    }
    Some(Head::inline(contact(name.trim_matches(|c: char| c == '\u{200e}' || c.is_whitespace()))?, stamp, text))
}

/// `> Ann Lee [U012AB3CD] @ 13/01/2025 14:51:10 Z:`, as slackdump writes it.
fn dumped_head(line: &str) -> Option<Head> {
    let (name, rest) = line.trim_start_matches(['>', '|', ' ', '\t']).split_once(" [")?;
    let (account, clock) = rest.split_once("] @ ")?;
    let is_account =
        account.starts_with(['U', 'W', 'B']) && account.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let (time, zone) = clock.trim_end().strip_suffix(':')?.rsplit_once(' ')?;
    let stamp = when::numeric(time, false).filter(|_| is_account)?;
    let stamp = if zone == "Z" { Stamp::new(stamp.micros, evidence::Basis::Zoned) } else { stamp };
    Some(Head::above(author(name)?, stamp, 1))
}

/// `Ann Lee 2025-03-02 14:07:33`, alone on its line with words below, as DingTalk, QQ and WeChat copy it.
fn dated_head(page: &Page<'_>, index: usize) -> Option<Head> {
    let line = page.line(index);
    let (front, clock) = line.trim_end().rsplit_once(' ')?;
    let (name, date) = front.rsplit_once(' ')?;
    let is_date = date.len() == 10 && date.bytes().filter(u8::is_ascii_digit).count() == 8;
    let stamp = when::read(&format!("{date} {clock}")).filter(|_| is_date && clock.matches(':').count() == 2)?;
    let (who, is_bot) = author(name).filter(|(who, _)| is_name(who))?;
    let below = page.line(index + 1);
    let is_followed = below.chars().any(char::is_alphabetic) && !below.starts_with(|c: char| c.is_ascii_digit());
    is_followed.then(|| Head::above((who, is_bot), stamp, 1))
}

/// A time alone on a line: the page shows only that above a further message of the same author. Where the times of the page
/// have a half of the day, this one may lack it: it is the next such time.
pub fn further(page: &Page<'_>, index: usize, before: Option<&(usize, Head)>) -> Option<Head> {
    const HALF: i64 = 43_200_000_000;
    let (_, before) = before.filter(|(at, h)| !h.is_inline && !h.author.is_empty() && index > at + h.lines)?;
    let line = page.line(index);
    let clock = unbracketed(&line);
    let mut stamp = when::clock(clock)?;
    if let Some(last) = before.stamp.filter(|_| before.is_halved && !is_halved(clock)) {
        let (of_half, last) = (stamp.micros.rem_euclid(HALF), last.micros.rem_euclid(2 * HALF));
        let later = if of_half + HALF < last {
            of_half
        } else if of_half < last {
            of_half + HALF
        } else {
            of_half
        };
        stamp.micros += later - stamp.micros.rem_euclid(2 * HALF);
    }
    let is_followed = page.line(index + 1).chars().any(char::is_alphabetic);
    is_followed.then(|| Head { is_halved: before.is_halved, ..Head::above((before.author.clone(), before.is_bot), stamp, 1) })
}

fn is_halved(clock: &str) -> bool {
    clock.trim_end_matches('.').ends_with(['M', 'm'])
}

/// What a client of IRC tells between the messages: who came and went, modes, topics.
pub fn is_notice(line: &str, habits: Habits) -> bool {
    if habits.phone.is_some_and(|phone| local::plain(line, phone).is_some_and(|said| phone_head(&said, habits).is_none())) {
        return true;
    }
    let marks = ["-!-", "-->", "<--", "***", "--\t", "<-- ", "--> "];
    let rest = || behind_time(line, habits).map(str::trim_start);
    rest().is_some_and(|rest| marks.iter().any(|mark| rest.starts_with(mark)))
}

/// `13:51 <@ann> words`, as clients of IRC write it.
pub fn is_of_irc(line: &str) -> bool {
    let Some(rest) = behind_time(line, Habits::default()).map(str::trim_start) else { return false };
    let parted = |inner: &'_ str| inner.find("> ").or_else(|| inner.find(">\t"));
    let nick = rest.strip_prefix('<').and_then(|inner| inner.get(..parted(inner)?)).map(str::trim);
    nick.is_some_and(|nick| !nick.contains(' ') && author(nick.trim_start_matches(['+', '%', '&', '~'])).is_some())
        || ["-!- ", "-->\t", "<--\t", "-->  ", "<--  "].iter().any(|mark| rest.starts_with(mark))
}

/// What stands behind the time of a line, which may stand in brackets: `[13:51:07] <ann> words`.
fn behind_time(line: &str, habits: Habits) -> Option<&str> {
    let Some((clock, rest)) = line.strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
        return leading_time(line, habits).map(|(_, rest)| rest);
    };
    time(clock, habits).map(|_| rest)
}

/// `13:51⇥Ann Lee⇥words`.
pub fn is_tabbed(line: &str) -> bool {
    let mut parts = line.splitn(3, '\t');
    let mut next = || parts.next().map(str::trim).unwrap_or_default();
    let (clock, name, text) = (next(), next(), next());
    when::clock(clock).is_some() && author(name).is_some() && !names_level(name) && !text.is_empty()
}

/// Whether a line begins with a time.
pub fn leads_with_time(line: &str, habits: Habits) -> bool {
    let is_in_brackets = || line.trim_start().strip_prefix('[')?.split_once(']').map(|(inner, _)| time(inner, habits).is_some());
    leading_time(line.trim_start_matches(['[', '(', ' ']), habits).is_some() || is_in_brackets().unwrap_or(false)
}

/// `[Tue Jan  9 11:22:37 2024] Out of memory: …`: `dmesg -T` writes times so, and no chat does.
fn is_of_a_kernel(line: &str) -> bool {
    let bytes = line.as_bytes();
    let is_word = |at: usize| bytes.get(at..at + 3).is_some_and(|word| word.iter().all(u8::is_ascii_alphabetic));
    let is_year = |bytes: &[u8]| bytes.len() == 4 && bytes.iter().all(u8::is_ascii_digit);
    bytes.first() == Some(&b'[')
        && is_word(1)
        && is_word(5)
        && bytes.get(25) == Some(&b']')
        && bytes.get(21..25).is_some_and(is_year)
}

/// `hana.k  7:34 AM`, `Hana K APP [7:34]`, `hana — Today at 7:34 PM`.
fn above_head(line: &str, habits: Habits) -> Option<Head> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let time = r"(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? +|\d{1,2} [A-Z][a-z]{2,8} \d{4},? (?:at )?)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?(?: (?:UTC|GMT|[A-Z]{2,4}T))?";
        let lead = r"(?:\s{2,}|\s*\t\s*|\s+[—–-]\s+|\s+(?:Today|Yesterday) at\s+|\s+\[|\s+\()";
        Expression::new(&format!(r"^\s?(\S.{{0,58}}?){lead}(?:(?:Today|Yesterday) at\s+)?({time})[\])]?:?\s*$")).ok()
    });
    static HALF: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"^\s?(\S.{0,58}?)(?:,?\s+(?:(?i:today|yesterday),? )?at)?\s+((?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? +)?\d{1,2}:\d{2}(?::\d{2})?\s?[AaPp]\.?[Mm]\.?)\s*$",
        )
        .ok()
    });
    if !ends_with_clock(line) {
        return None;
    }
    let shape = SHAPE.as_ref()?.captures(line).or_else(|| HALF.as_ref()?.captures(line))?;
    let who = author(shape.get(1)?.as_str())?;
    let clock = shape.get(2)?.as_str();
    Some(Head { is_halved: is_halved(clock), ..Head::above(who, time(clock, habits)?, 1) })
}

/// Whether a time of day is among the last bytes of a line: seconds, half of the day, zone and brackets may follow its minutes.
fn ends_with_clock(line: &str) -> bool {
    const BEHIND: usize = 28;
    let line = line.trim_end().as_bytes();
    let tail = &line[line.len().saturating_sub(BEHIND)..];
    tail.windows(3).any(|three| three[0].is_ascii_digit() && three[1] == b':' && three[2].is_ascii_digit())
}

/// `Ann Lee 14:07` or `Ann at 14:07`: a name and a time of day with nothing to part them, so the name has to look like
/// one and words have to stand below.
fn bare_head(page: &Page<'_>, index: usize, habits: Habits) -> Option<Head> {
    let line = page.line(index);
    let (name, stamp) = bare_name(&line, habits)?;
    let (who, is_bot) = author(name)?;
    let below = page.line(index + 1);
    let is_talk = below.chars().any(char::is_alphabetic) && below.len() < 4_000 && !leads_with_time(&below, habits);
    let is_other = bare_name(&below, habits).and_then(|(name, _)| author(name.trim())).is_some_and(|(name, _)| is_name(&name));
    let is_followed = is_talk && !is_other && above_head(&below, habits).is_none();
    (is_followed && is_name(&who)).then(|| Head::above((who, is_bot), stamp, 1))
}

fn bare_name(line: &str, habits: Habits) -> Option<(&str, Stamp)> {
    let (name, clock) = line.trim_end().trim_end_matches(':').rsplit_once(' ')?;
    let stamp = time(clock, habits).filter(|_| clock.len() <= 8 && clock.contains(':'))?;
    Some((name.trim_end().strip_suffix(" at").unwrap_or(name).trim_end_matches([',', ' ']), stamp))
}

/// A name on a line and the time alone on the next, behind the badge that marks a bot: `  7:34 AM`, `APP  3:03 PM`. Where
/// the time has no half of the day, it stands apart on the page as the head of a message does, for a further message of
/// somebody else begins so, too.
fn split_head(page: &Page<'_>, index: usize, habits: Habits) -> Option<Head> {
    const BADGES: [&str; 6] = ["APP", "BOT", "WORKFLOW", "App", "Bot", "Workflow"];
    let below = page.line(index + 1);
    let clock = unbracketed(&below);
    let badge = BADGES.iter().find_map(|badge| clock.strip_prefix(badge)?.strip_prefix([' ', '\t']));
    let clock = behind_status(badge.unwrap_or(clock)).trim();
    if clock.len() > 24 {
        return None;
    }
    let stamp = time(clock, habits)?;
    let (author, is_bot) = author(page.line(index).trim())?;
    let is_apart = || {
        let begins = index == 0 || page.is_blank(index - 1) || days::is_divider(&page.line(index - 1));
        begins && below.starts_with([' ', '\t']) && author.chars().count() > 2 && is_name(&author) && !page.is_blank(index + 2)
    };
    let is_halved = is_halved(clock);
    let is_head = badge.is_some() || is_halved || clock.contains(':') && is_apart();
    is_head.then(|| Head { is_halved, ..Head::above((author, is_bot || badge.is_some()), stamp, 2) })
}

/// `:palm_tree:  9:10 AM`: what somebody shows beside the name.
fn behind_status(clock: &str) -> &str {
    let status = |rest: &'_ str| {
        rest.find(':').filter(|end| rest[..*end].bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+".contains(&b)))
    };
    let inner = clock.strip_prefix(':').and_then(|rest| Some((rest, status(rest).filter(|end| *end > 0)?)));
    inner.map_or(clock, |(rest, end)| &rest[end + 1..])
}

fn unbracketed(line: &str) -> &str {
    line.trim().trim_start_matches('[').trim_end_matches(']')
}

/// `[07:34] name: words`, `07:34 <name> words`, `14/11/2025, 18:40 - name: words`, `2025-03-02 07:34 name: words`.
fn inline_head(line: &str, habits: Habits) -> Option<Head> {
    let line = line.trim_start_matches(['\u{200e}', '\u{feff}', ' ']);
    let (stamp, rest) = match line.strip_prefix(['[', '(']) {
        Some(inner) => {
            let end = inner.find([']', ')'])?;
            (time(&inner[..end], habits)?, &inner[end + 1..])
        }
        None => leading_time(line, habits)?,
    };
    let rest = rest.trim_start_matches([' ', '\t', '-', '–', '—', ':', ',']);
    let is_dated = line.starts_with('[') && line.find('/') < line.find(']');
    if is_dated && !rest.contains(':') && line.contains('/') {
        return Some(Head::above(author(rest)?, stamp, 1));
    }
    let tabbed = || rest.split_once('\t').filter(|_| habits.is_tabbed);
    if let Some((name, text)) = of_a_call(rest).or_else(|| of_irc(line, rest, habits)).or_else(tabbed) {
        let who = author(name)?;
        return Some(if text.is_empty() { Head::above(who, stamp, 1) } else { Head::inline(who, stamp, text) });
    }
    let (name, text) = match rest.strip_prefix('<') {
        Some(inner) => inner.split_once("> ").or_else(|| inner.split_once(">\t"))?,
        None => rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|n| (n, "")))?,
    };
    Some(Head::inline(author(name)?, stamp, text))
}

/// `From Ann Lee to Everyone: words`, in the chat of a call; the words may stand on the lines below. Older ones have
/// `From Ann Lee : words`.
fn of_a_call(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix("From ")?.trim_start();
    let Some((name, after)) = rest.split_once(" to ").filter(|(name, _)| !name.contains(" : ")) else {
        return rest.split_once(" : ").map(|(name, text)| (name.trim(), text.trim()));
    };
    let (to, text) = after.split_once(':')?;
    (to.trim().chars().count() <= 60).then(|| (name.trim(), text.trim()))
}

/// `date⇥nick⇥words` and `* nick does something`, where the page is one of a client of IRC.
fn of_irc<'a>(line: &'a str, rest: &'a str, habits: Habits) -> Option<(&'a str, &'a str)> {
    if !habits.is_irc {
        return None;
    }
    let marks = ['@', '+', '%', '&', '~', ' '];
    if let Some(deed) = rest.strip_prefix('*').filter(|deed| deed.starts_with([' ', '\t'])) {
        return deed.trim().split_once(' ');
    }
    let (_, said) = line.split_once('\t').filter(|(time, _)| !time.contains('<'))?;
    let (nick, text) = said.split_once('\t')?;
    let nick = nick.trim_start_matches(marks);
    (!nick.contains(' ') && !nick.is_empty()).then_some((nick, text))
}

/// `[20.05.2025 10:42] Ann Lee`, as a paste from Teams has it: time and name alone on the line. Logs begin so, too, hence the
/// name has to look like one, the time counts no seconds, and words have to stand below.
fn bracketed_head(page: &Page<'_>, index: usize, habits: Habits) -> Option<Head> {
    let line = page.line(index);
    let (clock, name) = line.trim_start_matches(['\u{200e}', '\u{feff}', ' ']).strip_prefix('[')?.split_once(']')?;
    let stamp = time(clock, habits).filter(|_| clock.matches(':').count() == 1)?;
    // `Lee, Ann (Guest)`: how an organisation lists its people, and that somebody is of another one.
    let name = name.split_once(" (").filter(|(_, more)| more.trim_end().ends_with(')')).map_or(name, |(name, _)| name);
    let (author, is_bot) = author(name)?;
    let plain = author.split_once(", ").map_or_else(|| author.clone(), |(last, first)| format!("{first} {last}"));
    let below = (index + 1..page.len()).find(|i| !page.is_blank(*i)).map(|i| page.line(i))?;
    let is_followed = below.chars().any(char::is_alphabetic) && !leads_with_time(&below, habits);
    (is_followed && is_name(&plain)).then(|| Head::above((author, is_bot), stamp, 1))
}

/// `Nov 27 10:16:52 <ann>⇥words`: syslog writes times so as well, but no nick behind them.
fn of_hexchat(line: &str) -> Option<(Stamp, &str)> {
    let (clock, rest) = line.split_at_checked(15).filter(|_| line.starts_with(|c: char| c.is_ascii_uppercase()))?;
    let bare = rest.strip_prefix(' ')?;
    let is_nick = || bare.strip_prefix('<')?.split_once(">\t").map(|(nick, _)| !nick.contains(' '));
    let is_talk = bare.starts_with("*\t") || is_nick().unwrap_or(false);
    Some((when::read(clock).filter(|_| is_talk)?, rest))
}

/// The longest run of words at the front that is a time.
fn leading_time(line: &str, habits: Habits) -> Option<(Stamp, &str)> {
    if let Some(found) = of_hexchat(line) {
        return Some(found);
    }
    if !line.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let ends: Vec<usize> = line.match_indices([' ', '\t']).map(|(i, _)| i).take(4).collect();
    // `ERROR` behind a time is none of its zones.
    let is_time = |end: &usize| !names_level(line[..*end].rsplit(' ').next().unwrap_or(""));
    ends.into_iter()
        .rev()
        .filter(is_time)
        .find_map(|end| Some((time(line[..end].trim_end_matches([',', ':', '-', ' ']), habits)?, &line[end..])))
}

fn time(text: &str, habits: Habits) -> Option<Stamp> {
    let text = text.trim();
    // Programs count seconds; no page shows that to people.
    if text.len() > 8
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !text.contains("..")
        && text.matches('.').count() < 2
    {
        return None;
    }
    when::clock(without_day(text))
        .or_else(|| when::numeric(text, habits.month_first))
        .or_else(|| in_zone(text, habits))
        .or_else(|| if text.len() >= 10 { when::read(text) } else { None })
}

/// `Yesterday 10:16`, `Thursday 10:16`, as a paste from Teams has it soon after.
fn without_day(text: &str) -> &str {
    const DAYS: [&str; 26] = [
        "today",
        "yesterday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "heute",
        "gestern",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "hoy",
        "ayer",
        "hier",
        "hoje",
        "ontem",
        "oggi",
        "ieri",
        "vandaag",
    ];
    let parted = text.split_once(' ').filter(|(day, _)| DAYS.contains(&day.trim_end_matches(',').to_lowercase().as_str()));
    parted.map_or(text, |(_, clock)| clock.trim_start_matches("at ").trim_start_matches("um ").trim_start())
}

/// A time behind which its zone stands: `10:11 UTC`, `3/18 1:54 PM CET`.
fn in_zone(text: &str, habits: Habits) -> Option<Stamp> {
    let (time, zone) = text.rsplit_once(' ')?;
    let stamp = when::clock(time).or_else(|| when::numeric(time, habits.month_first))?;
    Some(zones::at(stamp, zones::abbreviated(zone)?, None))
}
