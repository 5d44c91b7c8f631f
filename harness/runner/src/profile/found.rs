//! Where a profile is: a file, a folder that has one, or one that the binary carries.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::TargetProfile;
use super::secrets::Secrets;
use crate::embed;

/// The name of a profile in its folder.
const FILE: &str = "target.yaml";
/// The name of a deviation list beside it.
const DEVIATIONS: &str = "deviations.yaml";

/// The text of a profile, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file as the user sees it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What it says, read without passwords.
    pub profile: TargetProfile,
    /// Its folder; nothing where the binary carries it.
    folder: Option<PathBuf>,
}

/// The profile that a word names; nothing where it names none.
///
/// # Errors
/// A text that says why it cannot be read, or everything that is wrong with it.
pub fn find(word: &str) -> Option<Result<Found, String>> {
    let path = Path::new(word);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_file = matches!(extension, Some("yaml" | "yml"));
    let path = match path.is_dir() && !is_file {
        true => path.join(FILE),
        false => path.to_owned(),
    };
    if is_file || path.is_file() {
        return Some(read(&path));
    }
    match embed::profile(word) {
        Some((name, text)) => Some(found(name.to_owned(), text.to_owned(), None)),
        None if Path::new(word).is_dir() => {
            Some(Err(format!("the folder {word} is no target's: it has no {FILE}")))
        }
        None => None,
    }
}

fn read(path: &Path) -> Result<Found, String> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read the profile {name}: {error}"))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    found(name, text, Some(folder))
}

fn found(name: String, text: String, folder: Option<PathBuf>) -> Result<Found, String> {
    match TargetProfile::read(&name, &text, &Secrets::unasked()) {
        Ok(profile) => Ok(Found { name, text, profile, folder }),
        Err(wrong) => {
            // Passwords that are missing besides are told in the same go; the first may still come from the command line.
            let variable = |name: &str| std::env::var(name).ok();
            let beside = folder.unwrap_or_default();
            let secrets = Secrets::asked(Some(String::new()), &variable, &beside);
            Err(TargetProfile::read(&name, &text, &secrets).err().unwrap_or(wrong))
        }
    }
}

impl Found {
    /// The profile with its passwords; `given` is the first account's, where the command line names it.
    ///
    /// # Errors
    /// A text with each password that is not there, and the place where the profile asks for it.
    pub fn with_passwords(&self, given: Option<String>) -> Result<TargetProfile, String> {
        let variable = |name: &str| std::env::var(name).ok();
        let folder = self.folder.clone().unwrap_or_default();
        TargetProfile::read(&self.name, &self.text, &Secrets::asked(given, &variable, &folder))
    }

    /// What relative paths of the profile begin at; the current folder where the binary carries it.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_default()
    }

    /// Name and text of its deviation list: the named one, or the one beside it; empty where there is none.
    ///
    /// # Errors
    /// A text where the list cannot be read.
    pub fn deviations(&self) -> Result<(String, String), String> {
        let named = self.profile.deviations.as_deref();
        let file = named.unwrap_or(DEVIATIONS);
        let Some(folder) = &self.folder else {
            let carried = embed::deviations(&self.profile.product).unwrap_or_default();
            return Ok((carried.0.to_owned(), carried.1.to_owned()));
        };
        let path = folder.join(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok((path.display().to_string(), text)),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok((String::new(), String::new()))
            }
            Err(error) => Err(format!(
                "cannot read the deviation list {} that {} names: {error}",
                path.display(),
                self.name
            )),
        }
    }
}
