//! What of the command line concerns the reading of input. Must never open an input.

use anyhow::{Result, bail};
use intake::{Limits, Settings};

use crate::args::Common;

/// The settings that the options ask for.
pub fn of(common: &Common) -> Result<Settings> {
    if let Some(path) = &common.config {
        bail!("cannot use {}: this version has no settings yet; leave --config out", path.display());
    }
    Ok(Settings { limits: limits(common), ..Settings::default() })
}

fn limits(common: &Common) -> Limits {
    let default = Limits::default();
    Limits {
        unpacked_bytes: common.max_unpacked.unwrap_or(default.unpacked_bytes),
        entries: common.max_entries.unwrap_or(default.entries),
        depth: common.max_depth.unwrap_or(default.depth),
        ..default
    }
}
