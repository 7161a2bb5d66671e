//! `casefile patterns`: the kinds of message of an input, how often each occurs, and what changed against a baseline.
//!
//! Must never decide what a kind is or whether it changed. The kinds of a baseline are found together with those of the
//! input, so that an id means the same on both sides. What breaks it: more kinds than
//! are told apart; their records are counted and said on standard error.

mod count;
mod detail;
mod grid;
mod line;
mod select;
mod table;
mod variables;

use std::path::Path;

use analysis::kinds::{Comparison, Counts, Exposure, Gathered};
use anyhow::{Result, bail};
use evidence::Moment;
use redact::Redactor;

use crate::args::{PatternsFormat, PatternsOptions, Sort};
use crate::targets::Targets;
use crate::{Outcome, config, output, say, settings};
use count::Variables;
use variables::Told;

/// A kind of message, with what it is compared with.
struct Row<'f> {
    rank: u32,
    template: &'f str,
    here: &'f Counts,
    /// The name of the source of its first record.
    source: &'f str,
    /// What its variables hold, where that was asked for.
    values: Option<Option<&'f Gathered>>,
    against: Option<Against<'f>>,
}

struct Against<'f> {
    counts: &'f Counts,
    source: &'f str,
    comparison: &'f Comparison,
    exposure: Exposure,
}

/// Prints the patterns; negative when the input has no record of a log.
pub fn run(options: &PatternsOptions) -> Result<Outcome> {
    refuse(options)?;
    let targets = Targets::new(options.out.as_slice(), &[])?;
    targets.spare_common(&options.common)?;
    let settings = settings::of(&options.common)?;
    let of_user = config::of(&options.common)?;
    let format = format(options);
    let found = count::find((options, &targets), (&settings, &of_user), wanted(options, format))?;
    let mut rows = found.rows();
    let all = rows.len();
    select::keep(&mut rows, options)?;
    select::sort(&mut rows, options.sort.unwrap_or(usual_sort(options, format)));
    let left_out = rows.len().saturating_sub(options.limit.map_or(usize::MAX, |limit| limit as usize));
    rows.truncate(rows.len() - left_out);
    // One for all of them: the same secret has the same number in every pattern.
    let mut redactor = Redactor::secrets_only();
    let mut told = |row: &Row<'_>| Told::of(row, &of_user, &mut redactor);
    output::stream(options.out.as_deref(), |out| match format {
        PatternsFormat::Ndjson => rows.iter().try_for_each(|row| line::write(row, told(row).as_ref(), out)),
        PatternsFormat::Table if options.show.is_empty() => {
            table::write(&rows, &found.summary(all), table::Look::of_terminal(), out)
        }
        PatternsFormat::Table => {
            let rows: Vec<_> = rows.drain(..).map(|row| (told(&row), row)).map(|(told, row)| (row, told)).collect();
            detail::write(&rows, &found.summary(all), table::Look::of_terminal(), out)
        }
    })?;
    if left_out > 0 && format == PatternsFormat::Ndjson {
        say(&format!("left out by --limit: {}", count::many(left_out as u64, "pattern")));
    }
    let records = found.here.records();
    found.tell();
    Ok(if records > 0 { Outcome::Done } else { Outcome::Negative })
}

/// What the table says of the whole.
struct Summary {
    patterns: usize,
    records: u64,
    baseline: Option<(u64, Exposure)>,
    /// The axis of time.
    span: Option<(Moment, Moment)>,
    /// Both sides lie on that axis.
    one_axis: bool,
}

/// A table has no room for values; whoever looks at single patterns wants to see them.
fn wanted(options: &PatternsOptions, format: PatternsFormat) -> Variables {
    let has_room = format == PatternsFormat::Ndjson || !options.show.is_empty();
    if has_room && !options.no_variables { Variables::Gathered } else { Variables::Left }
}

fn format(options: &PatternsOptions) -> PatternsFormat {
    let usual = || if output::is_terminal(options.out.as_deref()) { PatternsFormat::Table } else { PatternsFormat::Ndjson };
    options.format.unwrap_or_else(usual)
}

/// Whoever reads lines gets what the contract names; whoever looks at a comparison wants to see what changed.
fn usual_sort(options: &PatternsOptions, format: PatternsFormat) -> Sort {
    if options.baseline.is_given() && format == PatternsFormat::Table { Sort::Change } else { Sort::Count }
}

/// Mistakes that the words alone show.
fn refuse(options: &PatternsOptions) -> Result<()> {
    let baseline = &options.baseline;
    if !baseline.is_given() && options.sort == Some(Sort::Change) {
        bail!("--sort change needs something to compare with: give --baseline PATH, or --baseline-from and --baseline-to");
    }
    if !baseline.is_given() && baseline.exposure.is_some() {
        bail!("--exposure needs something to compare with: give --baseline PATH, or --baseline-from and --baseline-to");
    }
    let is_empty = |from: Option<Moment>, to: Option<Moment>| from.zip(to).is_some_and(|(from, to)| from >= to);
    if is_empty(options.scope.from, options.scope.to) || is_empty(baseline.from, baseline.to) {
        bail!("nothing lies in this stretch of time: --from must be before --to, and --baseline-from before --baseline-to");
    }
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    if options.inputs.iter().any(|p| is_stdin(p)) && baseline.inputs.iter().any(|p| is_stdin(p)) {
        bail!("cannot read - twice: standard input is read once; give a file for --baseline");
    }
    Ok(())
}
