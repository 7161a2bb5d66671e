//! The file of `--config`: what a user may want to set once. Must never open an input, and never guess: what is not known
//! or cannot be meant is a usage error that names file and line.
//!
//! So far it holds what a user knows of the messages (masks and pinned templates) and where the layout of reports stands.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use analysis::mining::Options;
use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use toml::Spanned;

use crate::args::Common;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The layout of reports, from the folder of this file on.
    template: Option<String>,
    #[serde(default)]
    mask: Vec<Mask>,
    #[serde(default)]
    pin: Vec<Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mask {
    name: Spanned<String>,
    pattern: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    template: Spanned<String>,
}

/// What the file of the options says of messages; nothing without one.
pub fn of(common: &Common) -> Result<Arc<Options>> {
    let Some(path) = &common.config else { return Ok(Arc::default()) };
    Ok(Arc::new(options(path, &read(path)?)?))
}

/// The file with the layout of reports that the file of the options names.
pub fn template(common: &Common) -> Result<Option<PathBuf>> {
    let Some(path) = &common.config else { return Ok(None) };
    let text = read(path)?;
    // Who reads the whole file has told what is wrong with it.
    let named = toml::from_str::<File>(&text).ok().and_then(|file| file.template);
    Ok(named.map(|name| path.parent().unwrap_or(Path::new("")).join(name)))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .with_context(|| format!("cannot read {}; --config wants a TOML file, its keys stand in docs/cli-v1.md", path.display()))
}

fn options(path: &Path, text: &str) -> Result<Options> {
    let fault = |span: Option<Range<usize>>, what: &str| {
        let line = 1 + text[..span.map_or(0, |span| span.start).min(text.len())].matches('\n').count();
        anyhow!("cannot use {}, line {line}: {what}", path.display())
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(" ");
        fault(
            error.span(),
            &format!(
                "{message}; a [[mask]] has a name and a pattern, a [[pin]] has a template, and template = \"FILE\" names a layout"
            ),
        )
    })?;
    let mut options = Options::default();
    for mask in &file.mask {
        let name = mask.name.get_ref();
        let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(in_name) {
            return Err(fault(Some(mask.name.span()), "the name of a mask has small letters, digits, - and _"));
        }
        options.add_mask(name, mask.pattern.get_ref()).map_err(|reason| {
            let what = format!("the pattern of the mask {name} is no regular expression that can be used: {reason}");
            fault(Some(mask.pattern.span()), &what)
        })?;
    }
    for pin in &file.pin {
        options.add_pin(pin.template.get_ref()).map_err(|reason| {
            let what = format!("this template cannot be pinned: {reason}; write it as a message, with <*> for what varies");
            fault(Some(pin.template.span()), &what)
        })?;
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let told = |text: &str| options(Path::new("x.toml"), text).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(told("[[mask]]\nname = \"order\"\npattern = \"ORD-[0-9]+\"\n\n[[pin]]\ntemplate = \"user <*> in\"\n"), "");
        for (text, wanted) in [
            (
                "[[mask]]\nname = \"a\"\npattern = \"(\"\n",
                "line 3: the pattern of the mask a is no regular expression that can be used: unclosed group",
            ),
            (
                "[[mask]]\nname = \"a\"\npattern = \"x*\"\n",
                "line 3: the pattern of the mask a is no regular expression that can be used: it matches the empty",
            ),
            ("[[mask]]\nname = \"A b\"\npattern = \"x\"\n", "line 2: the name of a mask has small letters"),
            ("\n[[mask]]\nname = \"a\"\n", "line 2: missing field `pattern`"),
            ("[[pin]]\ntemplate = \"<*>\"\n", "line 2: this template cannot be pinned: it has no word"),
            ("\n\nmasks = []\n", "line 3: unknown field `masks`"),
            ("[[mask]\n", "line 1: "),
        ] {
            assert!(told(text).contains(wanted), "{text}: {}", told(text));
        }
    }
}
