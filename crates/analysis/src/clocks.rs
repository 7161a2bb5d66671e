//! The clock court: for every source, how far its times lie from those of the others, and why that is believed.
//!
//! What it sees: traces that two sources share, the span that each source covers, failures beside the pages for them, and the
//! acts of people beside what pagers and deploys recorded. Why it matters: a log six hours off puts the effect before the cause. When it misleads:
//! sources that were cut at different ends and share nothing; then the offset stays 0 and the reason says so.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use evidence::{Basis, Body, Clock, Moment, PageAction, Stamp, rotation};

use crate::acts::{self, Act};
use crate::dates::{self, Dates};
use crate::digest::Digest;

mod aligned;
mod base;
mod births;
mod failing;
mod house;
mod inner;
mod local;
mod paged;
mod retold;
mod siblings;
mod spoken;
mod strangers;
mod tabled;
pub mod told;
mod twins;

use paged::Stated;

/// Zones differ by quarters of an hour; smaller differences are skew.
const QUARTER: i64 = 900;
/// Shared traces needed before they decide.
const MIN_TRACES: usize = 3;

/// Seconds by which a clock is off that no request takes, if nine of ten traces differ by as much, and of how many it has to be told.
const SKEW: i64 = 60;
const STEADY: i64 = 5;
const MANY_TRACES: usize = 20;

/// Seconds within which logs end that were saved at one time.
const SAVED: i64 = 180;

/// The zone farthest from UTC, in seconds: so far may a time be off of which nothing is known.
const WIDEST: i64 = 14 * 3_600;

/// Why times without a zone are read as they are, where nothing tells.
const UNKNOWN: &str = "no zone written and nothing to compare with: read as UTC";

/// One clock per digest, in the same order.
pub fn decide(digests: &[Digest]) -> Vec<Clock> {
    let spans: Vec<Option<Span>> = digests.iter().map(span).collect();
    let known: Vec<(&str, Dates)> = digests.iter().map(|d| (d.name.as_str(), d.dates)).collect();
    let anchors = dates::anchors(&known);
    let mut clocks: Vec<Clock> = anchors.iter().map(|a| Clock { anchor: a.as_ref().map(|a| a.at), ..Clock::trusted() }).collect();
    let mut decided = by_traces(digests, &mut clocks);
    inner::set(digests, &mut clocks, &mut decided);
    let frame = frame(digests, &spans, &clocks, &decided);
    // Sources that write their zone keep their clocks, whatever is decided of others.
    let anchored = clocks.clone();
    let stated = LazyCell::new(|| Stated::of(digests, &anchored));
    for index in 0..digests.len() {
        if decided[index] {
            continue;
        }
        let own = alone(index, spans[index], frame, digests, &clocks);
        let is_shifted = own.as_ref().is_some_and(|clock| clock.offset_s != 0);
        let paged = if is_shifted { None } else { stated.as_ref().and_then(|s| s.clock_of(&digests[index], &clocks[index])) };
        let failing = if is_shifted { None } else { failing::clock_of(index, digests, &anchored) };
        if let Some(clock) = failing.or(paged).or(own) {
            clocks[index] = clock;
        } else if matches!(written(&digests[index]), Some(Basis::Civil | Basis::CivilNoYear | Basis::ClockOnly)) {
            clocks[index].basis = UNKNOWN.into();
        }
        if clocks[index].basis == UNKNOWN {
            clocks[index].uncertainty_s = WIDEST;
        }
    }
    for index in (0..digests.len()).filter(|index| !decided[*index]) {
        if let Some(clock) = spoken::by_closing(index, digests, &clocks) {
            clocks[index] = clock;
        }
    }
    again(digests, &spans, &mut clocks);
    releases(digests, &mut clocks);
    alerts(digests, &mut clocks);
    twins::set(digests, &spans, &mut clocks);
    house::set(digests, &spans, &mut clocks);
    local::set(digests, &spans, &mut clocks);
    siblings::set(digests, &mut clocks);
    like_their_neighbours(digests, &mut clocks);
    let measured = told::find(digests, told::messages(digests));
    for index in (0..digests.len()).filter(|index| !decided[*index]) {
        if let Some(told) = told::of(&digests[index], &measured) {
            told::measured(&mut clocks[index], told);
            clocks[index].zone = zone_word(digests[index].basis(), clocks[index].offset_s);
        }
    }
    for ((clock, anchor), digest) in clocks.iter_mut().zip(&anchors).zip(digests) {
        if digest.dates.lacks() {
            let why = anchor.as_ref().map_or("nothing tells it", |a| a.why.as_str());
            clock.basis = format!("{}; {} after {why}", clock.basis, lacking(digest.basis()));
        }
    }
    clocks
}

