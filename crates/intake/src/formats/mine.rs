//! What a message says in passing: the request it is about, the trace it belongs to, the object at its end.
//!
//! Must never change what stands before the object. What breaks it: a message that quotes a request of somebody else
//! (`upstream said "GET / HTTP/1.1" 502`); it counts as its own.

use std::borrow::Cow;

use evidence::{Http, Record};
use wide::u8x16;

use super::draft::{self, Reading, Role};
use super::{json, keys, text, time};

/// Bytes of a message that are searched.
const WITHIN: usize = 2_048;

/// Adds what the message says in passing to what its head said.
pub fn message(record: &mut Record<'_>) {
    let is_told = record.http.is_some() && record.trace.is_some() && record.user.is_some();
    if is_told && !record.message.ends_with('}') {
        return;
    }
    object_at_end(record);
    if !may_say_anything(record) {
        return;
    }
    let line = text::first_line(&record.message);
    let mut end = line.len().min(WITHIN);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let line = &line[..end];
    let http = if record.http.is_none() { request(line) } else { None };
    let (trace, user) = if record.trace.is_none() || record.user.is_none() { pairs(line) } else { (None, None) };
    let (trace, user) = (trace.map(cut(&record.message)), user.map(cut(&record.message)));
    let http = http.map(|found| Http {
        method: Some(cut(&record.message)(found.method)),
        path: Some(draft::path_of(cut(&record.message)(found.path))),
        status: Some(found.status),
        duration_ms: found.duration_ms,
        upstream: None,
    });
    record.http = record.http.take().or(http);
    record.trace = record.trace.take().or(trace);
    record.user = record.user.take().or(user);
}

/// Whether the first line has a pair that may be a trace or a user, or may be a request: most have neither.
fn may_say_anything(record: &Record<'_>) -> bool {
    let bytes = record.message.as_bytes();
    let bytes = &bytes[..bytes.len().min(WITHIN)];
    let (mut quote, mut has_pair, mut has_path, mut at) = (None, false, false, 0);
    while let Some((mut telling, from)) = telling(bytes, at) {
        while telling != 0 {
            let place = from + telling.trailing_zeros() as usize;
            telling &= telling - 1;
            match bytes[place] {
                b'\n' => (telling, at) = (0, bytes.len()),
                b'"' => quote = quote.or(Some(place)),
                b'/' => has_path |= place > 0 && bytes[place - 1] == b' ',
                _ => has_pair |= keys::may_be_trace_or_user(&bytes[..place]),
            }
        }
        at += CHUNK;
    }
    let begins = |from: usize| record.message.get(from..).and_then(method).is_some();
    let named = || behind_a_name(&record.message).is_some_and(begins);
    // A path stands behind the method of every request.
    let is_request = || begins(0) || quote.is_some_and(|quote| begins(quote + 1)) || named();
    has_pair || has_path && record.http.is_none() && is_request()
}

/// Bytes of the name before a request at most.
const NAME: usize = 40;

/// Where a message goes on behind its first word, as where the service or the logger stands before the request.
fn behind_a_name(message: &str) -> Option<usize> {
    let head = &message.as_bytes()[..message.len().min(NAME)];
    let space = memchr::memchr(b' ', head).filter(|space| *space > 0)?;
    message.as_bytes().get(space + 1).is_some_and(u8::is_ascii_uppercase).then_some(space + 1)
}

const CHUNK: usize = 16;

/// Which of the next bytes at `at` are an equals sign, a quote, a slash or the end of the line: one bit for each byte from the
/// place that is given back.
#[inline(always)]
fn telling(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let (chunk, from) = match (rest.first_chunk::<CHUNK>(), bytes.last_chunk::<CHUNK>()) {
        (Some(chunk), _) => (*chunk, at),
        (None, Some(chunk)) => (*chunk, bytes.len() - CHUNK),
        (None, None) => {
            let mut chunk = [0; CHUNK];
            chunk.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
            (chunk, at)
        }
    };
    let chunk = u8x16::new(chunk);
    let is = |byte: u8| chunk.simd_eq(u8x16::splat(byte));
    // Of a chunk that begins before `at` the first bytes were looked at.
    let seen = at - from;
    Some(((is(b'=') | is(b'"') | is(b'/') | is(b'\n')).to_bitmask() >> seen << seen, from))
}

