//! Whom a failing record blames: the host, service or third party that it tried to reach.
//!
//! What it sees: names in the text of failures (`dial tcp: lookup payments.shop.svc`, `POST https://api.vendor.com/...`,
//! `via vendor`), in fields (`provider=`, `upstream.host=`) and on failed spans. Why it matters: the service that
//! complains is seldom the one that is broken. When it misleads: a name that stands in the text for another reason.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::entities::normal;
use crate::incident::Incident;
use crate::signals::Signal;
use expressions::{Expression, constant};

mod called;
mod issuers;
pub mod lookups;
pub mod ports;
mod spelled;
pub mod stores;

/// Something that failing services try to reach.
#[derive(Debug, Clone)]
pub struct Target {
    pub name: String,
    /// It is none of the services whose own logs, changes or pods are in the input.
    pub external: bool,
    /// Indexes of the signals that name it, by onset.
    pub signals: Vec<usize>,
    /// Services that name it, in the order of their onset.
    pub callers: Vec<String>,
}

/// All targets of the incident's failures, those with more callers first.
pub fn find(incident: &Incident<'_>) -> Vec<Target> {
    let mut found: BTreeMap<String, Target> = BTreeMap::new();
    for (index, signal, _) in incident.failures() {
        for name in incident.named(index).iter().cloned() {
            let external = incident.scene.ties().logs(&name).is_empty()
                && !incident.scene.deploys.iter().any(|d| d.what.service.as_deref() == Some(name.as_str()));
            let target =
                found.entry(name.clone()).or_insert_with(|| Target { name, external, signals: Vec::new(), callers: Vec::new() });
            target.signals.push(index);
            if let Some(service) = &signal.service
                && !target.callers.contains(service)
            {
                target.callers.push(service.clone());
            }
        }
    }
    let mut all: Vec<Target> = found.into_values().collect();
    all.sort_by(|a, b| (b.callers.len(), b.signals.len()).cmp(&(a.callers.len(), a.signals.len())).then(a.name.cmp(&b.name)));
    all
}

/// The names of others in one signal's texts.
pub fn named(incident: &Incident<'_>, signal: &Signal) -> Vec<String> {
    let own = signal.service.as_deref().unwrap_or("");
    let entities = &incident.scene.entities;
    let (lookups, stores) = (incident.lookups(), incident.stores());
    let known = |host: &str| {
        let store = || stores.iter().find(|(product, _)| **product == host).map(|(_, store)| store.clone());
        entities.known(host).map(str::to_string).or_else(store)
    };
    let mut names: Vec<String> = Vec::new();
    for text in &signal.texts {
        for line in telling_lines(text) {
            names.extend(lookups.resolvers(incident, &line));
            let line = without_namespaces(&lookups.without_asked(&line), |label| entities.known(label).is_some());
            for host in hosts(&line, |label| entities.known(label).is_some()) {
                names.push(known(&host).unwrap_or(host));
            }
            names.extend(entities.named_in(&line));
            names.extend(spelled::named_in(entities, &line));
            names.extend(stores::spoken_of(stores, &line).cloned());
            names.extend(ports::named_in(incident.ports(), &line).into_iter().cloned());
            names.extend(issuers::named_in(&line).iter().map(|issuer| known(issuer).unwrap_or_else(|| issuer.clone())));
        }
    }
    names.retain(|n| n.len() >= 3 || stores.values().any(|store| store == n));
    if names.iter().all(|n| n == own) {
        names.extend(signal.texts.iter().flat_map(|text| telling_lines(text)).flat_map(|line| called::names(&line)));
    }
    names.retain(|n| n != own && !own.ends_with(n.as_str()));
    names.sort();
    names.dedup();
    names
}

/// The first line of a record, and those of a trace that state an error; without what a web server says of itself.
fn telling_lines(text: &str) -> Vec<String> {
    let states = |line: &&str| {
        ["error", "exception", "caused by", "failed", "refused", "timeout"].iter().any(|w| line.to_lowercase().contains(w))
    };
    let first = text.lines().take(1);
    // A frame names code, and nobody who was called.
    let is_frame = |line: &&str| line.trim_start().starts_with("at ") && line.contains('(');
    let later = text.lines().skip(1).filter(|line| states(line) && !is_frame(line)).take(5);
    first.chain(later).map(|line| without_own_names(crate::mask::cut(line, 600))).collect()
}

