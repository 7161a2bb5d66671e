//! What a run was narrowed to, and whether any of it is there: of what nobody wrote nothing is reported, least of all that
//! all was well.
//!
//! Must never narrow anything itself. A service is there where a record or an element of a document names it, and where a
//! source has it in its name, as many logs do not say whose they are.

use std::collections::BTreeSet;

use analysis::Digest;
use evidence::{Body, Event, Moment, Source};

use crate::Config;

/// Which of the services that were asked for were met, and which others there are.
#[derive(Debug, Clone, Default)]
pub struct Met {
    asked: BTreeSet<String>,
    others: BTreeSet<String>,
}

/// What was asked for and is not there.
#[derive(Debug, Default)]
pub struct Absent {
    /// Nothing is left to be looked at.
    pub all: bool,
    pub told: Vec<String>,
}

/// Names that are kept to be shown, the first by letter whatever the order in which they are met; and shown at once.
const KEPT: usize = 64;
const SHOWN: usize = 8;

impl Met {
    pub fn source(&mut self, services: &Services, config: &Config) {
        self.asked.extend(config.services.iter().filter(|asked| services.is_whole(asked)).cloned());
    }

    pub fn service(&mut self, name: Option<&str>, services: &[String]) {
        let Some(name) = name.filter(|_| !services.is_empty()) else { return };
        match services.iter().find(|asked| asked.eq_ignore_ascii_case(name)) {
            Some(asked) if !self.asked.contains(asked) => drop(self.asked.insert(asked.clone())),
            None if !self.others.contains(name) => self.other(name.to_string()),
            _ => {}
        }
    }

    pub fn event(&mut self, event: &Event, services: &[String]) {
        if services.is_empty() {
            return;
        }
        self.service(service_of(&event.body), services);
        // An object of a cluster is a service's where it begins with its name.
        if let Body::Kube(kube) = &event.body {
            let is_of = |service: &&String| {
                let rest = kube
                    .name
                    .get(..service.len())
                    .filter(|head| head.eq_ignore_ascii_case(service))
                    .map(|_| &kube.name[service.len()..]);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            };
            self.asked.extend(services.iter().filter(is_of).cloned());
        }
    }

    pub fn join(&mut self, other: Met) {
        self.asked.extend(other.asked);
        other.others.into_iter().for_each(|name| self.other(name));
    }

    fn other(&mut self, name: String) {
        self.others.insert(name);
        if self.others.len() > KEPT {
            self.others.pop_last();
        }
    }
}

/// The services that were asked for, beside the one whose log a source is.
pub struct Services {
    asked: Vec<String>,
    own: Option<String>,
    /// Those of the asked whose log the source is.
    whole: Vec<String>,
}

impl Services {
    /// For a source of this name.
    pub fn of_source(asked: &[String], name: &str) -> Services {
        let own = if asked.is_empty() { None } else { analysis::service_of_file(name) };
        let is_of = |service: &&String| {
            own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(service)) || analysis::is_log_of(name, service)
        };
        let whole = asked.iter().filter(is_of).cloned().collect();
        Services { asked: asked.to_vec(), own, whole }
    }

    /// Whether a record that names this service, or none, was asked for. Of one that names none its source tells, and where that
    /// tells nothing either it may be of any.
    pub fn takes(&self, service: Option<&str>) -> bool {
        let is_asked = |name: &str| self.asked.iter().any(|asked| asked.eq_ignore_ascii_case(name));
        self.asked.is_empty() || service.map_or(self.own.is_none() || !self.whole.is_empty(), is_asked)
    }

    /// The source is the log of this service.
    pub fn is_whole(&self, service: &str) -> bool {
        self.whole.iter().any(|whole| whole == service)
    }
}

/// Compares what was asked for with what was read.
pub fn absent(config: &Config, readings: &[(Source, Digest)], met: &Met) -> Absent {
    let mut absent = Absent::default();
    let names: BTreeSet<String> = readings.iter().map(|(source, _)| source.name.clone()).collect();
    let lacks = |word: &String| !names.iter().any(|name| name.contains(word.as_str()));
    absent.add(&config.sources, lacks, |word| format!("no source has {word} in its name; there {}", list("is", "are", &names)));
    let lacks = |name: &String| !met.asked.contains(name);
    absent.add(&config.services, lacks, |name| format!("nothing is of the service {name}; {}", services(&met.others)));
    absent
}

/// Whether anything has a time within the stretch that was asked for; true where none was.
pub fn has_time(config: &Config, digest: &Digest) -> bool {
    let is_within = |at: Moment| config.from.is_none_or(|from| at >= from) && config.to.is_none_or(|to| at < to);
    let is_timed = |event: &Event| match &event.body {
        Body::Series(series) => series.points.iter().any(|point| is_within(Moment(point.stamp.micros))),
        _ => event.stamp.is_some(),
    };
    config.from.or(config.to).is_none() || digest.stamped > 0 || digest.events.iter().any(is_timed)
}

/// `from TIME to TIME`.
pub fn stretch(config: &Config) -> String {
    let end = |word: &str, at: Option<Moment>| at.map(|at| format!(" {word} {}", at.rfc3339())).unwrap_or_default();
    format!("{}{}", end("from", config.from), end("to", config.to)).trim().to_string()
}

impl Absent {
    fn add(&mut self, asked: &[String], lacks: impl Fn(&String) -> bool, tell: impl Fn(&String) -> String) {
        let lacking: Vec<String> = asked.iter().filter(|word| lacks(word)).map(tell).collect();
        self.all |= !asked.is_empty() && lacking.len() == asked.len();
        self.told.extend(lacking);
    }
}

fn services(others: &BTreeSet<String>) -> String {
    if others.is_empty() { "no service is named".to_string() } else { format!("named {}", list("is", "are", others)) }
}

fn list(one: &str, many: &str, names: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    let verb = if names.len() == 1 { one } else { many };
    if shown.is_empty() { format!("{verb} none") } else { format!("{verb} {}{more}", shown.join(", ")) }
}

fn service_of(body: &Body) -> Option<&str> {
    match body {
        Body::Alert(alert) => alert.service.as_deref(),
        Body::Page(page) => page.service.as_deref(),
        Body::Deploy(deploy) => deploy.service.as_deref(),
        Body::Commit(commit) => commit.service.as_deref(),
        Body::Flag(flag) => flag.service.as_deref(),
        Body::Kube(kube) => kube.container.as_deref(),
        Body::Series(series) => series.service.as_deref(),
        Body::Span(span) => Some(&span.service),
        Body::Message(_) | Body::Status(_) | Body::Person(_) => None,
    }
}
