//! Who is meant: one name per service, whatever logs, deploys, repositories, pods and file names call it.
//!
//! What it sees: the names that records, changes, spans and Kubernetes objects carry, and file names where records
//! carry none. When it misleads: two services whose names differ only by a general word ("checkout", "checkout-api")
//! are taken for one unless a third of that stem is known.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Body, SourceId};

use crate::digest::Digest;

/// Words of a file name that name no service.
const GENERIC: &[&str] = &[
    "log",
    "logs",
    "json",
    "jsonl",
    "ndjson",
    "txt",
    "out",
    "err",
    "gz",
    "zst",
    "stdout",
    "stderr",
    "cloudwatch",
    "filter",
    "events",
    "export",
    "describe",
    "merged",
    "all",
    "current",
    "app",
    "server",
    "access",
    "error",
    "errors",
    "messages",
    "message",
    "catalina",
    "export",
    "kern",
    "kernel",
    "syslog",
    "journal",
    "logfmt",
    "zap",
    "pino",
    "bunyan",
    "winston",
    "slog",
    "klog",
    "csv",
    "dump",
    "output",
    "console",
    "main",
    "node",
    "node0",
    "pod",
    "prod",
    "production",
    "staging",
    "stern",
    "kubectl",
    "docker",
    "container",
    "containers",
    "file",
    "data",
    "input",
    "latest",
    "old",
    "dmesg",
    "full",
    "copy",
    "part",
    "combined",
    "application",
    "service",
    "raw",
    "pasted",
    "paste",
    "stdin",
    "incident",
    "am",
    "pm",
];

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

/// A database or web server by its product's name.
pub fn is_product(name: &str) -> bool {
    PRODUCTS.contains(&name)
}

/// A program of the host, none of the services.
pub fn is_host_program(name: &str) -> bool {
    HOST_PROGRAMS.contains(&name)
}

fn is_program(name: &str) -> bool {
    let name = normal(name);
    is_product(&name) || is_host_program(&name)
}

