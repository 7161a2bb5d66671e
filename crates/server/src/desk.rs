//! A case as people left it: the analysis and what was said of it since, and the pages of that.
//!
//! Changes come in by the id of a claim and are kept by what the claim says ([`Anchor`]), because ids are of one analysis.
//! What is typed is redacted before it is kept: a secret in a sentence is as much of one as in a log.

use std::sync::Arc;

use redact::Redactor;
use report::model::Report;
use report::revision::{Anchor, Change, Revision, Verdict, revised};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::clock;
use crate::error::{Answer, Problem};

/// What somebody wants to change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Wish {
    /// Other words for a statement.
    Reword { claim: String, text: String },
    /// `right`, `wrong` or `partly`.
    Judge {
        claim: String,
        #[schema(pattern = "^(right|wrong|partly)$")]
        verdict: String,
    },
    /// An answer to an open question, by its field.
    Answer { field: String, text: String },
    /// What somebody saw or did; the case is analysed again with it.
    Testify {
        text: String,
        #[schema(format = DateTime)]
        about: Option<String>,
    },
    /// Which of the causes the team holds for it, by its claim.
    Choose { claim: String },
    /// Owner, due date (`2026-12-24`) and status of an action, by its claim; of one that somebody added, by `h` and the version
    /// that added it.
    Assign {
        claim: String,
        owner: Option<String>,
        #[schema(format = Date)]
        due: Option<String>,
        status: Option<String>,
    },
    /// A new action.
    Act {
        text: String,
        owner: Option<String>,
        #[schema(format = Date)]
        due: Option<String>,
    },
    /// Everything as it was at a version.
    Restore { version: i64 },
}

/// A change with who wants it and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Wanted {
    #[schema(pattern = "\\S")]
    pub by: String,
    #[serde(default)]
    pub why: String,
    /// The version that it is made to; without one, the newest.
    pub expected: Option<i64>,
    pub change: Wish,
}

const LONGEST: usize = 10_000;

/// The changes of a case up to a version.
pub async fn revisions(app: &App, case: &str, until: i64) -> Answer<Vec<Revision>> {
    let kept = app.store.changes(case).await?;
    kept.into_iter()
        .filter(|change| change.version <= until)
        .map(|change| {
            let what = serde_json::from_str(&change.what).map_err(|_| Problem::fault("A change of this case cannot be read."))?;
            Ok(Revision { version: change.version, at: clock::rfc3339(change.at), by: change.who, why: change.why, change: what })
        })
        .collect()
}

/// The report of an analysis with what people said up to a version; the newest of either without a number.
pub async fn report(app: &App, case: &str, analysis: Option<i64>, version: Option<i64>) -> Answer<Arc<Report>> {
    let found = app.store.case(case).await?;
    let Some(analysis) = analysis.or(found.analysis) else {
        return Err(Problem::new(axum::http::StatusCode::NOT_FOUND, "This case has no report yet."));
    };
    let version = version.unwrap_or(found.version).min(found.version);
    let state = (case.to_owned(), analysis, version);
    if let Some(ready) = app.reports.get(&state) {
        return Ok(ready);
    }
    let bytes = app.store.report(case, analysis).await?;
    let revisions = revisions(app, case, version).await?;
    let read = move || serde_json::from_slice::<Report>(&bytes).map(|report| revised(report, &revisions));
    let report = tokio::task::spawn_blocking(read).await.map_err(|_| Problem::fault("The report cannot be read."))?;
    let report = Arc::new(report.map_err(|_| Problem::fault("The report of this case cannot be read."))?);
    app.reports.insert(state, report.clone());
    Ok(report)
}

/// Keeps a change; says the new version.
pub async fn change(app: &App, case: &str, wanted: Wanted) -> Answer<i64> {
    let found = app.store.case(case).await?;
    let change = match &wanted.change {
        Wish::Testify { .. } | Wish::Restore { .. } => kept(wanted.change, None, found.version)?,
        _ => {
            let report = report(app, case, None, None).await?;
            kept(wanted.change, Some(&report), found.version)?
        }
    };
    let by = line(&wanted.by, 80);
    if by.is_empty() {
        return Err(Problem::bad("Say who you are: every change has a name."));
    }
    let again = matches!(change, Change::Testify { .. } | Change::Restore { .. });
    let new = store::Change {
        who: by,
        why: line(&wanted.why, 1_000),
        what: serde_json::to_string(&change).map_err(|_| Problem::fault("The change cannot be kept."))?,
        at: app.now(),
        key: None,
    };
    let version = app.store.add_change(case, wanted.expected.unwrap_or(found.version), &new).await?;
    if again {
        app.store.enqueue(case, app.now()).await?;
        app.work.notify_one();
    }
    Ok(version)
}

