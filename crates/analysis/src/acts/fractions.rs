//! Parts of an hour or a day in words: "an hour and a half", "three quarters of an hour"; and the hour of a day that has the unit of a length,
//! "à 23 h 47".
//!
//! Must never know what lasted. What breaks it: "2 h 35" without a word before it, which may be either, and is read as a length.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// What stands before "an hour" and makes it a part: where it starts, and which part.
pub fn before(head: &str) -> Option<(usize, f64)> {
    static PART: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)(?:\b(?:a|one) |\b(?P<three>three)[ -])?quarters? of $"));
    let c = PART.captures(head)?;
    Some((c.get(0)?.start(), if c.name("three").is_some() { 0.75 } else { 0.25 }))
}

/// What follows a unit and adds a part of it: its length in bytes, and which part.
pub fn after(tail: &str) -> Option<(usize, f64)> {
    static PART: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)^ and (?:a |one )?(?:(?P<half>half)|quarter)\b"));
    let c = PART.captures(tail)?;
    Some((c.get(0)?.end(), if c.name("half").is_some() { 0.5 } else { 0.25 }))
}

/// "vers 9 h", "à 23 h 47": a preposition before it says when.
pub fn is_hour_of_day(head: &str, number: f64, tail: &str, unit_s: f64) -> bool {
    static WHEN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:^|[\s(])(?:à|a|vers|dès|depuis|avant|après|entre|et|jusqu['’]à|le \d{1,2}/\d{1,2} à|at|since|around|until|by) ?$",
        )
    });
    static MINUTES: LazyLock<Expression> = LazyLock::new(|| constant(r"^ ?[0-5]\d(?:[^\d%]|$)"));
    // "de 8 h 30 à 10 h 48"
    static RANGE: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)^ ?[0-5]\d ?(?:à|a|at|to|until|till|jusqu['’]à|-|–) ?\d{1,2} ?(?:h|:)"));
    let is_when = MINUTES.is_match(tail) && WHEN.is_match(head) || RANGE.is_match(tail);
    unit_s == 3_600.0 && number < 24.0 && number.fract() == 0.0 && is_when
}

#[cfg(test)]
mod tests {
    use super::super::quantities::find;

    fn seconds(text: &str) -> Vec<f64> {
        find(text, false).into_iter().map(|q| q.value).collect()
    }

    #[test]
    fn parts_of_an_hour_count() {
        assert_eq!(seconds("checkout was down for an hour and a half"), [5_400.0]);
        assert_eq!(seconds("checkout was down for three quarters of an hour"), [2_700.0]);
        assert_eq!(seconds("down for a quarter of an hour"), [900.0]);
        assert_eq!(find("down for three quarters of an hour", false)[0].text, "three quarters of an hour");
    }

    #[test]
    fn an_hour_of_the_day_is_no_length() {
        assert!(seconds("panne le 04/03 à 23 h 47.").iter().all(|s| *s != 82_800.0));
        assert!(seconds("impossible 8 h 30 a 10 h 48").iter().all(|s| *s < 28_800.0));
        assert!(seconds("panne de 8 h 30 a 10 h 48 environ").iter().all(|s| *s < 28_800.0));
        assert_eq!(seconds("panne de 23 h"), [82_800.0]);
    }
}
