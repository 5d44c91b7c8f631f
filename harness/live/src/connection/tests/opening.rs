//! Logins that a server does not let through, or answers with nonsense.

use std::time::Duration;

use oplock_model::{Status, TargetFault};
use oplock_wire::{
    Command, Dialect, FRAME_PREFIX, Header, NegotiateResponse, Response, SessionSetupResponse,
    encode_response, frame, frame_length,
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

fn negotiated(dialect: Dialect) -> Vec<u8> {
    let response = NegotiateResponse { dialect, ..NegotiateResponse::default() };
    message(0, Command::NEGOTIATE, Status::SUCCESS, &Response::Negotiate(response))
}

fn session(status: Status, flags: u16, token: &[u8]) -> Vec<u8> {
    let response = SessionSetupResponse { flags, token: token.to_vec() };
    message(1, Command::SESSION_SETUP, status, &Response::SessionSetup(response))
}

#[rstest]
#[case::silent_close(vec![], "cannot reach : the connection was lost during the login: closed by the server")]
#[case::no_dialect(
    vec![error(0, Command::NEGOTIATE, Status::NOT_SUPPORTED)],
    " refused the negotiation: not_supported (we offered 2.1 and 3.1.1)"
)]
#[case::another_dialect(
    vec![negotiated(Dialect::SMB3_0_2)],
    " refused the negotiation: it chose dialect 3.0.2, which we did not offer"
)]
#[case::undecodable(
    vec![negotiated(Dialect::SMB2_1)[..90].to_vec()],
    " refused the negotiation: undecodable answer: "
)]
#[case::wrong_password(
    vec![negotiated(Dialect::SMB2_1), error(1, Command::SESSION_SETUP, Status::LOGON_FAILURE)],
    " refused the login of ann: logon_failure"
)]
#[case::nonsense_token(
    vec![negotiated(Dialect::SMB2_1), session(Status::MORE_PROCESSING_REQUIRED, 0, b"nonsense")],
    " refused the login of ann: the server's security token: "
)]
#[case::guest(
    vec![negotiated(Dialect::SMB2_1), session(Status::SUCCESS, 1, b"")],
    " refused the login of ann: it let us in as a guest, whose messages cannot be signed"
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
        let way = Way {
            address: Address::parse(&format!("smb://ann@127.0.0.1:{port}/data")).unwrap(),
            password: Secret("secret".to_owned()),
            dialects: vec![Dialect::SMB2_1, Dialect::SMB3_1_1],
            signing: None,
            encryption: None,
            connect_within: Duration::from_secs(5),
            login_within: Duration::from_secs(5),
        };
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

#[test]
fn a_server_that_never_answers_is_unreachable_in_time() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fault = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Way {
            address: Address::parse(&format!("smb://ann@127.0.0.1:{port}/data")).unwrap(),
            password: Secret("secret".to_owned()),
            dialects: vec![Dialect::SMB2_1],
            signing: None,
            encryption: None,
            connect_within: Duration::from_secs(5),
            login_within: Duration::from_millis(50),
        };
        open(&way, [1; 16]).await.unwrap_err()
    });
    assert!(fault.to_string().ends_with(": no login within 50ms"), "{fault}");
}
