//! What a connection knows: message ids, credits, requests that wait to be sent and those that wait for their answer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use oplock_model::{CallId, ConnectionId, Event, FileId, Lane, LeaseKey, SentCall, Tick};
use oplock_wire::security::encryption::EncryptionKeys;
use oplock_wire::security::{PreauthHash, SigningAlgorithm, SigningKey};
use oplock_wire::{
    Chain, Command, DecodeError, Dialect, FRAME_PREFIX, Flags, Header, Request, Response,
    encode_request, frame, link,
};
use tokio::sync::{mpsc, oneshot};

use super::bind::Session;
use super::check;
use super::outlet::Outlet;
use crate::request::Asked;

/// What an answer brings to code of ours that waits for it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub header: Header,
    pub response: Result<Response, DecodeError>,
    /// The answer's bytes from the header on.
    pub bytes: Vec<u8>,
    /// The request's bytes from the header on; kept only while nothing is signed yet.
    pub sent: Vec<u8>,
}

/// Who gets the answer.
#[derive(Debug)]
pub(super) enum Sink {
    /// Code of ours that waits.
    Once(oneshot::Sender<Answer>),
    /// The scene, as an event.
    Call(CallId),
}

/// Requests that go out in one frame.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(super) requests: Vec<(Asked, Sink)>,
    pub(super) chain: Chain,
}

impl Submission {
    /// Calls of a scene; several are one compound.
    pub(crate) fn calls(requests: Vec<(Asked, CallId)>, chain: Chain) -> Submission {
        let requests =
            requests.into_iter().map(|(asked, call)| (asked, Sink::Call(call))).collect();
        Submission { requests, chain }
    }

    /// One request of ours, and where its answer arrives; nothing arrives where the connection is lost.
    pub(crate) fn awaited(asked: impl Into<Asked>) -> (Submission, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        let requests = vec![(asked.into(), Sink::Once(sender))];
        (Submission { requests, chain: Chain::Unrelated }, receiver)
    }
}

/// A request that was sent and not yet answered.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) sink: Sink,
    pub(super) command: Command,
    /// From the interim answer, where one came.
    pub(super) async_id: Option<u64>,
    pub(super) sent: Vec<u8>,
    /// What its answer must say again.
    pub(super) session_id: u64,
    pub(super) tree_id: u32,
    pub(super) subject: Option<Held>,
    charge: u32,
}

/// What the channels of an encrypted session share.
#[derive(Debug, Default)]
pub(super) struct Sealing {
    /// How many messages were encrypted: each has a number of its own.
    messages: AtomicU64,
    /// The session was logged off: what is encrypted with its keys would end the connection (MS-SMB2 3.3.5.2.1.1).
    pub(super) over: AtomicBool,
}

/// What a break can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Held {
    /// An open, with its oplock.
    File(FileId),
    /// A lease.
    Lease(LeaseKey),
}

/// Everything that changes, behind one lock.
#[derive(Debug)]
pub(super) struct State {
    frames: mpsc::UnboundedSender<Vec<u8>>,
    next_message_id: u64,
    /// Credits in hand: as many message ids may still be used (MS-SMB2 3.2.4.1.2).
    credits: u32,
    waiting: VecDeque<Submission>,
    pending: HashMap<u64, Pending>,
    pub(super) session_id: u64,
    pub(super) tree_id: u32,
    pub(super) signing: Option<SigningKey>,
    /// Whether requests are signed once there is a key.
    pub(super) signs: bool,
    /// Encrypts requests and decrypts answers, where the run is encrypted.
    pub(super) encryption: Option<EncryptionKeys>,
    /// What all channels of the session share.
    pub(super) sealing: Arc<Sealing>,
    /// What the negotiation left: dialect, signing algorithm, and the hash that every login goes on from.
    pub(super) agreed: Option<(Dialect, SigningAlgorithm, PreauthHash)>,
    /// A binding is under way: requests are signed, answers not yet.
    binding: bool,
    /// Whether a request may cost more than one credit (MS-SMB2 3.2.4.1.5).
    pub(super) multi_credit: bool,
    pub(super) outlet: Option<Outlet>,
    /// Our end and the server's, as address and port.
    ends: [String; 2],
    /// What the cell before had: a break of it is that cell's, and comes too late to be anybody's event.
    pub(super) past: HashSet<Held>,
    /// Why nothing more comes.
    pub(super) gone: Option<String>,
    /// Something came that leaves this connection unfit for another cell.
    pub(super) spoiled: bool,
}

