//! The text of YAML's scalars: plain, quoted, and blocks, with their lines folded as they ask for.
//!
//! It must never fail: what is no valid escape stands as it is. It knows nothing of values or places.

use super::json_text::unescape;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// Without quotes; further lines are folded.
    Plain,
    Single,
    Double,
    /// `|`: lines stand as they are.
    Literal,
    /// `>`: lines are folded.
    Folded,
}

/// What a scalar says, from what stands there.
pub fn decode(raw: &str, scalar: Scalar) -> String {
    match scalar {
        Scalar::Plain => fold(raw),
        Scalar::Single => fold(inner(raw)).replace("''", "'"),
        Scalar::Double => unescape(fold(inner(raw)).as_bytes()),
        Scalar::Literal => block(raw).join("\n"),
        Scalar::Folded => block(raw).join(" ").trim().to_string(),
    }
}

fn inner(raw: &str) -> &str {
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
}

/// Line ends with the blanks around them become one blank, blank lines stay line ends, a backslash joins.
fn fold(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_string();
    }
    let mut out = String::new();
    for (n, line) in text.split('\n').enumerate() {
        let line = if n > 0 { line.trim_start() } else { line };
        let line = line.trim_end_matches(['\r', ' ']);
        if n > 0 && line.is_empty() {
            out.push('\n');
        } else if n > 0 && out.ends_with('\\') && !out.ends_with("\\\\") {
            out.pop();
        } else if n > 0 && !out.is_empty() && !out.ends_with('\n') {
            out.push(' ');
        }
        // A blank at the front of a continued line is written `\ `.
        out.push_str(line.strip_prefix("\\ ").map_or(line, |_| &line[1..]));
    }
    out
}

/// The lines of a block without their common indentation.
fn block(raw: &str) -> Vec<&str> {
    let lines: Vec<&str> = raw.split('\n').map(|l| l.trim_end_matches('\r')).collect();
    let indent = |l: &&str| l.len() - l.trim_start().len();
    // The first line begins where the value does, its indentation is not part of it.
    let common = lines.iter().skip(1).filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    lines.iter().enumerate().map(|(n, l)| if n == 0 { l.trim_start() } else { l.get(common..).unwrap_or_default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_say_what_they_say() {
        for (raw, scalar, want) in [
            ("back-off 5m\n      restarting", Scalar::Plain, "back-off 5m restarting"),
            ("'it''s\n  down'", Scalar::Single, "it's down"),
            ("\"a \\\"b\\\"\\n\n  c\"", Scalar::Double, "a \"b\"\n c"),
            ("\"long \\\n  \\ line\"", Scalar::Double, "long  line"),
            ("one\n    two\n\n    three", Scalar::Literal, "one\ntwo\n\nthree"),
            ("one\n  two", Scalar::Folded, "one two"),
        ] {
            assert_eq!(decode(raw, scalar), want, "{raw}");
        }
    }
}
