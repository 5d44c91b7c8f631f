//! Keys, signatures and the preauthentication integrity hash: the only module that touches cryptography
//! (MS-SMB2 3.1.4.1 "Signing An Outgoing Message", 3.1.4.2 "Generating Cryptographic Keys", 3.1.5.1 "Verifying an Incoming Message").
//!
//! Encryption is in [`encryption`].

pub mod encryption;

use std::fmt;

use aes::Aes128;
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::AeadInOut;
use cmac::Cmac;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use thiserror::Error;

use crate::header::{COMMAND_OFFSET, FLAGS_OFFSET, MESSAGE_ID_OFFSET, SIGNATURE_OFFSET};
use crate::{Command, Dialect, Flags, HEADER_LENGTH};

/// HashAlgorithms of the preauthentication integrity context: SHA-512.
pub const SHA_512: u16 = 0x0001;

const SIGNATURE_LENGTH: usize = 16;
/// Length of a 128-bit key in bytes.
const KEY_LENGTH: usize = 16;

/// How messages are signed (MS-SMB2 2.2.3.1.7 "SMB2_SIGNING_CAPABILITIES").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// HMAC-SHA256, its first 16 bytes: 2.0.2 and 2.1, and by negotiation 3.1.1.
    HmacSha256,
    /// AES-128-CMAC: 3.0 and 3.0.2, and 3.1.1 unless negotiated otherwise.
    AesCmac,
    /// AES-128-GMAC: 3.1.1 by negotiation.
    AesGmac,
}

impl SigningAlgorithm {
    /// Its number in the signing context.
    #[must_use]
    pub fn id(self) -> u16 {
        match self {
            SigningAlgorithm::HmacSha256 => 0x0000,
            SigningAlgorithm::AesCmac => 0x0001,
            SigningAlgorithm::AesGmac => 0x0002,
        }
    }

    /// The algorithm of a connection: `negotiated` is what the server chose in a signing context, which only 3.1.1 has.
    ///
    /// # Errors
    /// [`SignError::Algorithm`] where that is none of these.
    pub fn of(dialect: Dialect, negotiated: Option<u16>) -> Result<SigningAlgorithm, SignError> {
        match (dialect, negotiated) {
            (Dialect::SMB2_0_2 | Dialect::SMB2_1, _) => Ok(SigningAlgorithm::HmacSha256),
            (Dialect::SMB3_1_1, Some(0x0000)) => Ok(SigningAlgorithm::HmacSha256),
            (Dialect::SMB3_1_1, Some(0x0002)) => Ok(SigningAlgorithm::AesGmac),
            (Dialect::SMB3_1_1, Some(id)) if id != 0x0001 => Err(SignError::Algorithm { id }),
            _ => Ok(SigningAlgorithm::AesCmac),
        }
    }
}

/// Why a message cannot be signed or its signature is not good.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignError {
    /// The message is shorter than a header.
    #[error("{length} bytes have no place for a signature")]
    TooShort {
        /// Its length in bytes.
        length: usize,
    },
    /// The SIGNED flag is not set.
    #[error("not signed")]
    NotSigned,
    /// The signature is another.
    #[error("wrong signature")]
    Wrong,
    /// The server chose a signing algorithm that is not offered here.
    #[error("unknown signing algorithm {id:#06x}")]
    Algorithm {
        /// Its number.
        id: u16,
    },
}

/// The session key, which the GSS login yields: 16 bytes, from which every other key comes.
#[derive(Clone)]
pub struct SessionKey([u8; KEY_LENGTH]);

impl SessionKey {
    /// The first 16 bytes of what the login yields, zeros behind a shorter one
    /// (MS-SMB2 3.2.5.3.1 "Handling a New Authentication").
    #[must_use]
    pub fn new(bytes: &[u8]) -> SessionKey {
        let mut key = [0; KEY_LENGTH];
        key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        SessionKey(key)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// The hash over every message of negotiation and login, in the order they went, from the header on
/// (MS-SMB2 3.2.5.2 "Receiving an SMB2 NEGOTIATE Response", 3.2.5.3).
///
/// It starts with a connection, goes on over the negotiation, and each session goes on from a copy: over each of its
/// SESSION_SETUP requests, and each answer but the last.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PreauthHash([u8; 64]);

impl PreauthHash {
    /// The hash before the first message: zeros.
    #[must_use]
    pub fn new() -> PreauthHash {
        PreauthHash([0; 64])
    }

    /// Goes on over one message.
    pub fn update(&mut self, message: &[u8]) {
        let digest = Sha512::new().chain_update(self.0).chain_update(message).finalize();
        self.0.copy_from_slice(&digest);
    }

    /// The hash so far.
    #[must_use]
    pub fn value(&self) -> &[u8; 64] {
        &self.0
    }
}

impl Default for PreauthHash {
    fn default() -> Self {
        PreauthHash::new()
    }
}

impl fmt::Debug for PreauthHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreauthHash(..)")
    }
}

