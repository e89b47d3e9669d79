//! One sitting: what was done, what is selected, what is remembered.
