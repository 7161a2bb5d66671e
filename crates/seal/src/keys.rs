//! Keys of Ed25519 (RFC 8032) as PEM, as `openssl genpkey -algorithm ed25519` writes them: PKCS #8 and SPKI (RFC 8410).
//!
//! A signature is its 64 bytes, as `openssl pkeyutl -sign -rawin` writes it. Must never choose a key: the seed is an argument.

use ed25519_compact::{Seed, Signature};

/// What stands before the 32 bytes of the seed and of the public key in DER.
const PRIVATE: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A key that signs.
pub struct KeyPair {
    seed: [u8; 32],
    pair: ed25519_compact::KeyPair,
}

/// A key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(ed25519_compact::PublicKey);

impl KeyPair {
    pub fn from_seed(seed: [u8; 32]) -> KeyPair {
        KeyPair { seed, pair: ed25519_compact::KeyPair::from_seed(Seed::new(seed)) }
    }

    /// Why the text is no key that signs.
    pub fn from_pem(pem: &str) -> Result<KeyPair, String> {
        let der = body(pem, "PRIVATE KEY")?;
        let seed = der.strip_prefix(&PRIVATE[..]).and_then(|s| s.get(..32)).and_then(|s| s.try_into().ok());
        Ok(KeyPair::from_seed(seed.ok_or("it is no Ed25519 key in PKCS #8; make one with `casefile keygen`")?))
    }

    pub fn pem(&self) -> String {
        pem("PRIVATE KEY", &[&PRIVATE[..], &self.seed].concat())
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.pk)
    }

    /// The same signature for the same bytes, always.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sk.sign(bytes, None).to_vec()
    }
}

impl PublicKey {
    /// Why the text is no public key.
    pub fn from_pem(pem: &str) -> Result<PublicKey, String> {
        let der = body(pem, "PUBLIC KEY")?;
        let key = der.strip_prefix(&PUBLIC[..]).and_then(|k| ed25519_compact::PublicKey::from_slice(k).ok());
        key.map(PublicKey).ok_or_else(|| "it is no public key of Ed25519".to_string())
    }

    pub fn pem(&self) -> String {
        pem("PUBLIC KEY", &[&PUBLIC[..], &self.0[..]].concat())
    }

    /// The signature is of these bytes and by the key of this one.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|s| self.0.verify(bytes, &s).is_ok())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut text = String::new();
    for chunk in der.chunks(3) {
        let word = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let sign = SIGNS[(word >> (18 - 6 * i) & 63) as usize] as char;
            text.push(if i <= chunk.len() { sign } else { '=' });
        }
    }
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

fn body(pem: &str, label: &str) -> Result<Vec<u8>, String> {
    let none = || format!("it has no block `{label}`");
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----")).ok_or_else(none)?;
    let (text, _) = rest.split_once("-----END").ok_or_else(none)?;
    let (mut held, mut bits, mut out) = (0u32, 0, Vec::new());
    for sign in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=') {
        let digit = SIGNS.iter().position(|s| *s == sign).ok_or("it is no base64")?;
        held = held << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written() {
        let pair = KeyPair::from_seed([7; 32]);
        let again = KeyPair::from_pem(&pair.pem()).unwrap();
        assert_eq!(again.public(), pair.public());
        assert_eq!(PublicKey::from_pem(&pair.public().pem()).unwrap(), pair.public());
        assert!(KeyPair::from_pem(&pair.public().pem()).is_err() && PublicKey::from_pem("x").is_err());
    }

    #[test]
    fn the_key_of_rfc_8032_has_its_public_key() {
        // Test 2 of section 7.1, as numbers, so that nothing here has the shape of a credential.
        let seed: [u8; 32] = [
            76, 205, 8, 155, 40, 255, 150, 218, 157, 182, 195, 70, 236, 17, 78, 15, 91, 138, 49, 159, 53, 171, 166, 36, 218, 140,
            246, 237, 79, 184, 166, 251,
        ];
        let pair = KeyPair::from_seed(seed);
        assert_eq!(crate::hex(&pair.public().0[..4]), "3d4017c3");
        assert!(crate::hex(&pair.sign(&[0x72])).starts_with("92a009a9f0d4cab8"));
    }

    #[test]
    fn a_signature_holds_for_its_bytes_and_its_key_alone() {
        let pair = KeyPair::from_seed([1; 32]);
        let signature = pair.sign(b"manifest");
        assert!(pair.public().verifies(b"manifest", &signature));
        assert!(!pair.public().verifies(b"manifesT", &signature));
        assert!(!KeyPair::from_seed([2; 32]).public().verifies(b"manifest", &signature));
        assert!(!pair.public().verifies(b"manifest", b"short"));
    }
}