fn kept(wish: Wish, report: Option<&Report>, version: i64) -> Answer<Change> {
    let anchor = |claim: &str| {
        report
            .and_then(|report| Anchor::of(report, claim))
            .ok_or_else(|| Problem::missing("statement in the newest report of this case"))
    };
    Ok(match wish {
        Wish::Reword { claim, text } => Change::Reword { statement: anchor(&claim)?, text: text_of(&text, "the sentence")? },
        Wish::Judge { claim, verdict } => Change::Judge { statement: anchor(&claim)?, verdict: verdict_of(&verdict)? },
        Wish::Answer { field, text } => {
            let known = report.is_some_and(|report| report.unknowns.iter().any(|unknown| unknown.field == field));
            if !known {
                return Err(Problem::missing("open question"));
            }
            Change::Answer { field, text: text_of(&text, "the answer")? }
        }
        Wish::Testify { text, about } => {
            Change::Testify { text: text_of(&text, "the statement")?, about: about.map(|at| time(&at)).transpose()? }
        }
        Wish::Choose { claim } => Change::Choose { cause: anchor(&claim)? },
        Wish::Assign { claim, owner, due, status } => {
            let (owner, due, status) = (some(owner, 120), date(due)?, some(status, 60));
            match report.and_then(|report| report.by_hand.as_ref()?.added(&claim)) {
                Some(action) => {
                    let (added, text) = (action.hand.version, action.text.clone());
                    Change::AssignAdded { added, text, owner, due, status }
                }
                None => Change::Assign { action: anchor(&claim)?, owner, due, status },
            }
        }
        Wish::Act { text, owner, due } => {
            Change::Act { text: text_of(&text, "the action")?, owner: some(owner, 120), due: date(due)? }
        }
        Wish::Restore { version: to } if (0..=version).contains(&to) => Change::Restore { version: to },
        Wish::Restore { version: to } => return Err(Problem::bad(format!("There is no version {to}; the newest is {version}."))),
    })
}

fn verdict_of(word: &str) -> Answer<Verdict> {
    match word {
        "right" => Ok(Verdict::Right),
        "wrong" => Ok(Verdict::Wrong),
        "partly" => Ok(Verdict::Partly),
        _ => Err(Problem::bad("A verdict is right, wrong or partly.")),
    }
}

fn text_of(text: &str, what: &str) -> Answer<String> {
    let text = line(text, LONGEST);
    if text.is_empty() { Err(Problem::bad(format!("{what} is empty", what = capital(what)))) } else { Ok(text) }
}

fn capital(what: &str) -> String {
    let mut letters = what.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// One line, without what nobody sees and without secrets.
pub fn line(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let seen: String = words.chars().filter(|c| !intake::is_unseen(*c)).take(most).collect();
    Redactor::secrets_only().redact(&seen)
}

fn some(text: Option<String>, most: usize) -> Option<String> {
    text.map(|text| line(&text, most)).filter(|text| !text.is_empty())
}

fn date(text: Option<String>) -> Answer<Option<String>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let date: jiff::civil::Date =
        text.trim().parse().map_err(|_| Problem::bad("A date is written as year, month and day: 2026-12-24."))?;
    Ok(Some(date.to_string()))
}

fn time(text: &str) -> Answer<String> {
    let text = text.trim();
    let stamp: jiff::Timestamp = text
        .parse()
        .or_else(|_| format!("{text}Z").parse())
        .or_else(|_| format!("{text}:00Z").parse())
        .map_err(|_| Problem::bad("A time is written as 2026-11-28T10:15Z, in UTC."))?;
    Ok(stamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_loses_its_secrets_and_what_nobody_sees() {
        let token = ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat();
        let kept = line(&format!(" used\n{token} \u{202e}once "), 200);
        assert!(kept.starts_with("used [") && kept.ends_with("] once"), "{kept}");
        assert!(!kept.contains(&token));
    }

    #[test]
    fn dates_and_times_are_read_or_refused_with_an_example() {
        assert_eq!(date(Some("2026-12-24".to_owned())).unwrap().as_deref(), Some("2026-12-24"));
        assert_eq!(date(Some(" ".to_owned())).unwrap(), None);
        assert!(date(Some("tomorrow".to_owned())).unwrap_err().detail.contains("2026-12-24"));
        assert_eq!(time("2026-11-28T10:15").unwrap(), "2026-11-28T10:15:00Z");
        assert_eq!(time("2026-11-28T10:15:30+01:00").unwrap(), "2026-11-28T09:15:30Z");
        assert!(time("noon").is_err());
    }

    #[test]
    fn a_version_that_never_was_is_not_restored() {
        assert!(kept(Wish::Restore { version: 4 }, None, 3).is_err());
        assert_eq!(kept(Wish::Restore { version: 0 }, None, 3).unwrap(), Change::Restore { version: 0 });
    }
}
