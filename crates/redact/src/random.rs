//! Long values of upper case, lower case and digits that no rule knows.
//!
//! Must never take an identifier for a secret: hashes, UUIDs, ULIDs, paths and names of classes stay. It is misled by ids of
//! vendors that are random and no secret.

use crate::{Finding, checks};

/// The kind, and the name in the ledger, of a value that nothing but its randomness gives away.
const RANDOM: &str = "secret";
const RULE: &str = "random";
/// Shorter random values are as often identifiers.
const LEAST: usize = 30;
const ENTROPY: f64 = 4.0;

pub(crate) fn find(line: &[u8], found: &mut Vec<Finding>) {
    let mut start = 0;
    while start + LEAST <= line.len() {
        // A run that is long enough has a sign here.
        if !is_part(line[start + LEAST - 1]) {
            start += LEAST;
            continue;
        }
        let begin = line[..start + LEAST - 1].iter().rposition(|b| !is_part(*b)).map_or(0, |n| n + 1);
        let end = start + LEAST + line[start + LEAST..].iter().position(|b| !is_part(*b)).unwrap_or(line.len() - start - LEAST);
        if end - begin >= LEAST && is_secret(&line[begin..end]) {
            found.push(Finding { start: begin, end, kind: RANDOM, rule: RULE });
        }
        start = end + 1;
    }
}

fn is_secret(value: &[u8]) -> bool {
    let slashes = value.iter().filter(|b| **b == b'/').count();
    checks::digits(value) >= 3
        && slashes * 12 <= value.len()
        && checks::is_random(value)
        && checks::entropy(value) >= ENTROPY
        && !value.windows(36).any(checks::is_uuid)
}

fn is_part(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"+/_-~".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_wherever_it_stands() {
        let value = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1";
        for before in 0..70 {
            let line = format!("{}{value} end", "x ".repeat(before));
            let mut found = Vec::new();
            find(line.as_bytes(), &mut found);
            assert_eq!(found.iter().map(|f| &line[f.start..f.end]).collect::<Vec<_>>(), [value], "{before}");
        }
    }
}
