//! Prints what is wrong with a directory of cases, and how many cells it has: `lint cases`.

use std::path::Path;
use std::process::ExitCode;

use oplock_suite::{CorpusFiles, load};

fn main() -> ExitCode {
    let directory = std::env::args().nth(1).unwrap_or_else(|| "cases".into());
    let files = match CorpusFiles::read_dir(Path::new(&directory)) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let loaded = load(&files);
    for diagnostic in &loaded.diagnostics {
        println!("{}", diagnostic.render(&files));
    }
    let cells: usize = loaded.corpus.cases.iter().map(|case| case.cells.len()).sum();
    let count = loaded.diagnostics.len();
    println!("{} cases, {cells} cells, {count} diagnostics", loaded.corpus.cases.len());
    if count == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
