//! From the values of a plan straight to a record, where each value has a place of its own there.
//!
//! Must never read a value differently from the general way through a draft: what is in the least unusual (an escape, an
//! empty value, a number beyond what its role takes) is left to it. What breaks it: nothing but lines without a level or
//! with roles that need each other (a date beside a time, a host, a template); they make no list of acts.

use std::borrow::Cow;

use evidence::{Http, Record, RecordRef};

use super::times::Times;
use super::{Fields, Known, Slot, is_fit_name};
use crate::formats::Format;
use crate::formats::draft::{
    FIELDS, Reading, Role, decimal, duration_ms, path_of, request_line, request_of, scaled, trimmed, whole_number,
};
use crate::formats::hand::Parts;
use crate::formats::scan::Spans;

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

/// Which values of a plan go where: each by its number. Those of a pattern's groups may be missing in a line.
#[derive(Debug, Clone, Default)]
pub struct Straight {
    time: usize,
    level: usize,
    message: usize,
    service: Option<usize>,
    instance: Option<usize>,
    trace: Option<usize>,
    user: Option<usize>,
    status: Option<usize>,
    /// With the milliseconds of its unit.
    duration: Option<(usize, f64)>,
    fields: Box<[(usize, &'static str)]>,
}

impl Straight {
    /// `None` when a record cannot be made straight from the values of these slots.
    pub fn of(slots: &[Slot]) -> Option<Straight> {
        let acts = slots.iter().enumerate().map(|(n, slot)| Some((n, slot.name, act(slot)?)));
        Straight::of_acts(&acts.collect::<Option<Vec<_>>>()?)
    }

    /// `None` also where several of them have one place.
    pub fn of_acts(acts: &[GroupAct]) -> Option<Straight> {
        if !is_whole(acts.iter().map(|(.., act)| *act)) {
            return None;
        }
        let of_place = |act: Act| acts.iter().filter(move |(.., other)| is_same_place(*other, act));
        let is_single = |(.., act): &GroupAct| *act == Act::Field || of_place(*act).count() == 1;
        let place = |act: Act| of_place(act).map(|(n, ..)| *n).next();
        let duration = |(n, _, act): &GroupAct| match act {
            Act::Duration(nanos) => Some((*n, f64::from(*nanos) / 1e6)),
            _ => None,
        };
        acts.iter().all(is_single).then_some(())?;
        Some(Straight {
            time: place(Act::Time)?,
            level: place(Act::Level)?,
            message: place(Act::Message)?,
            service: place(Act::Service),
            instance: place(Act::Instance),
            trace: place(Act::Trace),
            user: place(Act::User),
            status: place(Act::Status),
            duration: acts.iter().find_map(duration),
            fields: of_place(Act::Field).map(|(n, name, _)| (*n, *name)).collect(),
        })
    }
}

fn is_same_place(one: Act, other: Act) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// What is done with a value, which has a number and a name.
pub type GroupAct = (usize, &'static str, Act);

/// The same for the groups of a pattern.
pub fn acts_of_groups(groups: &'static [(usize, Cow<'static, str>, Role)]) -> Option<Box<[GroupAct]>> {
    let acts = groups.iter().map(|(index, name, role)| Some((*index, name.as_ref(), act_of(*role)?)));
    let acts = acts.collect::<Option<Box<[_]>>>()?;
    is_whole(acts.iter().map(|(.., act)| *act)).then_some(acts)
}

/// Whether these make a record: one that names no service may be named after its instance.
fn is_whole(acts: impl ExactSizeIterator<Item = Act> + Clone) -> bool {
    let has = |act: Act| acts.clone().any(|other| other == act);
    let is_named = has(Act::Service) || !has(Act::Instance);
    has(Act::Time) && has(Act::Level) && has(Act::Message) && is_named && acts.len() <= FIELDS
}

fn act(slot: &Slot) -> Option<Act> {
    let fits = match slot.role {
        Role::Field => slot.asked.is_none(),
        // A name of one letter may be a count's.
        Role::Message => slot.asked == Some((slot.role, true)) && slot.name.len() > 1,
        _ => slot.asked == Some((slot.role, true)),
    };
    act_of(slot.role).filter(|_| fits)
}

fn act_of(role: Role) -> Option<Act> {
    Some(match role {
        Role::Field => Act::Field,
        Role::Time => Act::Time,
        Role::Level => Act::Level,
        Role::Service => Act::Service,
        Role::Pod | Role::Instance => Act::Instance,
        Role::Message => Act::Message,
        Role::Trace => Act::Trace,
        Role::User => Act::User,
        Role::Status => Act::Status,
        Role::DurationMs => Act::Duration(1_000_000),
        Role::DurationUs => Act::Duration(1_000),
        Role::DurationNs => Act::Duration(1),
        Role::DurationS => Act::Duration(1_000_000_000),
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
type Taken<'t, 'a> = (&'t mut Fields<'a>, &'t mut dyn FnMut(&mut Record<'a>, bool));

/// Hands out the record of a line with these values; false when it has to be read through a draft. `None` for a value that
/// does not stand in the line as it is.
pub fn read<'a>(
    values: impl Iterator<Item = (Act, &'static str, Option<&'a str>)>,
    format: &'static Format,
    place: RecordRef,
    (times, levels, reading): Known<'_>,
    (fields, out): Taken<'_, 'a>,
) -> bool {
    let mut found = Found::default();
    let mut fit = |act: Act, name: &'static str, value: &'a str| -> Option<()> {
        match act {
            Act::Time => {
                let (stamp, has_zone) = times.read(value, reading.order)?;
                (!has_zone).then_some(())?;
                fill(&mut found.stamp, (stamp, value))
            }
            Act::Level => fill(&mut found.level, levels.of(value.as_bytes(), reading)?),
            Act::Service => fill(&mut found.service, fit_name(Role::Service, value)?),
            Act::Instance => fill(&mut found.instance, fit_name(Role::Instance, value)?),
            Act::Trace => fill(&mut found.trace, fit_name(Role::Trace, value)?),
            Act::User => fill(&mut found.user, fit_name(Role::User, value)?),
            Act::Message => fill(&mut found.message, Some(value).filter(|v| !v.is_empty())?),
            Act::Status => fill(&mut found.status, status_of(value.as_bytes())?),
            Act::Duration(nanos) => fill(&mut found.duration, (duration_ms(value, f64::from(nanos) / 1e6)?, value)),
            Act::Field => {
                if !value.is_empty() && value != "-" {
                    fields.push((Cow::Borrowed(name), Cow::Borrowed(value)));
                }
                Some(())
            }
        }
    };
    for (act, name, value) in values {
        if value.and_then(|value| fit(act, name, value)).is_none() {
            fields.clear();
            return false;
        }
    }
    let Found { stamp: Some((stamp, text)), level: level @ Some(_), service, message: Some(message), .. } = found else {
        fields.clear();
        return false;
    };
    if service.is_none() && found.instance.is_some() {
        fields.clear();
        return false;
    }
    let http = http_of(found.status, found.duration, fields);
    let record = Record {
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
        format: format.id(),
        fields: std::mem::take(fields),
    };
    hand_out(record, format, (fields, out));
    true
}

/// Without moving it, which costs more than making it.
#[inline(always)]
fn hand_out<'a>(mut record: Record<'a>, format: &'static Format, (fields, out): Taken<'_, 'a>) {
    format.complete(&mut record);
    out(&mut record, true);
    *fields = record.fields;
    fields.clear();
}

/// What a status and a duration say of a request; without the first, the second is a field.
#[inline(always)]
fn http_of<'a>(status: Option<u16>, duration: Option<(f64, &'a str)>, fields: &mut Fields<'a>) -> Option<Http<'a>> {
    let duration_ms = duration.map(|(ms, _)| ms);
    let http = status.map(|status| Http { status: Some(status), duration_ms, ..Http::default() });
    if let (None, Some((ms, text))) = (&http, duration) {
        fields.push((Cow::Borrowed("duration_ms"), shown(ms, text)));
    }
    http
}

