//! Lines that are made like one that was read before. Most lines of a log repeat the names, brackets and blanks of their
//! neighbours and differ in the values; what a value means was decided when the first of them was read.
//!
//! A plan is the texts between the values of one line, and the role that each value has; the plan of a pattern is its walk.
//! A line that does not follow a plan byte by byte, or has a value that does not fit as those before it did, is left to
//! the general reader: this module must never read a line differently from it. What breaks it: a log of which every line
//! has other keys; it is read as if this module were not there.

mod around;
mod inner;
mod interned;
mod json;
mod pairs;
mod plan;
mod straight;
pub(super) mod text;
pub(super) mod times;

use std::borrow::Cow;

use evidence::{Level, Record, RecordRef, SourceId};

use super::draft::{Draft, Reading, Role, level_of, trimmed};
use super::hand::{Hand, Parts};
use super::json::fits;
use super::pattern::{self, Compiled};
use super::scan::{Beginnings, GROUPS, Spans};
use super::trial::Tried;
use super::within::{Within, Wrap, within};
use super::{Format, Formats, codes, first_line};
use crate::marks::{Marked, Signs};
use crate::signs;
pub use around::{Around, Nested};
pub use inner::Inner;
use plan::{Kind, Places, Plan, Slot};
use straight::{Act, GroupAct, Straight};
use text::Text;
use times::Times;

/// Named values beside those of a record's own, which are used again from line to line.
pub type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Their room, for the values of another line.
fn recycled<'a>(fields: Fields<'_>) -> Fields<'a> {
    // Nothing of them is kept but where they stood.
    fields.into_iter().map_while(|_| None).collect()
}

/// Plans of one source, and attempts to make one.
const PLANS: usize = 16;
const ATTEMPTS: u32 = 64;

/// Reads the lines of one source.
#[derive(Clone)]
pub struct Swift {
    formats: &'static Formats,
    format: &'static Format,
    syntax: Syntax,
    plans: Vec<Plan>,
    /// The one that was followed last.
    near: usize,
    attempts: u32,
    times: Times,
    levels: Levels,
    beginnings: Beginnings,
    /// Names of the parts of the line before, with their roles.
    roles: Vec<(&'static str, Role)>,
    /// No line of the piece that was begun last has colour codes.
    is_clean: bool,
    /// What is done with the groups of a pattern of which a record can be made straight.
    acts: Option<Acts>,
    /// Where the line within a line stands, for whoever reads that by itself: then nothing is made of it here.
    wrap: Option<&'static Wrap>,
    /// Room for the groups of a text of several lines.
    lines: Groups,
}

/// How values stand in a line.
#[derive(Debug, Clone, Copy)]
enum Syntax {
    Json,
    Pairs,
    Pattern(&'static Compiled),
    Hand(Hand),
}

/// What is done with the groups of a pattern.
#[derive(Debug, Clone)]
enum Acts {
    /// Each has a place of its own.
    Apart(Straight),
    /// Several may have one place, of which one takes part.
    Listed(Box<[GroupAct]>),
}

impl Acts {
    fn of(compiled: &'static Compiled) -> Option<Acts> {
        let acts = straight::acts_of_groups(&compiled.groups)?;
        Some(Straight::of_acts(&acts).map_or(Acts::Listed(acts), Acts::Apart))
    }
}

/// A line that follows a plan.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    plan: usize,
    places: Places,
    groups: Groups,
    parts: Parts,
    /// Where the match of a pattern ends.
    end: usize,
}

/// The groups of a pattern.
#[derive(Debug, Clone)]
struct Groups(Spans);

impl Default for Groups {
    fn default() -> Groups {
        Groups([(0, 0); GROUPS])
    }
}

impl Swift {
    /// `None` for a format whose lines are not made of names and values, or have lines within them.
    pub fn of(formats: &'static Formats, format: &'static Format) -> Option<Swift> {
        if format.inner { None } else { Swift::any(formats, format) }
    }

