//! What looks random and opens nothing: fingerprints, checksums, public keys, marks of versions and of pages.
//!
//! Must never clear a value for a word that stands farther away than right before it.

use std::ops::Range;

/// What stands right before such a value.
const BEFORE: [&[u8]; 13] = [
    b"sha1:",
    b"sha256:",
    b"sha384:",
    b"sha512:",
    b"md5:",
    b"sha1-",
    b"sha256-",
    b"sha384-",
    b"sha512-",
    b" h1:",
    b"ssh-ed25519 ",
    b"ssh-rsa ",
    b"/by-id/",
];
/// How such a value begins: public keys of SSH, certificates and public keys in base64, devices, security identifiers.
const BEGINS: [&[u8]; 12] = [
    b"AAAAC3NzaC1lZDI1NTE5",
    b"AAAAB3NzaC1yc2E",
    b"AAAAE2VjZHNhLXNoYTI",
    b"LS0tLS1CRUdJTiBDRVJUSUZ",
    b"LS0tLS1CRUdJTiBQVUJMSUMg",
    b"/dev/",
    b"S-1-5-",
    b"ssh-ed25519",
    b"ssh-rsa",
    b"ecdsa-sha2-",
    b"sha256:",
    b"h1:",
];
/// Names of such values.
const NAMES: [&[u8]; 26] = [
    b"etag",
    b"kid",
    b"version-id",
    b"version_id",
    b"versionid",
    b"amz-id-2",
    b"integrity",
    b"checksum",
    b"digest",
    b"publickey",
    b"public_key",
    b"public-key",
    b"public key",
    b"peer",
    b"fingerprint",
    b"thumbprint",
    b"cursor",
    b"nexttoken",
    b"next_token",
    b"pagetoken",
    b"page_token",
    b"continuation",
    b"if-none-match",
    b"content-md5",
    b"pin-sha256",
    b"checksum/secret",
];
/// Bytes before a value that are looked at.
const NEAR: usize = 32;

pub(crate) fn is_public(line: &[u8], at: &Range<usize>) -> bool {
    let value = &line[at.clone()];
    if BEGINS.iter().any(|begin| value.starts_with(begin)) {
        return true;
    }
    // A byte more, so that the beginning of a line is one of a word.
    let near = [b" ", &line[at.start.saturating_sub(NEAR)..at.start]].concat().to_ascii_lowercase();
    let same = [b" ", &value[..value.len().min(NEAR)]].concat().to_ascii_lowercase();
    BEFORE.iter().any(|before| near.ends_with(before) || same.starts_with(before)) || is_named(&near)
}

fn is_named(near: &[u8]) -> bool {
    let name = trimmed(near);
    let weak = name.strip_suffix(b"w").filter(|rest| near.ends_with(b"w/\"") && b":= ".contains(rest.last().unwrap_or(&b'-')));
    let name = weak.map_or(name, trimmed);
    name.len() < near.len() && NAMES.iter().any(|n| name.ends_with(n) && ends_word(name, n.len()))
}

fn trimmed(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|b| !b"\"'\\ :=/<>".contains(b)).map_or(0, |n| n + 1)]
}

/// The name is a word of its own, or the last of several.
fn ends_word(name: &[u8], length: usize) -> bool {
    name.len() == length || !name[name.len() - length - 1].is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_right_before_says_that_a_value_is_public() {
        const VALUE: &str = "Ev1qQDXOJs6dXeWgBMvK2RXuizLg6w5vn+r+ThCH0hR";
        let at = |before: &str| is_public(format!("{before}{VALUE}").as_bytes(), &(before.len()..before.len() + VALUE.len()));
        for before in
            ["key is SHA256:", "integrity: sha512-", "ETag: W/\"", "\"kid\":\"", "x-amz-id-2: ", "PublicKey = ", "etag="]
        {
            assert!(at(before), "{before}");
        }
        for before in ["", "token ", "secret=", "private key: ", "timetag=", "skid=", "sha256 of ", "etag of token: "] {
            assert!(!at(before), "{before}");
        }
    }
}
