//! The command line as the contract describes it. Must never open a file: what is checked here is the wording alone.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use evidence::{Level, Moment};
use investigate::Services;
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
    /// Print every record as one JSON object a line.
    Parse(ParseOptions),
    /// Say which kinds of message there are, how often each occurs, and what changed against a baseline.
    Patterns(PatternsOptions),
    /// Say which format a file has and why, which lines do not fit, and how to define a format of one's own.
    ExplainFormat(ExplainOptions),
    /// Check every citation and number of a report against the input it was made from.
    Verify(VerifyOptions),
    /// Check the style and the consistency of postmortems, whoever wrote them.
    Lint(LintOptions),
    /// Replace secrets and personal data by stable pseudonyms such as [email:2].
    Redact(RedactOptions),
    /// Print the layout of a report to start from, or check one of your own.
    Template(TemplateOptions),
    /// Serve the web app and its API; only to this machine unless told otherwise.
    #[cfg(feature = "server")]
    Serve(ServeOptions),
    /// Make a key pair of Ed25519 for sealed reports: PATH and PATH.pub.
    Keygen(KeygenOptions),
    /// Take one record that a sealed report cites out of the input, so that others can check it.
    Disclose(DiscloseOptions),
}

impl Command {
    /// What is read from beginning to end.
    pub fn inputs(&self) -> &[PathBuf] {
        match self {
            Command::Report(options) => &options.inputs,
            Command::Parse(options) => &options.inputs,
            Command::Patterns(options) => &options.inputs,
            Command::Verify(options) => &options.inputs,
            Command::Redact(options) => options.input.as_slice(),
            _ => &[],
        }
    }
}

#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Files, folders, archives, git repositories, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Format of the report; by default by the ending of PATH, else md. The n-th goes with the n-th --out.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Vec<Format>,
    /// Write to PATH instead of standard output; several make several files of one report.
    #[arg(long, value_name = "PATH")]
    pub out: Vec<PathBuf>,
    /// Write a manifest to PATH: hashes of the inputs and of what is written, and a commitment to each cited record.
    #[arg(long, value_name = "PATH", requires = "out")]
    pub manifest: Option<PathBuf>,
    /// Sign the manifest with this key; the signature goes to the manifest's PATH with .sig.
    #[arg(long, value_name = "KEY", requires = "manifest")]
    pub sign: Option<PathBuf>,
    #[command(flatten)]
    pub paper: Paper,
    /// For whom the report is: executives get fewer details, customers no names, regulators what they ask for.
    #[arg(long, value_enum, value_name = "WHO", default_value = "engineering")]
    pub audience: Reader,
    /// What a regulator goes by; dora unless given. Only with --audience regulator.
    #[arg(long, value_enum)]
    pub regime: Option<Regime>,
    /// At which stage the regulator is told; final unless given. Only with --audience regulator.
    #[arg(long, value_enum)]
    pub stage: Option<Stage>,
    /// Only what was known at this time, as the clocks of all sources have it after correction.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub as_of: Option<Moment>,
    #[command(flatten)]
    pub scope: Scope,
    #[command(flatten)]
    pub common: Common,
}

#[cfg(feature = "server")]
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8080")]
    pub addr: std::net::SocketAddr,
    /// The folder in which everything is kept; made where it is not there.
    #[arg(long, value_name = "FOLDER", default_value = "casefile-data")]
    pub data: PathBuf,
    /// Keep all but the uploads in this PostgreSQL: postgres://user@host/database.
    #[arg(long, value_name = "URL", env = "CASEFILE_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
    /// A name by which browsers may reach it, beside those of this machine; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
    /// Largest file that may be uploaded.
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "20G")]
    pub max_upload: u64,
    /// Delete cases, with their evidence, that nobody touched for so many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub retention_days: Option<u32>,
    #[command(flatten)]
    pub common: Common,
}