    fn any(formats: &'static Formats, format: &'static Format) -> Option<Swift> {
        let syntax = match &format.kind {
            super::Kind::Json { .. } => Syntax::Json,
            super::Kind::Logfmt => Syntax::Pairs,
            super::Kind::Pattern(pattern) => match pattern.hand() {
                Some(hand) => Syntax::Hand(hand),
                None => Syntax::Pattern(pattern.compiled().filter(|c| c.has_way())?),
            },
            super::Kind::Text => return None,
        };
        Some(Swift {
            formats,
            format,
            syntax,
            plans: Vec::new(),
            near: 0,
            attempts: 0,
            times: Times::default(),
            levels: Levels::default(),
            beginnings: match syntax {
                Syntax::Pattern(compiled) => compiled.beginnings(),
                _ => Beginnings::default(),
            },
            roles: Vec::new(),
            is_clean: false,
            acts: match syntax {
                Syntax::Pattern(compiled) => Acts::of(compiled),
                _ => None,
            },
            wrap: None,
            lines: Groups::default(),
        })
    }

    /// Looks at a piece of which lines are to be followed.
    pub fn begin(&mut self, piece: &[u8]) {
        if let Syntax::Pattern(_) | Syntax::Hand(_) = self.syntax {
            self.is_clean = codes::has_no_spelled(piece);
        }
    }

    /// What has to be marked in the pieces that it is shown.
    pub fn signs(&self) -> Signs {
        match self.syntax {
            Syntax::Json => Signs::Quotes,
            Syntax::Pairs => Signs::QuotesAndBlanks,
            Syntax::Hand(hand) if hand.has_quotes() => Signs::Quotes,
            Syntax::Pattern(_) | Syntax::Hand(_) => Signs::None,
        }
    }

    /// Whether a record that has one line is complete, whatever follows.
    pub fn is_closed(&self) -> bool {
        matches!(self.syntax, Syntax::Json)
    }

    /// Whether a line that follows a plan is a record's first one for certain, whatever its values are.
    pub fn knows_heads(&self) -> bool {
        matches!(self.syntax, Syntax::Pattern(_) | Syntax::Hand(_))
    }

    /// Whether a line with nothing unseen in it, which stands in the piece that was begun last, follows a plan: then it is a record's
    /// first line. It may have tabs if `tabs`.
    pub fn follow(&mut self, (line, tabs): (&str, bool), at: Marked<'_>, found: &mut Followed) -> bool {
        // Within the texts of JSON a tab is no character.
        if tabs && matches!(self.syntax, Syntax::Json) && memchr::memchr(b'\t', line.as_bytes()).is_some() {
            return false;
        }
        let is_found = match self.syntax {
            Syntax::Json | Syntax::Pairs => return self.follow_plan(line, at, found),
            Syntax::Pattern(_) if line.bytes().next().is_some_and(|first| !self.format.may_open_with(first)) => return false,
            Syntax::Pattern(compiled) => {
                let room = at.room.get(at.from..).unwrap_or_default();
                let tried = compiled.spans_near(line, room, &mut self.beginnings, &mut found.groups.0);
                found.end = if let Tried::Found(end) = tried { end } else { 0 };
                matches!(tried, Tried::Found(_))
            }
            Syntax::Hand(hand) => hand.find((line, Some(at).filter(|_| hand.has_quotes())), &mut found.parts),
        };
        is_found && (self.is_clean || codes::is_clean(line)) && !(self.format.repeats() && may_be_of_a_trace(line))
    }

    /// Most lines follow the plan of the line before.
    fn follow_plan(&mut self, line: &str, at: Marked<'_>, found: &mut Followed) -> bool {
        if self.plans.get(self.near).is_some_and(|plan| plan.follow(at, &mut found.places)) {
            found.plan = self.near;
            return true;
        }
        let mut others = self.plans.iter().enumerate().filter(|(n, _)| *n != self.near);
        match others.find(|(_, plan)| plan.follow(at, &mut found.places)) {
            Some((plan, _)) => {
                (self.near, found.plan) = (plan, plan);
                true
            }
            None => self.learn(line, at, found),
        }
    }

