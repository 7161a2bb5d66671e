//! Whether a word of a message is a variable, and which part of it: the rules, each a habit of those who write logs.
//!
//! It sees bytes around one word and never another message. Input that breaks it: names of one kind that look like two
//! (a host without a digit under a rare domain).

use std::ops::Range;

/// The part of `word` that is a variable, or of what the word belongs to (a URL, a request, an address). Nothing
/// before `floor` may be taken. Bounds stand beside ASCII bytes or at the ends of the line.
pub fn variable(line: &[u8], floor: usize, word: Range<usize>) -> Option<Range<usize>> {
    let seen = Seen::of(&line[word.clone()]);
    if seen.digits() == word.len() {
        return Some(pairs(line, floor, word));
    }
    let (word, whole) = (without_punctuation(line, word.clone(), &seen), word);
    let seen = if word == whole { seen } else { Seen::of(&line[word.clone()]) };
    let bytes = &line[word.clone()];
    if let Some(url) = url(line, floor, &word, bytes) {
        return (!is_reference(line, &url)).then_some(url);
    }
    if is_path(line, &word, &seen) {
        return Some(path(line, floor, word));
    }
    if seen.at_signs() > 0 && seen.letters() > 0 {
        return mailbox_or_object(bytes).map(|part| part.start + word.start..part.end + word.start);
    }
    if seen.digits() == 0 {
        return is_host(line, &word, bytes).then_some(word);
    }
    if !bytes[0].is_ascii_alphabetic() {
        return Some(pairs(line, floor, word));
    }
    if is_key(line, &word, &seen) || is_name_with_digit(bytes, &seen) || is_class(bytes) {
        return None;
    }
    // A product, then what it runs on: `"Mozilla/5.0 (X11; …"`.
    if seen.slashes() == 1 && word.start > 0 && line[word.start - 1] == b'"' {
        return Some(word.start..closing_quote(line, word.end));
    }
    Some(numbered(bytes, word.start).unwrap_or_else(|| pairs(line, floor, word)))
}

/// What a word has, counted in one pass without a branch: six counters of ten bits, as no more than a
/// thousand bytes of a message are looked at.
struct Seen(u64);

impl Seen {
    const BITS: u32 = 10;
    const ONE: [u64; 256] = {
        let mut one = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            one[byte] = match byte as u8 {
                b'0'..=b'9' => 1,
                b'a'..=b'z' | b'A'..=b'Z' => 1 << Seen::BITS,
                b'/' => 1 << (2 * Seen::BITS),
                b'\\' => 1 << (3 * Seen::BITS),
                b'@' => 1 << (4 * Seen::BITS),
                b'.' => 1 << (5 * Seen::BITS),
                _ => 0,
            };
            byte += 1;
        }
        one
    };

    fn of(word: &[u8]) -> Seen {
        Seen(word.iter().map(|byte| Seen::ONE[usize::from(*byte)]).sum())
    }

    fn digits(&self) -> usize {
        self.counter(0)
    }

    fn letters(&self) -> usize {
        self.counter(1)
    }

    fn slashes(&self) -> usize {
        self.counter(2)
    }

    fn backslashes(&self) -> usize {
        self.counter(3)
    }

    fn at_signs(&self) -> usize {
        self.counter(4)
    }

    fn dots(&self) -> usize {
        self.counter(5)
    }

    fn counter(&self, number: u32) -> usize {
        (self.0 >> (number * Seen::BITS)) as usize & ((1 << Seen::BITS) - 1)
    }
}

/// Signs around a value are the writer's: `#7`, `$5`, `~30`, `90%`, `took 5.`.
fn without_punctuation(line: &[u8], word: Range<usize>, seen: &Seen) -> Range<usize> {
    let Range { mut start, mut end } = word;
    // What follows leading dots is a word of its own.
    if seen.dots() > 1
        && let Some(dots) = line[start..end].windows(2).position(|pair| pair == b"..")
    {
        end = start + dots.max(1);
    }
    while end > start + 1 && matches!(line[end - 1], b'.' | b'!' | b'?' | b'%' | b'#' | b'*' | b'`') {
        let is_of_path = line[start] == b'/' && (line[end - 1] == b'*' || (line[end - 1] == b'.' && !ends_sentence(line, end)));
        if is_of_path {
            break;
        }
        end -= 1;
    }
    while start + 1 < end && matches!(line[start], b'#' | b'$' | b'~' | b'*' | b'&' | b'`' | b'@') {
        start += 1;
    }
    start..end
}

