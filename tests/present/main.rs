//! The diagram's arithmetic: places, labels, numbers.

mod flow;
mod properties;
#[path = "../components/scene.rs"]
mod scene;
mod sitting;