/// The key that signs the messages of one session, and how it does.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: SigningAlgorithm,
    key: [u8; KEY_LENGTH],
}

impl SigningKey {
    /// The signing key of a session. `preauth` enters at 3.1.1 only, the session key itself is it before 3.0.
    #[must_use]
    pub fn derive(
        dialect: Dialect,
        algorithm: SigningAlgorithm,
        session: &SessionKey,
        preauth: &PreauthHash,
    ) -> SigningKey {
        let key = match dialect {
            Dialect::SMB2_0_2 | Dialect::SMB2_1 => session.0,
            Dialect::SMB3_1_1 => derive(session, b"SMBSigningKey\0", preauth.value()),
            _ => derive(session, b"SMB2AESCMAC\0", b"SmbSign\0"),
        };
        SigningKey { algorithm, key }
    }

    /// Sets the SIGNED flag and the signature of one message, with the padding behind it in a compound.
    ///
    /// # Errors
    /// [`SignError::TooShort`] where it has no header.
    pub fn sign(&self, message: &mut [u8]) -> Result<(), SignError> {
        let length = message.len();
        let header =
            message.first_chunk_mut::<HEADER_LENGTH>().ok_or(SignError::TooShort { length })?;
        header[FLAGS_OFFSET] |= Flags::SIGNED as u8;
        header[SIGNATURE_OFFSET..].fill(0);
        let signature = self.signature(message);
        message[SIGNATURE_OFFSET..HEADER_LENGTH].copy_from_slice(&signature);
        Ok(())
    }

    /// Checks the signature of one message, with the padding behind it in a compound, in constant time.
    ///
    /// # Errors
    /// A [`SignError`] where it has none or another.
    pub fn verify(&self, message: &[u8]) -> Result<(), SignError> {
        let too_short = SignError::TooShort { length: message.len() };
        let (header, body) = message.split_first_chunk::<HEADER_LENGTH>().ok_or(too_short)?;
        if header[FLAGS_OFFSET] & Flags::SIGNED as u8 == 0 {
            return Err(SignError::NotSigned);
        }
        let (unsigned, signature) = header.split_at(SIGNATURE_OFFSET);
        let parts = [unsigned, &[0; SIGNATURE_LENGTH], body];
        match self.algorithm {
            SigningAlgorithm::HmacSha256 => {
                hmac_sha256(&self.key, &parts).verify_truncated_left(signature)
            }
            SigningAlgorithm::AesCmac => {
                aes_cmac(&self.key, &parts).verify_truncated_left(signature)
            }
            SigningAlgorithm::AesGmac => {
                return verify_gmac(&self.key, header, &parts.concat(), signature);
            }
        }
        .map_err(|_| SignError::Wrong)
    }

