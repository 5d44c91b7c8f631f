//! Opening a connection: TCP, NEGOTIATE, SESSION_SETUP, TREE_CONNECT, with signing required on both sides
//! (MS-SMB2 3.2.4.2 "Application Requests a Connection to a Share").

use std::net::SocketAddr;
use std::time::Duration;

use oplock_model::{Status, TargetFault};
use oplock_wire::security::encryption::{Cipher, EncryptionKeys};
use oplock_wire::security::{PreauthHash, SHA_512, SessionKey, SigningAlgorithm, SigningKey};
use oplock_wire::{
    Dialect, NegotiateContext, NegotiateRequest, NegotiateResponse, Request, Response,
    SessionSetupRequest, SessionSetupResponse, TreeConnectResponse,
};
use tokio::net::TcpStream;

use super::handle::Connection;
use super::refusal::{self, ENCRYPT};
use super::state::Answer;
use crate::Address;
use crate::axes::Signing;
use crate::login::{Login, LoginError};

/// How to get to the share: the same for every connection of a run.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub address: Address,
    pub password: Secret,
    /// What is offered, in ascending order.
    pub dialects: Vec<Dialect>,
    /// How requests are signed; as the dialect usually does where nothing is said.
    pub signing: Option<Signing>,
    /// How messages are encrypted, if they are.
    pub encryption: Option<Cipher>,
    /// Whether it is enough to be let in as a guest, or as nobody.
    pub guest: bool,
    pub anonymous: bool,
    /// For the TCP connection.
    pub connect_within: Duration,
    /// For everything after it.
    pub login_within: Duration,
}

impl Way {
    /// What a login is called in a fault.
    pub(super) fn login(&self) -> String {
        format!("the login of {}", self.address.user)
    }

