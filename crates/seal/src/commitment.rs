//! Commitments to records: `SHA-256(salt, place, text)`, with a salt of its own for each record, `HMAC-SHA-256(secret, place)`.
//!
//! The secret is a hash over all inputs, other than those that the manifest prints: whoever has the inputs can compute every
//! salt and disclose a record; whoever has not learns nothing from one salt about another. Must never print the secret.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Place, hex};

/// A hash over all inputs, from which the salts are derived.
#[derive(Clone)]
pub struct Secret {
    hash: Sha256,
}

/// One record with its salt, for whoever holds the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    pub schema: String,
    #[serde(flatten)]
    pub place: Place,
    /// In hexadecimal.
    pub salt: String,
    pub text: String,
}

const SCHEMA: &str = "casefile.disclosure/1";
const BLOCK: usize = 64;

impl Default for Secret {
    fn default() -> Self {
        Secret::new()
    }
}

impl Secret {
    pub fn new() -> Secret {
        Secret { hash: Sha256::new_with_prefix(b"casefile.secret/1\0") }
    }

    pub(crate) fn begin(&mut self, name: &str) {
        self.hash.update((name.len() as u64).to_le_bytes());
        self.hash.update(name);
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// The commitment to the text of a record, in hexadecimal.
    pub fn commitment(&self, place: &Place, text: &str) -> String {
        hex(&committed(&self.salt(place), place, text))
    }

    pub fn disclose(&self, place: &Place, text: &str) -> Disclosure {
        Disclosure { schema: SCHEMA.to_string(), place: place.clone(), salt: hex(&self.salt(place)), text: text.to_string() }
    }

    fn salt(&self, place: &Place) -> [u8; 32] {
        hmac(&self.hash.clone().finalize(), &encoded(place))
    }
}

impl Disclosure {
    /// None where the salt is none.
    pub(crate) fn commitment(&self) -> Option<String> {
        let pair = |at: usize| u8::from_str_radix(self.salt.get(at..at + 2)?, 16).ok();
        let salt: Vec<u8> = (0..self.salt.len()).step_by(2).map(pair).collect::<Option<_>>()?;
        Some(hex(&committed(&salt, &self.place, &self.text)))
    }
}

fn committed(salt: &[u8], place: &Place, text: &str) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(b"casefile.evidence/1\0");
    hash.update(salt);
    hash.update(encoded(place));
    hash.update(text);
    hash.finalize().into()
}

/// A place as bytes that no other place has.
fn encoded(place: &Place) -> Vec<u8> {
    let mut out = Vec::new();
    for part in [&place.id, &place.source] {
        out.extend((part.len() as u64).to_le_bytes());
        out.extend(part.as_bytes());
    }
    place.bytes.iter().for_each(|n| out.extend(n.to_le_bytes()));
    out
}

/// HMAC-SHA-256 (RFC 2104) with a key of at most a block.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::new_with_prefix(pad(0x36)).chain_update(message).finalize();
    Sha256::new_with_prefix(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let first = hmac(&[0x0b; 20], b"Hi There");
        assert_eq!(hex(&first), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let second = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&second), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn the_same_text_at_two_places_has_two_commitments() {
        let secret = Secret::new();
        let place = |id: &str| Place { id: id.into(), source: "a".into(), bytes: [0, 1] };
        assert_ne!(secret.commitment(&place("e1"), "x"), secret.commitment(&place("e2"), "x"));
        let mut other = Secret::new();
        other.begin("a");
        assert_ne!(secret.commitment(&place("e1"), "x"), other.commitment(&place("e1"), "x"));
    }
}
