//! What may be learned from a capture, kind by kind: one table.
//!
//! The kinds that protocols state as facts name the facts' fields; the others are found by
//! [`Leaks`](super::Leaks) in headers, by comparing flows, or in hellos that are read again.

use crate::bytes::Class;
pub use crate::glossary::Why;

/// Whom or what a leak is about: under which heading it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The site of its flow: its name, or the server's address.
    Site,
    /// The name that it tells itself: a question about a name is about that name.
    Named,
    /// The devices of the local network.
    Local,
}

/// Something that may be learned.
#[derive(Debug)]
pub struct LeakKind {
    /// Its name in JSON lines: `tls.sni`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Why it is visible.
    pub why: Why,
    /// The one change that would have hidden it.
    pub hidden_by: &'static str,
    /// The sentence that tells it: `{}` stands for the value, `{1}` and `{2}` for its parts before and behind the
    /// first space.
    pub says: &'static str,
    /// What the bytes are that tell it.
    pub class: Class,
    /// Whom it is about.
    pub subject: Subject,
    /// Whether the evidence only leads to the value (a digest, a comparison) and does not contain it.
    pub derived: bool,
    /// The fields of the facts that tell it.
    pub fields: &'static [&'static str],
    /// Only in flows of these protocols; in all if empty. A kind that says so goes before one that does not.
    pub under: &'static [&'static str],
}

impl PartialEq for LeakKind {
    /// Kinds are compared by identity: each is declared once.
    fn eq(&self, other: &LeakKind) -> bool {
        std::ptr::eq(self, other)
    }
}
impl Eq for LeakKind {}

/// The kind of this name.
pub fn kind(name: &str) -> Option<&'static LeakKind> {
    LEAKS.iter().find(|kind| kind.name == name)
}

/// Facts that are no leaks: what a router says of a flow belongs to its verdict, names in a CNAME are told by the answer.
pub const NO_LEAKS: &[&str] = &["husk.icmp.meaning", "husk.icmpv6.meaning"];

/// What all kinds that a protocol states have in common.
const fn kind_of(name: &'static str, label: &'static str, fields: &'static [&'static str]) -> LeakKind {
    LeakKind {
        name,
        label,
        why: Why::Avoidable,
        hidden_by: "",
        says: "{}",
        class: Class::Metadata,
        subject: Subject::Site,
        derived: false,
        fields,
        under: &[],
    }
}

impl LeakKind {
    /// Its place in the order in which kinds are told.
    pub fn place(&self) -> usize {
        LEAKS.iter().position(|kind| kind == self).unwrap_or(LEAKS.len())
    }

    /// Whether its value has two parts, the first of which ends with the first space.
    pub fn has_parts(&self) -> bool {
        self.says.contains("{1}")
    }

    const fn because(self, why: Why, hidden_by: &'static str) -> LeakKind {
        LeakKind { why, hidden_by, ..self }
    }

    const fn says(self, says: &'static str) -> LeakKind {
        LeakKind { says, ..self }
    }

    const fn about(self, subject: Subject) -> LeakKind {
        LeakKind { subject, ..self }
    }

    const fn of(self, class: Class) -> LeakKind {
        LeakKind { class, ..self }
    }

    const fn derived(self) -> LeakKind {
        LeakKind { derived: true, ..self }
    }

    const fn under(self, under: &'static [&'static str]) -> LeakKind {
        LeakKind { under, ..self }
    }
}

const RANDOM_MAC: &str = "a randomised address for each network";
const TUNNEL: &str = "a tunnel (VPN, Tor), which moves it to whoever runs the tunnel";
const ENCRYPTED_DNS: &str = "encrypted DNS (DoT, DoH, DoQ)";
const ECH: &str = "ECH, together with encrypted DNS";
const TLS_13: &str = "TLS 1.3, which encrypts it";
const TLS: &str = "TLS";
const LESS_DHCP: &str = "an anonymity profile for DHCP (RFC 7844)";
const NO_MULTICAST: &str = "no announcements on networks that are not trusted";
const UNIFORM: &str = "a client that looks like many others";
const NO_BANNER: &str = "a server that does not say what it runs";
const PADDING: &str = "padding to a common size, or a tunnel that pads";

