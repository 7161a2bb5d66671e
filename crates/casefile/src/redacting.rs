//! `casefile redact`: the same bytes without secrets, line by line. Must never need UTF-8 or the whole file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use redact::{Redactor, Stream};

use crate::args::RedactOptions;
use crate::{Outcome, output};

pub fn run(options: &RedactOptions) -> Result<Outcome> {
    let input = options.input.as_deref().filter(|p| p.as_os_str() != "-");
    let mut reader: Box<dyn BufRead> = match input {
        Some(path) => Box::new(BufReader::new(opened(path)?)),
        None => Box::new(BufReader::new(io::stdin())),
    };
    match &options.out {
        Some(path) => {
            let mut bytes = Vec::new();
            redact(&mut *reader, &mut bytes)?;
            output::write(Some(path), &bytes)?;
        }
        None => redact(&mut *reader, &mut BufWriter::new(io::stdout().lock()))?,
    }
    Ok(Outcome::Done)
}

fn opened(path: &Path) -> Result<File> {
    let file =
        File::open(path).and_then(|f| if f.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(f) });
    file.with_context(|| format!("cannot read {}; give one file, or pipe it in", path.display()))
}

/// Lines keep their ends, whatever they are.
fn redact(reader: &mut dyn BufRead, writer: &mut dyn Write) -> Result<()> {
    let mut stream = Stream::new(Redactor::new());
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).context("cannot read on; what came before was written")? > 0 {
        writer.write_all(&stream.line(&line))?;
        line.clear();
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_values_changes() {
        let input = b"mail to ana.ruiz@example.com\r\n\xff\xfe from ana.ruiz@example.com\nno end";
        let mut out = Vec::new();
        redact(&mut &input[..], &mut out).unwrap();
        assert_eq!(out, b"mail to [email:1]\r\n\xff\xfe from [email:1]\nno end");
    }
}