#[derive(Debug, Clone, Copy)]
struct Span {
    first: Stamp,
    last: Stamp,
    records: u64,
}

/// How a source writes its times: its records, or else its events and the points of its series.
fn written(digest: &Digest) -> Option<Basis> {
    let of_event = |event: &evidence::Event| match &event.body {
        Body::Series(series) => series.points.first().map(|point| point.stamp.basis),
        _ => event.stamp.map(|stamp| stamp.basis),
    };
    digest.basis().or_else(|| digest.events.iter().find_map(of_event))
}

/// First and last stamp of a source, of its records or else of its events.
fn span(digest: &Digest) -> Option<Span> {
    if let (Some((first, _)), Some((last, _))) = (digest.first, digest.last) {
        let basis = digest.basis().unwrap_or(first.basis);
        // A head that a tool put in front of a log (when it was saved) may write its time in another way than all that follows.
        let alike = || digest.stamps().map(|(_, stamp)| stamp).filter(|stamp| stamp.basis == basis);
        let is_mixed = first.basis != basis || last.basis != basis;
        let (first, last) = is_mixed.then(|| alike().min().zip(alike().max())).flatten().unwrap_or((first, last));
        return Some(Span { first, last, records: digest.stamped });
    }
    let stamps: Vec<Stamp> = digest.events.iter().filter_map(|e| e.stamp).collect();
    let first = *stamps.iter().min()?;
    let last = *stamps.iter().max()?;
    Some(Span { first, last, records: stamps.len() as u64 })
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    if values.is_empty() {
        return None;
    }
    values.sort_unstable();
    Some(values[values.len() / 2])
}

/// Sources that share traces hang together: their differences are known, and the group is laid so that the sources
/// with the most believable times keep them. Returns which sources were decided.
fn by_traces(digests: &[Digest], clocks: &mut [Clock]) -> Vec<bool> {
    let links = trace_links(digests, clocks);
    let mut decided = vec![false; digests.len()];
    for start in 0..digests.len() {
        if decided[start] || !links.contains_key(&start) {
            continue;
        }
        let members = component(start, &links);
        let base = base::of(digests, clocks, &members);
        for (&member, &relative) in &members {
            let offset = relative - base;
            decided[member] = true;
            let others: Vec<&str> = members.keys().filter(|m| **m != member).map(|m| digests[*m].name.as_str()).take(3).collect();
            let shared = links.get(&member).map_or(0, |l| l.values().map(|(_, n)| *n).max().unwrap_or(0));
            clocks[member].offset_s = offset;
            clocks[member].zone = zone_word(digests[member].basis(), offset);
            clocks[member].basis = format!("{shared} traces shared with {}", others.join(", "));
            clocks[member].uncertainty_s = 2;
        }
    }
    decided
}

type Links = BTreeMap<usize, BTreeMap<usize, (i64, usize)>>;

/// For each pair with enough shared traces: the difference of their offsets in seconds, and how many traces say so.
fn trace_links(digests: &[Digest], clocks: &[Clock]) -> Links {
    let mut links = Links::new();
    // An archive may have a hundred thousand files, of which few have traces: only those are compared.
    let traced: Vec<usize> = (0..digests.len()).filter(|&i| digests[i].traces.len() >= MIN_TRACES).collect();
    for (i, &a) in traced.iter().enumerate() {
        for &b in &traced[i + 1..] {
            let differences: Vec<i64> = digests[a]
                .traces
                .iter()
                .filter_map(|(id, link)| {
                    let other = digests[b].traces.get(id)?;
                    Some(clocks[b].moment(other.first)?.seconds() - clocks[a].moment(link.first)?.seconds())
                })
                .collect();
            let count = differences.len();
            if count < MIN_TRACES {
                continue;
            }
            let Some(middle) = median(differences.clone()) else { continue };
            let near = differences.iter().filter(|d| (**d - middle).abs() <= 60).count();
            if near * 3 < count * 2 {
                continue;
            }
            let offset = offset_of(middle, &differences);
            links.entry(a).or_default().insert(b, (offset, count));
            links.entry(b).or_default().insert(a, (-offset, count));
        }
    }
    links
}

