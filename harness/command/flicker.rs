//! A server that keeps its promises every other time: a way to a real one on which every second grant of a batch oplock
//! becomes one of level II. Only for sessions that are neither signed nor encrypted.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

/// Where it listens; it goes when this is dropped, with every connection.
pub(crate) struct Proxy {
    pub(crate) address: String,
    /// How many batch oplocks were granted: one after an odd number becomes level II.
    pub(crate) grants: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

/// CREATE (MS-SMB2 2.2.1), and where its answer has the OplockLevel (2.2.14).
const CREATE: u8 = 5;
const COMMAND: usize = 12;
const LEVEL: usize = 66;
const BATCH: u8 = 9;
const II: u8 = 1;

impl Proxy {
    pub(crate) fn start(server: &str) -> io::Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let ended = Arc::new(AtomicBool::new(false));
        let grants = Arc::new(AtomicUsize::new(0));
        let (server, over) = (server.to_owned(), Arc::clone(&ended));
        let counted = Arc::clone(&grants);
        let listening = thread::spawn(move || {
            let mut ways = Vec::new();
            for client in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                if let Ok(way) = way(client, &server, &counted) {
                    ways.push(way);
                }
            }
            for (client, threads) in ways {
                let _ = client.shutdown(Shutdown::Both);
                threads.into_iter().for_each(|thread| drop(thread.join()));
            }
        });
        Ok(Proxy { address, grants, ended, listening: Some(listening) })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Who waits for a connection gets one.
        let _ = TcpStream::connect(&self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

type Way = (TcpStream, [JoinHandle<()>; 2]);

fn way(client: TcpStream, server: &str, grants: &Arc<AtomicUsize>) -> io::Result<Way> {
    let server = TcpStream::connect(server)?;
    let (from_client, from_server) = (client.try_clone()?, server.try_clone()?);
    let (to_client, grants) = (client.try_clone()?, Arc::clone(grants));
    let there = thread::spawn(move || copy(from_client, server, |_| {}));
    let back =
        thread::spawn(move || copy(from_server, to_client, |message| flicker(message, &grants)));
    Ok((client, [there, back]))
}

/// Message by message, until one side has none any more; then neither has.
fn copy(mut from: TcpStream, mut to: TcpStream, change: impl Fn(&mut [u8])) {
    let mut next = || -> io::Result<()> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        // The transport's prefix: a zero, and the length in three bytes (MS-SMB2 2.1 "Transport").
        let mut message = vec![0; u32::from_be_bytes(length) as usize & 0x00FF_FFFF];
        from.read_exact(&mut message)?;
        change(&mut message);
        to.write_all(&[&length[..], &message].concat())
    };
    while next().is_ok() {}
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Only the answer of a CREATE that is alone: the harness makes its files with compounds.
fn flicker(message: &mut [u8], grants: &AtomicUsize) {
    let is_create = message.get(COMMAND) == Some(&CREATE);
    if let Some(level) = message.get_mut(LEVEL).filter(|level| is_create && **level == BATCH)
        && grants.fetch_add(1, Ordering::SeqCst) % 2 == 1
    {
        *level = II;
    }
}
