//! A whole cell through the target, as the runner plays it: set up, three requests, the end.

use divan::Bencher;
use divan::counter::ItemsCount;
use oplock_engine::{Choices, Reference};
use oplock_model::{
    Actor, ActorSpec, CellId, CreateOp, FileKind, FileSpec, Layer, LeaseKey, LeaseRequest,
    LeaseState, Op, Scene, Setup, Target, Wanted,
};

/// A cell of the kind that most of the corpus is: a lease, a visitor that breaks it, the acknowledgement.
#[divan::bench]
fn cell(bencher: Bencher) {
    let reference = Reference::new(Choices::default());
    let setup = setup();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let mut scene = reference.scene(&setup).expect("the setup is sound");
        say(scene.as_mut(), Actor(0), create(1, LeaseState::RWH));
        say(scene.as_mut(), Actor(1), create(2, LeaseState::RH));
        let key = LeaseKey([1; 16]);
        say(scene.as_mut(), Actor(0), Op::LeaseAck { key, state: LeaseState::RH });
        scene.end().expect("no fault")
    });
}

fn say(scene: &mut dyn Scene, from: Actor, op: Op) {
    scene.submit(from, &[op]).expect("sent");
    let now = scene.now();
    while let Some(event) = scene.next_event(now).expect("no fault") {
        divan::black_box(event);
    }
}

fn create(key: u8, state: LeaseState) -> Op {
    let key = LeaseKey([key; 16]);
    let lease = LeaseRequest { key, state, flags: 0, version: 2, epoch: 0, parent: None };
    let wanted = Wanted::Lease(lease);
    Op::Create(Box::new(CreateOp { path: "f".to_owned(), wanted, ..CreateOp::default() }))
}

fn setup() -> Setup {
    let actor = |name: &str, client| ActorSpec {
        name: name.to_owned(),
        client,
        connection: 1,
        account: 1,
        node: 1,
    };
    Setup {
        cell: CellId("oplock/bench".to_owned()),
        layer: Layer::Smb2,
        files: vec![FileSpec { name: "f".to_owned(), kind: FileKind::File { size: 4096 } }],
        actors: vec![actor("A", 1), actor("B", 2)],
        ..Setup::default()
    }
}
