//! `cargo xtask corpus`: writes an invented log of any size, to measure with. Must never decide what stands in it.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use corpus::Kind;

pub fn run(words: &[&str]) -> Result<bool> {
    let (mut kind, mut megabytes, mut path) = (None, None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} wants a value"))?;
        match *word {
            "--kind" => kind = Some(Kind::named(value).with_context(|| format!("--kind is one of {}", kinds()))?),
            "--mb" => megabytes = Some(value.parse::<u64>().context("--mb wants a whole number: millions of bytes")?),
            "--out" => path = Some(PathBuf::from(value)),
            _ => bail!("unknown option {word}"),
        }
    }
    let path = path.context("--out is missing: the file to write")?;
    let (kind, megabytes) = (kind.context("--kind is missing")?, megabytes.context("--mb is missing")?);
    let mut file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    corpus::write(kind, megabytes.saturating_mul(1_000_000), &mut file)
        .and_then(|()| file.flush())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

fn kinds() -> String {
    Kind::ALL.map(Kind::name).join(", ")
}
