//! What Tab offers.

use world::input::Pace;

use crate::sitting::Sitting;

fn offered(sitting: &Sitting, line: &str) -> Vec<String> {
    let completion = sitting
        .shell
        .complete(&sitting.world, sitting.id, line, line.len());
    let offered = completion.candidates.into_iter();
    offered
        .map(|candidate| {
            let mut whole = line.to_owned();
            whole.replace_range(completion.replace.clone(), &candidate.text);
            whole
        })
        .collect()
}

#[test]
fn commands_options_and_names() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run("kafka-topics --create --topic secret_channel --bootstrap-server localhost:8098");
    sitting.run(
        "echo x | kafka-console-producer --bootstrap-server localhost:8098 --topic secret_channel",
    );
    let group = "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --group analytics --from-beginning --max-messages 1";
    sitting.run(group);
    let cases: &[(&str, &str)] = &[
        ("kafka-to", "kafka-topics "),
        ("kafka-topics.", "kafka-topics.sh "),
        ("kafka-topics --desc", "kafka-topics --describe "),
        (
            "kafka-topics --describe --topic sec",
            "kafka-topics --describe --topic secret_channel ",
        ),
        (
            "kafka-topics --describe --topic=sec",
            "kafka-topics --describe --topic=secret_channel ",
        ),
        (
            "kafka-topics --list --bootstrap-server ",
            "kafka-topics --list --bootstrap-server localhost:8098 ",
        ),
        (
            "kafka-consumer-groups --describe --group an",
            "kafka-consumer-groups --describe --group analytics ",
        ),
        ("docker exec -it ka", "docker exec -it kafka "),
        (
            "docker-compose -f docker-c",
            "docker-compose -f docker-compose.yml ",
        ),
        ("cat kafka_d", "cat kafka_docker.yml "),
        ("echo a | gre", "echo a | grep "),
        ("X=1 kafka-del", "X=1 kafka-delete-records "),
        (
            "/opt/kafka/bin/kafka-topics.sh --li",
            "/opt/kafka/bin/kafka-topics.sh --list ",
        ),
    ];
    for (line, expected) in cases {
        let offered = offered(&sitting, line);
        assert!(
            offered.contains(&(*expected).to_owned()),
            "{line}: {offered:?}"
        );
    }
    assert!(
        offered(
            &sitting,
            "kafka-topics --list --topics-with-overrides --lis"
        )
        .is_empty()
    );
}

#[test]
fn every_option_says_what_it_is() {
    let sitting = Sitting::new(Pace::Real);
    for tool in [
        "kafka-topics",
        "kafka-console-producer",
        "kafka-console-consumer",
        "kafka-consumer-groups",
        "kafka-get-offsets",
        "kafka-delete-records",
    ] {
        let line = format!("{tool} --");
        let completion = sitting
            .shell
            .complete(&sitting.world, sitting.id, &line, line.len());
        assert!(completion.candidates.len() > 3, "{tool}");
        for candidate in completion.candidates {
            assert!(
                candidate.summary.ends_with(['.', '}', ')', ']']),
                "{tool} {}",
                candidate.text
            );
        }
    }
}
