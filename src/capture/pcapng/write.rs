//! Writes pcapng: for the spool of a live capture, and for saving packets.