    /// Makes a plan of a line that follows none.
    fn learn(&mut self, line: &str, at: Marked<'_>, found: &mut Followed) -> bool {
        if self.plans.len() >= PLANS || self.attempts >= ATTEMPTS {
            return false;
        }
        self.attempts += 1;
        let plan = match self.syntax {
            Syntax::Json => self.formats.of_object(self.format, line).and_then(|format| json::plan(line, format)),
            Syntax::Pairs => pairs::plan(line, self.format),
            Syntax::Pattern(_) | Syntax::Hand(_) => None,
        };
        let Some(plan) = plan.filter(|plan| plan.follow(at, &mut found.places)) else { return false };
        found.plan = self.plans.len();
        self.plans.push(plan);
        // A plan has to prove itself on the line that it was made of.
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 };
        let mut is_same = false;
        let is_apart = self.wrap.is_some();
        let general = match is_apart {
            false => Some(self.formats.parse(self.format, line, place)),
            // What stands in the message is read by itself.
            true => self.format.read(line, place).map(|general| Record { message: Cow::Borrowed(""), ..general }),
        };
        self.read((line, found), place, &mut Fields::new(), &mut |record, _| {
            if is_apart {
                record.message = Cow::Borrowed("");
            }
            is_same = general.as_ref() == Some(record);
        });
        if is_same {
            self.near = found.plan;
        } else {
            self.plans.pop();
        }
        is_same
    }

