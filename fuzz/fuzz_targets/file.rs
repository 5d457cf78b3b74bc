//! A capture file, and any beginning of it: everything that must hold of captures.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    husk_fuzz::hold(data);
    // The last byte says where it is cut.
    if let Some((at, _)) = data.split_last() {
        husk_fuzz::hold(&data[..data.len() * usize::from(*at) / 256]);
    }
});
