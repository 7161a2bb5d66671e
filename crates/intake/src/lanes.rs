//! The streams that stand in one source: containers, pods and outputs whose lines a runtime or a tool put one after the
//! other, each with a head around it. The lines of each are pieced together and framed by themselves, so that a stack
//! trace of one pod survives the lines of another; records come out in the order in which they begin.
//!
//! Must never look into the inner lines; that is the framer's. What breaks it: more streams than are kept open, and a
//! stream that falls silent within a record; its record then ends early.

mod seams;

use std::borrow::Cow;
use std::collections::BTreeMap;

use evidence::SourceId;

use crate::Limits;
use crate::formats::swift::{Around, Inner, Swift};
use crate::formats::{Format, Formats, Within};
use crate::framing::{Frame, Framer, Outer};
use crate::lines::Line;
use crate::marks::Marked;
pub use seams::{Edge, Seams};

/// Streams that are kept open at once.
const MOST_LANES: usize = 256;
/// Records that wait for an earlier one to end, and their bytes.
const MOST_WAITING: usize = 512;
const MOST_WAITING_BYTES: usize = 4 << 20;
/// Rooms of records that are kept for others.
const MOST_ROOMS: usize = 4;

/// A source as its streams.
#[derive(Clone)]
pub struct Lanes {
    /// Lines that are in no wrapper; all of them, where the source has none.
    plain: Framer,
    wrapper: Option<Wrapper>,
}

/// What is known of a source that wraps the lines of others.
#[derive(Clone)]
struct Wrapper {
    format: &'static Format,
    /// What a stream begins with of which nothing was seen before.
    fresh: Framer,
    known: BTreeMap<u64, Framer>,
    lanes: BTreeMap<u64, Lane>,
    /// By the line on which it begins: the stream of each open record.
    open: BTreeMap<u64, u64>,
    waiting: BTreeMap<u64, Frame>,
    /// Records that are next.
    ready: Vec<Frame>,
    waiting_bytes: usize,
    most_bytes: usize,
    /// Room of records that are gone.
    rooms: Vec<Frame>,
    /// A stream had to make room for another.
    is_crowded: bool,
}

#[derive(Clone)]
struct Lane {
    framer: Framer,
    /// What stands around the first line of the open record.
    around: Outer,
    open: Option<u64>,
    piece: Option<Piece>,
    used: u64,
}

/// The beginning of a line that goes on.
#[derive(Clone)]
struct Piece {
    text: String,
    outer: String,
    start: u64,
    end: u64,
    number: u64,
    last: u64,
}

/// Lines without a wrapper stand in a stream of their own.
const PLAIN: u64 = 0;

