//! `help`: what there is to type here.

use super::{COMMANDS, Process};
use crate::tools;

/// `help`, `help COMMAND`
pub(crate) fn help(arguments: &[String]) -> Process {
    if let Some(name) = arguments.first() {
        let known = COMMANDS.iter().find(|(command, _)| command == name);
        return match (known, tools::find(name)) {
            (Some((name, summary)), _) => Process::said(format!("{name}: {summary}\n")),
            (None, Some(tool)) => {
                let text = format!("{name}: {}\nIts options: {name} --help\n", tool.summary);
                Process::said(text)
            }
            (None, None) => Process::failed(1, format!("help: nothing is known about {name}")),
        };
    }
    let mut text = String::from(
        "Start the cluster:  docker-compose -f docker-compose.yml up -d\nEnter its container: docker exec -it kafka bash\n\nKafka's tools (against localhost:8098):\n",
    );
    for tool in tools::TOOLS {
        text.push_str(&format!("  {:24} {}\n", tool.name, tool.summary));
    }
    text.push_str("\nThe shell:\n");
    for (name, summary) in COMMANDS {
        text.push_str(&format!("  {name:24} {summary}\n"));
    }
    text.push_str(
        "\nPipes and redirection work: seq 10 | kafka-console-producer --bootstrap-server localhost:8098 --topic t\n\
         Tab completes, Ctrl-C ends what runs, Ctrl-D ends its input, & runs it in the background.\n",
    );
    Process::said(text)
}
