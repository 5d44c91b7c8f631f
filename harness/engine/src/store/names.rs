//! Paths as callers write them, and what they name.

use oplock_model::Status;

/// A parsed path, folded, since names don't differ by case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name {
    /// Path of the file, empty for the root.
    file: String,
    /// Where the last part of that path starts.
    last: usize,
    /// Name of the stream, empty for the primary one.
    pub stream: String,
}

impl Name {
    /// Reads `folder/file`, `file:stream`, `file::$DATA` or `file:stream:$DATA`.
    pub fn parse(path: &str) -> Result<Name, Status> {
        let mut file = path.to_lowercase();
        let last = file.rfind('/').map_or(0, |slash| slash + 1);
        let mut stream = String::new();
        if let Some(colon) = file.find(':') {
            let rest = file.split_off(colon);
            stream = parse_stream(&rest)?;
        }
        // A colon before the last slash has cut that slash off.
        let base = file.get(last..).ok_or(Status::OBJECT_NAME_INVALID)?;
        let directories = file.get(..last.saturating_sub(1)).unwrap_or_default();
        let named = path.is_empty() || !base.is_empty();
        let valid_directories = last == 0 || directories.split('/').all(|part| !part.is_empty());
        if !named || !valid_directories {
            return Err(Status::OBJECT_NAME_INVALID);
        }
        Ok(Name { file, last, stream })
    }

    /// Whether it names the root directory.
    pub fn is_root(&self) -> bool {
        self.file.is_empty()
    }

    /// The directories on the way, from the root on.
    pub fn directories(&self) -> impl Iterator<Item = &str> {
        let path = self.file.get(..self.last.saturating_sub(1)).unwrap_or_default();
        path.split('/').filter(|part| !part.is_empty())
    }

    /// The name in the directory.
    pub fn last(&self) -> &str {
        self.file.get(self.last..).unwrap_or_default()
    }
}

/// Reads `:stream`, `::$DATA` or `:stream:$DATA`: the folded name of the stream, empty for the primary one.
pub(super) fn parse_stream(path: &str) -> Result<String, Status> {
    let folded = path.to_lowercase();
    let mut parts = folded.split(':');
    let (before, stream, kind) = (parts.next(), parts.next(), parts.next());
    let valid = match (before, stream, kind) {
        (Some(""), Some(stream), None) => !stream.is_empty(),
        (Some(""), Some(_), Some(kind)) => kind == "$data",
        _ => false,
    };
    if !valid || parts.next().is_some() || folded.contains('/') {
        return Err(Status::OBJECT_NAME_INVALID);
    }
    Ok(stream.unwrap_or_default().to_owned())
}

/// Whether a folded name is one of eight and three characters.
pub(super) fn is_short_name(name: &str) -> bool {
    let (base, extension) = name.split_once('.').unwrap_or((name, ""));
    let fits = |part: &str, most: usize| {
        part.len() <= most
            && part.chars().all(|c| c.is_ascii_graphic() && !"./\\:*?\"<>|+,;=[]".contains(c))
    };
    !base.is_empty() && fits(base, 8) && fits(extension, 3)
}