/// Credits that we want in hand: enough for 64 outstanding requests and the acknowledgements among them.
const CREDIT_TARGET: u32 = 256;
/// Payload bytes that one credit pays for.
const CREDIT_BYTES: u32 = 65536;

impl State {
    pub(super) fn new(frames: mpsc::UnboundedSender<Vec<u8>>, ends: [String; 2]) -> State {
        State {
            frames,
            next_message_id: 0,
            credits: 1,
            waiting: VecDeque::new(),
            pending: HashMap::new(),
            session_id: 0,
            tree_id: 0,
            signing: None,
            signs: true,
            encryption: None,
            sealing: Arc::default(),
            agreed: None,
            binding: false,
            multi_credit: false,
            outlet: None,
            ends,
            past: HashSet::new(),
            gone: None,
            spoiled: false,
        }
    }

    /// Sends the requests, or keeps them until there are credits; false where the connection is gone.
    pub(super) fn submit(&mut self, submission: Submission) -> bool {
        if self.gone.is_some() {
            return false;
        }
        self.waiting.push_back(submission);
        self.pump();
        true
    }

    /// Takes the credits that an answer grants, and sends what waited for them.
    pub(super) fn grant(&mut self, credits: u16) {
        self.credits = self.credits.saturating_add(u32::from(credits));
        self.pump();
    }

    /// The request that this answer belongs to, by its message id, or by its async id where the server gave another.
    pub(super) fn pending_of(&mut self, header: &Header) -> Option<u64> {
        if self.pending.contains_key(&header.message_id) {
            return Some(header.message_id);
        }
        let async_id = header.async_id?;
        self.pending
            .iter()
            .find(|(_, pending)| pending.async_id == Some(async_id))
            .map(|(message_id, _)| *message_id)
    }

    pub(super) fn pending(&self, message_id: u64) -> Option<&Pending> {
        self.pending.get(&message_id)
    }

    /// Whether a call that waits has this async id.
    pub(super) fn has_async_id(&self, id: u64) -> bool {
        self.pending.values().any(|pending| pending.async_id == Some(id))
    }

    /// Whether a file may come to be open that no answer has named yet.
    pub(super) fn is_opening(&self) -> bool {
        self.pending.values().any(|pending| pending.command == Command::CREATE)
    }

    /// The id of the next request: all below were used.
    pub(super) fn next_message_id(&self) -> u64 {
        self.next_message_id
    }

    /// Whether nothing can be sent any more, and no answer is awaited that could change that (MS-SMB2 3.3.1.2).
    pub(super) fn is_out_of_credits(&self) -> bool {
        self.credits == 0 && self.pending.is_empty()
    }

    pub(super) fn pending_mut(&mut self, message_id: u64) -> Option<&mut Pending> {
        self.pending.get_mut(&message_id)
    }

    pub(super) fn answered(&mut self, message_id: u64) -> Option<Pending> {
        self.pending.remove(&message_id)
    }

    /// Asks the server to give up every call of a scene that it has not answered (MS-SMB2 3.2.4.24); those
    /// that were not yet sent go nowhere, and are returned.
    pub(super) fn cancel_calls(&mut self) -> Vec<CallId> {
        let mut unsent = Vec::new();
        for submission in &mut self.waiting {
            submission.requests.retain(|(_, sink)| match sink {
                Sink::Once(_) => true,
                Sink::Call(call) => {
                    unsent.push(*call);
                    false
                }
            });
        }
        self.waiting.retain(|submission| !submission.requests.is_empty());
        let calls: Vec<Header> = self
            .pending
            .iter()
            .filter(|(_, pending)| matches!(pending.sink, Sink::Call(_)))
            .map(|(&message_id, pending)| self.cancel_header(message_id, pending))
            .collect();
        calls.iter().for_each(|header| self.cancel(header));
        unsent
    }

