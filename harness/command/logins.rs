//! What answers in place of an SMB server: each is told for what it is, before anything runs, with exit 4.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Output;
use std::thread;

use libtest_mimic::Failed;

use super::{Tried, expect_exit};

/// Who it is, what it says to whatever comes, and how the command calls it.
const STRANGERS: [(&str, &[u8], &str); 4] = [
    ("http", b"HTTP/1.1 400 Bad Request\r\n\r\n", "an HTTP server answers there, not SMB"),
    ("tls", &[0x15, 3, 1, 0, 2, 2, 70], "a TLS server answers there, not SMB"),
    ("smb1", &[0, 0, 0, 5, 0xFF, b'S', b'M', b'B', 0x72], "it speaks SMB1 only"),
    ("nobody", b"", "closed by the server"),
];

pub fn strangers_are_named(tried: &Tried) -> Result<(), Failed> {
    for (who, says, named) in STRANGERS {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let stranger = thread::spawn(move || -> std::io::Result<()> {
            let (mut client, _) = listener.accept()?;
            let mut heard = [0; 4096];
            let _ = client.read(&mut heard)?;
            client.write_all(says)
        });
        let target = format!("smb://me@127.0.0.1:{port}/share");
        let output = tried.run(&["run", "--target", &target])?;
        expect_exit(&output, 4)?;
        let _ = stranger.join();
        let told = told(&output).replace(&port.to_string(), "PORT");
        let expected = format!(
            "cannot reach 127.0.0.1:PORT: the connection was lost during the login, at the negotiation of \
             2.0.2, 2.1, 3.0, 3.0.2 and 3.1.1: {named}"
        );
        if !told.contains(&expected) {
            return Err(format!("{who}: {told}").into());
        }
    }
    Ok(())
}

pub fn a_name_without_an_address_is_told(tried: &Tried) -> Result<(), Failed> {
    let output = tried.run(&["run", "--target", "smb://me@no_such_host.invalid/share"])?;
    expect_exit(&output, 4)?;
    let told = told(&output);
    match told.contains("the name `no_such_host.invalid` does not resolve") {
        true => Ok(()),
        false => Err(told.into()),
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