    pub(super) fn refused(&self, what: &str, reason: &str) -> TargetFault {
        TargetFault::Refused {
            address: self.address.place(),
            what: what.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// A text that is never shown.
#[derive(Clone)]
pub(crate) struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Negotiated {
    pub dialect: Dialect,
    /// Bits as [`NegotiateResponse::LEASING`].
    pub capabilities: u32,
    /// ShareFlags of the tree (MS-SMB2 2.2.10).
    pub share_flags: u32,
    /// Capabilities of the tree (MS-SMB2 2.2.10).
    pub share_capabilities: u32,
    /// SecurityMode of the server (MS-SMB2 2.2.4).
    pub security_mode: u16,
    /// MaxTransactSize, MaxReadSize and MaxWriteSize (MS-SMB2 2.2.4).
    pub sizes: [u32; 3],
    /// MaximalAccess of the tree (MS-SMB2 2.2.10).
    pub maximal_access: u32,
    /// Credits that the server has granted by the end of the login.
    pub credits: u32,
}

/// SMB2_NEGOTIATE_SIGNING_ENABLED and SMB2_NEGOTIATE_SIGNING_REQUIRED (MS-SMB2 2.2.3, SecurityMode).
pub(super) const SIGNING_ENABLED: u8 = 0x1;
pub(super) const SIGNING_REQUIRED: u8 = 0x2;
/// SMB2_SESSION_FLAG_ENCRYPT_DATA (MS-SMB2 2.2.6), SMB2_SHAREFLAG_ENCRYPT_DATA (MS-SMB2 2.2.10).
const SESSION_ENCRYPTS: u16 = 0x4;
const SHARE_ENCRYPTS: u32 = 0x8000;
/// What is refused where both sides find no dialect, signing algorithm or cipher.
pub(crate) const NEGOTIATION: &str = "the negotiation";
/// In the reason where the server chose what was not there to choose.
pub(crate) const UNASKED: &str = "which we did not offer";
/// In the reason where the answer that ends the login is not signed as it must be.
pub(crate) const LAST_ANSWER: &str = "its last answer";
/// In the reason where the server hangs up, or falls silent, before the share is there.
pub(crate) const DURING_LOGIN: &str = "during the login";
/// SMB2_SESSION_FLAG_IS_GUEST and SMB2_SESSION_FLAG_IS_NULL (MS-SMB2 2.2.6).
const GUEST: u16 = 0x1;
const ANONYMOUS: u16 = 0x2;
/// SMB2_SHARE_TYPE_DISK (MS-SMB2 2.2.10).
const SHARE_DISK: u8 = 0x1;
/// NTLM takes two; a server that wants more than this never ends.
const ROUNDS: usize = 8;

/// Connects, logs in and connects to the share.
///
/// # Errors
/// [`TargetFault::Unreachable`] where nobody answers as an SMB server, [`TargetFault::Refused`] where the server does not let us in.
pub(crate) async fn open(
    way: &Way,
    client_guid: [u8; 16],
) -> Result<(Connection, Negotiated), TargetFault> {
    let opening = Opening { way, client_guid };
    let stream = match tokio::time::timeout(way.connect_within, opening.connect()).await {
        Ok(connected) => connected?,
        Err(_) => {
            return Err(opening.unreachable(&format!("no answer within {:?}", way.connect_within)));
        }
    };
    let connection = Connection::start(stream);
    match tokio::time::timeout(way.login_within, opening.log_in(&connection)).await {
        Ok(Ok(negotiated)) => Ok((connection, negotiated)),
        Ok(Err(TargetFault::Lost(reason))) => Err(opening.lost(&connection, &reason)),
        Ok(Err(fault)) => Err(fault),
        Err(_) => Err(opening.unreachable(&format!("no login within {:?}", way.login_within))),
    }
}

/// A login that the server let through.
pub(super) struct LoggedIn {
    login: Login,
    /// The last answer, and its bytes from the header on.
    pub response: SessionSetupResponse,
    pub bytes: Vec<u8>,
}

impl LoggedIn {
    /// The key that the login yields.
    pub(super) fn session_key(&self, way: &Way) -> Result<SessionKey, TargetFault> {
        let key = self.login.session_key();
        let key = key.map_err(|error| way.refused(&way.login(), &error.to_string()))?;
        Ok(SessionKey::new(&key))
    }
}

/// SESSION_SETUP round by round, until the server wants no more; the status where it lets nobody in. The hash goes on
/// over all requests, and all answers but the last.
pub(super) async fn authenticate(
    connection: &Connection,
    way: &Way,
    flags: u8,
    security_mode: u8,
    hash: &mut PreauthHash,
) -> Result<Result<LoggedIn, Status>, TargetFault> {
    let ours = |error: LoginError| way.refused(&way.login(), &error.to_string());
    let mut login = Login::new(&way.address, &way.password.0).map_err(ours)?;
    let mut token = Vec::new();
    for _ in 0..ROUNDS {
        let request = SessionSetupRequest {
            flags,
            security_mode,
            token: login.step(&token).map_err(ours)?,
            ..SessionSetupRequest::default()
        };
        let answer = connection.exchange(Request::SessionSetup(request)).await?;
        hash.update(&answer.sent);
        connection.state().session_id = answer.header.session_id;
        let response = match answer.response {
            Ok(Response::SessionSetup(response)) => response,
            Ok(_) => return Ok(Err(answer.header.status)),
            Err(error) => {
                return Err(way.refused(&way.login(), &format!("undecodable answer: {error}")));
            }
        };
        if answer.header.status != Status::MORE_PROCESSING_REQUIRED {
            return Ok(Ok(LoggedIn { login, response, bytes: answer.bytes }));
        }
        hash.update(&answer.bytes);
        token = response.token;
    }
    Err(way.refused(&way.login(), &format!("no end after {ROUNDS} rounds")))
}

struct Opening<'a> {
    way: &'a Way,
    client_guid: [u8; 16],
}

impl Opening<'_> {
    async fn connect(&self) -> Result<TcpStream, TargetFault> {
        let Address { host, port, .. } = &self.way.address;
        let found = tokio::net::lookup_host((host.as_str(), *port)).await;
        let places: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
        if places.is_empty() {
            return Err(self.unreachable(&format!("the name `{host}` does not resolve")));
        }
        let connected = TcpStream::connect(places.as_slice()).await;
        connected.map_err(|error| self.unreachable(&refusal::of_connect(&error)))
    }

    /// How far the login came before the connection was lost.
    fn lost(&self, connection: &Connection, reason: &str) -> TargetFault {
        if connection.state().gone.is_none() {
            // It is still there, and says nothing.
            return self.unreachable(reason);
        }
        if connection.state().agreed.is_some() {
            return self.unreachable(&format!("the connection was lost {DURING_LOGIN}: {reason}"));
        }
        let offered = self.offered();
        self.unreachable(&format!(
            "the connection was lost {DURING_LOGIN}, at the negotiation of {offered}: {reason}"
        ))
    }

    fn offered(&self) -> String {
        let offered: Vec<String> = self.way.dialects.iter().map(ToString::to_string).collect();
        match offered.as_slice() {
            [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
            all => all.concat(),
        }
    }

    async fn log_in(&self, connection: &Connection) -> Result<Negotiated, TargetFault> {
        let mut hash = PreauthHash::new();
        let answer = connection.exchange(Request::Negotiate(self.negotiation()?)).await?;
        hash.update(&answer.sent);
        hash.update(&answer.bytes);
        let response = self.negotiated(answer)?;
        let algorithm = SigningAlgorithm::of(response.dialect, response.signing_algorithm())
            .map_err(|error| self.refused(NEGOTIATION, &error.to_string()))?;
        self.check_offer(&response, algorithm)?;
        connection.state().agreed = Some((response.dialect, algorithm, hash));
        connection.state().multi_credit = response.dialect >= Dialect::SMB2_1
            && response.capabilities & NegotiateResponse::LARGE_MTU != 0;
        self.set_up_session(connection, hash, response.dialect, algorithm).await?;
        let tree = self.connect_tree(connection).await?;
        Ok(Negotiated {
            dialect: response.dialect,
            capabilities: response.capabilities,
            share_flags: tree.flags,
            share_capabilities: tree.capabilities,
            security_mode: response.security_mode,
            sizes: [response.max_transact, response.max_read, response.max_write],
            maximal_access: tree.maximal_access,
            credits: connection.state().credits(),
        })
    }

    fn negotiation(&self) -> Result<NegotiateRequest, TargetFault> {
        let three = self.way.dialects.iter().any(|dialect| *dialect >= Dialect::SMB3_0);
        let contexts = if self.way.dialects.contains(&Dialect::SMB3_1_1) {
            let salt = crate::random::bytes::<32>().map_err(TargetFault::Internal)?.to_vec();
            vec![
                NegotiateContext::PreauthIntegrity { hashes: vec![SHA_512], salt },
                NegotiateContext::Signing { algorithms: vec![self.algorithm().id()] },
            ]
            .into_iter()
            .chain(
                self.way
                    .encryption
                    .map(|cipher| NegotiateContext::Encryption { ciphers: vec![cipher.id()] }),
            )
            .collect()
        } else {
            Vec::new()
        };
        Ok(NegotiateRequest {
            security_mode: u16::from(self.security_mode()),
            // A client that knows no 3.x says nothing here (MS-SMB2 2.2.3, Capabilities).
            capabilities: if three {
                NegotiateResponse::LEASING
                    | NegotiateResponse::LARGE_MTU
                    | NegotiateResponse::DIRECTORY_LEASING
                    | NegotiateResponse::MULTI_CHANNEL
                    | NegotiateResponse::PERSISTENT_HANDLES
                    | if self.way.encryption.is_some() { NegotiateResponse::ENCRYPTION } else { 0 }
            } else {
                0
            },
            client_guid: self.client_guid,
            dialects: self.way.dialects.clone(),
            contexts,
        })
    }

    fn negotiated(&self, answer: Answer) -> Result<NegotiateResponse, TargetFault> {
        let what = NEGOTIATION;
        match answer.response {
            Ok(Response::Negotiate(response)) => {
                if self.way.dialects.contains(&response.dialect) {
                    Ok(response)
                } else {
                    let reason = format!("it chose dialect {}, {UNASKED}", response.dialect);
                    Err(self.refused(what, &reason))
                }
            }
            Ok(_) => {
                let (status, offered) = (answer.header.status, self.offered());
                let reason = match status {
                    Status::NOT_SUPPORTED => format!("{status}: it does not speak {offered}"),
                    status => format!("{status} (we offered {offered})"),
                };
                Err(self.refused(what, &reason))
            }
            Err(error) => Err(self.refused(what, &format!("undecodable answer: {error}"))),
        }
    }

    async fn set_up_session(
        &self,
        connection: &Connection,
        mut hash: PreauthHash,
        dialect: Dialect,
        algorithm: SigningAlgorithm,
    ) -> Result<(), TargetFault> {
        let what = self.way.login();
        let mode = self.security_mode();
        let done = match authenticate(connection, self.way, 0, mode, &mut hash).await? {
            Ok(done) => done,
            Err(status) => {
                let encrypted = self.way.encryption.is_some();
                return Err(self.refused(&what, &refusal::of_login(status, encrypted)));
            }
        };
        if done.response.flags & (GUEST | ANONYMOUS) != 0 {
            self.check_guest(&what, done.response.flags)?;
            // There is no key: nothing is signed from here on.
            connection.state().signs = false;
            return Ok(());
        }
        let session = done.session_key(self.way)?;
        let key = SigningKey::derive(dialect, algorithm, &session, &hash);
        key.verify(&done.bytes)
            .map_err(|error| self.refused(&what, &format!("{LAST_ANSWER}: {error}")))?;
        let mut state = connection.state();
        state.signing = Some(key);
        if let Some(cipher) = self.way.encryption {
            state.encryption = Some(EncryptionKeys::client(dialect, cipher, &session, &hash));
        } else if done.response.flags & SESSION_ENCRYPTS != 0 {
            return Err(self.refused(&what, ENCRYPT));
        }
        Ok(())
    }

    async fn connect_tree(
        &self,
        connection: &Connection,
    ) -> Result<TreeConnectResponse, TargetFault> {
        let what = format!("the share {}", self.way.address.share);
        let path = self.way.address.unc();
        let answer = connection.exchange(Request::TreeConnect { path }).await?;
        match answer.response {
            Ok(Response::TreeConnect(tree)) if tree.share_type == SHARE_DISK => {
                if tree.flags & SHARE_ENCRYPTS != 0 && self.way.encryption.is_none() {
                    return Err(self.refused(&what, ENCRYPT));
                }
                let mut state = connection.state();
                state.tree_id = answer.header.tree_id;
                // Up to here everything is signed, as 3.1.1 demands.
                state.signs = self.way.signing != Some(Signing::Off);
                Ok(tree)
            }
            Ok(Response::TreeConnect(_)) => Err(self.refused(&what, "it is not a disk share")),
            Ok(_) => {
                let encrypted = self.way.encryption.is_some();
                let reason = refusal::of_share(answer.header.status, encrypted);
                Err(self.refused(&what, &reason))
            }
            Err(error) => Err(self.refused(&what, &format!("undecodable answer: {error}"))),
        }
    }

    /// Whether the run may go on without an account: only where somebody said so, and in clear.
    fn check_guest(&self, what: &str, flags: u16) -> Result<(), TargetFault> {
        let Way { guest, anonymous, signing, encryption, .. } = self.way;
        let refused = |reason: &str| Err(self.refused(what, reason));
        if flags & GUEST != 0 && !guest {
            return refused(
                "it let us in as a guest only: check user and password, or say --allow-guest",
            );
        }
        if flags & ANONYMOUS != 0 && !anonymous {
            return refused(
                "it let us in as nobody: check user and password, or say --allow-anonymous",
            );
        }
        if *signing != Some(Signing::Off) || encryption.is_some() {
            return refused(
                "a guest has no key to sign or encrypt with: say `--axes unsigned` as well",
            );
        }
        Ok(())
    }

    fn algorithm(&self) -> SigningAlgorithm {
        self.way.signing.map_or(SigningAlgorithm::AesCmac, Signing::algorithm)
    }

    fn security_mode(&self) -> u8 {
        match self.way.signing {
            Some(Signing::Off) => SIGNING_ENABLED,
            _ => SIGNING_ENABLED | SIGNING_REQUIRED,
        }
    }

    /// Whether the server agrees to what the run asks of it.
    fn check_offer(
        &self,
        response: &NegotiateResponse,
        algorithm: SigningAlgorithm,
    ) -> Result<(), TargetFault> {
        let refused = |reason: &str| Err(self.refused(NEGOTIATION, reason));
        self.check_choice(response)?;
        match self.way.signing {
            Some(Signing::Off) if response.security_mode & u16::from(SIGNING_REQUIRED) != 0 => {
                return refused("it demands signing: leave `unsigned` out of `--axes`");
            }
            Some(signing) if signing != Signing::Off && signing.algorithm() != algorithm => {
                return refused("it does not sign with the algorithm that was asked for");
            }
            _ => {}
        }
        let Some(cipher) = self.way.encryption else { return Ok(()) };
        let offered = if response.dialect == Dialect::SMB3_1_1 {
            response.cipher() == Some(cipher.id())
        } else {
            cipher == Cipher::Aes128Ccm
                && response.dialect >= Dialect::SMB3_0
                && response.capabilities & NegotiateResponse::ENCRYPTION != 0
        };
        if offered {
            Ok(())
        } else {
            refused("it does not encrypt with the cipher that was asked for")
        }
    }

    /// Whether the server chose among what was offered. Cipher 0 is none, and where both have no signing algorithm in common
    /// it is AES-CMAC (MS-SMB2 3.3.5.4 "Receiving an SMB2 NEGOTIATE Request").
    fn check_choice(&self, response: &NegotiateResponse) -> Result<(), TargetFault> {
        let offered = self.way.encryption.map(Cipher::id);
        if let Some(cipher) = response.cipher().filter(|&id| id != 0 && Some(id) != offered) {
            let reason = format!("it chose cipher {cipher:#06x}, {UNASKED}");
            return Err(self.refused(NEGOTIATION, &reason));
        }
        let known = [self.algorithm().id(), SigningAlgorithm::AesCmac.id()];
        if let Some(id) = response.signing_algorithm().filter(|id| !known.contains(id)) {
            let reason = format!("it chose signing algorithm {id:#06x}, {UNASKED}");
            return Err(self.refused(NEGOTIATION, &reason));
        }
        Ok(())
    }

    fn refused(&self, what: &str, reason: &str) -> TargetFault {
        self.way.refused(what, reason)
    }

    fn unreachable(&self, reason: &str) -> TargetFault {
        TargetFault::Unreachable { address: self.way.address.place(), reason: reason.to_owned() }
    }
}
