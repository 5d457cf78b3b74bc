//! The broker's own end.

use std::ffi::OsString;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;

use caps::Capability;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, send, sendmsg};

use super::super::files::{Files, Next};
use super::{DONE, LONGEST, NEXT, owners, readable};
use crate::confine::{self, Needs};

/// Serves until husk ends. `words` are those of the hidden command.
pub fn serve(words: &[OsString]) -> Result<(), String> {
    let mut files = Files::from_words(words).ok_or("these words are husk's own")?;
    // Whose sockets are whose may be seen by root only, unless they are one's own; and root may write where others
    // may not.
    let mut kept = vec![Capability::CAP_SYS_PTRACE, Capability::CAP_DAC_READ_SEARCH];
    if confine::invoker().is_none() {
        kept.extend([Capability::CAP_DAC_OVERRIDE, Capability::CAP_FOWNER]);
    }
    confine::give_up(&kept, true)?;
    // Landlock would hide other processes: this thread, which listens to nobody, starts before it.
    let marker = files.marker();
    std::thread::Builder::new()
        .name("owners".to_owned())
        .spawn(move || {
            let _ = confine::enter_calls(&Needs { broker: true, ..Needs::default() });
            owners::tell(io::stdout().as_fd(), marker.as_deref());
        })
        .map_err(|error| error.to_string())?;
    files.prepare().map_err(|error| error.to_string())?;
    let write = std::iter::once(files.folder()).chain(files.folder_to_clear()).collect();
    confine::enter(&Needs { read: readable(), write, broker: true, ..Needs::default() });
    listen(&mut files);
    Ok(())
}

fn listen(files: &mut Files) {
    let stdin = io::stdin();
    let socket = stdin.as_fd();
    let mut word = [0; LONGEST];
    // Zero bytes: husk has ended.
    while let Ok((got, _)) = recv(socket, &mut word, RecvFlags::empty())
        && got > 0
    {
        let done = match word.get(..got).unwrap_or_default() {
            NEXT => match files.next() {
                Ok(next) => hand_over(socket, &next),
                Err(error) => refuse(socket, &error),
            },
            DONE => match files.done() {
                Ok(()) => send(socket, DONE, SendFlags::NOSIGNAL).map(|_| ()),
                Err(error) => refuse(socket, &error),
            },
            _ => refuse(socket, &io::Error::other("no such word")),
        };
        if done.is_err() {
            return;
        }
    }
}

fn hand_over(socket: BorrowedFd<'_>, next: &Next) -> rustix::io::Result<()> {
    let descriptors = [next.file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let head: &[u8] = if next.deleted { b"1 " } else { b"0 " };
    let parts = [IoSlice::new(head), IoSlice::new(next.path.as_os_str().as_bytes())];
    sendmsg(socket, &parts, &mut control, SendFlags::NOSIGNAL).map(|_| ())
}

fn refuse(socket: BorrowedFd<'_>, error: &io::Error) -> rustix::io::Result<()> {
    let words = error.raw_os_error().map_or_else(|| error.to_string(), |number| number.to_string());
    send(socket, format!("error {words}").as_bytes(), SendFlags::NOSIGNAL).map(|_| ())
}
