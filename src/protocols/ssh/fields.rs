//! Every field of SSH. Names are Wireshark's where the meaning is the same, else they begin with `husk.`.

use super::names;
use crate::fields;

fields! { class Metadata, "RFC 4253";
    PROTOCOL_LINE: Text "ssh.protocol" "Protocol", "RFC 4253, section 4.2";
    OTHER_LINE: Text "husk.ssh.line" "Line before the version", "RFC 4253, section 4.2";

    // The binary packet protocol.
    PACKET: Group "husk.ssh.packet" "Packet", "RFC 4253, section 6";
    PACKET_LENGTH: Number "ssh.packet_length" "Packet Length", "RFC 4253, section 6";
    PADDING_LENGTH: Number "ssh.padding_length" "Padding Length", "RFC 4253, section 6";
    PADDING: Bytes "ssh.padding_string" "Padding String", "RFC 4253, section 6", class Padding;
    MESSAGE_CODE: Number "ssh.message_code" "Message Code", "RFC 4250, section 4.1.2", names names::message;
    PAYLOAD: Bytes "husk.ssh.payload" "Payload", "RFC 4253, section 6";
    SEALED_LENGTH: Number "husk.ssh.sealed.length" "Packet Length", "RFC 5647, section 7.2";
    CIPHERTEXT: Bytes "husk.ssh.ciphertext" "Ciphertext", "RFC 4253, section 6", class Sealed;
    TAG: Bytes "husk.ssh.tag" "Message authentication code", "RFC 4253, section 6.4", class Tag;
    FIRST_PADDING: Bytes "husk.ssh.padding" "Padding of SSH-1", "draft-ylonen-ssh-protocol-00", class Padding;
    CHECKSUM: Bytes "husk.ssh.checksum" "Checksum of SSH-1", "draft-ylonen-ssh-protocol-00";

    // SSH_MSG_KEXINIT.
    COOKIE: Bytes "ssh.cookie" "Cookie", "RFC 4253, section 7.1";
    KEX_LENGTH: Number "ssh.kex_algorithms_length" "kex_algorithms length", "RFC 4253, section 7.1";
    KEX: Text "ssh.kex_algorithms" "kex_algorithms string", "RFC 4253, section 7.1";
    HOST_KEYS_LENGTH: Number "ssh.server_host_key_algorithms_length" "server_host_key_algorithms length", "RFC 4253, section 7.1";
    HOST_KEYS: Text "ssh.server_host_key_algorithms" "server_host_key_algorithms string", "RFC 4253, section 7.1";
    CIPHERS_C2S_LENGTH: Number "ssh.encryption_algorithms_client_to_server_length" "encryption_algorithms_client_to_server length", "RFC 4253, section 7.1";
    CIPHERS_C2S: Text "ssh.encryption_algorithms_client_to_server" "encryption_algorithms_client_to_server string", "RFC 4253, section 7.1";
    CIPHERS_S2C_LENGTH: Number "ssh.encryption_algorithms_server_to_client_length" "encryption_algorithms_server_to_client length", "RFC 4253, section 7.1";
    CIPHERS_S2C: Text "ssh.encryption_algorithms_server_to_client" "encryption_algorithms_server_to_client string", "RFC 4253, section 7.1";
    MACS_C2S_LENGTH: Number "ssh.mac_algorithms_client_to_server_length" "mac_algorithms_client_to_server length", "RFC 4253, section 7.1";
    MACS_C2S: Text "ssh.mac_algorithms_client_to_server" "mac_algorithms_client_to_server string", "RFC 4253, section 7.1";
    MACS_S2C_LENGTH: Number "ssh.mac_algorithms_server_to_client_length" "mac_algorithms_server_to_client length", "RFC 4253, section 7.1";
    MACS_S2C: Text "ssh.mac_algorithms_server_to_client" "mac_algorithms_server_to_client string", "RFC 4253, section 7.1";
    COMPRESSIONS_C2S_LENGTH: Number "ssh.compression_algorithms_client_to_server_length" "compression_algorithms_client_to_server length", "RFC 4253, section 7.1";
    COMPRESSIONS_C2S: Text "ssh.compression_algorithms_client_to_server" "compression_algorithms_client_to_server string", "RFC 4253, section 7.1";
    COMPRESSIONS_S2C_LENGTH: Number "ssh.compression_algorithms_server_to_client_length" "compression_algorithms_server_to_client length", "RFC 4253, section 7.1";
    COMPRESSIONS_S2C: Text "ssh.compression_algorithms_server_to_client" "compression_algorithms_server_to_client string", "RFC 4253, section 7.1";
    LANGUAGES_C2S_LENGTH: Number "ssh.languages_client_to_server_length" "languages_client_to_server length", "RFC 4253, section 7.1";
    LANGUAGES_C2S: Text "ssh.languages_client_to_server" "languages_client_to_server string", "RFC 4253, section 7.1";
    LANGUAGES_S2C_LENGTH: Number "ssh.languages_server_to_client_length" "languages_server_to_client length", "RFC 4253, section 7.1";
    LANGUAGES_S2C: Text "ssh.languages_server_to_client" "languages_server_to_client string", "RFC 4253, section 7.1";
    FIRST_KEX_FOLLOWS: Number "ssh.first_kex_packet_follows" "First KEX Packet Follows", "RFC 4253, section 7.1";
    KEX_RESERVED: Bytes "ssh.kex.reserved" "Reserved", "RFC 4253, section 7.1";
    HASSH_ALGORITHMS: Text "ssh.kex.hassh_algorithms" "hasshAlgorithms", "HASSH";
    HASSH: Text "ssh.kex.hassh" "hassh", "HASSH";
    HASSH_SERVER_ALGORITHMS: Text "ssh.kex.hasshserver_algorithms" "hasshServerAlgorithms", "HASSH";
    HASSH_SERVER: Text "ssh.kex.hasshserver" "hasshServer", "HASSH";

    // Key exchange.
    MPINT_LENGTH: Number "ssh.mpint_length" "Multi Precision Integer Length", "RFC 4251, section 5";
    DH_E: Bytes "ssh.dh.e" "DH client e", "RFC 4253, section 8";
    DH_F: Bytes "ssh.dh.f" "DH server f", "RFC 4253, section 8";
    GEX_MIN: Number "ssh.dh_gex.min" "DH GEX Min", "RFC 4419, section 3";
    GEX_BITS: Number "ssh.dh_gex.nbits" "DH GEX Number of Bits", "RFC 4419, section 3";
    GEX_MAX: Number "ssh.dh_gex.max" "DH GEX Max", "RFC 4419, section 3";
    GEX_P: Bytes "ssh.dh_gex.p" "DH GEX modulus (P)", "RFC 4419, section 3";
    GEX_G: Bytes "ssh.dh_gex.g" "DH GEX base (G)", "RFC 4419, section 3";
    Q_C_LENGTH: Number "ssh.ecdh.q_c_length" "ECDH client's ephemeral public key length", "RFC 5656, section 4";
    Q_C: Bytes "ssh.ecdh.q_c" "ECDH client's ephemeral public key (Q_C)", "RFC 5656, section 4";
    Q_S_LENGTH: Number "ssh.ecdh.q_s_length" "ECDH server's ephemeral public key length", "RFC 5656, section 4";
    Q_S: Bytes "ssh.ecdh.q_s" "ECDH server's ephemeral public key (Q_S)", "RFC 5656, section 4";
    HYBRID_LENGTH: Number "husk.ssh.hybrid_length" "Hybrid key share length", "draft-ietf-sshm-mlkem-hybrid-kex, section 2.1";
    HYBRID: Bytes "husk.ssh.hybrid" "Hybrid key share", "draft-ietf-sshm-mlkem-hybrid-kex, section 2.1";
    HOST_KEY: Group "husk.ssh.host_key" "KEX host key", "RFC 4253, section 6.6";
    HOST_KEY_LENGTH: Number "ssh.host_key.length" "Host key length", "RFC 4253, section 6.6";
    HOST_KEY_TYPE_LENGTH: Number "ssh.host_key.type_length" "Host key type length", "RFC 4253, section 6.6";
    HOST_KEY_TYPE: Text "ssh.host_key.type" "Host key type", "RFC 4253, section 6.6";
    HOST_KEY_DATA: Bytes "ssh.host_key.data" "Host key data", "RFC 4253, section 6.6";
    RSA_E: Bytes "ssh.host_key.rsa.e" "RSA public exponent (e)", "RFC 4253, section 6.6";
    RSA_N: Bytes "ssh.host_key.rsa.n" "RSA modulus (N)", "RFC 4253, section 6.6";
    DSA_P: Bytes "ssh.host_key.dsa.p" "DSA prime modulus (p)", "RFC 4253, section 6.6";
    DSA_Q: Bytes "ssh.host_key.dsa.q" "DSA prime divisor (q)", "RFC 4253, section 6.6";
    DSA_G: Bytes "ssh.host_key.dsa.g" "DSA subgroup generator (g)", "RFC 4253, section 6.6";
    DSA_Y: Bytes "ssh.host_key.dsa.y" "DSA public key (y)", "RFC 4253, section 6.6";
    ECDSA_ID_LENGTH: Number "ssh.host_key.ecdsa.id_length" "ECDSA elliptic curve identifier length", "RFC 5656, section 3.1";
    ECDSA_ID: Text "ssh.host_key.ecdsa.id" "ECDSA elliptic curve identifier", "RFC 5656, section 3.1";
    ECDSA_Q_LENGTH: Number "ssh.host_key.ecdsa.q_length" "ECDSA public key length", "RFC 5656, section 3.1";
    ECDSA_Q: Bytes "ssh.host_key.ecdsa.q" "ECDSA public key (Q)", "RFC 5656, section 3.1";
    EDDSA_LENGTH: Number "ssh.host_key.eddsa.key_length" "EdDSA public key length", "RFC 8709, section 4";
    EDDSA: Bytes "ssh.host_key.eddsa.key" "EdDSA public key", "RFC 8709, section 4";
    FINGERPRINT: Text "husk.ssh.fingerprint" "Fingerprint of the host key", "RFC 4255, section 3.1.2";
    SIGNATURE: Group "husk.ssh.signature" "KEX host signature", "RFC 4253, section 8";
    SIGNATURE_LENGTH: Number "ssh.host_sig.length" "Host signature length", "RFC 4253, section 8";
    SIGNATURE_TYPE_LENGTH: Number "ssh.host_sig.type_length" "Host signature type length", "RFC 4253, section 6.6";
    SIGNATURE_TYPE: Text "ssh.host_sig.type" "Host signature type", "RFC 4253, section 6.6";
    SIGNATURE_RSA: Bytes "ssh.host_sig.rsa" "RSA signature", "RFC 4253, section 6.6";
    SIGNATURE_DATA: Bytes "husk.ssh.signature.data" "Host signature data", "RFC 4253, section 6.6";

    // Other messages in clear.
    REASON: Hex(8) "ssh.disconnect_reason" "Disconnect reason", "RFC 4253, section 11.1", names names::reason;
    DESCRIPTION_LENGTH: Number "ssh.disconnect_description_length" "Disconnect description length", "RFC 4253, section 11.1";
    DESCRIPTION: Text "ssh.disconnect_description" "Disconnect description", "RFC 4253, section 11.1";

    // What an observer learns, in words.
    KEX_CHOSEN: Text "husk.ssh.kex" "Key exchange chosen", "RFC 4253, section 7.1";
    HOST_KEY_CHOSEN: Text "husk.ssh.host_key_algorithm" "Host key algorithm chosen", "RFC 4253, section 7.1";
    CIPHER_C2S: Text "husk.ssh.cipher_client_to_server" "Cipher chosen, client to server", "RFC 4253, section 7.1";
    CIPHER_S2C: Text "husk.ssh.cipher_server_to_client" "Cipher chosen, server to client", "RFC 4253, section 7.1";
    MAC_C2S: Text "husk.ssh.mac_client_to_server" "MAC chosen, client to server", "RFC 4253, section 7.1";
    MAC_S2C: Text "husk.ssh.mac_server_to_client" "MAC chosen, server to client", "RFC 4253, section 7.1";
}
