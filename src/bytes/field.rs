//! Something that a protocol can say: declared once, `static`, and used by tree, filter, JSON, manual.

use super::class::Class;

/// How a field's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A heading: a protocol or a group of fields; it has no value.
    Group,
    /// An unsigned number in decimal.
    Number,
    /// A signed number in decimal.
    Signed,
    /// An unsigned number as `0x` and at least so many hexadecimal digits.
    Hex(u8),
    /// A bit: `1` or `0`.
    Flag,
    /// Characters as they stand in the packet, or decoded from it.
    Text,
    /// Bytes, as hexadecimal digits.
    Bytes,
    /// A 48-bit link address.
    Mac,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A point in time, nanoseconds since 1970, written as seconds.
    Time,
    /// A span of time in nanoseconds, written as seconds.
    Duration,
    /// A point in time, nanoseconds since 1970, written as a date: `Sep  2, 2014 18:39:14.000000000 UTC`.
    Date,
    /// An object identifier, dotted decimal.
    Oid,
    /// A part of a whole in billionths, written as a number from 0 to 1.
    Ratio,
}

/// One field. Two fields never share a name; a protocol that says the same thing uses the same `static`.
#[derive(Debug)]
pub struct Field {
    /// Wireshark's name where the meaning is the same, else our own.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// How its value is written.
    pub kind: Kind,
    /// The class of the bytes that it usually stands in.
    pub class: Class,
    /// The document and section that defines it.
    pub source: &'static str,
    /// Names of its values, where it has some.
    pub names: Option<fn(u64) -> Option<&'static str>>,
}

impl PartialEq for Field {
    /// Fields are compared by identity: each is declared once.
    fn eq(&self, other: &Field) -> bool {
        std::ptr::eq(self, other)
    }
}
impl Eq for Field {}

/// Joins tables of fields into one, for a protocol that declares them in several files.
#[allow(clippy::indexing_slicing)] // at compile time: a wrong index is an error of the build
pub const fn joined<const N: usize>(tables: &[&[&'static Field]]) -> [&'static Field; N] {
    let mut all = [tables[0][0]; N];
    let (mut table, mut filled) = (0, 0);
    while table < tables.len() {
        let mut field = 0;
        while field < tables[table].len() {
            all[filled] = tables[table][field];
            filled += 1;
            field += 1;
        }
        table += 1;
    }
    all
}

/// Declares a protocol's fields, one line each, and lists them in `FIELDS`. Where a field's bytes are of another class
/// than the table's, its line says so.
///
/// ```text
/// fields! { class Transport, "RFC 768";
///     SRC_PORT: Number "udp.srcport" "Source Port";
///     TYPE: Number "icmp.type" "Type", names type_name;
///     CODE: Hex(2) "icmp.code" "Code", "RFC 792, section 3";
///     DATA: Bytes "husk.icmp.data" "Data", class Content;
/// }
/// ```
#[macro_export]
macro_rules! fields {
    (class $class:ident, $source:literal;
     $($id:ident: $kind:ident $(($digits:literal))? $name:literal $label:literal
       $(, $own:literal)? $(, class $stands:ident)? $(, names $names:path)?;)*) => {
        $(
            #[doc = concat!($label, " (`", $name, "`)")]
            #[allow(unreachable_pub)] // a protocol of several files may keep its fields to itself
            pub static $id: $crate::bytes::Field = $crate::bytes::Field {
                name: $name,
                label: $label,
                kind: $crate::bytes::Kind::$kind $(($digits))?,
                class: $crate::fields!(@class $class $($stands)?),
                source: $crate::fields!(@source $source $(, $own)?),
                names: $crate::fields!(@names $($names)?),
            };
        )*
        /// Every field of this protocol.
        #[allow(unreachable_pub)] // as above
        pub static FIELDS: &[&$crate::bytes::Field] = &[$(&$id),*];
    };
    (@source $source:literal) => { $source };
    (@source $source:literal, $own:literal) => { $own };
    (@class $class:ident) => { $crate::bytes::Class::$class };
    (@class $class:ident $stands:ident) => { $crate::bytes::Class::$stands };
    (@names) => { None };
    (@names $names:path) => { Some($names) };
}
