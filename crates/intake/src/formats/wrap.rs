//! Records within records: what of the outer one and what of the inner one is kept.
//!
//! Must never read text. What breaks it: an outer and an inner time that differ by design (a proxy's time of accept).

use std::borrow::Cow;

use evidence::{Basis, Http, Record};

use super::draft::FIELDS;
use super::time;

/// A record that borrows nothing.
pub fn owned(record: Record<'_>, format: &'static str) -> Record<'static> {
    let own = |v: Option<Cow<'_, str>>| v.map(|v| Cow::Owned(v.into_owned()));
    Record {
        place: record.place,
        stamp: record.stamp,
        stamp_text: own(record.stamp_text),
        level: record.level,
        service: own(record.service),
        instance: own(record.instance),
        message: Cow::Owned(record.message.into_owned()),
        trace: own(record.trace),
        http: record.http.map(|h| Http {
            method: own(h.method),
            path: own(h.path),
            status: h.status,
            duration_ms: h.duration_ms,
            upstream: own(h.upstream),
        }),
        user: own(record.user),
        format,
        fields: record.fields.into_iter().map(|(k, v)| (Cow::Owned(k.into_owned()), Cow::Owned(v.into_owned()))).collect(),
    }
}

/// The record of a container line, syslog or journal that carries a record of its own: the inner one says what
/// happened, the outer one who and where; the time that states more of itself is believed.
pub fn wrap<'a>(mut outer: Record<'a>, mut inner: Record<'a>) -> Record<'a> {
    wrap_into(&mut outer, &mut inner);
    inner
}

/// The same, made of the inner one; little is left of the outer one.
pub fn wrap_into<'a>(outer: &mut Record<'a>, inner: &mut Record<'a>) {
    let finer = |r: &Record| r.stamp.map_or(9, |s| basis_rank(s.basis));
    let with_year = outer.stamp.zip(inner.stamp).and_then(|(o, i)| time::with_year_of(o, i));
    if with_year.is_some() || finer(inner) >= finer(outer) {
        (inner.stamp, inner.stamp_text) = (with_year.or(outer.stamp), outer.stamp_text.take());
    }
    inner.fields.splice(..0, outer.fields.drain(..));
    inner.fields.truncate(FIELDS);
    inner.place = outer.place;
    inner.level = inner.level.or(outer.level);
    if outer.service.is_some() {
        inner.service = outer.service.take();
    }
    inner.instance = outer.instance.take().or(inner.instance.take());
    inner.trace = inner.trace.take().or(outer.trace.take());
    inner.http = inner.http.take().or(outer.http.take());
    inner.user = inner.user.take().or(outer.user.take());
    inner.format = outer.format;
}

fn basis_rank(basis: Basis) -> u8 {
    match basis {
        Basis::Zoned | Basis::Epoch => 0,
        Basis::Civil => 1,
        Basis::CivilNoYear | Basis::ZonedNoYear => 2,
        Basis::ClockOnly | Basis::ZonedClock => 3,
    }
}
