//! What every part of the layout needs to know.

use engine::ids::TopicPartition;
use session::selection::Selection;

use super::geometry::Geometry;
use super::input::{FlowInput, GroupIn, RecordSource, TopicIn};
use super::measure::Measure;
use crate::keys::KeyMark;

/// What every part of the layout needs to know.
pub struct Context<'a> {
    /// The scene.
    pub input: &'a FlowInput,
    /// The columns.
    pub geometry: Geometry,
    /// Measures text.
    pub measure: Measure<'a>,
    /// The selected record.
    pub chosen: Option<Chosen>,
    /// What the filter lets pass.
    pub filter: Filter,
    /// How many cells a lane may draw.
    pub most_cells: usize,
}

/// The selected record, whose path is drawn in its key's colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Its partition.
    pub at: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its key's slot.
    pub slot: u8,
}

impl Chosen {
    /// The selected record, if one is selected and still stored.
    pub fn of(input: &FlowInput, source: &mut dyn RecordSource) -> Option<Chosen> {
        let Some(Selection::Record(at, offset)) = &input.settings.selection else {
            return None;
        };
        let record = source
            .cells(at, *offset, offset.saturating_add(1), false)
            .into_iter()
            .next()?;
        Some(Chosen {
            at: at.clone(),
            offset: *offset,
            slot: record.key.slot,
        })
    }
}

impl Context<'_> {
    /// The colour of the selected record's path, if it runs through `at`.
    pub fn on(&self, at: &TopicPartition) -> Option<u8> {
        self.chosen
            .as_ref()
            .filter(|chosen| chosen.at == *at)
            .map(|chosen| chosen.slot)
    }

    /// Whether this very thing is selected.
    pub fn picked(&self, selection: &Selection) -> bool {
        self.input.settings.selection.as_ref() == Some(selection)
    }
}

/// Text that dims whatever has nothing to do with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    needle: String,
}

impl Filter {
    /// The filter for what the user typed.
    pub fn of(text: &str) -> Filter {
        Filter {
            needle: text.trim().to_lowercase(),
        }
    }

    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        self.needle.is_empty()
    }

    /// Whether `text` has to do with it.
    pub fn text(&self, text: &str) -> bool {
        self.is_empty() || text.to_lowercase().contains(&self.needle)
    }

    /// Whether a key has to do with it.
    pub fn key(&self, key: &KeyMark) -> bool {
        self.is_empty() || key.label.as_deref().is_some_and(|label| self.text(label))
    }

    /// Whether a topic, or a key in it, has to do with it.
    pub fn topic(&self, topic: &TopicIn) -> bool {
        self.text(&topic.name) || topic.keys.iter().any(|key| self.key(key))
    }

    /// Whether a group, one of its members, or a topic it reads has to do with it.
    pub fn group(&self, group: &GroupIn) -> bool {
        self.text(&group.name)
            || group.members.iter().any(|member| self.text(&member.name))
            || group.partitions().iter().any(|at| self.text(&at.topic))
    }
}
