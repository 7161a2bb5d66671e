//! The evidence laid out on one time axis: digests and events of all sources with their clocks decided and their
//! services named. Everything after this file works with moments and names and never asks how a source wrote them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use evidence::{
    AlertState, Body, Clock, Commit, Deploy, Event, Flag, KubeEvent, Message, Moment, Page, RecordRef, Series, Source, SourceId,
    Span, StatusUpdate, is_file,
};

use crate::acts::{self, People, Said};
use crate::clocks;
use crate::digest::{Digest, Exemplar};
use crate::entities::Entities;
use crate::notes;
use crate::ties::Ties;

mod answers;
mod committed;
pub mod machines;

/// What stands at one place and moment.
#[derive(Debug, Clone)]
pub struct At<T> {
    pub at: Moment,
    pub place: RecordRef,
    pub what: T,
}

/// A message with what it does.
#[derive(Debug, Clone)]
pub struct Utterance {
    pub message: Message,
    /// `@name`, or a bot's own name.
    pub speaker: String,
    pub said: Vec<Said>,
}

impl Utterance {
    pub fn does(&self, act: acts::Act) -> bool {
        self.said.iter().any(|s| s.act == act)
    }

    /// The sentence of something said.
    pub fn sentence(&self, said: &Said) -> &str {
        self.message.text.get(said.span.0..said.span.1).unwrap_or(&self.message.text).trim()
    }

    /// The same in English, for those who look for words in it.
    pub fn english(&self, said: &Said) -> std::borrow::Cow<'_, str> {
        acts::in_english(self.sentence(said))
    }
}

pub struct Scene {
    pub digests: Vec<Digest>,
    pub sources: Vec<Source>,
    pub clocks: BTreeMap<SourceId, Clock>,
    pub entities: Entities,
    pub chat: Vec<At<Utterance>>,
    /// Answers to who asked for a password, which are left out of what was said.
    pub unsaid: Vec<String>,
    pub alerts: Vec<At<AlertState>>,
    pub pages: Vec<At<Page>>,
    pub deploys: Vec<At<Deploy>>,
    /// Commits without a usable time stand at the epoch.
    pub commits: Vec<At<Commit>>,
    pub flags: Vec<At<Flag>>,
    pub kube: Vec<At<KubeEvent>>,
    /// What objects show, whenever it was fetched; those with a warning since a known time stand above as well.
    pub states: Vec<(RecordRef, KubeEvent)>,
    /// Alerts that do not say when they began.
    pub open_alerts: Vec<(RecordRef, AlertState)>,
    pub statuses: Vec<At<StatusUpdate>>,
    pub spans: Vec<At<Span>>,
    pub series: Vec<At<Series>>,
    /// Log records and events read in all sources, those without a usable time among them.
    pub read: u64,
    /// The first and the last of them that can be cited, by place.
    pub bounds: Vec<RecordRef>,
    /// Some alert or page has no time that can be read.
    pub undated_alarms: bool,
    /// The clocks were decided elsewhere, by more than is here.
    pub clocks_given: bool,
    /// How many threads may look at it. What they find does not hang on that.
    pub threads: usize,
    /// Gathered when somebody asks.
    pub(crate) ties: OnceLock<Ties>,
}

impl Scene {
    pub fn ties(&self) -> &Ties {
        self.ties.get_or_init(|| Ties::of(self))
    }

    /// Decides clocks and names, and sorts every kind of event by time and place.
    pub fn lay_out(readings: Vec<(Source, Digest)>) -> Scene {
        Scene::with_clocks(readings, None)
    }

    /// The same with clocks that are decided, by the names of the sources.
    pub fn lay_out_by(readings: Vec<(Source, Digest)>, clocks: &BTreeMap<String, Clock>) -> Scene {
        Scene::with_clocks(readings, Some(clocks))
    }

