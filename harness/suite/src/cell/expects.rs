//! What is expected: breaks that are seen, answers that come or do not come yet.

use oplock_model::{Layer, Level, Modes};

use super::levels::can_break;
use super::scope::{CallKind, CellReader, Scope};
use crate::codes::Code;
use crate::fields::Fields;
use crate::near::nearest;
use crate::plan::{Branch, BreakTarget, CallIndex, Expect, Gets, Sees, Waits, Who};
use crate::words;
use crate::yaml::{Key, Kind, Node, Spot};

impl CellReader<'_, '_> {
    /// The list under `then:` (or a list under `given:`).
    pub(super) fn expectations(&mut self, node: &Node, what: &str) -> Vec<Expect> {
        let items = self.reader.list(node, what).unwrap_or_default();
        items.iter().filter_map(|item| self.expectation(item)).collect()
    }

    fn expectation(&mut self, node: &Node) -> Option<Expect> {
        if node.text() == Some("nobody sees") {
            return Some(Expect::NobodySees { place: self.reader.place(node.spot), target: None });
        }
        let entries = self.reader.entries(node, "an expectation")?;
        let Some(((key, value), rest)) = entries.split_first() else {
            self.reader.report(
                Code::NoEffect,
                node.spot,
                "an empty expectation",
                "expects nothing",
            );
            return None;
        };
        for (key, _) in rest {
            let message = format!("`{}` follows another expectation without a `-`", key.text);
            let label = "each expectation is an item of the list";
            self.reader.report(Code::WrongShape, key.spot, message, label);
        }
        self.entry(key, value)
    }

    fn entry(&mut self, key: &Key, value: &Node) -> Option<Expect> {
        match key.text.as_str() {
            "nobody sees" => self.nobody_sees(key, value),
            "in any order" => {
                let all = self.expectations(value, "`in any order`");
                if all.is_empty() {
                    self.no_effect(key.spot, "`in any order` of nothing");
                }
                Some(Expect::InAnyOrder { place: self.reader.place(key.spot), all })
            }
            "one of" => self.one_reading_of(key, value),
            _ => self.with_subject(key, value),
        }
    }

    fn no_effect(&mut self, spot: Spot, message: &str) {
        self.reader.report(Code::NoEffect, spot, message, "expects nothing");
    }

    fn nobody_sees(&mut self, key: &Key, value: &Node) -> Option<Expect> {
        let target = match &value.kind {
            Kind::Scalar(word) if word == "any" => None,
            Kind::Map(_) => {
                let fields = self.reader.fields(value, "`nobody sees`", &["break"])?;
                let node = self.reader.required(&fields, "break", "`nobody sees`")?;
                Some(self.break_target(node)?)
            }
            _ => {
                let message = "`nobody sees` takes `{break: NAME}` or `any`";
                self.reader.report(Code::WrongShape, value.spot, message, value.describe());
                return None;
            }
        };
        Some(Expect::NobodySees { place: self.reader.place(key.spot), target })
    }

    fn one_reading_of(&mut self, key: &Key, value: &Node) -> Option<Expect> {
        let items = self.reader.list(value, "`one of`")?;
        if items.len() < 2 {
            self.no_effect(key.spot, "`one of` fewer than two readings");
        }
        // Each reading starts from what was known before. What the first one says is known after; an answer is
        // over only where every reading names it.
        let before = self.scope.clone();
        let mut after: Option<Scope> = None;
        let mut branches = Vec::new();
        for item in items {
            self.scope = before.clone();
            branches.extend(self.reading(item));
            match &mut after {
                None => after = Some(self.scope.clone()),
                Some(after) => {
                    after.answered.retain(|call, _| self.scope.answered.contains_key(call))
                }
            }
        }
        self.scope = after.unwrap_or(before);
        Some(Expect::OneOf { place: self.reader.place(key.spot), branches })
    }

    fn reading(&mut self, node: &Node) -> Option<Branch> {
        let entries = self.reader.entries(node, "a reading")?;
        let mut because = None;
        let mut expect = Vec::new();
        for (key, value) in entries {
            if key.text == "because" {
                because = self.reader.sentence(value, "`because`");
            } else {
                expect.extend(self.entry(key, value));
            }
        }
        if because.is_none() && !entries.iter().any(|(key, _)| key.text == "because") {
            let help = "say who reads it so: `because: MS-SMB2 3.3.5.9.11`";
            let message = "a reading of `one of` has no `because`";
            self.reader.report_with_help(Code::NoBecause, node.spot, message, "no reason", help);
        }
        Some(Branch { expect, because: because? })
    }

