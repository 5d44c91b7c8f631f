//! A plan in words, as `explain` prints it.

mod calls;

use oplock_model::{FileKind, Level, ShareKind};

use self::calls::{access, call, share};
use crate::plan::{Action, Answer, BreakTarget, Cell, Epoch, Expect, ParentKey, Sees, Wait, Who};
use crate::words;

/// A file of a cell.
pub(crate) fn file_kind(kind: FileKind) -> String {
    match kind {
        FileKind::File { size } => format!("a file of {}", bytes(size)),
        FileKind::Directory => "a directory".into(),
        FileKind::Absent => "not there yet".into(),
    }
}

/// Where a cell is played, as far as that is not the same for every cell.
pub(crate) fn place(cell: &Cell) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(dialect) = cell.dialect {
        lines.push(format!("the dialect is {}", dialect.word()));
    }
    let share = words::SHARES.iter().find(|(_, kind)| *kind == cell.share);
    if let Some((word, _)) = share.filter(|(_, kind)| *kind != ShareKind::Plain) {
        lines.push(format!("the share is {}", word.replace('_', " ")));
    }
    for actor in cell.actors.iter().filter(|actor| (actor.account, actor.node) != (1, 1)) {
        let (name, account, node) = (&actor.name, actor.account, actor.node);
        lines.push(format!("{name} has the account {account} and speaks to the node {node}"));
    }
    lines
}

/// A number of bytes.
fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".into() } else { format!("{count} bytes") }
}

/// What a step does, one line a call.
pub(crate) fn action(cell: &Cell, action: &Action) -> Vec<String> {
    match action {
        Action::Calls(calls) => calls.iter().map(|one| call(cell, one)).collect(),
        Action::TimePasses(wait) => vec![format!("time passes: {}", wait_word(*wait))],
    }
}

fn wait_word(wait: Wait) -> &'static str {
    words::WAITS.iter().find(|(_, known)| *known == wait).map_or("", |(word, _)| word)
}

fn actor(cell: &Cell, index: usize) -> &str {
    cell.actors.get(index).map_or("?", |actor| actor.name.as_str())
}

/// What is expected, one line each; what belongs together is indented.
pub(crate) fn expectation(cell: &Cell, expect: &Expect, lines: &mut Vec<String>) {
    match expect {
        Expect::Sees(sees) => lines.push(sees_line(cell, sees)),
        Expect::Gets(gets) => {
            let who = actor(cell, gets.actor);
            lines.push(format!("{who} gets {}: {}", gets.label, answer(&gets.answer)));
        }
        Expect::Waits(waits) => {
            lines.push(format!("{} waits for {}", actor(cell, waits.actor), waits.label));
        }
        Expect::NobodySees { target, .. } => lines.push(match target {
            Some(target) => format!("nobody sees {} break", target_text(target)),
            None => "nobody sees a break".into(),
        }),
        Expect::InAnyOrder { all, .. } => {
            lines.push("in any order:".into());
            all.iter().for_each(|expect| indented(cell, expect, lines));
        }
        Expect::OneOf { branches, .. } => {
            lines.push("one of:".into());
            for branch in branches {
                lines.push(format!("  because {}:", branch.because));
                let mut inner = Vec::new();
                branch.expect.iter().for_each(|expect| indented(cell, expect, &mut inner));
                lines.extend(inner.into_iter().map(|line| format!("  {line}")));
            }
        }
    }
}

fn indented(cell: &Cell, expect: &Expect, lines: &mut Vec<String>) {
    let mut inner = Vec::new();
    expectation(cell, expect, &mut inner);
    lines.extend(inner.into_iter().map(|line| format!("  {line}")));
}

fn sees_line(cell: &Cell, sees: &Sees) -> String {
    let who = match sees.who {
        Who::Actor(index) => actor(cell, index).to_owned(),
        Who::Client(client) => format!("client {client}"),
    };
    let from = sees.from.map(|from| format!(" from {from}")).unwrap_or_default();
    let mut text = format!("{who} sees {} break{from} to {}", target_text(&sees.target), sees.to);
    text += match sees.ack {
        Some(true) => ", acknowledgement needed",
        Some(false) => ", no acknowledgement",
        None => "",
    };
    if let Some(value) = sees.epoch {
        text += &format!(", epoch {}", epoch(value));
    }
    if let Some(modes) = sees.modes {
        text += &format!(", for access {} and share {}", access(modes.access), share(modes.share));
    }
    if let Some(status) = sees.status {
        text += &format!(", status {status}");
    }
    if let Some(value) = sees.information {
        text += &format!(", information {value}");
    }
    text
}

fn target_text(target: &BreakTarget) -> String {
    match target {
        BreakTarget::Handle(handle) => format!("the oplock of {handle}"),
        BreakTarget::Key(key) => format!("the lease {key}"),
    }
}

fn epoch(epoch: Epoch) -> String {
    match epoch {
        Epoch::Sent(n) => format!("sent+{n}"),
        Epoch::Last(n) => format!("last+{n}"),
        Epoch::Same => "same".into(),
        Epoch::Exact(n) => format!("{n:#x}"),
    }
}

fn answer(answer: &Answer) -> String {
    let mut text = answer.status.to_string();
    let mut say = |what: &str, value: Option<String>| {
        if let Some(value) = value {
            text += &format!(", {what} {value}");
        }
    };
    let yes = |value: bool| if value { "yes" } else { "no" }.to_owned();
    say("granted", answer.granted.map(|level: Level| level.to_string()));
    say("level", answer.level.map(|level| level.to_string()));
    say("state", answer.state.map(|state| state.to_string()));
    say("epoch", answer.epoch.map(epoch));
    say("breaking", answer.breaking.map(yes));
    say("version", answer.version.map(|version| version.to_string()));
    say(
        "parent key",
        answer.parent_key.as_ref().map(|parent| match parent {
            ParentKey::None => "none".to_owned(),
            ParentKey::Named(name) => name.clone(),
        }),
    );
    let granted = |granted| words::GRANTED.iter().find(|(_, known)| *known == granted);
    let durable = answer.durable.and_then(granted).map(|(word, _)| (*word).to_owned());
    say("durable", durable);
    say("kept for", answer.timeout.map(|value| format!("{value} ms")));
    say("could have", answer.to.map(|level| level.to_string()));
    say("acknowledgement needed", answer.ack.map(yes));
    say("writable section", answer.writable_section.map(yes));
    say("information", answer.information.map(|value| value.to_string()));
    text
}
