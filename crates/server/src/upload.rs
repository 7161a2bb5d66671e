//! Files on their way in: streamed to disk, hashed on the way, kept before they are acknowledged.
//!
//! Nothing is held whole. Names are labels and never paths: they are cleaned and shown, no file is ever made by them. A
//! file that stalls, lies about its length or grows beyond the limit is refused, and nothing of it stays.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Multipart;
use axum::http::StatusCode;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use store::{Made, Upload};

use crate::app::App;
use crate::desk;
use crate::error::{Answer, Problem};

/// A body that says nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// Parts of one form, and bytes of a part that is no file.
const MOST_PARTS: usize = 10_000;
const LONGEST_TEXT: usize = 64 << 20;
const LONGEST_NAME: usize = 200;

/// What a form brought.
#[derive(Debug, Default)]
pub struct Form {
    pub title: String,
    pub by: String,
    pub files: Vec<(String, store::Blob)>,
}

/// The body of a request as one file of a case.
pub async fn raw(app: &App, case: &str, (name, by): (&str, &str), body: Body) -> Answer<Made<Upload>> {
    app.store.case(case).await?;
    let blob = keep(app, body.into_data_stream()).await?;
    add(app, case, (name, by), &blob).await
}

pub async fn add(app: &App, case: &str, (name, by): (&str, &str), blob: &store::Blob) -> Answer<Made<Upload>> {
    if blob.bytes == 0 {
        return Err(Problem::bad("The file is empty."));
    }
    let by = match desk::line(by, 80) {
        by if by.is_empty() => "somebody".to_owned(),
        by => by,
    };
    let made = app.store.add_upload(case, &label(name), blob, &by, app.now()).await?;
    app.work.notify_one();
    Ok(made)
}

/// All files of a form, those that were pasted among them, and what else it says.
pub async fn form(app: &App, mut parts: Multipart) -> Answer<Form> {
    let mut form = Form::default();
    let mut count = 0;
    while let Some(mut part) = timed(parts.next_field()).await? {
        count += 1;
        if count > MOST_PARTS {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("A form may have {MOST_PARTS} parts; send an archive."),
            ));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        match (name.as_str(), file) {
            // A form without a chosen file has one without name.
            ("file", Some(file)) if !file.is_empty() => {
                let mut incoming = app.store.incoming(app.now())?;
                let mut size = 0;
                while let Some(chunk) = timed(part.chunk()).await? {
                    size += chunk.len() as u64;
                    check(app, size)?;
                    incoming.write(&chunk).await?;
                }
                if size > 0 {
                    form.files.push((file, incoming.finish().await?));
                }
            }
            ("paste", _) => {
                let text = text(&mut part).await?;
                if !text.trim_ascii().is_empty() {
                    let mut incoming = app.store.incoming(app.now())?;
                    incoming.write(&text).await?;
                    form.files.push(("pasted.txt".to_owned(), incoming.finish().await?));
                }
            }
            ("title", _) => form.title = desk::line(&String::from_utf8_lossy(&text(&mut part).await?), 200),
            ("by", _) => form.by = desk::line(&String::from_utf8_lossy(&text(&mut part).await?), 80),
            _ => while timed(part.chunk()).await?.is_some() {},
        }
    }
    Ok(form)
}

async fn text(part: &mut axum::extract::multipart::Field<'_>) -> Answer<Vec<u8>> {
    let mut text = Vec::new();
    while let Some(chunk) = timed(part.chunk()).await? {
        if text.len() + chunk.len() > LONGEST_TEXT {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "A pasted text may have 64 MiB; upload it as a file."));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

async fn timed<T>(next: impl Future<Output = Result<T, axum::extract::multipart::MultipartError>>) -> Answer<T> {
    match tokio::time::timeout(SILENCE, next).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Problem::new(error.status(), "The form broke off or is no form; send it again.")),
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "Nothing came for too long; send it again.")),
    }
}

/// A stream of bytes as a blob.
async fn keep(app: &App, mut body: BodyDataStream) -> Answer<store::Blob> {
    let mut incoming = app.store.incoming(app.now())?;
    let mut size = 0;
    while let Some(chunk) = next(&mut body).await? {
        size += chunk.len() as u64;
        check(app, size)?;
        incoming.write(&chunk).await?;
    }
    Ok(incoming.finish().await?)
}

async fn next(body: &mut (impl Stream<Item = Result<Bytes, axum::Error>> + Unpin)) -> Answer<Option<Bytes>> {
    match tokio::time::timeout(SILENCE, body.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(_))) => Err(Problem::bad("The upload broke off; nothing was kept of it.")),
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "Nothing came for too long; nothing was kept of the upload.")),
    }
}

fn check(app: &App, size: u64) -> Answer<()> {
    if size <= app.options.largest {
        return Ok(());
    }
    let most = app.options.largest;
    let most = if most < 1 << 20 { format!("{} KiB", most >> 10) } else { format!("{} MiB", most >> 20) };
    Err(Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("A file may have {most} here; start the server with a larger --max-upload."),
    ))
}

/// A file's name as a label: slashes part it, nothing climbs, nothing is hidden in it.
pub fn label(name: &str) -> String {
    let parts: Vec<String> = name
        .split(['/', '\\'])
        .map(|part| part.chars().filter(|c| !c.is_control() && !intake::is_unseen(*c)).collect::<String>())
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty() && part != "." && part != "..")
        .collect();
    let label: String = parts.join("/").chars().rev().take(LONGEST_NAME).collect::<Vec<_>>().into_iter().rev().collect();
    let label = label.trim_start_matches('/');
    if label.is_empty() { "file".to_owned() } else { label.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label_and_no_path() {
        for (name, shown) in [
            ("a.log", "a.log"),
            ("../../etc/passwd", "etc/passwd"),
            ("/abs/b.log", "abs/b.log"),
            ("C:\\logs\\c.log", "C:/logs/c.log"),
            ("a\0b\r\nc\u{202e}.log", "abc.log"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(label(name), shown, "{name:?}");
        }
        assert_eq!(label(&"x".repeat(500)).len(), LONGEST_NAME);
    }
}
