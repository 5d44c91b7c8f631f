//! The transport of a live run, as `--axes` names it.

use std::str::FromStr;

use oplock_live::{CIPHERS, Cipher, Dialect, Signing, ciphers};

/// One combination of dialect, signing and encryption; what is not named is the server's newest dialect, signed as that
/// dialect usually does, in clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axes {
    /// The dialect; where none is named, the newest that both sides know.
    pub dialect: Option<Dialect>,
    /// How requests are signed.
    pub signing: Option<Signing>,
    /// How messages are encrypted.
    pub encryption: Option<Cipher>,
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
        match signs && encrypts {
            true => Ok(axes),
            false => Err(format!("{} knows no such signing or cipher", dialect.word())),
        }
    }
}

impl Axes {
    fn take(&mut self, word: &str) -> Result<(), String> {
        let signing = Signing::WORDS.iter().find(|(known, _)| *known == word);
        let cipher = CIPHERS.iter().find(|(known, _)| *known == word);
        if let Some(dialect) = Dialect::from_word(word) {
            return once(&mut self.dialect, dialect, "dialect");
        }
        match (signing, cipher) {
            (Some((_, signing)), _) => once(&mut self.signing, *signing, "way of signing"),
            (_, Some((_, cipher))) => once(&mut self.encryption, *cipher, "cipher"),
            // A run signs unless it is told otherwise, so the word may be said.
            _ if word == "signed" => Ok(()),
            _ => Err(format!("no axis `{word}`: write `representative`, or {}", known())),
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
    dialects.chain(["signed"]).chain(signing).chain(ciphers).collect::<Vec<_>>().join(", ")
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
        assert_eq!(text.parse(), Ok(Axes { dialect, signing, encryption }));
    }

    #[rstest]
    #[case("smb1", "no axis `smb1`")]
    #[case("smb2_1,smb3_1_1", "one dialect at a time")]
    #[case("smb2_1,aes_gmac", "smb2_1 knows no such")]
    #[case("smb3_0,aes128_gcm", "smb3_0 knows no such")]
    #[case("smb2_0_2,aes128_ccm", "smb2_0_2 knows no such")]
    fn what_makes_no_sense_is_refused(#[case] text: &str, #[case] said: &str) {
        let error = text.parse::<Axes>().expect_err("no axes");
        assert!(error.starts_with(said), "{error}");
    }
}
