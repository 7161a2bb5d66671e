//! Texts packed in every way that the intake unpacks, and the members of the packed cases.
//!
//! Must never write what the intake's own decoders wrote: the encoders here are those of others.

use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use anyhow::Result;

use crate::Text;

/// Two texts, packed.
pub fn all(a: &[u8], b: &[u8]) -> Result<Vec<Vec<u8>>> {
    let (a, b) = (&a[..a.len().min(600)], &b[..b.len().min(600)]);
    let archive = tarball(&[("a.log", a), ("d/b.json", b)])?;
    let mut all = vec![a.to_vec(), archive.clone()];
    for bytes in [a, &archive] {
        all.extend([gzip(bytes)?, zstd::encode_all(bytes, 3)?, bzip2(bytes)?, xz(bytes)?, lz4(bytes)?]);
    }
    all.push([gzip(a)?, gzip(b)?].concat());
    all.push([lz4(a)?, b"\x5a\x2a\x4d\x18\x04\0\0\0skip".to_vec(), zstd::encode_all(b, 1)?].concat());
    for method in methods() {
        all.push(zipped(&[("a.log", a), ("d/b.json", b), ("c.gz", &gzip(a)?)], method)?);
    }
    all.push(zipped(
        &[("x.zip", &zipped(&[("y.tar", &archive)], zip::CompressionMethod::Deflated)?)],
        zip::CompressionMethod::Stored,
    )?);
    all.push([0xff, 0xfe].into_iter().chain(String::from_utf8_lossy(a).encode_utf16().flat_map(u16::to_le_bytes)).collect());
    all.push([0xfe, 0xff].into_iter().chain(String::from_utf8_lossy(a).encode_utf16().flat_map(u16::to_be_bytes)).collect());
    all.push([&[0; 700], a].concat());
    all.extend(
        [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], b"Rar!\x1a\x07\x01\0", b"LZIP\x01", b"\x1f\x9d\x90", b"\x89PNG\r\n\x1a\n"]
            .map(<[u8]>::to_vec),
    );
    Ok(all)
}

fn methods() -> [zip::CompressionMethod; 5] {
    use zip::CompressionMethod as Method;
    [Method::Stored, Method::Deflated, Method::Bzip2, Method::Xz, Method::Zstd]
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn bzip2(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn xz(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0))?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn lz4(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn tarball(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut writer = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        writer.append_data(&mut header, name, *bytes)?;
    }
    Ok(writer.into_inner()?)
}

fn zipped(files: &[(&str, &[u8])], method: zip::CompressionMethod) -> Result<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method))?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The files of a packed case.
pub fn members(path: &Path) -> Result<Vec<Text>> {
    let mut all = Vec::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(File::open(path)?)).entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        all.push(Text { name, bytes });
    }
    Ok(all)
}

/// Lines in base64 as text (RFC 4648); what is none stays as it is.
pub fn decoded(lines: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let one = |line: &str| {
        let digits: Option<Vec<u32>> =
            line.trim_end_matches('=').bytes().map(|b| DIGITS.iter().position(|d| *d == b).map(|at| at as u32)).collect();
        let digits = digits?;
        let bytes = digits.chunks(4).flat_map(|four| {
            let number = four.iter().fold(0, |n, d| n << 6 | d) << (6 * (4 - four.len()));
            number.to_be_bytes()[1..four.len()].to_vec()
        });
        String::from_utf8(bytes.collect()).ok()
    };
    lines.lines().map(|line| one(line).unwrap_or_else(|| line.to_string()) + "\n").collect()
}