    /// Hands out the record of a line that follows a plan, and whether every byte of it stands in the line as it is.
    /// False when a value does not fit, and the general reader has to be asked.
    pub fn read<'a>(
        &mut self,
        (line, found): (&'a str, &Followed),
        place: RecordRef,
        fields: &mut Fields<'a>,
        out: &mut dyn FnMut(&mut Record<'a>, bool),
    ) -> bool {
        let Swift { plans, times, levels, format, syntax, roles, acts, wrap, .. } = self;
        let plan = plans.get(found.plan).filter(|_| matches!(syntax, Syntax::Json | Syntax::Pairs));
        let format = match syntax {
            Syntax::Json => plan.map_or(*format, |plan| plan.format),
            _ => *format,
        };
        let reading = format.reading();
        let known = (&mut *times, &mut *levels, &reading);
        let is_plain = plan.is_some() && !found.places.escaped && wrap.is_none();
        let is_read = match (plan.filter(|_| is_plain).and_then(|plan| plan.straight.as_ref()), acts) {
            (Some(plan), _) => straight::planned(plan, (line, &found.places.spans), (format, place), known, (fields, out)),
            (None, Some(Acts::Apart(plan))) => {
                straight::walked(plan, (line, line.len(), &found.groups.0), (format, place), known, (fields, out))
            }
            (None, Some(Acts::Listed(acts))) => {
                straight::read(grouped(acts, &found.groups.0, line), format, place, known, (fields, out))
            }
            (None, None) if matches!(syntax, Syntax::Hand(Hand::Combined | Hand::Common)) => {
                straight::access((line, &found.parts), format, place, known, (fields, out))
            }
            (None, None) => false,
        };
        if is_read {
            return true;
        }
        let mut draft = Draft::with(std::mem::take(fields));
        let verbatim = match *syntax {
            Syntax::Pattern(compiled) => {
                for (index, name, role) in &compiled.groups {
                    let (from, to) = found.groups.0[*index];
                    if to > 0 {
                        let part = (*role, name.as_ref(), from as usize, to as usize - 1);
                        put_part(part, line, &mut draft, (times, levels, &reading));
                    }
                }
                if draft.message.is_none() {
                    draft.message = pattern::rest(found.end, line);
                }
                Some(true)
            }
            Syntax::Hand(_) => {
                roles.truncate(found.parts.len());
                for (n, (name, from, to)) in found.parts.iter().enumerate() {
                    // The parts of one line are nearly always those of the one before.
                    if roles.get(n).is_none_or(|(known, _)| !std::ptr::eq(*known, *name)) {
                        roles.truncate(n);
                        roles.push((name, Role::from_name(name)));
                    }
                    put_part((roles[n].1, name, *from, *to), line, &mut draft, (times, levels, &reading));
                }
                Some(true)
            }
            _ => plans
                .get(found.plan)
                .and_then(|plan| planned(plan, (*syntax, *wrap), (line, found), &mut draft, (times, levels, &reading))),
        };
        let Some(verbatim) = verbatim else {
            *fields = draft.fields;
            fields.clear();
            return false;
        };
        let mut record = format.of_draft(draft, place, line);
        if wrap.is_none() {
            format.complete(&mut record);
        }
        out(&mut record, verbatim);
        *fields = record.fields;
        fields.clear();
        true
    }

    /// Hands out the record of a text of several lines, which is read as one line is but for its message, and whether every byte of
    /// it stands there as it is. False when the general reader has to be asked.
    pub fn read_lines<'a>(
        &mut self,
        text: &'a str,
        place: RecordRef,
        fields: &mut Fields<'a>,
        out: &mut dyn FnMut(&mut Record<'a>, bool),
    ) -> bool {
        let Swift { times, levels, format, syntax, acts, beginnings, lines, .. } = self;
        let (Syntax::Pattern(compiled), Some(Acts::Apart(plan))) = (*syntax, acts) else { return false };
        let Cow::Borrowed(text) = codes::clean(text.trim_end_matches(['\n', '\r'])) else { return false };
        let first = first_line(text);
        let tried = compiled.spans_near(first, text.as_bytes(), beginnings, &mut lines.0);
        let reading = format.reading();
        matches!(tried, Tried::Found(_))
            && straight::walked(plan, (text, first.len(), &lines.0), (format, place), (times, levels, &reading), (fields, out))
    }

    /// Whether the lines that it reads are of this format.
    pub fn is_of(&self, format: &Format) -> bool {
        std::ptr::eq(self.format, format)
    }

    /// The line within a line that follows a plan, for a format that has such; `None` where that is not told by the plan.
    fn within<'l>(&self, line: &'l str, at: Marked<'_>, found: &Followed) -> Option<Within<'l>> {
        let wrap = self.wrap?;
        let part = |(from, to): (usize, usize)| line.get(from..to).map(Cow::Borrowed);
        match self.syntax {
            Syntax::Hand(_) => {
                let named = |name: &str| found.parts.iter().find(|(known, ..)| *known == name);
                within(wrap, &|name| named(name).and_then(|(_, from, to)| part((*from, *to))))
            }
            Syntax::Pattern(compiled) => within(wrap, &|name| compiled.part(name, &found.groups.0).and_then(part)),
            Syntax::Json => {
                let plan = self.plans.get(found.plan)?;
                // What a plan compares as it stands may be an object or nothing.
                let is_told = |name: &String| plan.slots.iter().any(|slot| slot.name == name) || !plan.names(name);
                wrap.names().all(is_told).then_some(())?;
                let value = |(slot, (from, to)): (&Slot, &(usize, usize))| match line.get(*from..*to)? {
                    raw if slot.kind == Kind::Quoted && found.places.escaped => json::unescaped(raw, at.part(*from, *to)),
                    raw => Some(Cow::Borrowed(raw)),
                };
                let named = |name: &str| plan.slots.iter().zip(&found.places.spans).find(|(slot, _)| slot.name == name);
                within(wrap, &|name| named(name).filter(|_| !name.contains('.')).and_then(value))
            }
            Syntax::Pairs => None,
        }
    }
}

/// The values of the groups of a pattern that take part in a line.
fn grouped<'a>(acts: &[GroupAct], spans: &Spans, line: &'a str) -> impl Iterator<Item = (Act, &'static str, Option<&'a str>)> {
    acts.iter().filter_map(|(index, name, act)| {
        let (from, to) = spans[*index];
        let value = line.get(from as usize..(to as usize).checked_sub(1)?);
        Some((*act, *name, value.map(if *act == Act::Message { str::trim_end } else { trimmed })))
    })
}

