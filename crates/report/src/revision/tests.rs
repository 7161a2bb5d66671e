use super::*;
use crate::model::Section;
use crate::render::fixture;

fn revision(version: i64, by: &str, change: Change) -> Revision {
    Revision {
        version,
        at: "2026-11-28T10:00:00Z".to_owned(),
        by: by.to_owned(),
        why: "the dashboard shows it".to_owned(),
        change,
    }
}

fn first(report: &Report) -> (String, Anchor) {
    let claim = report.claims.iter().find(|claim| claim.section == Section::Summary).unwrap();
    (claim.id.clone(), Anchor::of(report, &claim.id).unwrap())
}

fn reword(report: &Report, text: &str) -> Change {
    Change::Reword { statement: first(report).1, text: text.to_owned() }
}

#[test]
fn a_sentence_gets_other_words_and_keeps_its_citations_and_its_machine_text() {
    let report = fixture::full();
    let (id, _) = first(&report);
    let revised = revised(report.clone(), &[revision(1, "Ann", reword(&report, "Checkout was down."))]);
    let claim = |report: &Report| report.claims.iter().find(|claim| claim.id == id).unwrap().clone();
    assert_eq!(claim(&revised), claim(&report), "what the analysis said stands");
    let shown = claim(&told(&revised));
    assert_eq!(shown.text, "Checkout was down. [Worded by Ann on 2026-11-28: the dashboard shows it]");
    assert_eq!(shown.citations, claim(&report).citations);
}

#[test]
fn a_verdict_is_shown_with_its_name_and_its_reason() {
    let report = fixture::full();
    let (id, statement) = first(&report);
    let judge = |verdict| Change::Judge { statement: statement.clone(), verdict };
    let said = [
        revision(1, "Ann", judge(Verdict::Right)),
        revision(2, "Bo", judge(Verdict::Wrong)),
        revision(3, "Ann", judge(Verdict::Partly)),
    ];
    let revised = revised(report, &said);
    let hand = revised.by_hand.as_ref().unwrap();
    assert_eq!(
        hand.judgements.iter().map(|j| (j.hand.by.as_str(), j.verdict)).collect::<Vec<_>>(),
        [("Bo", Verdict::Wrong), ("Ann", Verdict::Partly)]
    );
    let shown = told(&revised);
    let text = &shown.claims.iter().find(|claim| claim.id == id).unwrap().text;
    assert!(text.contains("[Bo on 2026-11-28: wrong: the dashboard shows it] [Ann on 2026-11-28: not quite right"), "{text}");
}

#[test]
fn restoring_takes_back_what_came_later_and_can_be_taken_back_itself() {
    let report = fixture::full();
    let mut said = vec![
        revision(1, "Ann", reword(&report, "One.")),
        revision(2, "Bo", reword(&report, "Two.")),
        revision(3, "Ann", Change::Restore { version: 1 }),
    ];
    let words = |said: &[Revision]| revised(report.clone(), said).by_hand.unwrap().wordings.first().map(|w| w.text.clone());
    assert_eq!(words(&said).as_deref(), Some("One."));
    said.push(revision(4, "Bo", Change::Restore { version: 2 }));
    assert_eq!(words(&said).as_deref(), Some("Two."));
    said.push(revision(5, "Bo", Change::Restore { version: 0 }));
    assert_eq!(words(&said), None);
}

#[test]
fn another_analysis_does_not_overwrite_a_persons_words_and_says_what_it_said_itself() {
    let old = fixture::full();
    let mut new = old.clone();
    let (id, _) = first(&old);
    new.claims.iter_mut().find(|claim| claim.id == id).unwrap().text = "The analysis says something else now.".to_owned();
    // The ids of claims are of one analysis only.
    new.claims.iter_mut().for_each(|claim| claim.id = format!("n{}", claim.id));
    let revised = revised(new, &[revision(1, "Ann", reword(&old, "Checkout was down."))]);
    let wording = &revised.by_hand.as_ref().unwrap().wordings[0];
    assert_eq!((wording.claim.as_str(), wording.text.as_str()), (format!("n{id}").as_str(), "Checkout was down."));
    assert_eq!(wording.was, Some(first(&old).1.text));
}

#[test]
fn words_for_a_statement_that_is_no_longer_made_are_kept_apart() {
    let old = fixture::full();
    let mut new = old.clone();
    let (id, _) = first(&old);
    new.claims.retain(|claim| claim.id != id);
    new.claims.iter_mut().filter(|claim| claim.section == Section::Summary).for_each(|claim| claim.section = Section::Lessons);
    let revised = revised(new, &[revision(1, "Ann", reword(&old, "Checkout was down."))]);
    let hand = revised.by_hand.unwrap();
    assert!(hand.wordings.is_empty());
    assert_eq!(hand.unmatched[0].text, "Checkout was down.");
}

