//! A report as a page that a reviewer can read in a diff: what it says and where it looked, without the evidence texts.
//!
//! Ids of claims and evidence are left out, since one new sentence renumbers all; a citation is `source:line`. Must never
//! leave out a part in which a wrong answer could hide.

use std::collections::BTreeMap;
use std::fmt::Write;

use report::model::{Cause, Claim, Report};

/// Ends with a line end; lines are in the order of the report.
pub fn of(title: &str, report: &Report) -> String {
    let mut page = Page { text: format!("# {title}\n"), places: places(report), claims: claims(report) };
    head(report, &mut page);
    page.section("Causes", report.causes.iter(), |page, cause| one_cause(cause, page));
    if report.undetermined {
        page.line(&format!("undetermined; next check: {}", or_dash(&report.next_check)));
    }
    chain(report, &mut page);
    actions(report, &mut page);
    page.section("Contradictions", report.contradictions.iter(), |page, c| {
        page.item(&format!("{} {}", word(&c.kind), c.text));
        for value in &c.values {
            let cited = page.cited(value.citations.iter());
            page.line(&format!("  - {} {cited}", value.value));
        }
    });
    page.section("Unknown", report.unknowns.iter(), |page, u| {
        page.item(&format!("{}: {} Needs {}", u.field, u.question, u.needs))
    });
    page.section("Timeline", report.timeline.iter(), |page, entry| {
        let who = [entry.service.as_deref(), entry.actor.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let cited = page.cited(entry.citations.iter());
        page.item(&format!("{} {} ({who}) {} {cited}", entry.at, word(&entry.kind), entry.text));
    });
    talk(report, &mut page);
    coverage(report, &mut page);
    page.text
}

struct Page<'a> {
    text: String,
    /// `source:line` of each evidence.
    places: BTreeMap<&'a str, String>,
    claims: BTreeMap<&'a str, &'a Claim>,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        let plain: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let _ = writeln!(self.text, "{}", plain.trim_end());
    }

    fn item(&mut self, text: &str) {
        self.line(&format!("- {text}"));
    }

    /// A heading and what stands under it; nothing where there is nothing.
    fn section<T>(&mut self, title: &str, items: impl ExactSizeIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        if items.len() > 0 {
            let _ = write!(self.text, "\n## {title}\n\n");
        }
        for item in items {
            each(self, item);
        }
    }

    /// Where the first citation leads, and how many there are besides.
    fn cited<'b>(&self, mut ids: impl ExactSizeIterator<Item = &'b String>) -> String {
        let more = ids.len().saturating_sub(1);
        let first = ids.next().and_then(|id| self.places.get(id.as_str())).map_or("nowhere", String::as_str);
        if more == 0 { format!("[{first}]") } else { format!("[{first} +{more}]") }
    }

    fn claim(&mut self, mark: &str, id: &str) {
        let Some(claim) = self.claims.get(id).copied() else { return self.line(&format!("  {mark} {id} is missing")) };
        let cited = self.cited(claim.citations.iter());
        self.line(&format!("  {mark} {} {cited}", claim.text));
    }
}

fn head(report: &Report, page: &mut Page<'_>) {
    let incident = &report.incident;
    page.line("");
    page.item(&format!("title: {}", incident.title));
    page.item(&format!("severity: {}; status: {}", or_dash(&incident.severity), word(&incident.status)));
    page.item(&format!("services: {}", incident.services.join(", ")));
    page.item(&format!("first failing: {}", or_dash(&report.first_failing_service)));
    page.item(&format!("blast radius: {}", report.blast_radius.join(", ")));
    page.item(&format!("remediation: {}", or_dash(&report.remediation)));
    for (name, time) in report.times.all() {
        match time {
            Some(t) if t.earliest == t.latest => page.item(&format!("{name}: {}", t.at)),
            Some(t) => page.item(&format!("{name}: {} ({} to {})", t.at, t.earliest, t.latest)),
            None => page.item(&format!("{name}: -")),
        }
    }
    for (name, metric) in report.metrics.all() {
        match metric {
            Some(m) => page.item(&format!("{name}: {} {} {}", m.value, m.unit, word(&m.basis))),
            None => page.item(&format!("{name}: -")),
        }
    }
}

