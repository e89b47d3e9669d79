//! A small static file server: the page as any host would serve it.

use crate::step::Outcome;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

/// Requests answered at the same time.
const WORKERS: usize = 4;

/// A running server; it stops with the process.
pub struct Site {
    /// Where the page is, with a slash at the end.
    pub address: String,
}

/// Serves a folder at `http://localhost:PORT/PREFIX`, on any free port when `port` is 0.
///
/// Only this machine can reach it. `prefix` is empty or ends with a slash.
pub fn start(folder: &Path, port: u16, prefix: &str) -> Outcome<Site> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| {
        format!(
            "cannot serve at port {port}: {error}. Something else may use it; try --port {}.",
            port.saturating_add(1)
        )
    })?;
    let port = server
        .server_addr()
        .to_ip()
        .map_or(port, |address| address.port());
    let server = Arc::new(server);
    for _ in 0..WORKERS {
        let server = Arc::clone(&server);
        let (folder, prefix) = (folder.to_owned(), prefix.to_owned());
        std::thread::spawn(move || {
            while let Ok(request) = server.recv() {
                answer(request, &folder, &prefix);
            }
        });
    }
    Ok(Site {
        address: format!("http://localhost:{port}/{prefix}"),
    })
}

fn answer(request: Request, folder: &Path, prefix: &str) {
    let known = matches!(request.method(), Method::Get | Method::Head);
    let path = file_for(request.url(), prefix)
        .filter(|_| known)
        .map(|path| folder.join(path));
    let file = path
        .as_ref()
        .and_then(|path| File::open(path).ok().filter(|_| path.is_file()));
    // The person may have gone meanwhile; nobody is left to tell.
    let _ = match (path, file) {
        (Some(path), Some(file)) => {
            let mut response = Response::from_file(file);
            // tiny_http puts its own type first unless ours is the only one.
            for (name, value) in [
                ("Content-Type", media_type(&path)),
                ("Cache-Control", "no-cache"),
            ] {
                if let Ok(header) = Header::from_bytes(name, value) {
                    response.add_header(header);
                }
            }
            request.respond(response)
        }
        _ => {
            let status = if known { 404 } else { 405 };
            let sentence = format!("{status}: there is nothing at {}\n", request.url());
            request.respond(Response::from_string(sentence).with_status_code(StatusCode(status)))
        }
    };
}

/// The file that an address means, relative to the served folder; none for one that leads out of it.
fn file_for(url: &str, prefix: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let path = path.strip_prefix('/')?.strip_prefix(prefix)?;
    let inside =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '%']);
    if path.is_empty() {
        return Some(PathBuf::from("index.html"));
    }
    let folder = path.strip_suffix('/');
    let whole = folder.unwrap_or(path);
    let file: PathBuf = whole
        .split('/')
        .all(inside)
        .then(|| whole.split('/').collect())?;
    Some(if folder.is_some() {
        file.join("index.html")
    } else {
        file
    })
}

fn media_type(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        // Browsers compile wasm while it arrives only under this very type.
        "wasm" => "application/wasm",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> Option<String> {
        file_for(url, "some/path/").map(|path| path.display().to_string())
    }

    #[test]
    fn addresses_lead_to_files_under_the_prefix() {
        assert_eq!(file("/some/path/").as_deref(), Some("index.html"));
        assert_eq!(file("/some/path/?a=/b").as_deref(), Some("index.html"));
        assert_eq!(file("/some/path/app.css?v=1").as_deref(), Some("app.css"));
        assert_eq!(file("/some/path/deep/").as_deref(), Some("deep/index.html"));
        assert_eq!(file("/elsewhere/app.css"), None);
    }

    #[test]
    fn no_address_leads_out_of_the_folder() {
        for url in [
            "/some/path/../secret",
            "/some/path/..%2fsecret",
            "/some/path//etc/passwd",
            "/some/path/.git/config",
            "no-slash",
        ] {
            assert_eq!(file(url), None, "{url}");
        }
    }

    #[test]
    fn wasm_has_the_type_that_browsers_want() {
        assert_eq!(media_type(Path::new("a/b_bg.wasm")), "application/wasm");
        assert_eq!(
            media_type(Path::new("boot.js")),
            "text/javascript; charset=utf-8"
        );
    }
}