/// Every kind, in the order in which they are told.
pub static LEAKS: &[LeakKind] = &[
    // The link.
    kind_of("link.mac", "link address", &[])
        .because(Why::Delivery, RANDOM_MAC)
        .says("the device with link address {} is there")
        .of(Class::Link)
        .about(Subject::Local),
    kind_of("link.vendor", "maker of the network interface", &[])
        .because(Why::Delivery, RANDOM_MAC)
        .says("the network interface {1} was made by {2}")
        .of(Class::Link)
        .about(Subject::Local)
        .derived(),
    kind_of("link.randomised", "randomised link address", &[])
        .because(Why::Delivery, "nothing: this is the change that hides the device")
        .says("the link address {} was chosen by software, as randomised ones are: it does not tell which device it is")
        .of(Class::Link)
        .about(Subject::Local),
    // Devices that introduce themselves.
    kind_of("dhcp.hostname", "host name told to DHCP", &["dhcp.option.hostname", "dhcp.fqdn.name", "dhcpv6.client_domain"])
        .because(Why::Avoidable, LESS_DHCP)
        .says("a device told everybody on the network its name: {}")
        .about(Subject::Local),
    kind_of("dhcp.vendor_class", "system told to DHCP", &["dhcp.option.vendor_class_id", "dhcpv6.vendorclass.data", "dhcp.option.user_class.text", "dhcp.option.mudurl"])
        .because(Why::Avoidable, LESS_DHCP)
        .says("a device told what it runs: {}")
        .about(Subject::Local),
    kind_of("dhcp.parameters", "parameters asked of DHCP", &["dhcp.option.request_list_item", "dhcpv6.requested_option_code"])
        .because(Why::Avoidable, LESS_DHCP)
        .says("a device asked DHCP for the options {}, a list that is typical of its system")
        .about(Subject::Local)
        .derived(),
    kind_of("dhcp.hardware", "link address told to DHCP", &["dhcp.hw.mac_addr", "dhcpv6.duidll.link_layer_addr", "dhcpv6.duidllt.link_layer_addr"])
        .because(Why::Negotiation, RANDOM_MAC)
        .says("a device told DHCP its link address {}")
        .about(Subject::Local),
    kind_of("dhcp.client_id", "identifier told to DHCP", &["dhcp.client_id.uuid", "dhcp.client_id.undef", "husk.dhcp.client_id"])
        .because(Why::Avoidable, LESS_DHCP)
        .says("a device told DHCP an identifier of its own: {}")
        .about(Subject::Local),
    kind_of("dhcp.address", "address given by DHCP", &["dhcp.ip.your", "dhcp.option.requested_ip_address", "dhcpv6.iaaddr.ip", "dhcpv6.iaprefix.pref_addr"])
        .because(Why::Delivery, "nothing: a device needs an address")
        .says("DHCP spoke of the address {}")
        .about(Subject::Local),
    kind_of("dhcp.server", "server named by DHCP", &["dhcp.server", "dhcp.file", "dhcp.option.agent_information_option.subscriber_id"])
        .because(Why::Negotiation, "nothing: DHCP has no encryption")
        .says("DHCP told {}")
        .about(Subject::Local),
    kind_of("mdns.question", "name asked for by multicast DNS", &["dns.qry.name"])
        .because(Why::Avoidable, NO_MULTICAST)
        .says("a device asked everybody on the network for {}")
        .about(Subject::Local)
        .under(&["mdns", "llmnr"]),
    kind_of("mdns.announced", "name announced by multicast DNS", &["dns.a", "dns.aaaa", "dns.cname", "dns.dname", "dns.ptr.domain_name", "dns.srv.target", "dns.svcb.targetname"])
        .because(Why::Avoidable, NO_MULTICAST)
        .says("a device announced to everybody on the network: {1} is {2}")
        .about(Subject::Local)
        .under(&["mdns", "llmnr"]),
    kind_of("netbios.name", "NetBIOS name", &["nbns.name", "nbns.netbios_name", "nbdgm.source_name"])
        .because(Why::Legacy, "no NetBIOS")
        .says("a device spoke of the NetBIOS name {} to everybody on the network")
        .about(Subject::Local),
    kind_of("netbios.owner", "address of a NetBIOS name", &["nbns.addr", "nbdgm.src.ip", "nbns.unit_id"])
        .because(Why::Legacy, "no NetBIOS")
        .says("NetBIOS told {}")
    .derived()
        .about(Subject::Local),
    // Addresses and what goes with them.
    kind_of("ip.client", "address of the client", &[])
        .because(Why::Delivery, TUNNEL)
        .says("the packets came from {}")
        .of(Class::Network)
        .about(Subject::Local),
    kind_of("ip.eui64", "link address within the IPv6 address", &[])
        .because(Why::Avoidable, "temporary addresses (RFC 8981)")
        .says("the IPv6 address {1} was made from the link address {2}, and says so everywhere it goes")
        .of(Class::Network)
        .about(Subject::Local)
        .derived(),
    kind_of("ip.server", "address of the server", &[])
        .because(Why::Delivery, TUNNEL)
        .says("the packets went to {}")
        .of(Class::Network),
    kind_of("ip.port", "port of the server", &[])
        .because(Why::Delivery, TUNNEL)
        .says("they went to port {}")
        .of(Class::Transport),
    kind_of("ip.devices", "devices behind an address", &[])
        .because(Why::Avoidable, "nothing in common use")
        .says("{}")
        .of(Class::Network)
        .about(Subject::Local)
        .derived(),
    kind_of("traffic.time", "when, and how often", &[])
        .because(Why::Delivery, TUNNEL)
        .says("{}")
        .of(Class::Network)
        .derived(),
    kind_of("traffic.size", "how much", &[])
        .because(Why::Delivery, PADDING)
        .says("{}")
        .of(Class::Network)
        .derived(),
    // Names by DNS.
    kind_of("dns.question", "name asked for", &["dns.qry.name"])
        .because(Why::Avoidable, ENCRYPTED_DNS)
        .says("DNS was asked in clear for {}")
        .about(Subject::Named),
    kind_of("dns.answer", "address of a name", &["dns.a", "dns.aaaa"])
        .because(Why::Avoidable, ENCRYPTED_DNS)
        .says("DNS answered in clear: {1} is at {2}")
        .about(Subject::Named),
    kind_of("dns.alias", "alias of a name", &["dns.cname", "dns.dname"])
        .because(Why::Avoidable, ENCRYPTED_DNS)
        .says("DNS answered in clear: {1} is another name of {2}")
        .about(Subject::Named),
    kind_of("dns.reverse", "name of an address", &["dns.ptr.domain_name"])
        .because(Why::Avoidable, ENCRYPTED_DNS)
        .says("DNS answered in clear: {1} points to {2}")
        .about(Subject::Named),
    kind_of("dns.service", "service of a name", &["dns.srv.target", "dns.svcb.targetname"])
        .because(Why::Avoidable, ENCRYPTED_DNS)
        .says("DNS answered in clear: the service {1} is at {2}")
        .about(Subject::Named),
    kind_of("dns.ech_config", "key for ECH", &["dns.svcb.svcparam.echconfig"])
        .because(Why::Avoidable, ENCRYPTED_DNS)
        .says("DNS answered in clear: {} has a key for encrypted hellos")
        .about(Subject::Named)
        .derived(),
    kind_of("dns.subnet", "network for which a resolver asks", &["dns.opt.client.addr4", "dns.opt.client.addr6"])
        .because(Why::Avoidable, "a resolver that sends no client subnet (RFC 7871, section 7.1.2)")
        .says("a resolver told for which network it asks: {}"),
    kind_of("dns.encrypted", "encrypted DNS in use", &["husk.encrypted_dns"])
        .because(Why::Negotiation, TUNNEL)
        .says("names were asked for where nobody on the path reads them: {}")
        .derived(),
    // TLS.
    kind_of("tls.sni", "name of the site asked for", &["tls.handshake.extensions_server_name", "dtls.handshake.extensions_server_name"])
        .because(Why::Negotiation, ECH)
        .says("the client told in clear which site it wants: {}"),
    kind_of("tls.alpn", "application protocols offered", &["tls.handshake.extensions_alpn_str"])
        .because(Why::Negotiation, ECH)
        .says("the client offered to speak {}"),
    kind_of("tls.alpn_chosen", "application protocol chosen", &["husk.tls.alpn"])
        .because(Why::Negotiation, TLS_13)
        .says("the server chose to speak {}"),
    kind_of("tls.version", "version of TLS", &["husk.tls.version"])
        .because(Why::Negotiation, "nothing: both ends need to know it")
        .says("the server chose {}")
        .derived(),
    kind_of("tls.cipher", "cipher suite", &["husk.tls.cipher"])
        .because(Why::Negotiation, "nothing: both ends need to know it")
        .says("the server chose the cipher suite {}")
        .derived(),
    kind_of("tls.group", "group of the key exchange", &["husk.tls.group"])
        .because(Why::Negotiation, "nothing: both ends need to know it")
        .says("the keys were exchanged by {}")
        .derived(),
    kind_of("tls.certificate", "name in the certificate", &["husk.x509.common_name", "x509ce.dNSName", "husk.x509.address", "x509ce.rfc822Name"])
        .because(Why::Negotiation, TLS_13)
        .says("the certificate in clear is for {}"),
    kind_of("tls.subject", "holder of the certificate", &["husk.x509.subject"])
        .because(Why::Negotiation, TLS_13)
        .says("the certificate in clear was issued to {}")
        .derived(),
    kind_of("tls.issuer", "issuer of the certificate", &["husk.x509.issuer"])
        .because(Why::Negotiation, TLS_13)
        .says("the certificate in clear was issued by {}")
        .derived(),
    kind_of("tls.certificate_serial", "serial number of the certificate", &["x509af.serialNumber"])
        .because(Why::Negotiation, TLS_13)
        .says("the certificate in clear has the serial number {}")
        .derived(),
    kind_of("tls.validity", "validity of the certificate", &["husk.x509.not_before", "husk.x509.not_after"])
        .because(Why::Negotiation, TLS_13)
        .says("the certificate in clear gives {} as an end of its validity")
        .derived(),
    kind_of("tls.key", "key of the certificate", &["husk.x509.key"])
        .because(Why::Negotiation, TLS_13)
        .says("the certificate in clear has a key of {}")
        .derived(),
    kind_of("tls.ja3", "fingerprint JA3 of the client", &[])
        .because(Why::Negotiation, UNIFORM)
        .says("what the client offers is typical of its program: JA3 {}")
        .derived(),
    kind_of("tls.ja4", "fingerprint JA4 of the client", &[])
        .because(Why::Negotiation, UNIFORM)
        .says("what the client offers is typical of its program: JA4 {}")
        .derived(),
    kind_of("tls.ja3s", "fingerprint JA3S of the server", &[])
        .because(Why::Negotiation, UNIFORM)
        .says("how the server chose is typical of its program: JA3S {}")
        .derived(),
    kind_of("tls.ech", "encrypted hello", &[])
        .because(Why::Negotiation, "nothing: it is what hides the name, and everybody is meant to send it")
        .says("the client sent an encrypted hello (ECH); was it a real one? {}")
        .derived(),
    kind_of("tls.ticket", "ticket that links connections", &[])
        .because(Why::Negotiation, "TLS 1.3 and a new ticket for each connection (RFC 8446, section C.4)")
        .says("{} show the same ticket: they are of the same client")
        .derived(),
    kind_of("tls.plaintext", "how much was said under encryption", &[])
        .because(Why::Delivery, PADDING)
        .says("behind the encryption, {}")
        .derived(),
    kind_of("quic.connection_id", "connection id of QUIC", &[])
        .because(Why::Delivery, "nothing: it must be in clear to find the connection")
        .says("a connection of QUIC is known by the id {}")
        .of(Class::Transport),
    kind_of("quic.migration", "connection that moved", &[])
        .because(Why::Avoidable, "a new connection id on each path (RFC 9000, section 9.5)")
        .says("{} show the same connection id: one connection went on from another address or port")
        .of(Class::Transport)
        .derived(),
    kind_of("vpn.tunnel", "tunnel", &[])
        .because(Why::Delivery, "a tunnel that looks like something else")
        .says("a tunnel is in use: {}")
        .derived(),
    // HTTP in clear.
    kind_of("http.host", "site asked for", &["http.host", "http2.headers.authority"])
        .because(Why::Avoidable, TLS)
        .says("the request in clear names the site: {}"),
    kind_of("http.path", "page asked for", &["http.request.uri", "http2.headers.path"])
        .because(Why::Avoidable, TLS)
        .says("the request in clear names the page: {}"),
    kind_of("http.cookie", "cookie", &["http.cookie", "http2.headers.cookie"])
        .because(Why::Avoidable, TLS)
        .says("a cookie in clear, by which the site knows its visitor again (and so does everybody who reads it): {}"),
    kind_of("http.set_cookie", "cookie that was set", &["http.set_cookie", "http2.headers.set_cookie"])
        .because(Why::Avoidable, TLS)
        .says("the site set a cookie in clear: {}"),
    kind_of("http.authorization", "credentials sent to the site", &["http.authorization", "http2.headers.authorization", "http.proxy_authorization", "http2.headers.proxy_authorization"])
        .because(Why::Avoidable, TLS)
        .says("the request in clear holds credentials of kind {}"),
    kind_of("http.user_agent", "browser", &["http.user_agent", "http2.headers.user_agent"])
        .because(Why::Avoidable, TLS)
        .says("the request in clear names the program that sent it: {}"),
    kind_of("http.referer", "page that led here", &["http.referer", "http2.headers.referer"])
        .because(Why::Avoidable, TLS)
        .says("the request in clear tells which page led here: {}"),
    kind_of("http.server", "program of the server", &["http.server", "http2.headers.server"])
        .because(Why::Avoidable, TLS)
        .says("the server says in clear what it runs: {}"),
    kind_of("http.forwarded_for", "client behind a proxy", &["http.x_forwarded_for"])
        .because(Why::Avoidable, "TLS between proxy and server")
        .says("a proxy tells in clear for whom it asks: {}"),
    kind_of("ocsp.serial", "certificate asked about", &["ocsp.serialNumber"])
        .because(Why::Avoidable, "OCSP stapling, or short-lived certificates")
        .says("the certificate authority was asked in clear about the serial number {}: whoever knows the certificate knows the site")
        .derived(),
    // SSH.
    kind_of("ssh.version", "version of SSH", &["ssh.protocol"])
        .because(Why::Negotiation, NO_BANNER)
        .says("a side of SSH said in clear what it runs: {}"),
    kind_of("ssh.algorithms", "algorithms of SSH", &["husk.ssh.kex", "husk.ssh.host_key_algorithm", "husk.ssh.cipher_client_to_server", "husk.ssh.cipher_server_to_client", "husk.ssh.mac_client_to_server", "husk.ssh.mac_server_to_client"])
        .because(Why::Negotiation, "nothing: both ends need to know it")
        .says("SSH agreed on {}")
        .derived(),
    kind_of("ssh.host_key", "key of the SSH server", &["husk.ssh.fingerprint"])
        .because(Why::Negotiation, "nothing: SSH shows the key before it encrypts")
        .says("the SSH server's key has the fingerprint {}: the same server is known again anywhere")
        .derived(),
    kind_of("ssh.hassh", "fingerprint of the SSH program", &["ssh.kex.hassh", "ssh.kex.hasshserver"])
        .because(Why::Negotiation, UNIFORM)
        .says("the list of algorithms that a side of SSH offers is typical of its program: {}")
        .derived(),
    // Who somebody is, and what he may.
    kind_of("login.user", "user name", &["husk.ftp.user", "husk.imap.user", "husk.pop.user", "husk.smtp.user", "husk.irc.user", "husk.irc.nick", "husk.pgsql.user", "mysql.user", "mqtt.username", "ldap.name", "snmp.msgUserName", "radius.User_Name", "socks.username", "husk.kerberos.client"])
        .because(Why::Legacy, TLS)
        .says("a user name in clear: {}"),
    kind_of("login.password", "password", &["husk.ftp.password", "husk.imap.password", "husk.pop.password", "husk.smtp.password", "mqtt.passwd", "ldap.simple", "socks.password", "snmp.community", "pgsql.password"])
        .because(Why::Legacy, TLS)
        .says("a password in clear: {}"),
    kind_of("login.realm", "realm", &["husk.kerberos.realm", "husk.kerberos.service", "stun.att.realm", "stun.att.username", "radius.Called_Station_Id", "radius.Calling_Station_Id"])
        .because(Why::Legacy, TUNNEL)
        .says("a login in clear is for {}")
    .derived(),
    // What was said and fetched, and where.
    kind_of("mail.address", "mail address", &["husk.smtp.mail_from", "husk.smtp.rcpt_to"])
        .because(Why::Legacy, TLS)
        .says("a mail in clear is from or to {}"),
    kind_of("mail.client", "name of the mail's sender", &["husk.smtp.client_name"])
        .because(Why::Legacy, TLS)
        .says("the sender of mail calls itself {}"),
    kind_of("file.path", "file", &["husk.ftp.path", "husk.tftp.source_file", "husk.tftp.destination_file", "rtsp.url", "husk.ldap.base", "husk.pgsql.database", "mqtt.topic", "mqtt.willtopic", "snmp.name", "husk.irc.channel", "sip.Subject"])
        .because(Why::Legacy, TLS)
        .says("named in clear: {}"),
    kind_of("call.party", "party of a call", &["sip.From", "sip.To", "sip.Contact",
            "sip.r-uri", "husk.xmpp.to", "husk.sip.authorization", "husk.sip.proxy_authorization"])
        .because(Why::Legacy, TLS)
        .says("who talks with whom, in clear: {}"),
    kind_of("program.banner", "program", &["husk.ftp.greeting", "mqtt.clientid", "husk.imap.greeting", "husk.pop.greeting", "husk.smtp.greeting", "mysql.version", "sip.Server", "sip.User-Agent", "husk.rtsp.user_agent", "stun.att.software", "classicstun.att.server",
            "husk.syslog.appname",
            "husk.syslog.hostname",])
        .because(Why::Avoidable, NO_BANNER)
        .says("a program introduces itself: {}"),
    // Ways around, and ways.
    kind_of("proxy.client", "client of a proxy", &["proxy.src.ipv4", "proxy.src.ipv6"])
        .because(Why::Avoidable, "TLS between proxy and server")
        .says("a proxy tells in clear for whom it asks: {}"),
    kind_of("proxy.destination", "destination asked of a proxy", &["socks.remote_name", "socks.v4a_dns_name"])
        .because(Why::Legacy, "TLS to the proxy")
        .says("a proxy was asked in clear to connect to {}"),
    kind_of("stun.address", "address found by STUN", &["stun.att.ipv4", "stun.att.ipv6", "classicstun.att.ipv4"])
        .because(Why::Negotiation, "relays only (TURN over TLS)")
        .says("STUN spoke of the address {}"),
    kind_of("bgp.router", "router", &["bgp.open.myas", "bgp.open.identifier", "bgp.cap.4as", "bgp.cap.orf.fqdn.hostname", "bgp.cap.orf.fqdn.domain_name"])
        .because(Why::Legacy, "nothing in common use")
        .says("a router introduces itself: {}"),
    kind_of("bgp.route", "route", &["bgp.nlri_prefix", "bgp.withdrawn_prefix", "bgp.mp_reach_nlri_ipv4_prefix", "bgp.mp_reach_nlri_ipv6_prefix", "bgp.mp_unreach_nlri_ipv4_prefix", "bgp.mp_unreach_nlri_ipv6_prefix", "bgp.update.path_attribute.as_path_segment.as2", "bgp.update.path_attribute.as_path_segment.as4"])
        .because(Why::Legacy, "nothing in common use")
        .says("routers told each other {}")
        .derived(),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols;

    #[test]
    fn every_field_is_one_and_tells_one_kind_for_each_protocol() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in LEAKS {
            for name in kind.fields {
                assert!(protocols::field(name).is_some(), "{}: no field {name}", kind.name);
                let under = if kind.under.is_empty() { &[""] } else { kind.under };
                for protocol in under {
                    assert!(seen.insert((*name, *protocol)), "{name} under {protocol:?} tells two kinds");
                }
            }
        }
    }

    #[test]
    fn every_kind_has_a_sentence_with_its_value_and_says_what_would_have_hidden_it() {
        let mut names = std::collections::BTreeSet::new();
        for kind in LEAKS {
            assert!(kind.says.contains("{}") || kind.says.contains("{1}"), "{}", kind.name);
            assert!(!kind.hidden_by.is_empty(), "{}", kind.name);
            assert!(names.insert(kind.name), "{} stands twice", kind.name);
        }
    }
}
