//! Kafka's own programs: its server, and its performance tools.

use crate::step::{self, Outcome};
use std::path::Path;
use std::process::Command;

/// What the real Kafka is made of; Maven brings it.
const POM: &str = "tests/conformance/reference/pom.xml";
const CLASSPATH: &str = "target/kafka/classpath";
const RECORD_SIZE: &str = "100";
const LATENCY_RECORDS: &str = "10000";
const LATENCY_RATE: &str = "1000";

/// A Java that has Kafka's classes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Java {
    classpath: String,
}

impl Java {
    /// Lets Maven bring Kafka, once.
    pub fn find() -> Outcome<Java> {
        if !Path::new(CLASSPATH).exists() {
            std::fs::create_dir_all("target/kafka")
                .map_err(|error| format!("target/kafka: {error}"))?;
            let out = format!("-Dmdep.outputFile={}", absolute(CLASSPATH)?);
            let mut maven = Command::new("mvn");
            maven.args(["-q", "-B", "-f", POM, "dependency:build-classpath", &out]);
            step::run(
                "Fetching Apache Kafka from Maven",
                &mut maven,
                "Java 17 and Maven are needed: apt-get install default-jdk-headless maven.",
            )?;
        }
        let classpath =
            std::fs::read_to_string(CLASSPATH).map_err(|error| format!("{CLASSPATH}: {error}"))?;
        Ok(Java {
            classpath: classpath.trim().to_owned(),
        })
    }

    /// A program of Kafka's with its arguments to come.
    pub fn program(&self, flags: &[&str], class: &str) -> Command {
        let mut java = Command::new("java");
        java.args(flags)
            .arg(class)
            .env("CLASSPATH", &self.classpath);
        java
    }

    /// Records a second that `kafka-producer-perf-test` sends with its defaults.
    pub fn produce(&self, bootstrap: &str, topic: &str, records: u64) -> Outcome<f64> {
        let records = records.to_string();
        let mut tool = self.program(&["-Xmx512m"], "org.apache.kafka.tools.ProducerPerformance");
        tool.args([
            "--bootstrap-server",
            bootstrap,
            "--topic",
            topic,
            "--record-size",
            RECORD_SIZE,
        ]);
        tool.args(["--num-records", &records, "--throughput", "-1"]);
        let said = said(&mut tool)?;
        last_line_with(&said, "99.9th")
            .and_then(|line| number_before(line, " records/sec"))
            .ok_or(said)
    }

    /// The 50th and 99th percentile, in ms, at linger 0 and a thousand records a second.
    pub fn latency(&self, bootstrap: &str, topic: &str) -> Outcome<(f64, f64)> {
        let mut tool = self.program(&["-Xmx512m"], "org.apache.kafka.tools.ProducerPerformance");
        tool.args([
            "--bootstrap-server",
            bootstrap,
            "--topic",
            topic,
            "--record-size",
            RECORD_SIZE,
        ]);
        tool.args([
            "--num-records",
            LATENCY_RECORDS,
            "--throughput",
            LATENCY_RATE,
        ]);
        tool.args(["--command-property", "linger.ms=0"]);
        let said = said(&mut tool)?;
        let line = last_line_with(&said, "99.9th");
        let p50 = line.and_then(|line| number_before(line, " ms 50th"));
        let p99 = line.and_then(|line| number_before(line, " ms 99th"));
        p50.zip(p99).ok_or(said)
    }

    /// Records a second that `kafka-consumer-perf-test` fetches, the time to join its group left out.
    pub fn consume(&self, bootstrap: &str, topic: &str, records: u64) -> Outcome<f64> {
        let records = records.to_string();
        let mut tool = self.program(&["-Xmx512m"], "org.apache.kafka.tools.ConsumerPerformance");
        tool.args(["--bootstrap-server", bootstrap, "--topic", topic]);
        tool.args([
            "--num-records",
            &records,
            "--hide-header",
            "--timeout",
            "60000",
        ]);
        let said = said(&mut tool)?;
        let row = said.lines().rev().find(|line| line.contains(", "));
        let last = row.and_then(|row| row.rsplit(", ").next());
        last.and_then(|rate| rate.trim().parse().ok()).ok_or(said)
    }
}

/// The same path from the root of the file system, for programs that run elsewhere.
pub fn absolute(path: &str) -> Outcome<String> {
    let whole = std::path::absolute(path).map_err(|error| format!("{path}: {error}"))?;
    Ok(whole.display().to_string())
}

fn said(tool: &mut Command) -> Outcome<String> {
    let output = tool
        .output()
        .map_err(|error| step::cannot_start(tool, &error))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        Err(format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn last_line_with<'a>(said: &'a str, mark: &str) -> Option<&'a str> {
    said.lines().rev().find(|line| line.contains(mark))
}

/// The number that ends where `mark` begins.
fn number_before(line: &str, mark: &str) -> Option<f64> {
    let (before, _) = line.split_once(mark)?;
    before.rsplit([' ', ',']).next()?.parse().ok()
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn the_last_line_of_the_producer_tool_gives_rate_and_percentiles() {
        let line = "200000 records sent, 103950.103950 records/sec (9.91 MB/sec), 592.56 ms avg latency, \
                    765.00 ms max latency, 640 ms 50th, 748 ms 95th, 759 ms 99th, 765 ms 99.9th.";
        assert_eq!(number_before(line, " records/sec"), Some(103_950.103_950));
        assert_eq!(number_before(line, " ms 50th"), Some(640.0));
        assert_eq!(number_before(line, " ms 99th"), Some(759.0));
        assert_eq!(number_before(line, " ms 12th"), None);
    }
}