/// `server: www.shop.example, ... host: "www.shop.example"` names the web server itself, not whom it called.
fn without_own_names(line: &str) -> String {
    let parts =
        line.split(", ").filter(|p| !["server: ", "host: ", "client: ", "referrer: "].iter().any(|own| p.starts_with(own)));
    parts.collect::<Vec<_>>().join(", ")
}

/// `cart.shop.svc.cluster.local:8080` and `cart.shop:8080` name `cart`, and not the space of names in which it runs.
fn without_namespaces(line: &str, is_known: impl Fn(&str) -> bool) -> String {
    static WITHIN: LazyLock<Expression> =
        LazyLock::new(|| constant(r"\b(?P<name>[a-z][a-z0-9-]*)\.(?P<space>[a-z][a-z0-9-]*)(?P<rest>\.svc\b|:\d{2,5}\b)"));
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    for c in WITHIN.captures_iter(line) {
        let (Some(name), Some(space), Some(rest)) = (c.name("name"), c.name("space"), c.name("rest")) else { continue };
        if rest.as_str() == ".svc" || is_known(name.as_str()) {
            out.push_str(&line[at..name.end()]);
            at = space.end();
        }
    }
    out.push_str(&line[at..]);
    out
}

/// Well-known ports, for addresses without a name.
const PORTS: &[(&str, &str)] = &[
    ("6379", "redis"),
    ("5432", "postgres"),
    ("3306", "mysql"),
    ("27017", "mongodb"),
    ("9092", "kafka"),
    ("5672", "rabbitmq"),
    ("9200", "elasticsearch"),
    ("2379", "etcd"),
    ("11211", "memcached"),
    ("6432", "pgbouncer"),
    ("6033", "proxysql"),
    ("9042", "cassandra"),
];

/// Host names in a text, each by the label that tells who it is: `api.vantpay.example` is `vantpay`,
/// `ledger.prod.svc:8443` and, where that is known to be a service, `ledger.eu.shop.example` are `ledger`.
fn hosts(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found: Vec<String> = libpq(text).into_iter().collect();
    for word in text.split(|c: char| c.is_whitespace() || "\"'()[]{},;<>=|".contains(c)) {
        let is_url = word.contains("://");
        if !is_url && is_key(word) {
            continue;
        }
        let host = word.split_once("://").map_or(word, |(_, rest)| rest);
        let host = host.split(['/', '?']).next().unwrap_or("").trim_end_matches(['.', ':']);
        let host = host.rsplit_once('@').map_or(host, |(_, h)| h);
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        let service = PORTS.iter().find(|(p, _)| *p == port).map(|(_, s)| s.to_string());
        let address = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if let Some(service) = service.filter(|s| address && !found.contains(s)) {
            found.push(service);
            continue;
        }
        if let Some(label) = label(name, is_url, &is_known)
            && !found.contains(&label)
        {
            found.push(label);
        }
    }
    found
}

