//! What is copied, and how: through the terminal (OSC 52), so that it works over ssh.

use std::fmt::Write as _;

use base64::Engine as _;

use super::detail::Detail;
use super::lines::PacketLine;
use crate::bytes::{Kind, Node, escape_bytes, hexadecimal};
use crate::report::json::NodeLine;

/// What is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copying {
    /// The packet's line in the list.
    Line,
    /// The value of the selected field.
    Value,
    /// The selected field as a display filter.
    Filter,
    /// The selected field's bytes as text.
    Text,
    /// As hexadecimal digits.
    Hex,
    /// As an array in C.
    C,
    /// As an array in Rust.
    Rust,
    /// The packet's tree, as `husk show --json` prints it.
    Json,
}

/// The longest text that is sent to the terminal, before it is coded: terminals drop longer ones (xterm's limit).
const MOST: usize = 74_994;

/// The control sequence that puts `text` into the clipboard; none if it is too long.
pub(super) fn clipboard(text: &str) -> Option<String> {
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    (text.len() <= MOST).then(|| format!("\x1b]52;c;{coded}\x07"))
}

/// What is copied of a packet; none if there is nothing of that kind.
pub(super) fn text(what: Copying, detail: &Detail, line: Option<&PacketLine>) -> Option<String> {
    let (node, bytes) = (detail.selected()?, detail.chosen_bytes());
    Some(match what {
        Copying::Line => {
            let line = line?;
            let (number, source, destination) = (line.number, &line.source, &line.destination);
            format!("{number}\t{source}\t{destination}\t{}\t{}\t{}", line.protocol, line.length, line.what)
        }
        Copying::Value => detail.explained.tree.text(node, &detail.explained.bytes),
        Copying::Filter => filter(detail, node),
        Copying::Text => escape_bytes(bytes).into_owned(),
        Copying::Hex => hexadecimal(bytes, " "),
        Copying::C => format!("unsigned char bytes[{}] = {{\n{}}};\n", bytes.len(), array(bytes)),
        Copying::Rust => format!("const BYTES: [u8; {}] = [\n{}];\n", bytes.len(), array(bytes)),
        Copying::Json => {
            let nodes = detail.explained.tree.nodes().iter();
            let lines = nodes.filter_map(|node| serde_json::to_string(&NodeLine::new(&detail.explained, node)).ok());
            lines.fold(String::new(), |text, line| text + &line + "\n")
        }
    })
}

/// A field as a filter that its packet passes.
pub(super) fn filter(detail: &Detail, node: &Node) -> String {
    let name = node.field.name;
    let cell = detail.explained.tree.cell(node, &detail.explained.bytes);
    match node.field.kind {
        Kind::Group => name.to_owned(),
        Kind::Text => format!("{name} == \"{}\"", cell.replace('\\', "\\\\").replace('"', "\\\"")),
        Kind::Bytes => {
            let bytes = detail.explained.tree.bytes_of(node, &detail.explained.bytes);
            if bytes.is_empty() { name.to_owned() } else { format!("{name} == {}", hexadecimal(bytes, ":")) }
        }
        _ => format!("{name} == {cell}"),
    }
}

fn array(bytes: &[u8]) -> String {
    let mut out = String::new();
    for row in bytes.chunks(12) {
        out.push_str("   ");
        for byte in row {
            // Writing to a String cannot fail.
            let _ = write!(out, " 0x{byte:02x},");
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_gets_what_is_copied_coded() {
        assert_eq!(clipboard("hi").as_deref(), Some("\x1b]52;c;aGk=\x07"));
        assert_eq!(clipboard(&"x".repeat(MOST + 1)), None);
    }

    #[test]
    fn an_array_has_twelve_bytes_a_row() {
        assert_eq!(array(&[1, 255]), "    0x01, 0xff,\n");
        assert_eq!(array(&[0; 13]).lines().count(), 2);
    }
}
