//! What a transaction coordinator writes to `__transaction_state`.
//!
//! Keys and values start with a 16-bit version, as in `__consumer_offsets`.

use crate::versioned::Versioned;
use crate::wire::{Versions, messages};

messages! {
    /// Key of a transactional id.
    TransactionLogKey {
        transactional_id: String [0];
    }

    /// Where a transactional id stands.
    TransactionLogValue {
        producer_id: i64 [0+];
        previous_producer_id: i64 [1+] tag 0 = -1;
        next_producer_id: i64 [1+] tag 1 = -1;
        producer_epoch: i16 [0+];
        next_producer_epoch: i16 [1+] tag 3 = -1;
        transaction_timeout_ms: i32 [0+];
        transaction_status: i8 [0+];
        transaction_partitions: Option<Vec<PartitionsSchema>> [0+] null[0+];
        transaction_last_update_timestamp_ms: i64 [0+];
        transaction_start_timestamp_ms: i64 [0+];
        client_transaction_version: i16 [1+] tag 2;
    }

    /// Partitions of one topic in the transaction.
    PartitionsSchema {
        topic: String [0+];
        partition_ids: Vec<i32> [0+];
    }
}

impl Versioned for TransactionLogKey {
    const VERSIONS: Versions = Versions { first: 0, last: 0 };
}

impl Versioned for TransactionLogValue {
    const VERSIONS: Versions = Versions { first: 0, last: 1 };
    const FLEXIBLE_FROM: i16 = 1;
}