/// Hands out the record of a line that follows a plan; false when it has to be read through a draft.
pub fn planned<'a>(
    plan: &Straight,
    line: (&'a str, &[(usize, usize)]),
    (format, place): (&'static Format, RecordRef),
    known: Known<'_>,
    (fields, out): Taken<'_, 'a>,
) -> bool {
    let is_read = of_plan(plan, Slots(line.0, line.1), (format, place), known, (fields, out)).is_some();
    if !is_read {
        fields.clear();
    }
    is_read
}

/// The same for a text through whose first line, which has so many bytes, a pattern's walk went.
pub fn walked<'a>(
    plan: &Straight,
    line: (&'a str, usize, &Spans),
    (format, place): (&'static Format, RecordRef),
    known: Known<'_>,
    (fields, out): Taken<'_, 'a>,
) -> bool {
    let is_read = of_plan(plan, Groups(line.0, line.1, line.2), (format, place), known, (fields, out)).is_some();
    if !is_read {
        fields.clear();
    }
    is_read
}

#[inline(always)]
fn of_plan<'a>(
    plan: &Straight,
    values: impl Values<'a>,
    (format, place): (&'static Format, RecordRef),
    (times, levels, reading): Known<'_>,
    (fields, out): Taken<'_, 'a>,
) -> Option<()> {
    let text = values.text(plan.time)?;
    let (stamp, has_zone) = times.read(text, reading.order)?;
    let level = levels.of(values.bytes(plan.level)?, reading)?;
    let message = values.message(plan.message).filter(|message| !message.is_empty() && !has_zone)?;
    let service = values.name(plan.service, Role::Service)?;
    let status = match plan.status.filter(|n| values.has(*n)) {
        Some(n) => Some(status_of(values.bytes(n)?)?),
        None => None,
    };
    let duration = match plan.duration.filter(|(n, _)| values.has(*n)) {
        Some((n, unit)) => match values.bytes(n).and_then(whole_number) {
            // Beside a status nobody asks for its text.
            Some(number) => Some((scaled(number, unit), if status.is_some() { "" } else { values.text(n)? })),
            None => Some((duration_ms(values.text(n)?, unit)?, values.text(n)?)),
        },
        None => None,
    };
    let (instance, trace) = (values.name(plan.instance, Role::Instance)?, values.name(plan.trace, Role::Trace)?);
    let user = values.name(plan.user, Role::User)?;
    // One that names no service may be named after its instance.
    (service.is_some() || instance.is_none()).then_some(())?;
    for (n, name) in plan.fields.iter().filter(|(n, _)| values.has(*n)) {
        let value = values.text(*n)?;
        if !value.is_empty() && value != "-" {
            fields.push((Cow::Borrowed(*name), Cow::Borrowed(value)));
        }
    }
    let http = http_of(status, duration, fields);
    let record = Record {
        place,
        stamp: Some(stamp),
        stamp_text: Some(Cow::Borrowed(text)),
        level: Some(level),
        service,
        instance,
        message: Cow::Borrowed(message),
        trace,
        http,
        user,
        format: format.id(),
        fields: std::mem::take(fields),
    };
    hand_out(record, format, (fields, out));
    Some(())
}

/// The values of a line that stand there as they are, by their numbers.
trait Values<'a>: Copy {
    fn has(self, n: usize) -> bool;

    fn text(self, n: usize) -> Option<&'a str>;

    /// The same for what is read byte by byte.
    fn bytes(self, n: usize) -> Option<&'a [u8]>;

    fn message(self, n: usize) -> Option<&'a str>;

    /// The name that a value is; `Some(None)` where there is none, `None` where it does not fit.
    #[inline(always)]
    fn name(self, n: Option<usize>, role: Role) -> Option<Option<Cow<'a, str>>> {
        match n.filter(|n| self.has(*n)) {
            Some(n) => Some(Some(Cow::Borrowed(fit_name(role, self.text(n)?)?))),
            None => Some(None),
        }
    }
}

