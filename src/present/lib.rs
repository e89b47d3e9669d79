//! View models: plain structs, already laid out, computed by pure functions.
