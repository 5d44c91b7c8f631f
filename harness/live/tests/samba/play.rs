//! A shared smbd, and short words for playing a scene on it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libtest_mimic::Failed;
use oplock_live::{Axes, LiveOptions, LiveTarget, ManagedSamba, SambaOptions};
use oplock_model::{
    Actor, ActorSpec, Body, BreakNotice, CallId, CellId, CreateAnswer, CreateOp, Event, FileId,
    FileKind, FileSpec, LeaseKey, LeaseRequest, LeaseState, Op, OplockLevel, Scene, Setup,
    ShareKind, Stamped, Status, Target as _, Tick, Wanted,
};

/// One server for all trials of this process, started by the first that needs it.
#[derive(Clone, Default)]
pub struct Samba(Arc<Shared>);

#[derive(Default)]
struct Shared {
    server: Mutex<Option<ManagedSamba>>,
    targets: Mutex<BTreeMap<Axes, Once>>,
}

/// A target that the first trial connects, or why it could not.
type Once = Arc<OnceLock<Result<Play, String>>>;

/// A target that trials play on.
#[derive(Clone)]
pub struct Play(pub Arc<LiveTarget>);

/// A directory of its own below the temporary one.
pub fn directory(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("oplock-live-{}-{name}", std::process::id()))
}

/// Names the smbd, or the root with one, that all trials take instead of this system's.
pub const SMBD: &str = "OPLOCK_CONFORMANCE_SMBD";

/// How the server of a trial is started.
pub fn options(directory: impl Into<PathBuf>) -> SambaOptions {
    let smbd = std::env::var_os(SMBD).filter(|named| !named.is_empty()).map(PathBuf::from);
    SambaOptions { smbd, ..SambaOptions::in_directory(directory) }
}

impl Samba {
    pub fn play(&self, axes: Axes) -> Result<Play, Failed> {
        let cell = {
            let mut targets = lock(&self.0.targets);
            Arc::clone(targets.entry(axes).or_default())
        };
        cell.get_or_init(|| self.connect(axes)).clone().map_err(Failed::from)
    }

    pub fn stop(&self) {
        lock(&self.0.targets).clear();
        lock(&self.0.server).take();
    }

