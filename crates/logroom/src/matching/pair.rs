//! Whether a name and its value stand in a text as they are written in JSON, in `key=value` pairs and in `key: value`.
//!
//! What a source calls `user_id` is the user of its record and no further field; who reads the line looks for the name that
//! stands there. Must never allocate. What misleads it: a pair within a message, which is as good as one beside it.

use memchr::memchr2_iter;

/// Both in whatever letters, the value whole.
pub fn is_written(text: &[u8], name: &str, value: &str) -> bool {
    let Some(first) = name.bytes().next() else { return false };
    let starts = memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text);
    starts.into_iter().any(|at| {
        let is_apart = at == 0 || !is_of_name(text[at - 1]);
        is_apart && after(&text[at..], name).is_some_and(|rest| is_value(rest, value))
    })
}

/// What follows the name and the sign behind it.
fn after<'t>(text: &'t [u8], name: &str) -> Option<&'t [u8]> {
    let rest = strip(text, name)?;
    let rest = strip(rest, "\\\"").or_else(|| strip(rest, "\"")).unwrap_or(rest).trim_ascii_start();
    let rest = strip(rest, ":").or_else(|| strip(rest, "="))?.trim_ascii_start();
    Some(strip(rest, "\\\"").or_else(|| strip(rest, "\"")).unwrap_or(rest))
}

fn is_value(text: &[u8], value: &str) -> bool {
    strip(text, value).is_some_and(|rest| rest.first().is_none_or(|next| !is_of_name(*next)))
}

fn strip<'t>(text: &'t [u8], start: &str) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start.as_bytes()).then_some(rest)
}

/// What goes on with a name or a number.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::is_written;

    #[test]
    fn pairs_are_found_as_they_are_written() {
        for text in
            ["{\"user_id\":503}", "{\"User_ID\" : \"503\"}", "x user_id=503 y", "user_id: 503", "\\\"user_id\\\":\\\"503\\\""]
        {
            assert!(is_written(text.as_bytes(), "user_id", "503"), "{text}");
        }
    }

    #[test]
    fn a_part_of_a_name_or_of_a_value_is_none() {
        for text in ["{\"user_id\":5030}", "my_user_id=503", "user_id 503", "user_id=503.5", "user_id=", "", "user_id"] {
            assert!(!is_written(text.as_bytes(), "user_id", "503"), "{text}");
        }
    }
}
