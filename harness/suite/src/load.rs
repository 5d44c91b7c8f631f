//! From the files of a corpus to its plan and everything that is wrong with it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::capabilities::read_capabilities;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::fields::Reader;
use crate::file::read_file;
use crate::plan::{CapabilityEntry, Corpus, Place};
use crate::source::CorpusFiles;

/// What was read, and what is wrong with it. A corpus with diagnostics is not fit to be run.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The plan, as far as it could be read.
    pub corpus: Corpus,
    /// What is wrong, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// The capabilities of a directory of cases that does not bring a file of its own.
const SHIPPED_CAPABILITIES: &str = include_str!("../../../cases/capabilities.yaml");

/// Reads and checks all files.
#[must_use]
pub fn load(files: &CorpusFiles) -> Loaded {
    let mut diagnostics = Vec::new();
    let mut names: Vec<&(String, String)> = files.files.iter().collect();
    names.sort();
    let is_capabilities =
        |name: &str| name.rsplit('/').next().is_some_and(|file| file == "capabilities.yaml");
    let own = names.iter().find(|(name, _)| is_capabilities(name));
    let capabilities = match own {
        Some((name, text)) => {
            let (capabilities, more) = capabilities_of(name, text);
            diagnostics.extend(more);
            capabilities
        }
        None => shipped_capabilities().clone(),
    };
    let mut cases = Vec::new();
    for (name, text) in names.into_iter().filter(|(name, _)| !is_capabilities(name)) {
        let mut reader = Reader::new(name, text);
        if let Some(tree) = reader.tree() {
            cases.extend(read_file(&mut reader, &tree, &capabilities));
        }
        diagnostics.extend(reader.diagnostics);
    }
    let mut known: BTreeMap<String, Place> = BTreeMap::new();
    for case in &cases {
        match known.get(&case.id) {
            Some(first) => diagnostics.push(Diagnostic {
                place: case.place.clone(),
                length: name_length(&case.id),
                code: Code::DuplicateId,
                message: format!("two cases are called `{}`", case.id),
                label: format!("the first one stands at {first}"),
                help: None,
            }),
            None => {
                known.insert(case.id.clone(), case.place.clone());
            }
        }
    }
    for case in &cases {
        let taken = case.was_id().and_then(|was| known.get(&was).map(|first| (was, first)));
        if let Some((was, first)) = taken {
            diagnostics.push(Diagnostic {
                place: case.place.clone(),
                length: name_length(&case.id),
                code: Code::DuplicateId,
                message: format!("`was` names `{was}`, which is the id of another case"),
                label: format!("that case stands at {first}"),
                help: None,
            });
        }
    }
    diagnostics.sort();
    diagnostics.dedup();
    let corpus = Corpus { cases, capabilities, hash: files.hash() };
    Loaded { corpus, diagnostics }
}

/// They never change, so they are read once.
fn shipped_capabilities() -> &'static BTreeMap<String, CapabilityEntry> {
    static SHIPPED: OnceLock<BTreeMap<String, CapabilityEntry>> = OnceLock::new();
    SHIPPED.get_or_init(|| capabilities_of("capabilities.yaml", SHIPPED_CAPABILITIES).0)
}

fn name_length(id: &str) -> u32 {
    let name = id.rsplit('/').next().unwrap_or(id);
    u32::try_from(name.chars().count()).unwrap_or(1)
}

fn capabilities_of(name: &str, text: &str) -> (BTreeMap<String, CapabilityEntry>, Vec<Diagnostic>) {
    let mut reader = Reader::new(name, text);
    let tree = reader.tree();
    let entries = tree.map(|tree| read_capabilities(&mut reader, &tree)).unwrap_or_default();
    (entries, reader.diagnostics)
}
