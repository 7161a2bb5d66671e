//! Seals: a manifest of what a report was made from, a commitment to each cited record, and a detached signature.
//!
//! This crate knows names, bytes and hashes; it must never know how a report is laid out beyond the places of its evidence,
//! nor paths, nor a source of randomness. What a commitment hides is found by whoever can guess the whole input: the hashes
//! of the inputs stand beside it, so it tells nothing that they do not (docs/decisions/0021).

mod commitment;
mod keys;

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use commitment::{Disclosure, Secret};
pub use keys::{KeyPair, PublicKey};

pub const SCHEMA: &str = "casefile.manifest/1";

/// What is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    /// Every input as it stands, in the order in which it was read.
    pub inputs: Vec<Item>,
    /// Every file that was written.
    pub outputs: Vec<Item>,
    pub evidence: Vec<Committed>,
}

/// A name, and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub name: String,
    pub size: u64,
    /// In hexadecimal; none where it could not be read.
    pub sha256: Option<String>,
}

/// A cited record: its place, and a commitment to its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    #[serde(flatten)]
    pub place: Place,
    /// In hexadecimal; none where the place could not be read.
    pub commitment: Option<String>,
}

/// Where a piece of evidence stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub id: String,
    pub source: String,
    pub bytes: [u64; 2],
}

/// How much of a report has to be as it was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// Every byte.
    Exact,
    /// The places of its evidence: the text may have been replaced since.
    Redacted,
}

impl Manifest {
    pub fn new(inputs: Vec<Item>, outputs: Vec<Item>, evidence: Vec<Committed>) -> Manifest {
        Manifest { schema: SCHEMA.to_string(), inputs, outputs, evidence }
    }

    /// Why the bytes are no manifest.
    pub fn read(json: &[u8]) -> Result<Manifest, String> {
        let manifest: Manifest = serde_json::from_slice(json).map_err(|e| format!("it is no manifest: {e}"))?;
        match manifest.schema.as_str() {
            SCHEMA => Ok(manifest),
            other => Err(format!("its schema is {other}; this casefile reads {SCHEMA}")),
        }
    }

    /// The bytes that are written and signed.
    pub fn json(&self) -> Vec<u8> {
        // Strings and numbers alone: this cannot fail.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// What of a report's JSON is not as it was sealed.
    pub fn check_report(&self, name: &str, json: &[u8], copy: Copy) -> Vec<String> {
        let mut faults = Vec::new();
        let hash = sha256(json);
        if copy == Copy::Exact && !self.outputs.iter().any(|o| o.sha256.as_deref() == Some(&hash)) {
            faults.push(format!(
                "{name} is none of the files that were sealed: it was changed since, or it is a redacted copy (then give --redacted)"
            ));
        }
        let places = match places(json) {
            Ok(places) => places,
            Err(why) => return vec![format!("{name} cannot be read: {why}")],
        };
        let sealed: BTreeMap<&str, &Place> = self.evidence.iter().map(|e| (e.place.id.as_str(), &e.place)).collect();
        for place in &places {
            let same = sealed
                .get(place.id.as_str())
                .is_some_and(|s| s.bytes == place.bytes && (copy == Copy::Redacted || s.source == place.source));
            if !same {
                faults.push(format!(
                    "evidence {} ({}, bytes {} to {}) does not belong to the manifest",
                    place.id, place.source, place.bytes[0], place.bytes[1]
                ));
            }
        }
        faults
    }

    /// What of the inputs is not as it was sealed.
    pub fn check_inputs(&self, inputs: &[Item]) -> Vec<String> {
        let mut faults = Vec::new();
        let mut given: BTreeMap<&str, &Item> = inputs.iter().map(|i| (i.name.as_str(), i)).collect();
        for sealed in &self.inputs {
            match given.remove(sealed.name.as_str()) {
                None => faults.push(format!("the input {} is missing", sealed.name)),
                Some(now) if now.sha256 != sealed.sha256 => {
                    faults.push(format!("the input {} was changed since the report was sealed", sealed.name));
                }
                Some(_) => {}
            }
        }
        faults.extend(given.keys().map(|name| format!("the input {name} was not there when the report was sealed")));
        faults
    }

    /// Which commitments do not hold for the text of the records, by evidence id.
    pub fn check_evidence(&self, secret: &Secret, text: impl Fn(&Place) -> Option<String>) -> Vec<String> {
        let holds = |e: &&Committed| text(&e.place).map(|t| secret.commitment(&e.place, &t)) == e.commitment;
        let broken = self.evidence.iter().filter(|e| !holds(e));
        broken.map(|e| format!("the record of evidence {} is not the one that was sealed", e.place.id)).collect()
    }

    /// Why a disclosed record is not the one that was sealed.
    pub fn check_disclosure(&self, json: &[u8]) -> Result<Disclosure, String> {
        let disclosed: Disclosure = serde_json::from_slice(json).map_err(|e| format!("it is no disclosed record: {e}"))?;
        let sealed = self.evidence.iter().find(|e| e.place == disclosed.place);
        let Some(sealed) = sealed else {
            return Err(format!("the manifest has no evidence {} at that place", disclosed.place.id));
        };
        match disclosed.commitment() == sealed.commitment {
            true => Ok(disclosed),
            false => Err(format!("it is not the record of evidence {} that was sealed", disclosed.place.id)),
        }
    }
}

/// The places of the evidence in a report's JSON.
pub fn places(json: &[u8]) -> Result<Vec<Place>, String> {
    #[derive(Deserialize)]
    struct Report {
        evidence: Vec<Place>,
    }
    serde_json::from_slice::<Report>(json).map(|r| r.evidence).map_err(|e| e.to_string())
}

/// Reads an input to its end, for its hash and for the secret of the commitments.
pub fn item(name: &str, reader: &mut dyn Read, secret: &mut Secret) -> io::Result<Item> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 16];
    secret.begin(name);
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(Item { name: name.to_string(), size, sha256: Some(hex(&hash.finalize())) });
        }
        hash.update(&buffer[..read]);
        secret.add(&buffer[..read]);
        size += read as u64;
    }
}

