//! Which service a machine serves, by the balancer in front of it: `storefront/web-3` is a server of `storefront`.
//!
//! When it misleads: `namespace/service`, which is written alike; a server has a number, an address or is missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;

#[derive(Debug, Default)]
pub struct Backends {
    /// By server: the backends that it serves.
    of: BTreeMap<String, BTreeSet<String>>,
}

impl Backends {
    pub fn of(digests: &[Digest]) -> Backends {
        let mut backends = Backends::default();
        for (backend, server) in digests.iter().flat_map(|d| d.peers.keys()).filter_map(|peer| parts(peer)) {
            backends.of.entry(server.to_lowercase()).or_default().insert(backend.to_lowercase().replace('_', "-"));
        }
        backends
    }

    /// The one service that all machines of a log serve.
    pub fn served(&self, digest: &Digest) -> Option<String> {
        let mut all = digest.instances.keys().map(|machine| self.of.get(&machine.to_lowercase()));
        let first = all.next()??;
        let same = all.all(|other| other == Some(first));
        first.iter().next().filter(|_| same && first.len() == 1).cloned()
    }

    /// By what a server is called without its number: the one service that all of these serve.
    pub fn stems(&self) -> BTreeMap<String, String> {
        let mut served: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
        for (server, backends) in self.of.iter().filter(|(server, _)| !super::is_node(server) && server.contains('-')) {
            served.entry(super::normal(server)).or_default().extend(backends);
        }
        let one = served.into_iter().filter(|(_, backends)| backends.len() == 1);
        one.filter_map(|(stem, backends)| Some((stem, (*backends.first()?).clone()))).collect()
    }
}

/// Backend and server of `backend/server`.
pub fn parts(peer: &str) -> Option<(&str, &str)> {
    let (backend, server) = peer.split_once('/')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_address = backend.split('.').all(|part| part.parse::<u8>().is_ok());
    let named = !backend.is_empty() && backend.chars().all(is_name) && !is_address;
    let is_server =
        server == "<NOSRV>" || server.chars().all(|c| is_name(c) || c == ':') && server.ends_with(|c: char| c.is_ascii_digit());
    (named && is_server).then_some((backend, server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_a_number_or_is_missing() {
        assert_eq!(parts("basket/web-3"), Some(("basket", "web-3")));
        assert_eq!(parts("be_basket/<NOSRV>"), Some(("be_basket", "<NOSRV>")));
        for other in ["shop/basket", "http://basket:80/x", "10.0.0.1/7", "basket"] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
