//! The command line as the contract describes it. Must never open a file: what is checked here is the wording alone.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use evidence::Moment;
use jiff::{Timestamp, civil, tz::TimeZone};

/// Turns what is left of a production incident into a report whose every sentence cites evidence.
#[derive(Debug, Parser)]
#[command(name = "casefile", version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the incident report.
    Report(ReportOptions),
    /// Check every citation and number of a report against the input it was made from.
    Verify(VerifyOptions),
    /// Replace secrets and personal data by stable pseudonyms such as [email:2].
    Redact(RedactOptions),
}

#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Files, folders, archives, git repositories, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Format of the report; by default by the ending of PATH, else md. The n-th goes with the n-th --out.
    #[arg(long, value_enum)]
    pub format: Vec<Format>,
    /// Write to PATH instead of standard output; several make several files of one report.
    #[arg(long, value_name = "PATH")]
    pub out: Vec<PathBuf>,
    #[command(flatten)]
    pub scope: Scope,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// A report made with --format json.
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// The input it was made from.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct RedactOptions {
    /// A file; standard input without one or with -.
    #[arg(value_name = "INPUT")]
    pub input: Option<PathBuf>,
    /// Write to PATH instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

/// What is looked at.
#[derive(Debug, Args)]
pub struct Scope {
    /// Leave out what is before this time (RFC 3339; without a zone it is UTC).
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Moment>,
    /// Leave out what is at or after this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: Option<Moment>,
    /// Only this service; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub service: Vec<String>,
    /// Only this source, or what lies below it; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub source: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Common {
    /// Threads; all cores by default. Never changes the output.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Settings, every one optional.
    #[arg(long, value_name = "casefile.toml")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    Md,
    Html,
    Pdf,
}

impl Common {
    pub fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    let civil = || -> Option<Timestamp> {
        let at = text.parse::<civil::DateTime>().ok()?;
        Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let at = text.parse::<Timestamp>().ok().or_else(civil);
    at.map(|t| Moment(t.as_microsecond())).ok_or_else(|| "write a time as 2024-02-07T09:00:00Z or 2024-02-07".to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_time_may_lack_its_zone_or_its_clock() {
        assert_eq!(moment("2024-02-07T09:00:00+01:00").unwrap().rfc3339(), "2024-02-07T08:00:00Z");
        assert_eq!(moment("2024-02-07T09:00:00").unwrap().rfc3339(), "2024-02-07T09:00:00Z");
        assert_eq!(moment("2024-02-07").unwrap().rfc3339(), "2024-02-07T00:00:00Z");
        assert!(moment("yesterday").is_err());
    }

    #[test]
    fn an_input_is_required() {
        assert!(Arguments::try_parse_from(["casefile", "report"]).is_err());
        assert!(Arguments::try_parse_from(["casefile", "report", "-", "--format", "json"]).is_ok());
        assert!(Arguments::try_parse_from(["casefile", "report", "x", "--threads", "0"]).is_err());
    }
}