    fn with_clocks(mut readings: Vec<(Source, Digest)>, given: Option<&BTreeMap<String, Clock>>) -> Scene {
        readings.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        readings.iter_mut().for_each(|(source, digest)| source.skipped.extend(notes::of(digest)));
        let (sources, digests): (Vec<Source>, Vec<Digest>) = readings.into_iter().unzip();
        let known = |clocks: &BTreeMap<String, Clock>| {
            digests.iter().map(|d| clocks.get(&d.name).cloned().unwrap_or_else(Clock::trusted)).collect()
        };
        let decided = given.map_or_else(|| clocks::decide(&digests), known);
        let clocks = sources.iter().map(|s| s.id).zip(decided).collect();
        let entities = Entities::build(&digests);
        let read = digests.iter().map(|d| d.records + d.events.len() as u64).sum();
        let bounds = bounds(&digests);
        let mut scene = Scene {
            digests,
            sources,
            clocks,
            entities,
            chat: Vec::new(),
            unsaid: Vec::new(),
            alerts: Vec::new(),
            pages: Vec::new(),
            deploys: Vec::new(),
            commits: Vec::new(),
            flags: Vec::new(),
            kube: Vec::new(),
            states: Vec::new(),
            open_alerts: Vec::new(),
            statuses: Vec::new(),
            spans: Vec::new(),
            series: Vec::new(),
            read,
            bounds,
            undated_alarms: false,
            clocks_given: given.is_some(),
            threads: 1,
            ties: OnceLock::new(),
        };
        scene.take_events();
        committed::add(&mut scene);
        scene.sort();
        scene
    }

    pub fn clock(&self, source: SourceId) -> &Clock {
        &self.clocks[&source]
    }

    /// Who takes part, by any source.
    pub fn people(&self) -> People {
        taking_part(&self.digests, &people(&self.digests))
    }

    pub fn source_name(&self, source: SourceId) -> &str {
        self.sources.iter().find(|s| s.id == source).map_or("", |s| s.name.as_str())
    }

    /// The service of a record: the name it carries, or its source's own. A database or web server is called by its host
    /// where the source is a host's.
    pub fn service_of(&self, named: Option<&str>, source: SourceId) -> Option<String> {
        let own = self.entities.of_source(source);
        match named.map(|n| self.entities.name(n)) {
            Some(name) if crate::entities::tells_of_its_machine(&name) => own.map_or(Some(name), |own| Some(own.to_string())),
            Some(name) if crate::entities::is_product(&name) && own.is_some_and(crate::entities::is_host) => {
                own.map(str::to_string)
            }
            // What runs a program is none of the services.
            Some(name) if crate::entities::is_runtime(&name) => own.map(str::to_string),
            Some(name) => Some(name),
            None => own.map(str::to_string),
        }
    }

    /// The earliest kept log record whose text has these words (a commit's short name), with its moment.
    pub fn logged(&self, words: &str) -> Option<(Moment, RecordRef)> {
        let exemplars = self.digests.iter().flat_map(|d| d.patterns.iter().flat_map(|p| p.exemplars.iter().chain([&p.first])));
        exemplars
            .filter(|e| e.text.contains(words) || e.fields.iter().any(|(_, v)| v.contains(words)))
            .filter_map(|e| Some((self.clock(e.place.source).moment(e.stamp?)?, e.place)))
            .min()
    }

    /// A machine that runs workloads: the input has events of it as a node, or its name says so.
    pub fn is_node(&self, name: &str) -> bool {
        crate::entities::is_node(name) || self.ties().is_node(name)
    }

