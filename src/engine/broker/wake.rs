//! Parked requests: looked at again when something happens to their partitions, given up in time.

use protocol::{ErrorCode, Response};

use crate::broker::Broker;
use crate::broker::parked::{Delayed, Waiter};
use crate::ids::TopicPartition;
use crate::time::SimTime;

/// What a parked request comes to.
enum Verdict {
    Waits,
    Done,
    Written(Result<(), ErrorCode>),
}

impl Broker {
    /// Something happened to a partition: whoever waits for it is looked at again.
    pub(super) fn wake(&mut self, now: SimTime, partition: &TopicPartition) {
        for (waiter, place, part) in self.fetch_sessions.touch(partition) {
            self.parked.extend_fetch(waiter, place, part);
        }
        for waiter in self.parked.watching(partition) {
            match self.judge(waiter, partition) {
                Verdict::Waits => self.end_offsets(waiter),
                Verdict::Done => self.release(now, waiter),
                Verdict::Written(result) => {
                    self.parked.remove(waiter);
                    self.coordinator_written(now, waiter, result);
                }
            }
        }
    }

    /// Answers the requests whose time has run out.
    pub(super) fn give_up_overdue(&mut self, now: SimTime) {
        while let Some(waiter) = self.parked.next_overdue(now) {
            match (self.parked.get_mut(waiter), waiter) {
                (Some(Delayed::Produce(delayed)), _) => delayed.time_out(),
                (Some(Delayed::Delete(delayed)), _) => delayed.time_out(),
                (Some(Delayed::Markers(delayed)), _) => delayed.time_out(),
                (Some(Delayed::Coordinator(_)), _) => {
                    self.parked.remove(waiter);
                    self.coordinator_written(now, waiter, Err(ErrorCode::RequestTimedOut));
                    continue;
                }
                // A fetch has waited long enough: it gets what there is.
                _ => {}
            }
            self.release(now, waiter);
        }
    }

    fn coordinator_written(&mut self, now: SimTime, waiter: Waiter, result: Result<(), ErrorCode>) {
        match waiter {
            Waiter::GroupWrite(write) => self.group_written(now, write, result),
            Waiter::TxnWrite(write) => self.txn_written(now, write, result),
            Waiter::Request(_) | Waiter::Markers(_) => {}
        }
    }

    /// Markers that are committed make the offsets of their transactions count, whatever other
    /// markers of the request still wait for.
    fn end_offsets(&mut self, waiter: Waiter) {
        if let Some(Delayed::Markers(delayed)) = self.parked.get_mut(waiter) {
            let ended = delayed.take_ended();
            self.offsets_ended(&ended);
        }
    }

    fn judge(&mut self, waiter: Waiter, partition: &TopicPartition) -> Verdict {
        let done = match self.parked.get_mut(waiter) {
            None => false,
            Some(Delayed::Produce(delayed)) => delayed.check(partition, &self.replicas),
            Some(Delayed::Fetch(delayed)) => delayed.check(partition, &self.replicas),
            Some(Delayed::Delete(delayed)) => delayed.check(partition, &self.replicas),
            Some(Delayed::Markers(delayed)) => delayed.check(partition, &self.replicas),
            Some(Delayed::Coordinator(delayed)) => {
                let delayed = delayed.clone();
                return self
                    .write_outcome(&delayed)
                    .map_or(Verdict::Waits, Verdict::Written);
            }
        };
        if done { Verdict::Done } else { Verdict::Waits }
    }

    fn release(&mut self, now: SimTime, waiter: Waiter) {
        self.end_offsets(waiter);
        let delayed = self.parked.remove(waiter);
        let (Some(delayed), Waiter::Request(token) | Waiter::Markers(token)) = (delayed, waiter)
        else {
            return;
        };
        let response: Response = match delayed {
            Delayed::Produce(delayed) => delayed.into_response(&self.image).into(),
            Delayed::Fetch(delayed) => {
                let mut response = delayed.read(&self.replicas, &self.image);
                delayed.conclude(now, &mut self.fetch_sessions, &mut response);
                response.into()
            }
            Delayed::Delete(delayed) => delayed.into_response().into(),
            Delayed::Markers(delayed) => delayed.into_response().into(),
            Delayed::Coordinator(_) => return,
        };
        self.finish(token, response);
    }
}
