//! Whose work a layer is: who writes it when sending, and takes it off when receiving.

use crate::bytes::Class;

/// Somebody within the machine who writes a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The program that the user runs.
    Application,
    /// The part of the program that looks names up, or a service of the system that does it for all programs.
    Resolver,
    /// The library within the program that encrypts.
    TlsLibrary,
    /// The library within the program that is transport and encryption in one.
    QuicLibrary,
    /// The operating system.
    Kernel,
    /// The hardware that puts bits on the wire or into the air.
    NetworkCard,
}

/// Every owner, from the user down to the wire.
pub const OWNERS: [Owner; 6] =
    [Owner::Application, Owner::Resolver, Owner::TlsLibrary, Owner::QuicLibrary, Owner::Kernel, Owner::NetworkCard];

impl Owner {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Owner::Application => "application",
            Owner::Resolver => "resolver",
            Owner::TlsLibrary => "TLS library",
            Owner::QuicLibrary => "QUIC library",
            Owner::Kernel => "kernel",
            Owner::NetworkCard => "network card",
        }
    }

    /// What it does with the bytes.
    pub const fn sentence(self) -> &'static str {
        match self {
            Owner::Application => {
                "The program itself, a browser for example, writes these bytes and hands them down; it does not know \
                 into how many packets they will be cut."
            }
            Owner::Resolver => {
                "The part that turns names into addresses asks before the program can connect: inside the program, \
                 or a service that all programs of the machine share."
            }
            Owner::TlsLibrary => {
                "A library inside the program agrees on keys with the other end and seals what the program says. \
                 Below it, nobody on this machine or on the way needs to understand the content."
            }
            Owner::QuicLibrary => {
                "A library inside the program does what kernel and TLS do for others: order, repetition and \
                 encryption, over plain datagrams."
            }
            Owner::Kernel => {
                "The operating system cuts the stream into segments, numbers and addresses them, repeats what is \
                 lost, and does so for every program alike."
            }
            Owner::NetworkCard => {
                "Driver and hardware put the frame around the packet for the next hop and send it; the receiving \
                 card checks it and takes it off again."
            }
        }
    }
}

/// Whose work a layer of this protocol and class is.
pub fn owner(protocol: &str, class: Class) -> Owner {
    match (protocol, class) {
        ("tls" | "dtls", _) => Owner::TlsLibrary,
        ("quic", _) => Owner::QuicLibrary,
        ("arp" | "wg" | "esp" | "ah", _) => Owner::Kernel,
        ("dns" | "mdns" | "llmnr", _) => Owner::Resolver,
        (_, Class::Link) => Owner::NetworkCard,
        (_, Class::Network | Class::Transport) => Owner::Kernel,
        _ => Owner::Application,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_of_a_page_load_has_its_owner() {
        let layers = [("http", Class::Metadata), ("tls", Class::Metadata), ("tcp", Class::Transport)];
        let owners = layers.map(|(protocol, class)| owner(protocol, class).name());
        assert_eq!(owners, ["application", "TLS library", "kernel"]);
        assert_eq!(owner("eth", Class::Link).name(), "network card");
    }
}
