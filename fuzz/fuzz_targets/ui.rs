//! Random keys, clicks and sizes of the screen on a random capture: no panic, also in no thread, and no screen with a
//! character that steers a terminal.
#![no_main]

use husk::capture::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // How wide, how high, how long the script is, the script; the rest is the capture.
    let [width, height, length, rest @ ..] = data else { return };
    let (script, file) = rest.split_at(rest.len().min(usize::from(*length)));
    let Ok(source) = Source::from_bytes(file.to_vec()) else { return };
    let size = (1 + u16::from(*width), 1 + u16::from(*height) % 100);
    let shown = &mut |screen: &str| {
        let hostile = screen.chars().find(|c| husk_fuzz::is_hostile(*c) && *c != '\n');
        assert_eq!(hostile, None, "{screen:?}");
    };
    if let Err(error) = husk::tui::rehearse(source, "a capture", size, script, shown) {
        panic!("{error:#}");
    }
});
