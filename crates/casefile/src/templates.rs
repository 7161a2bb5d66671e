//! Whose paper a report is on: the file of `--template`, the files that it names, and what the command line says instead.
//!
//! Must never decide what a layout means; that is read in `report::layout`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use report::layout::{DEFAULT, Logo, Template};

use crate::args::{Common, Paper, TemplateOptions};
use crate::{Outcome, config, output};

/// Checked as far as it can be without a report.
pub fn of(paper: &Paper, common: &Common) -> Result<Template> {
    let named = match &paper.template {
        Some(path) => Some(path.clone()),
        None => config::template(common)?,
    };
    let template = match named {
        Some(path) => read(&path)?,
        None => Template::ours()?,
    };
    let logo = paper.logo.as_deref().map(logo).transpose()?;
    let template = template.with_organisation(paper.organisation.clone()).with_confidentiality(paper.confidentiality.clone());
    Ok(template.with_logo(logo))
}

/// Prints ours, or says which sections a file has.
pub fn run(options: &TemplateOptions) -> Result<Outcome> {
    let Some(path) = &options.file else {
        output::write(None, DEFAULT.as_bytes())?;
        return Ok(Outcome::Done);
    };
    let template = read(path)?;
    let mut told = format!("{} holds; its sections are\n", path.display());
    for (part, title) in template.sections() {
        told.push_str(&format!("  {part:<15} {}\n", output::shown(title)));
    }
    output::write(None, told.as_bytes())?;
    Ok(Outcome::Done)
}

fn read(path: &Path) -> Result<Template> {
    let wanted = || format!("cannot read {}; --template wants a TOML file such as `casefile template` prints", path.display());
    let text = fs::read_to_string(path).with_context(wanted)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = |name: &str| fs::read(folder.join(name)).map_err(|error| error.to_string());
    Ok(Template::read(&path.display().to_string(), &text, &beside)?)
}

fn logo(path: &Path) -> Result<Logo> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}; --logo wants a picture", path.display()))?;
    Logo::of(bytes).map_err(|why| anyhow!("cannot use {}: {why}", path.display()))
}
