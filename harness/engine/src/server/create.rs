//! CREATE up to the local open and after it (MS-SMB2 3.3.5.9 "Receiving an SMB2 CREATE Request").

use oplock_model::{Body, CallId, CreateAnswer, CreateOp, FileId, OplockLevel, RuleId, Status};

use super::chain::{Chain, Related};
use super::context::{Asked, parent_key};
use super::durable::Durability;
use super::lease::{Lease, LeaseName, file_name};
use super::state::{Call, Doing, Open, OplockState, Server};
use crate::store::{CreateArgs, OpenId, Ticket};

impl Server {
    /// Checks a CREATE and hands it to the store.
    pub(super) fn create(&mut self, call: CallId, op: Box<CreateOp>, mut chain: Chain) {
        let Some(client) = self.client_of(chain.connection) else { return };
        if let Some(claimed) = self.claim(&op, &chain) {
            return self.claimed(call, claimed, chain);
        }
        let asked = self.asked(&op);
        let name = match asked {
            Asked::Lease(request) => Some(LeaseName { client, key: request.key }),
            _ => None,
        };
        let file = file_name(&op.path);
        let checked = self.check_options(op.options).and_then(|options| {
            self.check_lease_name(name, &file)?;
            self.clear_the_way(&op, client, &file)?;
            Ok(options)
        });
        let options = match checked {
            Ok(options) => options,
            Err(status) => {
                chain.related = Related::Failed(status);
                self.reply(call, status, Body::Empty);
                self.go_on(chain);
                return;
            }
        };
        let beside = self.beside(&file, name);
        self.note_create(&file, &asked, name);
        let mut args = CreateArgs {
            path: op.path.clone(),
            access: op.access,
            share: op.share,
            disposition: op.disposition,
            options,
            allocation: op.allocation,
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
            self.go_on(chain);
            return;
        };
        if let Asked::Malformed(rule) = asked {
            self.fire(rule);
            let ticket = self.ticket();
            self.store.close(ticket, store);
            chain.related = Related::Failed(Status::INVALID_PARAMETER);
            self.reply(call, Status::INVALID_PARAMETER, Body::Empty);
            self.go_on(chain);
            return;
        }
        self.files += 1;
        let id = self.files;
        let file = FileId { persistent: id, volatile: id };
        let Some(caller) = self.connections.get(&chain.connection) else { return };
        let name_of_file = file_name(&op.path);
        self.names.insert(&name_of_file, id);
        self.opens.insert(
            id,
            Open {
                file,
                session: chain.session,
                connection: chain.connection,
                node: caller.node,
                client: caller.client,
                owner: caller.account,
                store,
                name: name_of_file,
                level: OplockLevel::NONE,
                oplock: OplockState::None,
                lease: None,
                timed_out: false,
                untold: false,
                action,
                durability: Durability::default(),
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
        let durable = self.grant_durability(id, &op);
        let answer = CreateAnswer { file, level, lease, action, durable };
        self.reply(call, Status::SUCCESS, Body::Create(answer));
        self.tell_what_was_kept(id);
        self.go_on(chain);
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
