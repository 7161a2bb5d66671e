//! `casefile verify`: says what of a report does not hold. Must never know how the report was made.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::args::VerifyOptions;
use crate::bundle::FileBundle;
use crate::sealing::{self, Inputs};
use crate::targets::Targets;
use crate::{Outcome, config, output, settings};

/// One line per fault, then a summary line; negative when there is a fault.
pub fn run(options: &VerifyOptions) -> Result<Outcome> {
    let path = &options.report;
    let report =
        fs::read(path).with_context(|| format!("cannot read {}; give a report made with --format json", path.display()))?;
    let settings = settings::of(&options.common)?;
    config::of(&options.common)?;
    let manifest = options.manifest.as_ref().and_then(|path| fs::read(path).ok());
    let named = [Some(&report), manifest.as_ref()].into_iter().flatten().flat_map(|json| sources(json)).collect();
    let bundle = FileBundle::new(&options.inputs, &Targets::stdout())?.without_reports_but(&named);
    let inputs = Inputs::new(&bundle, &settings, options.common.threads());
    output::progress("checking ...");
    let seal = options.manifest.as_ref().map(|path| sealing::check(options, path, &report, &inputs)).transpose()?;
    // The words of a redacted copy are not those of the input.
    let again = !options.inputs.is_empty() && !options.redacted;
    let verdict = again.then(|| verify::verify(&report, &bundle, &settings, options.common.threads()));
    output::progress("");
    let faults: Vec<&String> = seal.iter().flat_map(|s| &s.faults).chain(verdict.iter().flat_map(|v| &v.faults)).collect();
    let mut text: String = faults.iter().map(|f| output::shown(&f.replace('\n', " ")) + "\n").collect();
    let unchecked = verdict.iter().flat_map(|verdict| &verdict.unchecked);
    text.push_str(&unchecked.map(|what| format!("not checked: {}\n", output::shown(what))).collect::<String>());
    text.push_str(&seal.iter().map(sealing::summary).collect::<String>());
    text.push_str(&verdict.iter().map(summary).collect::<String>());
    output::write(None, text.as_bytes())?;
    Ok(if faults.is_empty() { Outcome::Done } else { Outcome::Negative })
}

/// The sources that a report or a manifest names.
fn sources(json: &[u8]) -> Vec<String> {
    let json: Value = serde_json::from_slice(json).unwrap_or_default();
    let lists = [&json["coverage"]["sources"], &json["inputs"]];
    let named = lists.into_iter().filter_map(Value::as_array).flatten();
    named.filter_map(|source| Some(source["name"].as_str()?.to_string())).collect()
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