impl Lanes {
    /// `sample`: the first lines of the source that are not blank, without escapes.
    pub fn new(formats: &'static Formats, sample: &[&str], source: SourceId, limits: &Limits) -> Lanes {
        let plain = Framer::new(formats, sample, source, limits);
        let format = plain.main();
        if !format.wraps() {
            return Lanes { plain, wrapper: None };
        }
        let mut contents: BTreeMap<u64, Vec<Cow<'_, str>>> = BTreeMap::new();
        for within in sample.iter().filter_map(|l| format.within(l)) {
            contents.entry(within.lane).or_default().push(within.content);
        }
        let framer = |lines: &mut dyn Iterator<Item = &Cow<'_, str>>| {
            let lines: Vec<&str> = lines.map(|l| l.as_ref()).filter(|l| !l.trim_ascii().is_empty()).collect();
            Framer::new(formats, &lines, source, limits)
        };
        let fresh = framer(&mut contents.values().flatten());
        let known = contents.iter().map(|(lane, lines)| (*lane, framer(&mut lines.iter()))).collect();
        let wrapper = Wrapper {
            format,
            fresh,
            known,
            lanes: BTreeMap::new(),
            open: BTreeMap::new(),
            waiting: BTreeMap::new(),
            ready: Vec::new(),
            waiting_bytes: 0,
            most_bytes: Framer::longest_line(limits),
            rooms: Vec::new(),
            is_crowded: false,
        };
        Lanes { plain, wrapper: Some(wrapper) }
    }

    /// Id of the source's format: the wrapper's, where it has one.
    pub fn format(&self) -> &'static str {
        self.plain.format()
    }

    /// The source's format itself.
    pub fn main(&self) -> &'static Format {
        self.plain.main()
    }

    /// Takes the next line; hands out the records that are complete and next in order.
    pub fn push(&mut self, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&mut Frame)) {
        match &mut self.wrapper {
            None => self.plain.push(text, line, out),
            Some(wrapper) => {
                wrapper.push(text, line, &self.plain);
                wrapper.hand_out(out);
            }
        }
    }

    /// Lines and bytes of indented lines that the open record takes whatever they are, for [`Lanes::join_indented`].
    pub fn room_for_indented(&self) -> Option<(u64, usize)> {
        if self.wrapper.is_none() { self.plain.room_for_indented() } else { None }
    }

    pub fn join_indented(&mut self, text: &str, lines: &Line<'_>) {
        self.plain.join_indented(text, lines);
    }

    /// Takes the next line, which follows a plan of lines around others. The records are handed out by [`Lanes::hand_out`].
    pub fn push_within(&mut self, within: Within<'_>, text: &str, line: &Line<'_>, plans: Plans<'_>) {
        if let Some(wrapper) = &mut self.wrapper {
            wrapper.push_within(within, text, line, Some(plans));
        }
    }

    /// Hands out the records that are complete and next in order.
    pub fn hand_out(&mut self, out: &mut dyn FnMut(&mut Frame)) {
        if let Some(wrapper) = &mut self.wrapper {
            wrapper.hand_out(out);
        }
    }

    /// Plans of the lines around those of a source that has such.
    pub fn around(&self) -> Option<Around> {
        let wrapper = self.wrapper.as_ref()?;
        Around::of(self.plain.formats(), wrapper.format)
    }

    /// Takes the next line, which follows a plan and is a record's first one.
    pub fn push_known(&mut self, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&mut Frame)) {
        self.plain.push_known(text, line, out);
    }

    /// Whether parts of the source can be read apart from each other: a line that begins a record forgets those before. In
    /// other streams than its own records may go on; [`Seams`] find out.
    pub fn splits(&self) -> bool {
        match &self.wrapper {
            None => self.plain.splits() || self.plain.splits_at_seams(),
            Some(wrapper) => [&wrapper.fresh].into_iter().chain(wrapper.known.values()).any(Framer::splits),
        }
    }

    /// What the streams were at both ends of a part that was read apart, and is not finished yet; `None` where there is nothing to
    /// find out.
    pub fn edges(&self) -> Option<Vec<Edge>> {
        let edge = |lane: u64, framer: &Framer, is_torn: bool| Edge {
            lane,
            begins: framer.begins_behind(),
            ends: framer.ends_with(),
            is_torn,
        };
        match &self.wrapper {
            Some(wrapper) => {
                let is_torn = |lane: &Lane| lane.piece.is_some() || wrapper.is_crowded;
                Some(wrapper.lanes.iter().map(|(id, lane)| edge(*id, &lane.framer, is_torn(lane))).collect())
            }
            None => self.plain.splits_at_seams().then(|| vec![edge(PLAIN, &self.plain, false)]),
        }
    }

    /// A reader of lines that are made like others, for formats that have one.
    pub fn swift(&self) -> Option<Swift> {
        self.plain.swift().filter(|_| self.wrapper.is_none())
    }

    /// The same, but what it learns of further formats is only collected.
    pub fn frozen(&self) -> Lanes {
        let frozen = |wrapper: &Wrapper| Wrapper {
            fresh: wrapper.fresh.frozen(),
            known: wrapper.known.iter().map(|(lane, framer)| (*lane, framer.frozen())).collect(),
            ..wrapper.clone()
        };
        Lanes { plain: self.plain.frozen(), wrapper: self.wrapper.as_ref().map(frozen) }
    }

    /// Whether a record begins with this line, whatever stood before in its stream, and has a time.
    pub fn begins(&self, line: &[u8]) -> bool {
        let Ok(line) = std::str::from_utf8(line) else { return false };
        match &self.wrapper {
            None => self.plain.begins(line),
            Some(wrapper) => wrapper.format.within(line).is_some_and(|within| {
                let framer = wrapper.framer(within.lane);
                !within.goes_on && framer.splits() && framer.begins(&within.content)
            }),
        }
    }

    /// Whether the open record may go on in lines that have a head of their own.
    pub fn may_repeat(&self) -> bool {
        self.plain.may_repeat()
    }

    /// A record was read elsewhere from this line, and nothing joins it: hands out the one before it.
    pub fn settle(&mut self, text: &str, out: &mut dyn FnMut(&mut Frame)) {
        self.plain.settle(text, out);
    }

    /// Lines of no known format that may tell of a further one.
    pub const MOST_STRAYS: usize = Framer::MOST_STRAYS;

    /// Those that were collected, by their streams.
    pub fn strays(&mut self) -> Vec<(u64, Vec<String>)> {
        let of_lanes = self.wrapper.iter_mut().flat_map(|wrapper| &mut wrapper.lanes);
        let all = of_lanes.map(|(id, lane)| (*id, lane.framer.strays())).chain([(PLAIN, self.plain.strays())]);
        all.filter(|(_, strays)| !strays.is_empty()).collect()
    }

    /// Whether one that is not frozen would have learnt of a further format from these lines of a stream.
    pub fn learns_from<'l>(&self, lane: u64, strays: impl Iterator<Item = &'l str>) -> bool {
        let framer = self.wrapper.as_ref().filter(|_| lane != PLAIN).map_or(&self.plain, |wrapper| wrapper.framer(lane));
        framer.learns_from(&strays.take(Self::MOST_STRAYS).collect::<Vec<_>>())
    }

    /// Hands out the last records.
    pub fn finish(&mut self, out: &mut dyn FnMut(&mut Frame)) {
        match &mut self.wrapper {
            None => self.plain.finish(out),
            Some(wrapper) => {
                wrapper.finish();
                wrapper.hand_out(out);
            }
        }
    }
}

