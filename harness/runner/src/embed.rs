//! What the binary carries: the corpus, the snapshots, and the profiles and deviation lists of shipped targets.

use oplock_suite::CorpusFiles;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The corpus, with the names that its files have in the repository: `cases/oplock/batch.yaml`.
#[must_use]
pub fn corpus() -> CorpusFiles {
    CorpusFiles {
        files: CASES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
    }
}

/// Whether any snapshot of this folder, `reference` or `samba-4.17`, is carried.
#[must_use]
pub fn has_snapshots(folder: &str) -> bool {
    let prefix = format!("snapshots/{folder}/");
    SNAPSHOTS.iter().any(|(name, _)| name.starts_with(&prefix))
}

/// The text of one snapshot file, named below `snapshots`: `reference/oplock/batch/name.snap`.
#[must_use]
pub fn snapshot(below: &str) -> Option<&'static str> {
    let wanted = format!("snapshots/{below}");
    SNAPSHOTS.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text)
}

/// The names of the capabilities of the corpus, in its order of letters.
#[must_use]
pub fn capabilities() -> Vec<String> {
    let file = corpus().files.into_iter().filter(|(name, _)| name == "cases/capabilities.yaml");
    let files = CorpusFiles { files: file.collect() };
    oplock_suite::load(&files).corpus.capabilities.into_keys().collect()
}

/// Name and text of a shipped profile, by the name of its folder.
#[must_use]
pub fn profile(folder: &str) -> Option<(&'static str, &'static str)> {
    let wanted = format!("fixtures/targets/{folder}/target.yaml");
    TARGETS.iter().find(|(name, _)| *name == wanted).copied()
}

/// Name and text of the deviation list of a shipped target, by product.
#[must_use]
pub fn deviations(product: &str) -> Option<(&'static str, &'static str)> {
    let wanted = format!("fixtures/targets/{product}/deviations.yaml");
    TARGETS.iter().find(|(name, _)| *name == wanted).copied()
}

/// Product, file name and text of every deviation list that is carried.
pub fn all_deviations() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TARGETS.iter().filter_map(|(name, text)| {
        let product = name.strip_prefix("fixtures/targets/")?.strip_suffix("/deviations.yaml")?;
        Some((product, *name, *text))
    })
}
