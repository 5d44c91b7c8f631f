//! Every rule of the store fires somewhere: in a sweep over states and operations, or in random walks.

use oplock_model::{
    Access, AckForm, CreateOptions, LeaseState, Level, RULES, RuleSet, Share, StoreRequest,
};

use super::bench::{Bench, K1, K2, K3, accepting, asking, plain, sharing, wanting};
use super::calls::{DELETE, opening};
use super::walk::walk;
use crate::choices::Choices;
use crate::store::check::{Check, Operation, Scope};
use crate::store::keys::Caller;
use crate::store::{CreateArgs, OpenId};

/// Every operation that checks.
const OPERATIONS: [Operation; 19] = [
    Operation::Open,
    Operation::Overwrite,
    Operation::OpenBreakHandle,
    Operation::Read,
    Operation::Flush,
    Operation::Write,
    Operation::Lock,
    Operation::EndOfFile,
    Operation::Allocation,
    Operation::ValidDataLength,
    Operation::ZeroData,
    Operation::Rename,
    Operation::Link,
    Operation::ShortName,
    Operation::Disposition,
    Operation::Security,
    Operation::DeleteOnClose,
    Operation::WritableSection,
    Operation::Parent,
];

/// The accesses that opens are told apart by.
const ACCESSES: [Access; 3] = [Access::FULL, Access::READ_CONTROL, Access::ATTRIBUTES];

/// What may be held, with what has begun to break it.
fn states() -> Vec<(Vec<Level>, Vec<Operation>)> {
    let mut states = vec![(Vec::new(), Vec::new())];
    let breaking: [&[Operation]; 5] = [
        &[],
        &[Operation::Read],
        &[Operation::Disposition],
        &[Operation::Write],
        &[Operation::Read, Operation::Disposition],
    ];
    for level in Level::ALL.into_iter().filter(|level| *level != Level::None) {
        states.extend(breaking.map(|before| (vec![level], before.to_vec())));
    }
    for pair in [[Level::Ii, Level::R], [Level::R, Level::Rh], [Level::Rh, Level::Rh]] {
        states.extend(breaking.map(|before| (pair.to_vec(), before.to_vec())));
    }
    states
}

/// A bench in such a state, and the first holder. The holders have the keys K1 and K2, and K3 has begun to break them.
fn standing(readings: &[(&str, &str)], held: &[Level], before: &[Operation]) -> (Bench, OpenId) {
    let mut bench = Bench::reading(readings);
    let mut holders = Vec::new();
    for (level, key) in held.iter().zip([K1, K2]) {
        holders.push(bench.hold(plain(key), *level));
    }
    let early = bench.open(wanting(K3, Access::ATTRIBUTES));
    for operation in before {
        check(&mut bench, early, *operation, Access::FULL);
    }
    bench.skip();
    let first = holders.first().copied().unwrap_or(early);
    (bench, first)
}

fn check(bench: &mut Bench, by: OpenId, operation: Operation, access: Access) {
    let stream = bench.store.stream_of(by).expect("a stream");
    let caller = bench.store.caller(by).expect("an open");
    let check = Check { access, ..Check::of(operation) };
    bench.store.check_stream(stream, &caller, &check, Scope::Everything);
}

/// Every operation in every state, by the holder, under its key, by a stranger.
fn checks(readings: &[(&str, &str)], fired: &mut RuleSet) {
    for (held, before) in states() {
        for operation in OPERATIONS {
            let opens = matches!(operation, Operation::Open | Operation::Overwrite);
            for access in ACCESSES.into_iter().take(if opens { ACCESSES.len() } else { 1 }) {
                for key in [None, K1, K2] {
                    let (mut bench, holder) = standing(readings, &held, &before);
                    let by = match key {
                        None => holder,
                        key => bench.open(wanting(key, Access::ATTRIBUTES)),
                    };
                    check(&mut bench, by, operation, access);
                    bench.skip();
                    fired.union(&bench.store.fired());
                }
            }
        }
    }
}

/// Every request in every state, on the holding handle, under its key, by a stranger.
fn requests(readings: &[(&str, &str)], fired: &mut RuleSet) {
    let illegal = StoreRequest::Granular(LeaseState::W);
    for (held, before) in states() {
        for request in Level::ALL.map(asking).into_iter().chain([illegal]) {
            for key in [None, K1, K2] {
                let (mut bench, holder) = standing(readings, &held, &before);
                let by = match key {
                    None => holder,
                    key => bench.open(wanting(key, Access::ATTRIBUTES)),
                };
                bench.request("asked", by, request);
                bench.skip();
                fired.union(&bench.store.fired());
            }
        }
    }
}