/// What differences of shared traces say: a zone, or a clock that is off by as much in all of them.
fn offset_of(middle: i64, differences: &[i64]) -> i64 {
    let zone = if middle.abs() < QUARTER / 2 { 0 } else { round_to_quarter(middle) };
    let is_steady = differences.iter().filter(|d| (**d - middle).abs() <= STEADY).count() * 10 >= differences.len() * 9;
    if (middle - zone).abs() >= SKEW && is_steady && differences.len() >= MANY_TRACES { middle } else { zone }
}

fn round_to_quarter(seconds: i64) -> i64 {
    (seconds + QUARTER / 2).div_euclid(QUARTER) * QUARTER
}

/// All sources reached from `start`, with their offset relative to it.
fn component(start: usize, links: &Links) -> BTreeMap<usize, i64> {
    let mut members = BTreeMap::from([(start, 0)]);
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        let here = members[&at];
        for (&next, &(difference, _)) in links.get(&at).into_iter().flatten() {
            if let std::collections::btree_map::Entry::Vacant(entry) = members.entry(next) {
                entry.insert(here + difference);
                open.push(next);
            }
        }
    }
    members
}

/// Sources of which nothing told the zone, now that the clocks of others are known.
fn again(digests: &[Digest], spans: &[Option<Span>], clocks: &mut [Clock]) {
    let decided: Vec<bool> = clocks.iter().map(|clock| clock.offset_s != 0).collect();
    let frame = frame(digests, spans, clocks, &decided);
    let zones: BTreeSet<i64> =
        clocks.iter().map(|clock| clock.offset_s).filter(|offset| *offset != 0 && offset % QUARTER == 0).collect();
    for index in (0..digests.len()).filter(|index| !decided[*index]) {
        if clocks[index].basis != UNKNOWN {
            continue;
        }
        let has = |is: fn(&Body) -> bool| digests[index].events.iter().any(|e| is(&e.body));
        let found = if has(|body| matches!(body, Body::Message(_))) {
            // Now that a zone is known in which somebody here writes.
            let by_people = written(&digests[index]).and_then(|basis| by_people(index, basis, digests, clocks));
            let by_neighbours = || aligned::by_neighbours(index, digests, clocks);
            by_people.or_else(by_neighbours).or_else(|| aligned::by_course(index, digests, clocks))
        } else if has(|body| matches!(body, Body::Series(_))) {
            births::clock_of(index, digests, clocks)
        } else {
            by_end(spans[index], frame, &zones, &clocks[index])
                .or_else(|| spoken::clock_of(index, digests, clocks, zones.iter().copied()))
        };
        if let Some(clock) = found {
            clocks[index] = clock;
        }
    }
}

/// A log that lies elsewhere and, in the zone that another source has, begins or ends with the others: all were saved at one time,
/// or for the same stretch, and a machine that died wrote no more.
fn by_end(span: Option<Span>, frame: Option<(i64, i64)>, zones: &BTreeSet<i64>, base: &Clock) -> Option<Clock> {
    let (span, (from, to)) = (span.filter(|span| span.records >= 20 && !span.first.basis.is_stated())?, frame?);
    let (first, last) = (base.moment(span.first)?.seconds(), base.moment(span.last)?.seconds());
    let ends = |offset: i64| (last - offset - to).abs() <= SAVED && first - offset <= from + SAVED;
    let begins = |offset: i64| (first - offset - from).abs() <= SAVED && last - offset <= to + SAVED;
    let is_as_written = (last - to).abs() <= QUARTER || begins(0);
    let mut fitting = zones.iter().copied().filter(|offset| ends(*offset) || begins(*offset));
    let best = fitting.next().filter(|_| !is_as_written)?;
    fitting.next().is_none().then(|| Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; guessed to be that of another source, in which it begins or ends with the other logs".into(),
        uncertainty_s: SAVED,
        ..base.clone()
    })
}