/// Whether a full stop before `end` ends a sentence: nothing follows, or a new one does.
fn ends_sentence(line: &[u8], end: usize) -> bool {
    let next = line[end..].iter().find(|byte| **byte != b' ');
    next.is_none_or(|byte| byte.is_ascii_uppercase() || !byte.is_ascii_alphanumeric())
}

/// `scheme://…` with everything up to a blank or what closes a bracket around it.
fn url(line: &[u8], floor: usize, word: &Range<usize>, bytes: &[u8]) -> Option<Range<usize>> {
    if !bytes.starts_with(b"//") || word.start <= floor || line[word.start - 1] != b':' {
        return None;
    }
    let in_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let scheme = line[floor..word.start - 1].iter().rev().take_while(|byte| in_scheme(byte)).count();
    let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}' | b'|' | b'`');
    let mut end = word.start + line[word.start..].iter().take_while(|byte| !ends(byte)).count();
    while matches!(line[end - 1], b'.' | b',' | b';' | b':' | b'!' | b'?') {
        end -= 1;
    }
    (scheme > 0).then(|| word.start - 1 - scheme..end)
}

/// A page of the manual that the message itself points to is part of its text: "for details see https://…".
fn is_reference(line: &[u8], url: &Range<usize>) -> bool {
    let before = line[..url.start].trim_ascii_end();
    let before = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    let points = [b"see".as_slice(), b"See", b"visit"].iter().any(|word| before.ends_with(word));
    points && !line[url.clone()].iter().any(u8::is_ascii_digit)
}

fn is_path(line: &[u8], word: &Range<usize>, seen: &Seen) -> bool {
    let first = line[word.start];
    let rooted = first == b'/' && seen.letters() + seen.digits() > 0;
    let nested = seen.slashes() >= 2 && seen.letters() > 0;
    let drive = first == b'\\' && word.start >= 2 && line[word.start - 1] == b':' && line[word.start - 2].is_ascii_alphabetic();
    rooted || nested || drive || seen.backslashes() >= 2
}

/// A path with the drive before it, the query behind it, and of a quoted request all but its method: `"GET /a HTTP/1.1"`.
fn path(line: &[u8], floor: usize, word: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = word;
    if line[start] == b'\\' && start >= floor + 2 && line[start - 1] == b':' && line[start - 2].is_ascii_alphabetic() {
        start -= 2;
    }
    if is_request(&line[floor..start]) {
        return start..closing_quote(line, end);
    }
    if line[start..end].contains(&b'?') {
        let in_query = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}');
        end += line[end..].iter().take_while(|byte| in_query(byte)).count();
    }
    start..end
}

/// Whether what stands before a path is a quote and a method.
fn is_request(before: &[u8]) -> bool {
    let Some((b' ', before)) = before.split_last() else { return false };
    let method = before.iter().rev().take_while(|byte| byte.is_ascii_uppercase()).count();
    method > 0 && before[..before.len() - method].ends_with(b"\"")
}

fn closing_quote(line: &[u8], from: usize) -> usize {
    line[from..].iter().position(|byte| *byte == b'"').map_or(from, |quote| from + quote)
}

/// An address of mail is a variable as a whole; of an object that prints as its class and its address (`Session@1f3a`,
/// the habit of Java), the address is.
fn mailbox_or_object(word: &[u8]) -> Option<Range<usize>> {
    let at = word.iter().rposition(|byte| *byte == b'@')?;
    let (name, tail) = (&word[..at], &word[at + 1..]);
    let is_address = !tail.is_empty() && tail.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'.');
    if is_address && name.iter().any(u8::is_ascii_uppercase) {
        return Some(at + 1..word.len());
    }
    let is_mailbox = !name.is_empty() && tail.contains(&b'.');
    (is_mailbox || word.iter().any(u8::is_ascii_digit)).then_some(0..word.len())
}

/// A name under a domain that stands for nothing else, or one with a port. `java.net` and `mapred.task.id` are names of
/// code, so domains of countries need a port.
fn is_host(line: &[u8], word: &Range<usize>, bytes: &[u8]) -> bool {
    const DOMAINS: [&[u8]; 12] =
        [b"com", b"net", b"org", b"edu", b"gov", b"local", b"localdomain", b"internal", b"intranet", b"lan", b"corp", b"cloud"];
    const PACKAGES: [&[u8]; 8] = [b"com", b"org", b"net", b"java", b"javax", b"io", b"sun", b"edu"];
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !bytes.contains(&b'.') || !bytes.iter().all(in_name) {
        return false;
    }
    let mut labels = bytes.split(|byte| *byte == b'.');
    let (first, last) = (labels.next().unwrap_or_default(), labels.next_back().unwrap_or_default());
    let has_port = line.get(word.end) == Some(&b':') && line.get(word.end + 1).is_some_and(u8::is_ascii_digit);
    (DOMAINS.contains(&last) && !PACKAGES.contains(&first)) || has_port
}

/// What stands directly before `=` is a key, with a digit or without: `r24=`, `http2=`.
fn is_key(line: &[u8], word: &Range<usize>, seen: &Seen) -> bool {
    let first = line[word.start];
    line.get(word.end) == Some(&b'=')
        && (first.is_ascii_alphabetic() || first == b'_')
        && seen.digits() <= 3
        && seen.letters() > 0
}

/// Names of standards end with a digit, and names of code may have one among their letters (`jk2_init`, `Slf4jLogger`).
fn is_name_with_digit(word: &[u8], seen: &Seen) -> bool {
    if word.len() <= 7 && seen.digits() <= 3 && is_standard(word) {
        return true;
    }
    if seen.digits() != 1 || seen.letters() < 4 {
        return false;
    }
    let in_code = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let digit = word.iter().position(u8::is_ascii_digit).unwrap_or(0);
    digit > 0 && word[digit + 1..].iter().filter(|byte| byte.is_ascii_alphabetic()).count() >= 2 && word.iter().all(in_code)
}

fn is_standard(word: &[u8]) -> bool {
    let mut lower = [0; 7];
    let lower = &mut lower[..word.len()];
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    matches!(
        &*lower,
        b"s3"
            | b"h2"
            | b"x86"
            | b"x64"
            | b"md5"
            | b"k8s"
            | b"ec2"
            | b"p2p"
            | b"ssh2"
            | b"sha1"
            | b"sha2"
            | b"ipv4"
            | b"ipv6"
            | b"utf8"
            | b"ext3"
            | b"ext4"
            | b"i18n"
            | b"http2"
            | b"http3"
            | b"log4j"
            | b"slf4j"
            | b"amd64"
            | b"arm64"
            | b"win32"
            | b"x86_64"
            | b"sha256"
            | b"sha512"
            | b"oauth2"
            | b"log4j2"
            | b"base64"
    )
}

/// A class with the packages it is in (`org.example.v2.Http2Server$Filter`) is a name of code.
fn is_class(word: &[u8]) -> bool {
    let Some(dot) = word.iter().rposition(|byte| *byte == b'.') else { return false };
    let in_package = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_');
    let in_class = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    word[0].is_ascii_lowercase()
        && word[..dot].contains(&b'.')
        && word[..dot].iter().all(in_package)
        && word.get(dot + 1).is_some_and(u8::is_ascii_uppercase)
        && word[dot + 1..].iter().all(in_class)
}

/// Of a name that is numbered, the number: `core.2275`, `node-246`, `jetty-6.1.26`.
fn numbered(word: &[u8], start: usize) -> Option<Range<usize>> {
    let name = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (sign, number) = word.get(name..)?.split_first()?;
    let is_numbered = match sign {
        // With letters it would be a name: `customer-10-0-0-7.example.com`.
        b'-' => number.first().is_some_and(u8::is_ascii_digit) && !number.iter().any(u8::is_ascii_lowercase),
        b'.' => !number.is_empty() && number.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let is_hex = name == 8 && word[..name].iter().all(u8::is_ascii_hexdigit);
    (name >= 2 && is_numbered && !is_hex).then(|| start + name + 1..start + word.len())
}

/// Pairs of hexadecimal digits with colons between them are one address, also where a pair has no digit: `FF:F2:9F`.
fn pairs(line: &[u8], floor: usize, word: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = word;
    if end - start != 2 || !is_pair(&line[start..end]) {
        return start..end;
    }
    while start >= floor + 3 && line[start - 1] == b':' && is_pair(&line[start - 3..start - 1]) && ends_there(line, floor, start)
    {
        start -= 3;
    }
    while end + 3 <= line.len() && line[end] == b':' && is_pair(&line[end + 1..end + 3]) && is_end(line.get(end + 3)) {
        end += 3;
    }
    start..end
}

fn ends_there(line: &[u8], floor: usize, start: usize) -> bool {
    start == floor + 3 || is_end(line.get(start - 4))
}

fn is_end(byte: Option<&u8>) -> bool {
    byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte < 128 && *byte != b'_' && *byte != b'-' && *byte != b'.')
}

fn is_pair(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_hexdigit)
}
