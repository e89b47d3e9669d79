//! Links: the address names the scene that it opens, such as `#scene=rush-hour`.

use gloo::utils::window;
use session::scene::SceneId;

const KEY: &str = "#scene=";

/// The address that opens a scene.
pub fn of_scene(scene: SceneId) -> String {
    let location = window().location();
    let origin = location.origin().unwrap_or_default();
    let path = location.pathname().unwrap_or_default();
    format!("{origin}{path}{KEY}{}", scene.name())
}

/// The scene that this page's address names, if it names one.
pub fn scene_of_address() -> Option<SceneId> {
    SceneId::named(window().location().hash().ok()?.strip_prefix(KEY)?)
}
