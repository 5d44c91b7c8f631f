//! The map from smbtorture's tests to our cases, held to the corpus and to smbtorture's own list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use oplock_model::Layer;
use oplock_suite::plan::Case;
use oplock_suite::{CorpusFiles, load};
use serde_json::Value;

/// The suites that the map covers.
const SUITES: [&str; 2] = ["smb2.oplock.", "smb2.lease."];

/// The tests of smb2.oplock, as Samba's tree has them since 4.16.
const OPLOCK: &str = "exclusive1 exclusive2 exclusive3 exclusive4 exclusive5 exclusive6 exclusive9 batch1 batch2 \
    batch3 batch4 batch5 batch6 batch7 batch8 batch9 batch9a batch10 batch11 batch12 batch13 batch14 batch15 batch16 \
    batch19 batch20 batch21 batch22a batch22b batch23 batch24 batch25 batch26 stream1 doc brl1 brl2 brl3 levelii500 \
    levelii501 levelii502 statopen1";

/// The tests of smb2.lease, as Samba's tree has them in August 2026; a release has fewer.
const LEASE: &str = "request upgrade upgrade2 upgrade3 break break_twice nobreakself statopen statopen2 statopen3 \
    statopen4 oplock multibreak breaking1 breaking2 breaking3 v2_breaking3 breaking4 breaking5 breaking6 lock1 lock2 \
    lock3 sharing_violation complex1 v2_complex1 v2_complex2 v2_flags_breaking v2_flags_parentkey v2_epoch1 v2_epoch2 \
    v2_epoch3 v2_rename v2_rename_target_overwrite rename_wait rename_dir_openfile dynamic_share timeout \
    timeout-disconnect unlink duplicate_create duplicate_open v1_bug15148 v2_bug15148 initial_delete_tdis \
    initial_delete_logoff initial_delete_disconnect lease-epoch two-leases";

fn main() {
    let arguments = Arguments::from_args();
    let listed = listed();
    let missing = listed.is_none().then_some("no smbtorture in PATH");
    let mut trials = vec![
        Trial::test("every-test-has-an-entry", every_test),
        Trial::test("every-entry-names-cases-or-a-reason", every_entry),
        Trial::test("every-named-case-exists", every_case),
        Trial::test("tags-and-map-agree", tags),
        Trial::test("a-broken-map-is-seen", broken),
    ];
    let installed = move || unknown_to_the_map(&listed.unwrap_or_default());
    let installed = Trial::test("the-installed-smbtorture-has-no-other-test", installed);
    trials.push(
        installed.with_ignored_flag(missing.is_some()).with_kind(missing.unwrap_or_default()),
    );
    libtest_mimic::run(&arguments, trials).exit();
}

/// What the map says of one test.
#[derive(Debug, PartialEq)]
enum Entry {
    /// These cases ask what it asks.
    Cases(Vec<String>),
    /// No case can ask it, and why.
    Not(String),
}

type Map = BTreeMap<String, Entry>;

fn every_test() -> Result<(), Failed> {
    let map = map()?;
    let names = |suite: &str, names: &str| {
        names.split_whitespace().map(|name| format!("{suite}{name}")).collect::<Vec<_>>()
    };
    let all = [names(SUITES[0], OPLOCK), names(SUITES[1], LEASE)];
    same("tests of each suite", &all.each_ref().map(Vec::len), &[42, 49])?;
    let without: Vec<_> = all.iter().flatten().filter(|name| !map.contains_key(*name)).collect();
    nothing("tests without an entry", &without)
}

fn every_entry() -> Result<(), Failed> {
    let map = map()?;
    let foreign: Vec<_> =
        map.keys().filter(|name| !SUITES.iter().any(|suite| name.starts_with(suite))).collect();
    nothing("entries of another suite", &foreign)?;
    let twice: Vec<_> = map
        .iter()
        .filter(|(_, entry)| match entry {
            Entry::Cases(cases) => cases.iter().collect::<BTreeSet<_>>().len() < cases.len(),
            Entry::Not(_) => false,
        })
        .collect();
    nothing("entries that name a case twice", &twice)
}

fn every_case() -> Result<(), Failed> {
    let cases = corpus()?;
    let known: BTreeSet<&str> =
        cases.iter().filter(|case| over_smb2(case)).map(|case| case.id.as_str()).collect();
    let map = map()?;
    let unknown: Vec<_> = named(&map).filter(|(_, case)| !known.contains(case)).collect();
    nothing("no case over SMB2", &unknown)
}

