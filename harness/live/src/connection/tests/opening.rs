//! Logins that a server does not let through, or answers with nonsense.

use std::time::Duration;

use oplock_model::{Status, TargetFault};
use oplock_wire::{
    Command, Dialect, FRAME_PREFIX, Header, NegotiateContext, NegotiateResponse, Response,
    SessionSetupResponse, encode_response, frame, frame_length,
};
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::Address;
use crate::connection::{Secret, Way, open};

/// What a server says to one request after another; then it closes.
type Script = Vec<Vec<u8>>;

async fn play(listener: TcpListener, script: Script) {
    let (mut stream, _) = listener.accept().await.unwrap();
    for message in script {
        if read_frame(&mut stream).await.is_err() {
            return;
        }
        let prefix = frame(message.len()).unwrap();
        stream.write_all(&[&prefix[..], &message].concat()).await.unwrap();
    }
    // The next request is read before the stream closes, so that the close is no reset.
    let _ = read_frame(&mut stream).await;
}

async fn read_frame(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut prefix = [0; FRAME_PREFIX];
    stream.read_exact(&mut prefix).await?;
    let mut frame = vec![0; frame_length(prefix).unwrap()];
    stream.read_exact(&mut frame).await.map(|_| ())
}

fn message(message_id: u64, command: Command, status: Status, response: &Response) -> Vec<u8> {
    let header = Header { message_id, command, status, credits: 9, ..Header::default() };
    encode_response(&header, response)
}

fn error(message_id: u64, command: Command, status: Status) -> Vec<u8> {
    let response = Response::Error { contexts: 0, data: Vec::new() };
    message(message_id, command, status, &response)
}

fn error_with_credits(credits: u16, message_id: u64, command: Command, status: Status) -> Vec<u8> {
    let header = Header { message_id, command, status, credits, ..Header::default() };
    encode_response(&header, &Response::Error { contexts: 0, data: Vec::new() })
}

fn negotiated(dialect: Dialect) -> Vec<u8> {
    let response = NegotiateResponse { dialect, ..NegotiateResponse::default() };
    message(0, Command::NEGOTIATE, Status::SUCCESS, &Response::Negotiate(response))
}

/// A 3.1.1 answer with this context.
fn chosen(context: NegotiateContext) -> Vec<u8> {
    let (dialect, contexts) = (Dialect::SMB3_1_1, vec![context]);
    let response = NegotiateResponse { dialect, contexts, ..NegotiateResponse::default() };
    message(0, Command::NEGOTIATE, Status::SUCCESS, &Response::Negotiate(response))
}

fn session(status: Status, flags: u16, token: &[u8]) -> Vec<u8> {
    let response = SessionSetupResponse { flags, token: token.to_vec() };
    message(1, Command::SESSION_SETUP, status, &Response::SessionSetup(response))
}

