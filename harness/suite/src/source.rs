//! The files of a corpus, as names and texts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The files of one directory of cases, before anything is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorpusFiles {
    /// Each file's name as the user sees it (`cases/oplock/batch.yaml`) and its text.
    pub files: Vec<(String, String)>,
}

/// Why a directory of cases could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A directory or file could not be opened or read.
    #[error("cannot read {}: {reason}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file is not text.
    #[error("{} is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// A directory holds no case file.
    #[error("no .yaml file below {}", .0.display())]
    Empty(PathBuf),
}

impl CorpusFiles {
    /// Reads every `.yaml` file below a directory, in order of their names; symbolic links are not followed.
    ///
    /// # Errors
    /// A [`ReadError`] where a directory or file cannot be read, a file is not text, or there is none.
    pub fn read_dir(directory: &Path) -> Result<CorpusFiles, ReadError> {
        let mut files = Vec::new();
        collect(directory, &mut files)?;
        if files.is_empty() {
            return Err(ReadError::Empty(directory.to_owned()));
        }
        files.sort();
        Ok(CorpusFiles { files })
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str())
    }

    /// A hash over texts and names below the common folder (FNV-1a, 64 bits) as 16 hex digits: the same cases have the
    /// same hash wherever they lie. It tells two corpora apart, it protects nothing.
    #[must_use]
    pub fn hash(&self) -> String {
        let root = self.root();
        let within = |name: &'_ str| name.get(root..).unwrap_or_default().to_owned();
        let mut files: Vec<(String, &String)> =
            self.files.iter().map(|(name, text)| (within(name), text)).collect();
        files.sort();
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in files.iter().flat_map(|(name, text)| [name, *text]) {
            // The length before each part keeps `ab` + `c` apart from `a` + `bc`.
            let length = (part.len() as u64).to_le_bytes();
            for byte in length.iter().chain(part.as_bytes()) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        format!("{hash:016x}")
    }
}

impl CorpusFiles {
    /// How many bytes of every name are the common folder.
    fn root(&self) -> usize {
        let Some(((first, _), rest)) = self.files.split_first() else { return 0 };
        let folder = |name: &str, end: usize| {
            name.get(..end).and_then(|name| name.rfind('/')).map_or(0, |slash| slash + 1)
        };
        rest.iter().fold(folder(first, first.len()), |root, (name, _)| {
            let same = first.bytes().zip(name.bytes()).take_while(|(left, right)| left == right);
            let same = same.count().min(root);
            if same == root { root } else { folder(first, same) }
        })
    }
}

fn collect(directory: &Path, files: &mut Vec<(String, String)>) -> Result<(), ReadError> {
    let failed = |path: &Path, reason| ReadError::Io { path: path.to_owned(), reason };
    for entry in fs::read_dir(directory).map_err(|error| failed(directory, error))? {
        let entry = entry.map_err(|error| failed(directory, error))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| failed(&path, error))?;
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() && is_yaml(&path) {
            let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
            let text = String::from_utf8(bytes).map_err(|_| ReadError::NotText(path.clone()))?;
            files.push((shown(&path), text));
        }
    }
    Ok(())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The path as the user reads it: with `/` between names, without a leading `./`.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(files: &[(&str, &str)]) -> CorpusFiles {
        CorpusFiles {
            files: files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
        }
    }

    #[test]
    fn the_hash_sees_names_texts_and_their_border_and_not_the_order() {
        let hash = corpus(&[("a", "bc"), ("x", "y")]).hash();
        assert_eq!(hash.len(), 16);
        assert_eq!(hash, corpus(&[("x", "y"), ("a", "bc")]).hash());
        assert_ne!(hash, corpus(&[("ab", "c"), ("x", "y")]).hash());
        assert_ne!(hash, corpus(&[("a", "bd"), ("x", "y")]).hash());
    }

    #[test]
    fn the_hash_does_not_see_where_the_corpus_lies() {
        let here = corpus(&[("cases/a/x.yaml", "1"), ("cases/ab.yaml", "2")]);
        let there = corpus(&[("/tmp/é/a/x.yaml", "1"), ("/tmp/é/ab.yaml", "2")]);
        assert_eq!(here.hash(), there.hash());
        assert_ne!(here.hash(), corpus(&[("cases/a/x.yaml", "1"), ("cases/a/b.yaml", "2")]).hash());
        let one = corpus(&[("cases/a/x.yaml", "1")]);
        assert_eq!(one.hash(), corpus(&[("x.yaml", "1")]).hash());
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = CorpusFiles::read_dir(Path::new("no/such/place")).expect_err("nothing there");
        assert!(error.to_string().starts_with("cannot read no/such/place: "), "{error}");
    }
}
