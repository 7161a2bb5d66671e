//! Whether one word among others is a password, where only a sentence says that it may be one.
//!
//! It is misled by words with digits in them that name a thing; the technical ones among them are known.

use crate::{checks, placeholders};

/// Signs that people put into passwords and hardly into other words.
const SIGNS: &[u8] = b"!#$%^&*~@+";
/// Parts of words that have digits and are no passwords.
const TECHNICAL: [&str; 36] = [
    "sha",
    "sha1",
    "sha2",
    "sha3",
    "sha256",
    "sha384",
    "sha512",
    "md4",
    "md5",
    "aes",
    "aes128",
    "aes256",
    "rc4",
    "base32",
    "base64",
    "argon2",
    "argon2id",
    "pbkdf2",
    "bcrypt",
    "utf8",
    "oauth2",
    "2fa",
    "mfa",
    "k8s",
    "s3",
    "ec2",
    "http2",
    "x509",
    "pkcs8",
    "pkcs12",
    "1password",
    "i18n",
    "ipv4",
    "ipv6",
    "p12",
    "v2",
];

/// Letters with digits or with signs, and nothing that words are made of otherwise: paths, addresses, versions, calls.
pub(crate) fn is_mixed(value: &[u8]) -> bool {
    let value = trimmed(value);
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let digits = checks::digits(value);
    let other = value.iter().any(|b| b"/()<>=".contains(b)) || checks::is_uuid(value) || checks::is_email(value);
    let version = value.len() > 1 && b"vV".contains(&value[0]) && value[1..].iter().all(|b| b.is_ascii_digit() || *b == b'.');
    (6..=64).contains(&value.len())
        && letters > 1
        && (digits > 0 || value.iter().any(|b| SIGNS.contains(b)))
        && !other
        && !version
        && !(value[0].is_ascii_digit() && checks::is_name(value))
        && !is_technical(value)
}

/// Capitals, small letters and digits, or digits and signs: what stands beside the name and is nothing else.
pub(crate) fn is_strong(value: &[u8]) -> bool {
    let value = trimmed(value);
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let cased = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let signed = value.iter().any(|b| SIGNS.contains(b));
    let run = value.split(|b| !b.is_ascii_lowercase()).map(<[u8]>::len).max().unwrap_or(0);
    is_mixed(value) && has(u8::is_ascii_digit) && (signed || cased && (run < 7 || has(|b| b"-_.".contains(b))))
}

/// Several words in quotes, none of which says that there is no password.
pub(crate) fn is_phrase(value: &[u8]) -> bool {
    const STATES: [&[u8]; 10] = [b"too", b"in", b"by", b"of", b"to", b"a", b"an", b"no", b"short", b"long"];
    let words: Vec<&[u8]> = value.split(|b| *b == b' ').collect();
    words.len() > 1 && words.iter().all(|w| w.len() > 1 && !placeholders::is_plain_word(w) && !STATES.contains(w))
}

fn trimmed(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|b| !b".,;:!?)".contains(b)).map_or(0, |n| n + 1);
    &value[..end]
}

/// `SHA256`, `base64-encoded`, `2FA-protected`.
fn is_technical(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let mut parts = text.split(|c: char| !c.is_alphanumeric());
    text.ends_with("ed") && text.contains('-') || parts.any(|part| TECHNICAL.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_from_words() {
        for value in ["Teal-Heron-4", "kestrel_91!", "tiger99", "Frost.Lemon42", "Quartz!Leaf"] {
            assert!(is_mixed(value.as_bytes()), "{value}");
        }
        for value in
            ["expired", "out-of-date", "90-days-old", "SHA256", "base64-encoded", "v2.3.1", "ops@shop.example", "kv/shop1", "8+"]
        {
            assert!(!is_mixed(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn what_only_stands_beside_the_name_has_to_be_stronger() {
        assert!(is_strong(b"Teal-Heron-4") && is_strong(b"kestrel_91!x"));
        assert!(!is_strong(b"tiger99") && !is_strong(b"OPS-4121") && !is_strong(b"Pbkdf2PasswordEncoder"));
    }
}