type Span = (usize, usize);

/// Slices a message as it is owned.
fn cut<'m, 'a>(message: &'m Cow<'a, str>) -> impl Fn(Span) -> Cow<'a, str> + 'm {
    move |(from, to)| match message {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(from..to).unwrap_or("")),
        Cow::Owned(text) => Cow::Owned(text.get(from..to).unwrap_or("").to_string()),
    }
}

/// `payment failed {"status":502,"traceId":"..."}`: the object's values become fields, the words before it the message.
fn object_at_end(record: &mut Record<'_>) {
    let Cow::Borrowed(message) = record.message else { return };
    if !message.ends_with('}') || message.len() > 16 * WITHIN || message.contains('\n') {
        return;
    }
    let Some(at) = [" {\"", "\t{\""].into_iter().filter_map(|open| message.find(open)).min() else { return };
    let Some(members) = json::members(&message[at + 1..]) else { return };
    let levels = std::collections::BTreeMap::new();
    let draft = json::read(members, &[], &Reading { order: time::Order::DayMonth, levels: &levels });
    let found = draft.finish("", record.place, "", &Reading { order: time::Order::DayMonth, levels: &levels });
    record.message = Cow::Borrowed(message[..at].trim_end());
    record.service = record.service.take().or(found.service);
    record.instance = record.instance.take().or(found.instance);
    record.trace = record.trace.take().or(found.trace);
    record.user = record.user.take().or(found.user);
    record.level = record.level.or(found.level);
    if record.http.is_none() {
        record.http = found.http;
    }
    record.fields.extend(found.fields);
    if !found.message.is_empty() {
        record.fields.push((Cow::Borrowed("message"), found.message));
    }
}

struct Request {
    method: Span,
    path: Span,
    status: u16,
    duration_ms: Option<f64>,
}

/// `POST /checkout 200 147ms`, `cart-api GET /items 200 9ms`, `10.0.0.1:52782 - "POST /login HTTP/1.1" 401 Unauthorized`.
fn request(line: &str) -> Option<Request> {
    let begins = |from: &usize| method(&line[*from..]).is_some();
    let quoted = memchr::memchr(b'"', line.as_bytes()).map(|quote| quote + 1);
    let named = || behind_a_name(line).filter(|_| !begins(&0)).filter(begins);
    let from = quoted.filter(begins).or_else(named).unwrap_or(0);
    let method = method(&line[from..])?;
    let at = from + method.len() + 1;
    let path = line.get(at..)?.split([' ', '"']).next().filter(|p| p.starts_with('/'))?;
    let mut words = line.get(at + path.len()..)?.split([' ', '"', ',', ':']).filter(|w| !w.is_empty());
    let mut status = None;
    let mut duration_ms = None;
    for _ in 0..6 {
        let Some(word) = words.next() else { break };
        if status.is_none() {
            status = word
                .strip_prefix("status=")
                .unwrap_or(word)
                .parse::<u16>()
                .ok()
                .filter(|s| word.len() <= 10 && (100..600).contains(s));
        } else if let Some(ms) = with_unit(word, words.clone().next()) {
            duration_ms = Some(ms);
            break;
        }
    }
    Some(Request { method: (from, from + method.len()), path: (at, at + path.len()), status: status?, duration_ms })
}

/// The method that a text begins with. Nearly all texts are told by their first letter.
fn method(text: &str) -> Option<&str> {
    text.as_bytes().first().filter(|first| first.is_ascii_uppercase())?;
    text.split(' ').next().filter(|word| draft::is_method(word))
}

