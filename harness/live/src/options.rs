//! What a live run may say about its target.

use std::time::Duration;

use oplock_model::Dialect;
use oplock_wire::security::encryption::Cipher;

use crate::axes::Signing;

/// How a live target is asked.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Product and version as results shall name them; `smb-server` and `unknown` where nothing is said.
    pub product: Option<(String, String)>,
    /// The only dialect to offer; the newest that both know where nothing is said.
    pub dialect: Option<Dialect>,
    /// How requests are signed; as the dialect usually does where nothing is said.
    pub signing: Option<Signing>,
    /// How messages are encrypted; they are not where nothing is said.
    pub encryption: Option<Cipher>,
    /// Names the run's folder `oplock-conformance-<run id>`; random where nothing is said.
    pub run_id: Option<String>,
    /// The longest that a TCP connection may take.
    pub connect_within: Duration,
    /// The longest that a login may take after it.
    pub login_within: Duration,
}

impl Default for LiveOptions {
    fn default() -> Self {
        LiveOptions {
            product: None,
            dialect: None,
            signing: None,
            encryption: None,
            run_id: None,
            connect_within: Duration::from_secs(4),
            login_within: Duration::from_secs(20),
        }
    }
}