/// Those of a plan, which are all there.
#[derive(Clone, Copy)]
struct Slots<'a, 's>(&'a str, &'s [(usize, usize)]);

impl<'a> Values<'a> for Slots<'a, '_> {
    #[inline(always)]
    fn has(self, _: usize) -> bool {
        true
    }

    #[inline(always)]
    fn text(self, n: usize) -> Option<&'a str> {
        let (from, to) = *self.1.get(n)?;
        self.0.get(from..to)
    }

    #[inline(always)]
    fn bytes(self, n: usize) -> Option<&'a [u8]> {
        let (from, to) = *self.1.get(n)?;
        self.0.as_bytes().get(from..to)
    }

    #[inline(always)]
    fn message(self, n: usize) -> Option<&'a str> {
        self.text(n)
    }
}

/// Those of a pattern's groups, without blanks around them: of a text, the size of its first line, and where they stand in that.
#[derive(Clone, Copy)]
struct Groups<'a, 's>(&'a str, usize, &'s Spans);

impl<'a> Groups<'a, '_> {
    #[inline(always)]
    fn whole(self, n: usize) -> Option<&'a str> {
        let (from, to) = *self.2.get(n)?;
        self.0.get(from as usize..(to as usize).checked_sub(1)?)
    }

    /// The message of a text of several lines goes on in those that follow; one that does not stand there as one is `None`.
    #[inline(never)]
    fn message_of_lines(self, n: usize) -> Option<&'a str> {
        let (from, to) = *self.2.get(n)?;
        let is_one = from as usize + 1 < to as usize && to as usize == self.1 + 1;
        self.0.get(from as usize..).filter(|_| is_one).map(str::trim_end)
    }
}