/// Whom a client of PostgreSQL did not reach, which writes the port apart: `connection to server at "10.0.0.7", port 6432 failed`.
fn libpq(text: &str) -> Option<String> {
    static SERVER: LazyLock<Expression> =
        LazyLock::new(|| constant(r#"connection to server at "([^"\s]{1,100})"(?: \([\d.a-f:]+\))?, port (\d+)"#));
    let found = SERVER.captures(text)?;
    if found[1].parse::<std::net::IpAddr>().is_ok() {
        return PORTS.iter().find(|(port, _)| *port == &found[2]).map(|(_, service)| service.to_string());
    }
    found[1].split('.').next().map(normal)
}

/// A name of a label or a taint (`node.kubernetes.io/disk-pressure: true`): what it begins with is nobody who was called.
fn is_key(word: &str) -> bool {
    /// Hosts of the project that are called.
    const CALLED: [&str; 4] = ["registry", "pkgs", "dl", "cdn"];
    let Some((domain, _)) = word.split_once('/') else { return false };
    let is_reserved = ["kubernetes.io", "k8s.io"].iter().any(|own| domain == *own || domain.ends_with(&format!(".{own}")));
    is_reserved && !CALLED.contains(&domain.split('.').next().unwrap_or_default())
}

/// Labels within a public name behind which the hosts of a house stand.
const INNER: [&str; 7] = ["int", "internal", "intra", "corp", "private", "svc", "lan"];

/// First labels that every house has.
const FRONTS: [&str; 9] = ["api", "www", "rest", "gateway", "gw", "auth", "login", "app", "status"];

fn label(host: &str, is_url: bool, is_known: impl Fn(&str) -> bool) -> Option<String> {
    let labels: Vec<&str> = host.split('.').collect();
    let plain = |l: &&str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !labels.iter().all(plain)
        || !host.bytes().any(|b| b.is_ascii_alphabetic())
        || host.bytes().all(|b| b.is_ascii_hexdigit() || b == b'.')
    {
        return None;
    }
    let last = *labels.last()?;
    if labels.len() == 1 {
        return is_url.then(|| normal(host));
    }
    if host.contains(".svc") || matches!(last, "local" | "internal" | "cluster" | "consul" | "lan") {
        return Some(normal(labels[0]));
    }
    let public =
        ["com", "net", "io", "org", "dev", "app", "cloud", "example", "eu", "de", "uk", "co", "ai", "test"].contains(&last);
    let looks_like_host = public && labels.len() >= 2 && labels.iter().all(|l| l.len() <= 40) && (is_url || labels.len() >= 3);
    if !looks_like_host {
        return None;
    }
    let between = labels.get(1..labels.len() - 2).unwrap_or_default();
    let is_inner = between.iter().any(|l| INNER.contains(l)) || is_known(&normal(labels[0]));
    if is_inner && !FRONTS.contains(&labels[0]) {
        return Some(normal(labels[0]));
    }
    // The registered name tells who it is, unless it is a cloud's: `db.x9.rds.amazonaws.com` keeps its first label.
    let registered = labels[labels.len() - 2];
    if ["amazonaws", "googleapis", "azure", "windows"].contains(&registered) {
        return Some(normal(labels[0]));
    }
    Some(normal(registered))
}

#[cfg(test)]
mod tests {
    fn hosts(text: &str) -> Vec<String> {
        super::hosts(text, |_| false)
    }

    #[test]
    fn the_space_of_names_was_not_called() {
        let of = |line: &str| super::without_namespaces(line, |label| label == "cart");
        assert_eq!(of("POST http://cart.shop.svc.cluster.local:8080/v1"), "POST http://cart.svc.cluster.local:8080/v1");
        assert_eq!(of("POST http://cart.shop:8080/v1"), "POST http://cart:8080/v1");
        assert_eq!(of("POST https://vendor.example:8443/v1"), "POST https://vendor.example:8443/v1");
        assert_eq!(of("dial tcp 10.0.0.7:8080"), "dial tcp 10.0.0.7:8080");
    }

    #[test]
    fn a_client_of_a_database_writes_host_and_port_apart() {
        let failed = |server: &str| hosts(&format!("OperationalError: connection to server at {server} failed: timeout"));
        assert_eq!(failed(r#""10.0.0.7", port 6432"#), ["pgbouncer"]);
        assert_eq!(failed(r#""10.0.0.7", port 5432"#), ["postgres"]);
        assert_eq!(failed(r#""ledger-db" (10.0.0.7), port 5432"#), ["ledger-db"]);
        assert!(failed(r#""10.0.0.7", port 7777"#).is_empty());
    }

    #[test]
    fn hosts_are_known_by_their_telling_label() {
        assert_eq!(hosts("PUT https://api.acmepay.com/v2/orders gave 502"), ["acmepay"]);
        assert_eq!(hosts("dial tcp: lookup ledger.prod.svc:8443: no such host"), ["ledger"]);
        assert_eq!(hosts("lookup payments.shop.svc.cluster.local on 10.96.0.10:53"), ["payments"]);
        assert_eq!(hosts("connect to http://inventory:8080/x"), ["inventory"]);
    }

    #[test]
    fn who_gives_its_name_to_a_taint_was_not_called() {
        let taint = "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }, 2 Insufficient cpu.";
        assert!(hosts(taint).is_empty());
        assert_eq!(hosts("Failed to pull image registry.k8s.io/pause:3.9"), ["k8s"]);
    }

    #[test]
    fn hosts_of_the_house_are_known_by_their_first_label() {
        let of = |text: &str| super::hosts(text, |label| label == "ledger");
        assert_eq!(of("POST https://ledger.eu.acmeshop.com:8443/v1"), ["ledger"]);
        assert_eq!(of("POST https://api.acmepay.com/v1"), ["acmepay"]);
        assert_eq!(of("POST https://basket.int.acmeshop.com/v1"), ["basket"]);
    }

    #[test]
    fn files_versions_classes_and_addresses_are_no_hosts() {
        assert_eq!(hosts("dial tcp 10.8.7.14:6379: connect: connection refused"), ["redis"]);
        assert!(
            hosts("at dev.shop.orders.OrderService.place(OrderService.java:12) v2.15.0 10.0.0.1:80 main.go settings.py")
                .is_empty()
        );
    }
}
