//! Changes of how names, networks and rights are configured, told from the file they stand in.
//!
//! In such files the order and the block of a line matter, so a line that only moved counts here. It must never know
//! which name fails to resolve. What breaks it: templates that spell the file's purpose nowhere.

use expressions::{Expression, constant};
use std::sync::LazyLock;

use super::kind::ChangeKind;
use super::parse::{Hunk, Line, Side, is_code};
use super::{Change, change};

static DNS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)coredns|corefile|resolv\.conf|dnsmasq|(^|/)(kube-?)?dns\b|external-?dns|route53|named\.conf|\.zone$|\bunbound\b|(local|stub|forward)-zone|powerdns|\bbind9?/|resolved\.conf|nodelocal|dnsPolicy|dnsConfig|ndots",
    )
});
static DNS_WORDS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)^\s*(forward|kubernetes|rewrite|hosts|file|cache|proxy|nameserver|search|options|zone|upstream|fallthrough|pods|template|ndots|dnsPolicy|ttl|server|(local|stub|forward|auth)-(zone|data|addr)|nameservers|[\w.]+:53)\b",
    )
});
static NETWORK: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)network-?polic|security_?group|firewall|iptables|\bnacl\b|aws_route\b|kind: NetworkPolicy|AuthorizationPolicy|ingress_rule|\begress:|cidr_blocks",
    )
});
static RIGHTS: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\brbac\b|clusterrole|rolebinding|iam_(policy|role)|serviceaccount|policy\.json|/iam/"));

/// What has a credential changed by itself from then on.
static ROTATION: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\brotation_?(?:schedule|period|window|days|rules?|interval|policy|lambda_arn|enabled)\b|\bautomatically_?after_?days\b|secret_?rotation|\bauto_?rotat|static_role\b|\brotat(?:e|ion)_?(?:every|after|interval|credentials?|passwords?|secrets?)\b",
    )
});

/// What may be rotated beside logs.
static CREDENTIAL: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)secret|passw|credential|vault|\bkms\b|static_?role|api_?key|token|_key\b"));

pub(super) fn read(hunks: &[Hunk]) -> Vec<Change> {
    hunks.iter().flat_map(|hunk| relocated(hunk).into_iter().chain(of_hunk(hunk))).collect()
}

/// A block that answers for names, taken out of one zone and put into another: what it answered for goes elsewhere from then on.
fn relocated(hunk: &Hunk) -> Option<Change> {
    let is_dns = DNS.is_match(&hunk.path) || hunk.lines.iter().any(|l| DNS.is_match(&l.text));
    let opens = |l: &Line| l.text.trim_end().ends_with('{') && DNS_WORDS.is_match(&l.text);
    let (from, line) = hunk.lines.iter().enumerate().find(|(_, l)| is_dns && l.side == Side::Removed && l.moved && opens(l))?;
    let same = |l: &Line| l.side == Side::Added && l.text.trim() == line.text.trim();
    let (to, new) = hunk.lines.iter().enumerate().find(|(_, l)| same(l))?;
    let (old_zone, new_zone) = (around(hunk, from)?, around(hunk, to)?);
    (old_zone != new_zone).then(|| {
        let block = line.text.trim().trim_end_matches('{').trim_end();
        let says = format!("it moves `{block}` out of `{old_zone}` into `{new_zone}`");
        change(ChangeKind::DnsConfigChanged, hunk, line.no, (&line.text, &new.text), says)
    })
}

/// The head of the block in which a line stands, on its side.
fn around(hunk: &Hunk, at: usize) -> Option<&str> {
    let line = &hunk.lines[at];
    let before = hunk.lines[..at].iter().rev().filter(|l| l.side == Side::Context || l.side == line.side);
    let head = before.filter(|l| l.indent() < line.indent()).find(|l| l.text.trim_end().ends_with('{'))?;
    Some(head.text.trim().trim_end_matches('{').trim_end())
}