    /// Asks the server to give up one call of a scene; true where it was never sent, and now never will be.
    pub(super) fn cancel_call(&mut self, call: CallId) -> bool {
        let is_it = |sink: &Sink| matches!(sink, Sink::Call(id) if *id == call);
        let pending = self.pending.iter().find(|(_, pending)| is_it(&pending.sink));
        if let Some((&message_id, pending)) = pending {
            let header = self.cancel_header(message_id, pending);
            self.cancel(&header);
            return false;
        }
        let before: usize = self.waiting.iter().map(|waiting| waiting.requests.len()).sum();
        self.waiting
            .iter_mut()
            .for_each(|waiting| waiting.requests.retain(|(_, sink)| !is_it(sink)));
        self.waiting.retain(|waiting| !waiting.requests.is_empty());
        self.waiting.iter().map(|waiting| waiting.requests.len()).sum::<usize>() < before
    }

    fn cancel_header(&self, message_id: u64, pending: &Pending) -> Header {
        Header {
            message_id,
            async_id: pending.async_id,
            session_id: self.session_id,
            tree_id: self.tree_id,
            ..Header::default()
        }
    }

    /// It costs no credit, uses no message id of its own and gets no answer.
    fn cancel(&mut self, header: &Header) {
        let mut messages = vec![encode_request(header, &Request::Cancel)];
        self.sign(&mut messages);
        self.send(messages);
    }

    /// Speaks in another session while it is being bound to it; the session that it had.
    pub(super) fn enter(&mut self, id: u64, signing: Option<SigningKey>) -> Session {
        self.binding = true;
        Session {
            id: std::mem::replace(&mut self.session_id, id),
            tree: self.tree_id,
            signing: std::mem::replace(&mut self.signing, signing),
            encryption: self.encryption.take(),
            sealing: Arc::clone(&self.sealing),
        }
    }

    /// The binding is over, one way or the other: the session that it speaks in from now on.
    pub(super) fn leave(&mut self, session: Session) {
        self.binding = false;
        (self.session_id, self.tree_id) = (session.id, session.tree);
        (self.signing, self.encryption) = (session.signing, session.encryption);
        self.sealing = session.sealing;
    }

    /// Whether requests and answers are encrypted: as long as there is a session.
    pub(super) fn encrypts(&self) -> bool {
        self.encryption.is_some() && !self.sealing.over.load(Ordering::Relaxed)
    }

    /// Whether the signature of an answer is checked: where requests are signed, and where the answer says that it is.
    pub(super) fn verifies(&self, header: &Header) -> bool {
        (self.signs || header.is_signed()) && !self.binding
    }

    /// The connection ends, and whoever has it is told, once.
    pub(super) fn lose(&mut self, reason: String) {
        self.end(reason);
        if let Some(outlet) = self.outlet.take() {
            outlet.event(Event::Gone { connection: outlet.connection });
        }
    }

    /// The connection ends: whoever waits is let go.
    pub(super) fn end(&mut self, reason: String) {
        self.waiting.clear();
        self.pending.clear();
        if self.gone.is_none() {
            self.gone = Some(reason);
        }
    }

