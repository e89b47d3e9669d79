//! The six clients: where each comes from, and how its program is started.

use super::FOLDER;
use crate::step::{self, Outcome, say};
use crate::{files, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAMS: &str = "tests/conformance";

/// A client, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// The command line tool on librdkafka, from Debian.
    Kcat,
    /// librdkafka for Python.
    Confluent,
    /// The protocol in Python alone.
    KafkaPython,
    /// The same under asyncio.
    Aiokafka,
    /// The protocol in JavaScript.
    KafkaJs,
    /// Kafka's own client.
    Java,
    /// Spark Structured Streaming, on Kafka's own client; only when asked for, since it is half a gigabyte.
    Spark,
}

/// A program that is ready to be given an address and behaviours.
pub struct Program {
    words: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Client {
    /// Every client of an ordinary run.
    pub const ALL: [Client; 6] = [
        Client::Kcat,
        Client::Confluent,
        Client::KafkaPython,
        Client::Aiokafka,
        Client::KafkaJs,
        Client::Java,
    ];

    /// What the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Client::Kcat => "kcat",
            Client::Confluent => "confluent-kafka",
            Client::KafkaPython => "kafka-python",
            Client::Aiokafka => "aiokafka",
            Client::KafkaJs => "kafkajs",
            Client::Java => "java",
            Client::Spark => "spark",
        }
    }

    /// The client of a name.
    pub fn named(name: &str) -> Option<Client> {
        Client::ALL.into_iter().find(|client| client.name() == name)
    }

    /// Whether a machine without it still passes: kcat only comes as a package of the system.
    pub fn may_be_missing(self) -> bool {
        self == Client::Kcat
    }

    /// Makes sure that the client is there.
    pub fn set_up(self) -> Outcome<Program> {
        match self {
            Client::Kcat => kcat(),
            Client::Confluent => python("python", "run_confluent.py"),
            Client::KafkaPython => python("python", "run_kafka_python.py"),
            Client::Aiokafka => python("python", "run_aiokafka.py"),
            Client::KafkaJs => kafkajs(),
            Client::Java => java(),
            Client::Spark => spark(),
        }
    }
}

impl Program {
    /// The command, ready for its arguments.
    pub fn command(&self) -> Command {
        let mut words = self.words.iter();
        let mut command = Command::new(words.next().map(String::as_str).unwrap_or_default());
        command.args(words);
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }

    fn new(words: &[&str]) -> Program {
        Program {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            variables: Vec::new(),
        }
    }
}

/// Where Maven puts the jars of one of our poms, as a class path.
pub fn jars(pom: &str, name: &str) -> Outcome<String> {
    let list = absolute(&format!("{FOLDER}/{name}.classpath"))?;
    let pom = format!("{PROGRAMS}/{pom}");
    if is_newer(&list, Path::new(&pom)) {
        return text(&list);
    }
    if files::find_program("mvn").is_none() {
        return Err(
            "Maven is missing. On Debian or Ubuntu type: sudo apt-get install maven".to_owned(),
        );
    }
    files::write(&list, b"")?;
    let mut maven = Command::new("mvn");
    maven
        .args(["-q", "-B", "-f", &pom, "dependency:build-classpath"])
        .arg(format!("-Dmdep.outputFile={}", list.display()));
    let brought = step::run(
        &format!("Bringing the jars of {pom}"),
        &mut maven,
        "Check the network and Maven's settings, then try again.",
    );
    if brought.is_err() {
        // An empty list would be taken for a finished one the next time.
        let _ = std::fs::remove_file(&list);
    }
    brought.and_then(|()| text(&list))
}

fn kcat() -> Outcome<Program> {
    if files::find_program("kcat").is_none() {
        tools::from_apt("kcat")?;
    }
    python("python", "run_kcat.py")
}