/// What repeats from line to line, and what a format says of its values.
type Known<'k> = (&'k mut Times, &'k mut Levels, &'k Reading<'k>);

/// Puts a part of a line, given by where it stands, into its role.
fn put_part<'a>(
    (role, name, from, to): (Role, &'static str, usize, usize),
    line: &'a str,
    draft: &mut Draft<'a>,
    (times, levels, reading): Known<'_>,
) {
    let Some(value) = line.get(from..to).map(trimmed) else { return };
    match role {
        Role::Field if value.is_empty() || value == "-" => {}
        Role::Field => draft.field(Cow::Borrowed(name), Cow::Borrowed(value)),
        Role::Service | Role::Trace | Role::User if !value.is_empty() && value != "-" => {
            if !draft.put_name(role, Cow::Borrowed(value)) {
                draft.field(Cow::Borrowed(name), Cow::Borrowed(value));
            }
        }
        Role::Time if value != "-" => match times.read(value, reading.order) {
            Some((stamp, false)) => draft.put_stamp(name, value, stamp),
            _ => draft.put(Role::Time, Cow::Borrowed(name), Cow::Borrowed(value), reading),
        },
        Role::Level if draft.level.is_none() && value != "-" => match levels.of(value.as_bytes(), reading) {
            None => draft.put(Role::Level, Cow::Borrowed(name), Cow::Borrowed(value), reading),
            found => draft.level = found,
        },
        _ => pattern::put(draft, (role, Cow::Borrowed(name)), line, (line.len(), from, to), reading),
    }
}

/// Puts the values of a plan into their roles. Says whether every byte of them stands in the line as it is; `None` when
/// one does not fit.
fn planned<'a>(
    plan: &Plan,
    (syntax, wrap): (Syntax, Option<&Wrap>),
    (line, found): (&'a str, &Followed),
    draft: &mut Draft<'a>,
    (times, levels, reading): Known<'_>,
) -> Option<bool> {
    let mut verbatim = true;
    for (slot, (from, to)) in plan.slots.iter().zip(&found.places.spans) {
        let raw = &line[*from..*to];
        // What is read by itself is not needed here.
        let is_apart = wrap.is_some_and(|wrap| slot.role == Role::Message && slot.name == wrap.content);
        let value = if found.places.escaped && !is_apart && slot.kind == Kind::Quoted && raw.contains('\\') {
            verbatim = false;
            Cow::Owned(match syntax {
                Syntax::Json => serde_json::from_str::<String>(&line[from - 1..=*to]).ok()?,
                _ => super::logfmt::unescape(raw),
            })
        } else {
            Cow::Borrowed(raw)
        };
        put(slot, value, draft, (&mut *times, &mut *levels, reading)).then_some(())?;
    }
    if matches!(syntax, Syntax::Pairs) && draft.message.is_none() {
        let from = plan.message_from.and_then(|slot| {
            let (slot, (from, _)) = (plan.slots.get(slot)?, found.places.spans.get(slot)?);
            Some(from - slot.before.len() + slot.name_at)
        });
        draft.message = line.get(from.unwrap_or(line.len())..).map(Cow::Borrowed);
    }
    Some(verbatim)
}

/// Whether a line of a format that puts its head before each line of a trace may be such a line, or the one before.
fn may_be_of_a_trace(line: &str) -> bool {
    signs::may_be_of_a_trace(line) || signs::has_traceback(line)
}

