//! A plan in words, as `explain` prints it.

use oplock_model::{
    Access, AckForm, CreateOptions, Disposition, FileKind, Level, Share, StoreRequest,
};

use crate::plan::{
    AckWhat, Action, Answer, BreakTarget, Call, Cell, Epoch, Expect, Operation, Sees, Wait, Want,
    Who,
};
use crate::words;

/// A file of a cell.
pub(crate) fn file_kind(kind: FileKind) -> String {
    match kind {
        FileKind::File { size } => format!("a file of {}", bytes(size)),
        FileKind::Directory => "a directory".into(),
        FileKind::Absent => "not there yet".into(),
    }
}

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

fn call(cell: &Cell, call: &Call) -> String {
    let who = actor(cell, call.actor);
    let does = match &call.operation {
        Operation::Open(open) => {
            let mut text = format!(
                "opens {} as {}: access {}, share {}, {}",
                open.file,
                open.handle,
                access(open.access),
                share(open.share),
                disposition(open.disposition),
            );
            text += &options(open.options);
            text += &want(&open.want);
            for (what, key) in [("key", &open.key), ("parent key", &open.parent_key)] {
                if let Some(key) = key {
                    text += &format!(", {what} {key}");
                }
            }
            text
        }
        Operation::Close { handle } => format!("closes {handle}"),
        Operation::Read { handle, offset, length } => {
            format!("reads {} of {handle} at {offset}", bytes(u64::from(*length)))
        }
        Operation::Write { handle, offset, length } => {
            format!("writes {} of {handle} at {offset}", bytes(u64::from(*length)))
        }
        Operation::QueryBasic { handle } => format!("queries basic information of {handle}"),
        Operation::Request { handle, request } => {
            format!("requests {} on {handle}", store_request(*request))
        }
        Operation::Ack(ack) => {
            let (what, value) = match &ack.what {
                AckWhat::Oplock { handle, level } => (handle, format!("to {level}")),
                AckWhat::Lease { key, state } => (key, format!("to {state}")),
                AckWhat::Store { handle, form } => (handle, ack_form(*form)),
            };
            let unasked = if ack.of_break { "" } else { ", whether it breaks or not" };
            format!("acks {what} {value}{unasked}")
        }
    };
    format!("{who} {does}")
}

fn ack_form(form: AckForm) -> String {
    match form {
        AckForm::Acknowledge => "as told".into(),
        AckForm::NoLevelTwo => "to none (no_2)".into(),
        AckForm::ClosePending => "by a close to come (close_pending)".into(),
        AckForm::Granular(state) => format!("to {state}"),
        AckForm::GranularOnClose(state) => format!("to {state} when it closes"),
    }
}

fn want(want: &Want) -> String {
    match want {
        Want::Nothing => String::new(),
        Want::Oplock(level) => format!(", wants {level}"),
        Want::Request(request) => format!(", requests {}", store_request(*request)),
        Want::Lease { key, state, version, epoch, flags, parent } => {
            let mut text = format!(", wants the lease {key} {state}, version {version}");
            if *version == 2 {
                text += &format!(", epoch {epoch:#x}");
            }
            if *flags != 0 {
                text += &format!(", flags {flags:#x}");
            }
            if let Some(parent) = parent {
                text += &format!(", parent key {parent}");
            }
            text
        }
    }
}

fn store_request(request: StoreRequest) -> String {
    match request {
        StoreRequest::LevelOne => "exclusive".into(),
        StoreRequest::LevelTwo => "ii".into(),
        StoreRequest::Batch => "batch".into(),
        StoreRequest::Filter => "filter".into(),
        StoreRequest::Granular(state) => state.to_string(),
        StoreRequest::Raw(raw) => format!("control {:#x}", raw.code),
    }
}

fn access(access: Access) -> String {
    if let Some((word, _)) = words::ACCESS_WORDS.iter().find(|(_, known)| *known == access) {
        return (*word).to_owned();
    }
    let bits = Access::BITS.iter().filter(|(_, bit)| bit.is_subset_of(access));
    bits.map(|(word, _)| *word).collect::<Vec<_>>().join("+")
}

fn share(share: Share) -> String {
    let letters = [(Share::READ, 'r'), (Share::WRITE, 'w'), (Share::DELETE, 'd')];
    let word: String =
        letters.iter().filter(|(bit, _)| share.contains(*bit)).map(|(_, letter)| *letter).collect();
    if word.is_empty() { "none".into() } else { word }
}

fn disposition(disposition: Disposition) -> &'static str {
    let found = Disposition::WORDS.iter().find(|(_, known)| *known == disposition);
    found.map_or("", |(word, _)| word)
}

fn options(options: CreateOptions) -> String {
    let set = CreateOptions::WORDS.iter().filter(|(_, bit)| options.contains(*bit));
    set.map(|(word, _)| format!(", {word}")).collect()
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
    say("could have", answer.to.map(|level| level.to_string()));
    say("acknowledgement needed", answer.ack.map(yes));
    say("information", answer.information.map(|value| value.to_string()));
    text
}
