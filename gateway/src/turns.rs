//! The loop around the cluster. It takes all that has arrived, lets the cluster have its turn, has
//! kept what must be kept, and only then hands out what the cluster said.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use engine::ids::BrokerId;
use engine::time::SimTime;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::cluster::{ClientId, Cluster, Input, Output};
use crate::recording::Recorder;
use crate::storage::Storage;

/// Arrivals in one turn: nobody waits for his answer until all others have been heard.
const ARRIVALS_A_TURN: usize = 1_024;

/// What comes to the loop.
#[derive(Debug)]
pub enum Arrival {
    /// Something happens to the cluster.
    Input(Input),
    /// A client's connection, and where its answers go.
    Opened {
        /// The connection.
        input: Input,
        /// Its name.
        client: ClientId,
        /// Where its answers go.
        mailbox: UnboundedSender<Delivery>,
    },
    /// Say when all that came before has been worked off.
    Reached(oneshot::Sender<()>),
    /// Say when a broker serves clients, or all of them do.
    Serving(Option<BrokerId>, oneshot::Sender<()>),
    /// Come to an end.
    Stop,
}

/// What comes back to a connection.
#[derive(Debug)]
pub enum Delivery {
    /// A response, without its length.
    Frame(Bytes),
    /// All that was asked is done; no answer comes.
    Idle,
    /// The broker has hung up.
    Close,
}

/// The way into the loop.
#[derive(Debug, Clone)]
pub struct Door {
    arrivals: UnboundedSender<Arrival>,
    next_client: Arc<AtomicU64>,
}

/// The loop.
#[derive(Debug)]
pub struct Turns {
    cluster: Cluster,
    clock: Clock,
    storage: Box<dyn Storage>,
    recorder: Option<Recorder>,
    arrivals: UnboundedReceiver<Arrival>,
    mailboxes: BTreeMap<ClientId, UnboundedSender<Delivery>>,
    waiting_to_serve: Vec<(Option<BrokerId>, oneshot::Sender<()>)>,
}

/// What a turn takes from outside.
#[derive(Default)]
struct Gathered {
    inputs: Vec<Input>,
    reached: Vec<oneshot::Sender<()>>,
    stop: bool,
}

impl Door {
    /// A client connects to a broker. What comes back comes through the mailbox.
    pub fn open(
        &self,
        broker: BrokerId,
        peer_host: String,
    ) -> (ClientId, UnboundedReceiver<Delivery>) {
        let client = ClientId(self.next_client.fetch_add(1, Ordering::Relaxed));
        let (mailbox, deliveries) = mpsc::unbounded_channel();
        let input = Input::Accepted {
            client,
            broker,
            peer_host,
        };
        self.bring(Arrival::Opened {
            input,
            client,
            mailbox,
        });
        (client, deliveries)
    }

    /// A client's request.
    pub fn frame(&self, client: ClientId, frame: Bytes) {
        self.bring(Arrival::Input(Input::Frame(client, frame)));
    }

    /// A client has gone.
    pub fn closed(&self, client: ClientId) {
        self.bring(Arrival::Input(Input::Closed(client)));
    }

    /// A broker dies or starts.
    pub fn order(&self, input: Input) {
        self.bring(Arrival::Input(input));
    }

    /// Waits until all that came before has been worked off.
    pub async fn reached(&self) {
        let (done, wait) = oneshot::channel();
        self.bring(Arrival::Reached(done));
        let _ = wait.await;
    }

    /// Waits until a broker serves clients, or until all of them do.
    pub async fn serving(&self, broker: Option<BrokerId>) {
        let (done, wait) = oneshot::channel();
        self.bring(Arrival::Serving(broker, done));
        let _ = wait.await;
    }

    /// Ends the loop.
    pub fn stop(&self) {
        self.bring(Arrival::Stop);
    }

    /// After the loop has ended nobody listens, and nothing needs to be told.
    fn bring(&self, arrival: Arrival) {
        let _ = self.arrivals.send(arrival);
    }
}