/// Gives a value its role; false when it does not fit as the first one did.
fn put<'a>(slot: &Slot, value: Cow<'a, str>, draft: &mut Draft<'a>, (times, levels, reading): Known<'_>) -> bool {
    match slot.asked {
        Some((Role::Time, fitted)) => {
            let stamp = times.read(&value, reading.order);
            if stamp.is_some() != fitted {
                return false;
            }
            if let (Role::Time, Some((stamp, false)), Cow::Borrowed(value)) = (slot.role, stamp, &value) {
                draft.put_stamp(slot.name, value, stamp);
                return true;
            }
        }
        Some((Role::Level, fitted)) => {
            let level = levels.of(value.as_bytes(), reading);
            if level.is_some() != fitted {
                return false;
            }
            if slot.role == Role::Level && draft.level.is_none() && value != "-" {
                draft.level = level;
                return true;
            }
        }
        Some((role, true)) if role == slot.role && is_name(role) && is_fit_name(role, &value) => {
            return draft.put_name(role, value);
        }
        Some((role, fitted)) => {
            let is_count = role == Role::Message && slot.name.len() == 1 && value.parse::<f64>().is_ok();
            if (fits(role, &value, reading) && !is_count) != fitted {
                return false;
            }
        }
        None => {}
    }
    draft.put(slot.role, Cow::Borrowed(slot.name), value, reading);
    true
}

/// Roles whose values are names of something.
fn is_name(role: Role) -> bool {
    matches!(role, Role::Service | Role::Trace | Role::User)
}

/// Whether a value fits a name's role beyond doubt: no second look is needed.
#[inline(always)]
fn is_fit_name(role: Role, value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_plain = bytes.first().is_some_and(|b| !matches!(b, b'{' | b'[' | b'-')) && bytes.len() <= 200;
    is_plain && (role != Role::Service || fits_service(bytes))
}

#[inline(always)]
fn fits_service(bytes: &[u8]) -> bool {
    let may_be_id = matches!(bytes.len(), 12 | 64) && bytes.iter().all(u8::is_ascii_hexdigit);
    let is_word = match (bytes.first_chunk(), bytes.last_chunk()) {
        // Most are as long as that, and their halves overlap.
        (Some(head), Some(tail)) if bytes.len() <= 16 => is_word(*head) && is_word(*tail),
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some([a, b, c, d]), Some([e, f, g, h])) if bytes.len() <= 8 => is_word([*a, *b, *c, *d, *e, *f, *g, *h]),
            _ => bytes.iter().all(|b| !matches!(b, b'/' | b' ')),
        },
    };
    is_word && !may_be_id
}

/// Whether none of these bytes is a slash or a blank.
#[inline(always)]
fn is_word(bytes: [u8; 8]) -> bool {
    let (all, bytes) = (u64::MAX / 255, u64::from_le_bytes(bytes));
    let zeros = |bytes: u64| bytes.wrapping_sub(all) & !bytes & (all << 7);
    zeros(bytes ^ (all * u64::from(b'/'))) | zeros(bytes ^ (all * u64::from(b' '))) == 0
}

/// The levels of words: few words are met, and often.
#[derive(Debug, Clone, Default)]
struct Levels(Vec<(Word, Option<Level>)>);

/// A word of up to eight bytes: its first and its last four, and how many they are.
type Word = (u32, u32, usize);

impl Levels {
    /// Words that are kept.
    const MOST: usize = 12;

    fn of(&mut self, bytes: &[u8], reading: &Reading<'_>) -> Option<Level> {
        let level_of = || level_of(std::str::from_utf8(bytes).ok()?, reading.levels);
        let key = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) if bytes.len() <= 8 => (u32::from_le_bytes(*first), u32::from_le_bytes(*last), bytes.len()),
            (None, None) => (bytes.iter().fold(0, |key, byte| key << 8 | u32::from(*byte)), 0, bytes.len()),
            _ => return level_of(),
        };
        if let Some((_, level)) = self.0.iter().find(|(known, _)| *known == key) {
            return *level;
        }
        let level = level_of();
        if self.0.len() < Levels::MOST {
            self.0.push((key, level));
        }
        level
    }
}

#[cfg(test)]
mod tests;
