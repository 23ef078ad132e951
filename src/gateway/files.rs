//! Which files come with the program, and how long may a browser keep them?

use super::{
    entry::Gateway,
    http::Request,
    platform::Platform,
    trouble::{Answer, Problem},
};
use ::http::{HeaderValue, StatusCode, header};

/// For a file that is called by its contents.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";

impl<P: Platform> Gateway<P> {
    /// Answers with a file.
    ///
    /// # Errors
    /// 404 when there is none of this name.
    pub(super) async fn file(
        &self,
        request: &Request,
        name: &str,
        media_type: &'static str,
        lasting: &'static str,
    ) -> Answer {
        let known = request.headers.get(header::IF_NONE_MATCH);
        let mut found = self.platform.file(name, known).await?;
        if found.status == StatusCode::NOT_FOUND {
            return Err(Problem::new(404, "not-found", "There is nothing here.").into());
        }
        let headers = [
            (header::CONTENT_TYPE, media_type),
            (header::CACHE_CONTROL, lasting),
        ];
        for (name, value) in headers {
            found.headers.insert(name, HeaderValue::from_static(value));
        }
        Ok(found)
    }
}
