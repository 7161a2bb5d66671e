//! Who is meant: one name per service, whatever logs, deploys, repositories, pods and file names call it.
//!
//! What it sees: the names that records, changes, spans and Kubernetes objects carry, and file names where records
//! carry none. When it misleads: two services whose names differ only by a general word ("checkout", "checkout-api")
//! are taken for one unless a third of that stem is known.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Body, SourceId};

use crate::digest::Digest;

mod backends;
mod files;
mod processes;
mod roles;
mod unnamed;

use backends::Backends;
pub use backends::parts as backend;
use files::GENERIC;
pub use files::{from_file_name, is_runtime};
pub use roles::{is_of_settings, is_proxy, is_watcher, may_hold_settings};

/// Products whose name alone is no service when the folder names a host.
const PRODUCTS: &[&str] =
    &["postgresql", "postgres", "mysql", "mysqld", "mariadb", "mongod", "mongodb", "redis", "nginx", "httpd", "apache"];

/// Programs of a host that are nobody's service: what they report is about the workload that they name.
const HOST_PROGRAMS: &[&str] = &[
    "kernel",
    "kubelet",
    "containerd",
    "dockerd",
    "systemd",
    "cron",
    "crond",
    "sshd",
    "chronyd",
    "ntpd",
    "dbus",
    "auditd",
    "rsyslogd",
    "systemd-logind",
    "systemd-journald",
    "networkmanager",
    "crio",
    "runc",
    "sudo",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
];

/// Those of a router, which tell of the router.
const ROUTER_PROGRAMS: &[&str] = &[
    "rpd", "mgd", "chassisd", "snmpd", "mib2d", "dcd", "pfed", "cosd", "alarmd", "l2ald", "l2cpd", "bfdd", "ppmd", "craftd",
    "lacpd", "eventd", "jsrpd", "rmopd", "xntpd",
];

/// A database or web server by its product's name.
pub fn is_product(name: &str) -> bool {
    PRODUCTS.contains(&name)
}

/// A program of the host, none of the services.
pub fn is_host_program(name: &str) -> bool {
    HOST_PROGRAMS.contains(&name) || is_router_program(name)
}

/// A program of a router: what it says is said of the router.
pub fn is_router_program(name: &str) -> bool {
    ROUTER_PROGRAMS.contains(&name)
}

/// A program of a router, or a part of the system by which it logs: what it says is said of the machine.
pub fn tells_of_its_machine(name: &str) -> bool {
    const PARTS: [&str; 29] = [
        "service-control-manager",
        "eventlog",
        "w32time",
        "ntfs",
        "disk",
        "schannel",
        "lsasrv",
        "netlogon",
        "tcpip",
        "user32",
        "volsnap",
        "iscsiprt",
        "mpio",
        "vmtools",
        ".net-runtime",
        "application-error",
        "application-hang",
        "windows-error-reporting",
        "vss",
        "esent",
        "perflib",
        "perfnet",
        "volmgr",
        "storport",
        "storahci",
        "winlogon",
        "msiinstaller",
        "eventsystem",
        "was",
    ];
    let begins = |head: &str| name.starts_with(head);
    is_router_program(name) || begins("microsoft-windows-") || begins("asp.net") || PARTS.contains(&name)
}

fn is_program(name: &str) -> bool {
    let name = normal(name);
    is_product(&name) || is_host_program(&name) || is_runtime(&name) || tells_of_its_machine(&name)
}

