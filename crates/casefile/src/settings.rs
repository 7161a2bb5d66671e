//! What of the command line concerns the reading of input: limits, and formats of the user's own. Must never open an
//! input.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use intake::formats::Formats;
use intake::{Limits, Settings};

use crate::args::Common;

/// The settings that the options ask for.
pub fn of(common: &Common) -> Result<Settings> {
    let formats = common.formats.as_deref().map(formats).transpose()?;
    Ok(Settings { limits: limits(common), formats: formats.unwrap_or_else(Formats::load), ..Settings::default() })
}

fn limits(common: &Common) -> Limits {
    let default = Limits::default();
    Limits {
        unpacked_bytes: common.max_unpacked.unwrap_or(default.unpacked_bytes),
        // Who says how much means it for small inputs, too.
        unpacked_anyway: common.max_unpacked.unwrap_or(default.unpacked_anyway),
        entries: common.max_entries.unwrap_or(default.entries),
        depth: common.max_depth.unwrap_or(default.depth),
        ..default
    }
}

/// The known formats and those of a folder, every file of which has to hold.
fn formats(folder: &Path) -> Result<&'static Formats> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}; --formats wants a folder of TOML files", folder.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    paths.sort();
    if paths.is_empty() {
        bail!(
            "there is no format in {}; a format is a file NAME.toml, `casefile explain-format --toml FILE` makes one",
            folder.display()
        );
    }
    let mut files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push((path.display().to_string(), text));
    }
    Formats::with(&files).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the formats of {} do not hold:\n  {}", folder.display(), lines.join("\n  "))
    })
}
