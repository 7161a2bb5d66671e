//! Requests at the edge nearest the users: how many failed, when it began, when it ended.
//!
//! What it sees: the log with the most requests, in however many parts, among those that stand in front (a load balancer, an ingress, a web
//! server), else the application that logs requests. When it misleads: one of several load balancers is not all users.

use std::collections::BTreeMap;

use evidence::{Moment, RecordRef, SourceId};

use crate::bins::Tally;
use crate::digest::{Digest, RequestTally};
use crate::scene::Scene;

mod rotated;

/// The requests of one log on report time.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The parts of the log, the first one first: an hour or a day each, where it was cut by time.
    pub sources: Vec<SourceId>,
    pub service: Option<String>,
    pub paths: Vec<Path>,
}

#[derive(Debug, Clone)]
pub struct Path {
    /// A filter word: an exact path, or a prefix ending in `/*`.
    pub group: String,
    pub width_s: i64,
    pub bins: Vec<(Moment, RequestTally)>,
}

/// A content network or the like, through which all requests come.
pub fn is_network(service: &str) -> bool {
    const NETWORKS: [&str; 10] =
        ["fastly", "cloudflare", "akamai", "cloudfront", "bunny", "bunnynet", "imperva", "incapsula", "keycdn", "cdn"];
    service.split(['-', '_', '.', ' ']).any(|word| NETWORKS.contains(&word.to_lowercase().as_str()))
}

/// What calls go through and never name: a gateway of addresses, a firewall, a router.
pub fn is_path(service: &str) -> bool {
    const PATHS: [&str; 14] = [
        "nat", "snat", "vpn", "firewall", "fw", "router", "rtr", "switch", "egress", "peering", "vpc", "vnet", "subnet", "proxy",
    ];
    service.split(['-', '_', '.', ' ']).any(|word| PATHS.contains(&word.to_lowercase().as_str()))
}

/// The best share of a minute (or another width).
#[derive(Debug, Clone)]
pub struct Peak {
    pub from: Moment,
    pub to: Moment,
    pub failed: u64,
    pub total: u64,
    pub places: Vec<RecordRef>,
}

impl Peak {
    pub fn rate(&self) -> f64 {
        self.failed as f64 / self.total.max(1) as f64
    }
}

/// What fails after a pause is the same trouble where it is more than this part of what failed before.
const COMES_BACK: u64 = 5;

/// The fewest requests of a minute that make a rate.
const MIN_REQUESTS: u64 = 20;

/// The edge with failures, if any log has requests: logs in front first, then those with more requests.
pub fn find(scene: &Scene) -> Option<Edge> {
    let mut best: Option<((bool, u64), Vec<&Digest>)> = None;
    for log in rotated::logs(scene) {
        let tallies = || log.iter().flat_map(|part| part.requests.values()).flat_map(|r| r.bins.written()).map(|(_, t)| t);
        let (total, failed) = (tallies().map(|t| t.total).sum(), tallies().map(|t| t.failed).sum::<u64>());
        let records = log.iter().map(|part| part.records).sum();
        let rank = (failed > 0 && is_in_front(&log[0].name, total, records), total);
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, log));
        }
    }
    best.map(|(_, log)| of(scene, &log)).filter(|e| e.failed_between(Moment(i64::MIN), Moment(i64::MAX)) > 0)
}

/// The requests of every log but one in which some failed.
pub fn others(scene: &Scene, but: &[SourceId]) -> Vec<Edge> {
    let logs = rotated::logs(scene).into_iter();
    logs.filter(|log| !but.contains(&log[0].source) && log.iter().any(|part| has_failed(part)))
        .map(|log| of(scene, &log))
        .collect()
}

fn has_failed(digest: &Digest) -> bool {
    digest.requests.values().any(|requests| requests.bins.written().any(|(_, tally)| tally.failed > 0))
}

