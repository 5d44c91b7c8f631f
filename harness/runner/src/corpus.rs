//! The cases of a command: embedded or from a directory, complete and without a fault.

use std::path::Path;

pub use oplock_suite::plan::Corpus;
use oplock_suite::{CorpusFiles, Diagnostic, load};

use crate::console::counted;
use crate::embed;
use crate::stop::Stop;

/// Reads the files, without looking into them.
///
/// # Errors
/// A [`Stop`] where the directory cannot be read.
pub fn files(directory: Option<&Path>) -> Result<CorpusFiles, Stop> {
    match directory {
        None => Ok(embed::corpus()),
        Some(directory) => {
            CorpusFiles::read_dir(directory).map_err(|error| Stop::usage(error.to_string()))
        }
    }
}

/// Reads the files and turns them into cases.
///
/// # Errors
/// A [`Stop`] with every diagnostic of all files.
pub fn read(directory: Option<&Path>) -> Result<Corpus, Stop> {
    let files = files(directory)?;
    let loaded = load(&files);
    if loaded.diagnostics.is_empty() {
        Ok(loaded.corpus)
    } else {
        Err(Stop::usage(rendered(&files, &loaded.diagnostics)))
    }
}

/// The ids of every cell, with that of its case in front.
pub fn cells(corpus: &Corpus) -> impl Iterator<Item = (&str, &str)> {
    corpus
        .cases
        .iter()
        .flat_map(|case| case.cells.iter().map(|cell| (case.id.as_str(), cell.id.0.as_str())))
}

/// All diagnostics as text, with their count.
#[must_use]
pub fn rendered(files: &CorpusFiles, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&diagnostic.render(files));
        text.push('\n');
    }
    text.push_str(&counted(diagnostics.len(), "error"));
    text.push_str(" in the case files");
    text
}
