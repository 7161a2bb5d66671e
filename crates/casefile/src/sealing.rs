//! Sealed reports: what `seal` needs of files, keys and randomness. Must never print a key, nor write over one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use intake::{Bundle, Settings};
use seal::{Committed, Copy, Item, KeyPair, Manifest, Place, PublicKey, Secret};

use crate::args::{DiscloseOptions, KeygenOptions, ReportOptions, VerifyOptions};
use crate::bundle::FileBundle;
use crate::targets::Targets;
use crate::{Outcome, config, output, say, settings};

/// The input and how it is read.
pub struct Inputs<'a> {
    bundle: &'a FileBundle,
    settings: &'a Settings,
    threads: usize,
}

/// What of a seal does not hold, and what was checked.
pub struct Checked {
    pub faults: Vec<String>,
    told: Vec<String>,
}

impl<'a> Inputs<'a> {
    pub fn new(bundle: &'a FileBundle, settings: &'a Settings, threads: usize) -> Inputs<'a> {
        Inputs { bundle, settings, threads }
    }

    /// The hash of every input, and the secret of all of them.
    fn read(&self) -> (Vec<Item>, Secret) {
        let mut secret = Secret::new();
        let item = |(index, input): (usize, &intake::Input)| {
            let read = self.bundle.open(index).and_then(|mut reader| seal::item(&input.name, &mut reader, &mut secret));
            read.unwrap_or_else(|_| Item { name: input.name.clone(), size: 0, sha256: None })
        };
        let items = self.bundle.inputs().iter().enumerate().map(item).collect();
        (items, secret)
    }

    fn texts(&self, places: &[&Place]) -> Vec<Option<String>> {
        let places: Vec<(&str, [u64; 2])> = places.iter().map(|p| (p.source.as_str(), p.bytes)).collect();
        verify::texts(&places, self.bundle, self.settings, self.threads)
    }
}

/// The key of `--sign`, read before anything else so that a mistake is told at once.
pub fn key(options: &ReportOptions) -> Result<Option<KeyPair>> {
    let Some(path) = &options.sign else { return Ok(None) };
    let pem = fs::read_to_string(path).with_context(|| format!("cannot read the key {}", path.display()))?;
    let key = KeyPair::from_pem(&pem).map_err(|why| anyhow!("cannot sign with {}: {why}", path.display()))?;
    Ok(Some(key))
}

/// The manifest of a report that is about to be written.
pub fn manifest(inputs: &Inputs<'_>, report: &[u8], outputs: &[(Option<&Path>, Vec<u8>)]) -> Result<Vec<u8>> {
    let (items, secret) = inputs.read();
    let places = seal::places(report).map_err(|why| anyhow!("cannot seal the report: {why}"))?;
    let texts = inputs.texts(&places.iter().collect::<Vec<_>>());
    let committed = places.into_iter().zip(texts).map(|(place, text)| {
        let commitment = text.map(|t| secret.commitment(&place, &t));
        Committed { place, commitment }
    });
    let evidence = committed.collect();
    let outputs = outputs.iter().filter_map(|(path, bytes)| Some(written((*path)?, bytes))).collect();
    let json = Manifest::new(items, outputs, evidence).json();
    let mut bytes = Vec::with_capacity(json.len());
    output::push_json(&String::from_utf8(json).context("cannot seal the report")?, &mut bytes);
    Ok(bytes)
}

