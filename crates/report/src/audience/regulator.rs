//! For an authority: each item that its regime asks for at a stage, with the claims that answer it, or what is missing.
//!
//! Nothing is worded anew and nothing filled in: an answer is a claim of the report, with its citations. The rest of the
//! report is brief, as an executive gets it, with measures and contributing factors. Must never judge whether an incident
//! has to be reported. What breaks it: a field that means less than the item asks; then the item says what it still needs.

use evidence::Moment;

use super::regimes::{Item, Stage, regimes};
use super::{Refusal, executive, for_whom};
use crate::compose::summary::REMEDY;
use crate::model::{
    Answer, Claim, ClaimStatus, Instant, Origin, Reader, Regulatory, Report, RequiredItem, Section, TimelineKind,
};
use crate::render::words;

/// What an item may be answered from.
#[cfg(test)]
pub const FIELDS: [&str; 24] = [
    "summary",
    "cause",
    "contributing",
    "services",
    "severity",
    "steps",
    "remedy",
    "actions",
    "times.started",
    "times.detected",
    "times.acknowledged",
    "times.mitigation_started",
    "times.mitigated",
    "times.resolved",
    "metrics.duration_s",
    "metrics.mttd_s",
    "metrics.mtta_s",
    "metrics.mttm_s",
    "metrics.mttr_s",
    "metrics.peak_error_rate",
    "metrics.users_affected",
    "metrics.requests_failed",
    "metrics.support_tickets",
    "metrics.revenue_impact",
];

const WITHHELD: [&str; 2] = ["chain", "whys"];

pub fn answer(mut report: Report, regime: &str, stage: &str) -> Result<Report, Refusal> {
    let unknown = || Refusal::Unknown { regime: regime.to_string(), stage: stage.to_string() };
    let law = regimes().iter().find(|known| known.id == regime).ok_or_else(unknown)?;
    let (stage, items) = law.stage(stage).ok_or_else(unknown)?;
    let mut audience = for_whom(Reader::Regulator, &WITHHELD);
    audience.regulatory = Some(Regulatory {
        regime: law.id.clone(),
        title: law.title.clone(),
        stage: stage.id.clone(),
        name: stage.name.clone(),
        article: stage.article.clone(),
        due: stage.due.clone(),
        due_at: due_at(stage, &report),
        items: items.into_iter().map(|item| required(item, &report)).collect(),
    });
    report.audience = Some(audience);
    report.chain.clear();
    report.whys.clear();
    executive::shorten(&mut report);
    Ok(report)
}

/// When it is due, where that follows from a time of the report.
fn due_at(stage: &Stage, report: &Report) -> Option<String> {
    let from = time(stage.due_from.as_deref()?, report)?;
    let seconds = words::epoch(&from.at)?;
    Some(Moment::from_seconds(seconds as i64).plus(f64::from(stage.due_hours?) * 3_600.0).rfc3339())
}

fn required(item: &Item, report: &Report) -> RequiredItem {
    let mut answers: Vec<Answer> = Vec::new();
    for (field, claim) in item.from.iter().flat_map(|field| claims(field, report).into_iter().map(move |claim| (field, claim))) {
        if answers.iter().all(|known| known.claim != claim.id && known.text != claim.text) {
            let at = time(field, report).map(|time| time.at.clone());
            let (text, citations) = (claim.text.clone(), claim.citations.clone());
            answers.push(Answer { text, at, claim: claim.id.clone(), citations });
        }
    }
    let open = report.undetermined && item.from.iter().any(|field| field == "cause");
    let decides = || report.next_check.clone().unwrap_or_else(|| "what decides between these candidates".to_string());
    let needs = match answers.is_empty() {
        true => Some(item.needs.clone()),
        false if open => Some(decides()),
        false => item.also_needs.clone(),
    };
    RequiredItem {
        id: item.id.clone(),
        article: item.article.clone(),
        text: item.text.clone(),
        where_applicable: item.where_applicable,
        answers,
        needs,
    }
}

/// `times.started` and its like.
fn time<'r>(field: &str, report: &'r Report) -> Option<&'r Instant> {
    let name = field.strip_prefix("times.")?;
    report.times.all().into_iter().find(|(known, _)| *known == name)?.1
}

/// The claims of a field, see [`FIELDS`].
fn claims<'r>(field: &str, report: &'r Report) -> Vec<&'r Claim> {
    let by_id = |id: &str| report.claims.iter().find(|claim| claim.id == id);
    let of = |section: Section| report.claims.iter().filter(move |claim| claim.section == section);
    let figures: Vec<&str> = report.metrics.all().into_iter().filter_map(|(_, m)| m.map(|m| m.claim.as_str())).collect();
    if field.starts_with("times.") {
        return time(field, report).and_then(|time| by_id(&time.claim)).into_iter().collect();
    }
    if let Some(name) = field.strip_prefix("metrics.") {
        let metric = report.metrics.all().into_iter().find(|(known, _)| *known == name).and_then(|(_, metric)| metric);
        return metric.and_then(|metric| by_id(&metric.claim)).into_iter().collect();
    }
    match field {
        "summary" => of(Section::Summary).collect(),
        "cause" => {
            let most = if report.undetermined { 2 } else { 1 };
            report.causes.iter().take(most).filter_map(|cause| by_id(&cause.claim)).collect()
        }
        "contributing" => report.contributing.iter().filter_map(|factor| by_id(&factor.claim)).collect(),
        "services" => of(Section::Impact).filter(|claim| claim.status == ClaimStatus::Inferred).collect(),
        "severity" => of(Section::Impact)
            .filter(|claim| claim.status == ClaimStatus::Stated && !figures.contains(&claim.id.as_str()))
            .collect(),
        "steps" => {
            let steps = report.timeline.iter().filter(|entry| entry.kind == TimelineKind::Action);
            steps.filter_map(|entry| by_id(&entry.claim)).collect()
        }
        "remedy" => of(Section::Summary).filter(|claim| claim.text.starts_with(REMEDY)).collect(),
        // What the report suggests is nobody's measure.
        "actions" => {
            report.actions.iter().filter(|a| a.origin == Origin::Stated).filter_map(|action| by_id(&action.claim)).collect()
        }
        _ => Vec::new(),
    }
}
