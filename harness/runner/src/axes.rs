//! The axes of a run, as `--axes` names them: transport and lease version.

use std::str::FromStr;

use oplock_live::{CIPHERS, Cipher, Dialect, Signing, ciphers};

/// What one `--axes` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxesArg {
    /// Every combination that the target takes.
    Full,
    /// This one.
    One(Axes),
}

impl FromStr for AxesArg {
    type Err = String;

    fn from_str(text: &str) -> Result<AxesArg, String> {
        if text == "full" { Ok(AxesArg::Full) } else { text.parse().map(AxesArg::One) }
    }
}

/// Whether a run begins with the axes that a target has where nobody names any.
#[must_use]
pub fn begins_with_representative(axes: &[AxesArg]) -> bool {
    axes.first()
        .is_none_or(|first| matches!(first, AxesArg::Full) || *first == AxesArg::REPRESENTATIVE)
}

impl AxesArg {
    /// The server's newest dialect, signed as that dialect usually does, in clear.
    pub const REPRESENTATIVE: AxesArg =
        AxesArg::One(Axes { dialect: None, signing: None, encryption: None, lease_version: None });
}

/// One combination of dialect, signing, encryption and lease version; what is not named is the server's newest dialect,
/// signed as that dialect usually does, in clear, with leases as their cases have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axes {
    /// The dialect; where none is named, the newest that both sides know.
    pub dialect: Option<Dialect>,
    /// How requests are signed.
    pub signing: Option<Signing>,
    /// How messages are encrypted.
    pub encryption: Option<Cipher>,
    /// The version of leases whose cases leave it open.
    pub lease_version: Option<u8>,
}

impl FromStr for Axes {
    type Err = String;

    fn from_str(text: &str) -> Result<Axes, String> {
        let mut axes = Axes::default();
        if text == "representative" {
            return Ok(axes);
        }
        for word in text.split(',') {
            axes.take(word)?;
        }
        let dialect = axes.dialect.unwrap_or_default();
        let signs = axes.signing.is_none_or(|signing| Signing::of(dialect).contains(&signing));
        let encrypts = axes.encryption.is_none_or(|cipher| ciphers(dialect).contains(&cipher));
        let leases = axes.lease_version.is_none_or(|version| lease_versions(dialect) >= version);
        match (signs && encrypts, leases) {
            (true, true) => Ok(axes),
            (false, _) => Err(format!("{} knows no such signing or cipher", dialect.word())),
            (_, false) => Err(format!("{} knows no such leases", dialect.word())),
        }
    }
}

/// The newest version of leases that a dialect knows; 0 for none (MS-SMB2 2.2.13.2.8, 2.2.13.2.10).
#[must_use]
pub fn lease_versions(dialect: Dialect) -> u8 {
    match dialect {
        Dialect::Smb2_0_2 => 0,
        Dialect::Smb2_1 => 1,
        Dialect::Smb3_0 | Dialect::Smb3_0_2 | Dialect::Smb3_1_1 => 2,
    }
}

/// The name of every axes that a leg of a run can have; the reference's own have none.
#[must_use]
pub fn names() -> Vec<String> {
    let transport = ["signed"].into_iter();
    let transport: Vec<&str> = transport
        .chain(Signing::WORDS.iter().map(|(word, _)| *word))
        .chain(CIPHERS.iter().map(|(word, _)| *word))
        .collect();
    let mut names = vec![String::new()];
    for dialect in Dialect::ALL.into_iter().map(Dialect::word) {
        names.push(dialect.to_owned());
        names.extend(transport.iter().map(|way| format!("{dialect},{way}")));
    }
    let mut with_leases = names.clone();
    for (lease, _) in LEASE_VERSIONS {
        let with = |name: &String| {
            if name.is_empty() { lease.to_owned() } else { format!("{name},{lease}") }
        };
        with_leases.extend(names.iter().map(with));
    }
    with_leases
}

