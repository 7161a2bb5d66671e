//! What happens in the invented shop, one entry after the other, before it is written in any way. Must never know how
//! lines look. It misleads where what is said depends on what was said before: entries are drawn one by one.

use std::fmt::Write;

use crate::random::Random;
use crate::words;

/// The seed is part of what a corpus is: another one makes every number measured on the old one worthless.
const SEED: u64 = 20_261_128;
/// Milliseconds of two hours.
const SPAN: f64 = 7_200_000.0;
/// From this share of the time on, the pool is exhausted, and so many of a hundred entries say so.
const INCIDENT_FROM: f64 = 0.6;
const INCIDENT_PERCENT: u64 = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// In small letters.
    pub fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    /// In capital letters.
    pub fn loud(self) -> &'static str {
        match self {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Milliseconds since nine o'clock.
    pub at: u64,
    pub level: Level,
    pub service: &'static str,
    pub message: String,
    /// 32 hexadecimal digits.
    pub trace: String,
    pub pod: String,
    pub duration_ms: u64,
    /// A request: its path, and the status with which it was answered.
    pub path: String,
    pub status: u16,
    pub ip: String,
    /// Of an error, now and then.
    pub stack: Vec<String>,
    /// For what else is written.
    pub number: u64,
}

/// Entries in the order of their time.
pub struct Entries(Random);

impl Default for Entries {
    fn default() -> Self {
        Entries::new()
    }
}

impl Entries {
    pub fn new() -> Entries {
        Entries(Random::new(SEED))
    }

    /// The next one, when so much of the time is over (0 to 1).
    pub fn draw(&mut self, share: f64) -> Entry {
        let random = &mut self.0;
        let failing = share >= INCIDENT_FROM && random.percent(INCIDENT_PERCENT);
        let (level, service, message) = if failing {
            let (service, message) = *random.one_of(&words::INCIDENT);
            (Level::Error, service, message)
        } else {
            let (level, messages) = ordinary(random);
            let service = words::SERVICES[random.mostly_small(words::SERVICES.len() as u64) as usize];
            (level, service, messages[random.mostly_small(messages.len() as u64) as usize])
        };
        let path = *random.one_of(&words::PATHS);
        Entry {
            at: (share * SPAN) as u64,
            level,
            service,
            message: filled(message, random),
            trace: format!("{:016x}{:016x}", random.draw(), random.draw()),
            pod: pod(service, random.below(4)),
            duration_ms: random.mostly_small(if failing { 9_000 } else { 400 }),
            path: filled(path, random),
            status: status(failing, random),
            ip: filled("{ip}", random),
            stack: if level == Level::Error && random.percent(60) { stack(random) } else { Vec::new() },
            number: random.draw() >> 12,
        }
    }
}

fn ordinary(random: &mut Random) -> (Level, &'static [&'static str]) {
    match random.below(1_000) {
        0..140 => (Level::Debug, &words::DEBUG),
        140..970 => (Level::Info, &words::INFO),
        970..997 => (Level::Warn, &words::WARN),
        _ => (Level::Error, &words::ERROR),
    }
}

fn status(failing: bool, random: &mut Random) -> u16 {
    match random.below(100) {
        _ if failing => 503,
        0..88 => 200,
        88..93 => 304,
        93..97 => 404,
        97..99 => 302,
        _ => 500,
    }
}

/// The same four for a service in every run.
fn pod(service: &str, which: u64) -> String {
    let sum = service.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let hash = Random::new(sum).draw();
    let end = Random::new(sum + which).draw();
    let letters: String =
        (0..5).map(|place| char::from(b"bcdfghjklmnpqrstvwxz2456789"[(end >> (8 * place)) as usize % 27])).collect();
    format!("{service}-{:09x}-{letters}", hash & 0xf_ffff_ffff)
}

fn stack(random: &mut Random) -> Vec<String> {
    let exception = *random.one_of(&words::EXCEPTIONS);
    let mut lines = vec![filled(exception, random)];
    let first = random.below(words::FRAMES.len() as u64) as usize;
    let frames = words::FRAMES.iter().cycle().skip(first).map(|frame| format!("\tat {frame}"));
    lines.extend(frames.take(5 + random.below(12) as usize));
    if random.percent(40) {
        lines.push("Caused by: java.net.ConnectException: Connection refused".into());
        lines.push(format!("\t... {} more", 3 + random.below(40)));
    }
    lines
}

/// A message with values in place of the words in braces.
fn filled(template: &str, random: &mut Random) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        value(name, random, &mut text);
        rest = after;
    }
    text.push_str(rest);
    text
}

fn value(name: &str, random: &mut Random, text: &mut String) {
    // Writing to a text cannot fail.
    let _ = match name {
        "n" => write!(text, "{}", random.below(1_000_000)),
        "small" => write!(text, "{}", 1 + random.below(96)),
        "ms" => write!(text, "{}", 1 + random.mostly_small(3_000)),
        "port" => write!(text, "{}", 1_024 + random.below(60_000)),
        "hex" => write!(text, "{:016x}", random.draw()),
        "ip" => write!(text, "10.{}.{}.{}", random.below(256), random.below(256), 1 + random.below(254)),
        "id" => {
            let (high, low) = (random.draw(), random.draw());
            let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
            write!(text, "{a:08x}-{b:04x}-4{c:03x}-a{:03x}-{:012x}", low >> 52, low & 0xffff_ffff_ffff)
        }
        "service" => write!(text, "{}", random.one_of(&words::SERVICES)),
        "table" => write!(text, "{}", random.one_of(&words::TABLES)),
        "topic" => write!(text, "{}", random.one_of(&words::TOPICS)),
        "path" => {
            let path = *random.one_of(&words::PATHS);
            text.push_str(&filled(path, random));
            Ok(())
        }
        _ => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_filled_in() {
        let mut random = Random::new(1);
        let incident = words::INCIDENT.map(|(_, message)| message);
        let all = words::DEBUG
            .iter()
            .chain(&words::INFO)
            .chain(&words::WARN)
            .chain(&words::ERROR)
            .chain(&incident)
            .chain(&words::PATHS);
        for template in all {
            let text = filled(template, &mut random);
            assert!(!text.contains(['{', '}']) && text.len() >= template.replace(['{', '}'], "").len() / 2, "{text}");
        }
    }

    #[test]
    fn a_service_has_four_pods() {
        let pods: std::collections::BTreeSet<String> = (0..100).map(|which| pod("seating", which % 4)).collect();
        assert_eq!(pods.len(), 4);
    }
}
