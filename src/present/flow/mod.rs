//! The flow diagram: producers → topics and partitions → groups and their members, laid out.
//!
//! [`layout::layout`] turns an [`input::FlowInput`] into a [`view::FlowView`]; everything else is a part of that.
//!
//! - [`input`]: the scene, before anything has a place
//! - [`view`], [`view_lane`]: the diagram, laid out
//! - [`geometry`], [`strip`], [`route`], [`shape`], [`measure`], [`text`]: columns, logs, lines, glyphs, widths, numbers
//! - [`plan`], [`context`], [`scene`], [`layout`]: what stands where
//! - [`lane`], [`cells`], [`rows`], [`storage`], [`by_broker`]: the storage in the middle
//! - [`producers`], [`groups`], [`edges`], [`motion`]: what stands beside it, and what moves between
//! - [`phone`]: the same on a phone
//! - [`sitting`], [`stored`], [`clients`], [`memory`], [`travels`], [`rates`], [`replay`]: from a sitting to its scene
//! - [`focus`], [`zoom`], [`tip`]: where the keyboard goes in it, how close one looks, what a cell's tooltip says

pub mod by_broker;
pub mod cells;
pub mod clients;
pub mod context;
pub mod edges;
pub mod focus;
pub mod geometry;
pub mod groups;
pub mod input;
pub mod lane;
pub mod layout;
pub mod measure;
pub mod memory;
pub mod motion;
pub mod phone;
pub mod plan;
pub mod producers;
pub mod rates;
pub mod replay;
pub mod route;
pub mod rows;
pub mod scene;
pub mod shape;
pub mod sitting;
pub mod storage;
pub mod stored;
pub mod strip;
pub mod text;
pub mod tip;
pub mod travels;
pub mod view;
pub mod view_lane;
pub mod zoom;
