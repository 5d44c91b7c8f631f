//! Binding: a connection becomes a further channel of another connection's session (MS-SMB2 3.2.4.2.3 "Authenticating the
//! User", 3.3.5.5.2 "Reauthenticating an Existing Session").

use std::sync::Arc;

use oplock_model::{Status, TargetFault};
use oplock_wire::security::{SessionKey, SigningKey};
use oplock_wire::{Request, Response, SessionSetupRequest};

use super::handle::Connection;
use super::login::{ROUNDS, SIGNING_ENABLED, SIGNING_REQUIRED, Way};
use crate::login::Login;

/// SMB2_SESSION_FLAG_BINDING (MS-SMB2 2.2.5).
const BINDING: u8 = 0x1;

/// Makes `connection` a channel of the session of `first`, in place of its own session; the status of the login.
///
/// # Errors
/// [`TargetFault::Lost`] where an answer does not come or does not decode, [`TargetFault::Refused`] where no token can be made.
pub(crate) async fn bind(
    connection: &Connection,
    first: &Connection,
    way: &Way,
) -> Result<Status, TargetFault> {
    let session = {
        let state = first.state();
        Session {
            id: state.session_id,
            tree: state.tree_id,
            signing: state.signing.clone(),
            encryption: state.encryption.clone(),
            encrypted: Arc::clone(&state.encrypted),
        }
    };
    let own = connection.state().enter(session.id, session.signing.clone());
    let result = set_up(connection, way).await;
    let mut state = connection.state();
    match result {
        Ok((status, Some(key))) => {
            state.leave(session.id, session.tree, Some(key), session.encryption);
            state.encrypted = session.encrypted;
            Ok(status)
        }
        Ok((status, None)) => {
            state.leave(own.id, own.tree, own.signing, own.encryption);
            Ok(status)
        }
        Err(fault) => {
            state.leave(own.id, own.tree, own.signing, own.encryption);
            Err(fault)
        }
    }
}

/// What a connection knows of a session.
pub(super) struct Session {
    pub id: u64,
    pub tree: u32,
    pub signing: Option<SigningKey>,
    pub encryption: Option<oplock_wire::security::encryption::EncryptionKeys>,
    pub encrypted: Arc<std::sync::atomic::AtomicU64>,
}

/// The login itself; a channel's key where it succeeds.
async fn set_up(
    connection: &Connection,
    way: &Way,
) -> Result<(Status, Option<SigningKey>), TargetFault> {
    let refused = |reason: String| TargetFault::Refused {
        address: way.address.place(),
        what: format!("the login of {}", way.address.user),
        reason,
    };
    let (dialect, algorithm, mut hash) = connection
        .state()
        .agreed
        .ok_or_else(|| TargetFault::Internal("a channel before the negotiation".to_owned()))?;
    let mut login =
        Login::new(&way.address, &way.password.0).map_err(|error| refused(error.to_string()))?;
    let mut token = Vec::new();
    for _ in 0..ROUNDS {
        let request = SessionSetupRequest {
            flags: BINDING,
            security_mode: SIGNING_ENABLED | SIGNING_REQUIRED,
            token: login.step(&token).map_err(|error| refused(error.to_string()))?,
            ..SessionSetupRequest::default()
        };
        let answer = connection.exchange(Request::SessionSetup(request)).await?;
        hash.update(&answer.sent);
        let status = answer.header.status;
        match answer.response {
            Ok(Response::SessionSetup(response)) if status == Status::MORE_PROCESSING_REQUIRED => {
                hash.update(&answer.bytes);
                token = response.token;
            }
            Ok(Response::SessionSetup(_)) => {
                let key = login.session_key().map_err(|error| refused(error.to_string()))?;
                let key = SigningKey::derive(dialect, algorithm, &SessionKey::new(&key), &hash);
                key.verify(&answer.bytes)
                    .map_err(|error| refused(format!("the last answer of the binding: {error}")))?;
                return Ok((status, Some(key)));
            }
            Ok(_) => return Ok((status, None)),
            Err(error) => {
                return Err(TargetFault::Lost(format!("the answer does not decode: {error}")));
            }
        }
    }
    Err(refused(format!("no end after {ROUNDS} rounds")))
}
