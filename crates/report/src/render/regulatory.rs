//! What an authority asks for, as the pages show it: item by item, with the statements that answer it or what is missing.
//!
//! This module must never know a law; titles, articles and items stand in the report.

use super::ledger::{Ledger, Statement};
use super::words;
use crate::model::{Answer, Report, RequiredItem};

pub struct Regulatory {
    /// `Digital Operational Resilience Act (DORA): final report`.
    pub title: String,
    pub article: String,
    pub due: String,
    pub due_at: Option<String>,
    /// `12 of 40 items are answered, 3 of them in part`.
    pub extent: String,
    pub items: Vec<Asked>,
}

pub struct Asked {
    pub text: String,
    pub article: String,
    pub where_applicable: bool,
    /// Date and time, where it is about one, and the statement.
    pub answers: Vec<(Option<String>, Statement)>,
    pub needs: Option<String>,
}

pub fn regulatory<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Option<Regulatory> {
    let found = report.audience.as_ref()?.regulatory.as_ref()?;
    let mut answer =
        |a: &'a Answer| (a.at.as_deref().map(words::moment), ledger.statement(&a.text, &a.claim, a.citations.as_slice()));
    let mut item = |item: &'a RequiredItem| Asked {
        text: words::line(&item.text),
        article: words::line(&item.article),
        where_applicable: item.where_applicable,
        answers: item.answers.iter().map(&mut answer).collect(),
        needs: item.needs.as_deref().map(words::line),
    };
    let items: Vec<Asked> = found.items.iter().map(&mut item).collect();
    let answered = items.iter().filter(|item| !item.answers.is_empty()).count();
    let partly = items.iter().filter(|item| !item.answers.is_empty() && item.needs.is_some()).count();
    Some(Regulatory {
        title: words::line(&format!("{}: {}", found.title, found.name)),
        article: words::line(&found.article),
        due: words::line(&found.due),
        due_at: found.due_at.as_deref().map(words::moment),
        extent: format!("{answered} of {} items are answered by the evidence, {partly} of these in part", items.len()),
        items,
    })
}
