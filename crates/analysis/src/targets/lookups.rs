//! Names that could not be resolved: what was asked for, and not who failed.
//!
//! What it sees: the question for a name in a failing record, in the words of each runtime. Why it matters: when names are not
//! resolved, every caller names another service, and all of these are well. When it misleads: one name alone that nobody knows
//! may well be of a service that was taken away, so it stays a name; several at once are the resolver's.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::incident::Incident;
use expressions::{Expression, constant};

static ASKED: LazyLock<Expression> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\blookup ([\w.-]+\w)",
        r"|\bgetaddrinfo\W+(?:EAI_\w+|ENOTFOUND|for)?\W*([\w-]+\.[\w.-]+\w)",
        r"|\bplugin/errors: \d+ ([\w.-]+\w)",
        r"|\b(?:SERVFAIL|NXDOMAIN)\W+<?([\w-]+\.[\w.-]+\w)",
        r"|\bresolv\w*\W+(?:the )?(?:host ?name|host|address|domain|name|upstream)?\W*([\w-]+\.[\w.-]+\w)",
        r"|\bUnknownHost(?:Exception|Error)?\W+([\w-]+\.[\w.-]+\w)",
        r"|\b(?:ENOTFOUND|EAI_AGAIN)\W+([\w-]+\.[\w.-]+\w)",
        r"|([\w-]+\.[\w.-]+\w)\W+(?:could not be resolved|: (?:Name or service not known|nodename nor servname))",
    ))
});
static NOT_ANSWERED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)i/o timeout|server misbehaving|SERVFAIL|EAI_AGAIN|temporary failure in name resolution|no answer|:53: .*refused",
    )
});
static UNKNOWN: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)no such host|NXDOMAIN|ENOTFOUND|EAI_NONAME|UnknownHost|name or service not known|nodename nor servname|(?:could ?n[o']t|cannot|can't|failed to|unable to) resolve|could not be resolved|NameResolutionError|getaddrinfo .{0,80}failed",
    )
});

/// What the incident's failures say of names.
#[derive(Debug, Default, Clone, Copy)]
pub struct Lookups {
    /// Several different names are unknown at once.
    many: bool,
    /// To several services.
    to_many: bool,
}

/// Looks through all failures once.
pub fn find(incident: &Incident<'_>) -> Lookups {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut asking: BTreeSet<String> = BTreeSet::new();
    for (_, signal, _) in incident.failures() {
        let lines = signal.texts.iter().flat_map(|text| text.lines().take(6)).map(|line| crate::mask::cut(line, 600));
        for line in lines.filter(|line| UNKNOWN.is_match(line)) {
            let asked = asked(line);
            if !asked.is_empty() {
                asking.extend(signal.service.clone());
            }
            names.extend(asked.into_iter().map(|name| name.trim_end_matches('.').to_lowercase()));
        }
    }
    Lookups { many: different(&names) >= 2, to_many: different(&names) >= 2 && asking.len() >= 2 }
}

/// Names of which none is another one with a domain behind it, as resolvers try one after the other.
fn different(names: &BTreeSet<String>) -> usize {
    let longer_of_one = |name: &String| names.iter().any(|other| other != name && name.starts_with(&format!("{other}.")));
    names.iter().filter(|name| !longer_of_one(name)).count()
}

fn asked(line: &str) -> Vec<&str> {
    ASKED.captures_iter(line).filter_map(|c| c.iter().skip(1).flatten().next().map(|m| m.as_str())).collect()
}

impl Lookups {
    /// Several names are unknown to several services.
    pub fn to_many(self) -> bool {
        self.to_many
    }

    /// The line tells of a question whose answer is wanting through no fault of who was asked for.
    pub fn is_unanswered(self, line: &str) -> bool {
        (NOT_ANSWERED.is_match(line) || self.many && UNKNOWN.is_match(line)) && ASKED.is_match(line)
    }

