//! One profile: from its text to what it says, or to everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use oplock_live::{Account, Caps, Dialect, Node as Host};
use oplock_model::{Claimed, ShareKind};
use oplock_suite::document::{Fields, Node, Reader};
use oplock_suite::{Code, CorpusFiles, Diagnostic};

use super::claims::read_claims;
use super::hooks::{HookPlan, read_hooks};
use super::keys;
use super::mask::masked;
use super::places::{read_accounts, read_nodes, read_shares, secret_variables};
use super::secrets::Secrets;
use super::waits::{WaitPlan, read_waits};
use crate::axes::Axes;
use crate::console::counted;
use crate::embed;

/// Everything that a profile says of its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetProfile {
    /// Short product name in lower case.
    pub product: String,
    /// Its version; empty where nothing is said.
    pub version: String,
    /// The addresses; the first is node 1.
    pub nodes: Vec<Host>,
    /// The shares.
    pub shares: Shares,
    /// The accounts; the first is account 1.
    pub accounts: Vec<Account>,
    /// The variables that hold passwords, which no command of the vendor's may see.
    pub secret_variables: BTreeSet<String>,
    /// Which logins without an account's rights are taken as logins.
    pub logins: Logins,
    /// What the target claims, by capability; what is left to the probe is not here.
    pub claims: BTreeMap<String, Claimed>,
    /// The axes of a run that names none.
    pub representative: Option<String>,
    /// What `--axes full` is limited to; everything that the server offers where nothing is here.
    pub full: Vec<String>,
    /// The waits.
    pub waits: WaitPlan,
    /// What a run may take of the server.
    pub caps: Caps,
    /// How many cells run side by side.
    pub jobs: Option<u16>,
    /// The deviation list, relative to the profile.
    pub deviations: Option<String>,
    /// The vendor's own commands.
    pub hooks: HookPlan,
}

/// The names of a target's shares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// The plain one, on which everything runs that asks for no other.
    pub plain: String,
    /// The others.
    pub others: BTreeMap<ShareKind, String>,
}

/// Which logins are taken as such, though the server gave them no account's rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// The server made the account a guest.
    pub guest: bool,
    /// The server took nobody's login.
    pub anonymous: bool,
}

impl TargetProfile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Everything that is wrong with it as one text, each with its place; no line of it shows a password.
    pub fn read(file: &str, text: &str, secrets: &Secrets<'_>) -> Result<TargetProfile, String> {
        let mut reader = Reader::new(file, text);
        let profile = reader.tree().and_then(|tree| read_profile(&mut reader, &tree, secrets));
        match profile {
            Some(profile) if reader.diagnostics.is_empty() => Ok(profile),
            _ => Err(rendered(file, text, reader.diagnostics)),
        }
    }
}

/// All that is wrong, sorted by place, with its count.
fn rendered(file: &str, text: &str, mut diagnostics: Vec<Diagnostic>) -> String {
    diagnostics.sort();
    diagnostics.dedup();
    let files = CorpusFiles { files: vec![(file.to_owned(), masked(text))] };
    let mut told = String::new();
    for diagnostic in &diagnostics {
        told.push_str(&diagnostic.render(&files));
        told.push('\n');
    }
    told.push_str(&counted(diagnostics.len(), "error"));
    told.push_str(" in the profile");
    told
}