/// Where the signature of a manifest goes.
pub fn beside(manifest: &Path) -> PathBuf {
    let mut name = manifest.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// Checks a report against its manifest, and the manifest against its signature.
pub fn check(options: &VerifyOptions, path: &Path, report: &[u8], inputs: &Inputs<'_>) -> Result<Checked> {
    let bytes = fs::read(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
    let mut checked = Checked { faults: Vec::new(), told: Vec::new() };
    signature(options, path, &bytes, &mut checked)?;
    let manifest = match Manifest::read(&bytes) {
        Ok(manifest) => manifest,
        Err(why) => {
            checked.faults.push(format!("{} cannot be used: {why}", path.display()));
            return Ok(checked);
        }
    };
    let copy = if options.redacted { Copy::Redacted } else { Copy::Exact };
    checked.faults.extend(manifest.check_report(&options.report.display().to_string(), report, copy));
    checked.told.push(format!("{} pieces of evidence", manifest.evidence.len()));
    if !options.inputs.is_empty() {
        let (items, secret) = inputs.read();
        checked.faults.extend(manifest.check_inputs(&items));
        let places: Vec<&Place> = manifest.evidence.iter().map(|e| &e.place).collect();
        let texts = inputs.texts(&places);
        let text = |place: &Place| places.iter().position(|p| *p == place).and_then(|at| texts[at].clone());
        checked.faults.extend(manifest.check_evidence(&secret, text));
        checked.told.push(format!("{} inputs", items.len()));
    }
    for path in &options.disclosed {
        let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        match manifest.check_disclosure(&json) {
            Ok(record) => checked.told.push(format!("the record of {}", record.place.id)),
            Err(why) => checked.faults.push(format!("{} does not hold: {why}", path.display())),
        }
    }
    Ok(checked)
}

pub fn summary(checked: &Checked) -> String {
    let told = checked.told.join(", ");
    match checked.faults.len() {
        0 => format!("the seal holds: {told} checked\n"),
        1 => format!("the seal does not hold: 1 fault; {told} checked\n"),
        n => format!("the seal does not hold: {n} faults; {told} checked\n"),
    }
}

/// `casefile keygen`: the only place where something is left to chance.
pub fn keygen(options: &KeygenOptions) -> Result<Outcome> {
    let public = {
        let mut name = options.path.as_os_str().to_owned();
        name.push(".pub");
        PathBuf::from(name)
    };
    if let Some(there) = [&options.path, &public].into_iter().find(|p| p.exists()) {
        bail!("{} is there already; a key is never written over, give another path", there.display());
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| anyhow!("the system gives no random bytes: {e}"))?;
    let key = KeyPair::from_seed(seed);
    let failed = || format!("cannot write {}; check the folder and its rights", options.path.display());
    private(&options.path).and_then(|mut file| file.write_all(key.pem().as_bytes())).with_context(failed)?;
    output::write(Some(&public), key.public().pem().as_bytes())?;
    say(&format!("{} signs and stays with you; {} is for whoever checks", options.path.display(), public.display()));
    Ok(Outcome::Done)
}

/// `casefile disclose`: one record with its salt.
pub fn disclose(options: &DiscloseOptions) -> Result<Outcome> {
    let path = &options.manifest;
    let targets = Targets::new(options.out.as_slice(), &[])?;
    targets.spare([path])?;
    targets.spare_common(&options.common)?;
    let bytes = fs::read(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
    let manifest = Manifest::read(&bytes).map_err(|why| anyhow!("{} cannot be used: {why}", path.display()))?;
    let Some(sealed) = manifest.evidence.iter().find(|e| e.place.id == options.id) else {
        bail!("the manifest has no evidence {}; ids are those of the report, such as e12", options.id);
    };
    let settings = settings::of(&options.common)?;
    config::of(&options.common)?;
    let named = manifest.inputs.iter().map(|input| input.name.clone()).collect();
    let bundle = FileBundle::new(&options.inputs, &targets)?.without_reports_but(&named);
    let inputs = Inputs::new(&bundle, &settings, options.common.threads());
    let (items, secret) = inputs.read();
    let mut faults = manifest.check_inputs(&items);
    let text = inputs.texts(&[&sealed.place]).into_iter().next().flatten();
    let Some(text) = text.filter(|_| faults.is_empty()) else {
        faults.push(format!("evidence {} cannot be taken out of this input", options.id));
        faults.iter().for_each(|fault| say(fault));
        return Ok(Outcome::Negative);
    };
    if !redact::gate(text.as_bytes()).is_empty() {
        say("note: this record has a secret in it, and stands here as it is");
    }
    let mut json = serde_json::to_vec_pretty(&secret.disclose(&sealed.place, &text))?;
    json.push(b'\n');
    output::write(options.out.as_deref(), &json)?;
    Ok(Outcome::Done)
}

fn signature(options: &VerifyOptions, manifest: &Path, bytes: &[u8], checked: &mut Checked) -> Result<()> {
    let Some(path) = &options.public_key else { return Ok(()) };
    let pem = fs::read_to_string(path).with_context(|| format!("cannot read the public key {}", path.display()))?;
    let key = PublicKey::from_pem(&pem).map_err(|why| anyhow!("cannot check with {}: {why}", path.display()))?;
    let at = options.signature.clone().unwrap_or_else(|| beside(manifest));
    let signature = fs::read(&at).with_context(|| format!("cannot read the signature {}", at.display()))?;
    match key.verifies(bytes, &signature) {
        true => checked.told.push("the signature".to_string()),
        false => checked.faults.push(format!(
            "{} is no signature of {} by {}: the manifest was changed, or another key signed it",
            at.display(),
            manifest.display(),
            path.display()
        )),
    }
    Ok(())
}

fn written(path: &Path, bytes: &[u8]) -> Item {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Item { name, size: bytes.len() as u64, sha256: Some(seal::sha256(bytes)) }
}

/// A new file that nobody else may read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
