//! What the command is asked to do.

use super::clients::Client;
use crate::step::Outcome;

/// Which server the clients talk to.
#[derive(Clone, Debug, PartialEq)]
pub enum Against {
    /// Ours, built and started for each client.
    Ours,
    /// The real Kafka from Maven, one for all.
    Real,
    /// One that runs already, at this address.
    Running(String),
}

/// The command line, understood.
#[derive(Debug, PartialEq)]
pub struct Options {
    /// The server.
    pub against: Against,
    /// Which clients.
    pub clients: Vec<Client>,
    /// Which behaviours, in the order of the table.
    pub behaviours: Vec<String>,
    /// How many brokers, one run of all for each.
    pub brokers: Vec<u16>,
    /// Whether the logs of servers without a failure are kept too.
    pub verbose: bool,
    /// Whether every behaviour runs against our server at every size, so that the versions used are all seen.
    pub complete: bool,
}

/// Reads the arguments: names of clients and behaviours narrow the run.
pub fn parse(args: &[String], known: &[(String, String)]) -> Outcome<Options> {
    let mut options = Options {
        against: Against::Ours,
        clients: Vec::new(),
        behaviours: Vec::new(),
        brokers: vec![1, 3],
        verbose: false,
        complete: false,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--verbose" => options.verbose = true,
            "--spark" => options.clients = vec![Client::Spark],
            "--real" => options.against = Against::Real,
            "--against" => {
                let address = args.next().ok_or("--against wants HOST:PORT after it.")?;
                options.against = Against::Running(address.clone());
            }
            "--brokers" => {
                let number = args.next().and_then(|number| number.parse().ok());
                options.brokers = vec![number.ok_or("--brokers wants a number after it.")?];
            }
            option if option.starts_with('-') => {
                return Err(format!(
                    "unknown option {option}; there are --against HOST:PORT, --real, --spark, --brokers N and --verbose."
                ));
            }
            word => narrow(&mut options, word, known)?,
        }
    }
    if matches!(options.against, Against::Running(_)) && options.brokers.len() > 1 {
        options.brokers = vec![1];
    }
    options.complete = options.against == Against::Ours
        && options.behaviours.is_empty()
        && options.brokers == [1, 3];
    if options.clients.is_empty() {
        options.clients = Client::ALL.to_vec();
    }
    if options.behaviours.is_empty() {
        options.behaviours = known.iter().map(|(name, _)| name.clone()).collect();
    }
    Ok(options)
}

fn narrow(options: &mut Options, word: &str, known: &[(String, String)]) -> Outcome {
    if let Some(client) = Client::named(word) {
        options.clients.push(client);
        return Ok(());
    }
    let found: Vec<String> = known
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| name.starts_with(word))
        .collect();
    if found.is_empty() {
        let names = Client::ALL.map(Client::name).join(", ");
        return Err(format!(
            "{word} is neither a client ({names}) nor the start of a behaviour in {}.",
            super::BEHAVIOURS
        ));
    }
    options.behaviours.extend(found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Outcome<Options> {
        let known =
            ["seek", "txn-commit", "txn-abort"].map(|name| (name.to_owned(), String::new()));
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words, &known)
    }

    #[test]
    fn clients_and_behaviours_narrow_the_run() {
        let all = parsed("").expect("no argument is fine");
        assert_eq!((all.clients.len(), all.behaviours.len()), (6, 3));
        assert_eq!(all.brokers, [1, 3]);
        let narrow = parsed("kcat txn- --brokers 3").expect("both are known");
        assert_eq!(narrow.clients, [Client::Kcat]);
        assert_eq!(narrow.behaviours, ["txn-commit", "txn-abort"]);
        assert_eq!(narrow.brokers, [3]);
    }

    #[test]
    fn a_word_that_is_nothing_is_refused() {
        assert!(parsed("sarama").is_err_and(|sentence| sentence.contains("sarama")));
        assert!(parsed("--fast").is_err());
    }

    #[test]
    fn a_running_server_is_asked_once() {
        let options = parsed("--against localhost:9092").expect("an address is given");
        assert_eq!(
            options.against,
            Against::Running("localhost:9092".to_owned())
        );
        assert_eq!(options.brokers, [1]);
    }
}
