//! What a change does by its kind, where no diff tells: a key that is made anew, a rule of a firewall, a record of the DNS, a
//! certificate. Each breaks things in a way of its own.
//!
//! What it sees: the words of the record of a change, beside the family of what failed. Why it matters: of two changes minutes before a
//! failure the one that can bring about just this failure is the likelier, however long the other took. When it misleads: a change
//! of that kind to something else; so it counts only where the changed thing is reached from what failed, or nothing says that it
//! is not.

use std::sync::LazyLock;

use crate::changes::Candidate;
use crate::findings::{ChangeKind, Places, Reason, Term};
use crate::incident::Incident;
use crate::weights;
use expressions::{Expression, constant};

/// A kind of change by the words of its record, the families of what it may bring about, and how.
struct Kind {
    words: Expression,
    families: &'static [&'static str],
    says: &'static str,
}

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |words: &str, families, says| Kind { words: constant(words), families, says };
    vec![
        kind(
            r"(?i)\b(?:regenerat|rotat|renew|revok|reissu|replac|reset|delet|disabl)\w*\W{1,3}(?:\w+\W{1,3}){0,4}(?:keys?|secrets?|passwords?|credentials?|tokens?|access ?keys?)\b|\b(?:keys?|secrets?|passwords?|credentials?|tokens?)\W{1,3}(?:\w+\W{1,3}){0,2}(?:rotat|regenerat|revok|reissu|renew)\w*|\bregenerateKey\b|\b(?:rotat|regenerat)\w*\W{1,3}(?:[\w-]+\W{1,3}){0,4}(?:accounts?|logins?)\b|\b(?:PutSecretValue|UpdateSecret|RotateSecret|DeleteSecret|UpdateAccessKey|DeleteAccessKey|DisableKey)\b",
            &["auth"],
            "it makes a credential anew or takes it away, and calls with the old one are rejected",
        ),
        kind(
            r"(?i)\b(?:security ?group|network ?security ?group|security ?rules?|firewall|network ?polic(?:y|ies)|acl|egress|ingress rule)\b|\b(?:Authorize|Revoke)SecurityGroup\w*",
            &["network", "timeout"],
            "it changes which connections are let through",
        ),
        kind(
            r"(?i)\b(?:roles?|polic(?:y|ies)|permissions?|grants?|role ?assignments?|rbac)\b|\b(?:Put|Attach|Detach|Delete)(?:Role|User|Bucket|Key)Policy\b",
            &["auth"],
            "it changes who may do what",
        ),
        kind(
            r"(?i)\b(?:s?nat|nat[- ]gateways?|router_nat|ports?_per_vm|(?:allocated|outbound|snat|nat)_?(?:ports?|ips?)|egress ?gateways?)\b|_nat(?:_gateway)?\b",
            &["pool", "network", "timeout"],
            "it changes by which addresses and ports calls leave the house",
        ),
        kind(
            r"(?i)\b(?:certificates?|certs?|tls|truststore|ca bundle)\b",
            &["tls"],
            "it changes the certificates by which the sides know each other",
        ),
        kind(
            r"(?i)\b(?:dns|private ?dns ?zones?|resolvers?|nameservers?|hosted zone)\b|\bChangeResourceRecordSets\b",
            &["dns"],
            "it changes to what names resolve",
        ),
    ]
});

/// The first failure that a change of this kind can bring about, where no diff tells.
pub fn failure(incident: &Incident<'_>, candidate: &Candidate) -> Option<usize> {
    let is_of_settings = matches!(candidate.kind, ChangeKind::Config | ChangeKind::Infrastructure);
    let told: Vec<&str> = incident
        .scene
        .deploys
        .iter()
        .filter(|d| is_of_settings && is_without_diff(incident, candidate) && is_at(candidate, d.place))
        .map(|d| d.what.text.as_str())
        .collect();
    let fits = |signal: &crate::signals::Signal| {
        let families: Vec<&str> = signal.hits.iter().flat_map(|s| families_of(s)).collect();
        told.iter().any(|text| kind_of(text, &families).is_some())
    };
    let shown = incident.failures().filter(|(_, signal, share)| share.onset >= candidate.at && fits(signal));
    shown.map(|(index, _, share)| (share.onset, index)).min().map(|(_, index)| index)
}

