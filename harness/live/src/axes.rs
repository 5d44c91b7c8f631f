//! The transport axes: dialect, signing, encryption.

use oplock_model::Dialect;
use oplock_wire::security::SigningAlgorithm;
use oplock_wire::security::encryption::Cipher;

/// How the requests of a session are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signing {
    /// Only where the protocol insists.
    Off,
    /// HMAC-SHA256: before 3.0, and by negotiation at 3.1.1.
    HmacSha256,
    /// AES-CMAC: from 3.0 on.
    AesCmac,
    /// AES-GMAC: by negotiation at 3.1.1.
    AesGmac,
}

impl Signing {
    /// Every way with the word that names it.
    pub const WORDS: [(&'static str, Signing); 4] = [
        ("unsigned", Signing::Off),
        ("hmac_sha256", Signing::HmacSha256),
        ("aes_cmac", Signing::AesCmac),
        ("aes_gmac", Signing::AesGmac),
    ];

    /// What a dialect signs with where nothing is negotiated: the word `signed`.
    #[must_use]
    pub fn usual(dialect: Dialect) -> Signing {
        if dialect.is_smb3() { Signing::AesCmac } else { Signing::HmacSha256 }
    }

    /// What a dialect can sign with.
    #[must_use]
    pub fn of(dialect: Dialect) -> &'static [Signing] {
        match dialect {
            Dialect::Smb2_0_2 | Dialect::Smb2_1 => &[Signing::HmacSha256, Signing::Off],
            Dialect::Smb3_0 | Dialect::Smb3_0_2 => &[Signing::AesCmac, Signing::Off],
            Dialect::Smb3_1_1 => {
                &[Signing::AesCmac, Signing::AesGmac, Signing::HmacSha256, Signing::Off]
            }
        }
    }

    pub(crate) fn algorithm(self) -> SigningAlgorithm {
        match self {
            Signing::HmacSha256 => SigningAlgorithm::HmacSha256,
            Signing::Off | Signing::AesCmac => SigningAlgorithm::AesCmac,
            Signing::AesGmac => SigningAlgorithm::AesGmac,
        }
    }
}

/// The ciphers with the words that name them.
pub const CIPHERS: [(&str, Cipher); 4] = [
    ("aes128_ccm", Cipher::Aes128Ccm),
    ("aes128_gcm", Cipher::Aes128Gcm),
    ("aes256_ccm", Cipher::Aes256Ccm),
    ("aes256_gcm", Cipher::Aes256Gcm),
];

/// What a dialect can encrypt with.
#[must_use]
pub fn ciphers(dialect: Dialect) -> &'static [Cipher] {
    match dialect {
        Dialect::Smb2_0_2 | Dialect::Smb2_1 => &[],
        Dialect::Smb3_0 | Dialect::Smb3_0_2 => &[Cipher::Aes128Ccm],
        Dialect::Smb3_1_1 => &Cipher::ALL,
    }
}

/// One way to speak to a server: the same for every connection of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Axes {
    /// The dialect.
    pub dialect: Dialect,
    /// How requests are signed; of no account where they are encrypted.
    pub signing: Signing,
    /// How messages are encrypted.
    pub encryption: Option<Cipher>,
}

impl Axes {
    /// The name in results and behind `--axes`: `smb3_1_1,signed`, `smb3_0,aes128_ccm`.
    #[must_use]
    pub fn name(&self) -> String {
        let how = match self.encryption {
            Some(cipher) => {
                CIPHERS.iter().find(|(_, known)| *known == cipher).map(|(word, _)| word)
            }
            None if self.signing == Signing::usual(self.dialect) => Some(&"signed"),
            None => Signing::WORDS.iter().find(|(_, known)| *known == self.signing).map(|(w, _)| w),
        };
        format!("{},{}", self.dialect.word(), how.copied().unwrap_or_default())
    }
}

/// The dialect as the wire numbers it.
pub(crate) fn number(dialect: Dialect) -> oplock_wire::Dialect {
    match dialect {
        Dialect::Smb2_0_2 => oplock_wire::Dialect::SMB2_0_2,
        Dialect::Smb2_1 => oplock_wire::Dialect::SMB2_1,
        Dialect::Smb3_0 => oplock_wire::Dialect::SMB3_0,
        Dialect::Smb3_0_2 => oplock_wire::Dialect::SMB3_0_2,
        Dialect::Smb3_1_1 => oplock_wire::Dialect::SMB3_1_1,
    }
}

/// The dialect of that number.
pub(crate) fn dialect(number_of: oplock_wire::Dialect) -> Option<Dialect> {
    Dialect::ALL.into_iter().find(|known| number(*known) == number_of)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Dialect::Smb3_1_1, Signing::AesCmac, None, "smb3_1_1,signed")]
    #[case(Dialect::Smb2_1, Signing::HmacSha256, None, "smb2_1,signed")]
    #[case(Dialect::Smb3_1_1, Signing::HmacSha256, None, "smb3_1_1,hmac_sha256")]
    #[case(Dialect::Smb3_0, Signing::Off, None, "smb3_0,unsigned")]
    #[case(Dialect::Smb3_0, Signing::AesCmac, Some(Cipher::Aes128Ccm), "smb3_0,aes128_ccm")]
    fn axes_have_names(
        #[case] dialect: Dialect,
        #[case] signing: Signing,
        #[case] encryption: Option<Cipher>,
        #[case] name: &str,
    ) {
        assert_eq!(Axes { dialect, signing, encryption }.name(), name);
    }

    #[test]
    fn dialects_have_numbers() {
        for known in Dialect::ALL {
            assert_eq!(dialect(number(known)), Some(known));
        }
    }
}
