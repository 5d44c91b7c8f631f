//! `results.jsonl`: any bytes as the record of a run. Readers refuse them with a word, or make every report of them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use oplock_runner::cli::JunitKnown;
use oplock_runner::record::{Record, RecordError};
use oplock_runner::{exit, html, junit};

/// Reads the bytes as a record. What of it is accepted is told.
///
/// # Panics
/// Where a refusal names no place, or a report cannot be made of a record that was accepted: that is the finding.
pub fn read(bytes: &[u8]) {
    let folder = std::env::temp_dir().join(format!("oplock-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("results.jsonl");
    File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("a file");
    match Record::open(&path) {
        Ok(record) => tell(&record, &folder),
        Err(error @ RecordError::Line { .. }) => {
            let (place, text) = (format!("{}:", path.display()), error.to_string());
            assert!(text.starts_with(&place), "no place in `{text}`");
            assert!(!text.contains(|letter: char| letter.is_control()), "a terminal's in {text:?}");
        }
        Err(error) => panic!("{error}"),
    }
}

fn tell(record: &Record, folder: &Path) {
    for brief in &record.cells {
        let whole = record.whole(brief).expect("the line that was read");
        assert_eq!(whole.cell, brief.cell);
    }
    if let Some(footer) = &record.footer {
        let footer = footer.clone();
        let (again, _) = footer.clone().ending(&record.header, &record.cases, &record.cells);
        assert_eq!(again.counts, footer.counts);
    }
    let _ = exit::of(record);
    html::write(record, &mut io::sink()).expect("a page");
    junit::write(&folder.join("junit.xml"), record, JunitKnown::default()).expect("a report");
}