/// Plans of the line around and of those within, where the one around follows one; and where the one within stands, if it does
/// as it is in the piece.
pub type Plans<'p> = (&'p mut Around, &'p mut Inner, Option<Marked<'p>>);

impl Wrapper {
    fn push(&mut self, text: &str, line: &Line<'_>, plain: &Framer) {
        match self.format.within(text) {
            Some(within) => self.push_within(within, text, line, None),
            None => {
                self.lane(PLAIN, plain, line.number);
                self.take(PLAIN, (text, ""), line, None);
            }
        }
    }

    fn push_within(&mut self, within: Within<'_>, text: &str, line: &Line<'_>, plans: Option<Plans<'_>>) {
        if !self.lanes.contains_key(&within.lane) {
            let like = self.framer(within.lane).clone();
            self.lane(within.lane, &like, line.number);
        }
        let Some(lane) = self.lanes.get_mut(&within.lane) else { return };
        lane.used = line.number;
        if within.goes_on && lane.piece.as_ref().is_none_or(|p| p.text.len() < self.most_bytes) {
            return lane.keep(&within.content, text, line);
        }
        match lane.piece.take() {
            None => self.take(within.lane, (&within.content, text), line, plans),
            Some(mut piece) => {
                piece.add(&within.content, line);
                let Piece { text, outer, start, end, number, last } = piece;
                let whole = Line { bytes: line.bytes, cut: line.cut, start, end, number, last };
                self.take(within.lane, (&text, &outer), &whole, None);
            }
        }
    }

    /// What a stream begins with.
    fn framer(&self, lane: u64) -> &Framer {
        self.known.get(&lane).unwrap_or(&self.fresh)
    }

    /// Sees to it that there is such a stream; the one that was silent longest makes room.
    fn lane(&mut self, id: u64, like: &Framer, now: u64) {
        if self.lanes.contains_key(&id) {
            return;
        }
        if self.lanes.len() >= MOST_LANES
            && let Some(silent) = self.lanes.iter().min_by_key(|(_, lane)| lane.used).map(|(id, _)| *id)
        {
            self.close(silent);
            self.lanes.remove(&silent);
            self.is_crowded = true;
        }
        let around = Outer::default();
        self.lanes.insert(id, Lane { framer: like.clone(), around, open: None, piece: None, used: now });
    }

