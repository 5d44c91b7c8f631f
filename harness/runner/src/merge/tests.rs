//! What is refused, each with its remedy.

use std::path::Path;

use rstest::rstest;

use super::{fit, joined};
use crate::deviations::{Listed, ListedEntry};
use crate::exit::Standing;
use crate::record::{
    CaseLine, CellLine, Footer, Header, JudgedFrom, Line, Record, Scope, ShardOf, Writer,
};
use crate::shard::Shard;
use crate::testing;
use crate::verdict::Verdict;

/// The cases of the whole run, a cell each.
const CASES: [&str; 6] = [
    "oplock/a/one",
    "oplock/a/two",
    "oplock/b/three",
    "lease/c/four",
    "lease/c/five",
    "lease/d/six",
];

fn header(shard: Option<(u32, u32)>) -> Header {
    Header {
        whole_plan: CASES.len(),
        shard: shard.map(|(number, of)| ShardOf { number, of }),
        ..testing::header("samba", "4.22.1", &["smb3_1_1"])
    }
}

/// The lines of a shard, as a run would write them.
fn lines(header: Header) -> Vec<Line> {
    let own = |case: &str| header.shard.is_none_or(|shard| Shard(shard).has(case, "smb3_1_1"));
    let own: Vec<_> = CASES.iter().enumerate().filter(|(_, case)| own(case)).collect();
    let header = Header { planned: own.len(), ..header };
    let case = |number: usize, id: &str| CaseLine {
        number,
        id: id.to_owned(),
        suite: id.rsplit_once('/').unwrap_or_default().0.to_owned(),
        obligation: "must".to_owned(),
        ..CaseLine::default()
    };
    let cell = |number: usize, id: &str| CellLine {
        number,
        cell: id.to_owned(),
        case: id.to_owned(),
        axes: "smb3_1_1".to_owned(),
        verdict: Verdict::Pass,
        standing: Standing::Held,
        core: true,
        ..CellLine::default()
    };
    let counts = [(Verdict::Pass, own.len())].into_iter().filter(|(_, count)| *count > 0);
    let footer = Footer { counts: counts.collect(), ..Footer::default() };
    let cases = own.iter().map(|(number, id)| Line::Case(Box::new(case(*number, id))));
    let cells = own.iter().map(|(number, id)| Line::Cell(Box::new(cell(*number, id))));
    let begin = [Line::Header(Box::new(header.clone()))];
    begin.into_iter().chain(cases).chain(cells).chain([Line::Footer(Box::new(footer))]).collect()
}

fn written(folder: &Path, name: &str, lines: &[Line]) -> Record {
    let path = folder.join(name);
    let mut writer = Writer::begin(&path).expect("a file");
    for line in lines {
        writer.line(line).expect("a line");
    }
    Record::open(&path).expect("a record")
}

/// What is said of these records, in files that are called a, b, c.
fn said(records: &[Vec<Line>]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let names = ["a", "b", "c", "d"];
    let parts: Vec<_> = names
        .iter()
        .zip(records)
        .map(|(name, lines)| written(folder.path(), name, lines))
        .collect();
    match fit(&parts) {
        Ok(()) => "they fit".to_owned(),
        Err(misfit) => misfit.to_string().replace(&format!("{}/", folder.path().display()), ""),
    }
}

fn thirds() -> [Header; 3] {
    [1, 2, 3].map(|number| header(Some((number, 3))))
}

#[test]
fn all_shards_fit_in_any_order() {
    let [one, two, three] = thirds().map(lines);
    assert_eq!(said(&[three, one, two]), "they fit");
    assert_eq!(said(&[lines(header(None))]), "they fit");
}

/// A division into so many that one has nothing: it leaves no record, and nothing is missing.
#[test]
fn a_shard_without_cells_is_not_missed() {
    let of = 9;
    let shards = (1..=of).map(|number| lines(header(Some((number, of)))));
    let with_cells: Vec<_> = shards.filter(|lines| lines.len() > 2).collect();
    assert!(with_cells.len() < of as usize);
    let folder = tempfile::tempdir().expect("a folder");
    let parts: Vec<_> = with_cells
        .iter()
        .enumerate()
        .map(|(number, lines)| written(folder.path(), &number.to_string(), lines))
        .collect();
    assert_eq!(fit(&parts), Ok(()));
}

