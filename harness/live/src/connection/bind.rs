//! Binding: a connection becomes a further channel of another connection's session (MS-SMB2 3.2.4.2.3 "Authenticating the
//! User", 3.3.5.5.2 "Reauthenticating an Existing Session").

use std::sync::Arc;

use oplock_model::{Status, TargetFault};
use oplock_wire::security::SigningKey;
use oplock_wire::security::encryption::EncryptionKeys;

use super::handle::Connection;
use super::login::{SIGNING_ENABLED, SIGNING_REQUIRED, Way, authenticate};
use super::state::Sealing;

/// SMB2_SESSION_FLAG_BINDING (MS-SMB2 2.2.5).
const BINDING: u8 = 0x1;

/// Makes `connection` a channel of the session of `first`, in place of its own session; the status of the login.
///
/// # Errors
/// [`TargetFault::Lost`] where an answer does not come, [`TargetFault::Refused`] where it does not decode or no token can be made.
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
            sealing: Arc::clone(&state.sealing),
        }
    };
    let own = connection.state().enter(session.id, session.signing.clone());
    let result = set_up(connection, way).await;
    let (session, result) = match result {
        Ok(Ok(key)) => (Session { signing: Some(key), ..session }, Ok(Status::SUCCESS)),
        Ok(Err(status)) => (own, Ok(status)),
        Err(fault) => (own, Err(fault)),
    };
    connection.state().leave(session);
    result
}

/// What a connection knows of a session.
pub(super) struct Session {
    pub id: u64,
    pub tree: u32,
    pub signing: Option<SigningKey>,
    pub encryption: Option<EncryptionKeys>,
    pub sealing: Arc<Sealing>,
}

/// The login itself; the channel's key where it succeeds, else the status.
async fn set_up(
    connection: &Connection,
    way: &Way,
) -> Result<Result<SigningKey, Status>, TargetFault> {
    let (dialect, algorithm, mut hash) = connection
        .state()
        .agreed
        .ok_or_else(|| TargetFault::Internal("a channel before the negotiation".to_owned()))?;
    let mode = SIGNING_ENABLED | SIGNING_REQUIRED;
    let done = match authenticate(connection, way, BINDING, mode, &mut hash).await? {
        Ok(done) => done,
        Err(status) => return Ok(Err(status)),
    };
    let key = SigningKey::derive(dialect, algorithm, &done.session_key(way)?, &hash);
    key.verify(&done.bytes).map_err(|error| {
        way.refused(&way.login(), &format!("the last answer of the binding: {error}"))
    })?;
    Ok(Ok(key))
}
