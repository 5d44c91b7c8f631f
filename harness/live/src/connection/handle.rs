//! The handle to a connection: cheap to clone, and the last one closes it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use oplock_model::{CallId, Status, TargetFault};
use oplock_wire::{Request, Response};
use rustix::net::sockopt;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::outlet::Outlet;
use super::reader;
use super::state::{Answer, Held, State, Submission};
use crate::request::Asked;

/// One TCP connection with its reader and writer tasks.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    shared: Arc<Shared>,
    /// Its drop ends the tasks.
    tasks: Arc<Tasks>,
}

/// A connection that others keep open, or have closed.
#[derive(Clone, Debug)]
pub(crate) struct WeakConnection {
    shared: Weak<Shared>,
    tasks: Weak<Tasks>,
}

impl WeakConnection {
    /// The connection, where anybody still has it.
    pub(crate) fn connection(&self) -> Option<Connection> {
        Some(Connection { shared: self.shared.upgrade()?, tasks: self.tasks.upgrade()? })
    }

    /// Whether anybody still has it.
    pub(crate) fn is_open(&self) -> bool {
        self.tasks.strong_count() > 0
    }
}

/// What the tasks and the handles share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
}

/// The longest that a request of ours, not of a cell, may wait for its answer.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A path that carries nothing for this long is dead: longer than a switch takes to change over, shorter than a cell waits for
/// an answer, so that the path is blamed and not the server.
const DEAD_AFTER_MS: u32 = 8_000;
/// How a connection on which nothing is sent is found dead in about the same time.
const ASK_AFTER: Duration = Duration::from_secs(2);
const ASK_TIMES: u32 = 3;

impl Connection {
    /// Takes over a stream; tasks run until it ends or the last handle is dropped.
    pub(crate) fn start(stream: TcpStream) -> Connection {
        // A request is one write, which must not wait for the answer to an earlier one.
        let _ = stream.set_nodelay(true);
        watch(&stream);
        let ends = [stream.local_addr(), stream.peer_addr()];
        let ends = ends.map(|end| end.map(|end| end.to_string()).unwrap_or_default());
        let (read, write) = stream.into_split();
        let (frames, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { state: Mutex::new(State::new(frames, ends)) });
        let reader = tokio::spawn(reader::run(read, Arc::clone(&shared))).abort_handle();
        let writer = tokio::spawn(write_frames(write, receiver)).abort_handle();
        Connection { shared, tasks: Arc::new(Tasks([reader, writer])) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// Sends, or queues until there are credits.
    ///
    /// # Errors
    /// [`TargetFault::Lost`] where the connection is gone.
    pub(crate) fn submit(&self, submission: Submission) -> Result<(), TargetFault> {
        let mut state = self.state();
        if state.submit(submission) { Ok(()) } else { Err(lost(&state)) }
    }

    /// Sends one request of ours and waits for its whole answer.
    ///
    /// # Errors
    /// [`TargetFault::Lost`] where the connection is gone or the answer does not come within a bound.
    pub(crate) async fn exchange(&self, asked: impl Into<Asked>) -> Result<Answer, TargetFault> {
        let asked: Asked = asked.into();
        let command = asked.request.command();
        let (submission, answer) = Submission::awaited(asked);
        self.submit(submission)?;
        match tokio::time::timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(lost(&self.state())),
            Err(_) => {
                // Whoever asks next had better ask on another connection.
                self.state().spoiled = true;
                Err(TargetFault::Lost(format!("no answer to {command} within {ANSWER_WITHIN:?}")))
            }
        }
    }

    /// Sends one request of ours and waits for status and body.
    ///
    /// # Errors
    /// As [`Connection::exchange`], and [`TargetFault::Lost`] where the answer does not decode.
    pub(crate) async fn call(&self, request: Request) -> Result<(Status, Response), TargetFault> {
        let command = request.command();
        let answer = self.exchange(request).await?;
        let response = answer.response.map_err(|error| {
            TargetFault::Lost(format!("the answer to {command} does not decode: {error}"))
        })?;
        Ok((answer.header.status, response))
    }

    /// Asks the server to give up every unanswered call of the scene; returns those that were never sent.
    pub(crate) fn cancel_calls(&self) -> Vec<CallId> {
        self.state().cancel_calls()
    }

    /// Asks the server to give up one unanswered call of the scene; true where it was never sent.
    pub(crate) fn cancel_call(&self, call: CallId) -> bool {
        self.state().cancel_call(call)
    }

    /// The same, without keeping it open.
    pub(crate) fn weak(&self) -> WeakConnection {
        WeakConnection { shared: Arc::downgrade(&self.shared), tasks: Arc::downgrade(&self.tasks) }
    }

    /// Drops the transport without a word; whoever has the connection is told that it is gone.
    pub(crate) fn drop_transport(&self) {
        // Told before the tasks end: the writer takes the stream with it, and a reader that still runs would see that as the server's doing.
        self.state().lose("dropped by the cell".to_owned());
        self.tasks.0.iter().for_each(AbortHandle::abort);
    }

    /// Sends events there from now on.
    pub(crate) fn lend(&self, outlet: Outlet) {
        let mut state = self.state();
        outlet.line.enter(state.lane(outlet.connection));
        state.outlet = Some(outlet);
    }

    /// What an earlier cell had and this one has again: its breaks are this cell's.
    pub(crate) fn take_over(&self, held: Held) {
        self.shared.state().past.remove(&held);
    }

    /// Sends events to nobody; `past` is what the cell had whose connection this was.
    pub(crate) fn take_back(&self, past: &HashSet<Held>) {
        let mut state = self.state();
        state.outlet = None;
        state.past.clone_from(past);
    }

    /// Whether anything can still come.
    pub(crate) fn is_alive(&self) -> bool {
        self.state().gone.is_none()
    }

    /// Whether another cell may have it.
    pub(crate) fn is_sound(&self) -> bool {
        let state = self.state();
        state.gone.is_none() && !state.spoiled
    }
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends both tasks, and with them the stream, when the last handle goes.
#[derive(Debug)]
struct Tasks([AbortHandle; 2]);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// Lets the system end a connection whose path is gone: one that waits for bytes as well as one that sends some.
fn watch(stream: &TcpStream) {
    // A system that knows less of this still ends its connections, only later.
    let _ = sockopt::set_socket_keepalive(stream, true);
    let _ = sockopt::set_tcp_keepidle(stream, ASK_AFTER);
    let _ = sockopt::set_tcp_keepintvl(stream, ASK_AFTER);
    let _ = sockopt::set_tcp_keepcnt(stream, ASK_TIMES);
    #[cfg(target_os = "linux")]
    let _ = sockopt::set_tcp_user_timeout(stream, DEAD_AFTER_MS);
}

fn lost(state: &State) -> TargetFault {
    TargetFault::Lost(state.gone.clone().unwrap_or_else(|| "the answer was dropped".to_owned()))
}

async fn write_frames(mut stream: OwnedWriteHalf, mut frames: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        if stream.write_all(&frame).await.is_err() {
            // The reader sees the same end and says so.
            return;
        }
    }
}
