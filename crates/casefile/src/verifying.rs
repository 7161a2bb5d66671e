//! `casefile verify`: says what of a report does not hold. Must never know how the report was made.

use std::fs;

use anyhow::{Context, Result};

use crate::args::VerifyOptions;
use crate::bundle::FileBundle;
use crate::sealing::{self, Inputs};
use crate::{Outcome, config, output, settings};

/// One line per fault, then a summary line; negative when there is a fault.
pub fn run(options: &VerifyOptions) -> Result<Outcome> {
    let path = &options.report;
    let report =
        fs::read(path).with_context(|| format!("cannot read {}; give a report made with --format json", path.display()))?;
    let settings = settings::of(&options.common)?;
    config::of(&options.common)?;
    let bundle = FileBundle::new(&options.inputs)?;
    let inputs = Inputs::new(&bundle, &settings, options.common.threads());
    output::progress("checking ...");
    let seal = options.manifest.as_ref().map(|path| sealing::check(options, path, &report, &inputs)).transpose()?;
    // The words of a redacted copy are not those of the input.
    let again = !options.inputs.is_empty() && !options.redacted;
    let verdict = again.then(|| verify::verify(&report, &bundle, &settings, options.common.threads()));
    output::progress("");
    let faults: Vec<&String> = seal.iter().flat_map(|s| &s.faults).chain(verdict.iter().flat_map(|v| &v.faults)).collect();
    let mut text: String = faults.iter().map(|f| output::shown(&f.replace('\n', " ")) + "\n").collect();
    text.push_str(&seal.iter().map(sealing::summary).collect::<String>());
    text.push_str(&verdict.iter().map(summary).collect::<String>());
    output::write(None, text.as_bytes())?;
    Ok(if faults.is_empty() { Outcome::Done } else { Outcome::Negative })
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
