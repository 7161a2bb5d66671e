//! One run of a tool that applies what is written (Atlantis, Terraform, a pipeline) is one change, however many calls the audit trail of
//! the platform has of it.
//!
//! What it sees: who made a change, and when. Why it matters: four policies that one pull request changes stand as four rivals of the
//! request itself, and what takes one of them back by hand seems to have nothing to do with it. When it misleads: two runs of one
//! tool within minutes; so of a person nothing is put together.

use super::{Candidate, Undo};
use crate::findings::{ChangeKind, Places};
use crate::scene::Scene;
use evidence::Moment;

/// Seconds between the first call of a run and the word that it is done.
const RUN_S: f64 = 300.0;
/// Places that are kept of one run.
const SHOWN: usize = 6;

/// Joins what a tool's run did to the change that tells which commit it was.
pub fn joined(scene: &Scene, found: &mut Vec<Candidate>) {
    let makers: Vec<Option<String>> = found.iter().map(|c| maker(scene, c).filter(|maker| is_tool(maker))).collect();
    let is_call = |c: &Candidate| c.commit.is_none() && matches!(c.kind, ChangeKind::Config | ChangeKind::Infrastructure);
    let run_of = |at: usize| {
        let call = &found[at];
        let are_one = |a: &str, b: &str| a == b || applies(a) && applies(b);
        let same = |n: &usize| {
            let both = makers[*n].as_deref().zip(makers[at].as_deref());
            found[*n].commit.is_some() && both.is_some_and(|(a, b)| are_one(a, b))
        };
        let near = |n: &usize| found[*n].at.since(call.at).abs() <= RUN_S;
        (0..found.len()).filter(same).filter(near).min_by_key(|n| found[*n].at.0.abs_diff(call.at.0)).filter(|_| is_call(call))
    };
    let runs: Vec<Option<usize>> = (0..found.len()).map(run_of).collect();
    for (call, run) in runs.iter().enumerate().filter_map(|(call, run)| Some((call, (*run)?))) {
        let (places, at) = (found[call].places.clone(), found[call].at);
        let whole = &mut found[run];
        whole.places = whole.places.and(&places).few(SHOWN);
        whole.at = whole.at.min(at);
        whole.dated = true;
    }
    let mut joined = runs.iter().map(Option::is_some);
    found.retain(|_| !joined.next().unwrap_or(false));
}

/// Who made it, as far as its record or the message that tells of it says.
fn maker(scene: &Scene, candidate: &Candidate) -> Option<String> {
    let is_its = |place: &evidence::RecordRef| candidate.places.iter().any(|p| p == place);
    let told = scene.chat.iter().find(|m| is_its(&m.place)).map(|m| m.what.speaker.as_str());
    let own = scene.deploys.iter().find(|d| is_its(&d.place)).map(|d| &d.what);
    // What an apply prints of the resources has no name in it: it is the tool itself that speaks.
    let made = own.and_then(|d| d.actor.as_deref().or_else(|| (d.kind == "infrastructure").then_some("terraform")));
    told.or(made).map(|name| name.trim_start_matches('@').to_lowercase())
}

/// It applies what is written, whatever the role is called under which it does.
fn applies(maker: &str) -> bool {
    const APPLIES: [&str; 6] = ["terraform", "tofu", "opentofu", "atlantis", "spacelift", "pulumi"];
    maker.split(|c: char| !c.is_alphanumeric()).any(|word| APPLIES.contains(&word))
}

fn is_tool(maker: &str) -> bool {
    const TOOLS: [&str; 16] = [
        "atlantis",
        "terraform",
        "tofu",
        "spacelift",
        "env0",
        "pulumi",
        "crossplane",
        "argocd",
        "flux",
        "github-actions",
        "gha",
        "gitlab",
        "jenkins",
        "ansible",
        "ci",
        "bot",
    ];
    maker.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| TOOLS.contains(&word))
        || maker.split(|c: char| !c.is_alphanumeric()).any(|word| TOOLS.contains(&word))
}

/// The same call on the same object again, once it fails: whoever makes it sets back what the first one set.
pub fn made_again(scene: &Scene, after: Moment, candidate: &Candidate) -> Option<Undo> {
    // A release that is made again may be any other one.
    if candidate.kind != ChangeKind::Config {
        return None;
    }
    let own = scene.deploys.iter().filter(|d| candidate.places.iter().any(|p| *p == d.place));
    let calls: Vec<(&str, &str)> = own.filter_map(|d| call(&d.what.text)).collect();
    let again = scene.deploys.iter().find(|d| d.at > after && call(&d.what.text).is_some_and(|call| calls.contains(&call)))?;
    Some(Undo {
        started: again.at,
        finished: again.at,
        dated: true,
        words: "the same setting being set anew".into(),
        places: Places::one(again.place),
    })
}

/// The name of a call of a cloud and the id of what it is about: `kms PutKeyPolicy {"keyId":"7d1c0b52-…`.
fn call(text: &str) -> Option<(&str, &str)> {
    let (name, parameters) = text.split_once(" {")?;
    let is_name = name.split(' ').count() == 2 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_.".contains(&b));
    let (key, rest) = parameters.strip_prefix('"')?.split_once("\":\"")?;
    let is_id = ["id", "arn", "identifier", "name"].iter().any(|end| key.to_lowercase().ends_with(end));
    let value = rest.split('"').next().filter(|v| v.len() >= 3)?;
    (is_name && is_id).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_its_name_and_what_it_is_about() {
        let put = |id: &str| format!("kms PutKeyPolicy {{\"keyId\":\"{id}\",\"policyName\":\"default\"}}");
        let (one, other) = (put("7d1c-01"), put("7d1c-02"));
        assert_eq!(call(&one), Some(("kms PutKeyPolicy", "7d1c-01")));
        assert_ne!(call(&one), call(&other));
        assert_eq!(call("we put it back {\"keyId\":\"7d1c-01\"}"), None);
        assert_eq!(call("ecs RunTask {\"count\":\"1\"}"), None);
    }

    #[test]
    fn only_what_a_tool_does_is_a_run() {
        assert!(is_tool("atlantis") && is_tool("acme-ci[bot]") && is_tool("gha-shop-deploy") && is_tool("github-actions"));
        assert!(applies("arn:aws:sts::1:assumed-role/gha-terraform/actions") && !applies("gha-shop-deploy"));
        assert!(!is_tool("ines carvalho") && !is_tool("abbott"));
    }
}
