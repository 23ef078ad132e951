//! How is the tenant's machine reached?

use super::{
    fault::{Fault, network},
    origin::ConfigRefusal,
    pool::Pool,
};
use core::{fmt, pin::Pin};
use std::{io, sync::Arc};
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
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

type Dialled = Pin<Box<dyn Future<Output = io::Result<Box<dyn Wire>>> + Send>>;

/// Where connections come from.
#[derive(Clone, Default)]
pub enum Dial {
    /// TCP to what the issuer's name resolves to.
    #[default]
    ByName,
    /// TCP to this `host:port`.
    To(String),
    /// Whatever this opens: a proxy's, a socket of the file system.
    Through(Arc<dyn Fn() -> Dialled + Send + Sync>),
}

impl Dial {
    /// Connections that `open` opens.
    #[must_use]
    pub fn through<F>(open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Box<dyn Wire>>> + Send + 'static,
    {
        Self::Through(Arc::new(move || Box::pin(open())))
    }

    async fn open(&self, named: String) -> io::Result<Box<dyn Wire>> {
        let tcp = match self {
            Self::ByName => TcpStream::connect(named).await?,
            Self::To(address) => TcpStream::connect(address).await?,
            Self::Through(open) => return open().await,
        };
        // What we send is small and awaited: it must not wait for company.
        tcp.set_nodelay(true)?;
        Ok(Box::new(tcp))
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByName => f.write_str("ByName"),
            Self::To(address) => f.debug_tuple("To").field(address).finish(),
            Self::Through(_) => f.write_str("Through(..)"),
        }
    }
}

/// Opens connections to one origin.
pub struct Net {
    origin: Url,
    tls: Option<TlsConnector>,
    dial: Dial,
    pub(super) pool: Pool,
}

impl Net {
    /// For an [`origin`](crate::origin()).
    ///
    /// # Errors
    /// When there is nothing to check certificates by.
    pub fn new(origin: Url, dial: Dial) -> Result<Self, ConfigRefusal> {
        let tls = match origin.scheme() {
            "https" => Some(tls().ok_or(ConfigRefusal::Certificates)?),
            _ => None,
        };
        Ok(Self {
            origin,
            tls,
            dial,
            pool: Pool::default(),
        })
    }

    /// Whether `url` is at the origin: secrets are sent nowhere else.
    #[must_use]
    pub fn is_ours(&self, url: &Url) -> bool {
        url.origin() == self.origin.origin()
    }

    /// Host and port, as a `Host` header spells them.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.authority()
    }

    /// A connection of its own. Certificates are checked against the issuer's
    /// name, wherever it leads.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open(&self) -> Result<Box<dyn Wire>, Fault> {
        let port = self.origin.port_or_known_default().unwrap_or(443);
        let host = self.origin.host_str().unwrap_or_default();
        let wire = self.dial.open(format!("{host}:{port}")).await;
        let wire = wire.map_err(network)?;
        let Some(tls) = &self.tls else {
            return Ok(wire);
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(network)?;
        let stream = tls.connect(name, wire).await.map_err(network)?;
        Ok(Box::new(stream))
    }
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
