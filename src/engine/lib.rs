//! The cluster: brokers and their controller as sans-IO state machines.
