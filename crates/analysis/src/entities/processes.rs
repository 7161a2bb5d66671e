//! The app whose processes one log holds: a platform names what writes by what it does (`web`, `router`), and the app by the log.
//!
//! What it sees: a log in which nothing but such processes write, a router among them, and that has the name of an app that others
//! know. When it misleads: two apps with such logs, whose processes nothing tells apart then; so there has to be one.

use std::collections::BTreeMap;

use super::{from_file_name, normal};
use crate::digest::Digest;

/// What answers requests, or stands before it, and is nothing else than the app.
const OF_THE_APP: [&str; 5] = ["web", "router", "api", "release", "run"];
/// Processes that do work of their own.
const OTHERS: [&str; 4] = ["worker", "clock", "scheduler", "postgres"];

/// The processes of the one app with such a log, each with its name. `known`: names with what speaks for them.
pub fn of_one_app(digests: &[Digest], known: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    let mut apps = digests.iter().filter_map(|digest| Some((digest, app(digest, known)?)));
    let Some((digest, app)) = apps.next().filter(|_| apps.next().is_none()) else { return Vec::new() };
    let own = digest.services.iter().map(|(process, count)| (normal(process), count + 1));
    // Nobody else is called so.
    let own = own.filter(|(process, weight)| OF_THE_APP.contains(&process.as_str()) && known.get(process) == Some(weight));
    own.map(|(process, _)| (process, app.clone())).collect()
}

fn app(digest: &Digest, known: &BTreeMap<String, u64>) -> Option<String> {
    let processes: Vec<String> = digest.services.keys().map(|service| normal(service)).collect();
    let is_process = |name: &String| OF_THE_APP.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
    let has = |name: &str| processes.iter().any(|own| own == name);
    let is_of_one = processes.iter().all(is_process) && has("router") && has("web");
    from_file_name(&digest.name).filter(|name| is_of_one && known.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::SourceId;

    fn log(name: &str, services: &[&str]) -> Digest {
        let mut digest = Digest::new(SourceId { input: 0, entry: 0 }, name);
        digest.services = services.iter().map(|service| ((*service).into(), 9)).collect();
        digest
    }

    fn known(names: &[&str]) -> BTreeMap<String, u64> {
        names.iter().map(|name| (name.to_string(), 10)).collect()
    }

    #[test]
    fn processes_are_the_app_that_others_know() {
        let shop = || log("price-search_logplex.log", &["web", "router", "worker"]);
        let names = known(&["web", "router", "worker", "price-search"]);
        let of = |process: &str| (process.to_string(), "price-search".to_string());
        let mut found = of_one_app(&[shop()], &names);
        found.sort();
        assert_eq!(found, [of("router"), of("web")]);
        assert!(of_one_app(&[shop()], &known(&["web", "router", "worker"])).is_empty(), "nobody else knows the app");
        assert!(of_one_app(&[shop(), shop()], &names).is_empty(), "two apps");
        let compose = log("price-search.log", &["web", "router", "db"]);
        assert!(of_one_app(&[compose], &names).is_empty(), "services of their own");
        let mut others = names.clone();
        others.insert("web".into(), 14);
        assert_eq!(of_one_app(&[shop()], &others), [of("router")], "somebody else is called so");
    }
}
