//! What is told as the cause where no diff and no release is to blame: data that a program could not take, and a change that by its
//! kind brings about just what failed. All invented.

use serde_json::{Value, json};

use report::model::{Report, TriggerKind};

use crate::cases::{self, Files};

/// Ninety minutes of a log in which a record is what it is told to be from 13:40 until 13:59.
fn log(failure: &str) -> (String, Vec<u8>) {
    let line = |i: usize| {
        let (at, fails) = (i * 15, (160..236).contains(&i) && i.is_multiple_of(2));
        let what = if fails { failure } else { "INFO placed basket" };
        format!("2025-03-18T{:02}:{:02}:{:02}Z {what}\n", 13 + at / 3600, at / 60 % 60, at % 60)
    };
    ("stock.log".into(), (0..360).map(line).collect::<String>().into_bytes())
}

fn report(failure: &str, other: (&str, String)) -> Report {
    cases::report(&Files::from_iter([log(failure), (other.0.to_string(), other.1.into_bytes())]))
}

const MISSING: &str = "ERROR TypeError: 'NoneType' object is not subscriptable\nTraceback (most recent call last):\n  \
    File \"/srv/stock/place.py\", line 8, in place\n    row = basket[\"shelf\"][\"row\"]";

fn talk(found: &str, done: &str) -> (&'static str, String) {
    let chat = format!(
        "[2025-03-18 13:41] Ann: stock is down, customers cannot order\n[2025-03-18 13:42] Bob: on it\n[2025-03-18 13:50] Bob: {found}\n\
         [2025-03-18 13:57] Bob: {done}\n[2025-03-18 14:02] Bob: errors are gone\n[2025-03-18 14:20] Bob: resolved\n"
    );
    ("chat.txt", chat)
}

#[test]
fn a_program_that_fails_on_what_it_was_given_is_not_the_cause() {
    let found = "in all of them basket[\"shelf\"] is None, the new partner sends baskets without a shelf";
    let report = report(MISSING, talk(found, "moving the bad messages to a quarantine queue"));
    let trigger = report.causes[0].trigger.as_ref().map(|t| t.kind);
    assert_eq!((report.undetermined, trigger), (false, Some(TriggerKind::Data)), "{:?}", report.causes[0]);
}

#[test]
fn words_about_something_else_do_not_make_it_the_data() {
    let report = report(MISSING, talk("the date in my report is null, by the way", "restarting stock"));
    assert!(report.causes.iter().all(|c| c.trigger.as_ref().is_none_or(|t| t.kind != TriggerKind::Data)), "{:?}", report.causes);
}

fn entry(at: &str, operation: &str, of: &str) -> Value {
    json!({"caller": "ann", "eventTimestamp": at, "operationName": {"value": operation}, "status": {"value": "Succeeded"},
        "resourceId": format!("/subscriptions/1/providers/{of}"), "properties": {"requestbody": "{\"keyName\":\"key2\"}"}})
}

#[test]
fn a_key_that_was_made_anew_explains_calls_that_are_refused() {
    let refused = "ERROR cannot read shelf from shelves.blob.core.windows.net: ErrorCode: AuthenticationFailed";
    let storage = "Microsoft.Storage/storageAccounts";
    let pools = "Microsoft.ContainerService/managedClusters";
    let activity = json!([
        entry("2025-03-18T13:39:40Z", &format!("{storage}/regenerateKey/action"), &format!("{storage}/shelves")),
        entry("2025-03-18T13:35:00Z", &format!("{pools}/agentPools/upgradeNodeImageVersion/action"), &format!("{pools}/pool-1")),
    ]);
    let report = report(refused, ("activity.json", activity.to_string()));
    let best = &report.causes[0];
    let trigger = best.trigger.as_ref().map(|t| t.kind);
    assert_eq!((report.undetermined, trigger, best.change_caused), (false, Some(TriggerKind::Config), Some(true)), "{best:?}");
}
