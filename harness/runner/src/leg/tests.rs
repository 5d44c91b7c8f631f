use oplock_engine::{Choices, Reference};
use oplock_model::{CellId, Layer};
use rstest::rstest;

use super::*;
use crate::bench::{Bench, Planned};
use crate::{drive, names, testing};

const CASES: &str = r"
suite: lease/tried
about: Leases of versions that are said, and not.
files: {f: {size: 4KiB}}
actors: {A: client 1}
cases:
  open:
    says: It does not matter which version it is.
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, lease: {key: k, state: R}}
        then: [{A gets: {answer: a, granted: R}}]
  level:
    says: It does not matter which version it is.
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, want: RH}
        then: [{A gets: {answer: a, granted: RH}}]
  one:
    says: It is of version 1.
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, lease: {key: k, state: R, version: 1}}
        then: [{A gets: {answer: a, granted: R, version: 1}}]
  both:
    says: The second is of version 2, so the first is not open to another either.
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, lease: {key: k, state: R}}
        then: [{A gets: {answer: a, granted: R}}]
      - A opens: {file: f, as: b, lease: {key: l, state: R, version: 2}}
        then: [{A gets: {answer: b, granted: R}}]
  oplock:
    says: It is no lease.
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, want: ii}
        then: [{A gets: {answer: a, granted: ii}}]
  old:
    says: It is asked in one dialect.
    dialect: smb2_1
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, want: ii}
        then: [{A gets: {answer: a, granted: ii}}]
  store:
    says: It is asked of the store.
    layer: store
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, want: ii}
        then: [{A gets: {answer: a, status: pending}}]
";

fn leg(dialect: Dialect, version: Option<u8>) -> Leg {
    let target = Arc::new(Reference::in_dialect(Choices::default(), dialect));
    Leg::new(target, dialect, Waits::reference()).with_lease_version(version)
}

fn bench(legs: &[(Dialect, Option<u8>)]) -> Bench {
    let legs = legs.iter().map(|&(dialect, version)| leg(dialect, version)).collect();
    Bench { corpus: Arc::new(testing::loaded(CASES)), legs, ..testing::bench(Vec::new()) }
}

/// Which cells each leg asks, by the names of their cases.
fn planned(bench: &Bench) -> Vec<String> {
    let all: Vec<_> = (0..bench.corpus.cases.len()).map(|case| (case, 0)).collect();
    let mut asked = vec![String::new(); bench.legs.len()];
    for Planned { leg, case, .. } in bench.plan(&all) {
        let name = bench.corpus.cases[case].id.rsplit('/').next().unwrap();
        asked[leg].push_str(&format!("{name} "));
    }
    asked
}

#[test]
fn a_run_of_one_leg_asks_everything() {
    let all = "open level one both oplock old store ";
    for dialect in Dialect::ALL {
        assert_eq!(planned(&bench(&[(dialect, None)])), [all]);
    }
    assert_eq!(planned(&bench(&[(Dialect::Smb3_0, Some(2))])), [all]);
}

#[test]
fn a_further_leg_asks_what_its_axes_bear_on() {
    let (new, old) = (Dialect::Smb3_1_1, Dialect::Smb2_1);
    let bench = bench(&[(new, None), (new, Some(2)), (old, None), (old, None)]);
    let asked = planned(&bench);
    assert_eq!(asked[0], "open level one both oplock store ");
    assert_eq!(asked[1], "open level ");
    // A cell of one dialect is asked once.
    assert_eq!(asked[2], "open level one both oplock old ");
    assert_eq!(asked[3], "open level one both oplock ");
}

#[test]
fn a_dialect_that_no_leg_has_is_asked_in_the_first() {
    let bench = bench(&[(Dialect::Smb3_1_1, None), (Dialect::Smb3_0, None)]);
    assert!(planned(&bench)[0].contains("old "));
}

/// The version that goes over the wire: that of the axes only where every lease of the cell leaves it open.
#[rstest]
#[case("open", &[2])]
#[case("level", &[2])]
#[case("one", &[1])]
#[case("both", &[1, 2])]
#[case("oplock", &[])]
fn the_axes_choose_the_version_that_a_case_leaves_open(#[case] name: &str, #[case] sent: &[u8]) {
    let corpus = testing::loaded(CASES);
    let id = CellId(format!("lease/tried/{name}"));
    let cell = corpus.cases.iter().flat_map(|case| &case.cells).find(|cell| cell.id == id).unwrap();
    let mut leg = leg(Dialect::Smb3_1_1, Some(2));
    assert_eq!(leg.facts.axes, "lease_v2");
    let dressed = leg.dressed(cell);
    let versions = |cell: &Cell| {
        let mut cell = cell.clone();
        let of = |want: &mut Want| match want {
            Want::Lease { version, .. } => Some(*version),
            _ => None,
        };
        wants(&mut cell).filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(versions(&dressed), sent);
    let (target, waits) = leg.player(&dressed);
    let mut keys = names::KeySource::for_cell(1, &cell.id, "");
    let played = drive::play(&dressed, target, waits, &mut keys);
    let text = format!("{:?}", played.history);
    let answered = text.matches("version: 2").count();
    assert_eq!(answered, sent.iter().filter(|version| **version == 2).count(), "{text}");
    leg.lease_version = None;
    assert!(matches!(leg.dressed(cell), Cow::Borrowed(_)));
    assert_eq!(cell.layer, Layer::Smb2);
}
