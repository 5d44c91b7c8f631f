//! From case files to plans: the printed examples, every word of a matrix, selection, and the corpus as a whole.

mod every_call;
mod matrix;
mod printed;
mod selection;

use oplock_suite::{CorpusFiles, Loaded, load};

/// A corpus of one file.
fn one_file(text: &str) -> CorpusFiles {
    CorpusFiles { files: vec![("cases/test.yaml".to_owned(), text.to_owned())] }
}

/// Loads files that have nothing wrong with them.
fn good(files: &CorpusFiles) -> Loaded {
    let loaded = load(files);
    let wrong: Vec<String> =
        loaded.diagnostics.iter().map(|diagnostic| diagnostic.render(files)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    loaded
}