/// The name is a machine's (`db-prim-01`).
pub fn is_host(name: &str) -> bool {
    is_host_like(name.split('-').next().unwrap_or(""))
        || name.rsplit('-').next().is_some_and(|n| n.len() >= 2 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Words that a service may or may not carry in its name.
const OPTIONAL: &[&str] = &["svc", "service", "server", "api", "app"];

/// Parts of a name that make it another thing: `orders-db` is no spelling of `orders`, nor is `dump-orders`, which works on it.
const TIERS: &[&str] = &[
    "db",
    "database",
    "pg",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "cache",
    "memcached",
    "mq",
    "queue",
    "kafka",
    "rabbitmq",
    "lb",
    "proxy",
    "nginx",
    "haproxy",
    "ingress",
    "primary",
    "replica",
    "dump",
    "backup",
    "export",
    "import",
    "cron",
    "role",
    "policy",
    "bucket",
    "topic",
    "secret",
    "alarm",
];

#[derive(Debug, Clone, Default)]
pub struct Entities {
    /// Every known spelling (normalised) to the name shown.
    shown: BTreeMap<String, String>,
    by_source: BTreeMap<SourceId, String>,
    /// The name shown for each spelling of records, as it stands there: every kind of message asks for one.
    spelled: BTreeMap<String, String>,
}

impl Entities {
    pub fn build(digests: &[Digest]) -> Entities {
        let mut weights: BTreeMap<String, u64> = BTreeMap::new();
        let mut own: Vec<(SourceId, String)> = Vec::new();
        // Services whose own logs are here, unlike machines on which many programs write.
        let mut logs: BTreeSet<String> = BTreeSet::new();
        for digest in digests {
            known_names(digest, &mut weights);
        }
        let of_one_app = processes::of_one_app(digests, &weights);
        let backends = Backends::of(digests);
        let nodes = numbered_nodes(digests);
        for digest in digests.iter().filter(|d| d.records > d.quotes) {
            let named: u64 = digest.services.values().sum();
            let is_machine = digest.services.len() >= 4 && digest.services.keys().any(|s| is_program(s));
            let own_name = match digest.main_service() {
                main if main.is_none_or(is_program) && backends.served(digest).is_some() => backends.served(digest),
                // A log in which many programs write is a host's.
                Some(_) if is_machine => from_file_name(&digest.name),
                Some(service) if named * 2 >= digest.records && !is_program(service) => Some(normal(service)),
                _ => from_file_name(&digest.name),
            };
            let own_name = own_name.map(|name| of_a_server(&name, &weights).unwrap_or(name));
            let own_name = node_in(&digest.name, &nodes).or(own_name);
            if let Some(name) = own_name.filter(|n| !n.is_empty()) {
                // A log of `portal` in the folder of `patient-portal` is the latter's.
                let wider = from_file_name(&digest.name).filter(|f| is_part_of(&name, f));
                let name_weight = weights.get(&name).copied().unwrap_or(0);
                if let Some(wider) = wider {
                    *weights.entry(wider).or_default() += name_weight + 1;
                }
                *weights.entry(name.clone()).or_default() += 2;
                if !is_machine {
                    logs.insert(name.clone());
                }
                own.push((digest.source, name));
            }
        }
        let mut shown = group(&weights, &logs);
        for (name, plain) in without_language(&weights).into_iter().chain(short_hosts(&weights)) {
            shown.insert(name, plain);
        }
        for (process, app) in of_one_app {
            let app = shown.get(&app).cloned().unwrap_or(app);
            shown.insert(process, app);
        }
        for (stem, backend) in backends.stems() {
            let backend = shown.get(&backend).cloned().unwrap_or(backend);
            shown.insert(stem, backend);
        }
        let mut by_source: BTreeMap<SourceId, String> =
            own.into_iter().map(|(s, n)| (s, shown.get(&n).cloned().unwrap_or(n))).collect();
        if let Some((sources, name)) = unnamed::alone(digests, |source| by_source.contains_key(&source)) {
            shown.insert(normal(&name), name.clone());
            by_source.extend(sources.into_iter().map(|source| (source, name.clone())));
        }
        let mut entities = Entities { shown, by_source, spelled: BTreeMap::new() };
        let spellings = digests.iter().flat_map(|d| d.services.keys());
        entities.spelled = spellings.map(|spelling| (spelling.to_string(), entities.name(spelling))).collect();
        for node in nodes {
            entities.shown.insert(node.clone(), node.clone());
            entities.spelled.insert(node.clone(), node);
        }
        entities
    }

    /// The name shown for a spelling found in the input.
    pub fn name(&self, spelling: &str) -> String {
        if let Some(name) = self.spelled.get(spelling) {
            return name.clone();
        }
        let spelling = normal(spelling);
        self.shown.get(&spelling).cloned().unwrap_or(spelling)
    }

    /// The name shown for a spelling, if it is one of a known service.
    pub fn known(&self, spelling: &str) -> Option<&str> {
        self.shown.get(spelling).or_else(|| self.shown.get(&normal(spelling))).map(String::as_str)
    }

    /// The service whose log a source is.
    pub fn of_source(&self, source: SourceId) -> Option<&str> {
        self.by_source.get(&source).map(String::as_str)
    }

    /// All names shown, sorted.
    pub fn all(&self) -> BTreeSet<&str> {
        self.shown.values().map(String::as_str).collect()
    }

    /// The known services that a text names as whole words, in the order of the text.
    pub fn named_in(&self, text: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let lower = text.to_lowercase();
        let mut hits: Vec<(usize, &str)> = Vec::new();
        for (spelling, shown) in &self.shown {
            if spelling.len() >= 3 {
                hits.extend(word_at(&lower, spelling).map(|at| (at, shown.as_str())));
            }
        }
        hits.sort_unstable();
        for (_, name) in hits {
            if !found.iter().any(|f| f == name) {
                found.push(name.to_string());
            }
        }
        found
    }
}

/// Machines that the cluster calls nodes and whose names end in a number, unlike a replica's.
fn numbered_nodes(digests: &[Digest]) -> BTreeSet<String> {
    let events = digests.iter().flat_map(|d| &d.events);
    let node = |event: &evidence::Event| match &event.body {
        Body::Kube(k) if k.kind == "Node" && without_pod_suffix(&k.name) != k.name => Some(k.name.to_lowercase()),
        _ => None,
    };
    events.filter_map(node).collect()
}

/// The node after which a log is called.
fn node_in(source: &str, nodes: &BTreeSet<String>) -> Option<String> {
    let file = source.rsplit(['/', '!']).next().unwrap_or(source).to_lowercase();
    file.split(['.', '_', ' ']).find(|part| nodes.contains(*part)).map(str::to_string)
}

/// The service whose log a source is, by its name alone.
pub fn service_of_file(name: &str) -> Option<String> {
    files::from_file_name(name).map(|found| normal(&found))
}

/// The name of a source has that of the service in it, as a word of its own.
pub fn is_log_of(name: &str, service: &str) -> bool {
    word_at(&name.to_lowercase(), &service.to_lowercase()).is_some()
}

/// `basket-envoy` is the log of what stands before `basket`, where only the latter is known to anybody else.
fn of_a_server(name: &str, known: &BTreeMap<String, u64>) -> Option<String> {
    const SERVERS: &[&str] = &["envoy", "iis", "kestrel"];
    let (stem, server) = name.rsplit_once('-')?;
    let is_meant = SERVERS.contains(&server) && !known.contains_key(name) && known.get(stem).is_some_and(|weight| *weight > 0);
    is_meant.then(|| stem.to_string())
}

/// Where `word` stands in `text` as a whole word (dots, slashes and ports may follow).
pub fn word_at(text: &str, word: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(word) {
        let at = from + found;
        let end = at + word.len();
        let free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_');
        let after = text[end..].chars().next();
        if free(text[..at].chars().next_back()) && (free(after) || is_pod_tail(&text[end..])) {
            return Some(at);
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    None
}

/// What follows a workload's name in the name of its pod: `-6b9f7d5c44-pjmmn`, `-0`.
fn is_pod_tail(rest: &str) -> bool {
    let Some(tail) = rest.strip_prefix('-') else { return false };
    let word: String = tail.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    !word.is_empty() && word.bytes().any(|b| b.is_ascii_digit())
}

/// Lower case, `_` and blanks as `-`, cluster suffix, port and pod suffix taken off.
pub fn normal(name: &str) -> String {
    let lower = name.trim().trim_start_matches('@').to_lowercase().replace(['_', ' '], "-");
    let lower = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).to_string();
    let lower = lower.split('/').next_back().unwrap_or("").to_string();
    let host = lower.split(':').next().unwrap_or("");
    // What listens at a socket is called as it is: `/run/php/php-fpm.sock`.
    let host = host.strip_suffix(".sock").unwrap_or(host);
    let host = if host.contains(".svc") || host.ends_with(".local") { host.split('.').next().unwrap_or(host) } else { host };
    without_pod_suffix(host).trim_matches('-').to_string()
}

/// `order-service-6b9f7d5c44-pjmmn` and `checkout-api-pod-7x9m2` without what the scheduler added.
pub fn without_pod_suffix(name: &str) -> &str {
    let mut parts: Vec<&str> = name.split('-').collect();
    let random = |p: &str, min: usize, max: usize| {
        (min..=max).contains(&p.len())
            && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && (p.bytes().any(|b| b.is_ascii_digit()) || (p.len() >= 5 && !p.bytes().any(|b| b"aeiou".contains(&b))))
    };
    let whole = parts.len();
    let scrambled = |p: &str| {
        p.len() == 5
            && p.bytes().filter(u8::is_ascii_digit).count() >= 2
            && random(p, 5, 5)
            && p.bytes().any(|b| b.is_ascii_alphabetic())
    };
    // The letters of which an orchestrator makes the hash of a replica set: no word can be read in them.
    let hashed = |p: &str| {
        (8..=10).contains(&p.len())
            && p.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b))
            && p.bytes().any(|b| b.is_ascii_digit())
            && p.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let named = |p: &str| p.len() == 5 && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_of_set = whole >= 3 && named(parts[whole - 1]) && hashed(parts[whole - 2]);
    let is_of_pod = || random(parts[whole - 1], 5, 5) && (random(parts[whole - 2], 6, 10) || parts[whole - 2] == "pod");
    if is_of_set || whole >= 3 && is_of_pod() {
        parts.truncate(whole - 2);
    } else if whole >= 2 && scrambled(parts[whole - 1]) {
        parts.truncate(whole - 1);
    } else if whole >= 2 && is_ordinal(parts[whole - 1]) {
        let kept = parts[..whole - 1].join("-");
        return if is_host_like(&kept) { name } else { &name[..kept.len()] };
    }
    let length = parts.join("-").len();
    &name[..length.min(name.len())]
}

/// The number of a replica (`-0`, `-12`); a number with a leading zero belongs to a machine's name.
fn is_ordinal(part: &str) -> bool {
    !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
}

/// Host names keep their number (`db-prim-01`, `web-3`): the number has two digits or stands for a machine.
fn is_host_like(stem: &str) -> bool {
    let first = stem.split('-').next().unwrap_or("").trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(first, "db" | "host" | "vm" | "ip" | "node" | "srv")
}

/// One more word, and otherwise the same.
fn is_part_of(name: &str, wider: &str) -> bool {
    let (own, other) = (tokens(name), tokens(wider));
    other.len() == own.len() + 1 && own.iter().all(|t| other.contains(t))
}

fn known_names(digest: &Digest, weights: &mut BTreeMap<String, u64>) {
    let mut add = |name: &str, weight: u64| {
        let name = normal(name);
        if looks_like_service(&name) {
            *weights.entry(name).or_default() += weight;
        }
    };
    for (service, count) in &digest.services {
        add(service, *count + 1);
    }
    for (peer, count) in &digest.peers {
        add(backend(peer).map_or(peer.as_str(), |(backend, _)| backend), (*count).min(2));
    }
    for event in &digest.events {
        match &event.body {
            Body::Deploy(d) => d.service.iter().for_each(|s| add(s, 2)),
            Body::Commit(c) => c.service.iter().filter(|s| !is_of_settings(s)).for_each(|s| add(s, 1)),
            Body::Alert(a) => a.service.iter().for_each(|s| add(s, 2)),
            // A pager's service may have a title instead of a name, and whoever set it up chose the name.
            Body::Page(p) => p.service.iter().filter(|s| !s.contains(char::is_whitespace)).for_each(|s| add(s, 0)),
            // A project of flags may be called otherwise than the service that reads them.
            Body::Flag(f) => f.service.iter().for_each(|s| add(s, 0)),
            Body::Series(s) => s.service.iter().for_each(|s| add(s, 1)),
            Body::Span(s) => {
                add(&s.service, 2);
                s.peer.iter().for_each(|p| add(p, 1));
            }
            Body::Status(s) => add(&s.provider, 2),
            Body::Kube(k) if k.kind == "Pod" => add(without_pod_suffix(&k.name), 1),
            Body::Kube(k) if k.kind == "Deployment" || k.kind == "StatefulSet" => add(&k.name, 1),
            _ => {}
        }
    }
}

fn looks_like_service(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphabetic).count();
    (2..=48).contains(&name.len())
        && letters * 2 >= name.len()
        && !name.contains("..")
        && !name.contains(char::is_whitespace)
        && !GENERIC.contains(&name)
}

/// A machine that runs workloads and is none itself.
pub fn is_node(name: &str) -> bool {
    matches!(name.split('-').next().unwrap_or(""), "ip" | "node" | "vm" | "gke" | "aks" | "worker")
        && name.bytes().any(|b| b.is_ascii_digit())
}

/// Joins spellings of one service: equal but for general words, or one a part of exactly one other, unless each has a log of
/// its own.
fn group(weights: &BTreeMap<String, u64>, logs: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut shown: BTreeMap<String, String> = weights.keys().map(|n| (n.clone(), n.clone())).collect();
    for name in weights.keys() {
        let own = tokens(name);
        if own.is_empty() {
            continue;
        }
        let joined = |n: &str| n.replace(['-', '.'], "");
        let alike: Vec<&String> =
            weights.keys().filter(|o| *o != name && (tokens(o) == own || joined(o) == joined(name))).collect();
        let wider: Vec<&String> = weights
            .keys()
            .filter(|o| *o != name && tokens(o).len() > own.len() && own.iter().all(|t| tokens(o).contains(t)))
            .filter(|o| !tokens(o).iter().any(|t| !own.contains(t) && TIERS.contains(t)))
            .collect();
        let target = match (alike.as_slice(), wider.as_slice()) {
            ([], [one]) if weights[*one] > 1 && !(logs.contains(name) && logs.contains(*one)) => Some(*one),
            ([], _) => None,
            (alike, _) => alike.iter().copied().max_by_key(|o| (weights[*o], o.len(), std::cmp::Reverse((*o).clone()))),
        };
        let respelled = |target: &String| joined(target) == joined(name) && target.contains('-') && !name.contains('-');
        if let Some(target) = target
            && ((weights[target], target.len()) > (weights[name], name.len()) || respelled(target))
            && !(joined(target) == joined(name) && name.contains('-') && !target.contains('-'))
        {
            shown.insert(name.clone(), target.clone());
        }
    }
    let resolved = shown.keys().map(|n| (n.clone(), follow(&shown, n)));
    resolved.collect()
}

/// `basket-php` is what others call `basket`, as long as there is no `basket-java` beside it.
fn without_language(weights: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    const LANGUAGES: [&str; 10] = ["php", "java", "python", "ruby", "golang", "rust", "dotnet", "kotlin", "scala", "elixir"];
    let plain = |name: &String| {
        let (plain, language) = name.rsplit_once('-')?;
        (LANGUAGES.contains(&language) && weights.contains_key(plain)).then(|| plain.to_string())
    };
    let all: Vec<(String, String)> = weights.keys().filter_map(|name| Some((name.clone(), plain(name)?))).collect();
    let alone = |(_, plain): &&(String, String)| all.iter().filter(|(_, other)| other == plain).count() == 1;
    all.iter().filter(alone).cloned().collect()
}

/// `db1.shop.example` is the machine that all others call `db1`.
fn short_hosts(weights: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    let is_machine = |label: &str| label.ends_with(|c: char| c.is_ascii_digit()) && weights.contains_key(label);
    let whole = weights.keys().filter(|name| name.matches('.').count() >= 2);
    let pairs =
        whole.filter_map(|name| Some((name.clone(), name.split('.').next().filter(|label| is_machine(label))?.to_string())));
    pairs.flat_map(|(whole, label)| [(whole, label.clone()), (label.clone(), label)]).collect()
}

fn follow(shown: &BTreeMap<String, String>, name: &str) -> String {
    let mut at = name;
    for _ in 0..4 {
        match shown.get(at) {
            Some(next) if next != at => at = next,
            _ => break,
        }
    }
    at.to_string()
}

fn tokens(name: &str) -> Vec<&str> {
    let all: Vec<&str> = name.split(['-', '.']).filter(|t| !t.is_empty()).collect();
    let kept: Vec<&str> = all.iter().copied().filter(|t| !OPTIONAL.contains(t)).collect();
    if kept.is_empty() { all } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_are_called_by_their_workload() {
        assert_eq!(normal("order-service-6b9f7d5c44-pjmmn"), "order-service");
        assert_eq!(normal("checkout-api-pod-7x9m2"), "checkout-api");
        assert_eq!(normal("basket-7d9f6b5c4-abcde"), "basket");
        assert_eq!(normal("basket-20250101-build"), "basket-20250101-build");
        assert_eq!(normal("matchmaker-x2x1p"), "matchmaker");
        assert_eq!(normal("ledger-0"), "ledger");
        assert_eq!(normal("unix:/run/php/php8.2-fpm.sock"), "php8.2-fpm");
        assert_eq!(normal("payment_gateway"), "payment-gateway");
        assert_eq!(normal("reco.shop.svc.cluster.local:8080"), "reco");
        assert_eq!(normal("db-prim-01"), "db-prim-01");
        assert_eq!(normal("mtr-edge-03"), "mtr-edge-03");
    }

    #[test]
    fn spellings_that_differ_by_a_general_word_are_one_service() {
        let weights = BTreeMap::from([("checkout".into(), 1), ("checkout-api".into(), 90), ("redis".into(), 3)]);
        let group = |weights: &BTreeMap<String, u64>| group(weights, &BTreeSet::new());
        assert_eq!(group(&weights)["checkout"], "checkout-api");
        let weights = BTreeMap::from([("bff".into(), 1), ("storefront-bff".into(), 4)]);
        assert_eq!(group(&weights)["bff"], "storefront-bff");
        let spellings = BTreeMap::from([("seatquote".into(), 3), ("seat-quote".into(), 9)]);
        assert_eq!(group(&spellings)["seatquote"], "seat-quote");
        let plain = |names: &[&str]| without_language(&names.iter().map(|n| (n.to_string(), 1)).collect());
        assert_eq!(plain(&["basket", "basket-php"]), [("basket-php".to_string(), "basket".to_string())]);
        assert!(plain(&["basket", "basket-php", "basket-java"]).is_empty() && plain(&["basket-php"]).is_empty());
        let hosts = BTreeMap::from([("db1".into(), 2), ("db1.shop.example".into(), 9), ("www.shop.example".into(), 9)]);
        let short = |name: &str| (name.to_string(), "db1".to_string());
        assert_eq!(short_hosts(&hosts), [short("db1.shop.example"), short("db1")]);
        let jobs = BTreeMap::from([("orders".into(), 1), ("dump-orders".into(), 9)]);
        assert_eq!(group(&jobs)["orders"], "orders");
        let rights = BTreeMap::from([("mailer".into(), 3), ("mailer-role".into(), 9)]);
        assert_eq!(group(&rights)["mailer"], "mailer");
        assert!(is_part_of("portal", "patient-portal") && !is_part_of("reco", "reco"));
        let two = BTreeMap::from([("edge".into(), 1), ("edge-web".into(), 9), ("edge-cdn".into(), 9)]);
        assert_eq!(group(&two)["edge"], "edge");
    }

    #[test]
    fn two_services_with_logs_of_their_own_are_two() {
        let weights = BTreeMap::from([("search".into(), 3), ("search-indexer".into(), 90)]);
        let logs = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<BTreeSet<_>>();
        assert_eq!(group(&weights, &logs(&["search-indexer"]))["search"], "search-indexer");
        assert_eq!(group(&weights, &logs(&["search", "search-indexer"]))["search"], "search");
    }

    #[test]
    fn a_node_keeps_its_number() {
        use evidence::{Event, KubeEvent, RecordRef};
        let source = SourceId { input: 0, entry: 0 };
        let mut events = Digest::new(source, "events.json");
        let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
        for (kind, name) in [("Node", "worker-7"), ("Pod", "ledger-0")] {
            let body = Body::Kube(KubeEvent { kind: kind.into(), name: name.into(), ..KubeEvent::default() });
            events.events.push(Event { place, stamp: None, body });
        }
        let mut journal = Digest::new(SourceId { input: 1, entry: 0 }, "nodes/worker-7.journal.txt");
        journal.records = 9;
        let entities = Entities::build(&[events, journal]);
        assert_eq!((entities.name("worker-7"), entities.name("ledger-0")), ("worker-7".into(), "ledger".into()));
        assert_eq!(entities.of_source(SourceId { input: 1, entry: 0 }), Some("worker-7"));
        assert_eq!(entities.named_in("I/O errors on worker-7"), ["worker-7"]);
    }

    #[test]
    fn a_service_is_named_only_as_a_whole_word() {
        assert_eq!(word_at("calls payments-svc now", "payments-svc"), Some(6));
        assert_eq!(word_at("ledgerapp fails", "ledger"), None);
        assert_eq!(word_at("pod cart-6f5b9c-7jx2m died", "cart"), Some(4));
    }
}
