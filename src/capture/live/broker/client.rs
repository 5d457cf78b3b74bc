//! husk's end of the broker.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, SocketFlags, SocketType, recvmsg,
    send, socketpair,
};

use super::super::files::{Files, Next};
use super::super::output::Shelf;
use super::owners::Telling;
use super::{COMMAND, DONE, LONGEST, NEXT};

/// Asks the broker for files.
pub(in super::super) struct Client {
    /// Closed at the end: then the broker ends too.
    socket: Option<OwnedFd>,
    /// Waited for at the end, so that no zombie stays.
    broker: Child,
}

impl Client {
    /// Starts a broker: it makes these files. Also gives what it tells of sockets' owners.
    pub(in super::super) fn start(files: &Files) -> io::Result<(Client, Telling)> {
        let pair = || socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None);
        let (socket, theirs) = pair()?;
        let (told, telling) = pair()?;
        let broker = Command::new(std::env::current_exe()?)
            .arg(COMMAND)
            .args(super::words(files))
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::from(telling))
            .spawn()?;
        Ok((Client { socket: Some(socket), broker }, Telling::new(told)))
    }

    fn ask(&self, word: &[u8]) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
        let socket = self.socket.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        send(socket, word, SendFlags::NOSIGNAL)?;
        let mut bytes = vec![0; LONGEST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let got = recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        bytes.truncate(got.bytes);
        let mut file = None;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                file = descriptors.last();
            }
        }
        if bytes.is_empty() {
            return Err(io::Error::other("the process that makes the files has ended"));
        }
        Ok((bytes, file))
    }
}

impl Shelf for Client {
    fn next(&mut self) -> io::Result<Next> {
        match self.ask(NEXT)? {
            (mut answer, Some(file)) if answer.len() > 2 => {
                let deleted = answer.first() == Some(&b'1');
                let path = PathBuf::from(std::ffi::OsString::from_vec(answer.split_off(2)));
                Ok(Next { file: File::from(file), path, deleted })
            }
            (answer, _) => Err(failure(&answer)),
        }
    }

    fn done(&mut self) -> io::Result<()> {
        match self.ask(DONE)? {
            (answer, _) if answer == DONE => Ok(()),
            (answer, _) => Err(failure(&answer)),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.socket.take());
        let _ = self.broker.wait(); // it has nothing to say
    }
}

/// What the broker says went wrong: a number of the system, or words.
fn failure(answer: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(answer);
    let text = text.strip_prefix("error ").unwrap_or(&text);
    text.parse().map_or_else(|_| io::Error::other(text.to_owned()), io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_errors_arrive_as_they_were() {
        assert_eq!(failure(b"error 28").kind(), io::ErrorKind::StorageFull);
        assert_eq!(failure(b"error not yours").to_string(), "not yours");
    }
}
