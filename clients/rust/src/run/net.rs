//! How is the tenant's machine reached?

use super::{config::ConfigRefusal, fault::Fault};
use std::sync::Arc;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::Url;

/// Bytes both ways, encrypted or not.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Opens connections to one origin.
pub(super) struct Net {
    origin: Url,
    tls: Option<TlsConnector>,
    connect: Option<String>,
}

impl Net {
    pub(super) fn new(origin: Url, connect: Option<String>) -> Result<Self, ConfigRefusal> {
        let tls = match origin.scheme() {
            "https" => Some(tls().ok_or(ConfigRefusal::Certificates)?),
            _ => None,
        };
        Ok(Self {
            origin,
            tls,
            connect,
        })
    }

    /// An address at the origin.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        url
    }

    /// Whether `url` is at the origin: secrets are sent nowhere else.
    pub(super) fn is_ours(&self, url: &Url) -> bool {
        url.origin() == self.origin.origin()
    }

    /// Host and port, as a `Host` header spells them.
    pub(super) fn authority(&self) -> &str {
        self.origin.authority()
    }

    pub(super) async fn open(&self) -> Result<Box<dyn Wire>, Fault> {
        let port = self.origin.port_or_known_default().unwrap_or(443);
        let host = self.origin.host_str().unwrap_or_default();
        let named = format!("{host}:{port}");
        let tcp = TcpStream::connect(self.connect.as_ref().unwrap_or(&named)).await;
        let tcp = tcp.map_err(network)?;
        // Frames are small and awaited: they must not wait for company.
        tcp.set_nodelay(true).map_err(network)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(tcp));
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(network)?;
        let stream = tls.connect(name, tcp).await.map_err(network)?;
        Ok(Box::new(stream))
    }
}

/// Our words for a fault of the network.
pub(super) fn network(error: impl core::fmt::Display) -> Fault {
    Fault::Network(error.to_string())
}

/// TLS with the system's roots.
fn tls() -> Option<TlsConnector> {
    let mut roots = RootCertStore::empty();
    let (added, _) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return None;
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Some(TlsConnector::from(Arc::new(config)))
}
