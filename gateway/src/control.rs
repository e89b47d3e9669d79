//! Orders on standard input (`--control-stdin`), for tests that want a broker to die: a line each,
//! and an answer on standard output when it has been done.

use std::io::{self, BufRead};
use std::str::FromStr;

use engine::ids::BrokerId;
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// A broker dies; its disk stays.
    Kill(BrokerId),
    /// A broker starts again.
    Start(BrokerId),
    /// The server ends.
    Stop,
}

impl FromStr for Order {
    type Err = String;

    fn from_str(line: &str) -> Result<Order, String> {
        let mut words = line.split_whitespace();
        let order = match (words.next(), words.next(), words.next()) {
            (Some("kill"), Some(id), None) => id.parse().ok().map(Order::Kill),
            (Some("start"), Some(id), None) => id.parse().ok().map(Order::Start),
            (Some("stop"), None, None) => Some(Order::Stop),
            _ => None,
        };
        order.ok_or_else(|| {
            let line = line.trim();
            format!("{line:?} is not an order; there are kill N, start N and stop")
        })
    }
}

/// Orders as they are typed. When standard input ends, so does the server: whoever gave orders has gone.
pub fn orders() -> UnboundedReceiver<Result<Order, String>> {
    let (sender, orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if !line.trim().is_empty() && sender.send(line.parse()).is_err() {
                return;
            }
        }
        let _ = sender.send(Ok(Order::Stop));
    });
    orders
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn orders_are_read_and_others_explained() {
        assert_eq!("kill 2".parse(), Ok(Order::Kill(2)));
        assert_eq!(" start 3 ".parse(), Ok(Order::Start(3)));
        assert_eq!("stop".parse(), Ok(Order::Stop));
        for wrong in ["kill", "kill two", "kill 1 2", "stop 1", "dance"] {
            let sentence = wrong.parse::<Order>().expect_err(wrong);
            assert!(sentence.contains("kill N"), "{sentence}");
        }
    }
}