#[test]
fn an_action_gets_an_owner_and_a_date_and_another_is_added() {
    let report = fixture::full();
    let action = Anchor::of(&report, &report.actions[0].claim).unwrap();
    let assign = |owner: Option<&str>, due: Option<&str>| Change::Assign {
        action: action.clone(),
        owner: owner.map(str::to_owned),
        due: due.map(str::to_owned),
        status: None,
    };
    let act = Change::Act { text: "Write a runbook.".to_owned(), owner: Some("Bo".to_owned()), due: None };
    let said = [
        revision(1, "Ann", assign(Some("Cy"), None)),
        revision(2, "Ann", assign(None, Some("2026-12-24"))),
        revision(3, "Bo", act),
    ];
    let shown = told(&revised(report.clone(), &said));
    assert_eq!((shown.actions[0].owner.as_deref(), shown.actions[0].due.as_deref()), (Some("Cy"), Some("2026-12-24")));
    assert!(shown.actions[0].text.contains("set by Ann"), "{}", shown.actions[0].text);
    let added = shown.actions.last().unwrap();
    assert!(added.text.starts_with("Write a runbook. [Added by Bo on 2026-11-28"), "{}", added.text);
    let id = added.citations.iter().next().unwrap();
    assert_eq!(shown.evidence.iter().find(|evidence| evidence.id == *id).unwrap().source, "said by Bo");
}

#[test]
fn an_action_that_somebody_added_is_assigned_and_done_like_any_other() {
    let report = fixture::full();
    let act = |text: &str| Change::Act { text: text.to_owned(), owner: None, due: None };
    let assign = |added: i64, owner: Option<&str>, status: Option<&str>| Change::AssignAdded {
        added,
        text: "Write a runbook.".to_owned(),
        owner: owner.map(str::to_owned),
        due: Some("2026-12-24".to_owned()),
        status: status.map(str::to_owned),
    };
    let said = [
        revision(1, "Bo", act("Another.")),
        revision(2, "Bo", act("Write a runbook.")),
        revision(3, "Ann", assign(2, Some("Cy"), None)),
        revision(4, "Cy", assign(2, None, Some("done"))),
    ];
    let at = |versions: usize| revised(report.clone(), &said[..versions]);
    let shown = told(&at(4));
    let [other, action] = shown.actions.last_chunk().unwrap();
    assert_eq!((other.claim.as_str(), &other.owner, &other.status), ("h1", &None, &None));
    let words = (action.claim.as_str(), action.owner.as_deref(), action.due.as_deref(), action.status.as_deref());
    assert_eq!(words, ("h2", Some("Cy"), Some("2026-12-24"), Some("done")));
    assert!(action.text.ends_with("] [Owner, date and status as set by Cy on 2026-11-28]"), "{}", action.text);

    let found = compare(&at(2), &at(4));
    let [difference] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((difference.what.as_str(), difference.by.as_deref()), ("actions", Some("Cy")));
    assert!(difference.before.as_ref().unwrap().starts_with("Write a runbook. [Added by Bo"));
    assert!(difference.after.as_ref().unwrap().ends_with("(owner Cy, due 2026-12-24, status done)"), "{difference:?}");

    let mut back = said.to_vec();
    back.push(revision(5, "Bo", Change::Restore { version: 1 }));
    assert_eq!(revised(report.clone(), &back).by_hand.unwrap().actions.len(), 1, "what was said of it goes with it");
}

#[test]
fn who_is_to_do_it_and_until_when_is_a_difference() {
    let report = fixture::full();
    let action = Anchor::of(&report, &report.actions[0].claim).unwrap();
    let assign = Change::Assign {
        action,
        owner: Some("Cy".to_owned()),
        due: Some("2026-12-24".to_owned()),
        status: Some("done".to_owned()),
    };
    let found = compare(&revised(report.clone(), &[]), &revised(report.clone(), &[revision(1, "Ann", assign)]));
    let [difference] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(difference.by.as_deref(), Some("Ann"));
    assert!(difference.after.as_ref().unwrap().ends_with("(owner Cy, due 2026-12-24, status done)"), "{difference:?}");
}

#[test]
fn two_states_differ_in_what_was_said_between_them() {
    let report = fixture::full();
    let before = revised(report.clone(), &[]);
    let after = revised(report.clone(), &[revision(1, "Ann", reword(&report, "Checkout was down."))]);
    assert_eq!(compare(&before, &before), []);
    let found = compare(&before, &after);
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    assert!(
        found.iter().any(|d| d.by.as_deref() == Some("Ann") && words(&d.after).starts_with("Checkout was down.")),
        "{found:?}"
    );
    let mut other = report.clone();
    other.incident.title = "Another title".to_owned();
    assert_eq!(compare(&report, &other)[0].what, "title");
}

#[test]
fn a_change_is_kept_as_json_and_read_again() {
    let report = fixture::full();
    let change = reword(&report, "Checkout was down.");
    let json = serde_json::to_string(&change).unwrap();
    assert!(json.starts_with(r#"{"kind":"reword","statement":{"section":"summary","#), "{json}");
    assert_eq!(serde_json::from_str::<Change>(&json).unwrap(), change);
}