/// Lists of releases without zone beside what people said they did, once the clocks of the chats are known.
fn releases(digests: &[Digest], clocks: &mut [Clock]) {
    let offsets: Vec<i64> = clocks.iter().map(|clock| clock.offset_s).filter(|offset| *offset != 0).collect();
    for (index, digest) in digests.iter().enumerate() {
        let has_releases = digest.events.iter().any(|e| matches!(e.body, Body::Deploy(_)));
        if !has_releases || clocks[index].basis != UNKNOWN {
            continue;
        }
        let acts = digests.iter().zip(clocks.iter()).flat_map(|(d, clock)| {
            let acts = d.events.iter().filter(|e| said_act(&e.body) == Some(PageAction::Note));
            acts.filter_map(|e| Some((clock.moment(e.stamp?)?.seconds(), said(&e.body)?)))
        });
        let acts: Vec<(i64, &str)> = acts.collect();
        let commits = digests.iter().zip(clocks.iter()).flat_map(|(d, clock)| {
            let commits = d.events.iter().filter(|e| e.stamp.is_some_and(|stamp| stamp.basis.is_stated()));
            commits.filter_map(|e| match &e.body {
                Body::Commit(commit) => Some((commit.sha.as_str(), clock.moment(e.stamp?)?.seconds())),
                _ => None,
            })
        });
        let commits: Vec<(&str, i64)> = commits.collect();
        let by_others = tabled::offset_of_releases(digest, &clocks[index], &offsets, &acts);
        let found = by_others
            .map(|offset| (offset, "no zone written; shifted as another source, its releases fall to what people said they did"))
            .or_else(|| {
                let offset = tabled::offset_by_versions(digest, &clocks[index], &acts)?;
                Some((offset, "no zone written; shifted so, a release falls to what people said of its version"))
            })
            .or_else(|| {
                let offset = tabled::offset_by_commits(digest, &clocks[index], &offsets, &commits)?;
                Some((offset, "no zone written; shifted as another source, its releases follow their commits"))
            });
        if let Some((offset, basis)) = found {
            clocks[index] = Clock {
                offset_s: offset,
                zone: offset_word(offset),
                basis: basis.into(),
                uncertainty_s: 180,
                ..clocks[index].clone()
            };
        }
    }
}

/// Tables of alerts without a zone, beside messages that retold them.
fn alerts(digests: &[Digest], clocks: &mut [Clock]) {
    for index in 0..digests.len() {
        let has_alerts = digests[index].events.iter().any(|e| matches!(e.body, Body::Alert(_)));
        if !has_alerts || clocks[index].basis != UNKNOWN {
            continue;
        }
        let messages: Vec<(i64, &str)> = digests
            .iter()
            .zip(clocks.iter())
            .flat_map(|(d, clock)| {
                let zoned = d.events.iter().filter_map(|e| Some((e, e.stamp.filter(|stamp| stamp.basis.is_stated())?)));
                zoned.filter_map(|(e, stamp)| Some((clock.moment(stamp)?.seconds(), said(&e.body)?)))
            })
            .collect();
        if let Some(offset) = retold::offset(&digests[index], &messages) {
            clocks[index] = Clock {
                offset_s: offset,
                zone: offset_word(offset),
                basis: "no zone written; shifted so, an alert falls to the message about it".into(),
                uncertainty_s: 180,
                ..clocks[index].clone()
            };
        }
    }
}

fn said(body: &Body) -> Option<&str> {
    if let Body::Message(message) = body { Some(&message.text) } else { None }
}

/// How far a stated time is to be believed, in percent (algorithms, 7.1).
fn weight(basis: Option<Basis>) -> i64 {
    match basis {
        Some(Basis::Epoch) => 95,
        Some(Basis::Zoned) => 90,
        Some(_) => 30,
        None => 0,
    }
}

fn zone_word(basis: Option<Basis>, offset: i64) -> String {
    match basis {
        Some(Basis::Civil | Basis::CivilNoYear | Basis::ClockOnly) => offset_word(offset),
        _ if offset == 0 => "UTC".into(),
        _ => format!("as written, {} off", offset_word(offset)),
    }
}