    /// A whole inner line goes to the framer of its stream.
    fn take(&mut self, id: u64, (text, outer): (&str, &str), line: &Line<'_>, plans: Option<Plans<'_>>) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let (mut done, rooms, framer) = (None, &mut self.rooms, &mut lane.framer);
        let mut take = |frame: &mut Frame| done = Some(frame.take(rooms.pop()));
        let known = framer.planned().map(|format| (framer.formats(), format)).zip(plans);
        let followed = known.and_then(|(known, (around, inner, at))| inner.is_head(known, text, at).then_some((around, inner)));
        match followed {
            Some(_) => framer.push_known(text, line, &mut take),
            None => framer.push(text, line, &mut take),
        }
        let open = framer.open_line();
        if open != lane.open {
            if let Some(frame) = &mut done {
                std::mem::swap(&mut frame.outer, &mut lane.around);
            }
            lane.around.fill(((id != PLAIN).then_some(self.format), outer), followed);
            if let Some(was) = lane.open.take() {
                self.open.remove(&was);
            }
        }
        // What is one line by its nature waits for no other.
        let mut whole = None;
        if framer.is_whole() {
            framer.finish(&mut |frame| whole = Some(frame.take(rooms.pop())));
        }
        if let Some(frame) = &mut whole {
            std::mem::swap(&mut frame.outer, &mut lane.around);
        }
        lane.open = open.filter(|_| whole.is_none());
        if let Some(begins) = lane.open {
            self.open.insert(begins, id);
        }
        if let Some(frame) = done {
            self.done(frame);
        }
        if let Some(frame) = whole {
            self.done(frame);
        }
    }

    /// A record is complete: it goes out when none that began before it is open.
    fn done(&mut self, frame: Frame) {
        if self.waiting.is_empty() && self.open.first_key_value().is_none_or(|(line, _)| *line > frame.place.line) {
            return self.ready.push(frame);
        }
        self.waiting_bytes += frame.text.len();
        self.waiting.insert(frame.place.line, frame);
        self.release();
        while self.waiting.len() > MOST_WAITING || self.waiting_bytes > MOST_WAITING_BYTES {
            let Some((_, &oldest)) = self.open.first_key_value() else { break };
            self.close(oldest);
        }
    }

    fn release(&mut self) {
        let first_open = self.open.first_key_value().map(|(line, _)| *line);
        while let Some(next) = self.waiting.first_entry().filter(|next| first_open.is_none_or(|open| *next.key() < open)) {
            let frame = next.remove();
            self.waiting_bytes -= frame.text.len();
            self.ready.push(frame);
        }
    }

    fn hand_out(&mut self, out: &mut dyn FnMut(&mut Frame)) {
        for mut frame in self.ready.drain(..) {
            out(&mut frame);
            if self.rooms.len() < MOST_ROOMS {
                self.rooms.push(frame);
            }
        }
    }

    /// Ends the open record of a stream.
    fn close(&mut self, id: u64) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if let Some(piece) = lane.piece.take() {
            let Piece { text, outer, start, end, number, last } = piece;
            self.take(id, (&text, &outer), &Line { bytes: b"", cut: 0, start, end, number, last }, None);
        }
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let mut done = None;
        lane.framer.finish(&mut |frame| done = Some(frame.take(None)));
        let outer = std::mem::take(&mut lane.around);
        if let Some(was) = lane.open.take() {
            self.open.remove(&was);
        }
        match done {
            Some(mut frame) => {
                frame.outer = outer;
                self.done(frame);
            }
            None => self.release(),
        }
    }

    fn finish(&mut self) {
        let mut ids: Vec<u64> = self.lanes.keys().copied().collect();
        // In the order in which their records begin, so that none waits for another.
        ids.sort_by_key(|id| self.lanes.get(id).and_then(|lane| lane.open));
        ids.into_iter().for_each(|id| self.close(id));
        self.release();
    }
}

impl Lane {
    fn keep(&mut self, content: &str, outer: &str, line: &Line<'_>) {
        match &mut self.piece {
            Some(piece) => piece.add(content, line),
            None => {
                let (text, outer) = (content.to_string(), outer.to_string());
                self.piece = Some(Piece { text, outer, start: line.start, end: line.end, number: line.number, last: line.last });
            }
        }
    }
}

impl Piece {
    /// Adds what follows; its place grows only while no line of another stream stands between.
    fn add(&mut self, content: &str, line: &Line<'_>) {
        self.text.push_str(content);
        if line.number == self.last + 1 {
            self.end = line.end;
            self.last = line.last;
        }
    }
}
