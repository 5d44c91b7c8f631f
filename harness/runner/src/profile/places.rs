//! `nodes`, `shares` and `accounts`: where connections go, and as whom.

use std::collections::{BTreeMap, BTreeSet};

use oplock_live::{Account, Address, Node as Host};
use oplock_model::ShareKind;
use oplock_suite::Code;
use oplock_suite::document::{Fields, Kind, Node, Reader, Spot};

use super::file::Shares;
use super::keys;
use super::mask::is_variable;
use super::secrets::Secrets;

/// Reads `nodes`: at least one, no two alike.
pub(super) fn read_nodes(reader: &mut Reader<'_>, node: &Node) -> Vec<Host> {
    let mut nodes: Vec<Host> = Vec::new();
    let Some(items) = reader.list(node, "`nodes`") else { return nodes };
    if items.is_empty() {
        reader.report(Code::Missing, node.spot, "the profile has no node", "no address in it");
    }
    for item in items {
        let Some(text) = reader.text(item, "a node") else { continue };
        match Address::host_and_port(text) {
            Ok((host, port)) => {
                let found = Host { host: host.to_owned(), port };
                if nodes.contains(&found) {
                    let message = format!("the node `{text}` stands twice");
                    let label = "a node is another address";
                    reader.report(Code::DuplicateId, item.spot, message, label);
                }
                nodes.push(found);
            }
            Err(error) => fault(reader, item.spot, &error.to_string(), "HOST or HOST:PORT"),
        }
    }
    nodes
}

/// Reads `shares`: a plain one, and others by their kind.
pub(super) fn read_shares(reader: &mut Reader<'_>, node: &Node) -> Shares {
    let mut names = BTreeMap::new();
    let known: Vec<&str> = keys::SHARES.iter().map(|(word, _)| *word).collect();
    let Some(fields) = reader.fields(node, "`shares`", &known) else { return Shares::default() };
    for (word, kind) in keys::SHARES {
        let Some(node) = fields.find(word) else { continue };
        let Some(text) = reader.text(node, "a share") else { continue };
        match Address::share_name(text) {
            Ok(name) => {
                names.insert(*kind, name.to_owned());
            }
            Err(error) => fault(reader, node.spot, &error.to_string(), "the name of a share"),
        }
    }
    if fields.find("plain").is_none() {
        reader.missing(node.spot, "`shares`", "plain");
    }
    let plain = names.remove(&ShareKind::Plain).unwrap_or_default();
    Shares { plain, others: names }
}

/// What is wrong comes from the reader of addresses, with its remedy after a colon.
fn fault(reader: &mut Reader<'_>, spot: Spot, error: &str, label: &str) {
    let (message, _) = error.rsplit_once(": ").unwrap_or((error, ""));
    reader.report(Code::BadName, spot, message, label);
}

/// Reads `accounts`: at least one, no two alike.
pub(super) fn read_accounts(
    reader: &mut Reader<'_>,
    node: &Node,
    secrets: &Secrets<'_>,
) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let Some(items) = reader.list(node, "`accounts`") else { return accounts };
    if items.is_empty() {
        reader.report(Code::Missing, node.spot, "the profile has no account", "nobody logs in");
    }
    for (index, item) in items.iter().enumerate() {
        let Some(account) = read_account(reader, item, index == 0, secrets) else { continue };
        let same =
            |other: &Account| (&other.user, &other.domain) == (&account.user, &account.domain);
        if accounts.iter().any(same) {
            let message = format!("the account `{}` stands twice", account.user);
            let label = "a second account is another user";
            reader.report(Code::DuplicateId, item.spot, message, label);
        }
        accounts.push(account);
    }
    accounts
}

/// The variables that `accounts` names.
pub(super) fn secret_variables(node: &Node) -> BTreeSet<String> {
    let Kind::List(items) = &node.kind else { return BTreeSet::new() };
    let entries = items.iter().flat_map(|item| match &item.kind {
        Kind::Map(entries) => entries.as_slice(),
        _ => &[],
    });
    entries
        .filter(|(key, _)| key.text == "password_env")
        .filter_map(|(_, value)| value.text().map(str::to_owned))
        .collect()
}

fn read_account(
    reader: &mut Reader<'_>,
    node: &Node,
    first: bool,
    secrets: &Secrets<'_>,
) -> Option<Account> {
    // Keys are looked at before the reader does: what a refused one holds must not be guessed at.
    let entries = reader.entries(node, "an account")?;
    let mut inline = false;
    for (key, _) in entries.iter().filter(|(key, _)| is_inline(&key.text)) {
        inline = true;
        let message = "a password does not stand in a profile, where others read it";
        let help = "name the variable that holds it: `password_env: NAME`, or a file: `password_file: PATH`";
        reader.report_with_help(Code::UnknownKey, key.spot, message, "not a key here", help);
    }
    let known: Vec<&str> = keys::ACCOUNT
        .iter()
        .copied()
        .chain(entries.iter().map(|(key, _)| key.text.as_str()).filter(|key| is_inline(key)))
        .collect();
    let fields = reader.fields(node, "an account", &known)?;
    let user = reader.required(&fields, "user", "an account");
    let user = user.and_then(|node| name(reader, node, "`user`"));
    let domain = fields.find("domain").and_then(|node| name(reader, node, "`domain`"));
    let password = read_password(reader, &fields, first, inline, secrets);
    Some(Account {
        user: user?,
        domain: domain.unwrap_or_default(),
        password: password.unwrap_or_default(),
    })
}

/// Whether a key asks for the password itself.
fn is_inline(key: &str) -> bool {
    matches!(key.to_ascii_lowercase().as_str(), "password" | "pass" | "passwd" | "secret")
}

/// A user or a domain: the characters that part them from each other do not occur.
fn name(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<String> {
    let text = reader.text(node, what)?;
    if text.contains(['/', '\\', ';', ':']) || text.chars().any(char::is_control) {
        let message = format!("`{text}` cannot be {what}");
        let help = "the domain has a key of its own: `domain: NAME`";
        reader.report_with_help(Code::BadName, node.spot, message, "one name", help);
        return None;
    }
    Some(text.to_owned())
}

fn read_password(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    first: bool,
    inline: bool,
    secrets: &Secrets<'_>,
) -> Option<String> {
    let (variable, file) = (fields.find("password_env"), fields.find("password_file"));
    if let (Some(_), Some(node)) = (variable, file) {
        let message = "an account has both `password_env` and `password_file`";
        reader.report(Code::BadName, node.spot, message, "one of them is enough");
        return None;
    }
    if let Some(node) = variable {
        let word = reader.text(node, "`password_env`")?;
        if !is_variable(word) {
            // It may be the password, so it is not repeated.
            let message = "`password_env` must be the name of a variable";
            let label = "capital letters, digits and `_`";
            let help = "the password stands in the variable, never here";
            reader.report_with_help(Code::BadName, node.spot, message, label, help);
            return None;
        }
        let found = secrets.of_variable(word, first);
        return found.map_err(|fault| secrets.report(reader, node.spot, fault)).ok();
    }
    if let Some(node) = file {
        let path = reader.text(node, "`password_file`")?;
        let found = secrets.of_file(path, first);
        return found.map_err(|fault| secrets.report(reader, node.spot, fault)).ok();
    }
    if inline {
        return None;
    }
    if first {
        return secrets.of_first().map_err(|fault| secrets.report(reader, fields.spot, fault)).ok();
    }
    let message = "an account does not say where its password is";
    let help = "`password_env: NAME` or `password_file: PATH`";
    reader.report_with_help(Code::Missing, fields.spot, message, "no password for it", help);
    None
}