    fn connect(&self, axes: Axes) -> Result<Play, String> {
        let mut server = lock(&self.0.server);
        if server.is_none() {
            let options = options(directory("shared"));
            *server = Some(ManagedSamba::start(options).map_err(|fault| fault.to_string())?);
        }
        let server = server.as_ref().ok_or("no server")?;
        let Axes { dialect, signing, encryption } = axes;
        let (dialect, signing) = (Some(dialect), Some(signing));
        let options = LiveOptions { dialect, signing, encryption, ..server.options() };
        let target = LiveTarget::connect(server.address(), server.password(), options)
            .map_err(|fault| fault.to_string())?;
        let named = &target.facts().axes;
        if *named != axes.name() {
            return Err(format!("the target calls itself {named}, not {}", axes.name()));
        }
        Ok(Play(Arc::new(target)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The longest that anything on loopback may take.
const WITHIN_MS: u64 = 5_000;

/// A scene with one file `f`, and everything that has been heard and not yet asked for.
pub struct Stage {
    scene: Box<dyn Scene>,
    heard: Vec<Stamped<Event>>,
}

pub const A: Actor = Actor(0);
pub const B: Actor = Actor(1);
pub const C: Actor = Actor(2);

impl Play {
    /// Three actors: A and C are the first client's two connections where `paired`, else three clients.
    pub fn stage(&self, name: &str, paired: bool) -> Result<Stage, Failed> {
        let third = if paired { actor("C", 1, 2) } else { actor("C", 3, 1) };
        self.staged(name, ShareKind::Plain, [actor("A", 1, 1), actor("B", 2, 1), third])
    }

    /// These actors on a share of this kind.
    pub fn staged(
        &self,
        name: &str,
        share: ShareKind,
        actors: [ActorSpec; 3],
    ) -> Result<Stage, Failed> {
        static STAGES: AtomicU64 = AtomicU64::new(1);
        STAGE.set(STAGES.fetch_add(1, Ordering::Relaxed));
        let setup = Setup {
            cell: CellId(format!("live/{name}")),
            files: vec![FileSpec { name: "f".to_owned(), kind: FileKind::File { size: 64 } }],
            actors: actors.into(),
            share,
            ..Setup::default()
        };
        Ok(Stage { scene: self.0.scene(&setup)?, heard: Vec::new() })
    }
}

/// An actor with the usual account and node.
pub fn actor(name: &str, client: u32, connection: u32) -> ActorSpec {
    ActorSpec { name: name.to_owned(), client, connection, account: 1, node: 1 }
}

impl Stage {
    pub fn send(&mut self, from: Actor, op: Op) -> Result<CallId, Failed> {
        self.send_all(from, &[op])?.first().copied().ok_or_else(|| "no call".into())
    }

    pub fn send_all(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, Failed> {
        Ok(self.scene.submit(from, ops)?)
    }

    pub fn now(&self) -> Tick {
        self.scene.now()
    }

    /// Sends and waits for the final answer.
    pub fn ask(&mut self, from: Actor, op: Op) -> Result<(Status, Body), Failed> {
        let call = self.send(from, op)?;
        self.reply(call)
    }

    /// Opens and expects success.
    pub fn open(&mut self, from: Actor, wanted: Wanted) -> Result<CreateAnswer, Failed> {
        created(self.ask(from, create("f", wanted))?)
    }

    pub fn reply(&mut self, call: CallId) -> Result<(Status, Body), Failed> {
        let is_reply =
            |event: &Event| matches!(event, Event::Reply { call: of, .. } if *of == call);
        match self.wait(&format!("the answer to call {}", call.0), is_reply)? {
            Event::Reply { status, body, .. } => Ok((status, body)),
            other => Err(format!("{other:?}").into()),
        }
    }

    pub fn notice(&mut self) -> Result<BreakNotice, Failed> {
        match self.wait("a break", |event| matches!(event, Event::Break(_)))? {
            Event::Break(notice) => Ok(notice),
            other => Err(format!("{other:?}").into()),
        }
    }

    pub fn gone(&mut self) -> Result<(), Failed> {
        self.wait("the loss of a connection", |event| matches!(event, Event::Gone { .. }))
            .map(|_| ())
    }

    /// Everything said so far is heard: an ECHO on every connection.
    pub fn fence(&mut self) -> Result<(), Failed> {
        for actor in [A, B, C] {
            let answer = self.ask(actor, Op::Fence)?;
            same("fence", &answer, &(Status::SUCCESS, Body::Empty))?;
        }
        Ok(())
    }

    /// What was heard and nobody asked for, interims left out.
    pub fn rest(&mut self) -> Vec<Event> {
        let heard = std::mem::take(&mut self.heard);
        let rest = heard.into_iter().map(|event| event.value);
        rest.filter(|event| !matches!(event, Event::Interim { .. })).collect()
    }

    /// Fences, expects silence, ends the scene and expects silence again.
    pub fn end(mut self) -> Result<(), Failed> {
        self.fence()?;
        same("unasked events", &self.rest(), &Vec::new())?;
        same("late events", &self.scene.end()?, &Vec::new())
    }

    /// Ends the scene as it is.
    pub fn drop_curtain(self) -> Result<Vec<Stamped<Event>>, Failed> {
        Ok(self.scene.end()?)
    }

    fn wait(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Result<Event, Failed> {
        let until = self.scene.now().plus_millis(WITHIN_MS);
        let mut next = 0;
        loop {
            if let Some(index) = self.heard.iter().skip(next).position(|event| is_it(&event.value))
            {
                return Ok(self.heard.remove(next + index).value);
            }
            next = self.heard.len();
            match self.scene.next_event(until)? {
                Some(event) => self.heard.push(event),
                None => return Err(format!("{what} did not come; heard {:?}", self.heard).into()),
            }
        }
    }
}

pub fn create(path: &str, wanted: Wanted) -> Op {
    Op::Create(Box::new(CreateOp { path: path.to_owned(), wanted, ..CreateOp::default() }))
}

pub fn oplock(level: OplockLevel) -> Wanted {
    Wanted::Oplock(level)
}

thread_local! {
    /// The stage that this thread plays on, counted over all threads.
    static STAGE: Cell<u64> = const { Cell::new(0) };
}

/// A lease key of this stage alone, as a cell has its own: what an earlier stage had may still be spoken of.
pub fn key(number: u8) -> LeaseKey {
    let [a, b, c, d, e, f, g, h] = STAGE.get().to_le_bytes();
    LeaseKey([a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, number])
}

pub fn lease(version: u8, key: u8, state: LeaseState) -> Wanted {
    Wanted::Lease(LeaseRequest {
        key: self::key(key),
        state,
        flags: 0,
        version,
        epoch: 7,
        parent: None,
    })
}

pub fn created((status, body): (Status, Body)) -> Result<CreateAnswer, Failed> {
    match (status, body) {
        (Status::SUCCESS, Body::Create(answer)) => Ok(answer),
        (status, body) => Err(format!("the create was answered {status} {body:?}").into()),
    }
}

pub fn close(file: FileId) -> Op {
    Op::Close { file }
}

pub fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    seen: &T,
    wanted: &T,
) -> Result<(), Failed> {
    if seen == wanted {
        Ok(())
    } else {
        Err(format!("{what}: saw {seen:?}, expected {wanted:?}").into())
    }
}