/// Whose paper a report is on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Layout")]
pub struct Paper {
    /// Which sections there are, in which order, under which names, with which words of your own; `casefile template`
    /// prints one to start from.
    #[arg(long, value_name = "FILE.toml")]
    pub template: Option<PathBuf>,
    /// Whose report it is; stands on the cover and on every page.
    #[arg(long, value_name = "NAME")]
    pub organisation: Option<String>,
    /// A line for every page, such as "Confidential".
    #[arg(long, value_name = "TEXT")]
    pub confidentiality: Option<String>,
    /// A picture for the cover: PNG, JPEG or SVG.
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct TemplateOptions {
    /// A layout of your own: says whether it holds, and which sections it has.
    #[arg(value_name = "FILE.toml")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ParseOptions {
    /// Files, folders, archives, git repositories, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Format of the output.
    #[arg(long, value_enum, default_value = "ndjson")]
    pub format: LinesFormat,
    /// Leave `pattern` out; needs less memory.
    #[arg(long)]
    pub no_patterns: bool,
    /// Write to PATH instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub scope: Scope,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct PatternsOptions {
    /// Files, folders, archives, git repositories, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Format of the output; by default a table on a terminal, else ndjson.
    #[arg(long, value_enum)]
    pub format: Option<PatternsFormat>,
    /// What comes first; by default the most frequent pattern, in a table with a baseline the one that changed most.
    #[arg(long, value_enum)]
    pub sort: Option<Sort>,
    /// Only patterns that have a record of this level; may be given several times.
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub level: Vec<Level>,
    /// Only patterns whose template contains this, in any letter case.
    #[arg(long, value_name = "TEXT")]
    pub contains: Option<String>,
    /// Only this pattern, such as p17, with what its variables hold; may be given several times.
    #[arg(long, value_name = "ID", value_parser = rank)]
    pub show: Vec<u32>,
    /// Leave out what the variables of each pattern hold; one reading of the input less.
    #[arg(long)]
    pub no_variables: bool,
    /// Only so many patterns; how many there are beyond is said on standard error.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Write to PATH instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub scope: Scope,
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub baseline: Baseline,
}

/// What the patterns are compared with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Comparison")]
pub struct Baseline {
    /// Compare with another input; may be given several times. --from and --to do not narrow it, --baseline-from and
    /// --baseline-to do.
    #[arg(id = "baseline", long, value_name = "PATH")]
    pub inputs: Vec<PathBuf>,
    /// Compare with what is from this time on; without --baseline, in the same input. What is in the baseline is not counted
    /// on the other side.
    #[arg(id = "baseline-from", long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Moment>,
    /// Compare with what is before this time.
    #[arg(id = "baseline-to", long, value_name = "TIME", value_parser = moment)]
    pub to: Option<Moment>,
    /// What a count is compared by: seconds that were looked at, or all records (where the traffic differs). By default
    /// seconds, or records where times are missing.
    #[arg(long, value_enum, value_name = "UNIT")]
    pub exposure: Option<ExposureUnit>,
}

#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// Files, archives or - for standard input; without any, the known formats are listed (and those of --formats checked).
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,
    /// Print nothing but a definition to start from, made of the lines of FILE.
    #[arg(long)]
    pub toml: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
#[command(override_usage = "casefile verify [OPTIONS] <REPORT.json> <INPUT>...\n       \
                            casefile verify [OPTIONS] --manifest <PATH> <REPORT.json> [INPUT]...")]
pub struct VerifyOptions {
    /// A report made with --format json.
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// The input it was made from; with --manifest it may be left out, and only the seal is checked.
    #[arg(required_unless_present = "manifest", value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The manifest that was written with the report.
    #[arg(long, value_name = "PATH")]
    pub manifest: Option<PathBuf>,
    /// Whose signature the manifest has to bear.
    #[arg(long, value_name = "KEY.pub", requires = "manifest")]
    pub public_key: Option<PathBuf>,
    /// The signature; by default the manifest's PATH with .sig.
    #[arg(long, value_name = "PATH", requires = "public_key")]
    pub signature: Option<PathBuf>,
    /// The report is a redacted copy: its evidence has to belong to the manifest, its words need not.
    #[arg(long, requires = "manifest")]
    pub redacted: bool,
    /// A record that was taken out with `casefile disclose`; may be given several times.
    #[arg(long, value_name = "PATH", requires = "manifest")]
    pub disclosed: Vec<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct KeygenOptions {
    /// Where the key goes; it must not be there yet.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
}

#[derive(Debug, Args)]
pub struct DiscloseOptions {
    /// The manifest of the sealed report.
    #[arg(value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// The id of the evidence, such as e12.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The input that the report was made from.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Write to PATH instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct LintOptions {
    /// Postmortems as Markdown or plain text, reports made with --format json, or - for standard input.
    #[arg(required_unless_present = "rules", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Format of the output.
    #[arg(long, value_enum, default_value = "text")]
    pub format: LintFormat,
    /// A rule, or a family of rules such as `action`, that is silent; may be given several times.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub allow: Vec<String>,
    /// Only this rule or family of rules; may be given several times.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub only: Vec<String>,
    /// List the rules and stop.
    #[arg(long)]
    pub rules: bool,
    /// Write to PATH instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RedactOptions {
    /// A file; standard input without one or with -.
    #[arg(value_name = "INPUT")]
    pub input: Option<PathBuf>,
    /// Write to PATH instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Write to PATH, as JSON, what was replaced: rule, kind, number and place, never the value.
    #[arg(long, value_name = "PATH")]
    pub ledger: Option<PathBuf>,
    /// Replace these addresses of machines as well; they stay otherwise, for they are evidence.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = PossibleValuesParser::new(redact::ALSO))]
    pub also: Vec<String>,
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
    /// Masks and pinned templates of your own for message patterns; see docs/cli-v1.md.
    #[arg(long, value_name = "casefile.toml")]
    pub config: Option<PathBuf>,
    /// A folder with formats of your own, one TOML file each; see `casefile explain-format`.
    #[arg(long, value_name = "DIR")]
    pub formats: Option<PathBuf>,
    /// Unpack at most this much of one input: bytes, or with k, M, G, T.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_unpacked: Option<u64>,
    /// Read at most this many members of one archive.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_entries: Option<u32>,
    /// Look into archives within archives up to this depth.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32))]
    pub max_depth: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LinesFormat {
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// One line a finding, as compilers write them.
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PatternsFormat {
    Ndjson,
    Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// The most frequent first.
    Count,
    /// The one that occurs earliest first.
    First,
    /// The one that occurred most recently first.
    Last,
    /// The most records a second between its first and its last; with a baseline, the highest ratio of rates.
    Rate,
    /// The one that began most recently first; with a baseline, what the baseline does not have.
    New,
    /// With a baseline, the most surprising change first.
    Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExposureUnit {
    Seconds,
    Records,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    /// Markdown, for GitHub and what reads the same.
    Md,
    /// One file to open in a browser.
    Html,
    Pdf,
    /// For a word processor.
    Docx,
    /// Markdown for Notion.
    Notion,
    /// A Confluence page in storage format.
    Confluence,
    /// Wiki markup, for "Insert markup" in Confluence.
    ConfluenceWiki,
    /// Wiki markup for a Jira description or comment.
    Jira,
    /// Messages to paste into Slack.
    Slack,
    /// The same messages as payloads for Slack, one a line.
    SlackBlocks,
    /// The timeline as CSV.
    TimelineCsv,
    /// The actions as CSV.
    ActionsCsv,
    /// The due dates of the actions for a calendar.
    Ics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reader {
    Engineering,
    Executive,
    Customer,
    Regulator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Regime {
    /// Regulation (EU) 2022/2554, for financial entities.
    Dora,
    /// Directive (EU) 2022/2555, for essential and important entities.
    Nis2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Initial notification (DORA), early warning (NIS2).
    Initial,
    /// Intermediate report (DORA), incident notification (NIS2).
    Intermediate,
    /// Final report.
    Final,
    /// Initial, in the word of NIS2.
    #[value(hide = true)]
    EarlyWarning,
    /// Intermediate, in the word of NIS2.
    #[value(hide = true)]
    Notification,
}

impl Scope {
    /// A stretch of time in which nothing can lie is a mistake, not a quiet time.
    pub fn check(&self) -> anyhow::Result<()> {
        match self.from.zip(self.to) {
            Some((from, to)) if from >= to => anyhow::bail!("nothing lies in this stretch of time: --from must be before --to"),
            _ => Ok(()),
        }
    }

    pub fn narrows(&self) -> bool {
        self.from.is_some() || self.to.is_some() || !self.service.is_empty() || !self.source.is_empty()
    }

    pub fn takes_source(&self, name: &str) -> bool {
        self.source.is_empty() || self.source.iter().any(|s| name.contains(s.as_str()))
    }

    pub fn takes_moment(&self, at: Option<Moment>) -> bool {
        at.is_none_or(|at| self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to))
    }

    /// Which services of the source with this name are taken.
    pub fn services_of(&self, name: &str) -> Services {
        Services::of_source(&self.service, name)
    }
}

impl Baseline {
    pub fn is_given(&self) -> bool {
        !self.inputs.is_empty() || self.from.is_some() || self.to.is_some()
    }
}

impl Common {
    pub fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }
}

fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(Level::word)).try_map(|word| Level::from_word(&word).ok_or("there is no such level"))
}

fn rank(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix('p').and_then(|digits| digits.parse().ok()).filter(|rank| *rank > 0);
    number.ok_or_else(|| "write a pattern as p17".to_string())
}

fn rule(text: &str) -> Result<String, String> {
    let known = lint::is_rule(text).then(|| text.to_string());
    known.ok_or_else(|| "there is no such rule; `casefile lint --rules` lists them".to_string())
}

/// The name of this machine for itself needs no resolver; any other would say only at run time where it leads.
#[cfg(feature = "server")]
fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    let own = text.strip_prefix("localhost:").map_or_else(|| text.to_string(), |port| format!("127.0.0.1:{port}"));
    let form = "write an address and a port, as 127.0.0.1:8080, localhost:8080 or [::1]:8080; a name goes to --name";
    own.parse().map_err(|_| form.to_string())
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.bytes().rev().take_while(|b| !b.is_ascii_digit()).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_end_matches('B') {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        _ => 0,
    };
    let bytes = number.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).filter(|n| *n > 0);
    bytes.ok_or_else(|| "write a size as 500M or 20G".to_string())
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
    fn a_size_has_a_unit_or_is_in_bytes() {
        assert_eq!(["1024", "20k", "5MB", "64G"].map(|t| size(t).ok()), [1_024, 20_000, 5_000_000, 64_000_000_000].map(Some));
        assert!(["", "G", "-1", "1X", "0", "99999999999T"].iter().all(|t| size(t).is_err()));
    }

    #[cfg(feature = "server")]
    #[test]
    fn an_address_is_one_of_this_machine_or_says_its_form() {
        let read = |text| address(text).map(|address| address.to_string());
        assert_eq!(read("localhost:8080"), Ok("127.0.0.1:8080".to_string()));
        assert_eq!(read("[::1]:80"), Ok("[::1]:80".to_string()));
        assert!(["foo", "foo:80", "127.0.0.1", "localhost"].iter().all(|t| read(t).is_err_and(|e| e.contains("127.0.0.1:8080"))));
    }

    #[test]
    fn an_input_is_required() {
        assert!(Arguments::try_parse_from(["casefile", "report"]).is_err());
        assert!(Arguments::try_parse_from(["casefile", "report", "-", "--format", "json"]).is_ok());
        assert!(Arguments::try_parse_from(["casefile", "report", "x", "--threads", "0"]).is_err());
    }
}
