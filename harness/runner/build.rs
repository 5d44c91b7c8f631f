//! Puts the corpus, the snapshots and the deviation lists of shipped targets into the binary, so that it is whole wherever it is copied to.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let root = variable("CARGO_MANIFEST_DIR")?.join("../..").canonicalize()?;
    let mut code = String::new();
    for (name, folder, extension) in [
        ("CASES", "cases", "yaml"),
        ("SNAPSHOTS", "snapshots", "snap"),
        ("TARGETS", "fixtures/targets", "yaml"),
    ] {
        let mut files = Vec::new();
        collect(&root.join(folder), extension, &mut files)?;
        files.sort();
        let _ = writeln!(code, "pub(crate) static {name}: &[(&str, &str)] = &[");
        for file in files {
            let below = file.strip_prefix(&root).unwrap_or(&file);
            let below = below.to_string_lossy().replace('\\', "/");
            let _ = writeln!(code, "    ({below:?}, include_str!({:?})),", file.to_string_lossy());
        }
        code.push_str("];\n");
    }
    fs::write(variable("OUT_DIR")?.join("embedded.rs"), code)
}

/// Files below a folder, by extension. Naming the folder makes cargo look at everything in it, new files included.
fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}