/// `run oplock/ lease/ --tag smb2.oplock.batch1` takes what the map names in these folders, and no more. Elsewhere a tag
/// only says where an idea comes from.
fn tags() -> Result<(), Failed> {
    let cases = corpus()?;
    let of_suite = |tag: &&String| SUITES.iter().any(|suite| tag.starts_with(suite));
    let in_folder =
        |(_, case): &(&str, &str)| case.starts_with("oplock/") || case.starts_with("lease/");
    let tagged: BTreeSet<(&str, &str)> = cases
        .iter()
        .filter(|case| over_smb2(case))
        .flat_map(|case| {
            case.tags.iter().filter(of_suite).map(|tag| (tag.as_str(), case.id.as_str()))
        })
        .filter(in_folder)
        .collect();
    let map = map()?;
    let mapped: BTreeSet<(&str, &str)> = named(&map).filter(in_folder).collect();
    nothing("cases without the tag", &mapped.difference(&tagged).collect::<Vec<_>>())?;
    nothing("tags without an entry", &tagged.difference(&mapped).collect::<Vec<_>>())
}

/// The checks above read what they mean to read.
fn broken() -> Result<(), Failed> {
    let cases = |ids: &[&str]| Entry::Cases(ids.iter().map(|id| (*id).to_owned()).collect());
    let good = read("a: [x/y, x/z]\nb:\n  - x/y\nc:\n  not: Because.\n")?;
    let wanted = [
        ("a".to_owned(), cases(&["x/y", "x/z"])),
        ("b".to_owned(), cases(&["x/y"])),
        ("c".to_owned(), Entry::Not("Because.".to_owned())),
    ];
    same("map", &good, &Map::from(wanted))?;
    for bad in [
        "a: []",
        "a:",
        "a: x/y",
        "a: [1]",
        "a: {not: ''}",
        "a: {not: 1}",
        "a: {no: x}",
        "a: {not: x, cases: [y]}",
        "a: [x]\na: [y]",
        "[a]",
    ] {
        if let Ok(map) = read(bad) {
            return Err(format!("`{bad}` was read as {map:?}").into());
        }
    }
    Ok(())
}

fn unknown_to_the_map(listed: &[String]) -> Result<(), Failed> {
    let map = map()?;
    if listed.is_empty() {
        return Err("smbtorture lists no test of either suite".into());
    }
    let unknown: Vec<_> = listed.iter().filter(|name| !map.contains_key(*name)).collect();
    nothing("tests that the map does not know", &unknown)
}

/// The tests of both suites that the installed smbtorture lists; none where there is no smbtorture.
fn listed() -> Option<Vec<String>> {
    let output = Command::new("smbtorture").arg("--list").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = |line: &str| {
        let name = line.trim();
        let (short, last) = name.rsplit_once('.')?;
        let repeated = short.rsplit_once('.').is_some_and(|(_, before)| before == last);
        let name = if repeated { short } else { name };
        SUITES.iter().any(|suite| name.starts_with(suite)).then(|| name.to_owned())
    };
    Some(text.lines().filter_map(name).collect())
}

/// Each test with each of its cases.
fn named(map: &Map) -> impl Iterator<Item = (&str, &str)> {
    map.iter().flat_map(|(test, entry)| {
        let cases: &[String] = match entry {
            Entry::Cases(cases) => cases,
            Entry::Not(_) => &[],
        };
        cases.iter().map(|case| (test.as_str(), case.as_str()))
    })
}

fn over_smb2(case: &Case) -> bool {
    case.cells.iter().any(|cell| cell.layer == Layer::Smb2)
}

fn corpus() -> Result<Vec<Case>, Failed> {
    let loaded = load(&CorpusFiles::read_dir(&root().join("cases"))?);
    nothing("what is wrong with the corpus", &loaded.diagnostics)?;
    Ok(loaded.corpus.cases)
}

fn map() -> Result<Map, Failed> {
    read(&std::fs::read_to_string(root().join("fixtures/peers/smbtorture.yaml"))?)
}

fn read(text: &str) -> Result<Map, Failed> {
    let map: BTreeMap<String, Value> = serde_saphyr::from_str(text)?;
    map.into_iter()
        .map(|(test, value)| match entry(&value) {
            Some(entry) => Ok((test, entry)),
            None => Err(format!("{test}: {value} is no list of cases and no `not: reason`").into()),
        })
        .collect()
}

fn entry(value: &Value) -> Option<Entry> {
    let word =
        |value: &Value| value.as_str().filter(|word| !word.trim().is_empty()).map(str::to_owned);
    match value {
        Value::Array(cases) if !cases.is_empty() => {
            cases.iter().map(word).collect::<Option<_>>().map(Entry::Cases)
        }
        Value::Object(fields) if fields.len() == 1 => word(fields.get("not")?).map(Entry::Not),
        _ => None,
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Result<(), Failed> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}: {found:?} instead of {wanted:?}").into())
    }
}

fn nothing<T: std::fmt::Debug>(what: &str, found: &[T]) -> Result<(), Failed> {
    if found.is_empty() { Ok(()) } else { Err(format!("{what}: {found:#?}").into()) }
}
