//! The plan of a line of `key=value` pairs.
//!
//! Must never know more of pairs than where they stand; what they mean is the general reader's to say. What breaks it:
//! words between the pairs that differ from line to line; such a line makes no plan that another would follow.

use super::straight::Straight;
use super::{Kind, Plan, Slot, Text, interned, json};
use crate::formats::{Format, logfmt};
use crate::marks::Alone;

/// `None` when the line is not made of pairs alone.
pub fn plan(line: &str, format: &'static Format) -> Option<Plan> {
    if !logfmt::is_head(line) {
        return None;
    }
    let pairs = logfmt::pairs(line, logfmt::PAIRS);
    if pairs.len() == logfmt::PAIRS {
        return None;
    }
    let leaves: Vec<_> = pairs.iter().map(|p| (p.key.into(), p.value.clone())).collect();
    let roles = json::roles(&leaves, &[], format)?;
    let (bytes, alone) = (line.as_bytes(), Alone::new(line));
    let mut slots = Vec::with_capacity(pairs.len());
    let mut end = 0;
    for (pair, (role, asked)) in pairs.iter().zip(roles) {
        let mut from = pair.at + pair.key.len() + 1;
        let kind = if bytes.get(from) == Some(&b'"') { Kind::Quoted } else { Kind::Bare };
        from += usize::from(kind == Kind::Quoted);
        let before = Text::new(bytes.get(end..from)?);
        let name = interned::name(pair.key)?;
        slots.push(Slot { before, name_at: pair.at - end, kind, name, role, asked });
        end = kind.end(alone.marked(), from, &mut false)?;
    }
    let message_from = pairs.iter().position(|p| !logfmt::is_of_head(p.key));
    let straight = Straight::of(&slots);
    Some(Plan { format, slots, tail: Text::new(bytes.get(end..)?), message_from, straight })
}
