//! What a pattern cannot say: how random a value is, whether its check digit holds.

/// Shannon entropy in bits per byte: 0 for "aaaa", about 4 for 20 random characters.
pub(crate) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|b| counts[usize::from(*b)] += 1);
    let total = value.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / total).map(|p| -p * p.log2()).sum()
}

pub(crate) fn digits(value: &[u8]) -> usize {
    value.iter().filter(|b| b.is_ascii_digit()).count()
}

/// Letters that no language has in this order: five consonants on end, or hardly a vowel.
pub(crate) fn is_gibberish(value: &[u8]) -> bool {
    let letters: Vec<u8> = value.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    let vowel = |b: &u8| b"aeiouy".contains(b);
    let longest = letters.split(|b| vowel(b)).map(<[u8]>::len).max().unwrap_or(0);
    let vowels = letters.iter().filter(|b| vowel(b)).count();
    letters.len() >= 8 && (longest >= 5 || vowels * 6 < letters.len())
}

/// Lower-case words and numbers joined by separators, as people name things: `order-service`, `stripe-key`.
pub(crate) fn is_name(value: &[u8]) -> bool {
    value.split(|b| b"-_./:".contains(b)).all(|part| {
        let letters = part.iter().filter(|b| b.is_ascii_lowercase()).count();
        let numbers = digits(part);
        letters + numbers == part.len() && (numbers == 0 || letters == 0 && numbers <= 6 || part[0] == b'v')
    })
}

/// Words of one case with a number behind, and numbers, joined as files and machines are named: `HOST-APP02/cart-api-2025-03-18`.
/// A random value changes its case and has digits within its parts.
pub(crate) fn is_path(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|b| b"-_./".contains(b)).collect();
    let is_word = |part: &&[u8]| {
        let letters = part.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let (word, number) = part.split_at(letters);
        let is_small = word.get(1..).is_none_or(|rest| rest.iter().all(u8::is_ascii_lowercase));
        (is_small || word.iter().all(u8::is_ascii_uppercase)) && number.len() <= 8 && number.iter().all(u8::is_ascii_digit)
    };
    parts.len() >= 3 && parts.len() * 8 >= value.len() && parts.iter().all(|part| !part.is_empty()) && parts.iter().all(is_word)
}

pub(crate) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, b)| if [8, 13, 18, 23].contains(&i) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

pub(crate) fn is_hex(value: &[u8]) -> bool {
    value.iter().all(|b| b.is_ascii_hexdigit())
}

/// Upper case, lower case and at least three digits without a run that reads like a word: nobody writes that by hand.
pub(crate) fn is_random(value: &[u8]) -> bool {
    let longest_word = value.split(|b| !b.is_ascii_lowercase()).map(<[u8]>::len).max().unwrap_or(0);
    value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase) && digits(value) >= 2 && longest_word < 7
}

/// The check digit of payment cards (ISO/IEC 7812-1), with the lengths and first digits that issuers use.
pub(crate) fn is_card(value: &[u8]) -> bool {
    let number: Vec<u32> = value.iter().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0')).collect();
    let issuer = match number.first() {
        Some(4) => [13, 16, 19].contains(&number.len()),
        Some(5) => number.len() == 16 && (1..=5).contains(&number[1]) || number.len() == 16 && number[1] == 0,
        Some(2) => number.len() == 16 && (2..=7).contains(&number[1]),
        Some(3) => [14, 15, 16].contains(&number.len()) && [0, 4, 5, 6, 7, 8].contains(&number[1]),
        Some(6) => (16..=19).contains(&number.len()) && [0, 2, 3, 4, 5].contains(&number[1]),
        Some(1) => number.len() == 15,
        _ => false,
    };
    let sum: u32 = number.iter().rev().enumerate().map(|(i, d)| if i % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { *d }).sum();
    issuer && sum.is_multiple_of(10) && number.iter().any(|d| *d != number[0])
}

/// The check digits of bank accounts (ISO 13616): rearranged and read as a number, it leaves 1 over 97.
pub(crate) fn is_iban(value: &[u8]) -> bool {
    let text: Vec<u8> = value.iter().filter(|b| **b != b' ').copied().collect();
    if !(15..=34).contains(&text.len()) {
        return false;
    }
    let rest = text[4..].iter().chain(&text[..4]).fold(0u32, |rest, b| {
        let value = (*b as char).to_digit(36).unwrap_or(0);
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    });
    rest == 1
}

