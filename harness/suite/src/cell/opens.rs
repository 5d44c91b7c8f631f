//! `opens` and `holds`.

use oplock_model::{
    Access, CreateOptions, Disposition, FileKind, Layer, LeaseState, Level, Share, Status,
    StoreRequest,
};

use super::durable::Extras;
use super::scope::{CallKind, CellReader, Handle, Hold, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::{CallIndex, Durable, Open, Want};
use crate::words;
use crate::yaml::{Kind, Node, Spot};

impl CellReader<'_, '_> {
    /// An open, from the fields of `opens` or `holds`.
    pub(super) fn open(
        &mut self,
        actor: usize,
        verb: &str,
        spot: Spot,
        node: &Node,
    ) -> Option<(Open, Sent)> {
        let holds = verb == "holds";
        let known = if holds { words::HOLD_KEYS } else { words::OPEN_KEYS };
        let fields = self.reader.fields(node, &format!("`{verb}`"), known)?;
        let what = format!("`{verb}`");
        let file = self.reader.required(&fields, "file", &what).and_then(|node| self.path(node));
        let handle = self.reader.required(&fields, "as", &what).and_then(|node| self.name(node));
        let level_key = if holds { "level" } else { "want" };
        if holds {
            self.reader.required(&fields, level_key, &what);
        }
        let access = fields
            .find("access")
            .map_or(Some(Access::READ_DATA.union(Access::WRITE_DATA)), |node| self.access(node));
        let share = fields.find("share").map_or(Some(Share::ALL), |node| self.share(node));
        let disposition = fields
            .find("disposition")
            .map_or(Some(Disposition::OpenIf), |node| self.disposition(node));
        let options =
            fields.find("options").map_or(CreateOptions::default(), |node| self.options(node));
        let (key, parent_key) = self.store_keys(&fields);
        let handle = handle?;
        let want = self.want(&fields, level_key, &handle)?;
        let (file, access, share, disposition) = (file?, access?, share?, disposition?);
        let Extras { allocation, durable, app_instance, maximal_access, replay, contexts } =
            self.extras(&fields, &handle)?;
        let claims = durable.as_ref().is_some_and(Durable::claims);
        let key_is_old = claims || matches!(&want, Want::Lease { key, .. } if self.knows_key(key));
        let makes_directory = options.contains(CreateOptions::DIRECTORY_FILE);
        self.note_open(actor, &handle, (&file, makes_directory), &want, durable.clone());
        let success = match want {
            Want::Request(_) => Status::PENDING,
            _ => Status::SUCCESS,
        };
        let sent = Sent {
            spot,
            label: handle.clone(),
            actor,
            kind: CallKind::Open,
            handle: Some(handle.clone()),
            want: want.clone(),
            success,
            key: None,
            key_is_old,
            session: self.scope.session(actor),
        };
        let open = Open {
            file,
            handle,
            access,
            share,
            disposition,
            options,
            want,
            allocation,
            durable,
            app_instance,
            maximal_access,
            replay,
            contexts,
            key,
            parent_key,
        };
        Some((open, sent))
    }

    fn knows_key(&self, key: &str) -> bool {
        self.scope.keys.contains_key(key)
    }

    /// The name of a new handle.
    fn name(&mut self, node: &Node) -> Option<String> {
        let name = self.reader.text(node, "the name of a handle")?;
        if !words::is_id_part(name) {
            let message = format!("`{name}` cannot name a handle");
            self.reader.report(Code::BadName, node.spot, message, "letters, digits, `_` and `-`");
            return None;
        }
        if self.scope.handles.contains_key(name) {
            let message = format!("the handle `{name}` is opened twice");
            self.reader.report(Code::DuplicateId, node.spot, message, "this name is taken");
            return None;
        }
        Some(name.to_owned())
    }

    /// A file of the case, with its stream.
    pub(super) fn path(&mut self, node: &Node) -> Option<String> {
        let path = self.reader.text(node, "a file")?;
        let (name, stream) = match path.split_once(':') {
            Some((name, stream)) => (name, Some(stream)),
            None => (path, None),
        };
        if !self.scope.files.iter().any(|file| file.name == name || file.name == path) {
            let known: Vec<String> =
                self.scope.files.iter().map(|file| file.name.clone()).collect();
            let known = known.iter().map(String::as_str);
            self.reader.unknown(Code::UnknownFile, node.spot, "file", name, known);
            return None;
        }
        if stream.is_some() {
            self.scope.needs.insert("named_streams");
        }
        Some(path.to_owned())
    }

    /// `access:` as a word, as a list of single bits, or as a raw mask.
    pub(super) fn access(&mut self, node: &Node) -> Option<Access> {
        if !matches!(node.kind, Kind::List(_)) {
            let raw = node.text().and_then(raw_bits).map(Access);
            return raw.or_else(|| self.reader.one_of(node, "access", words::ACCESS_WORDS));
        }
        let mut mask = Access::default();
        for item in self.reader.list(node, "`access`")? {
            mask = mask.union(self.reader.one_of(item, "access bit", &Access::BITS)?);
        }
        Some(mask)
    }

    /// `share:` as letters of `rwd`, or `none`.
    pub(super) fn share(&mut self, node: &Node) -> Option<Share> {
        let word = self.reader.text(node, "`share`")?;
        let share = words::share(word);
        if share.is_none() {
            let known = ["none", "r", "w", "d", "rw", "rd", "wd", "rwd"];
            self.reader.unknown(Code::UnknownWord, node.spot, "share mode", word, known);
        }
        share
    }

    fn disposition(&mut self, node: &Node) -> Option<Disposition> {
        self.reader.one_of(node, "disposition", &Disposition::WORDS)
    }

    fn options(&mut self, node: &Node) -> CreateOptions {
        let items = self.reader.list(node, "`options`").unwrap_or_default();
        items.iter().fold(CreateOptions::default(), |options, item| {
            let raw = item.text().and_then(raw_bits).map(CreateOptions);
            let option = raw.or_else(|| self.reader.one_of(item, "option", &CreateOptions::WORDS));
            option.map_or(options, |option| options.union(option))
        })
    }

    /// `key:` and `parent_key:` of an open, which are the keys of the store.
    fn store_keys(&mut self, fields: &Fields<'_>) -> (Option<String>, Option<String>) {
        let mut read = |name: &str| {
            let node = fields.find(name)?;
            if self.scope.layer == Layer::Smb2 {
                let message = format!("`{name}` of an open exists at the store only");
                let help = "over SMB2 the key belongs to the lease: `lease: {key: k1, state: RWH}`";
                let spot = fields.key_spot(name).unwrap_or(node.spot);
                self.reader.report_with_help(Code::WrongLayer, spot, message, "not on smb2", help);
                return None;
            }
            self.reader.text(node, &format!("`{name}`")).map(str::to_owned)
        };
        (read("key"), read("parent_key"))
    }

    fn want(&mut self, fields: &Fields<'_>, key: &str, handle: &str) -> Option<Want> {
        match (fields.find(key), fields.find("lease")) {
            (None, None) => Some(Want::Nothing),
            (Some(_), Some(lease)) => {
                let message = format!("an open asks for `{key}` or for `lease`, not for both");
                self.reader.report(Code::WrongShape, lease.spot, message, "the second one");
                None
            }
            (None, Some(lease)) => self.lease(fields, lease),
            (Some(node), None) if self.scope.layer == Layer::Store => {
                let request = self.store_request(node)?;
                Some(request.map_or(Want::Nothing, Want::Request))
            }
            (Some(node), None) => self.level_over_smb2(node, handle),
        }
    }

    fn level_over_smb2(&mut self, node: &Node, handle: &str) -> Option<Want> {
        let word = self.reader.text(node, "a level")?;
        match Level::from_word(word) {
            Some(Level::None) => Some(Want::Nothing),
            Some(Level::Filter) => {
                let message = "a filter oplock exists at the store only";
                self.reader.report(Code::WrongLayer, node.spot, message, "not on smb2");
                None
            }
            // A granular level over SMB2 is a lease with a key of its own.
            Some(level) if level.is_granular() => Some(Want::Lease {
                key: handle.to_owned(),
                state: level.lease_state().unwrap_or(LeaseState::NONE),
                version: 1,
                any_version: true,
                epoch: 0,
                flags: 0,
                parent: None,
            }),
            _ => match words::oplock_level(word) {
                Some(level) => Some(Want::Oplock(level)),
                None => {
                    let known = words::levels().into_iter().map(|(word, _)| word);
                    self.reader.unknown(Code::UnknownWord, node.spot, "level", word, known);
                    None
                }
            },
        }
    }

    /// A level that is asked for at the store; nothing for `none`.
    pub(super) fn store_request(&mut self, node: &Node) -> Option<Option<StoreRequest>> {
        let word = self.reader.text(node, "a level")?;
        let request = match Level::from_word(word) {
            Some(Level::None) => return Some(None),
            Some(level) => StoreRequest::of(level),
            None => match words::lease_state(word) {
                Some(state) => StoreRequest::Granular(state),
                None => {
                    let known = words::levels().into_iter().map(|(word, _)| word);
                    self.reader.unknown(Code::UnknownWord, node.spot, "level", word, known);
                    return None;
                }
            },
        };
        Some(Some(request))
    }

    fn lease(&mut self, open: &Fields<'_>, node: &Node) -> Option<Want> {
        if self.scope.layer == Layer::Store {
            let spot = open.key_spot("lease").unwrap_or(node.spot);
            let help = "at the store say `want: RWH`, and `key:` where opens share one";
            let message = "leases exist over SMB2 only";
            self.reader.report_with_help(Code::WrongLayer, spot, message, "not at the store", help);
            return None;
        }
        let fields = self.reader.fields(node, "`lease`", words::LEASE_KEYS)?;
        let key = self.reader.required(&fields, "key", "`lease`")?;
        let key = self.reader.text(key, "a lease key").map(str::to_owned);
        let state = self.reader.required(&fields, "state", "`lease`")?;
        let state = self.lease_state(state);
        let versions = [("1", 1), ("2", 2)];
        let version = match fields.find("version") {
            Some(node) => self.reader.one_of(node, "lease version", &versions)?,
            None => 1,
        };
        for name in ["epoch", "parent_key"] {
            if let Some(spot) = fields.key_spot(name).filter(|_| version == 1) {
                let message = format!("a lease of version 1 has no `{name}`");
                self.reader.report_with_help(
                    Code::WrongShape,
                    spot,
                    message,
                    "version 2 only",
                    "say `version: 2`",
                );
            }
        }
        let epoch = match fields.find("epoch") {
            Some(node) => self.reader.number(node, "`epoch`")?,
            None => 0,
        };
        let flags = match fields.find("flags") {
            Some(node) => self.reader.number(node, "`flags`")?,
            None => 0,
        };
        let parent = match fields.find("parent_key") {
            Some(node) => Some(self.reader.text(node, "`parent_key`")?.to_owned()),
            None => None,
        };
        let any_version = fields.find("version").is_none();
        Some(Want::Lease { key: key?, state: state?, version, any_version, epoch, flags, parent })
    }

    /// A lease state: a word, or a raw number for an illegal one.
    pub(super) fn lease_state(&mut self, node: &Node) -> Option<LeaseState> {
        let word = self.reader.text(node, "a lease state")?;
        let state = words::lease_state(word);
        if state.is_none() {
            let known = ["none", "R", "RH", "RW", "RWH"];
            self.reader.unknown(Code::UnknownWord, node.spot, "lease state", word, known);
        }
        state
    }

    fn note_open(
        &mut self,
        actor: usize,
        handle: &str,
        (file, makes_directory): (&str, bool),
        want: &Want,
        durable: Option<Durable>,
    ) {
        let client = self.scope.actors.get(actor).map_or(0, |actor| actor.client);
        let hold = match want {
            Want::Nothing => Hold::Nothing,
            Want::Oplock(raw) => Hold::Oplock(
                Level::ALL.into_iter().find(|level| level.oplock_level() == Some(*raw)),
            ),
            Want::Request(request) => Hold::Store(*request),
            Want::Lease { key, version, any_version, .. } => {
                self.scope.needs.insert("lease_v1");
                if *version == 2 {
                    self.scope.needs.insert("lease_v2");
                }
                let directory = |name: &str| {
                    let spec = self.scope.files.iter().find(|spec| spec.name == name);
                    spec.is_some_and(|spec| spec.kind == FileKind::Directory)
                };
                // Version 1 knows no directory leases, and who says so asks what becomes of the request.
                if (makes_directory || directory(file)) && (*version == 2 || *any_version) {
                    self.scope.needs.insert("directory_lease");
                }
                let entry = self.scope.keys.entry(key.clone()).or_default();
                entry.version_two |= *version == 2;
                entry.clients.insert(client);
                Hold::Lease(key.clone())
            }
        };
        let opened_by = CallIndex(self.scope.calls.len());
        let session = self.scope.session(actor);
        let note = Handle { actor, opened_by, hold, closed: None, session, durable };
        self.scope.handles.insert(handle.to_owned(), note);
    }
}

/// Bits as a number, for those that have no word.
fn raw_bits(word: &str) -> Option<u32> {
    words::number(word).and_then(|raw| u32::try_from(raw).ok())
}
