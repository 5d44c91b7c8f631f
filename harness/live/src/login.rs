//! The only place that knows how a login's tokens are made: NTLM inside SPNEGO (MS-SPNG, MS-NLMP).

use sspi::ntlm::NtlmConfig;
use sspi::{
    AuthIdentity, BufferType, ClientRequestFlags, Credentials, CredentialsBuffers,
    DataRepresentation, Negotiate, NegotiateConfig, SecurityBuffer, Sspi as _, SspiImpl as _,
    Username,
};
use thiserror::Error;

use crate::Address;

/// Why no token could be made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum LoginError {
    /// The user name or the password cannot be used.
    #[error("the account `{user}` cannot be used: {reason}")]
    Account { user: String, reason: String },
    /// The server's token is wrong, or asks for what we do not have.
    #[error("the server's security token: {0}")]
    Token(String),
    /// The exchange gave no key of 16 bytes.
    #[error("the login gave no session key: {0}")]
    Key(String),
}

/// One login, token by token.
pub(crate) struct Login {
    context: Negotiate,
    credentials: Option<CredentialsBuffers>,
    target: String,
    started: bool,
}

/// The workstation name that the server sees.
const WORKSTATION: &str = "CONFORMANCE";

impl Login {
    pub(crate) fn new(address: &Address, password: &str) -> Result<Login, LoginError> {
        let account = |reason: String| LoginError::Account { user: address.user.clone(), reason };
        let domain = (!address.domain.is_empty()).then_some(address.domain.as_str());
        let username =
            Username::new(&address.user, domain).map_err(|error| account(error.to_string()))?;
        let identity = AuthIdentity { username, password: password.to_owned().into() };
        let credentials = CredentialsBuffers::try_from(Credentials::from(identity))
            .map_err(|error| account(error.to_string()))?;
        let config = NegotiateConfig::new(
            Box::new(NtlmConfig::new(WORKSTATION.to_owned())),
            Some("ntlm,!kerberos,!pku2u".to_owned()),
            WORKSTATION.to_owned(),
        );
        let context = Negotiate::new_client(config).map_err(|error| account(error.to_string()))?;
        Ok(Login {
            context,
            credentials: Some(credentials),
            target: format!("cifs/{}", address.host),
            started: false,
        })
    }

    /// The next token to send, after `token` from the server (empty at first).
    ///
    /// # Errors
    /// A [`LoginError`] where the server's token makes no sense, or where it says more than the exchange has room for.
    pub(crate) fn step(&mut self, token: &[u8]) -> Result<Vec<u8>, LoginError> {
        let mut input = [SecurityBuffer::new(token.to_vec(), BufferType::Token)];
        let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
        let mut builder = self
            .context
            .initialize_security_context()
            .with_credentials_handle(&mut self.credentials)
            .with_context_requirements(ClientRequestFlags::INTEGRITY)
            .with_target_data_representation(DataRepresentation::Native)
            .with_target_name(&self.target)
            .with_output(&mut output);
        if self.started {
            builder = builder.with_input(&mut input);
        }
        self.started = true;
        self.context
            .initialize_security_context_impl(&mut builder)
            .and_then(|mut generator| generator.resolve_to_result())
            .map_err(|error| LoginError::Token(error.to_string()))?;
        let [token] = output;
        Ok(token.buffer)
    }

    /// The session key that both sides have now (MS-SMB2 3.2.5.3, Session.SessionKey: the first 16 bytes).
    ///
    /// # Errors
    /// [`LoginError::Key`] where the exchange is not at its end.
    pub(crate) fn session_key(&self) -> Result<[u8; 16], LoginError> {
        let keys = self
            .context
            .query_context_session_key()
            .map_err(|error| LoginError::Key(error.to_string()))?;
        keys.session_key
            .as_ref()
            .first_chunk::<16>()
            .copied()
            .ok_or_else(|| LoginError::Key("it is shorter than 16 bytes".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login::new(&Address::parse("smb://ann@nas/data").unwrap(), "secret").unwrap()
    }

    #[test]
    fn the_first_token_is_spnego_around_ntlm() {
        let token = login().step(&[]).unwrap();
        assert_eq!(token.first(), Some(&0x60), "{token:x?}");
        assert!(token.windows(8).any(|part| part == b"NTLMSSP\0"), "{token:x?}");
    }

    #[test]
    fn garbage_from_the_server_is_an_error() {
        for garbage in [&b""[..], b"\x60", b"\xa1\x82\xff\xff", &[0xff; 300]] {
            let mut login = login();
            login.step(&[]).unwrap();
            assert!(matches!(login.step(garbage), Err(LoginError::Token(_))), "{garbage:x?}");
        }
    }

    #[test]
    fn there_is_no_key_before_the_end() {
        assert!(matches!(login().session_key(), Err(LoginError::Key(_))));
    }
}
