//! Why a server does not let us in, in words that end with what to do.

use std::io;

use oplock_model::Status;

/// What to do where a server insists on encryption.
pub(crate) const ENCRYPT: &str = "it demands encryption: name a cipher, as in `--axes aes128_gcm`";

/// What a login that ends with this status means; `encrypted` says that the run is, so that it is no lack of that.
pub(super) fn of_login(status: Status, encrypted: bool) -> String {
    let why = match status {
        Status::LOGON_FAILURE => "wrong user name or password",
        Status::WRONG_PASSWORD => "wrong password",
        Status::NO_SUCH_USER => "it has no such account",
        Status::ACCOUNT_DISABLED => "the account is disabled: enable it on the server",
        Status::ACCOUNT_EXPIRED => "the account has expired: extend it on the server",
        Status::ACCOUNT_LOCKED_OUT => {
            "the account is locked out after wrong passwords: unlock it on the server, or wait"
        }
        Status::PASSWORD_EXPIRED => "the password has expired: set a new one on the server",
        Status::PASSWORD_MUST_CHANGE => "the password must be changed first: set a new one",
        Status::INVALID_LOGON_HOURS => "the account may not log in at this hour",
        Status::INVALID_WORKSTATION => "the account may not log in from this machine",
        Status::ACCOUNT_RESTRICTION => {
            "a policy keeps the account out: an empty password, the hour, or the machine"
        }
        Status::LOGON_TYPE_NOT_GRANTED => "the account may not log in over the network",
        Status::NO_LOGON_SERVERS => "it cannot reach the domain controller that knows the account",
        Status::ACCESS_DENIED if !encrypted => return denied("log in"),
        Status::ACCESS_DENIED => "the account may not log in",
        other => return crowded(other),
    };
    format!("{status}: {why}")
}

/// What a share that is refused with this status means.
pub(super) fn of_share(status: Status, encrypted: bool) -> String {
    let why = match status {
        Status::BAD_NETWORK_NAME => "it has no such share",
        Status::ACCESS_DENIED if !encrypted => return denied("use the share"),
        Status::ACCESS_DENIED => "the account may not use the share",
        Status::USER_SESSION_DELETED => "it ended the session at once",
        other => return crowded(other),
    };
    format!("{status}: {why}")
}

/// Why a TCP connection cannot be had.
pub(super) fn of_connect(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens on that port: is the server up, and the port right?".to_owned()
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "no route leads to it".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Who says such a thing before any SMB2 message.
pub(super) fn stranger(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'H', b'T', b'T', b'P', ..] => "an HTTP server answers there, not SMB",
        [0x14..=0x17, 0x03, ..] => "a TLS server answers there, not SMB",
        [b'S', b'S', b'H', b'-', ..] => "an SSH server answers there, not SMB",
        [0x81..=0x85, ..] => "a NetBIOS session service answers there: name port 445, not 139",
        [0xFF, b'S', b'M', b'B', ..] => "it speaks SMB1 only",
        _ => "what answers there speaks no SMB2",
    }
}

fn denied(what: &str) -> String {
    format!("{}: the account may not {what}, or {ENCRYPT}", Status::ACCESS_DENIED)
}

/// A server that is full, or a status that speaks for itself.
fn crowded(status: Status) -> String {
    match status {
        Status::REQUEST_NOT_ACCEPTED
        | Status::INSUFFICIENT_RESOURCES
        | Status::TOO_MANY_SESSIONS => {
            format!("{status}: it takes no more connections: lower --jobs")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Status::LOGON_FAILURE, "logon_failure: wrong user name or password")]
    #[case(Status::WRONG_PASSWORD, "wrong_password: wrong password")]
    #[case(Status::NO_SUCH_USER, "no_such_user: it has no such account")]
    #[case(
        Status::ACCOUNT_DISABLED,
        "account_disabled: the account is disabled: enable it on the server"
    )]
    #[case(
        Status::ACCOUNT_EXPIRED,
        "account_expired: the account has expired: extend it on the server"
    )]
    #[case(
        Status::ACCOUNT_LOCKED_OUT,
        "account_locked_out: the account is locked out after wrong passwords: unlock it on the server, or wait"
    )]
    #[case(
        Status::PASSWORD_EXPIRED,
        "password_expired: the password has expired: set a new one on the server"
    )]
    #[case(
        Status::PASSWORD_MUST_CHANGE,
        "password_must_change: the password must be changed first: set a new one"
    )]
    #[case(
        Status::INVALID_LOGON_HOURS,
        "invalid_logon_hours: the account may not log in at this hour"
    )]
    #[case(
        Status::INVALID_WORKSTATION,
        "invalid_workstation: the account may not log in from this machine"
    )]
    #[case(
        Status::ACCOUNT_RESTRICTION,
        "account_restriction: a policy keeps the account out: an empty password, the hour, or the machine"
    )]
    #[case(
        Status::LOGON_TYPE_NOT_GRANTED,
        "logon_type_not_granted: the account may not log in over the network"
    )]
    #[case(
        Status::NO_LOGON_SERVERS,
        "no_logon_servers: it cannot reach the domain controller that knows the account"
    )]
    #[case(
        Status::ACCESS_DENIED,
        "access_denied: the account may not log in, or it demands encryption: name a cipher, as in `--axes aes128_gcm`"
    )]
    #[case(
        Status::TOO_MANY_SESSIONS,
        "too_many_sessions: it takes no more connections: lower --jobs"
    )]
    #[case(Status::INVALID_HANDLE, "invalid_handle")]
    fn a_status_of_a_login_says_what_to_do(#[case] status: Status, #[case] said: &str) {
        assert_eq!(of_login(status, false), said);
    }

    #[rstest]
    #[case(Status::BAD_NETWORK_NAME, false, "bad_network_name: it has no such share")]
    #[case(
        Status::ACCESS_DENIED,
        false,
        "access_denied: the account may not use the share, or it demands encryption: name a cipher, as in `--axes aes128_gcm`"
    )]
    #[case(Status::ACCESS_DENIED, true, "access_denied: the account may not use the share")]
    fn a_status_of_a_share_too(
        #[case] status: Status,
        #[case] encrypted: bool,
        #[case] said: &str,
    ) {
        assert_eq!(of_share(status, encrypted), said);
    }

    #[test]
    fn an_encrypted_login_lacks_no_encryption() {
        let said = of_login(Status::ACCESS_DENIED, true);
        assert_eq!(said, "access_denied: the account may not log in");
    }

    #[rstest]
    #[case(b"HTTP/1.1 400 Bad Request", "an HTTP server answers there, not SMB")]
    #[case(&[0x15, 3, 1, 0, 2], "a TLS server answers there, not SMB")]
    #[case(b"SSH-2.0", "an SSH server answers there, not SMB")]
    #[case(&[0x83, 0, 0, 1], "a NetBIOS session service answers there: name port 445, not 139")]
    #[case(b"\xFFSMBr", "it speaks SMB1 only")]
    #[case(b"220 hello", "what answers there speaks no SMB2")]
    #[case(b"", "what answers there speaks no SMB2")]
    fn a_stranger_is_recognised(#[case] bytes: &[u8], #[case] said: &str) {
        assert_eq!(stranger(bytes), said);
    }
}
