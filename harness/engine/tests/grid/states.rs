//! A way into every state of the grid at the store.

use oplock_engine::store::OpenId;
use oplock_model::{Access, AckForm, CreateOptions, Disposition, LeaseState, Level, Share};

use super::play::{
    DATA, DIRECTORY, FILE, K1, K2, K3, Mode, NAMES, Play, accepting, disposing, sharing, wanting,
    with,
};

/// A state by the name of the grid, and how one comes there.
type Way = (&'static str, fn(&mut Play));

/// Ways to what a file can be in.
const OF_FILES: &[Way] = &[
    ("none", |play| {
        play.open(&play.plain(K1));
    }),
    ("none, nothing shared", |play| {
        play.open(&alone(play));
    }),
    ("ii", |play| hold(play, Level::Ii)),
    ("exclusive", |play| hold(play, Level::Exclusive)),
    ("batch", |play| hold(play, Level::Batch)),
    ("filter", |play| hold(play, Level::Filter)),
    ("filter of one who reads", |play| {
        let reader = sharing(wanting(play.plain(K1), Access::READ_DATA), Share::READ);
        play.hold(&reader, Level::Filter);
    }),
    ("RW", |play| hold(play, Level::Rw)),
    ("RWH", |play| hold(play, Level::Rwh)),
    ("ii, nothing shared", |play| hold_alone(play, Level::Ii)),
    ("exclusive, nothing shared", |play| hold_alone(play, Level::Exclusive)),
    ("batch, nothing shared", |play| hold_alone(play, Level::Batch)),
    ("filter, nothing shared", |play| hold_alone(play, Level::Filter)),
    ("RW, nothing shared", |play| hold_alone(play, Level::Rw)),
    ("RWH, nothing shared", |play| hold_alone(play, Level::Rwh)),
    ("RW beside a visitor", |play| hold_beside_visitor(play, Level::Rw)),
    ("RWH beside a visitor", |play| hold_beside_visitor(play, Level::Rwh)),
    ("ii+R", |play| {
        hold(play, Level::Ii);
        play.hold(&play.plain(K2), Level::R);
    }),
    ("ii+R, deleting not shared", |play| {
        play.hold(&play.holder(K1), Level::Ii);
        play.hold(&play.holder(K2), Level::R);
    }),
    ("exclusive>ii", |play| broken(play, Level::Exclusive, &[Visit::Plain])),
    ("exclusive>none", |play| broken(play, Level::Exclusive, &[Visit::Overwriting])),
    ("exclusive>ii>none", |play| {
        broken(play, Level::Exclusive, &[Visit::Plain, Visit::Overwriting]);
    }),
    ("batch>ii", |play| broken(play, Level::Batch, &[Visit::Plain])),
    ("batch>none", |play| broken(play, Level::Batch, &[Visit::Overwriting])),
    ("batch>ii>none", |play| broken(play, Level::Batch, &[Visit::Plain, Visit::Overwriting])),
    ("batch>close", |play| {
        broken(play, Level::Batch, &[Visit::Plain]);
        promise(play, AckForm::ClosePending);
    }),
    ("filter>none", |play| broken(play, Level::Filter, &[Visit::Unsharing])),
    ("filter>close", |play| {
        broken(play, Level::Filter, &[Visit::Unsharing]);
        promise(play, AckForm::ClosePending);
    }),
    ("RW>R", |play| broken(play, Level::Rw, &[Visit::Plain])),
    ("RW>none", |play| broken(play, Level::Rw, &[Visit::Overwriting])),
    ("RW>R>none", |play| broken(play, Level::Rw, &[Visit::Plain, Visit::Overwriting])),
    ("RWH>RH", |play| broken(play, Level::Rwh, &[Visit::Plain])),
    ("RWH>RW", |play| broken(play, Level::Rwh, &[Visit::Barred])),
    ("RWH>RW beside a visitor", |play| {
        let holder = play.hold(&play.holder(K1), Level::Rwh);
        let visitor = match play.mode {
            Mode::Data => DATA,
            Mode::Names | Mode::Deleting => NAMES,
        };
        let visitor = wanting(with(play.plain(K2), play.holder(K2).options), visitor);
        play.open(&with(visitor, CreateOptions::COMPLETE_IF_OPLOCKED));
        play.ack(holder, accepting(Level::Rwh));
        visit(play, Visit::Barred);
    }),
    ("RWH>none", |play| broken(play, Level::Rwh, &[Visit::Overwriting])),
    ("RWH>..>R", |play| broken(play, Level::Rwh, &[Visit::Plain, Visit::Barred])),
    ("RWH>..>none", |play| broken(play, Level::Rwh, &[Visit::Plain, Visit::Overwriting])),
    ("RWH>close", |play| {
        broken(play, Level::Rwh, &[Visit::Plain]);
        promise(play, AckForm::GranularOnClose(LeaseState::RH));
    }),
    ("filter reserved", |play| {
        let args = wanting(play.plain(K1), Access::READ_ATTRIBUTES);
        play.open(&with(args, CreateOptions::RESERVE_OPFILTER));
    }),
];

/// Ways to what a file and a directory can be in.
const OF_BOTH: &[Way] = &[
    ("R", |play| hold(play, Level::R)),
    ("RH", |play| hold(play, Level::Rh)),
    ("R, deleting not shared", |play| {
        play.hold(&play.holder(K1), Level::R);
    }),
    ("RH, deleting not shared", |play| {
        play.hold(&play.holder(K1), Level::Rh);
    }),
    ("RH of two", |play| {
        play.hold(&play.holder(K1), Level::Rh);
        play.hold(&play.holder(K2), Level::Rh);
    }),
    ("R+RH", |play| {
        hold(play, Level::R);
        play.hold(&play.plain(K2), Level::Rh);
    }),
    ("R+RH, deleting not shared", |play| {
        play.hold(&play.holder(K1), Level::R);
        play.hold(&play.holder(K2), Level::Rh);
    }),
    ("RH>R", |play| handle_broken(play)),
    ("RH>R of two", |play| {
        play.hold(&play.holder(K2), Level::Rh);
        handle_broken(play);
    }),
    ("RH+RH>", |play| {
        play.hold(&play.holder(K1), Level::Rh);
        play.hold(&play.holder(K2), Level::Rh);
        take_read(play, 1);
    }),
    ("RH>R,RH>none", |play| {
        play.hold(&play.holder(K1), Level::Rh);
        play.hold(&play.holder(K2), Level::Rh);
        take_read(play, 0);
        visit(play, Visit::Barred);
    }),
    ("RH>none", |play| {
        play.hold(&play.holder(K1), Level::Rh);
        take_read(play, 1);
    }),
    ("R+RH>", |play| {
        play.hold(&play.holder(K2), Level::R);
        handle_broken(play);
    }),
    ("RH>close", |play| {
        handle_broken(play);
        promise(play, AckForm::GranularOnClose(LeaseState::R));
    }),
    ("reserved", |play| {
        play.open(&with(play.plain(K1), CreateOptions::OPEN_REQUIRING_OPLOCK));
    }),
    ("reserved, deleting not shared", |play| {
        play.open(&with(play.holder(K1), CreateOptions::OPEN_REQUIRING_OPLOCK));
    }),
    ("reserved beside RH", |play| {
        play.hold(&play.holder(K2), Level::Rh);
        play.open(&with(play.holder(K1), CreateOptions::OPEN_REQUIRING_OPLOCK));
    }),
];

/// Every state, under the readings that let more into it than the default.
pub fn all() -> Vec<(&'static str, Play)> {
    let file = OF_FILES.iter().chain(OF_BOTH).map(|way| (FILE, way));
    let directory = OF_BOTH.iter().map(|way| (DIRECTORY, way));
    let none = OF_FILES.iter().take(1).map(|way| (DIRECTORY, way));
    let readings: [&[(&str, &str)]; 2] =
        [&[], &[("ack_above_offer", "granted"), ("filter_open", "read_or_shared")]];
    let mut states = Vec::new();
    for (subject, (name, way)) in file.chain(directory).chain(none) {
        for mode in [Mode::Data, Mode::Names, Mode::Deleting] {
            for readings in readings.iter().take(if is_read_otherwise(name) { 2 } else { 1 }) {
                let mut play = Play::new(subject, mode, readings);
                way(&mut play);
                states.push((*name, play));
            }
        }
    }
    states
}

/// Whether the other readings let more come here.
fn is_read_otherwise(name: &str) -> bool {
    name.contains("filter") || name.contains("visitor")
}

#[derive(Clone, Copy)]
enum Visit {
    Plain,
    Overwriting,
    Barred,
    Unsharing,
}

fn hold(play: &mut Play, level: Level) {
    let options = play.holder(K1).options;
    play.hold(&with(play.plain(K1), options), level);
}

fn hold_alone(play: &mut Play, level: Level) {
    play.hold(&alone(play), level);
}

fn alone(play: &Play) -> oplock_engine::store::CreateArgs {
    sharing(play.plain(K1), Share::NONE)
}

/// With the reading that an acknowledgement may keep what breaks, a stranger's handle stays beside the level.
fn hold_beside_visitor(play: &mut Play, level: Level) {
    let holder = play.hold(&play.plain(K1), level);
    let visitor = with(play.plain(K2), play.holder(K2).options);
    play.open(&with(visitor, CreateOptions::COMPLETE_IF_OPLOCKED));
    play.ack(holder, accepting(level));
}

/// Holds with data access and without sharing deletion, and lets visitors come.
fn broken(play: &mut Play, level: Level, visits: &[Visit]) {
    play.hold(&play.holder(K1), level);
    for kind in visits {
        visit(play, *kind);
    }
}

/// RH, which an open that violates sharing takes the handle from.
fn handle_broken(play: &mut Play) {
    play.hold(&play.holder(K1), Level::Rh);
    visit(play, Visit::Barred);
}

fn visit(play: &mut Play, kind: Visit) {
    let (allowed, barred) = match play.mode {
        Mode::Data => (DATA, Access::DELETE),
        Mode::Names | Mode::Deleting => (Access::WRITE_DATA, Access::READ_DATA),
    };
    let args = wanting(play.plain(K3), allowed);
    play.create(&match kind {
        Visit::Plain => args,
        Visit::Overwriting => disposing(args, Disposition::OverwriteIf),
        Visit::Barred => wanting(args, barred),
        Visit::Unsharing => sharing(wanting(args, Access::WRITE_DATA), Share::NONE),
    });
}

/// Takes read caching from everybody but that holder: by a write of its own, or by its change of a child.
fn take_read(play: &mut Play, spared: usize) {
    if play.subject == FILE {
        let writer = match play.opens.get(spared) {
            Some(open) => *open,
            None => play.open(&wanting(play.plain(K3), Access::WRITE_DATA)),
        };
        return play.write(writer);
    }
    let parent_key = match spared {
        0 => K1,
        _ if play.opens.len() > 1 => K2,
        _ => K3,
    };
    let mut child = play.plain(None);
    child.path = "p/d/c".to_owned();
    child.parent_key = parent_key;
    child.disposition = Disposition::OverwriteIf;
    play.open(&child);
}

fn promise(play: &mut Play, form: AckForm) {
    let holder: Option<OpenId> =
        play.opens.iter().copied().find(|open| play.store.breaking(*open).is_some());
    let holder = holder.expect("a breaking holder");
    play.ack(holder, form);
}
