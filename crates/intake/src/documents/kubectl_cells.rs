//! The cells of a table as `kubectl` and its like print it: by tabs, by where the names stand, or by runs of blanks.
//!
//! It must never know what a column means. What breaks it: a table whose blanks an editor took away.

/// Names of the columns, in their order; they stand apart by tabs, or by two blanks or more.
pub fn columns(header: &str) -> Vec<String> {
    starts(header).into_iter().map(|(_, name)| name).collect()
}

/// The cells of a row below a header; those that a line lacks are not there.
pub fn parts(header: &str, columns: &[String], line: &str) -> Vec<String> {
    if line.contains('\t') {
        return line.trim_end().split('\t').map(|cell| cell.trim().to_string()).collect();
    }
    below(header, line).unwrap_or_else(|| between(line, columns.len()))
}

/// Where each name begins, in characters.
fn starts(header: &str) -> Vec<(usize, String)> {
    if header.contains('\t') {
        return header.split('\t').map(str::trim).filter(|name| !name.is_empty()).map(|name| (0, name.to_string())).collect();
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut blanks = 2;
    for (at, c) in header.trim_end().chars().enumerate() {
        if c == ' ' {
            blanks += 1;
            continue;
        }
        match found.last_mut().filter(|_| blanks < 2) {
            Some((_, name)) => {
                name.push_str(&" ".repeat(blanks));
                name.push(c);
            }
            None => found.push((at, c.to_string())),
        }
        blanks = 0;
    }
    found
}

/// The cells as they stand below the names; nothing where a cell reaches into the next one.
fn below(header: &str, line: &str) -> Option<Vec<String>> {
    let starts: Vec<usize> = starts(header).into_iter().map(|(at, _)| at).collect();
    let chars: Vec<char> = line.trim_end().chars().collect();
    let is_apart = |at: &usize| *at == 0 || chars.get(at - 1).is_none_or(|c| *c == ' ');
    if header.contains('\t') || !starts.iter().all(is_apart) {
        return None;
    }
    let ends = starts.iter().skip(1).copied().chain([chars.len()]);
    let cut = |(from, to): (&usize, usize)| {
        chars.get(*from..to.min(chars.len())).map(|cell| cell.iter().collect::<String>().trim().to_string())
    };
    Some(starts.iter().zip(ends).map_while(cut).collect())
}

/// The parts of a line between runs of blanks, at most so many; the last one takes the rest.
fn between(line: &str, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = line.trim();
    while parts.len().saturating_add(1) < most {
        let Some(end) = rest.find("  ") else { break };
        parts.push(rest[..end].to_string());
        rest = rest[end..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_string());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_their_names_or_between_blanks() {
        let header = "LAST SEEN   TYPE     NAME";
        let names = columns(header);
        assert_eq!(names, ["LAST SEEN", "TYPE", "NAME"]);
        assert_eq!(parts(header, &names, "2m                   a  b"), ["2m", "", "a  b"]);
        assert_eq!(parts(header, &names, "2m (x5 over 9m)  Normal  a  b"), ["2m (x5 over 9m)", "Normal", "a  b"]);
        assert_eq!(parts(header, &names, "2m\tNormal\ta b\t"), ["2m", "Normal", "a b"]);
    }
}
