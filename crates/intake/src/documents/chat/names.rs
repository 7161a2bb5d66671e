//! Who may be an author: what names look like, and words that only programs write.
//!
//! It must never know where on a line a name stands. What breaks it: a person whose account is the name of a level.

use evidence::Level;

/// A name of a person or a bot: a few short words without the marks that programs put into theirs.
pub fn author(text: &str) -> Option<(String, bool)> {
    let text = text.trim().trim_start_matches('@').trim_end_matches(',');
    // Teams: `Ann Lee, Yesterday 9:10 AM`.
    let text = text.strip_suffix(", Yesterday").or_else(|| text.strip_suffix(", Today")).unwrap_or(text);
    let (text, is_bot) = match text.strip_suffix("APP").or_else(|| text.strip_suffix("BOT")) {
        Some(name) if name.ends_with([' ', '\t']) => (name.trim(), true),
        _ => (text, false),
    };
    // Discord numbers accounts of one name, and what posts by a webhook has none: `Ann#4711`, `Grafana#0000`.
    let numbered = text.rsplit_once('#').filter(|(_, n)| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()));
    let (text, is_bot) = numbered.map_or((text, is_bot), |(name, number)| (name, is_bot || number == "0000"));
    let words: Vec<&str> = text.split_whitespace().collect();
    let levels = ["INFO", "WARN", "WARNING", "ERROR", "DEBUG", "TRACE", "FATAL", "CRITICAL", "NOTICE", "ERR", "LOG"];
    let is_program = text.contains(['/', '=', '{', '}', '[', ']', '"', ';', '<', '>', '\\', '%', ':', '|'])
        || text.split([' ', '.', '-', '_']).any(|w| levels.contains(&w.to_uppercase().as_str()))
        || words.iter().any(|w| w.len() > 24 || is_code(w))
        || words.iter().any(|w| is_year(w))
        || words.len() == 1 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let starts_well = text.starts_with(|c: char| c.is_alphabetic() || c == '~' || c == '+' || c == '_');
    let is_bot = is_bot
        || words.len() < 3 && ["-bot", "_bot", " bot", ".bot", "[bot]"].iter().any(|end| text.to_lowercase().ends_with(end));
    (!text.is_empty() && words.len() <= 4 && starts_well && !is_program).then(|| (text.to_string(), is_bot))
}

/// A name of somebody's book of contacts: more words than an account has, a number, a sign in front.
pub fn contact(text: &str) -> Option<(String, bool)> {
    let bare = text.trim_start_matches(|c: char| !c.is_alphabetic() && c != '+').replace(['/', '|', '&', '[', ']'], " ");
    let words: Vec<&str> = bare.split_whitespace().collect();
    let is_short = words.len() <= 9 && text.chars().count() <= 60 && !names_level(words.first()?);
    let (_, is_bot) = author(&words[..words.len().min(4)].join(" ")).filter(|_| is_short)?;
    Some((text.trim_start_matches(['~', ' ', '\u{a0}', '\u{202f}']).to_string(), is_bot))
}

/// What has a year is a date.
fn is_year(word: &str) -> bool {
    let digits = word.trim_end_matches(',');
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `CAUAJM_I_40245`: by such words programs number what they say.
fn is_code(word: &str) -> bool {
    word.contains('_') && word.bytes().any(|b| b.is_ascii_digit()) && !word.chars().any(char::is_lowercase)
}

/// One word as an account has it, or up to three of which each begins with a capital; no word that opens a sentence.
pub fn is_name(author: &str) -> bool {
    let words = without_particles(author);
    let opens = [
        "at",
        "the",
        "on",
        "by",
        "from",
        "since",
        "until",
        "about",
        "around",
        "updated",
        "started",
        "stopped",
        "restarted",
        "deployed",
        "deploy",
        "rollback",
        "restart",
        "resolved",
        "fixed",
        "ended",
        "done",
        "incident",
        "outage",
        "alert",
        "time",
        "start",
        "end",
        "date",
        "total",
    ];
    let is_plain = words.iter().all(|w| w.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '\'' | '’')));
    let is_capital = |w: &&str| w.starts_with(char::is_uppercase);
    let reads = words.len() == 1 && author.chars().count() > 1 || words.len() <= 3 && words.iter().all(is_capital);
    is_plain && reads && !words.iter().any(|w| opens.contains(&w.to_lowercase().as_str()))
}

/// `Jan van den Berg`, `Ana de la Cruz`: what stands small between the parts of a name is left out of them.
fn without_particles(author: &str) -> Vec<&str> {
    const PARTICLES: [&str; 30] = [
        "van", "von", "der", "den", "de", "da", "di", "do", "dos", "das", "la", "le", "el", "del", "della", "du", "des", "ten",
        "ter", "te", "zu", "zur", "vom", "af", "av", "bin", "ibn", "al", "y", "'t",
    ];
    let words: Vec<&str> = author.split(' ').collect();
    let last = words.len().saturating_sub(1);
    let is_kept = |at: usize, word: &str| at == 0 || at == last || !PARTICLES.contains(&word);
    words.iter().enumerate().filter(|(at, word)| is_kept(*at, word)).map(|(_, word)| *word).collect()
}

/// A word in capitals that programs call a level by: nobody is called that, and nobody begins what he says with it.
pub fn names_level(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_uppercase()) && Level::from_word(word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_small_words_within() {
        for name in ["Jan van den Berg", "Ana de la Cruz", "Mia de Wit", "Ulf von Horn", "Ann Lee"] {
            assert!(is_name(name), "{name}");
        }
        for text in ["restart of the proxy", "de proxy is", "Error van", "van Dam is down"] {
            assert!(!is_name(text), "{text}");
        }
    }
}
