use rstest::rstest;

use super::*;
use crate::history::Played;
use crate::testing;

fn named(product: &str, version: &str) -> Facts {
    Facts { product: product.into(), version: version.into(), ..Facts::default() }
}

/// A live target's folder carries the version down to the minor number.
#[rstest]
#[case("reference", "0.1.0", "reference")]
#[case("samba", "4.17.12-Debian", "samba-4.17")]
#[case("samba", "4.17", "samba-4.17")]
#[case("smb-server", "unknown", "smb-server")]
#[case("acme/filer", "9.2.1", "acme_filer-9.2")]
fn folders(#[case] product: &str, #[case] version: &str, #[case] expected: &str) {
    assert_eq!(folder(&named(product, version)), expected);
}

#[test]
fn what_is_written_is_read_back_by_insta_and_by_us() {
    let directory = tempfile::tempdir().expect("a folder");
    let case = testing::case("oplock/batch/one", &[]);
    let text = "oplock/batch/one\nIt holds.\n\nA -> open f: \"x\" --- ü";
    let store = Store::Directory(directory.path().to_owned());
    assert!(!store.has("reference"));
    assert_eq!(store.text("reference", &case).expect("no file"), None);
    assert!(write(directory.path(), "reference", &case, text).expect("a file"));
    assert!(!write(directory.path(), "reference", &case, text).expect("a file"));
    assert!(store.has("reference"));
    assert_eq!(store.text("reference", &case).expect("a file").as_deref(), Some(text));
    let file = directory.path().join("reference/oplock/batch/one.snap");
    let whole = fs::read_to_string(file).expect("the file");
    assert_eq!(body(&whole).trim_end(), text);
}

#[test]
fn a_file_that_is_no_snapshot_is_told() {
    let directory = tempfile::tempdir().expect("a folder");
    let case = testing::case("oplock/one", &[]);
    let file = directory.path().join("reference/oplock/one.snap");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, "---\n: [\n---\nx\n").expect("a file");
    let store = Store::Directory(directory.path().to_owned());
    let error = store.text("reference", &case).expect_err("no snapshot").to_string();
    assert!(error.contains("one.snap"), "{error}");
}

/// A matrix of two rows and two columns, of which one cell is impossible and one skipped.
fn matrix() -> Case {
    let mut case = testing::case("lease/m", &[]);
    let columns = ["read".to_owned(), "a-longer-one".to_owned()];
    case.matrix = Some(Matrix {
        rows: vec![("held".into(), vec!["R".into(), "RWH".into()])],
        columns: columns.to_vec(),
    });
    let combinations = [("R", "a-longer-one"), ("RWH", "read"), ("RWH", "a-longer-one")];
    case.cells = combinations
        .into_iter()
        .map(|(held, op)| {
            let mut cell = testing::cell(&format!("lease/m/held={held},op={op}"), &[]);
            cell.axes = vec![("held".into(), held.into()), ("op".into(), op.into())];
            cell
        })
        .collect();
    case
}

fn observed(verdicts: &[Verdict]) -> Vec<Observed> {
    let result = |(cell, verdict): (usize, &Verdict)| {
        let played = (*verdict != Verdict::Skipped).then(Played::default);
        let result = CellResult { cell, played, ..testing::result(0, *verdict) };
        let case = matrix();
        Observed::of(&case, &case.cells[cell], &result)
    };
    verdicts.iter().enumerate().map(result).collect()
}

#[test]
fn a_matrix_is_a_table() {
    let results = observed(&[Verdict::Pass, Verdict::Skipped, Verdict::Pass]);
    let results: Vec<_> = results.iter().collect();
    insta::assert_snapshot!(text(&matrix(), &[0, 1, 2], &results).expect("a text"));
}

#[test]
fn half_an_outcome_is_none() {
    let two = observed(&[Verdict::Pass, Verdict::Pass]);
    assert_eq!(text(&matrix(), &[0, 1, 2], &two.iter().collect::<Vec<_>>()), None);
    let broken = observed(&[Verdict::Pass, Verdict::Error, Verdict::Pass]);
    assert_eq!(text(&matrix(), &[0, 1, 2], &broken.iter().collect::<Vec<_>>()), None);
    assert_eq!(text(&matrix(), &[], &[]), None);
}

#[test]
fn a_difference_shows_what_moved() {
    let old = "one\ntwo\nthree\nfour\nfive";
    let new = "one\ntwo\ndrei\nfour\nfive";
    assert_eq!(difference(old, new), "  two\n- three\n+ drei\n  four\n");
    assert_eq!(difference(old, old), "");
}