    /// A kept record of a service that names a setting with a value, however the name is spelled (`maximum-pool-size`,
    /// `maximumPoolSize`).
    pub fn shows_setting(&self, name: &str, value: &str, service: &str) -> Option<(Moment, RecordRef, String)> {
        let plain = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
        let key = plain(name.rsplit(['.', '/']).next().unwrap_or(name));
        let value = value.trim_matches(['"', '\'']);
        if key.len() < 6 || value.is_empty() {
            return None;
        }
        let own = self.digests.iter().filter(|d| self.entities.of_source(d.source) == Some(service));
        own.flat_map(|d| d.patterns.iter().flat_map(|p| p.exemplars.iter()))
            .filter(|e| plain(&e.text).contains(&key) && e.text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == value))
            .filter_map(|e| Some((self.clock(e.place.source).moment(e.stamp?)?, e.place, crate::signals::first_line(&e.text))))
            .min()
    }

    /// Moment and first line of a kept log record.
    pub fn words_at(&self, place: RecordRef) -> Option<(Moment, String)> {
        let exemplar = self.kept_at(place)?;
        Some((self.clock(place.source).moment(exemplar.stamp?)?, crate::signals::first_line(&exemplar.text)))
    }

    /// The text of a kept record, also of one without a time.
    pub fn text_at(&self, place: RecordRef) -> Option<&str> {
        self.kept_at(place).map(|exemplar| &*exemplar.text)
    }

    fn kept_at(&self, place: RecordRef) -> Option<&Exemplar> {
        let digest = self.digests.iter().find(|d| d.source == place.source)?;
        let mut exemplars = digest.patterns.iter().flat_map(|p| p.exemplars.iter().chain([&p.first]));
        exemplars.find(|e| e.place == place)
    }

    /// The corrected time of every record and event that is kept and has a time of its own.
    pub fn moments(&self) -> BTreeMap<RecordRef, Moment> {
        let mut moments = Vec::new();
        for digest in &self.digests {
            let clock = self.clock(digest.source);
            for (place, stamp) in digest.stamps() {
                moments.extend(clock.moment(stamp).map(|m| (place, m)));
            }
        }
        let mut add = |place: RecordRef, at: Moment| {
            if at != Moment(0) {
                moments.push((place, at));
            }
        };
        self.chat.iter().for_each(|e| add(e.place, e.at));
        self.alerts.iter().for_each(|e| add(e.place, e.at));
        // One record may tell when an incident was opened, taken and closed: the first is the record's own time.
        self.pages.iter().rev().for_each(|e| add(e.place, e.at));
        self.deploys.iter().for_each(|e| add(e.place, e.at));
        self.commits.iter().for_each(|e| add(e.place, e.at));
        self.flags.iter().for_each(|e| add(e.place, e.at));
        self.kube.iter().for_each(|e| add(e.place, e.at));
        for (place, state) in &self.states {
            let since = state.last.or(state.first).and_then(|s| self.clock(place.source).moment(s));
            since.into_iter().for_each(|at| add(*place, at));
        }
        self.statuses.iter().for_each(|e| add(e.place, e.at));
        self.spans.iter().for_each(|e| add(e.place, e.at));
        self.series.iter().for_each(|e| add(e.place, e.at));
        for series in &self.series {
            let clock = self.clock(series.place.source);
            for point in series.what.points.iter().filter(|p| p.place != series.place) {
                moments.extend(clock.moment(point.stamp).map(|m| (point.place, m)));
            }
        }
        // Of a place that is told twice, what was told last.
        moments.into_iter().collect()
    }

    fn take_events(&mut self) {
        let names = people(&self.digests);
        let taking_part = taking_part(&self.digests, &names);
        let mut digests = std::mem::take(&mut self.digests);
        for digest in &mut digests {
            for event in std::mem::take(&mut digest.events) {
                self.take(event, (&names, &taking_part));
            }
        }
        self.digests = digests;
    }

    fn take(&mut self, event: Event, people: (&BTreeMap<String, String>, &People)) {
        let moment = event.stamp.and_then(|s| self.clocks[&event.place.source].moment(s));
        let place = event.place;
        let at = moment.unwrap_or(Moment(0));
        if let Body::Kube(state) = &event.body
            && state.is_state
        {
            self.states.push((place, state.clone()));
        }
        match event.body {
            Body::Message(m) if moment.is_some() && !m.deleted => {
                let what = utterance(m, people);
                self.pages.extend(machines::page(&what.message, &what.speaker).map(|page| At { at, place, what: page }));
                self.chat.push(At { at, place, what });
            }
            Body::Alert(a) if moment.is_some() => self.alerts.push(At { at, place, what: a }),
            Body::Alert(a) => {
                self.undated_alarms = true;
                self.open_alerts.push((place, a));
            }
            Body::Page(p) if moment.is_some() => self.pages.push(At { at, place, what: p }),
            Body::Deploy(mut d) if moment.is_some() => {
                // `cart_deploys.json`: who saves the list of one service names the file after it.
                if d.service.is_none() && d.kind == "deploy" {
                    d.service = crate::changes::named_by_file(self, self.source_name(place.source));
                }
                self.deploys.push(At { at, place, what: d });
            }
            Body::Commit(c) => self.commits.push(At { at, place, what: c }),
            Body::Flag(f) if moment.is_some() => self.flags.push(At { at, place, what: f }),
            Body::Kube(k) if moment.is_some() => self.kube.push(At { at, place, what: k }),
            Body::Page(_) => self.undated_alarms = true,
            Body::Status(s) if moment.is_some() => self.statuses.push(At { at, place, what: s }),
            Body::Span(s) if moment.is_some() => self.spans.push(At { at, place, what: s }),
            Body::Series(s) => self.series.push(At { at, place, what: s }),
            _ => {}
        }
    }

    fn sort(&mut self) {
        self.chat.sort_by_key(|e| (e.at, e.place));
        told_once(&mut self.chat);
        self.unsaid = answers::leave_out(&mut self.chat);
        self.alerts.sort_by_key(|e| (e.at, e.place));
        self.pages.sort_by_key(|e| (e.at, e.place));
        self.deploys.sort_by_key(|e| (e.at, e.place));
        self.commits.sort_by_key(|e| (e.at, e.place));
        self.flags.sort_by_key(|e| (e.at, e.place));
        self.kube.sort_by_key(|e| (e.at, e.place));
        self.states.sort_by_key(|(place, s)| (*place, s.reason.clone()));
        self.open_alerts.sort_by_key(|(place, _)| *place);
        self.statuses.sort_by_key(|e| (e.at, e.place));
        self.spans.sort_by_key(|e| (e.at, e.place));
        self.series.sort_by_key(|e| (e.at, e.place));
    }
}

