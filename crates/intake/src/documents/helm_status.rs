//! What `helm upgrade`, `helm status` and `helm get metadata` print of a release: that it was deployed, and when.
//!
//! It must never take the notes of a chart for its state: all of it stands in the first lines. What breaks it: a template of
//! one's own for the output.

use evidence::{Body, ChangePhase, Deploy, Event};

use super::changes::is_rollback;
use super::page::Page;
use super::{Document, when};

/// Lines in which the state stands.
const LINES: usize = 20;

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let first = first(page)?;
    let value = |names: &[&str]| {
        let of = |line: &str| {
            let (name, value) = line.split_once(':')?;
            names.contains(&name).then(|| value.trim().to_string()).filter(|value| !value.is_empty())
        };
        (first..page.len().min(first + LINES)).find_map(|i| of(&page.line(i)))
    };
    let stamp = value(&["LAST DEPLOYED", "DEPLOYED_AT"]).and_then(|at| when::read(&at))?;
    let text = value(&["DESCRIPTION"]).unwrap_or_default();
    let deploy = Deploy {
        service: value(&["NAME"]),
        version: value(&["APP_VERSION"]).or_else(|| value(&["VERSION"])),
        sha: None,
        phase: if value(&["STATUS"])? == "failed" { ChangePhase::Failed } else { ChangePhase::Finished },
        finished: None,
        rollback: is_rollback(&[&text]),
        environment: value(&["NAMESPACE"]),
        actor: None,
        kind: "deploy".into(),
        text,
    };
    let is_head =
        |i: &usize| page.line(*i).split_once(':').is_some_and(|(name, _)| name.len() > 2 && name == name.to_uppercase());
    let last = (first..page.len().min(first + LINES)).take_while(is_head).last().unwrap_or(first);
    let mut document = Document { format: "helm_status".into(), ..Document::default() };
    document.events.push(Event { place: page.place(first, last), stamp: Some(stamp), body: Body::Deploy(deploy) });
    document.texts.extend((0..first).chain(last + 1..page.len()).filter_map(|i| page.record(i)));
    document.records = 1 + document.texts.len() as u64;
    Some(document)
}

/// Whether a text begins with the state of a release.
pub fn is_likely(page: &Page<'_>) -> bool {
    first(page).is_some()
}

/// The line of the name, below the command at most, with the others of a release below it.
fn first(page: &Page<'_>) -> Option<usize> {
    let first = (0..page.len().min(4)).find(|i| page.line(*i).starts_with("NAME: "))?;
    let has = |start: &str| (first..page.len().min(first + LINES)).any(|i| page.line(i).starts_with(start));
    let is_dated = has("LAST DEPLOYED: ") || has("DEPLOYED_AT: ");
    (is_dated && has("NAMESPACE: ") && has("STATUS: ") && has("REVISION: ")).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn the_state_of_a_release_is_a_change() {
        let text = "$ helm status cart\nNAME: cart\nLAST DEPLOYED: Wed Jan  1 00:00:05 2025\nNAMESPACE: shop\nSTATUS: failed\nREVISION: 42\nDESCRIPTION: Upgrade \"cart\" failed: timed out\n\nNOTES:\n1. Visit it\n";
        assert!(sniff("h.txt", text.as_bytes(), true));
        let document = read_whole("h.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("output");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
        assert_eq!(
            (deploy.service.as_deref(), deploy.phase, deploy.environment.as_deref()),
            (Some("cart"), ChangePhase::Failed, Some("shop"))
        );
        assert_eq!(
            (document.events[0].stamp.map(|s| s.micros / 1_000_000), document.events[0].place.last_line),
            (Some(1_735_689_605), 7)
        );
        assert_eq!(document.texts.len(), 3);
        assert!(!sniff("n.txt", b"NAME: cart\nSTATUS: well\n", true));
    }
}
