//! SMB2 and SMB3 as bytes, in both directions: no sockets, no clock, no decisions.
//!
//! Whatever can be sent can be said here, illegal values included; whatever was received decodes, or fails with a
//! [`DecodeError`] that names the field. Keys and signatures are in one module, [`security`].

mod bytes;
mod codec;
mod compound;
mod create;
mod directory;
mod durable;
mod error;
mod file;
mod header;
mod ioctl;
mod lease;
mod lock;
mod message;
mod negotiate;
mod oplock_break;
mod reserved;
pub mod security;
mod session;

pub use codec::{decode_request, decode_response, encode_request, encode_response};
pub use compound::{Chain, FRAME_PREFIX, frame, frame_length, link, split_as_far, split_compound};
pub use create::{CreateContext, CreateRequest, CreateResponse};
pub use directory::{DirectoryEntry, directory_entries, encode_directory_entries};
pub use durable::{durable_answer, durable_request};
pub use error::DecodeError;
pub use file::{
    CloseResponse, QueryDirectoryRequest, QueryInfoRequest, SetInfoRequest, WriteRequest,
};
pub use header::{Command, Flags, HEADER_LENGTH, Header};
pub use ioctl::{IoctlRequest, IoctlResponse};
pub use lease::{LeaseContext, LeaseV2};
pub use lock::{LockElement, LockRequest};
pub use message::{Request, Response};
pub use negotiate::{Dialect, NegotiateContext, NegotiateRequest, NegotiateResponse};
pub use oplock_break::LeaseBreakNotification;
pub use reserved::misused_field;
pub use session::{SessionSetupRequest, SessionSetupResponse, TreeConnectResponse};
