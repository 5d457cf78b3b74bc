//! What people write by hand: a configuration of the user interface, and a table of observers. No panic; what is wrong is
//! said in words.
#![no_main]

use husk::exposure::Observers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = husk::tui::rehearse_settings(text) {
        assert!(!error.to_string().is_empty());
    }
    match Observers::parse(text) {
        Ok(observers) => {
            // Each can be found by its name.
            for observer in observers.all() {
                assert!(observers.find(&observer.name).is_some());
            }
        }
        Err(error) => assert!(!error.is_empty()),
    }
});
