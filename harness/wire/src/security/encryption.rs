//! Encrypted messages: the transform header and the four ciphers (MS-SMB2 2.2.41 "SMB2 TRANSFORM_HEADER", 3.1.4.3
//! "Encrypting the Message", 3.1.4.2 "Generating Cryptographic Keys").

use std::fmt;

use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ccm::Ccm;
use ccm::consts::{U11, U16};
use thiserror::Error;

use super::{PreauthHash, SessionKey, derive_long};
use crate::Dialect;
use crate::bytes::{Reader, Writer};

type Aes128Ccm = Ccm<aes::Aes128, U16, U11>;
type Aes256Ccm = Ccm<aes::Aes256, U16, U11>;

/// Length of the transform header in bytes.
pub const TRANSFORM_LENGTH: usize = 52;
/// ProtocolId of an encrypted message.
const PROTOCOL_ID: [u8; 4] = [0xFD, b'S', b'M', b'B'];
/// Offset of Nonce: from there on the header is authenticated.
const NONCE_OFFSET: usize = 20;
const SIGNATURE_OFFSET: usize = 4;
const TAG_LENGTH: usize = 16;
const NONCE_LENGTH: usize = 16;
/// Flags, EncryptionAlgorithm before 3.1.1: the message is encrypted.
const ENCRYPTED: u16 = 0x0001;

/// A cipher (MS-SMB2 2.2.3.1.2 "SMB2_ENCRYPTION_CAPABILITIES"), in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cipher {
    /// AES-128-CCM: the only one before 3.1.1.
    Aes128Ccm,
    /// AES-128-GCM.
    Aes128Gcm,
    /// AES-256-CCM.
    Aes256Ccm,
    /// AES-256-GCM.
    Aes256Gcm,
}

impl Cipher {
    /// Every cipher.
    pub const ALL: [Cipher; 4] =
        [Cipher::Aes128Ccm, Cipher::Aes128Gcm, Cipher::Aes256Ccm, Cipher::Aes256Gcm];

    /// Its number in the encryption context.
    #[must_use]
    pub fn id(self) -> u16 {
        match self {
            Cipher::Aes128Ccm => 0x0001,
            Cipher::Aes128Gcm => 0x0002,
            Cipher::Aes256Ccm => 0x0003,
            Cipher::Aes256Gcm => 0x0004,
        }
    }

    /// The cipher of that number.
    #[must_use]
    pub fn from_id(id: u16) -> Option<Cipher> {
        Cipher::ALL.into_iter().find(|cipher| cipher.id() == id)
    }

    fn key_length(self) -> usize {
        match self {
            Cipher::Aes128Ccm | Cipher::Aes128Gcm => 16,
            Cipher::Aes256Ccm | Cipher::Aes256Gcm => 32,
        }
    }

    /// Bytes of the nonce field that count; the others are zero.
    fn nonce_length(self) -> usize {
        match self {
            Cipher::Aes128Ccm | Cipher::Aes256Ccm => 11,
            Cipher::Aes128Gcm | Cipher::Aes256Gcm => 12,
        }
    }
}

/// Why a message cannot be decrypted, or encrypted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EncryptionError {
    /// It is shorter than a transform header, or no encrypted message.
    #[error("{length} bytes are no encrypted message")]
    NotEncrypted {
        /// Its length in bytes.
        length: usize,
    },
    /// OriginalMessageSize is another than what follows.
    #[error("OriginalMessageSize is {said}, {found} bytes follow")]
    Length {
        /// What the header says.
        said: u32,
        /// What is there.
        found: usize,
    },
    /// The authentication tag is another.
    #[error("wrong authentication tag")]
    Wrong,
    /// The message is too long for the cipher.
    #[error("{length} bytes cannot be encrypted at once")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
}

/// The two keys of a session, as one side has them.
#[derive(Clone)]
pub struct EncryptionKeys {
    cipher: Cipher,
    sends: Vec<u8>,
    receives: Vec<u8>,
}

impl fmt::Debug for EncryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKeys").field("cipher", &self.cipher).finish_non_exhaustive()
    }
}

