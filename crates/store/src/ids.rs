//! Identities: UUIDs of version 7 (RFC 9562), as text.
//!
//! Must never be used for order: the clock that they begin with may jump.

use std::fmt::Write;

use crate::StoreError;

/// Milliseconds since 1970 in 48 bits, then 74 random ones.
pub fn new(now: i64) -> Result<String, StoreError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::Unavailable(format!("no randomness: {e}")))?;
    bytes[..6].copy_from_slice(&now.max(0).to_be_bytes()[2..]);
    bytes[6] = 0x70 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&i) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_of_version_7_that_begins_with_its_time() {
        let id = new(1_645_557_742_000).unwrap();
        assert!(id.starts_with("017f22e2-79b0-7"), "{id}");
        assert_eq!(id.len(), 36);
        assert!("89ab".contains(&id[19..20]), "{id}");
    }

    #[test]
    fn two_ids_of_one_moment_differ_and_no_time_breaks_one() {
        assert_ne!(new(0).unwrap(), new(0).unwrap());
        for now in [i64::MIN, -1, i64::MAX] {
            assert_eq!(new(now).unwrap().len(), 36);
        }
    }
}