    pub(super) fn credits(&self) -> u32 {
        self.credits
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn pump(&mut self) {
        while let Some(first) = self.waiting.front() {
            let cost = first
                .requests
                .iter()
                .fold(0, |sum: u32, (asked, _)| sum.saturating_add(self.charge(&asked.request)));
            if cost > self.credits {
                return;
            }
            let Some(submission) = self.waiting.pop_front() else { return };
            self.send_now(submission);
        }
    }

    fn send_now(&mut self, submission: Submission) {
        let Submission { requests, chain } = submission;
        let mut messages = Vec::with_capacity(requests.len());
        let mut sent = Vec::with_capacity(requests.len());
        for (Asked { request, replay }, sink) in requests {
            let charge = self.charge(&request);
            self.credits = self.credits.saturating_sub(charge);
            let message_id = self.next_message_id;
            self.next_message_id = self.next_message_id.wrapping_add(u64::from(charge));
            let header = Header {
                credit_charge: if self.multi_credit { charge as u16 } else { 0 },
                credits: self.credits_to_ask(charge),
                message_id,
                flags: if replay { Flags::REPLAY } else { 0 },
                session_id: self.session_id,
                tree_id: self.tree_id,
                ..Header::default()
            };
            messages.push(encode_request(&header, &request));
            let command = request.command();
            self.trace(&sink, message_id);
            let pending = Pending {
                sink,
                command,
                async_id: None,
                sent: Vec::new(),
                session_id: header.session_id,
                tree_id: header.tree_id,
                subject: check::subject(&request),
                charge,
            };
            self.pending.insert(message_id, pending);
            sent.push(message_id);
        }
        link(&mut messages, chain);
        self.sign(&mut messages);
        if self.signing.is_none() || self.binding {
            // The preauthentication hash runs over these bytes (MS-SMB2 3.2.5.2, 3.2.5.3).
            for (message_id, message) in sent.iter().zip(&messages) {
                if let Some(pending) = self.pending.get_mut(message_id) {
                    pending.sent.clone_from(message);
                }
            }
        }
        self.send(messages);
    }

    /// Tells the scene how a call of it goes out.
    fn trace(&self, sink: &Sink, message: u64) {
        let (Some(outlet), Sink::Call(call)) = (&self.outlet, sink) else { return };
        let (call, connection) = (*call, outlet.connection);
        outlet.line.enter(self.lane(connection));
        outlet.line.sent(SentCall { call, connection, message });
    }

    /// The way that this connection takes.
    pub(super) fn lane(&self, connection: ConnectionId) -> Lane {
        let [local, server] = self.ends.clone();
        let (session, tree) = (self.session_id, self.tree_id);
        Lane { connection, since: Tick::default(), local, server, session, tree }
    }

    /// Signs each message, where that is what protects it.
    fn sign(&self, messages: &mut [Vec<u8>]) {
        let signs = !self.encrypts() && (self.signs || self.binding);
        if let Some(key) = self.signing.as_ref().filter(|_| signs) {
            for message in messages {
                // A message of ours always has its header.
                let _ = key.sign(message);
            }
        }
    }

    /// Encrypts the messages together, where that is what protects them, and hands them to the writer as one frame.
    fn send(&mut self, mut messages: Vec<Vec<u8>>) {
        if let Some(outlet) = self.outlet.as_ref().filter(|outlet| outlet.captures()) {
            outlet.frame(true, &messages.concat());
        }
        if let Some(keys) = self.encryption.as_ref().filter(|_| self.encrypts()) {
            let number = self.sealing.messages.fetch_add(1, Ordering::Relaxed);
            match keys.encrypt(self.session_id, number, &messages.concat()) {
                Ok(message) => messages = vec![message],
                Err(error) => return self.end(format!("a request: {error}")),
            }
        }
        let length = messages.iter().map(Vec::len).sum();
        let Some(prefix) = frame(length) else {
            self.end(format!("a request of {length} bytes does not fit into a frame"));
            return;
        };
        let mut bytes = Vec::with_capacity(FRAME_PREFIX + length);
        bytes.extend_from_slice(&prefix);
        messages.iter().for_each(|message| bytes.extend_from_slice(message));
        // Where the writer has ended, the reader says why.
        let _ = self.frames.send(bytes);
    }

    /// Credits that a request costs: one for each 64 KiB of payload, at least one (MS-SMB2 3.1.5.2).
    fn charge(&self, request: &Request) -> u32 {
        let payload = match request {
            Request::Read { length, .. } => *length,
            Request::Write(write) => u32::try_from(write.data.len()).unwrap_or(u32::MAX),
            Request::QueryDirectory(query) => query.output_length,
            _ => 0,
        };
        if self.multi_credit { payload.div_ceil(CREDIT_BYTES).max(1) } else { 1 }
    }

    /// What it costs, and what is missing to [`CREDIT_TARGET`] once everything that is outstanding has paid back.
    fn credits_to_ask(&self, charge: u32) -> u16 {
        let outstanding: u32 = self.pending.values().map(|pending| pending.charge).sum();
        let have = self.credits.saturating_add(outstanding);
        u16::try_from(charge.saturating_add(CREDIT_TARGET.saturating_sub(have))).unwrap_or(u16::MAX)
    }
}
