//! One sample of every message, its bytes written down from the tables of MS-SMB2 and not by the encoder.

use oplock_model::{FileId, LeaseKey, LeaseState};
use oplock_wire::{CreateContext, Header, LeaseContext, LeaseV2};

mod requests;
mod responses;

pub use requests::requests;
pub use responses::responses;

/// A message and its bytes.
pub struct Sample<T> {
    pub name: &'static str,
    pub header: Header,
    pub message: T,
    pub bytes: Vec<u8>,
}

/// Bytes from hex digits; white space has no meaning.
pub fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

const FILE: FileId = FileId { persistent: 0x1122_3344_5566_7788, volatile: 0x99AA_BBCC_DDEE_FF00 };
const FILE_HEX: &str = "8877665544332211 00FFEEDDCCBBAA99";
const KEY: LeaseKey = LeaseKey(*b"0123456789abcdef");
const KEY_HEX: &str = "30313233343536373839616263646566";
const PARENT: LeaseKey = LeaseKey([0xEE; 16]);
const PARENT_HEX: &str = "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE";
const GUID: [u8; 16] = [0xC1; 16];
const GUID_HEX: &str = "C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1";

/// The 32 and the 52 byte context of spec "RqLs", with version 2 only in the second.
fn lease(state: u32, flags: u32, v2: Option<LeaseV2>) -> CreateContext {
    LeaseContext { key: KEY, state: LeaseState(state), flags, v2 }.to_context()
}
