//! CREATE up to the local open and after it (MS-SMB2 3.3.5.9 "Receiving an SMB2 CREATE Request").

use oplock_model::{
    Body, CallId, CreateAnswer, CreateOp, CreateOptions, FileId, LeaseAnswer, LeaseKey,
    LeaseRequest, OplockLevel, RuleId, Status, Wanted,
};

use super::chain::{Chain, Related};
use super::lease::{Lease, LeaseName, file_name};
use super::state::{Call, Doing, Open, OplockState, Server};
use crate::choices::LeaseV2OnDialect21;
use crate::store::{CreateArgs, OpenId, Ticket};

/// Options that clients may send at all (MS-SMB2 2.2.13 "SMB2 CREATE Request", CreateOptions).
const KNOWN_OPTIONS: CreateOptions = CreateOptions(0x00F3_FF7F);
const OPEN_BY_FILE_ID: CreateOptions = CreateOptions(0x0000_2000);
/// FILE_OPEN_FOR_FREE_SPACE_QUERY, cleared before the local open.
const FREE_SPACE_QUERY: CreateOptions = CreateOptions(0x0080_0000);

/// What a CREATE asks for, once the dialect and the form of the request have been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// No oplock, or one that has to be passed over.
    Nothing,
    /// A legacy level.
    Oplock(OplockLevel),
    /// A lease.
    Lease(LeaseRequest),
    /// The lease level with a context of no known length.
    Malformed,
}

impl Server {
    /// Checks a CREATE and hands it to the store.
    pub(super) fn create(&mut self, call: CallId, op: Box<CreateOp>, mut chain: Chain) {
        let Some(client) = self.connections.get(&chain.connection).copied() else { return };
        let asked = self.asked(&op.wanted);
        let name = match asked {
            Asked::Lease(request) => Some(LeaseName { client, key: request.key }),
            _ => None,
        };
        let file = file_name(&op.path);
        let checked = self.check_options(op.options).and_then(|options| {
            self.check_lease_name(name, &file)?;
            Ok(options)
        });
        let options = match checked {
            Ok(options) => options,
            Err(status) => {
                chain.related = Related::Failed(status);
                self.reply(call, status, Body::Empty);
                self.ready.push_back(chain);
                return;
            }
        };
        let beside = self.beside(&file, name);
        let mut args = CreateArgs {
            path: op.path.clone(),
            access: op.access,
            share: op.share,
            disposition: op.disposition,
            options,
            key: None,
            parent_key: None,
        };
        if let (Asked::Lease(request), Some(name)) = (asked, name) {
            self.fire(RuleId::Smb2LeaseKeyToStore);
            args.key = Some(self.store_key(name));
            args.parent_key =
                parent_key(&request).map(|key| self.store_key(LeaseName { client, key }));
            self.leases.entry(name).or_insert_with(|| Lease::new(file, &request));
        }
        let ticket = self.ticket();
        let doing = Doing::Create { op, asked, lease: name, beside };
        self.calls.insert(ticket, Call { id: call, doing, chain });
        self.store.create(ticket, &args);
    }

    /// Goes on where the store has finished the local open.
    pub(super) fn created(
        &mut self,
        ticket: Ticket,
        status: Status,
        opened: Option<OpenId>,
        action: u32,
    ) {
        let Some(Call {
            id: call,
            doing: Doing::Create { op, asked, lease: name, beside },
            mut chain,
        }) = self.calls.remove(&ticket)
        else {
            return;
        };
        let Some(store) = opened.filter(|_| !status.is_error()) else {
            self.drop_lease_if_over(name);
            chain.related = Related::Failed(status);
            self.reply(call, status, Body::Empty);
            self.ready.push_back(chain);
            return;
        };
        if asked == Asked::Malformed {
            self.fire(RuleId::Smb2LeaseContextLength);
            let ticket = self.ticket();
            self.store.close(ticket, store);
            chain.related = Related::Failed(Status::INVALID_PARAMETER);
            self.reply(call, Status::INVALID_PARAMETER, Body::Empty);
            self.ready.push_back(chain);
            return;
        }
        self.files += 1;
        let id = self.files;
        let file = FileId { persistent: id, volatile: id };
        self.opens.insert(
            id,
            Open {
                file,
                connection: chain.connection,
                store,
                name: file_name(&op.path),
                level: OplockLevel::NONE,
                oplock: OplockState::None,
                lease: None,
                timed_out: false,
            },
        );
        let (level, lease) = match (asked, name) {
            (Asked::Oplock(level), _) => (self.acquire_oplock(id, level, beside), None),
            (Asked::Lease(request), Some(name)) => {
                self.acquire_lease(id, &op, name, &request, beside)
            }
            _ => (OplockLevel::NONE, None),
        };
        self.drop_lease_if_over(name);
        chain.related = Related::Open(file);
        let answer = CreateAnswer { file, level, lease, action, durable: None };
        self.reply(call, Status::SUCCESS, Body::Create(answer));
        self.ready.push_back(chain);
    }

