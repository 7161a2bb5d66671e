//! `casefile serve`: the web app and the API, until it is told to stop.
//!
//! Must never know what a page says. It says where the server is and where it keeps things, and waits for Ctrl-C or SIGTERM.

use std::io::IsTerminal;

use anyhow::{Context, Result, bail};
use rust_embed::RustEmbed;
use server::{Options, Server, ServerError};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::args::ServeOptions;
use crate::{Outcome, say, settings};

/// The incident that is opened to try the program on.
#[derive(RustEmbed)]
#[folder = "../../examples/checkout"]
struct Example;

/// Serves until told to stop; negative when the address cannot be bound.
pub fn run(options: &ServeOptions) -> Result<Outcome> {
    if !options.addr.ip().is_loopback() && options.name.is_empty() {
        bail!(
            "{} can be reached from elsewhere, and there are no accounts yet; say by which name with --name, and keep strangers \
             out by other means",
            options.addr
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .max_blocking_threads(16)
        .build()
        .context("cannot start threads")?;
    runtime.block_on(serve(options))
}

/// SIGXFSZ, on Linux.
const XFSZ: i32 = 25;

async fn serve(options: &ServeOptions) -> Result<Outcome> {
    let mut terminated = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    // A file that may not grow is an error to whoever writes it, and no end of the program.
    let _grown = signal(SignalKind::from_raw(XFSZ)).context("cannot listen for signals")?;
    let server = match Server::bind(options.addr, of(options)?).await {
        Ok(server) => server,
        Err(refusal @ ServerError::Address { .. }) => {
            say(&refusal.to_string());
            return Ok(Outcome::Negative);
        }
        Err(refusal) => bail!("{refusal}"),
    };
    say(&format!("Casefile is at http://{}/ and keeps everything in {}", server.address(), options.data.display()));
    if std::io::stderr().is_terminal() {
        say("Stop it with Ctrl-C.");
    }
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        let _ = stop.send(true);
    });
    server.run(stopped).await;
    Ok(Outcome::Done)
}

fn of(options: &ServeOptions) -> Result<Options> {
    let example = Example::iter().filter_map(|name| Some((name.to_string(), leaked(Example::get(&name)?.data)))).collect();
    Ok(Options {
        folder: options.data.clone(),
        postgres: options.postgres.clone(),
        names: options.name.clone(),
        largest: options.max_upload,
        retention_days: options.retention_days,
        // One is left to those who read.
        threads: options.common.threads().saturating_sub(1).max(1),
        settings: settings::of(&options.common)?,
        example,
        abort_at: abort_at(),
    })
}

/// Embedded in a release build, read from the tree in others; kept as long as the process lives.
fn leaked(data: std::borrow::Cow<'static, [u8]>) -> &'static [u8] {
    match data {
        std::borrow::Cow::Borrowed(bytes) => bytes,
        std::borrow::Cow::Owned(bytes) => bytes.leak(),
    }
}

/// For tests of what a dying machine leaves; a release build has no such thing.
fn abort_at() -> Option<u64> {
    if cfg!(debug_assertions) { std::env::var("CASEFILE_ABORT_AT").ok()?.parse().ok() } else { None }
}