/// `UTC`, `UTC+05:30`.
pub fn offset_word(offset: i64) -> String {
    if offset == 0 {
        return "UTC".into();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// What the times of a source lack.
fn lacking(basis: Option<Basis>) -> &'static str {
    if matches!(basis, Some(Basis::ClockOnly | Basis::ZonedClock)) { "day" } else { "year" }
}

/// Where the believable logs begin and end, in seconds of report time.
fn frame(digests: &[Digest], spans: &[Option<Span>], clocks: &[Clock], decided: &[bool]) -> Option<(i64, i64)> {
    let (mut firsts, mut lasts) = (Vec::new(), Vec::new());
    for (index, digest) in digests.iter().enumerate() {
        let stated = digest.basis().is_some_and(Basis::is_stated);
        let Some(span) = spans[index].filter(|s| digest.first.is_some() && s.records >= 20) else { continue };
        if stated || decided[index] {
            firsts.extend(clocks[index].moment(span.first).map(Moment::seconds));
            lasts.extend(clocks[index].moment(span.last).map(Moment::seconds));
        }
    }
    Some((median(firsts)?, median(lasts)?))
}

/// The clock of a source that shares no trace: from the span it covers, or from what its people did.
fn alone(index: usize, span: Option<Span>, frame: Option<(i64, i64)>, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let digest = &digests[index];
    let span = span?;
    let basis = span.first.basis;
    let talks = digest.events.iter().filter(|e| matches!(e.body, Body::Message(_))).count() as u64;
    if digest.first.is_none() && talks == 0 {
        let by_series = aligned::by_series(index, digests, clocks);
        if by_series.is_some() {
            return by_series;
        }
    }
    if digest.first.is_none() || talks > digest.stamped {
        return by_people(index, basis, digests, clocks);
    }
    if basis.is_stated() {
        return None;
    }
    by_span(span, frame?, &clocks[index])
}

/// A source without zone that covers the same stretch as the others, shifted by whole quarters of an hour.
fn by_span(span: Span, frame: (i64, i64), clock: &Clock) -> Option<Clock> {
    let unshifted = Clock { offset_s: 0, ..clock.clone() };
    let (first, last) = (unshifted.moment(span.first)?.seconds(), unshifted.moment(span.last)?.seconds());
    let cost = |offset: i64| (first - offset - frame.0).abs() + (last - offset - frame.1).abs();
    // Three zones of the world stand at a quarter: a log that begins or ends a little otherwise must not fall to one of them.
    let rare = |offset: i64| if offset % (2 * QUARTER) == 0 { 0 } else { QUARTER };
    let best = candidates().min_by_key(|o| (cost(*o) + rare(*o), o.abs()))?;
    let length = (frame.1 - frame.0).max(60);
    let fits = cost(best) <= (length / 4).max(240) && cost(0) - cost(best) >= QUARTER;
    if best == 0 || span.records < 20 || !fits {
        let basis = if cost(0) <= length { "no zone written; it covers the same stretch as the other logs" } else { UNKNOWN };
        return Some(Clock { zone: "UTC".into(), basis: basis.into(), uncertainty_s: 2, ..unshifted });
    }
    Some(Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; shifted so, it covers the same stretch as the other logs".into(),
        uncertainty_s: 2,
        ..unshifted
    })
}

/// The offsets that zones of the world have, in seconds (IANA time zone database): whole hours, and these minutes.
pub fn candidates() -> impl Iterator<Item = i64> {
    const ODD: &[i64] = &[-34_200, -12_600, 12_600, 16_200, 19_800, 20_700, 23_400, 31_500, 34_200, 37_800, 45_900];
    (-12..=14).map(|h| h * 3_600).chain(ODD.iter().copied())
}

/// No whole hours, and not that of India.
fn is_rare(offset: i64) -> bool {
    offset % 3_600 != 0 && offset != 19_800
}

