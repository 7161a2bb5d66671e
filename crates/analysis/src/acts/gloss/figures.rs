//! Numbers and times of day as other languages write them, in the English way: `1.200`, `12 400`, `3,5 %`, `14h05`, `14.05 Uhr`.
//!
//! Must never know what is counted. What has another digit, dot or letter beside it is a version, an address or a name. Misled by
//! two numbers of three digits that stand beside each other and are not one.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// The bytes of each such number, and how English writes it.
pub fn find(text: &str) -> Vec<((usize, usize), String)> {
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?P<clock>\d{1,2}[hH]\d{2})|(?P<said>(?i:kl|um|godz|alle|om)\.? )(?P<dotted>\d{1,2}\.\d{2})|(?P<uhr>\d{1,2}\.\d{2}) Uhr|(?P<large>\d{1,3}(?:[.\u{a0}\u{202f} ]\d{3})+)|(?P<part>\d+,\d{1,2})",
        )
    });
    let found = NUMBER.captures_iter(text).filter_map(|c| {
        let names = ["clock", "dotted", "uhr", "large", "part"];
        let (name, number) = names.into_iter().find_map(|name| Some((name, c.name(name)?)))?;
        let written = number.as_str();
        let english = match name {
            "clock" => written.to_lowercase().replace('h', ":"),
            "dotted" | "uhr" => written.replace('.', ":"),
            "large" => written.replace(|c: char| !c.is_ascii_digit(), ","),
            _ => written.replace(',', "."),
        };
        let is_count = || counts(&text[number.end()..]) || is_labelled(&text[..number.start()]);
        let is_free = stands_free(text, number.start(), number.end()) && (name != "large" || is_count());
        is_free.then(|| ((number.start(), number.end()), english))
    });
    found.collect()
}

fn stands_free(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let mut after = text[end..].chars();
    let (next, then) = (after.next(), after.next());
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '-' | ':' | '@' | '#');
    let goes_on = matches!(next, Some('.' | ',')) && then.is_some_and(|c| c.is_ascii_digit());
    !before.is_some_and(|c| is_part(c) || matches!(c, '.' | ',')) && !next.is_some_and(is_part) && !goes_on
}

/// A word for what is counted follows, or a sign of a currency.
fn counts(rest: &str) -> bool {
    rest.trim_start().starts_with(|c: char| c.is_alphabetic() || matches!(c, '€' | '$' | '£'))
}

/// A label and a colon stand before it, as in `betroffen: **1.214**`.
fn is_labelled(before: &str) -> bool {
    let label = before.trim_end_matches([' ', '*', '_']).strip_suffix(':').unwrap_or_default();
    let word = label.rsplit(' ').next().unwrap_or_default();
    word.chars().count() >= 3 && !word.to_lowercase().starts_with("vers") && label.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_the_english_way_and_versions_stay() {
        let read = |text| find(text).into_iter().map(|(_, english)| english).collect::<Vec<_>>();
        for (text, english) in [
            ("à 14h05", "14:05"),
            ("kl. 14.05", "14:05"),
            ("seit 14.05 Uhr", "14:05"),
            ("1.200 clientes", "1,200"),
            ("12 400 kunder", "12,400"),
            ("1 200 000 zł", "1,200,000"),
            ("3,5 %", "3.5"),
            ("Alumnos que perdieron algo: **1.214** (consulta)", "1,214"),
        ] {
            assert_eq!(read(text), [english], "{text}");
        }
        for text in [
            "la nueva versión: 1.200",
            "v1.200.300",
            "4.2.100 läuft",
            "10.0.0.100",
            "500 503",
            "a1,5",
            "order-1.200 weg",
            "1,200 users",
            "30.05",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}
