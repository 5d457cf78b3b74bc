//! Every field of X.509. Names are Wireshark's where the meaning is the same, else they begin with `husk.`.

use crate::fields;

fields! { class Metadata, "RFC 5280, section 4.1";
    VERSION: Number "x509af.version" "version", "RFC 5280, section 4.1.2.1", names version;
    SERIAL: Bytes "x509af.serialNumber" "serialNumber", "RFC 5280, section 4.1.2.2";
    ALGORITHM: Oid "x509af.algorithm.id" "Algorithm Id", "RFC 5280, section 4.1.1.2";
    ISSUER: Group "husk.x509.issuer_name" "issuer", "RFC 5280, section 4.1.2.4";
    SUBJECT: Group "husk.x509.subject_name" "subject", "RFC 5280, section 4.1.2.6";
    UTC_TIME: Text "x509af.utcTime" "utcTime", "RFC 5280, section 4.1.2.5.1";
    GENERALIZED_TIME: Date "x509af.generalizedTime" "generalizedTime", "RFC 5280, section 4.1.2.5.2";
    PUBLIC_KEY: Bytes "x509af.subjectPublicKey" "subjectPublicKey", "RFC 5280, section 4.1.2.7";
    SIGNATURE: Bytes "x509af.encrypted" "encrypted", "RFC 5280, section 4.1.1.3";

    // Names.
    ATTRIBUTE: Oid "x509if.oid" "Id", "RFC 5280, section 4.1.2.4";
    COUNTRY: Text "x509sat.CountryName" "CountryName", "RFC 5280, section A.1";
    UTF8: Text "x509sat.uTF8String" "uTF8String", "RFC 5280, section A.1";
    PRINTABLE: Text "x509sat.printableString" "printableString", "RFC 5280, section A.1";
    TELETEX: Text "x509sat.teletexString" "teletexString", "RFC 5280, section A.1";
    BMP: Text "x509sat.bmpString" "bmpString", "RFC 5280, section A.1";
    IA5: Text "x509sat.IA5String" "IA5String", "RFC 5280, section A.1";
    ONLY_PRINTABLE: Text "x509sat.PrintableString" "PrintableString", "RFC 5280, section A.1";
    OTHER_VALUE: Text "husk.x509.value" "Value", "RFC 5280, section 4.1.2.4";

    // Extensions.
    EXTENSION: Group "husk.x509.extension" "Extension", "RFC 5280, section 4.2";
    EXTENSION_ID: Oid "x509af.extension.id" "Extension Id", "RFC 5280, section 4.2";
    CRITICAL: Flag "x509af.critical" "critical", "RFC 5280, section 4.2";
    DNS_NAME: Text "x509ce.dNSName" "dNSName", "RFC 5280, section 4.2.1.6";
    MAIL_NAME: Text "x509ce.rfc822Name" "rfc822Name", "RFC 5280, section 4.2.1.6";
    URI: Text "x509ce.uniformResourceIdentifier" "uniformResourceIdentifier", "RFC 5280, section 4.2.1.6";
    IPV4: Ipv4 "x509ce.IPAddress.ipv4" "iPAddress", "RFC 5280, section 4.2.1.6";
    IPV6: Ipv6 "x509ce.IPAddress.ipv6" "iPAddress", "RFC 5280, section 4.2.1.6";
    KEY_USAGE: Bytes "x509ce.KeyUsage" "KeyUsage", "RFC 5280, section 4.2.1.3";
    DIGITAL_SIGNATURE: Flag "x509ce.KeyUsage.digitalSignature" "digitalSignature", "RFC 5280, section 4.2.1.3";
    CONTENT_COMMITMENT: Flag "x509ce.KeyUsage.contentCommitment" "contentCommitment", "RFC 5280, section 4.2.1.3";
    KEY_ENCIPHERMENT: Flag "x509ce.KeyUsage.keyEncipherment" "keyEncipherment", "RFC 5280, section 4.2.1.3";
    DATA_ENCIPHERMENT: Flag "x509ce.KeyUsage.dataEncipherment" "dataEncipherment", "RFC 5280, section 4.2.1.3";
    KEY_AGREEMENT: Flag "x509ce.KeyUsage.keyAgreement" "keyAgreement", "RFC 5280, section 4.2.1.3";
    KEY_CERT_SIGN: Flag "x509ce.KeyUsage.keyCertSign" "keyCertSign", "RFC 5280, section 4.2.1.3";
    CRL_SIGN: Flag "x509ce.KeyUsage.cRLSign" "cRLSign", "RFC 5280, section 4.2.1.3";
    ENCIPHER_ONLY: Flag "x509ce.KeyUsage.encipherOnly" "encipherOnly", "RFC 5280, section 4.2.1.3";
    DECIPHER_ONLY: Flag "x509ce.KeyUsage.decipherOnly" "decipherOnly", "RFC 5280, section 4.2.1.3";
    KEY_PURPOSE: Oid "x509ce.KeyPurposeId" "KeyPurposeId", "RFC 5280, section 4.2.1.12";
    CA: Flag "x509ce.cA" "cA", "RFC 5280, section 4.2.1.9";
    PATH_LENGTH: Number "x509ce.pathLenConstraint" "pathLenConstraint", "RFC 5280, section 4.2.1.9";
    SUBJECT_KEY: Bytes "x509ce.SubjectKeyIdentifier" "SubjectKeyIdentifier", "RFC 5280, section 4.2.1.2";
    AUTHORITY_KEY: Bytes "x509ce.keyIdentifier" "keyIdentifier", "RFC 5280, section 4.2.1.1";
    AUTHORITY_SERIAL: Bytes "x509ce.authorityCertSerialNumber" "authorityCertSerialNumber", "RFC 5280, section 4.2.1.1";
    POLICY: Oid "x509ce.policyIdentifier" "policyIdentifier", "RFC 5280, section 4.2.1.4";

    // What an observer learns, in words.
    COMMON_NAME: Text "husk.x509.common_name" "Common name of the subject", "RFC 5280, section 4.1.2.6";
    ISSUED_BY: Text "husk.x509.issuer" "Issuer, in words", "RFC 5280, section 4.1.2.4";
    ISSUED_TO: Text "husk.x509.subject" "Subject, in words", "RFC 5280, section 4.1.2.6";
    NOT_BEFORE: Text "husk.x509.not_before" "Valid from", "RFC 5280, section 4.1.2.5";
    NOT_AFTER: Text "husk.x509.not_after" "Valid until", "RFC 5280, section 4.1.2.5";
    KEY: Text "husk.x509.key" "Public key, in words", "RFC 5280, section 4.1.2.7";
    SIGNED_WITH: Text "husk.x509.signature_algorithm" "Signature algorithm, in words", "RFC 5280, section 4.1.1.2";
    ADDRESS: Text "husk.x509.address" "Address that the certificate is for", "RFC 5280, section 4.2.1.6";
}

fn version(number: u64) -> Option<&'static str> {
    ["v1", "v2", "v3"].get(usize::try_from(number).ok()?).copied()
}