/// A chat without zone: its acknowledgements, actions and resolutions stand beside what pagers and deploys recorded.
fn by_people(index: usize, basis: Basis, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let digest = &digests[index];
    if basis.is_stated() {
        return None;
    }
    let said: Vec<(PageAction, Stamp)> = digest.events.iter().filter_map(|e| Some((said_act(&e.body)?, e.stamp?))).collect();
    let others = |is_asked: &dyn Fn(Basis) -> bool, act: fn(&Body) -> Option<PageAction>| -> Vec<(PageAction, i64)> {
        let asked = |e: &&evidence::Event| e.stamp.is_some_and(|stamp| is_asked(stamp.basis));
        let others = digests.iter().zip(clocks).filter(|(d, _)| d.source != digest.source);
        let acts = |(d, clock): (&'_ Digest, &'_ Clock)| -> Vec<(PageAction, i64)> {
            let told = d.events.iter().filter(asked);
            told.filter_map(|e| Some((act(&e.body)?, clock.moment(e.stamp?)?.seconds()))).collect()
        };
        others.flat_map(acts).collect()
    };
    if said.is_empty() {
        let told = others(&Basis::is_stated, |body| said_act(body).or_else(|| recorded_act(body)));
        return tabled::clock_of(digest, &clocks[index], &told);
    }
    // What a source without zone records says nothing of the zone of another, unless there is nothing else.
    let stated = others(&Basis::is_stated, recorded_act);
    let recorded = if stated.is_empty() { others(&|_| true, recorded_act) } else { stated };
    let base = &clocks[index];
    if let Some(clock) = aligned::by_echoes(index, digests, clocks) {
        return Some(clock);
    }
    let score = |offset: i64| -> i64 {
        let clock = Clock { offset_s: offset, ..base.clone() };
        let near = |act: PageAction, at: i64| recorded.iter().filter(|(a, _)| *a == act).map(|(_, t)| (t - at).abs()).min();
        said.iter()
            .filter_map(|(act, stamp)| near(*act, clock.moment(*stamp)?.seconds()))
            .map(|distance| (300 - distance).max(0))
            .sum()
    };
    // Few people live where clocks stand at half an hour, but for one country: what nothing else here writes has to fit twice as well.
    let known = |offset: i64| clocks.iter().any(|c| c.offset_s == offset);
    let score = |offset: i64| if is_rare(offset) && !known(offset) { score(offset) / 2 } else { score(offset) };
    // The only zone that anything here has is that of its people, unless what they say fits another one far better.
    let zones: BTreeSet<i64> = zones_of(index, digests, clocks).collect();
    let house = zones.first().copied().filter(|zone| zones.len() == 1 && score(*zone) > score(0));
    let fits_far_better =
        |offset: i64, zone: i64| score(offset) > 2 * score(zone) && score(offset) >= score(zone) + strangers::MORE;
    if let Some(zone) = house.filter(|zone| !candidates().any(|offset| fits_far_better(offset, *zone))) {
        return Some(Clock {
            offset_s: zone,
            zone: offset_word(zone),
            basis: "no zone written; in the only one of the other sources, what people report fits the pager and the deploys"
                .into(),
            uncertainty_s: 60,
            ..base.clone()
        });
    }
    // An offset that another source turned out to have is likelier than any other.
    let elsewhere = |offset: i64| offset != 0 && clocks.iter().any(|c| c.offset_s == offset);
    let credit = |offset: i64| if elsewhere(offset) { 100 } else { 0 };
    let likely = |offset: i64| score(offset) + credit(offset) - strangers::rare(offset);
    let best = candidates().max_by_key(|o| (likely(*o), -o.abs()))?;
    // Two or three steps fall to something in nearly any zone: where a house has one, another takes more than that.
    let known = zones.iter().copied().chain([0]).map(score).max().unwrap_or(0);
    let is_chance = !zones.is_empty() && best != 0 && !zones.contains(&best) && score(best) < known + strangers::MORE;
    if is_chance || likely(best) < 250 || likely(best) < score(0) + 100 {
        return aligned::by_neighbours(index, digests, clocks).or_else(|| aligned::by_course(index, digests, clocks));
    }
    Some(Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; shifted so, what people report fits the pager and the deploys".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// The zones other than UTC that other sources write, or turned out to have.
fn zones_of(index: usize, digests: &[Digest], clocks: &[Clock]) -> impl Iterator<Item = i64> {
    let others = digests.iter().zip(clocks).enumerate().filter(move |(other, _)| *other != index);
    let zones = others.flat_map(|(_, (digest, clock))| {
        let written = digest.written_zone.map(|(_, zone)| zone).filter(|_| digest.basis() == Some(Basis::Zoned));
        [written, Some(clock.offset_s)].into_iter().flatten()
    });
    zones.filter(|zone| *zone != 0 && zone % QUARTER == 0)
}

/// What a message reports, as a step that a pager or a deploy record would have.
fn said_act(body: &Body) -> Option<PageAction> {
    let Body::Message(message) = body else { return None };
    let said = acts::read(&message.text, &message.author, message.is_bot);
    let is = |act: Act| said.iter().any(|s| s.act == act);
    if is(Act::Resolve) {
        Some(PageAction::Resolved)
    } else if is(Act::Act) {
        Some(PageAction::Note)
    } else if is(Act::Acknowledge) {
        Some(PageAction::Acknowledged)
    } else {
        is(Act::Detect).then_some(PageAction::Triggered)
    }
}

fn recorded_act(body: &Body) -> Option<PageAction> {
    match body {
        Body::Page(page) => Some(page.action),
        Body::Deploy(_) | Body::Flag(_) => Some(PageAction::Note),
        Body::Alert(alert) if alert.firing => Some(PageAction::Triggered),
        _ => None,
    }
}

/// A part of a rotated log has the clock of the other parts; a source too short to decide takes the offset of one that
/// writes its times alike and lies in the same folder.
fn like_their_neighbours(digests: &[Digest], clocks: &mut [Clock]) {
    let stated = paged::Stated::of(digests, clocks);
    for index in 0..digests.len() {
        let digest = &digests[index];
        let basis = digest.basis();
        if digest.first.is_none() || clocks[index].offset_s != 0 || !matches!(basis, Some(Basis::Civil | Basis::CivilNoYear)) {
            continue;
        }
        let alike = |o: usize| o != index && clocks[o].offset_s != 0 && digests[o].basis() == basis;
        let log = |d: &Digest| rotation(&d.name).0.to_string();
        let folder = |name: &str| name.rsplit_once('/').map(|(f, _)| f.to_string());
        let part =
            (0..digests.len()).find(|&o| alike(o) && log(&digests[o]) == log(digest)).map(|o| (o, "a part of the same log as"));
        let short = || {
            let own = folder(&digest.name).filter(|_| digest.stamped < 20)?;
            let near = (0..digests.len()).find(|&o| alike(o) && folder(&digests[o].name).as_ref() == Some(&own));
            near.map(|o| (o, "too short to compare; like"))
        };
        // Programs of one machine have its zone, as far as they do not say which they have.
        let on_host = || {
            let own = folder(&digest.name).filter(|f| is_machine(f) && clocks[index].basis.starts_with(UNKNOWN))?;
            let is_local = |o: usize| matches!(digests[o].basis(), Some(Basis::Civil | Basis::CivilNoYear));
            let near = |o: &usize| *o != index && clocks[*o].offset_s != 0 && is_local(*o) && is_in(&digests[*o].name, &own);
            (0..digests.len()).find(near).map(|o| (o, "no zone written; guessed to be that of the same machine's"))
        };
        let guessed = part.or_else(short).or_else(on_host).filter(|(other, _)| {
            let moved = |stated: &paged::Stated| stated.was_looked_up(digest, clocks[*other].offset_s);
            !stated.as_ref().is_some_and(moved)
        });
        if let Some((other, why)) = guessed {
            clocks[index].uncertainty_s = clocks[index].uncertainty_s.min(clocks[other].uncertainty_s.max(60));
            clocks[index].offset_s = clocks[other].offset_s;
            clocks[index].zone = clocks[other].zone.clone();
            clocks[index].basis = format!("{why} {}", digests[other].name);
        }
    }
}

/// A folder that is named after a machine: `db1`, `nodes/web-3`.
fn is_machine(folder: &str) -> bool {
    let name = folder.rsplit(['/', '!']).next().unwrap_or(folder);
    name.ends_with(|c: char| c.is_ascii_digit()) && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_in(name: &str, folder: &str) -> bool {
    name.rsplit_once('/').is_some_and(|(own, _)| own == folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_written_as_zones() {
        assert_eq!(offset_word(0), "UTC");
        assert_eq!(offset_word(19_800), "UTC+05:30");
        assert_eq!(offset_word(-18_000), "UTC-05:00");
    }

    #[test]
    fn zones_of_half_hours_are_rare_but_for_one() {
        assert!(is_rare(-12_600) && is_rare(20_700) && !is_rare(19_800) && !is_rare(-10_800) && !is_rare(0));
    }

    #[test]
    fn a_log_that_covers_the_same_stretch_five_hours_earlier_is_shifted() {
        let stamp = |s: i64| Stamp::new(s * Moment::SECOND, Basis::Civil);
        let span = Span { first: stamp(82_030), last: stamp(87_010), records: 500 };
        let clock = by_span(span, (100_000, 105_000), &Clock::trusted()).unwrap();
        assert_eq!(clock.offset_s, -18_000);
    }

    /// A log whose failures begin and end at these seconds, and pages of which the first came and the last was resolved at those.
    fn beside_pages(failing: (i64, i64), paging: (i64, i64)) -> Option<Clock> {
        let source = |input| evidence::SourceId { input, entry: 0 };
        let place =
            |line: u64| evidence::RecordRef { source: source(0), start: line * 10, end: line * 10 + 9, line, last_line: line };
        let mut log = Digest::new(source(0), "app.log");
        for (line, at) in (failing.0..failing.1).step_by(30).enumerate() {
            let mut record = evidence::Record {
                place: place(line as u64 + 1),
                stamp: Some(Stamp::new(at * Moment::SECOND, Basis::Civil)),
                stamp_text: None,
                level: Some(evidence::Level::Error),
                service: None,
                instance: None,
                message: "cannot reach the broker".into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            };
            evidence::Sink::record(&mut log, &record);
            (record.level, record.message) = (Some(evidence::Level::Info), "still here".into());
            evidence::Sink::record(&mut log, &record);
        }
        let mut pages = Digest::new(source(1), "pages.json");
        pages.events = [(PageAction::Triggered, paging.0), (PageAction::Resolved, paging.1)]
            .map(|(action, at)| evidence::Event {
                place: evidence::RecordRef { source: source(1), ..place(1) },
                stamp: Some(Stamp::new(at * Moment::SECOND, Basis::Zoned)),
                body: Body::Page(evidence::Page {
                    incident: "7".into(),
                    title: "lag".into(),
                    action,
                    actor: None,
                    priority: None,
                    urgency: None,
                    service: None,
                    text: "lag".into(),
                }),
            })
            .into();
        decide(&[log.settled(), pages.settled()]).into_iter().next()
    }

    #[test]
    fn a_log_that_fails_when_all_was_over_is_laid_to_the_page() {
        let clock = beside_pages((10_800, 13_200), (7_900, 10_500)).unwrap();
        assert_eq!((clock.offset_s, clock.zone.as_str(), clock.uncertainty_s), (3_600, "UTC+01:00", 60));
        assert_eq!(beside_pages((28_700, 30_000), (12_800, 14_500)).unwrap().offset_s, 16_200, "half past four suits best");
    }

    #[test]
    fn a_log_whose_failures_were_paged_is_read_as_it_is() {
        // Paged in time; in no zone; too few of them; half an hour and more before the page in every zone.
        for (failing, paging) in [
            ((7_200, 9_600), (7_900, 10_500)),
            ((7_200, 9_600), (50_000, 50_100)),
            ((0, 60), (7_900, 10_500)),
            ((10_800, 11_700), (9_500, 10_400)),
        ] {
            let clock = beside_pages(failing, paging).unwrap();
            assert_eq!((clock.offset_s, clock.uncertainty_s), (0, WIDEST), "{failing:?} {paging:?}");
        }
    }

    #[test]
    fn a_clock_that_is_off_by_as_much_in_all_traces_is_told_from_a_slow_request() {
        let all = |seconds: i64| offset_of(seconds, &vec![seconds; 30]);
        assert_eq!((all(240), all(-130), all(7_201), all(7_440)), (240, -130, 7_200, 7_440));
        assert_eq!((all(20), offset_of(240, &[240; 5])), (0, 0), "a slow request, and too few of them");
        assert_eq!(offset_of(240, &(0..40).map(|n| 150 + n * 5).collect::<Vec<_>>()), 0, "they wait");
    }

    #[test]
    fn a_longer_log_that_ends_with_the_others_has_a_zone_of_theirs() {
        let stamp = |s: i64| Stamp::new(s * Moment::SECOND, Basis::Civil);
        let offset = |last: i64| {
            let span = Span { first: stamp(80_000), last: stamp(last), records: 500 };
            by_end(Some(span), Some((100_000, 105_000)), &BTreeSet::from([-10_800]), &Clock::trusted()).map(|c| c.offset_s)
        };
        assert_eq!((offset(94_230), offset(95_500), offset(104_900)), (Some(-10_800), None, None));
    }

    #[test]
    fn a_log_that_breaks_off_and_begins_with_the_others_has_a_zone_of_theirs() {
        let stamp = |s: i64| Stamp::new(s * Moment::SECOND, Basis::Civil);
        let offset = |first: i64, last: i64| {
            let span = Span { first: stamp(first), last: stamp(last), records: 500 };
            by_end(Some(span), Some((100_000, 108_000)), &BTreeSet::from([37_800]), &Clock::trusted()).map(|c| c.offset_s)
        };
        assert_eq!(offset(137_804, 140_400), Some(37_800));
        assert_eq!(offset(100_004, 102_000), None, "it begins with them as it is written");
        assert_eq!(offset(139_000, 140_400), None, "it begins later");
        assert_eq!(offset(137_804, 150_000), None, "it goes on for longer than they do");
    }

    #[test]
    fn a_log_that_ends_a_little_early_does_not_fall_to_a_rare_zone() {
        let stamp = |s: i64| Stamp::new(s * Moment::SECOND, Basis::Civil);
        let offset = |first: i64, last: i64| {
            let span = Span { first: stamp(first), last: stamp(last), records: 500 };
            by_span(span, (100_000, 106_500), &Clock::trusted()).unwrap().offset_s
        };
        assert_eq!(offset(146_800, 151_800), 46_800);
        assert_eq!(offset(145_900, 152_400), 45_900, "it covers the same stretch in that zone alone");
    }

    #[test]
    fn a_log_that_covers_only_a_part_is_left_alone() {
        let stamp = |s: i64| Stamp::new(s * Moment::SECOND, Basis::Civil);
        let span = Span { first: stamp(101_000), last: stamp(102_000), records: 500 };
        assert_eq!(by_span(span, (100_000, 105_000), &Clock::trusted()).unwrap().offset_s, 0);
    }
}