/// A program of one of our folders, in a virtual environment of its own with what that folder asks for.
fn python(folder: &str, program: &str) -> Outcome<Program> {
    let wanted = format!("{PROGRAMS}/{folder}/requirements.txt");
    let home = format!("{FOLDER}/{folder}");
    let python = format!("{home}/bin/python");
    let stamp = PathBuf::from(format!("{home}/requirements.txt"));
    let text = files::read(Path::new(&wanted))?;
    if std::fs::read(&stamp).ok().as_ref() != Some(&text) {
        step::run(
            &format!("Making the virtual environment {home}"),
            Command::new("python3").args(["-m", "venv", &home]),
            "Python 3 and its venv module are needed; on Debian: sudo apt-get install python3-venv",
        )?;
        step::run(
            &format!("Installing what {wanted} asks for"),
            Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r", &wanted]),
            "Check the network, then try again.",
        )?;
        files::write(&stamp, &text)?;
    }
    Ok(Program::new(&[
        &python,
        &format!("{PROGRAMS}/{folder}/{program}"),
    ]))
}

fn spark() -> Outcome<Program> {
    java_tools(&["java"])?;
    let jars = jars("spark/pom.xml", "spark")?;
    let mut program = python("spark", "run.py")?;
    program
        .variables
        .push(("SPARK_KAFKA_JARS".to_owned(), jars));
    Ok(program)
}

fn kafkajs() -> Outcome<Program> {
    let folder = format!("{FOLDER}/kafkajs");
    let wanted = files::read(Path::new(&format!("{PROGRAMS}/kafkajs/package.json")))?;
    let package = PathBuf::from(format!("{folder}/package.json"));
    let modules = absolute(&format!("{folder}/node_modules"))?;
    if files::find_program("node").is_none() || files::find_program("npm").is_none() {
        return Err(
            "Node.js or npm is missing. On Debian or Ubuntu type: sudo apt-get install nodejs npm"
                .to_owned(),
        );
    }
    let installed = modules.join("kafkajs").is_dir();
    if !installed || std::fs::read(&package).ok().as_ref() != Some(&wanted) {
        files::write(&package, &wanted)?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--silent",
            "--no-package-lock",
            "--prefix",
            &folder,
        ]);
        let installed = step::run(
            "Installing kafkajs",
            &mut npm,
            "Check the network, then try again.",
        );
        if installed.is_err() {
            let _ = std::fs::remove_file(&package);
        }
        installed?;
    }
    let mut program = Program::new(&["node", &format!("{PROGRAMS}/kafkajs/main.js")]);
    program
        .variables
        .push(("NODE_PATH".to_owned(), modules.display().to_string()));
    Ok(program)
}

fn java() -> Outcome<Program> {
    java_tools(&["java", "javac"])?;
    let jars = jars("java/pom.xml", "java")?;
    let classes = format!("{FOLDER}/java");
    let sources = files::under(Path::new(&format!("{PROGRAMS}/java")));
    let sources = sources
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "java"));
    std::fs::create_dir_all(&classes)
        .map_err(|error| format!("cannot make {classes}: {error}."))?;
    say("Compiling the program of the Java client");
    let mut javac = Command::new("javac");
    javac
        .args(["-nowarn", "-d", &classes, "-cp", &jars])
        .args(sources);
    if !step::status_of(&mut javac)?.success() {
        return Err("the program of the Java client does not compile; see above.".to_owned());
    }
    let path = format!("{classes}:{jars}");
    // Short-lived, with little to do: the quick compiler and the simplest collector.
    let flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"];
    Ok(Program::new(&[
        "java", flags[0], flags[1], flags[2], "-cp", &path, "Main",
    ]))
}

fn java_tools(tools: &[&str]) -> Outcome {
    for tool in tools {
        if files::find_program(tool).is_none() {
            return Err(format!(
                "{tool} is missing. On Debian or Ubuntu type: sudo apt-get install default-jdk-headless maven"
            ));
        }
    }
    Ok(())
}

fn absolute(path: &str) -> Outcome<PathBuf> {
    std::env::current_dir()
        .map(|here| here.join(path))
        .map_err(|error| format!("there is no current folder: {error}."))
}

fn is_newer(made: &Path, source: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    time(made).is_some_and(|made| time(source).is_some_and(|source| made > source))
}

fn text(path: &Path) -> Outcome<String> {
    let text = files::read(path)?;
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}
