//! One case file: its head, then its cases.

use std::collections::BTreeMap;

use oplock_model::{FileKind, FileSpec};

use crate::case::{Head, Layers, read_case};
use crate::codes::Code;
use crate::fields::Reader;
use crate::plan::{ActorPlan, CapabilityEntry, Case};
use crate::words;
use crate::yaml::{Kind, Node, Spot};

/// Reads the cases of one file.
pub(crate) fn read_file(
    reader: &mut Reader<'_>,
    tree: &Node,
    capabilities: &BTreeMap<String, CapabilityEntry>,
) -> Vec<Case> {
    let Some(fields) = reader.fields(tree, "a case file", words::FILE_KEYS) else {
        return Vec::new();
    };
    let suite = reader.required(&fields, "suite", "the file").and_then(|node| {
        let suite = reader.text(node, "`suite`")?;
        check_id(reader, suite, node.spot);
        Some(suite.to_owned())
    });
    if let Some(node) = reader.required(&fields, "about", "the file") {
        reader.sentence(node, "`about`");
    }
    let files = fields.find("files").map(|node| read_files(reader, node)).unwrap_or_default();
    let actors = fields.find("actors").map(|node| read_actors(reader, node)).unwrap_or_default();
    let layers = match fields.find("layer") {
        Some(node) => read_layers(reader, node).unwrap_or_default(),
        None => Layers::default(),
    };
    let Some(cases) = reader.required(&fields, "cases", "the file") else { return Vec::new() };
    let Some(suite) = suite else { return Vec::new() };
    let head = Head { suite, files, actors, layers, capabilities };
    let entries = reader.entries(cases, "`cases`").unwrap_or_default();
    if entries.is_empty() {
        reader.report(Code::Missing, cases.spot, "the file has no case", "no case below this");
    }
    entries.iter().filter_map(|(key, node)| read_case(reader, &head, key, node)).collect()
}

/// The layers of `layer:`.
pub(crate) fn read_layers(reader: &mut Reader<'_>, node: &Node) -> Option<Layers> {
    let known = [("smb2", Layers::Smb2), ("store", Layers::Store), ("both", Layers::Both)];
    reader.one_of(node, "layer", &known)
}

/// Says where a name cannot be an id: small letters, digits and `-`, in parts between `/`.
pub(crate) fn check_id(reader: &mut Reader<'_>, id: &str, spot: Spot) {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = |part: &str| !part.is_empty() && part.chars().all(legal);
    if !id.split('/').all(good) {
        let message = format!("`{id}` cannot be part of a case's id");
        let label = "small letters, digits and `-`";
        reader.report(Code::BadName, spot, message, label);
    }
}

/// Reads `files:`; a parent stands before what is in it.
pub(crate) fn read_files(reader: &mut Reader<'_>, node: &Node) -> Vec<FileSpec> {
    let mut files: Vec<FileSpec> = Vec::new();
    for (key, value) in reader.entries(node, "`files`").unwrap_or_default() {
        let legal = |part: &str| words::is_id_part(part) && part != "." && part != "..";
        let (file, stream) = match key.text.split_once(':') {
            Some((file, stream)) => (file, Some(stream)),
            None => (key.text.as_str(), None),
        };
        if !file.split('/').all(legal) || stream.is_some_and(|stream| !legal(stream)) {
            let message = format!("`{}` cannot name a file", key.text);
            reader.report(Code::BadName, key.spot, message, "letters, digits, `_`, `-` and `.`");
            continue;
        }
        if stream.is_some() && !files.iter().any(|f| f.name == file) {
            let message =
                format!("`{}` is a stream of `{file}`, which no entry above makes", key.text);
            let help = format!("say above it: `{file}: {{size: 4KiB}}`");
            let label = "no file for it";
            reader.report_with_help(Code::UnknownFile, key.spot, message, label, help);
        }
        if let Some((parent, _)) = file.rsplit_once('/')
            && !files.iter().any(|f| f.name == parent && f.kind == FileKind::Directory)
        {
            let message = format!("`{}` lies in `{parent}`, which no entry above makes", key.text);
            let help = format!("say above it: `{parent}: directory`");
            let label = "no directory for it";
            reader.report_with_help(Code::UnknownFile, key.spot, message, label, help);
        }
        if let Some(kind) = read_kind(reader, value) {
            files.push(FileSpec { name: key.text.clone(), kind });
        }
    }
    files
}

fn read_kind(reader: &mut Reader<'_>, node: &Node) -> Option<FileKind> {
    if matches!(node.kind, Kind::Map(_)) {
        let fields = reader.fields(node, "a file", &["size"])?;
        let size = reader.required(&fields, "size", "a file")?;
        return Some(FileKind::File { size: reader.size(size, "`size`")? });
    }
    let known = [("directory", FileKind::Directory), ("absent", FileKind::Absent)];
    reader.one_of(node, "kind of file", &known)
}

/// Reads `actors:`.
pub(crate) fn read_actors(reader: &mut Reader<'_>, node: &Node) -> Vec<ActorPlan> {
    let mut actors: Vec<ActorPlan> = Vec::new();
    for (key, value) in reader.entries(node, "`actors`").unwrap_or_default() {
        if !key.text.chars().all(|c| c.is_ascii_alphanumeric()) || key.text == "client" {
            let message = format!("`{}` cannot name an actor", key.text);
            reader.report(Code::BadName, key.spot, message, "letters and digits");
            continue;
        }
        let Some(text) = reader.text(value, "an actor") else { continue };
        match parse_actor(text) {
            Some(plan) => {
                let same = |other: &&ActorPlan| {
                    (other.client, other.connection) == (plan.client, plan.connection)
                        && (other.account, other.node) != (plan.account, plan.node)
                };
                if let Some(other) = actors.iter().find(same) {
                    let message = format!("{} and {} share a connection", other.name, key.text);
                    let label = "one connection has one account and one node";
                    reader.report(Code::WrongShape, value.spot, message, label);
                }
                actors.push(ActorPlan { name: key.text.clone(), ..plan });
            }
            None => {
                let message = format!("an actor is no `{text}`");
                let label = "`client N`, then `connection N`, `account N` and `node N` as needed";
                reader.report(Code::WrongShape, value.spot, message, label);
            }
        }
    }
    actors
}

/// `client 1 connection 2 account 2 node 2`: a client, and where needed the rest in this order.
fn parse_actor(text: &str) -> Option<ActorPlan> {
    let number = |word: &str| word.parse::<u32>().ok().filter(|number| (1..=64).contains(number));
    let mut plan = ActorPlan { name: String::new(), client: 0, connection: 1, account: 1, node: 1 };
    let parts = ["client", "connection", "account", "node"];
    let mut position = 0;
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let found = parts.iter().skip(position).position(|part| *part == word)?;
        position += found + 1;
        let value = number(words.next()?)?;
        match word {
            "client" => plan.client = value,
            "connection" => plan.connection = value,
            "account" => plan.account = value,
            _ => plan.node = value,
        }
    }
    (plan.client > 0).then_some(plan)
}
