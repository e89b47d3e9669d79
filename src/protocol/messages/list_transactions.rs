//! ListTransactions: the transactional ids that a broker coordinates.

use crate::wire::messages;

messages! {
    /// The request.
    ListTransactionsRequest {
        state_filters: Vec<String> [0+];
        producer_id_filters: Vec<i64> [0+];
        duration_filter: i64 [1+] = -1;
        transactional_id_pattern: Option<String> [2+] none[2+];
    }

    /// The response.
    ListTransactionsResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        unknown_state_filters: Vec<String> [0+];
        transaction_states: Vec<TransactionState> [0+];
    }

    /// One of `ListTransactionsResponse::transaction_states`.
    TransactionState {
        transactional_id: String [0+];
        producer_id: i64 [0+];
        transaction_state: String [0+];
    }
}