/// Every acknowledgement in every state, with somebody waiting and without, on the holding handle and on another.
fn acknowledgements(readings: &[(&str, &str)], fired: &mut RuleSet) {
    let granular = (0..8).map(|bits| AckForm::Granular(LeaseState(bits)));
    let forms = [AckForm::Acknowledge, AckForm::NoLevelTwo, AckForm::ClosePending];
    let on_close = AckForm::GranularOnClose(LeaseState::R);
    let forms: Vec<AckForm> = granular.chain(forms).chain([on_close]).collect();
    for (held, before) in states() {
        for form in &forms {
            for waits in [false, true] {
                let (mut bench, holder) = standing(readings, &held, &before);
                if waits {
                    bench.create("waiter", super::bench::sharing(K3, oplock_model::Share::NONE));
                }
                let other = bench.open(wanting(K1, Access::ATTRIBUTES));
                bench.ack("elsewhere", other, *form);
                bench.ack("ack", holder, *form);
                bench.ack("again", holder, *form);
                bench.close("close", holder);
                bench.skip();
                fired.union(&bench.store.fired());
            }
        }
    }
}

/// What takes more steps than a sweep makes, and luck that no walk has.
fn scripts(fired: &mut RuleSet) {
    for (level, form) in [(Level::Rwh, accepting(Level::Rh)), (Level::Rh, accepting(Level::Rh))] {
        let mut bench = Bench::new();
        let holder = bench.hold(plain(K1), level);
        if level == Level::Rwh {
            bench.create("waiter", plain(K2));
        } else {
            let writer = bench.open(plain(K2));
            bench.write("write", writer);
        }
        bench.set("delete", holder, DELETE);
        bench.ack("ack", holder, form);
        bench.skip();
        fired.union(&bench.store.fired());
    }

    let mut bench = Bench::new();
    bench.hold(CreateArgs { path: "d".to_owned(), ..sharing(K1, Share::NONE) }, Level::Rh);
    let file = bench.open(plain(K2));
    bench.rename("rename", file, "d/g");
    assert_eq!(bench.said(), "holder: RH -> R ack modes 0x2/7; rename: waits");
    fired.union(&bench.store.fired());

    let mut bench = Bench::new();
    bench.hold(plain(K1), Level::Rh);
    let second = bench.hold(plain(K2), Level::Rh);
    bench.set("delete", second, DELETE);
    let stranger = Caller { open: None, key: K3, parent_key: None };
    let stream = bench.store.stream_of(second).expect("a stream");
    let by_name = Check::of(Operation::Rename);
    bench.store.check_stream(stream, &stranger, &by_name, Scope::Everything);
    fired.union(&bench.store.fired());

    let mut bench = Bench::new();
    let options = CreateOptions::RESERVE_OPFILTER;
    bench.open(CreateArgs { options, ..wanting(K1, Access::READ_ATTRIBUTES) });
    let other = bench.open(wanting(K2, Access::READ_DATA));
    bench.request("asked", other, asking(Level::R));
    let renamed = bench.open(wanting(K1, Access::DELETE));
    bench.replace("onto a directory", renamed, "d");
    fired.union(&bench.store.fired());

    let mut bench = Bench::new();
    bench.file("d/g", 8);
    let below = bench.hold(opening("d/g", K1), Level::Rh);
    let directory = bench.open(opening("d", K2));
    bench.rename("rename", directory, "moved");
    // Kept, not closed: there are not fewer.
    bench.ack("ack", below, accepting(Level::Rh));
    bench.skip();
    fired.union(&bench.store.fired());
}

#[test]
fn every_rule_of_the_store_fires() {
    let mut fired = RuleSet::default();
    let readings: Vec<(&str, &str)> =
        Choices::NAMES.iter().filter_map(|(name, words)| Some((*name, *words.get(1)?))).collect();
    for readings in [&[][..], &readings[..]] {
        checks(readings, &mut fired);
        requests(readings, &mut fired);
        acknowledgements(readings, &mut fired);
    }
    scripts(&mut fired);
    for seed in 0..300 {
        fired.union(&walk(seed, 80));
    }
    let missing: Vec<&str> = RULES
        .iter()
        .filter(|rule| rule.name.starts_with("fsa.") && !fired.contains(rule.id))
        .map(|rule| rule.name)
        .collect();
    assert!(missing.is_empty(), "never fired: {missing:?}");
}