impl EncryptionKeys {
    /// The keys of a client's session; `preauth` enters at 3.1.1 only.
    #[must_use]
    pub fn client(
        dialect: Dialect,
        cipher: Cipher,
        session: &SessionKey,
        preauth: &PreauthHash,
    ) -> EncryptionKeys {
        let length = cipher.key_length();
        let (sends, receives) = if dialect == Dialect::SMB3_1_1 {
            (
                derive_long(session, b"SMBC2SCipherKey\0", preauth.value(), length),
                derive_long(session, b"SMBS2CCipherKey\0", preauth.value(), length),
            )
        } else {
            (
                derive_long(session, b"SMB2AESCCM\0", b"ServerIn \0", length),
                derive_long(session, b"SMB2AESCCM\0", b"ServerOut\0", length),
            )
        };
        EncryptionKeys { cipher, sends, receives }
    }

    /// The keys as the other side has them.
    #[must_use]
    pub fn reversed(&self) -> EncryptionKeys {
        let EncryptionKeys { cipher, sends, receives } = self.clone();
        EncryptionKeys { cipher, sends: receives, receives: sends }
    }

    /// The cipher.
    #[must_use]
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Encrypts a message or compound; no number may be used twice with these keys.
    ///
    /// # Errors
    /// [`EncryptionError::TooLong`] where the cipher has no room for it.
    pub fn encrypt(
        &self,
        session_id: u64,
        number: u64,
        message: &[u8],
    ) -> Result<Vec<u8>, EncryptionError> {
        let too_long = EncryptionError::TooLong { length: message.len() };
        let size = u32::try_from(message.len()).map_err(|_| too_long.clone())?;
        let mut nonce = [0; NONCE_LENGTH];
        nonce[..8].copy_from_slice(&number.to_le_bytes());
        let mut to = Writer::default();
        to.bytes(&nonce);
        to.u32(size);
        to.u16(0);
        to.u16(ENCRYPTED);
        to.u64(session_id);
        let authenticated = to.into_bytes();
        let nonce = &nonce[..self.cipher.nonce_length()];
        let payload = Payload { msg: message, aad: &authenticated };
        let mut sealed = match self.cipher {
            Cipher::Aes128Ccm => seal::<Aes128Ccm>(&self.sends, nonce, payload),
            Cipher::Aes128Gcm => seal::<Aes128Gcm>(&self.sends, nonce, payload),
            Cipher::Aes256Ccm => seal::<Aes256Ccm>(&self.sends, nonce, payload),
            Cipher::Aes256Gcm => seal::<Aes256Gcm>(&self.sends, nonce, payload),
        }
        .ok_or(too_long)?;
        let tag = sealed.split_off(message.len());
        let mut whole = PROTOCOL_ID.to_vec();
        whole.extend(tag);
        whole.extend(authenticated);
        whole.extend(sealed);
        Ok(whole)
    }

    /// Decrypts a message: the session that its header names, and the message or compound in it.
    ///
    /// # Errors
    /// An [`EncryptionError`] where it is none, or was not made with these keys.
    pub fn decrypt(&self, message: &[u8]) -> Result<(u64, Vec<u8>), EncryptionError> {
        let none = EncryptionError::NotEncrypted { length: message.len() };
        let (header, body) =
            message.split_first_chunk::<TRANSFORM_LENGTH>().ok_or_else(|| none.clone())?;
        if !is_encrypted(message) {
            return Err(none);
        }
        let mut from = Reader::new(header);
        let fields = (|| {
            from.skip(NONCE_OFFSET + NONCE_LENGTH, "Nonce")?;
            let size = from.u32("OriginalMessageSize")?;
            from.skip(4, "Flags")?;
            Ok::<_, crate::DecodeError>((size, from.u64("SessionId")?))
        })();
        let (said, session) = fields.map_err(|_| none)?;
        if said as usize != body.len() {
            return Err(EncryptionError::Length { said, found: body.len() });
        }
        let authenticated = &header[NONCE_OFFSET..];
        let nonce = &authenticated[..self.cipher.nonce_length()];
        let mut sealed = body.to_vec();
        sealed.extend_from_slice(&header[SIGNATURE_OFFSET..SIGNATURE_OFFSET + TAG_LENGTH]);
        let payload = Payload { msg: &sealed, aad: authenticated };
        let opened = match self.cipher {
            Cipher::Aes128Ccm => open::<Aes128Ccm>(&self.receives, nonce, payload),
            Cipher::Aes128Gcm => open::<Aes128Gcm>(&self.receives, nonce, payload),
            Cipher::Aes256Ccm => open::<Aes256Ccm>(&self.receives, nonce, payload),
            Cipher::Aes256Gcm => open::<Aes256Gcm>(&self.receives, nonce, payload),
        };
        Ok((session, opened.ok_or(EncryptionError::Wrong)?))
    }
}