    /// What the request asks for on this dialect.
    fn asked(&mut self, wanted: &Wanted) -> Asked {
        match *wanted {
            Wanted::Oplock(OplockLevel::LEASE) => {
                self.fire(RuleId::Smb2LeaseLevelWithoutContext);
                Asked::Nothing
            }
            Wanted::Oplock(
                level @ (OplockLevel::II | OplockLevel::EXCLUSIVE | OplockLevel::BATCH),
            ) => Asked::Oplock(level),
            // Any other byte names no oplock that could be granted.
            Wanted::Nothing | Wanted::Oplock(_) | Wanted::Request(_) => {
                self.fire(RuleId::Smb2CreateLevelNone);
                Asked::Nothing
            }
            Wanted::Lease(_) if !self.dialect.has_leases() => {
                self.fire(RuleId::Smb2LeaseOn202);
                Asked::Nothing
            }
            Wanted::Lease(request) if !matches!(request.version, 1 | 2) => Asked::Malformed,
            Wanted::Lease(request)
                if request.version == 2
                    && !self.dialect.has_lease_v2()
                    && self.choices.lease_v2_on_2_1 == LeaseV2OnDialect21::Ignored =>
            {
                self.fire(RuleId::Smb2LeaseV2On21);
                Asked::Nothing
            }
            Wanted::Lease(request) => Asked::Lease(request),
        }
    }

    /// The options that reach the store.
    fn check_options(&mut self, options: CreateOptions) -> Result<CreateOptions, Status> {
        let refused = CreateOptions::RESERVE_OPFILTER.union(OPEN_BY_FILE_ID);
        if options.0 & refused.0 != 0 || !KNOWN_OPTIONS.contains(options) {
            self.fire(RuleId::Smb2CreateOptionRefused);
            return Err(Status::NOT_SUPPORTED);
        }
        if options.contains(CreateOptions::COMPLETE_IF_OPLOCKED) {
            self.fire(RuleId::Smb2CreateCompleteIfOplockedCleared);
        }
        if options.contains(CreateOptions::OPEN_REQUIRING_OPLOCK) {
            self.fire(RuleId::Smb2CreateOpenRequiringOplockIgnored);
        }
        let cleared = CreateOptions::COMPLETE_IF_OPLOCKED
            .union(CreateOptions::SYNCHRONOUS_IO_ALERT)
            .union(CreateOptions::SYNCHRONOUS_IO_NONALERT)
            .union(CreateOptions::OPEN_REQUIRING_OPLOCK)
            .union(CreateOptions::DISALLOW_EXCLUSIVE)
            .union(FREE_SPACE_QUERY);
        Ok(CreateOptions(options.0 & !cleared.0))
    }

    /// A key in use names one file, until a create with delete on close has come by.
    fn check_lease_name(&mut self, name: Option<LeaseName>, file: &str) -> Result<(), Status> {
        let Some(lease) = name.and_then(|name| self.leases.get(&name)) else { return Ok(()) };
        if lease.file != file && !lease.delete_on_close {
            self.fire(RuleId::Smb2LeaseOtherFileName);
            return Err(Status::INVALID_PARAMETER);
        }
        Ok(())
    }
}

/// The parent key of this very request: version 2 and flagged.
fn parent_key(request: &LeaseRequest) -> Option<LeaseKey> {
    let flagged = request.flags & LeaseAnswer::PARENT_LEASE_KEY_SET != 0;
    request.parent.or(flagged.then(LeaseKey::default)).filter(|_| request.version == 2)
}
