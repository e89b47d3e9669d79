//! What peers make the server hold: requests that have not fully arrived, responses that they have
//! not read. All connections share one limit. When it is passed, the connection that has held its
//! bytes for the longest is closed: a healthy peer is done in moments, however much it sends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use crate::cluster::ClientId;

/// All connections together may hold so many bytes, unless `--buffer-limit` says otherwise: 1 GiB.
pub const DEFAULT_LIMIT: usize = 1 << 30;
/// Whoever holds less than this never pays for others: a thousand connections may do so.
const NEGLIGIBLE: usize = 64 * 1024;

/// What all connections hold.
#[derive(Debug, Clone)]
pub struct Ledger(Arc<Mutex<Accounts>>);

#[derive(Debug)]
struct Accounts {
    limit: usize,
    total: usize,
    open: BTreeMap<ClientId, Entry>,
}

#[derive(Debug)]
struct Entry {
    held: usize,
    since: Instant,
    evicted: Arc<Notify>,
}

/// One connection's page; closed when dropped.
#[derive(Debug)]
pub struct Account {
    ledger: Ledger,
    client: ClientId,
    noted: usize,
    evicted: Arc<Notify>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(limit: usize) -> Ledger {
        Ledger(Arc::new(Mutex::new(Accounts {
            limit,
            total: 0,
            open: BTreeMap::new(),
        })))
    }

    /// A page for a connection.
    pub fn open(&self, client: ClientId) -> Account {
        Account {
            ledger: self.clone(),
            client,
            noted: 0,
            evicted: Arc::new(Notify::new()),
        }
    }

    /// Bytes held by all.
    pub fn total(&self) -> usize {
        self.accounts().total
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    /// The connection holds so many bytes now.
    pub fn note(&mut self, held: usize) {
        // Small change is not worth the bookkeeping.
        let held = if held < NEGLIGIBLE { 0 } else { held };
        if held == self.noted {
            return;
        }
        let mut accounts = self.ledger.accounts();
        let accounts = &mut *accounts;
        if self.noted > 0 && !accounts.open.contains_key(&self.client) {
            // Evicted: struck already, and about to go.
            return;
        }
        accounts.total = accounts.total.saturating_sub(self.noted);
        accounts.total = accounts.total.saturating_add(held);
        self.noted = held;
        if held == 0 {
            accounts.open.remove(&self.client);
            return;
        }
        let evicted = &self.evicted;
        let entry = accounts.open.entry(self.client).or_insert_with(|| Entry {
            held,
            since: Instant::now(),
            evicted: Arc::clone(evicted),
        });
        entry.held = held;
        accounts.evict();
    }

    /// A request has arrived in full, or a response has been read: what is held now is held anew.
    pub fn renew(&mut self, held: usize) {
        self.note(0);
        self.note(held);
    }

    /// Waits until the connection has to go, so that others can be served.
    pub async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.note(0);
    }
}

impl Accounts {
    fn evict(&mut self) {
        while self.total > self.limit {
            let oldest = self.open.iter().min_by_key(|(_, entry)| entry.since);
            let Some(client) = oldest.map(|(client, _)| *client) else {
                return;
            };
            if let Some(entry) = self.open.remove(&client) {
                entry.evicted.notify_one();
                self.total = self.total.saturating_sub(entry.held);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, NEGLIGIBLE};
    use crate::cluster::ClientId;

    const BIG: usize = 10 * NEGLIGIBLE;

    #[tokio::test]
    async fn who_has_held_bytes_for_the_longest_goes() {
        let ledger = Ledger::new(2 * BIG);
        let (mut first, mut second, mut third) = (
            ledger.open(ClientId(1)),
            ledger.open(ClientId(2)),
            ledger.open(ClientId(3)),
        );
        first.note(BIG);
        second.note(BIG);
        first.note(0);
        first.note(BIG);
        third.note(BIG);
        second.evicted().await;
        drop((first, second, third));
        assert_eq!(ledger.total(), 0);
    }

    #[test]
    fn little_is_nothing() {
        let ledger = Ledger::new(0);
        let mut small = ledger.open(ClientId(1));
        small.note(NEGLIGIBLE - 1);
        assert_eq!(ledger.total(), 0);
    }
}