/// The requests of a log by its parts, at least one.
fn of(scene: &Scene, log: &[&Digest]) -> Edge {
    let mut names = log.iter().flat_map(|part| part.services.keys()).collect::<Vec<_>>();
    names.sort();
    names.dedup();
    let only = || Some(names.first()?.as_str()).filter(|_| names.len() == 1);
    let service = scene.entities.of_source(log[0].source).map(str::to_string);
    let service = service.or_else(|| scene.service_of(Some(only()?), log[0].source));
    let mut paths: Vec<Path> = Vec::new();
    for part in log {
        let clock = scene.clock(part.source);
        for (group, requests) in &part.requests {
            let bins = requests.bins.moments(clock, requests.basis).map(|(m, t)| (m, t.clone()));
            let width_s = requests.bins.width();
            match paths.iter_mut().find(|path| path.group == *group && path.width_s == width_s) {
                Some(path) => path.bins.extend(bins),
                None => paths.push(Path { group: group.clone(), width_s, bins: bins.collect() }),
            }
        }
    }
    paths.sort_by(|a, b| a.group.cmp(&b.group));
    Edge { sources: log.iter().map(|part| part.source).collect(), service, paths }
}

/// The first of the requests that fail in a service's own log: whoever only passes requests on writes no other record of it.
pub fn failing_at(scene: &Scene, service: &str, (from, to): (Moment, Moment)) -> Option<Failed> {
    let logs = scene.ties().logs(service).iter().filter_map(|at| scene.digests.get(*at));
    let edges = logs.filter(|digest| has_failed(digest)).map(|digest| of(scene, &[digest]));
    let failing = edges.filter(|edge| edge.failed_between(from, to) >= MIN_REQUESTS);
    failing.filter_map(|edge| edge.onset(from, to, scene)).min_by_key(|failed| (failed.at, failed.place))
}

/// A log that is (nearly) nothing but requests, or one whose name says that it stands in front.
fn is_in_front(name: &str, requests: u64, records: u64) -> bool {
    let lower = name.to_lowercase();
    let says = [
        "access", "ingress", "nginx", "edge", "haproxy", "envoy", "alb", "elb", "gateway", "/lb", "lb-", "traefik", "caddy",
        "front",
    ];
    requests * 10 >= records * 9 && says.iter().any(|w| lower.contains(w))
}

impl Edge {
    pub fn failed_between(&self, from: Moment, to: Moment) -> u64 {
        self.between(from, to).map(|t| t.failed).sum()
    }

    pub fn total_between(&self, from: Moment, to: Moment) -> u64 {
        self.between(from, to).map(|t| t.total).sum()
    }

    fn between(&self, from: Moment, to: Moment) -> impl Iterator<Item = &RequestTally> {
        self.paths.iter().flat_map(|p| &p.bins).filter(move |(at, _)| *at >= from && *at < to).map(|(_, t)| t)
    }

    /// The first and last failed request of a stretch, with how long the first took in seconds.
    pub fn failures(&self, from: Moment, to: Moment, scene: &Scene) -> Option<(Failed, Failed)> {
        let mut found: Vec<Failed> = self
            .between(from, to)
            .flat_map(|t| [t.first_failed(), t.last_failed()])
            .flatten()
            .filter_map(|(place, stamp, ms)| {
                let at = scene.clock(place.source).moment(stamp)?;
                Some(Failed { at, place, lasted_s: ms as f64 / 1_000.0 })
            })
            .collect();
        found.sort_by_key(|f| (f.at, f.place));
        Some((*found.first()?, *found.last()?))
    }

    /// The first failed request of the stretch from which failures come clearly more often than before it.
    pub fn onset(&self, from: Moment, to: Moment, scene: &Scene) -> Option<Failed> {
        let mut bins: Vec<(Moment, u64)> =
            self.paths.iter().flat_map(|p| &p.bins).map(|(at, t)| (*at, t.failed)).filter(|(_, n)| *n > 0).collect();
        bins.sort();
        let begin = self.paths.iter().flat_map(|p| p.bins.first()).map(|(at, _)| *at).min()?;
        let before: u64 = bins.iter().filter(|(at, _)| *at < from).map(|(_, n)| n).sum();
        let at = crate::share::thickens(&bins, from, to, before as f64 / from.since(begin).max(1.0))?;
        self.failures(at, to, scene).map(|(first, _)| first)
    }