/// Whether a frame's bytes are an encrypted message.
#[must_use]
pub fn is_encrypted(message: &[u8]) -> bool {
    message.starts_with(&PROTOCOL_ID)
}

/// Ciphertext with the tag behind it.
fn seal<C: KeyInit + AeadInOut>(
    key: &[u8],
    nonce: &[u8],
    payload: Payload<'_, '_>,
) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    cipher.encrypt(nonce.try_into().ok()?, payload).ok()
}

/// Plaintext of a ciphertext with the tag behind it.
fn open<C: KeyInit + AeadInOut>(
    key: &[u8],
    nonce: &[u8],
    payload: Payload<'_, '_>,
) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    cipher.decrypt(nonce.try_into().ok()?, payload).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn keys(cipher: Cipher, dialect: Dialect) -> EncryptionKeys {
        let mut preauth = PreauthHash::new();
        preauth.update(b"x");
        EncryptionKeys::client(dialect, cipher, &SessionKey::new(&[7; 16]), &preauth)
    }

    #[rstest]
    fn what_one_side_encrypts_the_other_reads(
        #[values(Cipher::Aes128Ccm, Cipher::Aes128Gcm, Cipher::Aes256Ccm, Cipher::Aes256Gcm)]
        cipher: Cipher,
    ) {
        let client = keys(cipher, Dialect::SMB3_1_1);
        let sent = client.encrypt(0x1234, 9, b"a message").unwrap();
        assert_eq!(sent.len(), TRANSFORM_LENGTH + 9);
        assert!(is_encrypted(&sent));
        assert!(!sent.windows(9).any(|part| part == b"a message"));
        let server = client.reversed();
        assert_eq!(server.decrypt(&sent), Ok((0x1234, b"a message".to_vec())));
        assert_eq!(client.decrypt(&sent), Err(EncryptionError::Wrong));
        for at in SIGNATURE_OFFSET..sent.len() {
            let mut changed = sent.clone();
            changed[at] ^= 1;
            assert!(server.decrypt(&changed).is_err(), "byte {at}");
        }
        for length in 0..sent.len() {
            assert!(server.decrypt(&sent[..length]).is_err(), "{length} bytes");
        }
    }

    // MS-SMB2 3.1.4.2: before 3.1.1 the keys do not depend on the preauthentication hash.
    #[test]
    fn the_preauthentication_hash_enters_at_3_1_1_only() {
        let with = |dialect, seed: &[u8]| {
            let mut preauth = PreauthHash::new();
            preauth.update(seed);
            let session = SessionKey::new(&[7; 16]);
            EncryptionKeys::client(dialect, Cipher::Aes128Ccm, &session, &preauth).sends
        };
        assert_eq!(with(Dialect::SMB3_0, b"x"), with(Dialect::SMB3_0_2, b"y"));
        assert_ne!(with(Dialect::SMB3_1_1, b"x"), with(Dialect::SMB3_1_1, b"y"));
    }

    #[test]
    fn ciphers_have_their_numbers() {
        for cipher in Cipher::ALL {
            assert_eq!(Cipher::from_id(cipher.id()), Some(cipher));
        }
        assert_eq!(Cipher::from_id(5), None);
    }

    #[test]
    fn no_key_shows() {
        let shown = format!("{:?}", keys(Cipher::Aes128Gcm, Dialect::SMB3_1_1));
        assert_eq!(shown, "EncryptionKeys { cipher: Aes128Gcm, .. }");
    }
}
