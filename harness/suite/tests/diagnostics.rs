//! Every kind of fault has a broken case file, and what a user reads about it is a snapshot.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use oplock_suite::{Code, CorpusFiles, load};
use rstest::rstest;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken")
}

/// One broken file as a corpus of its own.
fn corpus(name: &str) -> CorpusFiles {
    let text = fs::read_to_string(folder().join(name)).expect("the fixture is there");
    CorpusFiles { files: vec![(format!("broken/{name}"), text)] }
}

#[rstest]
fn a_broken_file_says_what_is_wrong(#[files("../../fixtures/broken/*.yaml")] path: PathBuf) {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let files = corpus(&name);
    let loaded = load(&files);
    let rendered: Vec<String> =
        loaded.diagnostics.iter().map(|diagnostic| diagnostic.render(&files)).collect();
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name.trim_end_matches(".yaml"), rendered.join("\n"));
    });
    let number = name.split('-').next().expect("a number");
    for diagnostic in &loaded.diagnostics {
        assert_eq!(diagnostic.code.number(), number, "{name} has a fault of another kind");
    }
    assert!(!rendered.is_empty(), "{name} has no fault");
}

#[test]
fn every_code_has_a_broken_file() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .expect("fixtures/broken")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    for (_, number, meaning) in Code::ALL {
        let found = files.iter().filter(|file| file.starts_with(&format!("{number}-"))).count();
        assert_eq!(found, 1, "{number} ({meaning}) has {found} broken files");
    }
    assert_eq!(files.len(), Code::ALL.len(), "a broken file without a code");
}

#[test]
fn diagnostics_of_all_files_come_in_one_run_sorted_by_place() {
    let files = CorpusFiles::read_dir(&folder()).expect("fixtures/broken");
    let loaded = load(&files);
    let seen: BTreeSet<&str> = loaded.diagnostics.iter().map(|d| d.code.number()).collect();
    assert_eq!(seen.len(), Code::ALL.len());
    assert!(loaded.diagnostics.is_sorted_by(|left, right| left.place <= right.place));
}
