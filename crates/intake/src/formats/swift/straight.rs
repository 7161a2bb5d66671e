//! From the values of a plan straight to a record, where each value has a place of its own there.
//!
//! Must never read a value differently from the general way through a draft: what is in the least unusual (an escape, an
//! empty value, a number beyond what its role takes) is left to it. What breaks it: nothing but plans without a service or
//! with roles that need each other (a date beside a time, a host, a template); they make no list of acts.

use std::borrow::Cow;

use evidence::{Http, Record, RecordRef};

use super::{Fields, Followed, Known, Plan, Slot, is_fit_name};
use crate::formats::draft::{FIELDS, Role, duration_ms};

/// What is done with the value of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Time,
    Level,
    Service,
    /// A pod, container or instance.
    Instance,
    Message,
    Trace,
    User,
    Status,
    /// In the unit of the slot's name: nanoseconds of it.
    Duration(u32),
    Field,
}

/// What is done with the values of these slots; `None` when a record cannot be made straight from them.
pub fn acts(slots: &[Slot]) -> Option<Box<[Act]>> {
    let acts = slots.iter().map(act).collect::<Option<Box<[Act]>>>()?;
    let has = |act: Act| acts.contains(&act);
    let is_whole = has(Act::Time) && has(Act::Level) && has(Act::Service) && has(Act::Message);
    (is_whole && acts.len() <= FIELDS).then_some(acts)
}

fn act(slot: &Slot) -> Option<Act> {
    let fits = slot.asked == Some((slot.role, true));
    Some(match slot.role {
        Role::Field if slot.asked.is_none() => Act::Field,
        Role::Time if fits => Act::Time,
        Role::Level if fits => Act::Level,
        Role::Service if fits => Act::Service,
        Role::Pod | Role::Instance if fits => Act::Instance,
        // A name of one letter may be a count's.
        Role::Message if fits && slot.name.len() > 1 => Act::Message,
        Role::Trace if fits => Act::Trace,
        Role::User if fits => Act::User,
        Role::Status if fits => Act::Status,
        Role::DurationMs if fits => Act::Duration(1_000_000),
        Role::DurationUs if fits => Act::Duration(1_000),
        Role::DurationS if fits => Act::Duration(1_000_000_000),
        _ => return None,
    })
}

/// What is known of a record so far.
#[derive(Default)]
struct Found<'a> {
    stamp: Option<(evidence::Stamp, &'a str)>,
    level: Option<evidence::Level>,
    service: Option<&'a str>,
    instance: Option<&'a str>,
    message: Option<&'a str>,
    trace: Option<&'a str>,
    user: Option<&'a str>,
    status: Option<u16>,
    duration: Option<(f64, &'a str)>,
}

/// Room for further values, and what takes the record.
type Taken<'t, 'a> = (&'t mut Fields<'a>, &'t mut dyn FnMut(&Record<'a>, bool));

/// Hands out the record of a line; false when it has to be read through a draft.
pub fn read<'a>(
    (plan, acts): (&Plan, &[Act]),
    (line, followed): (&'a str, &Followed),
    place: RecordRef,
    (times, levels, reading): Known<'_>,
    (fields, out): Taken<'_, 'a>,
) -> bool {
    let mut found = Found::default();
    let values = acts.iter().zip(&plan.slots).zip(&followed.spans);
    let mut fit = |(act, slot): (&Act, &Slot), value: &'a str| -> Option<()> {
        match act {
            Act::Time => {
                let (stamp, has_zone) = times.read(value, reading.order)?;
                (!has_zone).then_some(())?;
                fill(&mut found.stamp, (stamp, value))
            }
            Act::Level => fill(&mut found.level, levels.of(value, reading)?),
            Act::Service => fill(&mut found.service, name(Role::Service, value)?),
            Act::Instance => fill(&mut found.instance, name(Role::Instance, value)?),
            Act::Trace => fill(&mut found.trace, name(Role::Trace, value)?),
            Act::User => fill(&mut found.user, name(Role::User, value)?),
            Act::Message => fill(&mut found.message, Some(value).filter(|v| !v.is_empty())?),
            Act::Status => {
                let status = value.parse::<u16>().ok().filter(|status| (100..600).contains(status))?;
                fill(&mut found.status, status)
            }
            Act::Duration(nanos) => fill(&mut found.duration, (duration_ms(value, f64::from(*nanos) / 1e6)?, value)),
            Act::Field => {
                if !value.is_empty() && value != "-" {
                    fields.push((Cow::Borrowed(slot.name), Cow::Borrowed(value)));
                }
                Some(())
            }
        }
    };
    for ((act, slot), span) in values {
        if span.escaped || fit((act, slot), &line[span.from..span.to]).is_none() {
            fields.clear();
            return false;
        }
    }
    let Found { stamp: Some((stamp, text)), level: level @ Some(_), service: service @ Some(_), message: Some(message), .. } =
        found
    else {
        fields.clear();
        return false;
    };
    let duration_ms = found.duration.map(|(ms, _)| ms);
    let http = found.status.map(|status| Http { status: Some(status), duration_ms, ..Http::default() });
    if let (None, Some((ms, text))) = (&http, found.duration) {
        fields.push((Cow::Borrowed("duration_ms"), shown(ms, text)));
    }
    let mut record = Record {
        place,
        stamp: Some(stamp),
        stamp_text: Some(Cow::Borrowed(text)),
        level,
        service: service.map(Cow::Borrowed),
        instance: found.instance.map(Cow::Borrowed),
        message: Cow::Borrowed(message),
        trace: found.trace.map(Cow::Borrowed),
        http,
        user: found.user.map(Cow::Borrowed),
        format: plan.format.id(),
        fields: std::mem::take(fields),
    };
    plan.format.complete(&mut record);
    out(&record, true);
    *fields = record.fields;
    fields.clear();
    true
}

/// Milliseconds in digits: as they stand in the text, where they are a whole number there.
fn shown(ms: f64, text: &str) -> Cow<'_, str> {
    let digits = text.strip_suffix("ms").unwrap_or(text);
    let is_whole = digits.bytes().all(|b| b.is_ascii_digit()) && (1..=9).contains(&digits.len()) && !digits.starts_with('0');
    if is_whole && digits.parse() == Ok(ms) { Cow::Borrowed(digits) } else { Cow::Owned(ms.to_string()) }
}

/// A second value for one place needs a draft.
fn fill<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn name(role: Role, value: &str) -> Option<&str> {
    is_fit_name(role, value).then_some(value)
}
