//! A whole cluster, through `Broker::handle`: see `script` for what is told and what must hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::script::{Step, run};

fuzz_target!(|bytes: &[u8]| run(&Step::read_all(bytes)));