    fn with_subject(&mut self, key: &Key, value: &Node) -> Option<Expect> {
        let (subject, verb) = key.text.rsplit_once(' ').unwrap_or((key.text.as_str(), ""));
        if !words::EXPECTATIONS.contains(&verb) {
            let near = match nearest(verb, words::EXPECTATIONS.iter().copied()) {
                Some(near) if !subject.contains(' ') => Some(format!("{subject} {near}")),
                _ => nearest(&key.text, words::SUBJECTLESS.iter().copied()).map(str::to_owned),
            };
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "an expectation is `<actor> sees:`, `<actor> gets:`, `<actor> waits:`, `nobody sees`, \
                         `in any order:` or `one of:`"
                    .to_owned(),
            };
            let message = format!("unknown expectation `{}`", key.text);
            let label = "not an expectation";
            self.reader.report_with_help(Code::UnknownVerb, key.spot, message, label, help);
            return None;
        }
        match verb {
            "sees" => self.sees(subject, key.spot, value),
            "gets" => self.gets(subject, key.spot, value),
            _ => self.waits(subject, key.spot, value),
        }
    }

    fn who(&mut self, subject: &str, spot: Spot) -> Option<Who> {
        let Some(number) = subject.strip_prefix("client ") else {
            return self.actor(subject, spot).map(Who::Actor);
        };
        let client = words::number(number).and_then(|number| u32::try_from(number).ok());
        match client.filter(|client| self.scope.actors.iter().any(|a| a.client == *client)) {
            Some(client) => Some(Who::Client(client)),
            None => {
                let known: Vec<String> =
                    self.scope.actors.iter().map(|a| format!("client {}", a.client)).collect();
                let known = known.iter().map(String::as_str);
                self.reader.unknown(Code::UnknownActor, spot, "client", subject, known);
                None
            }
        }
    }

    fn sees(&mut self, subject: &str, spot: Spot, node: &Node) -> Option<Expect> {
        let sees = self.read_sees(subject, spot, node);
        if let (None, Kind::Map(entries)) = (&sees, &node.kind) {
            let name = entries.iter().find(|(key, _)| key.text == "break");
            self.scope.broken.extend(name.and_then(|(_, node)| node.text()).map(str::to_owned));
        }
        sees
    }

    fn read_sees(&mut self, subject: &str, spot: Spot, node: &Node) -> Option<Expect> {
        let who = self.who(subject, spot);
        let fields = self.reader.fields(node, "`sees`", words::BREAK_KEYS)?;
        let target = self.reader.required(&fields, "break", "`sees`");
        let target = target.and_then(|node| self.break_target(node));
        let levels = words::levels();
        let from = match fields.find("from") {
            Some(node) => Some(self.reader.one_of(node, "level", &levels)?),
            None => None,
        };
        let to_node = self.reader.required(&fields, "to", "`sees`")?;
        let to = self.reader.one_of(to_node, "level", &levels)?;
        let ack = match fields.find("ack") {
            Some(node) => {
                Some(self.reader.one_of(node, "word for an acknowledgement", words::ACK_WORDS)?)
            }
            None => None,
        };
        let epoch = match fields.find("epoch") {
            Some(node) => Some(self.epoch(node)?),
            None => None,
        };
        let modes = match fields.find("modes") {
            Some(node) => Some(self.modes(node, fields.key_spot("modes").unwrap_or(node.spot))?),
            None => None,
        };
        let status = match fields.find("status") {
            Some(node) => Some(self.status(node)?),
            None => None,
        };
        let information = match fields.find("information") {
            Some(node) => {
                let at = fields.key_spot("information").unwrap_or(node.spot);
                if !self.only_on(Layer::Store, at, "`information` of a break") {
                    return None;
                }
                Some(self.reader.number(node, "`information`")?)
            }
            None => None,
        };
        let (who, target) = (who?, target?);
        self.check_who(who, &target, spot);
        self.check_break(&fields, &target, from, to, ack);
        self.scope.told.push((target.clone(), to));
        let place = self.reader.place(spot);
        Some(Expect::Sees(Sees {
            place,
            who,
            target,
            from,
            to,
            ack,
            epoch,
            modes,
            status,
            information,
        }))
    }

    fn modes(&mut self, node: &Node, spot: Spot) -> Option<Modes> {
        if self.scope.layer == Layer::Smb2 {
            let message = "a break over SMB2 does not carry the breaker's modes";
            self.reader.report(Code::WrongLayer, spot, message, "at the store only");
            return None;
        }
        let fields = self.reader.fields(node, "`modes`", words::MODES_KEYS)?;
        let access = self.reader.required(&fields, "access", "`modes`");
        let access = access.and_then(|node| self.access(node));
        let share = self.reader.required(&fields, "share", "`modes`");
        let share = share.and_then(|node| self.share(node));
        Some(Modes { access: access?, share: share? })
    }

    /// Says where a break goes to another than the one who is expected to see it.
    fn check_who(&mut self, who: Who, target: &BreakTarget, spot: Spot) {
        let client_of = |actor: usize| self.scope.actors.get(actor).map_or(0, |a| a.client);
        let reaches = match (target, who) {
            (BreakTarget::Key(key), who) => {
                let client = match who {
                    Who::Actor(actor) => client_of(actor),
                    Who::Client(client) => client,
                };
                self.scope.keys.get(key).is_none_or(|key| key.clients.contains(&client))
            }
            (BreakTarget::Handle(handle), who) => {
                self.scope.handles.get(handle).is_none_or(|handle| match who {
                    // Every channel of a session may carry it (MS-SMB2 3.3.4.6).
                    Who::Actor(actor) => {
                        self.scope.same_connection(actor, handle.actor)
                            || self.scope.session(actor) == handle.session
                    }
                    Who::Client(client) => client_of(handle.actor) == client,
                })
            }
        };
        if !reaches {
            let (BreakTarget::Handle(name) | BreakTarget::Key(name)) = target;
            let message = format!("a break of `{name}` goes to somebody else");
            self.reader.report(Code::NeverMet, spot, message, "can never be met");
        }
    }

    /// Says where a break is one that no server can send.
    fn check_break(
        &mut self,
        fields: &Fields<'_>,
        target: &BreakTarget,
        from: Option<Level>,
        to: Level,
        ack: Option<bool>,
    ) {
        let mut never = |key: &str, message: String| {
            let spot = fields.find(key).map_or(fields.spot, |node| node.spot);
            self.reader.report(Code::NeverMet, spot, message, "can never be met");
        };
        let legacy = |level: Level| !level.is_granular() && level != Level::None;
        let carries_levels = match target {
            BreakTarget::Key(_) => Some(true),
            BreakTarget::Handle(_) if self.scope.layer == Layer::Smb2 => Some(false),
            BreakTarget::Handle(_) => {
                from.filter(|from| *from != Level::None).map(Level::is_granular)
            }
        };
        match carries_levels {
            Some(true) if legacy(to) || from.is_some_and(legacy) => {
                never("to", format!("a granular state cannot be broken to {to}"));
                return;
            }
            Some(false) if to.is_granular() || from.is_some_and(Level::is_granular) => {
                never("to", format!("a legacy oplock cannot be broken to {to}"));
                return;
            }
            _ => {}
        }
        if let Some(from) = from {
            if !can_break(from, to) {
                never("to", format!("{from} cannot be broken to {to}"));
            } else if ack == Some(true) && matches!(from, Level::R | Level::Ii) {
                never("ack", format!("a break of {from} is never acknowledged"));
            }
        }
        if let (Some(_), BreakTarget::Key(key)) = (fields.find("epoch"), target)
            && self.scope.keys.get(key).is_some_and(|key| !key.version_two)
        {
            never("epoch", format!("the lease `{key}` is of version 1 and has no epoch"));
        }
        if let (Some(_), BreakTarget::Handle(_), Layer::Smb2) =
            (fields.find("status"), target, self.scope.layer)
        {
            never("status", "the break of an oplock over SMB2 carries no status".to_owned());
        }
        if fields.find("epoch").is_some() && matches!(target, BreakTarget::Handle(_)) {
            let spot = fields.find("epoch").map_or(fields.spot, |node| node.spot);
            let message = "the break of an oplock has no epoch";
            self.reader.report(Code::NeverMet, spot, message, "can never be met");
        }
    }

    fn gets(&mut self, subject: &str, spot: Spot, node: &Node) -> Option<Expect> {
        let actor = self.actor(subject, spot)?;
        let known: Vec<&str> =
            std::iter::once("answer").chain(words::ANSWER_KEYS.iter().copied()).collect();
        let fields = self.reader.fields(node, "`gets`", &known)?;
        let label_node = self.reader.required(&fields, "answer", "`gets`")?;
        let label = self.reader.text(label_node, "an answer")?;
        let index = self.named_call(subject, "gets", actor, label, label_node.spot)?;
        let repeats = self.scope.layer == Layer::Store;
        if !self.scope.answer_named(index) && !repeats {
            let message = format!("`{label}` has its final answer already");
            self.reader.report(Code::NeverMet, label_node.spot, message, "answered before");
        }
        let answer = self.answer(index, &fields)?;
        let place = self.reader.place(spot);
        Some(Expect::Gets(Gets { place, actor, call: index, label: label.to_owned(), answer }))
    }

    fn waits(&mut self, subject: &str, spot: Spot, node: &Node) -> Option<Expect> {
        let actor = self.actor(subject, spot)?;
        let label = self.reader.text(node, "what is waited for")?;
        let call = self.named_call(subject, "waits", actor, label, node.spot)?;
        if self.scope.answered_before(call) {
            let message =
                format!("{subject} waits for `{label}`, which has its final answer already");
            self.reader.report(Code::NeverMet, node.spot, message, "answered before");
        }
        let place = self.reader.place(spot);
        Some(Expect::Waits(Waits { place, actor, call, label: label.to_owned() }))
    }

    /// The call that is meant.
    pub(super) fn named_call(
        &mut self,
        subject: &str,
        verb: &str,
        actor: usize,
        label: &str,
        spot: Spot,
    ) -> Option<CallIndex> {
        let index = self.scope.call(label, Some(actor));
        let of_actor = index.and_then(|index| self.scope.sent(index)).map(|sent| sent.actor);
        if let (Some(index), Some(of_actor)) = (index, of_actor) {
            let silent = self.scope.sent(index).is_some_and(|sent| sent.kind == CallKind::Silent);
            if silent {
                let message = format!("`{label}` is a cancel, which has no answer of its own");
                let help = "the answer of what it cancels comes";
                let label = "can never be met";
                self.reader.report_with_help(Code::NeverMet, spot, message, label, help);
                return None;
            }
            // Whoever shares the session may cancel; at the store any thread does.
            let may_cancel = verb == "cancels"
                && (self.scope.layer == Layer::Store
                    || self.scope.session(actor) == self.scope.session(of_actor));
            if of_actor == actor || may_cancel {
                return Some(index);
            }
            let sender = self.scope.actor_name(of_actor).to_owned();
            let message = match verb {
                "cancels" => format!("`{label}` is a call of {sender}, not of {subject}"),
                _ => format!("the answer of `{label}` goes to {sender}, not to {subject}"),
            };
            self.reader.report_with_help(
                Code::NeverMet,
                spot,
                message,
                "can never be met",
                format!("did you mean `{sender} {verb}`?"),
            );
            return None;
        }
        if self.scope.broken.contains(label) {
            return None;
        }
        let mut known: Vec<&str> = Vec::new();
        for call in &self.scope.calls {
            if !known.contains(&call.label.as_str()) {
                known.push(&call.label);
            }
        }
        let label_text = match (verb, known.is_empty()) {
            (_, true) => "nothing was called before".to_owned(),
            ("waits", false) => format!("not a handle; known here: {}", known.join(", ")),
            ("cancels", false) => format!("not a call; known here: {}", known.join(", ")),
            (_, false) => format!("not an answer; known here: {}", known.join(", ")),
        };
        // Of several names that are equally near, the actor's own newest one was meant.
        let own = self.scope.calls.iter().rev().filter(|call| call.actor == actor);
        let own: Vec<&str> = own.map(|call| call.label.as_str()).collect();
        let help = nearest(label, own.iter().chain(&known).copied())
            .or(own.first().copied())
            .map(|near| format!("did you mean `{near}`?"));
        let message = match verb {
            "waits" => format!("{subject} waits for `{label}`, but no step opened `{label}`"),
            "cancels" => format!("{subject} cancels `{label}`, but no step calls `{label}`"),
            _ => format!("{subject} gets the answer of `{label}`, but no step brings `{label}`"),
        };
        match help {
            Some(help) => {
                self.reader.report_with_help(Code::UnknownHandle, spot, message, label_text, help);
            }
            None => self.reader.report(Code::UnknownHandle, spot, message, label_text),
        }
        None
    }
}
