//! The plan of an object on one line.
//!
//! Must never accept what is no JSON (RFC 8259): brackets, commas and names are compared as they stand in a line that was
//! read, and values are looked at one by one. What breaks it: lists, which are left to the general reader.

use std::borrow::Cow;

use super::straight::Straight;
use super::{Kind, Plan, Slot, Text, interned};
use crate::formats::draft::Role;
use crate::formats::json::{DEPTH, LEAVES, fits, members};
use crate::formats::{Format, keys};
use crate::marks::{Alone, Marked};

/// What a value is given as, and what it was asked to fit, with the answer.
pub type Given = (Role, Option<(Role, bool)>);

/// `None` for an object that may be more than a record, or has something that no plan holds.
pub fn plan(line: &str, format: &'static Format) -> Option<Plan> {
    let crate::formats::Kind::Json { required, roles: own } = &format.kind else { return None };
    // Tabs within texts are no JSON, and a plan does not look for them.
    if !line.starts_with('{') || line.contains('\t') {
        return None;
    }
    let outer = members(line)?;
    if outer.len() >= LEAVES || !required.iter().all(|r| r.holds(&outer)) {
        return None;
    }
    let mut found = Vec::new();
    leaves(line, None, line, DEPTH, &mut found)?;
    if found.len() >= LEAVES {
        return None;
    }
    let named: Vec<(Cow<'_, str>, Cow<'_, str>)> = found
        .iter()
        .map(|leaf| Some((leaf.name.as_str().into(), crate::formats::json::plain(leaf.raw)?)))
        .collect::<Option<_>>()?;
    let roles = roles(&named, own, format)?;
    let (bytes, alone) = (line.as_bytes(), Alone::new(line));
    let mut slots = Vec::with_capacity(found.len());
    let mut end = 0;
    for (leaf, (role, asked)) in found.iter().zip(roles) {
        let kind = match leaf.raw.as_bytes().first()? {
            b'"' => Kind::Quoted,
            b't' | b'f' => Kind::Word,
            _ => Kind::Number,
        };
        let from = leaf.at + usize::from(kind == Kind::Quoted);
        let before = Text::new(bytes.get(end..from)?);
        slots.push(Slot { before, name_at: 0, kind, name: interned::name(&leaf.name)?, role, asked });
        end = kind.end(alone.marked(), from, &mut false)?;
    }
    let straight = Straight::of(&slots);
    let plan = Plan { format, slots, tail: Text::new(bytes.get(end..)?), message_from: None, straight };
    (is_plainly_log(&outer) || plan.never_holds_event()).then_some(plan)
}

/// What a text between quotes says, which stands at a place that was marked; `None` where an escape stands for no character.
pub fn unescaped<'t>(raw: &'t str, at: Marked<'_>) -> Option<Cow<'t, str>> {
    let escape = |from: usize| at.quote(at.from + from).map(|found| found - at.from).filter(|found| *found < raw.len());
    let Some(first) = escape(0) else { return Some(Cow::Borrowed(raw)) };
    let mut text = String::with_capacity(raw.len());
    let (mut from, mut next) = (0, Some(first));
    while let Some(found) = next {
        text.push_str(raw.get(from..found)?);
        let plain = match raw.as_bytes().get(found + 1)? {
            byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            // Few are written otherwise, and several may be one character.
            _ => return serde_json::from_str(&format!("\"{raw}\"")).ok().map(Cow::Owned),
        };
        text.push(plain);
        from = found + 2;
        next = escape(from);
    }
    text.push_str(raw.get(from..)?);
    Some(Cow::Owned(text))
}

impl Plan {
    /// Whether a name stands where no value does: what follows it is the same in every line.
    pub fn names(&self, name: &str) -> bool {
        let quoted = format!("\"{name}\"");
        let has = |text: &[u8]| memchr::memmem::find(text, quoted.as_bytes()).is_some();
        self.slots.iter().any(|slot| has(slot.before.bytes())) || has(self.tail.bytes())
    }

    /// Whether no line that follows it can be an event of a document, whatever its values are.
    fn never_holds_event(&self) -> bool {
        let texts = self.slots.iter().map(|slot| slot.before.bytes()).chain([self.tail.bytes()]);
        let skeleton = texts.map(String::from_utf8_lossy).collect::<String>();
        let telling = ["\"type\"", "\"kind\"", "\"event\"", "\"action\"", "\"event_type\"", "\"line\""];
        !telling.into_iter().any(|key| skeleton.contains(key)) && !crate::documents::may_hold_event(&skeleton)
    }
}

/// The role of each of the values, as the general reader gives them; `None` where it looks at several of them at once.
pub fn roles(leaves: &[(Cow<'_, str>, Cow<'_, str>)], own: &[(String, Role)], format: &Format) -> Option<Vec<Given>> {
    let reading = format.reading();
    let asked = |(key, value): &(Cow<'_, str>, Cow<'_, str>)| {
        let known = own.iter().find(|(name, _)| name == key).map(|(_, role)| (*role, 0));
        let (role, rank) = known.or_else(|| keys::role(key).map(|(role, rank)| (role, rank + 1)))?;
        let always = known.is_some() && matches!(role, Role::Stack | Role::Service);
        let is_count = role == Role::Message && key.len() == 1 && value.parse::<f64>().is_ok();
        Some((role, rank, always, always || fits(role, value, &reading) && !is_count))
    };
    let ranked: Vec<_> = leaves.iter().map(asked).collect();
    if ranked.iter().flatten().any(|(role, ..)| matches!(role, Role::Template | Role::Renderings)) {
        return None;
    }
    let best = |wanted: Role| {
        let of_role = ranked.iter().enumerate().filter_map(|(i, r)| r.filter(|r| r.0 == wanted && r.3).map(|r| (r.1, i)));
        of_role.min().map(|(_, i)| i)
    };
    let given = |(i, ranked): (usize, &Option<(Role, u8, bool, bool)>)| match ranked {
        Some((role, _, always, fitted)) => {
            let role_given = if *fitted && best(*role) == Some(i) { *role } else { Role::Field };
            (role_given, (!always).then_some((*role, *fitted)))
        }
        None => (Role::Field, None),
    };
    Some(ranked.iter().enumerate().map(given).collect())
}

/// Whether an object with these members is a record and cannot be an event of a document.
fn is_plainly_log(members: &[(Cow<'_, str>, &str)]) -> bool {
    let has = |name: &str| members.iter().any(|(key, raw)| key == name && *raw != "null");
    crate::documents::is_plainly_log(&has)
}

/// A value that is no object, with the names of those around it.
struct Leaf<'a> {
    name: String,
    raw: &'a str,
    at: usize,
}

/// Collects the values of `object`, which stands in `line`.
fn leaves<'a>(line: &'a str, name: Option<&str>, object: &'a str, depth: u32, out: &mut Vec<Leaf<'a>>) -> Option<()> {
    for (key, raw) in members(object)? {
        let name = name.map_or_else(|| key.to_string(), |outer| format!("{outer}.{key}"));
        match raw.as_bytes().first()? {
            b'{' if depth > 0 => leaves(line, Some(&name), raw, depth - 1, out)?,
            b'{' | b'[' => return None,
            // It says nothing, and belongs to what stands between the values.
            b'n' => {}
            _ => out.push(Leaf { name, raw, at: offset(line, raw)? }),
        }
    }
    Some(())
}

/// Where a part of a text stands in it.
pub fn offset(whole: &str, part: &str) -> Option<usize> {
    let at = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    (at + part.len() <= whole.len()).then_some(at)
}
