//! Quotation marks stand around words that stand so in a record, and around nothing else.
//!
//! What was put together (the fields of an entry, an old and a new value) loses its marks, or gets a pair around each part that
//! is one. Must never know what a sentence says. What breaks it: a record of another encoding; then a quotation reads as plain words.

/// What the analysis shows of a line at most, nearly: a quotation as long as that may end before the line does.
const CUT: usize = 200;
/// Where things are put together.
const JOINTS: [&str; 3] = [": ", " → ", " | "];

/// A record in the form in which quotations are compared with it.
pub struct Spoken(String);

impl Spoken {
    pub fn of(text: &str) -> Spoken {
        Spoken(format!(" {} ", folded(text)))
    }

    fn has(&self, words: &str) -> bool {
        words.is_empty() || self.0.contains(&format!(" {words} "))
    }

    /// The record goes on after these words.
    fn goes_on(&self, words: &str) -> bool {
        let Some(at) = self.0.find(&format!(" {words} ")) else { return false };
        !self.0[at + words.len() + 2..].trim().is_empty()
    }
}

/// The text with marks around what one of the records has.
pub fn honest(text: &str, records: &[&Spoken]) -> String {
    if !text.contains('“') || records.is_empty() {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('“') {
        out.push_str(before);
        let Some((quoted, after)) = behind.split_once('”') else {
            out.push('“');
            rest = behind;
            continue;
        };
        out.push_str(&marked(quoted, records));
        rest = after;
    }
    out + rest
}

fn marked(quoted: &str, records: &[&Spoken]) -> String {
    let whole = format!("“{quoted}”");
    let parts = || JOINTS.iter().filter(|joint| quoted.contains(*joint)).find_map(|joint| in_parts(quoted, joint, records));
    let Some(said) = Some(whole).filter(|_| stands(quoted, records)).or_else(parts) else { return quoted.to_string() };
    let is_cut = quoted.chars().count() >= CUT && !quoted.trim_end().ends_with(['…', '.', '!', '?', ')', '}', ']', '"']);
    let last = said.rsplit('“').next().unwrap_or_default();
    match is_cut && records.iter().any(|r| r.goes_on(&folded(last))) {
        true => format!("{} …”", said.trim_end_matches('”')),
        false => said,
    }
}

/// As few quotations as there can be, where every part is one.
fn in_parts(quoted: &str, joint: &str, records: &[&Spoken]) -> Option<String> {
    let mut whole: Vec<String> = Vec::new();
    for part in quoted.split(joint) {
        let longer = whole.last().map(|last| format!("{last}{joint}{part}")).filter(|joined| stands(joined, records));
        match longer {
            Some(joined) => *whole.last_mut()? = joined,
            None if stands(part, records) && folded(part).len() > 1 => whole.push(part.to_string()),
            None => return None,
        }
    }
    Some(whole.iter().map(|part| format!("“{part}”")).collect::<Vec<_>>().join(joint))
}

/// Each stretch between cuts and mentions of people stands in one record.
fn stands(quoted: &str, records: &[&Spoken]) -> bool {
    let stretches: Vec<String> = stretches(quoted);
    records.iter().any(|record| stretches.iter().all(|stretch| record.has(stretch)))
}

fn stretches(quoted: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut pieces = quoted.split('…').peekable();
    while let Some(piece) = pieces.next() {
        // What was cut within a word has a part of it at the end.
        let within = pieces.peek().is_some() && !piece.ends_with(char::is_whitespace);
        let piece = if within { piece.rsplit_once(char::is_whitespace).map_or("", |(head, _)| head) } else { piece };
        let mut stretch: Vec<&str> = Vec::new();
        for word in piece.split_whitespace() {
            // A chat writes an account's number where people read a name.
            if word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@').starts_with('@') {
                all.push(folded(&stretch.join(" ")));
                stretch.clear();
            } else {
                stretch.push(word);
            }
        }
        all.push(folded(&stretch.join(" ")));
    }
    all
}

/// Words in lower case with one blank between them.
fn folded(text: &str) -> String {
    let plain =
        text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'");
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, record: &str) -> String {
        honest(text, &[&Spoken::of(record)])
    }

    #[test]
    fn words_of_a_record_keep_their_marks() {
        let record = r#"{"text": "ask <@U7>, errors &gt; 20% \"now\""}"#;
        for text in ["“ask @ana, errors > 20%”", "“errors > 20% \"now\"”", "“ask … 20%”", "“errors > 20…”", "no marks"]
        {
            assert_eq!(read(text, record), text);
        }
    }

    #[test]
    fn what_was_put_together_loses_them_or_has_them_around_each_part() {
        let record =
            r#"{"flag": "mail.provider", "old": "posty", "new": "letterly", "msg": "call failed", "error": "no route: to host"}"#;
        assert_eq!(read("Set to “mail.provider posty → letterly”.", record), "Set to mail.provider posty → letterly.");
        assert_eq!(
            read("It said “call failed: no route: to host” then.", record),
            "It said “call failed”: “no route: to host” then."
        );
    }

    #[test]
    fn a_long_line_that_goes_on_is_told_to_be_cut() {
        let long = "word ".repeat(50);
        let quoted = format!("“{}”", long.trim());
        assert_eq!(read(&quoted, &format!("{long} and more")), format!("“{} …”", long.trim()));
        assert_eq!(read(&quoted, &long), quoted);
    }
}