fn one_cause(cause: &Cause, page: &mut Page<'_>) {
    let commit = cause.commit.as_deref().map_or("-".to_string(), |c| c.chars().take(12).collect());
    page.line(&format!("{}. {:.2} {}", cause.rank, cause.probability, cause.text));
    page.line(&format!(
        "   service {}; signature {}; by a change {}; commit {commit}",
        or_dash(&cause.service),
        or_dash(&cause.signature),
        cause.change_caused.map_or("-".to_string(), |c| c.to_string())
    ));
    if let Some(t) = &cause.trigger {
        let cited = page.cited(t.citations.iter());
        page.line(&format!("   trigger {} {} at {} {cited}", word(&t.kind), or_dash(&t.reference), or_dash(&t.at)));
    }
    for (mark, ids) in [("for", &cause.supports), ("against", &cause.against)] {
        for id in ids {
            page.claim(mark, id);
        }
    }
    let terms: Vec<String> = cause.terms.iter().map(|t| format!("{} {:+.2}", t.name, t.value)).collect();
    page.line(&format!("   terms: {}", terms.join(", ")));
    let tests: Vec<String> = cause.tests.iter().map(|t| format!("{} {}", t.name, word(&t.result))).collect();
    page.line(&format!("   tests: {}", tests.join(", ")));
}

fn chain(report: &Report, page: &mut Page<'_>) {
    page.section("Chain", report.chain.iter(), |page, edge| {
        let verified = if edge.verified { "" } else { " (not verified)" };
        let cited = page.cited(edge.citations.iter());
        page.item(&format!("{} -> {}{verified}: {} {cited}", edge.from, edge.to, edge.text));
    });
    page.section("Contributing", report.contributing.iter(), |page, factor| {
        let cited = page.cited(factor.citations.iter());
        page.item(&format!("{} {}: {} {cited}", or_dash(&factor.service), or_dash(&factor.signature), factor.text));
    });
}

fn actions(report: &Report, page: &mut Page<'_>) {
    page.section("Actions", report.actions.iter(), |page, action| {
        let head = format!("{} {}", word(&action.origin), or_dash(&action.priority));
        let who = format!("owner {}, due {}, {}", or_dash(&action.owner), or_dash(&action.due), or_dash(&action.status));
        let cited = page.cited(action.citations.iter());
        page.item(&format!("{head}: {} ({who}; done when {}) {cited}", action.text, or_dash(&action.done_when)));
    });
}

fn talk(report: &Report, page: &mut Page<'_>) {
    page.section("Whys", report.whys.iter(), |page, why| page.item(&format!("{} {}", why.question, or_dash(&why.answer))));
    page.section("Prevention", report.prevention.iter(), |page, p| page.item(&format!("{} ({})", p.text, or_dash(&p.replay))));
    page.section("Lessons", report.lessons.iter(), |page, l| page.item(&l.text));
    page.section("Other claims", others(report).into_iter(), |page, c| {
        let cited = page.cited(c.citations.iter());
        page.item(&format!("{} {} {} {cited}", word(&c.section), word(&c.status), c.text));
    });
}

fn coverage(report: &Report, page: &mut Page<'_>) {
    page.section("Sources", report.coverage.sources.iter(), |page, s| {
        let clock = format!("clock {:+} s {}", s.clock.offset_s, s.clock.zone);
        page.item(&format!("{}: {}, {} records, {} lines skipped, {clock}", s.name, s.format, s.records, s.skipped_lines));
    });
    let parts: Vec<String> = report.confidence_score.parts.iter().map(|p| format!("{} {}/{}", p.name, p.points, p.of)).collect();
    page.line("");
    page.line(&format!("Confidence {}: {}", report.confidence_score.value, parts.join(", ")));
}

/// Claims whose text stands in no part above.
fn others(report: &Report) -> Vec<&Claim> {
    let mut said: Vec<&str> = report.timeline.iter().map(|t| t.text.as_str()).collect();
    said.extend(report.causes.iter().map(|c| c.text.as_str()));
    said.extend(report.chain.iter().map(|c| c.text.as_str()));
    said.extend(report.contributing.iter().map(|c| c.text.as_str()));
    said.extend(report.actions.iter().map(|a| a.text.as_str()));
    said.extend(report.contradictions.iter().map(|c| c.text.as_str()));
    said.extend(report.whys.iter().filter_map(|w| w.answer.as_deref()));
    said.extend(report.prevention.iter().map(|p| p.text.as_str()));
    said.extend(report.lessons.iter().map(|l| l.text.as_str()));
    let sides = report.causes.iter().flat_map(|c| c.supports.iter().chain(&c.against));
    let sides: std::collections::BTreeSet<&str> = sides.map(String::as_str).collect();
    said.sort_unstable();
    let new = |c: &&Claim| said.binary_search(&c.text.as_str()).is_err() && !sides.contains(c.id.as_str());
    report.claims.iter().filter(new).collect()
}

fn places(report: &Report) -> BTreeMap<&str, String> {
    report.evidence.iter().map(|e| (e.id.as_str(), format!("{}:{}", e.source, e.line))).collect()
}

fn claims(report: &Report) -> BTreeMap<&str, &Claim> {
    report.claims.iter().map(|c| (c.id.as_str(), c)).collect()
}

/// The word of the contract for a value of an enumeration.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

fn or_dash(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("-")
}