/// `147ms`, or `287 ms` in two words.
fn with_unit(word: &str, next: Option<&str>) -> Option<f64> {
    let number = word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match (number, next) {
        (true, Some(unit @ ("ms" | "s" | "us" | "µs"))) => draft::duration_ms(&format!("{word}{unit}"), 1.0),
        (true, _) => None,
        (false, _) => draft::duration_ms(word, 1.0),
    }
}

/// Trace and user of `key=value` words.
fn pairs(line: &str) -> (Option<Span>, Option<Span>) {
    let bytes = line.as_bytes();
    let (mut trace, mut user) = (None, None);
    for eq in memchr::memchr_iter(b'=', bytes).filter(|eq| keys::may_be_trace_or_user(&bytes[..*eq])) {
        let from = bytes[..eq]
            .iter()
            .rposition(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')))
            .map_or(0, |i| i + 1);
        let key = line.get(from..eq).unwrap_or("");
        let role = keys::role(key).filter(|(role, _)| matches!(role, Role::Trace | Role::User));
        if role.is_none() && !key.eq_ignore_ascii_case("req") {
            continue;
        }
        let start = eq + 1 + usize::from(matches!(bytes.get(eq + 1), Some(b'"' | b'\'')));
        let end = bytes[start.min(bytes.len())..]
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b']' | b',' | b';' | b')' | b'}' | b'"' | b'\'' | b'&' | b':'))
            .map_or(bytes.len(), |n| start + n);
        let slot = match role {
            Some((Role::User, _)) => &mut user,
            Some(_) => &mut trace,
            None if is_id(&bytes[start.min(end)..end]) => &mut trace,
            None => continue,
        };
        if slot.is_none() && end > start && &line[start..end] != "-" {
            *slot = Some((start, end));
        }
    }
    (trace, user)
}

/// Long and of hexadecimal digits: what a proxy gives to each request.
fn is_id(value: &[u8]) -> bool {
    value.len() >= 16 && value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_needs_a_method_a_path_and_a_status() {
        let found = |line: &str| request(line).map(|r| (line[r.path.0..r.path.1].to_string(), r.status, r.duration_ms));
        assert_eq!(found("POST /checkout 200 147ms user=1"), Some(("/checkout".into(), 200, Some(147.0))));
        assert_eq!(found("GET /api/orders/8 201 287 ms"), Some(("/api/orders/8".into(), 201, Some(287.0))));
        assert_eq!(found("1.2.3.4:1 - \"GET /m?x=1 HTTP/1.1\" 401 Unauthorized"), Some(("/m?x=1".into(), 401, None)));
        assert_eq!(found("cart-api GET /items 503 3012ms"), Some(("/items".into(), 503, Some(3_012.0))));
        assert_eq!(found("[http] GET /items 200 9ms"), Some(("/items".into(), 200, Some(9.0))));
        assert_eq!(found("calling GET items-service 200 9ms"), None);
        assert_eq!(found("retry of GET /items 503"), None);
        assert_eq!(found("GET order-service failed"), None);
        assert_eq!(found("GET /x failed"), None);
    }

    proptest! {
        #[test]
        fn what_may_tell_something_is_found_wherever_it_stands(text in "[ab=\"/\n]{0,50}", step in 0..4_usize) {
            let bytes = text.as_bytes();
            let mut found = Vec::new();
            for at in (0..=bytes.len()).step_by(CHUNK).chain([step * CHUNK + bytes.len()]) {
                let Some((bits, from)) = telling(bytes, at) else { continue };
                found.extend((0..CHUNK).filter(|n| bits & 1 << n != 0).map(|n| from + n));
            }
            let expected: Vec<usize> = (0..bytes.len()).filter(|at| b"=\"/\n".contains(&bytes[*at])).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_trace_is_a_pair_in_the_message() {
        let line = "redis lookup failed tid=effc92a0: Error [user=7]";
        let (trace, user) = pairs(line);
        assert_eq!((trace.map(|s| &line[s.0..s.1]), user.map(|s| &line[s.0..s.1])), (Some("effc92a0"), Some("7")));
    }
}
