//! The figures of all subjects, and the table that sets them side by side.

use super::subject::Kind;

/// Every figure noted so far, in the order of the first notes.
#[derive(Debug, Default)]
pub struct Figures {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    unit: String,
    playground: Option<f64>,
    kafka: Option<f64>,
}

impl Figures {
    /// Notes a figure; a later one of the same name replaces it.
    pub fn note(&mut self, name: &str, unit: &str, kind: &Kind, value: f64) {
        let at = match self.rows.iter().position(|row| row.name == name) {
            Some(at) => at,
            None => {
                self.rows.push(Row {
                    name: name.to_owned(),
                    unit: unit.to_owned(),
                    playground: None,
                    kafka: None,
                });
                self.rows.len() - 1
            }
        };
        match kind {
            Kind::Playground => self.rows[at].playground = Some(value),
            Kind::Kafka(_) => self.rows[at].kafka = Some(value),
        }
    }

    /// One line a figure; with Kafka's and the ratio (playground / Kafka) when it was measured too.
    pub fn table(&self, against_kafka: bool) -> String {
        let mut out = format!("\n{:<52} {:>14} {:<6}", "name", "playground", "unit");
        if against_kafka {
            out.push_str(&format!(" {:>14} {:>8}", "Kafka", "ratio"));
        }
        out.push('\n');
        for row in &self.rows {
            out.push_str(&format!(
                "{:<52} {:>14} {:<6}",
                row.name,
                number(row.playground),
                row.unit
            ));
            if against_kafka {
                let ratio = row
                    .playground
                    .zip(row.kafka)
                    .map(|(ours, theirs)| ours / theirs);
                let ratio = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
                out.push_str(&format!(" {:>14} {ratio:>8}", number(row.kafka)));
            }
            out.push('\n');
        }
        out
    }
}

fn number(value: Option<f64>) -> String {
    match value {
        Some(value) if value.abs() >= 1000.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.2}"),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod test {
    use super::*;
    use crate::serve_bench::java::Java;

    #[test]
    fn the_last_figure_of_a_name_counts_and_stands_beside_kafkas() {
        let mut figures = Figures::default();
        figures.note("produce", "rec/s", &Kind::Playground, 1.0);
        figures.note("produce", "rec/s", &Kind::Playground, 6e6);
        figures.note("produce", "rec/s", &Kind::Kafka(Java::default()), 2e6);
        let table = figures.table(true);
        let row = table.lines().find(|line| line.starts_with("produce"));
        let cells: Vec<&str> = row.unwrap_or_default().split_whitespace().collect();
        assert_eq!(cells, ["produce", "6000000", "rec/s", "2000000", "3.000"]);
        assert!(!figures.table(false).contains("ratio"));
    }
}
