//! Runs a built program on the cases: its reports must hold. Whether they are the expected ones is a test of the program
//! (`golden`). Must never read a truth.json, so that nothing here can be fitted to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cases;

struct Options {
    bin: PathBuf,
    cases: PathBuf,
    scorer: Option<PathBuf>,
}

pub fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let options = parse(root, words)?;
    let mut good = true;
    for name in cases::names(&options.cases)? {
        let line = match one(&options, &name)? {
            Ok(line) => line,
            Err(line) => {
                good = false;
                line
            }
        };
        println!("{name:32} {line}");
    }
    if let Some(scorer) = &options.scorer {
        let mut python = Command::new("python3");
        python.arg(scorer).arg("--bin").arg(&options.bin).arg("--cases").arg(&options.cases);
        good &= python.status().context("cannot run the scorer; it needs python3")?.success();
    }
    Ok(good)
}

fn parse(root: &Path, words: &[&str]) -> Result<Options> {
    let (mut bin, mut cases) = (None, root.join("cases"));
    let mut scorer = std::env::var_os("CASEFILE_SCORER").map(PathBuf::from);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut path = || words.next().map(PathBuf::from).with_context(|| format!("{word} wants a path"));
        match *word {
            "--bin" => bin = Some(path()?),
            "--cases" => cases = path()?,
            "--scorer" => scorer = Some(path()?),
            _ => bail!("unknown option {word}"),
        }
    }
    let bin = bin.context("--bin is missing: the built casefile")?;
    let bin = bin.canonicalize().with_context(|| format!("cannot find {}; build it first", bin.display()))?;
    Ok(Options { bin, cases, scorer })
}

/// Good news, or bad news about one case.
fn one(options: &Options, name: &str) -> Result<std::result::Result<String, String>> {
    let case = options.cases.join(name);
    let dir = tempfile::tempdir()?;
    cases::unpack_one(&case, dir.path())?;
    let casefile = |arguments: &[&str]| Command::new(&options.bin).args(arguments).current_dir(dir.path()).output();
    let report = casefile(&["report", "input", "--format", "json"])?;
    if !report.status.success() {
        return Ok(Err(format!("no report: {}", last_line(&report.stderr))));
    }
    fs::write(dir.path().join("report.json"), &report.stdout)?;
    let verdict = casefile(&["verify", "report.json", "input"])?;
    let says = last_line(&verdict.stdout);
    Ok(if verdict.status.success() { Ok(says) } else { Err(says) })
}

fn last_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().last().unwrap_or("it says nothing").to_string()
}