#[rstest]
#[case::silent_close(vec![], "cannot reach : the connection was lost during the login, at the negotiation of 2.1 and 3.1.1: closed by the server")]
#[case::close_in_the_middle(
    vec![negotiated(Dialect::SMB2_1)],
    "cannot reach : the connection was lost during the login: closed by the server"
)]
#[case::no_dialect(
    vec![error(0, Command::NEGOTIATE, Status::NOT_SUPPORTED)],
    " refused the negotiation: not_supported: it does not speak 2.1 and 3.1.1"
)]
#[case::another_dialect(
    vec![negotiated(Dialect::SMB3_0_2)],
    " refused the negotiation: it chose dialect 3.0.2, which we did not offer"
)]
#[case::another_cipher(
    vec![chosen(NegotiateContext::Encryption { ciphers: vec![2] })],
    " refused the negotiation: it chose cipher 0x0002, which we did not offer"
)]
#[case::another_signing_algorithm(
    vec![chosen(NegotiateContext::Signing { algorithms: vec![2] })],
    " refused the negotiation: it chose signing algorithm 0x0002, which we did not offer"
)]
#[case::undecodable(
    vec![negotiated(Dialect::SMB2_1)[..90].to_vec()],
    " refused the negotiation: undecodable answer: "
)]
#[case::wrong_password(
    vec![negotiated(Dialect::SMB2_1), error(1, Command::SESSION_SETUP, Status::LOGON_FAILURE)],
    " refused the login of ann: logon_failure: wrong user name or password"
)]
#[case::nonsense_token(
    vec![negotiated(Dialect::SMB2_1), session(Status::MORE_PROCESSING_REQUIRED, 0, b"nonsense")],
    " refused the login of ann: the server's security token: "
)]
#[case::guest(
    vec![negotiated(Dialect::SMB2_1), session(Status::SUCCESS, 1, b"")],
    " refused the login of ann: it let us in as a guest only: check user and password, or say --allow-guest"
)]
#[case::nobody(
    vec![negotiated(Dialect::SMB2_1), session(Status::SUCCESS, 2, b"")],
    " refused the login of ann: it let us in as nobody: check user and password, or say --allow-anonymous"
)]
#[case::disabled(
    vec![negotiated(Dialect::SMB2_1), error(1, Command::SESSION_SETUP, Status::ACCOUNT_DISABLED)],
    " refused the login of ann: account_disabled: the account is disabled: enable it on the server"
)]
#[case::demands_encryption(
    vec![negotiated(Dialect::SMB2_1), error(1, Command::SESSION_SETUP, Status::ACCESS_DENIED)],
    " refused the login of ann: access_denied: the account may not log in, or it demands encryption: name a cipher, as in `--axes aes128_gcm`"
)]
#[case::no_credit(
    vec![error_with_credits(0, 0, Command::NEGOTIATE, Status::NOT_SUPPORTED)],
    " refused the negotiation: not_supported: it does not speak 2.1 and 3.1.1"
)]
#[case::too_early(
    vec![negotiated(Dialect::SMB2_1), session(Status::SUCCESS, 0, b"")],
    " refused the login of ann: the login gave no session key: "
)]
fn a_login_that_fails_says_why(#[case] script: Script, #[case] expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fault = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(play(listener, script));
        let way = way(port, Duration::from_secs(5));
        open(&way, [1; 16]).await.unwrap_err()
    });
    let (TargetFault::Refused { address, .. } | TargetFault::Unreachable { address, .. }) = &fault
    else {
        panic!("{fault:?}");
    };
    let message = fault.to_string().replace(address, "");
    assert!(message.starts_with(expected), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

fn way(port: u16, login_within: Duration) -> Way {
    Way {
        address: Address::parse(&format!("smb://ann@127.0.0.1:{port}/data")).unwrap(),
        password: Secret("secret".to_owned()),
        dialects: vec![Dialect::SMB2_1, Dialect::SMB3_1_1],
        signing: None,
        encryption: None,
        guest: false,
        anonymous: false,
        connect_within: Duration::from_secs(5),
        login_within,
    }
}

/// Whoever else listens on that port is named, and at once.
#[rstest]
#[case::http(b"HTTP/1.1 400 Bad Request\r\n\r\n", "an HTTP server answers there, not SMB")]
#[case::tls(&[0x15, 3, 1, 0, 2, 2, 70], "a TLS server answers there, not SMB")]
#[case::ssh(b"SSH-2.0-OpenSSH_9.6\r\n", "an SSH server answers there, not SMB")]
#[case::netbios(&[0x83, 0, 0, 1, 0x80], "a NetBIOS session service answers there: name port 445, not 139")]
#[case::smb1(&[0, 0, 0, 6, 0xFF, b'S', b'M', b'B', 0x72, 0], "it speaks SMB1 only")]
#[case::mail(b"220 mail.example ESMTP\r\n", "what answers there speaks no SMB2")]
#[case::zeros(&[0, 0, 0, 4, 0, 0, 0, 0], "what answers there speaks no SMB2")]
fn what_is_no_smb_server_is_named(#[case] says: &'static [u8], #[case] named: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fault = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = read_frame(&mut stream).await;
            stream.write_all(says).await.unwrap();
            // It stays on the line: the client hangs up.
            let _ = stream.read_u8().await;
        });
        open(&way(port, Duration::from_secs(5)), [1; 16]).await.unwrap_err()
    });
    let expected = format!("the negotiation of 2.1 and 3.1.1: {named}");
    assert!(fault.to_string().ends_with(&expected), "{fault}");
}

#[test]
fn a_port_without_a_listener_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fault = runtime.block_on(async {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        open(&way(port, Duration::from_secs(5)), [1; 16]).await.unwrap_err()
    });
    let expected = ": nothing listens on that port: is the server up, and the port right?";
    assert!(fault.to_string().ends_with(expected), "{fault}");
}

#[test]
fn a_name_that_does_not_resolve_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // A name that no resolver is asked for, so that the test leaves this machine alone.
    let address = Address { host: "no such name".to_owned(), ..way(1, Duration::ZERO).address };
    let way = Way { address, ..way(1, Duration::from_secs(5)) };
    let fault = runtime.block_on(open(&way, [1; 16])).unwrap_err();
    assert!(fault.to_string().ends_with(": the name `no such name` does not resolve"), "{fault}");
}

#[test]
fn a_server_that_never_answers_is_unreachable_in_time() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fault = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Way { dialects: vec![Dialect::SMB2_1], ..way(port, Duration::from_millis(50)) };
        open(&way, [1; 16]).await.unwrap_err()
    });
    assert!(fault.to_string().ends_with(": no login within 50ms"), "{fault}");
}
