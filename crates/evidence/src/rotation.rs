//! What the name of a source says about rotation: which log it is a part of, and how old a part.
//!
//! A name is all that is looked at. A name that ends in a number for another reason (`shard.3`) is taken for a part of
//! something; parts are only put in order by it and believed to share a clock, nothing is dropped.

/// How old a part of a rotated log is; in the order in which the parts were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// The date in its name, as a number: `messages-20240207`.
    Dated(u64),
    /// `app.log.3`: the higher, the older.
    Numbered(std::cmp::Reverse<u32>),
    /// The one that is still written to.
    Current,
}

/// The name of the log that a source is a part of, and its age: `app.log` of `app.log.3.gz` and `app.log-20240207`.
pub fn rotation(name: &str) -> (&str, Age) {
    let plain = [".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let digits = plain.len() - plain.bytes().rev().take_while(|b| b.is_ascii_digit() || *b == b'-').count();
    let (front, end) = plain.split_at(digits);
    let (base, number) = match front.strip_suffix('.') {
        Some(base) => (base, end),
        // The hyphen before a date was taken for a part of it.
        None => (front, end.strip_prefix('-').unwrap_or("")),
    };
    let dateless =
        base.is_empty() || base.ends_with('/') || number.is_empty() || !number.starts_with(|c: char| c.is_ascii_digit());
    let compact: String = number.chars().filter(char::is_ascii_digit).collect();
    match (dateless, number.len(), compact.parse::<u64>()) {
        (false, 1..=3, Ok(age)) if front.ends_with('.') => (base, Age::Numbered(std::cmp::Reverse(age as u32))),
        (false, 8..=16, Ok(date)) if compact.len() >= 8 && (compact.starts_with("19") || compact.starts_with("20")) => {
            (base, Age::Dated(date))
        }
        _ => (name, Age::Current),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_log_are_in_the_order_in_which_they_were_written() {
        let mut names =
            ["app.log", "app.log.1", "app.log.10.gz", "app.log.2", "messages", "messages-20240207", "messages-20231231.gz"];
        names.sort_by_key(|name| rotation(name));
        assert_eq!(
            names,
            ["app.log.10.gz", "app.log.2", "app.log.1", "app.log", "messages-20231231.gz", "messages-20240207", "messages"]
        );
    }

    #[test]
    fn other_names_are_logs_of_their_own() {
        for name in ["app.log", "cart-2", "10", "a/20240207", "web-12345.log", "été.1x", "", "report-2024"] {
            assert_eq!(rotation(name), (name, Age::Current));
        }
        assert_eq!(rotation("pg/postgresql.log.2024-02-07").0, "pg/postgresql.log");
    }
}