    /// The last failed request before they stop coming as they came: a pause of twelve usual distances ends them (a
    /// Poisson process pauses so long once in two hundred thousand times), unless they come back as many, as where something
    /// crashes again and again. `None` when too few failed to tell.
    pub fn end(&self, from: Moment, to: Moment, scene: &Scene) -> Option<Failed> {
        let begin = self.onset(from, to, scene)?.at;
        let mut moments: Vec<(Moment, u64)> = self
            .paths
            .iter()
            .flat_map(|p| &p.bins)
            .filter(|(at, t)| t.failed > 0 && *at >= begin.plus(-1.0) && *at < to)
            .map(|(at, t)| (*at, t.failed))
            .collect();
        moments.sort();
        let all: u64 = moments.iter().map(|(_, n)| n).sum();
        if all < 10 {
            return None;
        }
        let mut last = moments[0].0;
        let (mut seen, mut bursts) = (0, 1);
        for (at, count) in moments {
            let usual = last.since(begin).max(1.0) / (seen as f64).max(1.0);
            if seen >= 10 && at.since(last) > (12.0 * usual).max(60.0) {
                // Once it came back, the next burst is as good as half of those before.
                let part = if bursts > 1 { 2 * bursts } else { COMES_BACK };
                if all - seen < (seen / part).max(10) {
                    break;
                }
                bursts += 1;
            }
            last = at;
            seen += count;
        }
        let width = self.paths.iter().map(|p| p.width_s).max().unwrap_or(1);
        self.failures(begin, last.plus(width as f64), scene).map(|(_, last)| last)
    }

    /// Failed requests of all paths in bins of `width` seconds that begin at multiples of it, those with none as well.
    pub fn failed_by_bin(&self, width: i64) -> BTreeMap<i64, u64> {
        let mut bins: BTreeMap<i64, u64> = BTreeMap::new();
        for (at, tally) in self.paths.iter().flat_map(|path| &path.bins) {
            *bins.entry(at.seconds().div_euclid(width)).or_default() += tally.failed;
        }
        bins
    }

    /// All paths together, or one group, in bins of `width` seconds that begin at multiples of it.
    pub fn binned(&self, width: i64, group: Option<&str>) -> BTreeMap<i64, Counted> {
        let mut bins: BTreeMap<i64, Counted> = BTreeMap::new();
        for (at, tally) in self.of_group(group) {
            let counted = bins.entry(at.seconds().div_euclid(width)).or_default();
            counted.total += tally.total;
            counted.failed += tally.failed;
        }
        bins
    }

    fn of_group(&self, group: Option<&str>) -> impl Iterator<Item = &(Moment, RequestTally)> {
        self.paths.iter().filter(move |path| group.is_none_or(|group| group == path.group)).flat_map(|path| &path.bins)
    }

    /// The highest share of failed requests in one bin of `width` seconds with enough requests.
    pub fn peak(&self, width: i64, group: Option<&str>, from: Moment, to: Moment) -> Option<Peak> {
        let inside = |bin: i64| (bin + 1) * width > from.seconds() && bin * width <= to.seconds();
        let bins = self.binned(width, group);
        let enough = bins.iter().filter(|(bin, t)| inside(**bin) && t.total >= MIN_REQUESTS && t.failed > 0);
        let (bin, counted) = enough.max_by(|a, b| a.1.share().total_cmp(&b.1.share()).then(b.0.cmp(a.0)))?;
        let mut tally = RequestTally::default();
        self.of_group(group).filter(|(at, _)| at.seconds().div_euclid(width) == *bin).for_each(|(_, its)| tally.add(its));
        let places = [tally.first_failed().map(|f| f.0), tally.last_failed().map(|f| f.0)].into_iter().flatten().collect();
        Some(Peak {
            from: Moment::from_seconds(bin * width),
            to: Moment::from_seconds((bin + 1) * width),
            failed: counted.failed,
            total: counted.total,
            places,
        })
    }
}

/// How many requests there were in a bin.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    pub total: u64,
    pub failed: u64,
}

impl Counted {
    fn share(self) -> f64 {
        self.failed as f64 / self.total as f64
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Failed {
    pub at: Moment,
    pub place: RecordRef,
    pub lasted_s: f64,
}