fn of_hunk(hunk: &Hunk) -> Option<Change> {
    let about = |r: &Expression| {
        r.is_match(&hunk.path)
            || !is_code(&hunk.path) && hunk.lines.iter().any(|l| l.side != Side::Context && r.is_match(&l.text))
    };
    let lost = hunk.lines.iter().filter(|l| l.side == Side::Removed && !l.comment);
    if about(&DNS) {
        // What left a block first, then what a moved block was replaced by.
        let line = lost.clone().find(|l| !l.moved && DNS_WORDS.is_match(&l.text));
        let line = line.or_else(|| lost.clone().find(|l| DNS_WORDS.is_match(&l.text)))?;
        let new = hunk.new_lines().find(|n| first_word(n) == first_word(line));
        let says = match new {
            Some(n) => format!("it changes how names are resolved: `{}` becomes `{}`", line.text.trim(), n.text.trim()),
            None => format!("it takes `{}` out of how names are resolved", line.text.trim()),
        };
        return Some(change(ChangeKind::DnsConfigChanged, hunk, line.no, (&line.text, new.map_or("", |n| &n.text)), says));
    }
    let of_credential = || CREDENTIAL.is_match(&hunk.path) || hunk.lines.iter().any(|l| CREDENTIAL.is_match(&l.text));
    let rotates = |l: &&Line| !is_code(&hunk.path) && !l.comment && ROTATION.is_match(&l.text);
    if let Some(line) = hunk.new_lines().find(rotates).filter(|_| of_credential()) {
        let says = format!("it has a credential rotated: `{}`", line.text.trim());
        return Some(change(ChangeKind::AuthChanged, hunk, line.no, sides(line), says));
    }
    let line = lost.clone().find(|l| !l.moved).or_else(|| hunk.new_lines().next())?;
    if about(&NETWORK) {
        let says = format!("it changes which traffic is let through: `{}`", line.text.trim());
        return Some(change(ChangeKind::NetworkRuleChanged, hunk, line.no, sides(line), says));
    }
    if about(&RIGHTS) {
        let says = format!("it changes who may do what: `{}`", line.text.trim());
        return Some(change(ChangeKind::AuthChanged, hunk, line.no, sides(line), says));
    }
    None
}

fn sides(line: &Line) -> (&str, &str) {
    match line.side {
        Side::Removed => (&line.text, ""),
        _ => ("", &line.text),
    }
}

fn first_word(line: &Line) -> Option<&str> {
    line.text.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::super::tests::kinds;

    #[test]
    fn a_block_that_moved_into_another_zone_is_told_first() {
        let patch = "   .:53 {\n      errors\n-      kubernetes cluster.local {\n-         pods insecure\n-      }\n-      forward . /etc/resolv.conf\n+      forward . 10.9.0.2\n   }\n+  lab.internal:53 {\n+      kubernetes cluster.local {\n+         pods insecure\n+      }\n+  }\n";
        assert_eq!(
            super::super::tests::says("dns/Corefile", patch),
            [
                "it moves `kubernetes cluster.local` out of `.:53` into `lab.internal:53`",
                "it changes how names are resolved: `forward . /etc/resolv.conf` becomes `forward . 10.9.0.2`"
            ]
        );
        let within = "   .:53 {\n-      kubernetes cluster.local {\n-         pods insecure\n-      }\n      cache 30\n+      kubernetes cluster.local {\n+         pods insecure\n+      }\n   }\n";
        assert!(!super::super::tests::says("dns/Corefile", within).iter().any(|s| s.starts_with("it moves")));
    }

    #[test]
    fn a_rotation_that_is_set_up_is_told() {
        let patch = "+resource \"aws_secretsmanager_secret_rotation\" \"ledger\" {\n+  secret_id = \"ledger\"\n+}\n";
        assert_eq!(kinds("secrets/ledger.tf", patch), ["AuthChanged"]);
        assert!(!kinds("logs/rotate.conf", "+  rotation_days = 7\n").contains(&"AuthChanged".to_string()));
    }

    #[test]
    fn names_and_networks_and_rights() {
        assert_eq!(
            kinds("coredns/configmap.yaml", " .:53 {\n-   forward . /etc/resolv.conf\n+   forward . 10.20.0.53\n"),
            ["DnsConfigChanged"]
        );
        assert_eq!(
            kinds(
                "roles/unbound/lab.conf",
                "-    local-zone: \"lab.acme.\" transparent\n+    local-zone: \"lab.acme.\" static\n"
            ),
            ["DnsConfigChanged"]
        );
        assert_eq!(kinds("net/network-policy.yaml", "-    - namespace: shop\n"), ["NetworkRuleChanged"]);
        assert_eq!(kinds("k8s/rbac.yaml", "-  verbs: [\"get\", \"list\"]\n+  verbs: [\"get\"]\n"), ["AuthChanged"]);
        assert!(!kinds("app/values.yaml", "-  tag: v1\n+  tag: v2\n").contains(&"DnsConfigChanged".to_string()));
    }
}
