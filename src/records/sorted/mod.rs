//! Maps and sets kept as sorted vectors, and sorting, in little code.
//!
//! They have the face of `std`'s ordered collections, as far as the playground uses it, and the same
//! order of iteration. Why not `std`'s own: a B-tree brings kilobytes of code for every pair of types
//! it is used with, and the page is downloaded; nearly all maps here hold a handful of entries, for
//! which a sorted vector is as quick. Finding takes logarithmic time; inserting or removing in the
//! middle moves what lies behind it. Where thousands of entries come and go, use `std`'s.

mod arrange;
mod entry;
mod map;
mod set;

pub use arrange::Arrange;
pub use entry::Entry;
pub use map::SortedMap;
pub use set::SortedSet;
