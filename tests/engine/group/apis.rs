//! What each API of the coordinator says from outside, version by version.
