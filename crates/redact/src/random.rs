//! Long values of upper case, lower case and digits that no rule knows.
//!
//! Must never take an identifier for a secret: hashes, UUIDs, ULIDs, paths and names of classes stay. It is misled by ids of
//! vendors that are random and no secret.

use crate::runs::{self, Signs};
use crate::{Finding, base64, checks, public};

/// The kind, and the name in the ledger, of a value that nothing but its randomness gives away.
const RANDOM: &str = "secret";
const RULE: &str = "random";
/// Shorter random values are as often identifiers.
const LEAST: usize = 30;
const ENTROPY: f64 = 4.0;

pub(crate) fn find(line: &[u8], found: &mut Vec<Finding>) {
    runs::each(line, LEAST, Signs::Random, |run| {
        // Of an address only what stands behind `//` is the value.
        let run = run.start + if line[run.start..].starts_with(b"//") { 2 } else { 0 }..run.end;
        if run.len() >= LEAST && is_secret(&line[run.clone()]) && !public::is_public(line, &run) {
            found.push(Finding { start: run.start, end: run.end, kind: RANDOM, rule: RULE });
        }
    });
}

fn is_secret(value: &[u8]) -> bool {
    let slashes = value.iter().filter(|b| **b == b'/').count();
    checks::digits(value) >= 3
        && slashes * 12 <= value.len()
        && checks::is_random(value)
        && !checks::is_path(value)
        && checks::entropy(value) >= ENTROPY
        && !value.windows(36).any(checks::is_uuid)
        && !value.windows(10).any(is_date)
        // What base64 holds is looked at on its own.
        && base64::text(value).is_none()
}

/// `2025-03-02`: names of runs, folders and backups have one, and nothing random does.
fn is_date(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() })
        && matches!(&text[..2], b"19" | b"20")
        && matches!(text[5], b'0' | b'1')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_date_is_no_secret() {
        assert!(!is_secret(b"manualRun__2025-03-02T0743/task_id"));
        assert!(is_secret(b"k3Jd8sQ0xZbT7vLm2NpR5wYcF9hGaEu4"));
    }
}
