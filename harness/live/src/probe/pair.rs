//! Two clients in a scene of their own: one holds, one opens and breaks.

use oplock_model::{
    Actor, ActorSpec, Body, BreakNotice, CallId, CellId, CreateAnswer, CreateOp, Event, FileId,
    FileKind, FileSpec, Op, Scene, Setup, Stamped, Target, TargetFault, Tick, Wanted,
};

/// Who holds, and who breaks.
pub(super) const HOLDER: Actor = Actor(0);
pub(super) const OPENER: Actor = Actor(1);

/// A holder and an opener with one file.
pub(super) struct Pair {
    scene: Box<dyn Scene>,
}

impl Pair {
    /// In a folder of that name.
    pub(super) fn meet(target: &dyn Target, name: String) -> Result<Pair, TargetFault> {
        let actor = |name: &str, client| ActorSpec {
            name: name.to_owned(),
            client,
            connection: 1,
            account: 1,
            node: 1,
        };
        let setup = Setup {
            cell: CellId(name),
            files: vec![FileSpec { name: "f".to_owned(), kind: FileKind::File { size: 64 } }],
            actors: vec![actor("holder", 1), actor("opener", 2)],
            ..Setup::default()
        };
        Ok(Pair { scene: target.scene(&setup)? })
    }

    pub(super) fn now(&self) -> Tick {
        self.scene.now()
    }

    /// Opens the file, or asks for it.
    pub(super) fn create(&mut self, from: Actor, wanted: Wanted) -> Result<CallId, TargetFault> {
        let create = CreateOp { path: "f".to_owned(), wanted, ..CreateOp::default() };
        self.send(from, Op::Create(Box::new(create)))
    }

    pub(super) fn send(&mut self, from: Actor, op: Op) -> Result<CallId, TargetFault> {
        let calls = self.scene.submit(from, &[op])?;
        calls.first().copied().ok_or_else(|| TargetFault::Internal("no call".to_owned()))
    }

    /// Whether a close was answered.
    pub(super) fn close(
        &mut self,
        from: Actor,
        file: FileId,
        within_ms: u64,
    ) -> Result<bool, TargetFault> {
        let call = self.send(from, Op::Close { file })?;
        Ok(self.until(within_ms, |event| is_reply(event, call))?.is_some())
    }

    /// The first such event, whatever comes before it; nothing where it does not come in time.
    ///
    /// # Errors
    /// [`TargetFault::Lost`] where a connection is lost meanwhile.
    pub(super) fn until(
        &mut self,
        within_ms: u64,
        is_it: impl Fn(&Event) -> bool,
    ) -> Result<Option<Stamped<Event>>, TargetFault> {
        let until = self.scene.now().plus_millis(within_ms);
        while let Some(event) = self.scene.next_event(until)? {
            if is_it(&event.value) {
                return Ok(Some(event));
            }
            if matches!(event.value, Event::Gone { .. }) {
                return Err(TargetFault::Lost("the server ended it".to_owned()));
            }
        }
        Ok(None)
    }

    /// Gives everything back.
    pub(super) fn part(self) -> Result<(), TargetFault> {
        self.scene.end().map(|_| ())
    }
}

pub(super) fn is_reply(event: &Event, call: CallId) -> bool {
    matches!(event, Event::Reply { call: of, .. } if *of == call)
}

/// Whether somebody is told of a break.
pub(super) fn is_break(event: &Event) -> bool {
    matches!(event, Event::Break(BreakNotice::Oplock { .. } | BreakNotice::Lease { .. }))
}

pub(super) fn opened(event: &Event) -> Option<&CreateAnswer> {
    match event {
        Event::Reply { body: Body::Create(create), .. } => Some(create),
        _ => None,
    }
}
