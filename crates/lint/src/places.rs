//! Where in a JSON text the value of a path stands. Must never fail: a path that is not there is the first line.

/// Line and column, from 1, of the value at a path such as `claims.3.text`; of the deepest part of it that is there.
pub fn of(json: &str, path: &str) -> (usize, usize) {
    let mut at = skip(json, 0);
    for part in path.split('.').filter(|p| !p.is_empty()) {
        match child(json, at, part) {
            Some(next) => at = next,
            None => break,
        }
    }
    let before = json.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before.get(start..).map_or(0, |t| t.chars().count()) + 1)
}

/// Offset of the member or element `part` of the value at `at`.
fn child(json: &str, at: usize, part: &str) -> Option<usize> {
    let bytes = json.as_bytes();
    let object = match bytes.get(at)? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let mut i = skip(json, at + 1);
    for index in 0usize.. {
        if matches!(bytes.get(i)?, b'}' | b']') {
            return None;
        }
        let mut hit = !object && part.parse() == Ok(index);
        if object {
            let end = value_end(json, i)?;
            hit = json.get(i + 1..end - 1) == Some(part);
            i = skip(json, skip(json, end) + 1);
        }
        if hit {
            return Some(i);
        }
        i = skip(json, value_end(json, i)?);
        if bytes.get(i) == Some(&b',') {
            i = skip(json, i + 1);
        }
    }
    None
}

/// The offset after a value.
fn value_end(json: &str, at: usize) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut depth = 0usize;
    let mut i = at;
    loop {
        match bytes.get(i)? {
            b'"' => {
                i += 1;
                while bytes.get(i)? != &b'"' {
                    i += if bytes.get(i)? == &b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        i += 1;
        let over = depth == 0 && bytes.get(i).is_none_or(|b| matches!(b, b',' | b'}' | b']' | b':') || b.is_ascii_whitespace());
        if over {
            return Some(i);
        }
    }
}

fn skip(json: &str, at: usize) -> usize {
    let bytes = json.as_bytes();
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_line_and_a_column() {
        let json = "{\n \"a\": [1, {\"b,\": \"x]\\\"\"},\n  {\"c\": true}],\n \"d\": null\n}";
        assert_eq!(of(json, "a.1.b,"), (2, 18));
        assert_eq!(of(json, "a.2.c"), (3, 9));
        assert_eq!(of(json, "d"), (4, 7));
        assert_eq!(of(json, "a.7.z"), (2, 7));
        assert_eq!(of("", "a"), (1, 1));
        assert_eq!(of("{\"a", "a"), (1, 1));
    }
}
