//! InitProducerId without a transactional id: an id for an idempotent producer, from a block that the controller gave.

use std::collections::VecDeque;

use protocol::ErrorCode;
use protocol::messages::init_producer_id::InitProducerIdResponse;
use serde::Serialize;

use crate::group::RequestToken;

/// The producer ids that this broker may give out, and who waits for more.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ProducerIds {
    next: i64,
    end: i64,
    waiting: VecDeque<RequestToken>,
    asked: bool,
}

/// The answer with a fresh id, whatever id the producer had before.
pub fn granted(producer_id: i64) -> InitProducerIdResponse {
    InitProducerIdResponse {
        producer_id,
        ..InitProducerIdResponse::default()
    }
}

/// The answer to a producer that gets none.
pub fn error(code: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse {
        error_code: code.code(),
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    }
}

impl ProducerIds {
    /// The next id, if the block has one left.
    pub fn take(&mut self) -> Option<i64> {
        let id = (self.next < self.end).then_some(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(id)
    }

    /// Whether the block has one left.
    pub fn has_one(&self) -> bool {
        self.next < self.end
    }

    /// Somebody needs the next block. True if it has to be asked for.
    pub fn ask(&mut self) -> bool {
        !std::mem::replace(&mut self.asked, true)
    }

    /// A request waits for the next block. True if the block has to be asked for.
    pub fn wait(&mut self, token: RequestToken) -> bool {
        self.waiting.push_back(token);
        self.ask()
    }

    /// A block has come: who gets which id. True if there are still some who wait.
    pub fn refill(&mut self, start: i64, len: i32) -> (Vec<(RequestToken, i64)>, bool) {
        self.asked = false;
        self.next = start;
        self.end = start.saturating_add(i64::from(len.max(0)));
        let mut granted = Vec::new();
        while let Some(token) = self.waiting.pop_front() {
            match self.take() {
                Some(id) => granted.push((token, id)),
                None => {
                    self.waiting.push_front(token);
                    break;
                }
            }
        }
        let more = !self.waiting.is_empty() && !granted.is_empty();
        self.asked = more;
        (granted, more)
    }

    /// No block came: who waited for it.
    pub fn fail(&mut self) -> Vec<RequestToken> {
        self.asked = false;
        self.waiting.drain(..).collect()
    }
}