/// A login that a database refuses is one, whatever else a database has.
fn families_of(signature: &'static crate::signatures::Signature) -> impl Iterator<Item = &'static str> {
    let login = if signature.id == "db_auth" { Some("auth") } else { None };
    std::iter::once(signature.family.as_str()).chain(login)
}

/// What the kind of a change says for it beside what failed, where there is no diff of it.
pub fn fits(incident: &Incident<'_>, candidate: &Candidate, failure: Option<usize>) -> Option<Term> {
    let is_of_settings = matches!(candidate.kind, ChangeKind::Config | ChangeKind::Infrastructure);
    let is_read = is_of_settings && is_without_diff(incident, candidate);
    let deploys = incident.scene.deploys.iter().filter(|d| is_read && is_at(candidate, d.place));
    let (says, words, place) =
        deploys.into_iter().find_map(|d| Some((says(&d.what.text, incident, failure)?, d.what.text.as_str(), d.place)))?;
    let says = format!("{says}; its record says “{}”", crate::mask::cut(words, 200).trim());
    Some(Term { name: "diff", value: weights::KIND_FITS, reason: Reason::Setting { says }, places: Places::one(place) })
}

/// No commit is known of it, or one of which only the title is here.
fn is_without_diff(incident: &Incident<'_>, candidate: &Candidate) -> bool {
    let files = |commit: usize| &incident.scene.commits[commit].what.files;
    candidate.commit.is_none_or(|commit| files(commit).iter().all(|f| f.patch.trim().is_empty()))
}

fn is_at(candidate: &Candidate, place: evidence::RecordRef) -> bool {
    candidate.places.iter().any(|p| *p == place)
}

fn says(text: &str, incident: &Incident<'_>, failure: Option<usize>) -> Option<&'static str> {
    let hits = |index: usize| incident.signals[index].hits.iter().flat_map(|s| families_of(s)).collect::<Vec<_>>();
    let families = failure.map(hits).or_else(|| incident.failures().next().map(|(index, ..)| hits(index)))?;
    kind_of(text, &families)
}

fn kind_of(text: &str, families: &[&str]) -> Option<&'static str> {
    let fits = |kind: &&Kind| kind.families.iter().any(|family| families.contains(family)) && kind.words.is_match(text);
    KINDS.iter().find(fits).map(|kind| kind.says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_fits_what_it_can_bring_about() {
        for (text, families, fits) in [
            (
                "Regenerate Storage Account Keys (Microsoft.Storage/storageAccounts/regenerateKey/action) {\"keyName\":\"key2\"}",
                "auth",
                true,
            ),
            ("secretsmanager RotateSecret {\"secretId\":\"cart/db\"}", "auth", true),
            ("rotated the api key of the shelf service", "auth", true),
            ("ec2 RevokeSecurityGroupIngress20150331 {\"groupId\":\"sg-1\"}", "timeout", true),
            ("vault: rotate service account of the ledger database", "auth", true),
            ("google_compute_router_nat.main will be updated in-place\n~ min_ports_per_vm = 512 -> 32", "timeout", true),
            ("aws_nat_gateway.out: Destroying...", "network", true),
            ("new natural language model", "timeout", false),
            ("Regenerate Storage Account Keys", "memory", false),
            ("Upgrade node image version", "auth", false),
            ("primary key of orders is now a uuid", "auth", false),
            ("new wording in the mail about keys", "auth", false),
        ] {
            assert_eq!(kind_of(text, &[families]).is_some(), fits, "{text}");
        }
    }
}