    /// The line without the names that were asked for.
    pub fn without_asked(self, line: &str) -> String {
        if !self.is_unanswered(line) {
            return line.to_string();
        }
        asked(line).into_iter().fold(line.to_string(), |rest, name| rest.replace(name, ""))
    }

    /// Who should have answered, if they are in the input.
    pub fn resolvers(self, incident: &Incident<'_>, line: &str) -> Vec<String> {
        let known = NOT_ANSWERED.is_match(line) || self.to_many;
        if !known || !self.is_unanswered(line) {
            return Vec::new();
        }
        let of = |is_one: fn(&str) -> bool| {
            incident.scene.entities.all().into_iter().filter(|name| is_one(name)).map(str::to_string).collect::<Vec<_>>()
        };
        let products = of(is_resolver);
        if products.is_empty() { of(is_name_server) } else { products }
    }
}

/// It answers questions for names, by its product or its task.
pub fn answers(name: &str) -> bool {
    is_resolver(name) || is_name_server(name)
}

fn is_resolver(name: &str) -> bool {
    const RESOLVERS: [&str; 11] = [
        "coredns",
        "kube-dns",
        "unbound",
        "dnsmasq",
        "nodelocaldns",
        "node-local-dns",
        "systemd-resolved",
        "pdns-recursor",
        "bind9",
        "named",
        "knot-resolver",
    ];
    RESOLVERS.contains(&name)
}

/// A machine that is called after its task: `dns1`, `ns-2`, `resolver`.
fn is_name_server(name: &str) -> bool {
    const TASKS: [&str; 6] = ["dns", "ns", "resolver", "resolvers", "nameserver", "nameservers"];
    TASKS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Lookups = Lookups { many: false, to_many: false };
    const SEVERAL: Lookups = Lookups { many: true, to_many: true };

    #[test]
    fn a_name_that_nobody_answered_for_is_taken_out() {
        let call = "Get \"https://api.acmepay.com/v2\": dial tcp: lookup api.acmepay.com on 10.0.0.10:53: read udp: i/o timeout";
        assert!(!ONE.without_asked(call).contains("acmepay"));
        let answer = "plugin/errors: 2 api.acmepay.com. AAAA: read udp 10.1.0.4:4000->10.0.0.2:53: i/o timeout";
        assert!(!ONE.without_asked(answer).contains("acmepay"));
        let served = "Get \"https://api.acmepay.com/v2\": net/http: timeout";
        assert_eq!(SEVERAL.without_asked(served), served);
    }

    #[test]
    fn one_unknown_name_may_be_who_is_gone_and_several_are_not() {
        for line in [
            "dial tcp: lookup ledger.prod.svc on 10.0.0.10:53: no such host",
            "java.net.UnknownHostException: ledger.prod.svc: Name or service not known",
            "Error: getaddrinfo ENOTFOUND ledger.prod.svc",
            "cURL error 6: Could not resolve host: ledger.prod.svc for http://ledger.prod.svc:8080/v1",
            "php_network_getaddresses: getaddrinfo for ledger.prod.svc failed: Name or service not known",
            "NameResolutionError: Failed to resolve 'ledger.prod.svc' ([Errno -2] Name or service not known)",
        ] {
            assert_eq!(ONE.without_asked(line), line);
            assert!(!SEVERAL.without_asked(line).contains("ledger"), "{line}");
        }
    }

    #[test]
    fn a_name_with_domains_behind_it_is_one_name() {
        let names = |all: &[&str]| different(&all.iter().map(|n| n.to_string()).collect());
        assert_eq!(names(&["ledger.prod", "ledger.prod.svc.cluster.local"]), 1);
        assert_eq!(names(&["ledger.prod", "basket.prod"]), 2);
    }

    #[test]
    fn resolvers_are_known_by_product_or_task() {
        assert!(is_resolver("unbound") && is_name_server("dns1") && is_name_server("ns-2"));
        assert!(!is_name_server("dns-updater") && !is_resolver("binder"));
    }
}