/// SHA-256 in hexadecimal, as `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { id: "e1".into(), source: "a.log".into(), bytes: [0, 5] }
    }

    fn sealed(report: &[u8]) -> (Manifest, Secret) {
        let mut secret = Secret::new();
        let input = item("a.log", &mut &b"hello world"[..], &mut secret).unwrap();
        let commitment = Some(secret.commitment(&place(), "hello"));
        let output = Item { name: "r.json".into(), size: 1, sha256: Some(sha256(report)) };
        (Manifest::new(vec![input], vec![output], vec![Committed { place: place(), commitment }]), secret)
    }

    const REPORT: &[u8] = br#"{"evidence":[{"id":"e1","source":"a.log","bytes":[0,5],"text":"hello"}]}"#;
    const REDACTED: &[u8] = br#"{"evidence":[{"id":"e1","source":"[s:1]","bytes":[0,5],"text":"[t:1]"}]}"#;
    const FOREIGN: &[u8] = br#"{"evidence":[{"id":"e1","source":"a.log","bytes":[6,9],"text":"hello"}]}"#;

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let (manifest, _) = sealed(REPORT);
        assert_eq!(Manifest::read(&manifest.json()).unwrap(), manifest);
        assert!(Manifest::read(b"{}").is_err());
        assert!(Manifest::read(br#"{"schema":"x/9","inputs":[],"outputs":[],"evidence":[]}"#).unwrap_err().contains("x/9"));
    }

    #[test]
    fn a_changed_report_is_told_from_a_redacted_one() {
        let (manifest, _) = sealed(REPORT);
        assert!(manifest.check_report("r.json", REPORT, Copy::Exact).is_empty());
        assert!(manifest.check_report("r.json", REDACTED, Copy::Redacted).is_empty());
        assert!(manifest.check_report("r.json", REDACTED, Copy::Exact)[0].contains("changed since"));
        assert!(manifest.check_report("r.json", FOREIGN, Copy::Redacted)[0].contains("does not belong"));
        assert!(manifest.check_report("r.json", b"no json", Copy::Redacted)[0].contains("cannot be read"));
    }

    #[test]
    fn a_changed_missing_or_new_input_is_named() {
        let (manifest, _) = sealed(REPORT);
        let now = |name: &str, text: &[u8]| item(name, &mut &text[..], &mut Secret::new()).unwrap();
        assert!(manifest.check_inputs(&[now("a.log", b"hello world")]).is_empty());
        assert_eq!(
            manifest.check_inputs(&[now("a.log", b"hello WORLD")]),
            ["the input a.log was changed since the report was sealed"]
        );
        let faults = manifest.check_inputs(&[now("b.log", b"x")]);
        assert_eq!(faults, ["the input a.log is missing", "the input b.log was not there when the report was sealed"]);
    }

    #[test]
    fn a_record_is_disclosed_alone_and_checked() {
        let (manifest, secret) = sealed(REPORT);
        assert!(manifest.check_evidence(&secret, |_| Some("hello".into())).is_empty());
        assert_eq!(manifest.check_evidence(&secret, |_| Some("Hello".into())).len(), 1);
        let disclosed = secret.disclose(&place(), "hello");
        let json = serde_json::to_vec(&disclosed).unwrap();
        assert_eq!(manifest.check_disclosure(&json).unwrap().text, "hello");
        let forged = serde_json::to_vec(&Disclosure { text: "Hello".into(), ..disclosed }).unwrap();
        assert!(manifest.check_disclosure(&forged).unwrap_err().contains("not the record"));
    }
}