fn read_profile(
    reader: &mut Reader<'_>,
    tree: &Node,
    secrets: &Secrets<'_>,
) -> Option<TargetProfile> {
    let fields = reader.fields(tree, "a profile", keys::PROFILE)?;
    let mut profile = TargetProfile::default();
    if let Some(node) = reader.required(&fields, "product", "the profile") {
        profile.product = read_product(reader, node).unwrap_or_default();
    }
    if let Some(node) = fields.find("version") {
        profile.version = reader.text(node, "`version`").unwrap_or_default().to_owned();
    }
    if let Some(node) = reader.required(&fields, "nodes", "the profile") {
        profile.nodes = read_nodes(reader, node);
    }
    if let Some(node) = reader.required(&fields, "shares", "the profile") {
        profile.shares = read_shares(reader, node);
    }
    if let Some(node) = reader.required(&fields, "accounts", "the profile") {
        profile.accounts = read_accounts(reader, node, secrets);
        profile.secret_variables = secret_variables(node);
    }
    if let Some(node) = fields.find("logins") {
        profile.logins = read_logins(reader, node);
    }
    if let Some(node) = fields.find("claims") {
        profile.claims = read_claims(reader, node, &embed::capabilities());
    }
    if let Some(node) = fields.find("axes") {
        read_axes(reader, node, &mut profile);
    }
    if let Some(node) = fields.find("waits") {
        profile.waits = read_waits(reader, node);
    }
    if let Some(node) = fields.find("caps") {
        profile.caps = read_caps(reader, node);
    }
    profile.jobs = positive(reader, &fields, "jobs");
    if let Some(node) = fields.find("deviations") {
        profile.deviations = reader.text(node, "`deviations`").map(str::to_owned);
    }
    if let Some(node) = fields.find("hooks") {
        profile.hooks = read_hooks(reader, node);
    }
    Some(profile)
}

/// The product names folders of reports and snapshots.
fn read_product(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "`product`")?;
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.chars().all(legal) || text.starts_with('-') {
        let message = format!("`{text}` cannot name a product");
        reader.report(Code::BadName, node.spot, message, "small letters, digits and `-`");
        return None;
    }
    if text == "reference" {
        let message = "`reference` is the engine's own name";
        reader.report(Code::BadName, node.spot, message, "another name");
        return None;
    }
    Some(text.to_owned())
}

fn read_logins(reader: &mut Reader<'_>, node: &Node) -> Logins {
    let mut logins = Logins::default();
    let Some(fields) = reader.fields(node, "`logins`", keys::LOGINS) else { return logins };
    let known = [("allowed", true), ("refused", false)];
    for (key, allowed) in [("guest", &mut logins.guest), ("anonymous", &mut logins.anonymous)] {
        let found = fields.find(key);
        *allowed = found
            .and_then(|node| reader.one_of(node, "word for a login", &known))
            .unwrap_or_default();
    }
    logins
}

fn read_axes(reader: &mut Reader<'_>, node: &Node, profile: &mut TargetProfile) {
    let Some(fields) = reader.fields(node, "`axes`", keys::AXES) else { return };
    if let Some(node) = fields.find("representative") {
        profile.representative = read_leg(reader, node);
    }
    let full = fields.find("full").and_then(|node| reader.list(node, "`full`"));
    for node in full.unwrap_or_default() {
        let Some(leg) = read_leg(reader, node) else { continue };
        // In a list on one line the comma of `smb3_1_1,signed` parts two entries.
        if !leg.split(',').any(|word| Dialect::from_word(word).is_some()) {
            let message = format!("`{leg}` names no dialect");
            let help = "write one combination a line: `- smb3_1_1,signed`";
            reader.report_with_help(Code::Missing, node.spot, message, "of which dialect?", help);
        }
        profile.full.push(leg);
    }
}

/// One combination of axes, as `--axes` names it.
fn read_leg(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "the name of axes")?;
    match text.parse::<Axes>() {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            let label = "as `--axes` takes them: smb3_1_1,signed";
            reader.report(Code::UnknownWord, node.spot, error.to_string(), label);
            None
        }
    }
}

fn read_caps(reader: &mut Reader<'_>, node: &Node) -> Caps {
    let Some(fields) = reader.fields(node, "`caps`", keys::CAPS) else { return Caps::default() };
    Caps {
        connections: positive(reader, &fields, "connections"),
        open_files: positive(reader, &fields, "open_files"),
    }
}

/// A number from 1 on.
fn positive<T: TryFrom<u64> + PartialEq + From<u8>>(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    key: &str,
) -> Option<T> {
    let node = fields.find(key)?;
    let number = reader.number::<T>(node, &format!("`{key}`"))?;
    if number == T::from(0) {
        let message = format!("`{key}` must be at least 1");
        reader.report(Code::BadNumber, node.spot, message, "nothing would run");
        return None;
    }
    Some(number)
}
