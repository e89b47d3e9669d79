//! DescribeTransactions and ListTransactions.

use protocol::ErrorCode;
use protocol::messages::describe_transactions::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TopicData,
    TransactionState as Described,
};
use protocol::messages::list_transactions::{
    ListTransactionsRequest, ListTransactionsResponse, TransactionState as Listed,
};
use records::sorted::SortedMap;
use regex_lite::Regex;

use crate::time::SimTime;
use crate::txn::state::{Transaction, TxnState};
use crate::txn::{Asked, Effects, TxnCoordinator, respond};

impl TxnCoordinator {
    pub(super) fn describe(
        &mut self,
        asked: &mut Asked<'_>,
        request: DescribeTransactionsRequest,
    ) -> Effects {
        let ids = request.transactional_ids.into_iter();
        let states = ids.map(|id| match self.find(&id) {
            Ok(found) => described(found),
            Err(code) => Described {
                error_code: code.code(),
                transactional_id: id,
                ..Described::default()
            },
        });
        let response = DescribeTransactionsResponse {
            transaction_states: states.collect(),
            ..DescribeTransactionsResponse::default()
        };
        respond(asked.context.token, response)
    }

    pub(super) fn list(
        &mut self,
        now: SimTime,
        asked: &mut Asked<'_>,
        request: &ListTransactionsRequest,
    ) -> Effects {
        let mut response = ListTransactionsResponse::default();
        match self.listed(now, request, &mut response.unknown_state_filters) {
            Ok(found) => response.transaction_states = found,
            Err(code) => response.error_code = code.code(),
        }
        respond(asked.context.token, response)
    }

    fn find(&self, id: &str) -> Result<&Transaction, ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let entry = self.serving(id)?.entries.get(id);
        let entry = entry.ok_or(ErrorCode::TransactionalIdNotFound)?;
        Ok(&entry.current)
    }

    fn listed(
        &self,
        now: SimTime,
        request: &ListTransactionsRequest,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<Listed>, ErrorCode> {
        if self.shards.values().any(|shard| shard.loading) {
            return Err(ErrorCode::CoordinatorLoadInProgress);
        }
        let known = |name: &&String| TxnState::ALL.iter().any(|state| state.name() == **name);
        let asked = request.state_filters.iter();
        let (states, strange): (Vec<&String>, Vec<&String>) = asked.partition(known);
        unknown.extend(strange.into_iter().cloned());
        let pattern = request.transactional_id_pattern.as_deref();
        let pattern = pattern.filter(|pattern| !pattern.is_empty());
        let pattern = pattern.map(whole).transpose()?;
        let ids = &request.producer_id_filters;
        let now_ms = now.as_millis();
        // States that nobody knows select nothing, as if they had been left out they would select all.
        let any_state = request.state_filters.is_empty();
        let found = self.transactions().filter(|transaction| {
            let state = transaction.state.name();
            let running = now_ms.saturating_sub(transaction.start_ms);
            (any_state || states.iter().any(|name| *name == state))
                && (ids.is_empty() || ids.contains(&transaction.producer_id))
                && (request.duration_filter < 0 || running > request.duration_filter)
                && pattern
                    .as_ref()
                    .is_none_or(|pattern| pattern.is_match(&transaction.transactional_id))
        });
        let found = found.map(|transaction| Listed {
            transactional_id: transaction.transactional_id.clone(),
            producer_id: transaction.producer_id,
            transaction_state: transaction.state.name().to_owned(),
        });
        Ok(found.collect())
    }
}

/// A pattern that must match the whole transactional id.
fn whole(pattern: &str) -> Result<Regex, ErrorCode> {
    let mut whole = String::from("^(?:");
    whole.push_str(pattern);
    whole.push_str(")$");
    Regex::new(&whole).map_err(|_| ErrorCode::InvalidRegularExpression)
}

fn described(transaction: &Transaction) -> Described {
    let mut topics: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for partition in &transaction.partitions {
        let partitions = topics.entry(&partition.topic).or_default();
        partitions.push(partition.partition);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| TopicData {
        topic: topic.to_owned(),
        partitions,
    });
    Described {
        error_code: 0,
        transactional_id: transaction.transactional_id.clone(),
        transaction_state: transaction.state.name().to_owned(),
        transaction_timeout_ms: transaction.timeout_ms,
        transaction_start_time_ms: transaction.start_ms,
        producer_id: transaction.producer_id,
        producer_epoch: transaction.producer_epoch,
        topics: topics.collect(),
    }
}