impl<'a> Values<'a> for Groups<'a, '_> {
    #[inline(always)]
    fn has(self, n: usize) -> bool {
        self.2.get(n).is_some_and(|(_, to)| *to > 0)
    }

    #[inline(always)]
    fn text(self, n: usize) -> Option<&'a str> {
        self.whole(n).map(trimmed)
    }

    #[inline(always)]
    fn bytes(self, n: usize) -> Option<&'a [u8]> {
        self.text(n).map(str::as_bytes)
    }

    #[inline(always)]
    fn message(self, n: usize) -> Option<&'a str> {
        if self.1 < self.0.len() { self.message_of_lines(n) } else { self.whole(n).map(str::trim_end) }
    }
}

/// Hands out the record of an access log's line with these parts; false when it has to be read through a draft.
pub fn access<'a>(
    (line, parts): (&'a str, &Parts),
    format: &'static Format,
    place: RecordRef,
    (times, _, reading): Known<'_>,
    (fields, out): Taken<'_, 'a>,
) -> bool {
    request(line, parts, (format, place), (times, reading), (fields, out)).is_some()
}

#[inline(always)]
fn request<'a>(
    line: &'a str,
    parts: &Parts,
    (format, place): (&'static Format, RecordRef),
    (times, reading): (&mut Times, &Reading<'_>),
    (fields, out): Taken<'_, 'a>,
) -> Option<()> {
    let [client, ident, user, time, request, status, bytes, others @ ..] = parts.as_slice() else { return None };
    let value = |(_, from, to): &(&'static str, usize, usize)| {
        line.get(*from..*to).map(trimmed).filter(|value| !value.is_empty() && *value != "-")
    };
    let (others, tail) = match others {
        [others @ .., (TAIL, from, to)] => (others, line.get(*from..*to)?),
        others => (others, ""),
    };
    if format.hunt || tail.contains('=') {
        return None;
    }
    let text = value(time)?;
    let (stamp, has_zone) = times.read(text, reading.order)?;
    let asked = value(request)?;
    let (method, path) = request_of(asked)?;
    let (method, path) = (&asked[..method], path_of(Cow::Borrowed(&asked[path])));
    let status = status_of(value(status)?.as_bytes())?;
    let user = value(user).map(|user| fit_name(Role::User, user).ok_or(())).transpose().ok()?;
    (!has_zone).then_some(())?;
    for part in [client, ident, bytes].into_iter().chain(others) {
        if let Some(value) = value(part) {
            fields.push((Cow::Borrowed(part.0), Cow::Borrowed(value)));
        }
    }
    let record = Record {
        place,
        stamp: Some(stamp),
        stamp_text: Some(Cow::Borrowed(text)),
        level: None,
        service: None,
        instance: None,
        message: Cow::Owned(request_line(Some(method), &path, Some(status))),
        trace: None,
        http: Some(Http { method: Some(Cow::Borrowed(method)), path: Some(path), status: Some(status), ..Http::default() }),
        user: user.map(Cow::Borrowed),
        format: format.id(),
        fields: std::mem::take(fields),
    };
    hand_out(record, format, (fields, out));
    Some(())
}

/// The name of what stands behind the parts of a line.
const TAIL: &str = "tail";

fn status_of(value: &[u8]) -> Option<u16> {
    let [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9'] = value else { return None };
    let [a, b, c] = [a, b, c].map(|digit| u16::from(digit - b'0'));
    Some(a * 100 + b * 10 + c)
}

/// Milliseconds in digits: as they stand in the text, where they do.
pub(super) fn shown(ms: f64, text: &str) -> Cow<'_, str> {
    let digits = text.strip_suffix("ms").unwrap_or(text);
    // Thousandths of a second are milliseconds.
    let whole = digits.strip_prefix("0.").map_or(digits, |behind| behind.trim_start_matches('0'));
    if !whole.starts_with('0') && whole_number(whole.as_bytes()).is_some_and(|n| f64::from(n) == ms) {
        return Cow::Borrowed(whole);
    }
    let is_short = !digits.ends_with('0') && (!digits.starts_with('0') || digits.starts_with("0."));
    match decimal(digits.as_bytes()) {
        Some((number, tenths)) if is_short && f64::from(number) / tenths == ms => Cow::Borrowed(digits),
        _ => Cow::Owned(ms.to_string()),
    }
}

/// A second value for one place needs a draft.
fn fill<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

#[inline(always)]
fn fit_name(role: Role, value: &str) -> Option<&str> {
    is_fit_name(role, value).then_some(value)
}