/// The name is a machine's (`db-prim-01`).
pub fn is_host(name: &str) -> bool {
    is_host_like(name.split('-').next().unwrap_or(""))
        || name.rsplit('-').next().is_some_and(|n| n.len() >= 2 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Words that a service may or may not carry in its name.
const OPTIONAL: &[&str] = &["svc", "service", "server", "api", "app"];

/// Parts of a name that make it another thing: `orders-db` is no spelling of `orders`.
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
        for digest in digests {
            known_names(digest, &mut weights);
        }
        for digest in digests.iter().filter(|d| d.records > d.quotes) {
            let named: u64 = digest.services.values().sum();
            let own_name = match digest.main_service() {
                // A log in which many programs write is a host's.
                Some(_) if digest.services.len() >= 4 && digest.services.keys().any(|s| is_program(s)) => {
                    from_file_name(&digest.name)
                }
                Some(service) if named * 2 >= digest.records && !is_program(service) => Some(normal(service)),
                _ => from_file_name(&digest.name),
            };
            if let Some(name) = own_name.filter(|n| !n.is_empty()) {
                // A log of `portal` in the folder of `patient-portal` is the latter's.
                let wider = from_file_name(&digest.name).filter(|f| is_part_of(&name, f));
                let name_weight = weights.get(&name).copied().unwrap_or(0);
                if let Some(wider) = wider {
                    *weights.entry(wider).or_default() += name_weight + 1;
                }
                *weights.entry(name.clone()).or_default() += 1;
                own.push((digest.source, name));
            }
        }
        let shown = group(&weights);
        let by_source = own.into_iter().map(|(s, n)| (s, shown.get(&n).cloned().unwrap_or(n))).collect();
        let mut entities = Entities { shown, by_source, spelled: BTreeMap::new() };
        let spellings = digests.iter().flat_map(|d| d.services.keys());
        entities.spelled = spellings.map(|spelling| (spelling.to_string(), entities.name(spelling))).collect();
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
        self.shown.get(&normal(spelling)).map(String::as_str)
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
    if whole >= 3 && random(parts[whole - 1], 5, 5) && (random(parts[whole - 2], 6, 10) || parts[whole - 2] == "pod") {
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

/// `03`: the number of a machine, unlike that of a rotated file or a date.
fn is_machine_number(word: &str) -> bool {
    word.len() == 2 && word.starts_with('0')
}

/// `2025-09-18` of a rotated file, `20250918`.
fn without_dates(lower: &str) -> String {
    let words: Vec<&str> = lower.split(['.', '_', '-', ' ']).collect();
    let is_year = |w: &str| w.len() == 4 && (w.starts_with("19") || w.starts_with("20")) && w.bytes().all(|b| b.is_ascii_digit());
    let Some(at) = words.iter().position(|w| is_year(w)) else { return lower.to_string() };
    let is_part = |w: &&&str| w.len() == 2 && w.bytes().all(|b| b.is_ascii_digit());
    let parts = words[at + 1..].iter().take(2).take_while(|w| is_part(w)).count();
    [&words[..at], &words[at + 1 + parts..]].concat().join("-")
}

/// The number of a replica (`-0`, `-12`); a number with a leading zero belongs to a machine's name.
fn is_ordinal(part: &str) -> bool {
    !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
}

/// Host names keep their number (`db-prim-01`, `web-3`): the number has two digits or stands for a machine.
fn is_host_like(stem: &str) -> bool {
    let first = stem.split('-').next().unwrap_or("");
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
        add(peer, (*count).min(2));
    }
    for event in &digest.events {
        match &event.body {
            Body::Deploy(d) => d.service.iter().for_each(|s| add(s, 2)),
            Body::Commit(c) => c.service.iter().for_each(|s| add(s, 1)),
            Body::Alert(a) => a.service.iter().for_each(|s| add(s, 2)),
            // A pager's service may have a title instead of a name, and whoever set it up chose the name.
            Body::Page(p) => p.service.iter().filter(|s| !s.contains(char::is_whitespace)).for_each(|s| add(s, 0)),
            Body::Flag(f) => f.service.iter().for_each(|s| add(s, 1)),
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

/// The service a file is the log of, by its name, or by its folder where the file's own name is general.
pub fn from_file_name(path: &str) -> Option<String> {
    let path = path.replace('!', "/");
    let mut parts = path.rsplit('/');
    let file = stem(parts.next()?);
    let folder = parts.next().map(stem).unwrap_or_default();
    let own = file.join("-");
    if own.is_empty()
        || (PRODUCTS.contains(&own.as_str()) && !folder.is_empty())
        || (folder.len() >= 2 && folder.starts_with(&file))
    {
        return Some(folder.join("-")).filter(|f| !f.is_empty()).or(Some(own)).filter(|n| !n.is_empty());
    }
    Some(own)
}

/// The telling words of a file or folder name.
fn stem(name: &str) -> Vec<String> {
    let lower = without_dates(&name.to_lowercase());
    let words = lower.split(['.', '_', '-', ' ', '(', ')', '+']).filter(|w| !w.is_empty());
    // In front a number is the file's place in a list, not a machine's.
    let words = words.skip_while(|w| w.bytes().all(|b| b.is_ascii_digit()));
    let kept: Vec<String> = words
        .filter(|w| !GENERIC.contains(w) && (!w.bytes().all(|b| b.is_ascii_digit()) || is_machine_number(w)))
        .filter(|w| !(w.len() >= 4 && w.bytes().filter(u8::is_ascii_digit).count() * 2 >= w.len()))
        .map(str::to_string)
        .collect();
    // A host keeps its number.
    match kept.first() {
        Some(first) if is_host_like(first) => host_in(&lower, first).map(|h| vec![h]).unwrap_or(kept),
        _ => kept,
    }
}

/// The host's whole name, from its first word on.
fn host_in(lower: &str, first: &str) -> Option<String> {
    let at = lower.find(first)?;
    lower[at..].split(['.', ' ']).next().map(|h| h.replace('_', "-"))
}

/// A machine that runs workloads and is none itself.
pub fn is_node(name: &str) -> bool {
    matches!(name.split('-').next().unwrap_or(""), "ip" | "node" | "vm" | "gke" | "aks" | "worker")
        && name.bytes().any(|b| b.is_ascii_digit())
}

/// Joins spellings of one service: equal but for general words, or one a part of exactly one other.
fn group(weights: &BTreeMap<String, u64>) -> BTreeMap<String, String> {
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
            ([], [one]) if weights[*one] > 1 => Some(*one),
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
        assert_eq!(normal("matchmaker-x2x1p"), "matchmaker");
        assert_eq!(normal("ledger-0"), "ledger");
        assert_eq!(normal("payment_gateway"), "payment-gateway");
        assert_eq!(normal("reco.shop.svc.cluster.local:8080"), "reco");
        assert_eq!(normal("db-prim-01"), "db-prim-01");
        assert_eq!(normal("mtr-edge-03"), "mtr-edge-03");
    }

    #[test]
    fn files_are_called_by_their_telling_words_or_their_folder() {
        let name = |path: &str| from_file_name(path).unwrap();
        assert_eq!(name("invoice_worker.log"), "invoice-worker");
        assert_eq!(name("orders-api/current.log.gz"), "orders-api");
        assert_eq!(name("web-nginx/error.log"), "web-nginx");
        assert_eq!(name("connect-worker/connect.log.gz"), "connect-worker");
        assert_eq!(name("db-prim-01/postgresql-2025-09-18.log"), "db-prim-01");
        assert_eq!(name("db-prim-01/08-messages"), "db-prim-01");
        assert_eq!(name("03-invoice_worker.log"), "invoice-worker");
        assert_eq!(name("redis-node-4.log"), "redis");
        assert_eq!(name("coredns-all.log.gz"), "coredns");
        assert_eq!(name("payments-svc.slog.gz"), "payments-svc");
    }

    #[test]
    fn spellings_that_differ_by_a_general_word_are_one_service() {
        let weights = BTreeMap::from([("checkout".into(), 1), ("checkout-api".into(), 90), ("redis".into(), 3)]);
        assert_eq!(group(&weights)["checkout"], "checkout-api");
        let weights = BTreeMap::from([("bff".into(), 1), ("storefront-bff".into(), 4)]);
        assert_eq!(group(&weights)["bff"], "storefront-bff");
        let spellings = BTreeMap::from([("seatquote".into(), 3), ("seat-quote".into(), 9)]);
        assert_eq!(group(&spellings)["seatquote"], "seat-quote");
        assert!(is_part_of("portal", "patient-portal") && !is_part_of("reco", "reco"));
        let two = BTreeMap::from([("edge".into(), 1), ("edge-web".into(), 9), ("edge-cdn".into(), 9)]);
        assert_eq!(group(&two)["edge"], "edge");
    }

    #[test]
    fn a_service_is_named_only_as_a_whole_word() {
        assert_eq!(word_at("calls payments-svc now", "payments-svc"), Some(6));
        assert_eq!(word_at("ledgerapp fails", "ledger"), None);
        assert_eq!(word_at("pod cart-6f5b9c-7jx2m died", "cart"), Some(4));
    }
}
