//! A key log: no panic, every line is a row, odd, or nothing; what was read can be written and read again.
#![no_main]

use husk::capture::KeyLog;
use libfuzzer_sys::fuzz_target;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fuzz_target!(|data: &[u8]| {
    let log = KeyLog::parse(data);
    let lines = 1 + data.iter().filter(|byte| matches!(byte, b'\n' | b'\r' | 0)).count();
    assert!(log.secrets.len() + log.odd_lines <= lines);
    let row = |secret: &husk::capture::Secret| {
        format!("{} {} {}\n", secret.label, hex(&secret.client_random), hex(&secret.secret))
    };
    let written: String = log.secrets.iter().map(row).collect();
    let again = KeyLog::parse(written.as_bytes());
    assert_eq!((again.secrets, again.odd_lines), (log.secrets, 0));
});
