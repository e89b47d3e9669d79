//! The shell itself: pipes, redirection, lists, limits, hostile input.

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use world::input::Pace;

use crate::sitting::Sitting;

#[test]
fn pipes_lists_and_files() {
    let mut sitting = Sitting::new(Pace::Real);
    let cases: &[(&str, &[&str])] = &[
        ("echo a b | cat", &["a b"]),
        ("seq 5 | head -n 2", &["1", "2"]),
        ("seq 1000000 | head -3", &["1", "2", "3"]),
        ("seq 10 -3 1", &["10", "7", "4", "1"]),
        ("seq 3 | tail -n 1", &["3"]),
        ("seq 20 | grep 1 | wc -l", &["11"]),
        ("printf 'a\\nb\\n' | grep -v a", &["b"]),
        ("printf '%s-%03d\\n' x 7 y 8", &["x-007", "y-008"]),
        ("false || echo no && echo yes", &["no", "yes"]),
        ("true && ! false; echo $?", &["0"]),
        ("X='a  b'; echo $X \"$X\" '$X'", &["a b a  b $X"]),
        ("echo 1 > f; echo 2 >> f; cat < f", &["1", "2"]),
        ("ls nothere 2>&1 | wc -l", &["1"]),
        (
            "ls nothere 2> err; cat err",
            &["ls: cannot access 'nothere': No such file or directory"],
        ),
        ("cat <<EOF\nx $X\nEOF", &["> x $X", "> EOF", "x a  b"]),
        ("cat <<'EOF'\nx $X\nEOF", &["> x $X", "> EOF", "x $X"]),
        ("cat <<< \"$X\"", &["a  b"]),
        ("echo 'a\nb'", &["> b'", "a", "b"]),
        ("echo a \\\nb", &["> b", "a b"]),
        (
            "printf 'b\\na\\nb\\n' | sort | uniq -c",
            &["      1 a", "      2 b"],
        ),
        ("cd /; pwd; cd; pwd", &["/", "/home/you"]),
        ("echo a | tee t | cat; cat t", &["a", "a"]),
        ("sleep 0.2; echo $?", &["0"]),
        ("cat nothere", &["cat: nothere: No such file or directory"]),
        (
            "cat x > nodir/x",
            &["bash: nodir/x: No such file or directory"],
        ),
        ("echo ${X}y", &["a by"]),
    ];
    for (command, expected) in cases {
        assert_eq!(sitting.run(command), *expected, "{command}");
    }
}

#[test]
fn a_producer_is_fed_without_holding_it_all() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run("kafka-topics --create --topic t --bootstrap-server localhost:8098");
    sitting.run("seq 60000 | kafka-console-producer --bootstrap-server localhost:8098 --topic t");
    assert_eq!(
        sitting.run("kafka-get-offsets --bootstrap-server localhost:8098 --topic t"),
        ["t:0:60000"]
    );
    let first = "kafka-console-consumer --bootstrap-server localhost:8098 --topic t --from-beginning 2>/dev/null | head -2";
    assert_eq!(sitting.run(first), ["1", "2"]);
    let counted = "kafka-console-consumer --bootstrap-server localhost:8098 --topic t --from-beginning --max-messages 60000 2>/dev/null | tail -n 1";
    assert_eq!(sitting.run(counted), ["60000"]);
}

#[test]
fn a_line_that_is_too_long_is_refused_with_the_limit() {
    let mut sitting = Sitting::new(Pace::Real);
    sitting.enter(&"x".repeat(5 * 1024 * 1024));
    sitting.pass(0.1);
    let lines = sitting.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("5242880 bytes") && line.contains("2 MiB")),
        "{lines:?}"
    );
    assert_eq!(sitting.run("echo still here"), ["still here"]);
}

#[test]
fn ten_thousand_pasted_lines_all_run() {
    let mut sitting = Sitting::new(Pace::Real);
    let mut pasted = String::new();
    for n in 0..10_000 {
        pasted.push_str(&format!("echo {n} >> all\n"));
    }
    sitting.enter(&pasted);
    for _ in 0..1000 {
        sitting.pass(0.01);
    }
    assert_eq!(sitting.run("wc -l < all"), ["10000"]);
    sitting.enter(&"echo x\n".repeat(30_000));
    sitting.pass(5.0);
    assert!(
        sitting
            .lines()
            .iter()
            .any(|line| line.contains("20,000 lines"))
            || sitting.terminal().dropped() > 0
    );
}

#[test]
fn a_megabyte_as_a_record_gets_kafkas_own_error() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run("kafka-topics --create --topic t --bootstrap-server localhost:8098");
    sitting.enter("kafka-console-producer --bootstrap-server localhost:8098 --topic t");
    sitting.pass(1.0);
    sitting.enter(&"x".repeat(1_100_000));
    sitting.pass(1.0);
    sitting.ctrl_d();
    let lines = sitting.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("RecordTooLargeException")),
        "{:?}",
        lines.last()
    );
    assert_eq!(sitting.status(), 0);
}

#[test]
fn too_many_jobs_are_refused() {
    let mut sitting = Sitting::new(Pace::Real);
    for _ in 0..40 {
        sitting.run("sleep 1000 &");
    }
    assert!(sitting.lines().iter().any(|line| line.contains("32 jobs")));
    sitting.ctrl_c("");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_line_is_answered(line in any::<String>()) {
        let mut sitting = Sitting::new(Pace::Real);
        sitting.enter(&line);
        sitting.pass(0.01);
        sitting.shell.ctrl_c(&mut sitting.world, sitting.id, "");
        sitting.pass(0.01);
        sitting.enter("echo alive");
        sitting.pass(0.01);
        assert_eq!(sitting.lines().last().map(String::as_str), Some("alive"), "{line:?}");
    }

    #[test]
    fn shell_like_lines_are_answered(words in prop::collection::vec(
        prop::sample::select(vec![
            "echo", "cat", "'", "\"", "$X", "${", "$(", "`", "|", "||", "&", "&&", ";", ">", ">>", "<", "<<", "<<<",
            "2>&1", "f", "\\", "#", "é", "\u{0}", "(", ")", "!", "=", "A=", "kafka-topics", "--topic", "-", "--", "\n",
            "head", "-n", "1", "seq", "3", "printf", "%", "%s", "%99d", "docker", "exec", "compose", "-f", "fg", "kill",
            "%1", "cd", "..", "grep", "[", "sort", "wc", "help", "history", "watch", "exit", "~", "/",
        ]), 0..12)) {
        let line = words.join(" ");
        let mut sitting = Sitting::new(Pace::Real);
        sitting.enter(&line);
        sitting.pass(0.01);
        for _ in 0..3 {
            sitting.shell.ctrl_c(&mut sitting.world, sitting.id, "");
        }
        sitting.pass(0.01);
        sitting.enter("echo alive");
        sitting.pass(0.01);
        assert_eq!(sitting.lines().last().map(String::as_str), Some("alive"), "{line:?}");
    }

    #[test]
    fn completion_answers_anything(line in any::<String>(), cursor in 0usize..64) {
        let sitting = Sitting::new(Pace::Real);
        let completion = sitting.shell.complete(&sitting.world, sitting.id, &line, cursor);
        assert!(line.get(completion.replace).is_some());
    }
}