const LEASE_VERSIONS: [(&str, u8); 2] = [("lease_v1", 1), ("lease_v2", 2)];

impl Axes {
    fn take(&mut self, word: &str) -> Result<(), String> {
        let signing = Signing::WORDS.iter().find(|(known, _)| *known == word);
        let cipher = CIPHERS.iter().find(|(known, _)| *known == word);
        let lease = LEASE_VERSIONS.iter().find(|(known, _)| *known == word);
        if let Some(dialect) = Dialect::from_word(word) {
            return once(&mut self.dialect, dialect, "dialect");
        }
        match (signing, cipher, lease) {
            (Some((_, signing)), ..) => once(&mut self.signing, *signing, "way of signing"),
            (_, Some((_, cipher)), _) => once(&mut self.encryption, *cipher, "cipher"),
            (_, _, Some((_, version))) => once(&mut self.lease_version, *version, "lease version"),
            // A run signs unless it is told otherwise, so the word may be said.
            _ if word == "signed" => Ok(()),
            _ => Err(format!("no axis `{word}`: write `representative`, `full`, or {}", known())),
        }
    }
}

fn once<T>(place: &mut Option<T>, value: T, what: &str) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("one {what} at a time")),
    }
}

/// Every word, as a list.
fn known() -> String {
    let dialects = Dialect::ALL.into_iter().map(Dialect::word);
    let signing = Signing::WORDS.iter().map(|(word, _)| *word);
    let ciphers = CIPHERS.iter().map(|(word, _)| *word);
    let leases = LEASE_VERSIONS.iter().map(|(word, _)| *word);
    dialects
        .chain(["signed"])
        .chain(signing)
        .chain(ciphers)
        .chain(leases)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("representative", None, None, None)]
    #[case("smb2_1", Some(Dialect::Smb2_1), None, None)]
    #[case("smb3_1_1,signed", Some(Dialect::Smb3_1_1), None, None)]
    #[case("smb3_1_1,aes_gmac", Some(Dialect::Smb3_1_1), Some(Signing::AesGmac), None)]
    #[case("smb2_0_2,unsigned", Some(Dialect::Smb2_0_2), Some(Signing::Off), None)]
    #[case("smb3_0,aes128_ccm", Some(Dialect::Smb3_0), None, Some(Cipher::Aes128Ccm))]
    #[case("aes256_gcm", None, None, Some(Cipher::Aes256Gcm))]
    fn axes_are_those_that_a_report_names(
        #[case] text: &str,
        #[case] dialect: Option<Dialect>,
        #[case] signing: Option<Signing>,
        #[case] encryption: Option<Cipher>,
    ) {
        assert_eq!(text.parse(), Ok(Axes { dialect, signing, encryption, lease_version: None }));
    }

    #[test]
    fn axes_are_all_or_one() {
        assert_eq!("full".parse(), Ok(AxesArg::Full));
        assert_eq!("representative".parse(), Ok(AxesArg::REPRESENTATIVE));
        let version = Axes { lease_version: Some(2), ..Axes::default() };
        assert_eq!("lease_v2".parse(), Ok(AxesArg::One(version)));
    }

    #[rstest]
    #[case("smb1", "no axis `smb1`")]
    #[case("smb2_1,smb3_1_1", "one dialect at a time")]
    #[case("smb2_1,aes_gmac", "smb2_1 knows no such")]
    #[case("smb3_0,aes128_gcm", "smb3_0 knows no such")]
    #[case("smb2_0_2,aes128_ccm", "smb2_0_2 knows no such")]
    #[case("smb2_1,lease_v2", "smb2_1 knows no such leases")]
    #[case("full,smb2_1", "no axis `full`")]
    #[case("smb3_0,lease_v1,lease_v2", "one lease version at a time")]
    fn what_makes_no_sense_is_refused(#[case] text: &str, #[case] said: &str) {
        let error = text.parse::<Axes>().expect_err("no axes");
        assert!(error.starts_with(said), "{error}");
    }
}
