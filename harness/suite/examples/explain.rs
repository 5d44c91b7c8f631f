//! Prints what a case asks: `explain cases oplock/batch/second-open-breaks-to-ii`.

use std::path::Path;
use std::process::ExitCode;

use oplock_suite::{CorpusFiles, explain, load};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (directory, id) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let files = match CorpusFiles::read_dir(Path::new(&directory)) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match explain(&load(&files).corpus, &id) {
        Some(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("error: no case `{id}`");
            ExitCode::from(3)
        }
    }
}