    fn signature(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        match self.algorithm {
            SigningAlgorithm::HmacSha256 => first_16(hmac_sha256(&self.key, &[message])),
            SigningAlgorithm::AesCmac => first_16(aes_cmac(&self.key, &[message])),
            SigningAlgorithm::AesGmac => gmac(&self.key, message),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// SP800-108 in counter mode with HMAC-SHA256 as PRF, one round: r is 32 bits, L is 128 bits.
fn derive(session: &SessionKey, label: &[u8], context: &[u8]) -> [u8; KEY_LENGTH] {
    first_16(derivation(session, label, context, KEY_LENGTH))
}

/// The same with L of 8 times `length`, which is at most 32 bytes: one round has no more.
fn derive_long(session: &SessionKey, label: &[u8], context: &[u8], length: usize) -> Vec<u8> {
    let block = derivation(session, label, context, length).finalize().into_bytes();
    block.iter().copied().take(length).collect()
}

fn derivation(session: &SessionKey, label: &[u8], context: &[u8], length: usize) -> Hmac<Sha256> {
    let counter = 1u32.to_be_bytes();
    let bits = (8 * length as u32).to_be_bytes();
    hmac_sha256(&session.0, &[&counter, label, &[0], context, &bits])
}

fn hmac_sha256(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC itself fills a short key up to the block with zeros.
    let mut block = [0; 64];
    block[..KEY_LENGTH].copy_from_slice(key);
    fed(Hmac::new(&block.into()), parts)
}

fn aes_cmac(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> Cmac<Aes128> {
    fed(Cmac::new(key.into()), parts)
}

fn fed<M: Mac>(mut mac: M, parts: &[&[u8]]) -> M {
    parts.iter().for_each(|part| mac.update(part));
    mac
}

/// AES-GMAC: the tag of nothing with the message, its signature zero, beside it (MS-SMB2 3.1.4.1).
fn gmac(key: &[u8; KEY_LENGTH], message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
    let nonce = gmac_nonce(message);
    // Only a message of 64 GiB has no tag.
    Aes128Gcm::new(key.into())
        .encrypt_inout_detached(&nonce.into(), message, (&mut [][..]).into())
        .map_or([0; SIGNATURE_LENGTH], Into::into)
}

fn verify_gmac(
    key: &[u8; KEY_LENGTH],
    header: &[u8; HEADER_LENGTH],
    unsigned: &[u8],
    signature: &[u8],
) -> Result<(), SignError> {
    let nonce = gmac_nonce(header);
    let tag = signature.try_into().map_err(|_| SignError::Wrong)?;
    Aes128Gcm::new(key.into())
        .decrypt_inout_detached(&nonce.into(), unsigned, (&mut [][..]).into(), tag)
        .map_err(|_| SignError::Wrong)
}

/// The message id, then whether the server sent it, and whether it is a CANCEL.
fn gmac_nonce(message: &[u8]) -> [u8; 12] {
    let byte = |at: usize| message.get(at).copied().unwrap_or_default();
    let mut nonce = [0; 12];
    nonce[..8].iter_mut().zip(MESSAGE_ID_OFFSET..).for_each(|(to, at)| *to = byte(at));
    let server = byte(FLAGS_OFFSET) & Flags::RESPONSE as u8;
    let command = u16::from_le_bytes([byte(COMMAND_OFFSET), byte(COMMAND_OFFSET + 1)]);
    nonce[8] = server | u8::from(command == Command::CANCEL.0) << 1;
    nonce
}

/// The first 16 bytes of the result; both algorithms have at least so many.
fn first_16(mac: impl Mac) -> [u8; 16] {
    let mut first = [0; 16];
    first.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
    first
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
        let byte =
            |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    fn key(hex: &str) -> [u8; 16] {
        bytes(hex).try_into().unwrap()
    }

    // RFC 4493, section 4 "Test Vectors".
    #[rstest]
    #[case::empty(0, "bb1d6929 e9593728 7fa37d12 9b756746")]
    #[case::one_block(16, "070a16b4 6b4d4144 f79bdd9d d04a287c")]
    #[case::two_and_a_half(40, "dfa66747 de9ae630 30ca3261 1497c827")]
    #[case::four_blocks(64, "51f0bebf 7e3b9d92 fc497417 79363cfe")]
    fn aes_cmac_as_published(#[case] length: usize, #[case] mac: &str) {
        let message = bytes(
            "6bc1bee2 2e409f96 e93d7e11 7393172a ae2d8a57 1e03ac9c 9eb76fac 45af8e51
             30c81c46 a35ce411 e5fbc119 1a0a52ef f69f2445 df4f9b17 ad2b417b e66c3710",
        );
        let key = key("2b7e1516 28aed2a6 abf71588 09cf4f3c");
        assert_eq!(first_16(aes_cmac(&key, &[&message[..length]])).to_vec(), bytes(mac));
    }

    // RFC 4231, section 4.3 "Test Case 2": the key is "Jefe", which HMAC fills up with zeros anyway.
    #[test]
    fn hmac_sha256_as_published() {
        let key = key("4a656665 00000000 00000000 00000000");
        let mac =
            hmac_sha256(&key, &[b"what do ya want ", b"for nothing?"]).finalize().into_bytes();
        let published = "5bdcc146 bf60754e 6a042426 089575c7 5a003f08 9d273983 9dec58b9 64ec3843";
        assert_eq!(mac.to_vec(), bytes(published));
    }

    // Microsoft, "SMB 2 and SMB 3 security in Windows 10: the anatomy of signing and cryptographic keys",
    // "Key derivation example for SMB 3.0 multichannel" and "... 3.1.1 multichannel".
    #[rstest]
    #[case::smb2_1(Dialect::SMB2_1, SESSION_KEY_3_0, SESSION_KEY_3_0)]
    #[case::smb3_0(Dialect::SMB3_0, SESSION_KEY_3_0, "0b7e9c5cac36c0f6ea9ab275298cedce")]
    #[case::smb3_0_2(Dialect::SMB3_0_2, SESSION_KEY_3_0, "0b7e9c5cac36c0f6ea9ab275298cedce")]
    #[case::smb3_1_1(Dialect::SMB3_1_1, SESSION_KEY_3_1_1, "73fe7a9a77bef0bde49c650d8ccb5f76")]
    fn signing_keys_as_published(
        #[case] dialect: Dialect,
        #[case] session: &str,
        #[case] signing: &str,
    ) {
        let preauth = PreauthHash(bytes(PREAUTH_3_1_1).try_into().unwrap());
        let session = SessionKey::new(&bytes(session));
        let derived = SigningKey::derive(dialect, SigningAlgorithm::AesCmac, &session, &preauth);
        assert_eq!(derived.key, key(signing));
    }

    const SESSION_KEY_3_0: &str = "7cd451825d0450d235424e44ba6e78cc";
    const SESSION_KEY_3_1_1: &str = "270e1ba896585eeb7af3472d3b4c75a7";
    const PREAUTH_3_1_1: &str = "0dd13628cc3ed218ef9df9772d436d0887ab9814bfae63a80aa845f36909db79
         28622dddad522d9751640a459762c5a9d6bb084cbb3ce6bdadef5d5bce3c6c01";

    // MS-SMB2 3.1.4.1 "Signing An Outgoing Message", 2.2.3.1.7 "SMB2_SIGNING_CAPABILITIES".
    #[rstest]
    #[case(Dialect::SMB2_0_2, None, Ok(SigningAlgorithm::HmacSha256))]
    #[case(Dialect::SMB2_1, None, Ok(SigningAlgorithm::HmacSha256))]
    #[case(Dialect::SMB3_0, None, Ok(SigningAlgorithm::AesCmac))]
    #[case(Dialect::SMB3_0_2, None, Ok(SigningAlgorithm::AesCmac))]
    #[case(Dialect::SMB3_1_1, None, Ok(SigningAlgorithm::AesCmac))]
    #[case(Dialect::SMB3_1_1, Some(0), Ok(SigningAlgorithm::HmacSha256))]
    #[case(Dialect::SMB3_1_1, Some(1), Ok(SigningAlgorithm::AesCmac))]
    #[case(Dialect::SMB3_1_1, Some(2), Ok(SigningAlgorithm::AesGmac))]
    #[case(Dialect::SMB3_1_1, Some(3), Err(SignError::Algorithm { id: 3 }))]
    fn the_dialect_and_the_server_choose_the_algorithm(
        #[case] dialect: Dialect,
        #[case] negotiated: Option<u16>,
        #[case] algorithm: Result<SigningAlgorithm, SignError>,
    ) {
        assert_eq!(SigningAlgorithm::of(dialect, negotiated), algorithm);
    }

    #[rstest]
    fn every_byte_of_a_message_is_signed(
        #[values(
            SigningAlgorithm::HmacSha256,
            SigningAlgorithm::AesCmac,
            SigningAlgorithm::AesGmac
        )]
        algorithm: SigningAlgorithm,
    ) {
        let signer = SigningKey { algorithm, key: [7; 16] };
        let mut message = vec![0x52; HEADER_LENGTH + 24];
        signer.sign(&mut message).unwrap();
        assert_eq!(message[FLAGS_OFFSET], 0x5A);
        assert_eq!(signer.verify(&message), Ok(()));
        for at in 0..message.len() {
            let mut changed = message.clone();
            changed[at] ^= 0x80;
            assert_eq!(signer.verify(&changed), Err(SignError::Wrong), "byte {at}");
        }
    }

    #[test]
    fn what_is_unsigned_or_no_message_is_said() {
        let signer = SigningKey { algorithm: SigningAlgorithm::AesCmac, key: [7; 16] };
        assert_eq!(signer.verify(&[0; 64]), Err(SignError::NotSigned));
        assert_eq!(signer.verify(&[0; 63]), Err(SignError::TooShort { length: 63 }));
        assert_eq!(signer.sign(&mut [0; 63]), Err(SignError::TooShort { length: 63 }));
    }

    #[test]
    fn a_login_may_yield_another_length() {
        assert_eq!(SessionKey::new(&[1; 40]).0, [1; 16]);
        assert_eq!(SessionKey::new(&[1; 8]).0, key("01010101010101010000000000000000"));
    }

    #[test]
    fn no_key_shows() {
        let session = SessionKey([0xAB; 16]);
        let algorithm = SigningAlgorithm::AesCmac;
        let signing = SigningKey { algorithm, key: [0xAB; 16] };
        let shown = format!("{session:?} {signing:?} {:?}", PreauthHash([0xAB; 64]));
        assert_eq!(shown, "SessionKey(..) SigningKey { algorithm: AesCmac, .. } PreauthHash(..)");
    }
}
