//! Names of months and days as programs of various languages write them in times.
//!
//! Java, the C library and Windows write names in the language of the machine; logs of English programs are by far the
//! most, so English is looked at first. Must never be asked about words that cannot be part of a time. What breaks it:
//! languages that write numbers or names in other alphabets, which are left unread.

use super::beginnings::Beginnings;

/// Full names by language; a name stands for itself and for its first letters, three or more, as [`MARKED`] permits.
const MONTHS: [[&str; 12]; 10] = [
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"],
    ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
    ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
    [
        "styczeń",
        "luty",
        "marzec",
        "kwiecień",
        "maj",
        "czerwiec",
        "lipiec",
        "sierpień",
        "wrzesień",
        "październik",
        "listopad",
        "grudzień",
    ],
    ["jänner", "feber", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
];

/// Abbreviations that are no beginnings of their names.
const SHORT: [(&str, usize); 4] = [("mrt", 3), ("mrz", 3), ("paź", 10), ("sept", 9)];

const DAYS: [[&str; 7]; 4] = [
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
];

/// The month (1 to 12) whose name or abbreviation stands at the beginning, and its bytes, the point of an abbreviation
/// included where letters outside of English show that it is one.
pub fn month(text: &[u8]) -> Option<(i64, usize)> {
    if !may_be_month(text) {
        return None;
    }
    let word = word(text)?;
    if !is_before_digits(text, word.len()) {
        return None;
    }
    let ascii = &MONTHS[0];
    if let Some(at) = ascii.iter().position(|name| abbreviates(word, name)) {
        return Some((at as i64 + 1, word.len()));
    }
    let at = MONTHS[1..].iter().find_map(|names| names.iter().position(|name| abbreviates(word, name)));
    let short = || SHORT.iter().find(|(short, _)| same(word, short)).map(|(_, month)| month - 1);
    let at = at.or_else(short)?;
    let point = usize::from(text.get(word.len()) == Some(&b'.') && word.chars().count() <= 5);
    Some((at as i64 + 1, word.len() + point))
}

/// The bytes of the name or abbreviation of a day of the week at the beginning.
pub fn day_of_week(text: &[u8]) -> Option<usize> {
    if !may_be_day(text) {
        return None;
    }
    let word = word(text)?;
    let is_english = DAYS[0].iter().any(|name| abbreviates(word, name));
    let is_day = is_english || DAYS[1..].iter().flatten().any(|name| abbreviates(word, name));
    // German and French write two letters and a point, or three with one.
    let two =
        matches!(word.to_lowercase().as_str(), "mo" | "di" | "mi" | "do" | "fr" | "sa" | "so") && text.get(2) == Some(&b'.');
    let point = usize::from(!is_english && text.get(word.len()) == Some(&b'.'));
    (is_day || two).then_some(word.len() + point)
}

/// The name of a month stands before a number in every date. Every word of every message passes here, so this comes first.
fn is_before_digits(text: &[u8], word: usize) -> bool {
    let mut behind = text[word..].iter().take(4);
    behind.find(|b| !matches!(b, b' ' | b'.' | b',' | b'/' | b'-')).is_some_and(u8::is_ascii_digit)
}

/// By the first three letters; what has others than those of English among them may be.
fn may_be_month(text: &[u8]) -> bool {
    static KNOWN: Beginnings = Beginnings::of(
        b"jan feb mar apr may jun jul aug sep oct nov dec mai okt dez mrz avr jui ene abr ago dic gen mag giu lug set ott \
        fev out mei maa mrt maj sty lut kwi cze lip sie wrz lis gru ",
    );
    KNOWN.has(text)
}

/// By the first three letters, or by two and a point.
fn may_be_day(text: &[u8]) -> bool {
    static KNOWN: Beginnings =
        Beginnings::of(b"mon tue wed thu fri sat sun die mit don fre sam son lun mar mer jeu ven dim mie jue vie sab dom ");
    text.get(2) == Some(&b'.') || KNOWN.has(text)
}

/// The letters at the beginning, at most those of the longest name.
fn word(text: &[u8]) -> Option<&str> {
    const LONGEST: usize = 16;
    let head = &text[..text.len().min(LONGEST)];
    let head = match std::str::from_utf8(head) {
        Ok(head) => head,
        Err(cut) => std::str::from_utf8(&head[..cut.valid_up_to()]).ok()?,
    };
    let end = head.find(|c: char| !c.is_alphabetic()).unwrap_or(head.len());
    (end >= 2).then(|| &head[..end])
}

/// `word` is `name`, or its first three or more letters.
fn abbreviates(word: &str, name: &str) -> bool {
    let first = |text: &str| text.bytes().next().filter(u8::is_ascii);
    if first(word).zip(first(name)).is_some_and(|(one, other)| !one.eq_ignore_ascii_case(&other)) {
        return false;
    }
    let full = word.len() == name.len();
    let letters = word.chars().count();
    let english_rest = name.is_ascii() && letters > 3 && !full;
    // English abbreviates to three letters; others to three, four or five.
    letters >= 3 && (!english_rest || !MONTHS[0].contains(&name) && !DAYS[0].contains(&name)) && starts_with(name, word)
}

fn same(word: &str, other: &str) -> bool {
    word.chars().count() == other.chars().count() && starts_with(other, word)
}

/// Without letter case.
fn starts_with(name: &str, word: &str) -> bool {
    let mut letters = name.chars();
    word.chars().all(|c| letters.next().is_some_and(|n| c == n || c.to_lowercase().eq([n])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_the_languages_of_machines() {
        for (text, want, len) in [
            ("Feb 7", 2, 3),
            ("SEPTEMBER 7", 9, 9),
            ("Sept 1", 9, 4),
            ("Mär 7", 3, 4),
            ("févr. 07", 2, 6),
            ("août 7", 8, 5),
            ("dic 1", 12, 3),
            ("out/2024", 10, 3),
            ("Okt 7", 10, 3),
            ("mrt-7", 3, 3),
            ("gru 7", 12, 3),
        ] {
            assert_eq!(month(text.as_bytes()), Some((want, len)), "{text}");
        }
        for text in ["Decem", "Ma", "hello 7", "Feb", "May we 7", "", "é", "7", "janx"] {
            assert_eq!(month(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn every_name_is_known_by_its_beginning() {
        for (month_, name) in MONTHS.iter().flat_map(|names| names.iter().enumerate()) {
            assert!(month(format!("{name} 7").as_bytes()).is_some_and(|(m, _)| m == month_ as i64 + 1), "{name}");
        }
        for name in DAYS.iter().flatten() {
            assert_eq!(day_of_week(format!("{name} 7").as_bytes()), Some(name.len()), "{name}");
        }
    }

    #[test]
    fn days_are_known_too() {
        assert_eq!(
            [day_of_week(b"Mon, "), day_of_week(b"mer. 7"), day_of_week(b"Mo. 7"), day_of_week("sáb ".as_bytes())],
            [Some(3), Some(4), Some(3), Some(4)]
        );
        assert_eq!([day_of_week(b"month"), day_of_week(b"so we")], [None, None]);
    }
}