impl Turns {
    /// A loop around a cluster, and the way into it.
    pub fn new(
        cluster: Cluster,
        clock: Clock,
        storage: Box<dyn Storage>,
        recorder: Option<Recorder>,
    ) -> (Turns, Door) {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let turns = Turns {
            cluster,
            clock,
            storage,
            recorder,
            arrivals,
            mailboxes: BTreeMap::new(),
            waiting_to_serve: Vec::new(),
        };
        let door = Door {
            arrivals: sender,
            next_client: Arc::default(),
        };
        (turns, door)
    }

    /// Works until told to stop.
    ///
    /// # Errors
    /// A sentence, when what must be kept cannot be kept: nothing is answered after that.
    pub async fn run(mut self) -> Result<(), String> {
        let mut arrived = Vec::with_capacity(ARRIVALS_A_TURN);
        let mut gathered = self.turn(Gathered::default())?;
        while !gathered {
            let due = self.next_wakeup().map(|at| self.clock.instant_of(at));
            tokio::select! {
                biased;
                _ = self.arrivals.recv_many(&mut arrived, ARRIVALS_A_TURN) => {}
                () = wait_until(due) => {}
            }
            let taken = self.gather(&mut arrived);
            gathered = self.turn(taken)?;
        }
        if let Some(recorder) = self.recorder.take() {
            recorder.finish()?;
        }
        self.storage.close(&self.cluster)
    }

    fn next_wakeup(&self) -> Option<SimTime> {
        let (cluster, storage) = (self.cluster.next_wakeup(), self.storage.next_wakeup());
        match (cluster, storage) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn gather(&mut self, arrived: &mut Vec<Arrival>) -> Gathered {
        let mut gathered = Gathered::default();
        for arrival in arrived.drain(..) {
            match arrival {
                Arrival::Input(input) => {
                    if let Input::Closed(client) = &input {
                        self.mailboxes.remove(client);
                    }
                    gathered.inputs.push(input);
                }
                Arrival::Opened {
                    input,
                    client,
                    mailbox,
                } => {
                    self.mailboxes.insert(client, mailbox);
                    gathered.inputs.push(input);
                }
                Arrival::Reached(done) => gathered.reached.push(done),
                Arrival::Serving(broker, done) => self.waiting_to_serve.push((broker, done)),
                Arrival::Stop => gathered.stop = true,
            }
        }
        gathered
    }

    /// One turn; true if it was the last.
    fn turn(&mut self, gathered: Gathered) -> Result<bool, String> {
        let now = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.turn(now, &gathered.inputs)?;
        }
        let outputs = self.cluster.turn(now, gathered.inputs);
        self.storage.keep(now, &mut self.cluster)?;
        if let Some(recorder) = &mut self.recorder {
            recorder.sent(now, &outputs)?;
        }
        outputs.into_iter().for_each(|output| self.hand_out(output));
        // Whoever waits may have given up.
        for done in gathered.reached {
            let _ = done.send(());
        }
        let cluster = &self.cluster;
        let serves = |broker: &Option<BrokerId>| match broker {
            Some(broker) => cluster.serves(*broker),
            None => cluster.all_serve(),
        };
        let done = self
            .waiting_to_serve
            .extract_if(.., |(broker, _)| serves(broker));
        for (_, done) in done {
            let _ = done.send(());
        }
        Ok(gathered.stop)
    }

    /// A connection that is gone by now takes no more.
    fn hand_out(&mut self, output: Output) {
        let (client, delivery) = match output {
            Output::Frame(client, frame) => (client, Delivery::Frame(frame)),
            Output::Idle(client) => (client, Delivery::Idle),
            Output::Close(client) => {
                if let Some(mailbox) = self.mailboxes.remove(&client) {
                    let _ = mailbox.send(Delivery::Close);
                }
                return;
            }
        };
        if let Some(mailbox) = self.mailboxes.get(&client) {
            let _ = mailbox.send(delivery);
        }
    }
}

async fn wait_until(due: Option<std::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
