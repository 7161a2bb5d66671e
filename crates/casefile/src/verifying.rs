//! `casefile verify`: says what of a report does not hold. Must never know how the report was made.

use std::fs;

use anyhow::{Context, Result};

use crate::args::VerifyOptions;
use crate::bundle::FileBundle;
use crate::{Outcome, config, output, settings};

/// One line per fault, then a summary line; negative when there is a fault.
pub fn run(options: &VerifyOptions) -> Result<Outcome> {
    let path = &options.report;
    let report =
        fs::read(path).with_context(|| format!("cannot read {}; give a report made with --format json", path.display()))?;
    let settings = settings::of(&options.common)?;
    config::of(&options.common)?;
    let bundle = FileBundle::new(&options.inputs)?;
    output::progress("checking ...");
    let verdict = verify::verify(&report, &bundle, &settings, options.common.threads());
    output::progress("");
    let mut text = String::new();
    for fault in &verdict.faults {
        text.push_str(&output::shown(&fault.replace('\n', " ")));
        text.push('\n');
    }
    for what in &verdict.unchecked {
        text.push_str(&format!("not checked: {}\n", output::shown(what)));
    }
    text.push_str(&summary(&verdict));
    output::write(None, text.as_bytes())?;
    Ok(if verdict.holds() { Outcome::Done } else { Outcome::Negative })
}

fn summary(verdict: &verify::Verdict) -> String {
    let c = &verdict.checked;
    let checked = format!("{} citations, {} numbers and {} derivations checked", c.citations, c.numbers, c.derivations);
    match verdict.faults.len() {
        0 => format!("holds: {checked}\n"),
        1 => format!("does not hold: 1 fault; {checked}\n"),
        n => format!("does not hold: {n} faults; {checked}\n"),
    }
}