/// What somebody wrote once and two exports tell stands where it stands in the fewest bytes.
fn told_once(chat: &mut Vec<At<Utterance>>) {
    let mut best: BTreeMap<(Moment, String, String), (u64, RecordRef)> = BTreeMap::new();
    let key = |m: &At<Utterance>| (m.at, m.what.speaker.clone(), m.what.message.text.clone());
    let size = |m: &At<Utterance>| (m.place.end - m.place.start, m.place);
    for message in chat.iter() {
        best.entry(key(message)).and_modify(|known| *known = (*known).min(size(message))).or_insert_with(|| size(message));
    }
    let is_twice = |m: &At<Utterance>| best.get(&key(m)).is_some_and(|(_, place)| place.source != m.place.source);
    chat.retain(|m| !is_twice(m));
}

/// The first and the last place that a record or event has.
fn bounds(digests: &[Digest]) -> Vec<RecordRef> {
    let records = digests.iter().flat_map(|d| d.patterns.iter().flat_map(|p| [p.first.place, p.last.place]));
    let events = digests.iter().flat_map(|d| d.events.iter().map(|e| e.place));
    let all: std::collections::BTreeSet<RecordRef> = records.chain(events).collect();
    all.first().into_iter().chain(all.last()).copied().collect()
}

/// Names by account id.
fn people(digests: &[Digest]) -> BTreeMap<String, String> {
    let events = digests.iter().flat_map(|d| &d.events);
    events
        .filter_map(|e| match &e.body {
            Body::Person(p) if !p.name.is_empty() => Some((p.id.clone(), p.name.clone())),
            _ => None,
        })
        .collect()
}

/// Who says something or is spoken to, does something at a pager, or wrote a change.
fn taking_part(digests: &[Digest], names: &BTreeMap<String, String>) -> People {
    let mut people = People::default();
    for event in digests.iter().flat_map(|d| &d.events) {
        match &event.body {
            Body::Message(m) if !m.is_bot && !machines::is_named(&m.author) && !is_file(&m.author) => {
                people.add(names.get(&m.author).unwrap_or(&m.author));
                for (from, to) in acts::mentions(&m.text) {
                    let name = &m.text[from + 1..to];
                    people.add(names.get(name).map_or(name, String::as_str));
                }
            }
            Body::Commit(c) if !c.author.contains(['@', '[']) => people.add(&c.author),
            Body::Page(page) => page.actor.iter().filter(|actor| !actor.contains('@')).for_each(|actor| people.add(actor)),
            _ => {}
        }
    }
    people
}

fn utterance(mut message: Message, (people, taking_part): (&BTreeMap<String, String>, &People)) -> Utterance {
    let name = people.get(&message.author).unwrap_or(&message.author).clone();
    message.text = with_names(&message.text, people);
    message.is_bot |= machines::is_named(&name);
    let speaker = if message.is_bot || is_file(&name) { name.clone() } else { format!("@{}", name.trim_start_matches('@')) };
    let said = acts::read_among(&message.text, &name, message.is_bot, taking_part);
    Utterance { message, speaker, said }
}

/// `@U0VWVLEZHPY` as `@alice`.
fn with_names(text: &str, people: &BTreeMap<String, String>) -> String {
    if !text.contains('@') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        out.push_str(people.get(&rest[..end]).map_or(&rest[..end], String::as_str));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_in_messages_get_their_names() {
        let people = BTreeMap::from([("U0VW".to_string(), "alice".to_string())]);
        assert_eq!(with_names("ask @U0VW, or @U9 — now", &people), "ask @alice, or @U9 — now");
        assert_eq!(with_names("a@b", &people), "a@b");
    }
}