/// Eight to fifteen digits (ITU-T E.164), more than two of them different.
pub(crate) fn is_phone(value: &[u8]) -> bool {
    let mut seen: Vec<u8> = value.iter().filter(|b| b.is_ascii_digit()).copied().collect();
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    (8..=15).contains(&count) && seen.len() > 2
}

/// Areas 000, 666 and 900 up, group 00 and serial 0000 are never given out.
pub(crate) fn is_ssn(value: &[u8]) -> bool {
    let number: Vec<u8> = value.iter().filter(|b| b.is_ascii_digit()).map(|b| b - b'0').collect();
    number.len() == 9
        && number[..3] != [0, 0, 0]
        && number[..3] != [6, 6, 6]
        && number[0] != 9
        && number[3..5] != [0, 0]
        && number[5..] != [0, 0, 0, 0]
        && number.iter().any(|d| *d != number[0])
}

/// An address of IPv4 or IPv6. Small numbers are more often a version than an address.
pub(crate) fn is_address(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    match text.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            let [a, b, ..] = address.octets();
            let same = address.octets().iter().all(|o| *o == a);
            address.is_private()
                || address.is_loopback()
                || same
                || a == 100 && (64..128).contains(&b)
                || address.is_link_local()
                || address.octets().iter().filter(|o| **o >= 20).count() >= 2
        }
        Ok(std::net::IpAddr::V6(_)) => text.contains(|c: char| c.is_ascii_digit()) && text.matches(':').count() >= 2,
        Err(_) => false,
    }
}

/// Endings of files that are no top-level domains.
const FILES: [&str; 22] = [
    "log", "txt", "json", "jsonl", "ndjson", "csv", "tsv", "xml", "yml", "yaml", "html", "htm", "gz", "tgz", "bz", "xz", "zst",
    "eml", "mbox", "out", "err", "journal",
];

/// Not the account of a machine, a unit of an init system or the name of a file; a file may be named after an address.
pub(crate) fn is_email(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let (name, mut host) = text.split_once('@').unwrap_or((&text, ""));
    while let Some((rest, _)) = host.rsplit_once('.').filter(|(_, ending)| FILES.contains(ending)) {
        host = rest;
    }
    let Some((_, top)) = host.rsplit_once('.') else { return false };
    if top.len() < 2 || !top.bytes().all(|b| b.is_ascii_alphabetic()) {
        return false;
    }
    let machines = [
        "local",
        "internal",
        "svc",
        "lan",
        "localdomain",
        "cluster",
        "prod",
        "production",
        "staging",
        "corp",
        "home",
        "service",
        "socket",
        "slice",
        "timer",
        "mount",
        "target",
        "java",
        "py",
        "js",
        "rs",
        "ts",
        "png",
        "jpg",
        "so",
        "jar",
    ];
    !machines.contains(&top) && name != "git" && !name.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_their_neighbours() {
        assert!(is_card(b"4111 1111 1111 1111") && is_card(b"378282246310005"));
        assert!(!is_card(b"4111 1111 1111 1112") && !is_card(b"1772078887646") && !is_card(b"0000000000000000"));
    }

    #[test]
    fn names_of_files_are_no_addresses_unless_they_hold_one() {
        for value in ["broker@mq-1.log", "broker@mq-1.log.gz", "dump@10.0.0.7.txt", "pg@db-1.prod.log", "user@1000.journal"] {
            assert!(!is_email(value.as_bytes()), "{value}");
        }
        for value in ["a@b.example", "a@b.example.eml", "a.b@shop.example.log.gz"] {
            assert!(is_email(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn names_are_told_from_random_values() {
        assert!(is_name(b"order-12") && is_name(b"stripe-key") && !is_name(b"7Hq19xLmA0pT2z"));
        for path in ["HOST-APP02/cart-api-2025-03-18", "PROD-EU/Shop-web-01_access-20250318"] {
            assert!(is_random(path.as_bytes()) && is_path(path.as_bytes()), "{path}");
        }
        for value in ["7Hq1-9xLm/A0pT-2zKw_8dQe", "Ab3-Xk9-Qw2e-Zr7t", "HOST-APP02/7Hq19xLmA0pT2z-2025-03-18"] {
            assert!(!is_path(value.as_bytes()), "{value}");
        }
        assert!(is_random(b"7Hq19xLmA0pT2z") && !is_random(b"EnhancerBySpring12"));
        assert!(entropy(b"aaaa") < 0.1 && entropy(b"a8vXnt57yzfYm909fb3N") > 3.5);
    }
}