#[test]
fn joined_shards_are_the_whole_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = written(folder.path(), "whole", &lines(header(None)));
    let parts: Vec<_> = thirds()
        .map(lines)
        .iter()
        .enumerate()
        .map(|(number, lines)| written(folder.path(), &number.to_string(), lines))
        .collect();
    let found = joined(&parts).expect("shards");
    assert_eq!(found.header, whole.header);
    assert_eq!(found.cases, whole.cases);
    let known = whole.footer.expect("a footer").ending(&whole.header, &whole.cases, &whole.cells).0;
    assert_eq!(found.footer, known);
    assert_eq!(found.footer.claims[0].text, "conforms: core (6 cells)");
}

/// Each refusal; `change` makes the second of three shards one that does not belong to the others.
#[rstest]
#[case::tool("tool", |header: &mut Header| header.tool = "oplock-conformance 0.2.0".into())]
#[case::corpus("corpus", |header: &mut Header| header.corpus = "0022".into())]
#[case::version("version", |header: &mut Header| header.target.version = "4.23.0".into())]
#[case::axes("axes", |header: &mut Header| header.legs[0].lease_version = Some(2))]
#[case::seed("seed", |header: &mut Header| header.seed = 8)]
#[case::filter("filter", |header: &mut Header| header.left_out.extended = Scope { cells: 2, ..Scope::default() })]
#[case::plan("plan", |header: &mut Header| header.whole_plan = 7)]
#[case::repeat("repeat", |header: &mut Header| header.repeat = 3)]
#[case::strict("strict", |header: &mut Header| header.strict = true)]
#[case::as_of("as-of", |header: &mut Header| header.corpus_as_of = Some("0.1".into()))]
#[case::spread("spread", |header: &mut Header| header.spread_over_nodes = Some(2))]
#[case::list("list", |header: &mut Header| header.deviations = Some(Listed { entries: vec![ListedEntry::default()], ..Listed::default() }))]
#[case::judged("judged", |header: &mut Header| header.judged_from = Some(JudgedFrom::default()))]
#[case::capability("capability", |header: &mut Header| {
    let there = oplock_model::Capability { present: true, ..Default::default() };
    header.target.capabilities.insert("lease_v2".into(), there);
})]
#[case::whole("whole", |header: &mut Header| header.shard = None)]
#[case::division("division", |header: &mut Header| header.shard = Some(ShardOf { number: 2, of: 4 }))]
#[case::twice("twice", |header: &mut Header| header.shard = Some(ShardOf { number: 3, of: 3 }))]
fn shards_of_other_runs_are_refused(#[case] name: &str, #[case] change: fn(&mut Header)) {
    let [one, mut two, three] = thirds();
    change(&mut two);
    insta::assert_snapshot!(format!("refused_{name}"), said(&[one, two, three].map(lines)));
}

#[test]
fn missing_shards_are_named() {
    let [one, _, three] = thirds().map(lines);
    insta::assert_snapshot!("refused_missing", said(&[one, three]));
}

#[test]
fn a_shard_that_was_cut_off_is_refused() {
    let [one, mut two, three] = thirds().map(lines);
    two.truncate(two.len() - 2);
    insta::assert_snapshot!("refused_cut_off", said(&[one, two, three]));
}

/// The cells of another shard under the number of this one.
#[test]
fn a_cell_of_another_shard_is_refused() {
    let [one, two, three] = thirds();
    let [mut stranger, one, three] = [lines(two), lines(one), lines(three)];
    let mut other = one.clone();
    std::mem::swap(&mut stranger[0], &mut other[0]);
    if let (Line::Header(to), cells) = (&mut other[0], one.len()) {
        to.planned = (cells - 2) / 2;
    }
    insta::assert_snapshot!("refused_stranger", said(&[one, other, three]));
}
