//! The interfaces that packets can be captured on.

use std::io;

use super::table::Table;
use super::{Format, Out, json};
use crate::bytes::escape;
use crate::capture::interfaces::Device;
use crate::capture::link_type;

/// Prints one line an interface.
pub fn interfaces(out: &mut Out, format: Format, devices: &[Device]) -> io::Result<()> {
    let mut table = Table::new(&["name", "kind", "link type", "state", "addresses", "description"]);
    for device in devices {
        if format == Format::Json {
            out.json(&json::InterfaceLine::new(device))?;
            continue;
        }
        let mut addresses: Vec<String> = device.mac.iter().cloned().collect();
        addresses.extend(device.addresses.iter().map(ToString::to_string));
        table.row(vec![
            escape(&device.name).into_owned(),
            device.kind.to_string(),
            device.link_type.map_or_else(String::new, link_type::description),
            device.state.to_string(),
            addresses.join(" "),
            escape(device.description.as_deref().unwrap_or_default()).into_owned(),
        ]);
    }
    if table.has_rows() {
        for line in table.lines() {
            out.line(&line)?;
        }
    }
    Ok(())
}
