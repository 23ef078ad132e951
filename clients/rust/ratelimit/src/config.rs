//! Whose limits are asked, and what happens when they cannot be?

use super::LimitError;
use aero2_tenant::{Client, Dial, Secret};
use core::{fmt, time::Duration};
use std::sync::Arc;

/// What the service's tokens are for.
const SCOPE: &str = "ratelimit";

/// How long a question may take: people notice more, and whoever cannot be
/// asked in this time is not asked in twice of it.
const DEADLINE: Duration = Duration::from_millis(500);

/// Who is told of what went wrong.
pub(crate) type Tell = Arc<dyn Fn(&LimitError) + Send + Sync>;

/// Whose limits are asked, as whom, and what happens when they cannot be.
#[derive(Clone)]
pub struct Config {
    pub(crate) client: Client,
    pub(crate) dial: Dial,
    pub(crate) deadline: Duration,
    pub(crate) is_retried: bool,
    pub(crate) passes_unchecked: bool,
    pub(crate) tell: Tell,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("client", &self.client)
            .field("dial", &self.dial)
            .field("deadline", &self.deadline)
            .field("is_retried", &self.is_retried)
            .field("passes_unchecked", &self.passes_unchecked)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// For the tenant of `issuer`, as its client `client_id` with the grant
    /// `client_credentials` and the scope `ratelimit`.
    #[must_use]
    pub fn new(issuer: &str, client_id: &str, client_secret: &str) -> Self {
        Self {
            client: Client {
                issuer: issuer.to_owned(),
                id: client_id.to_owned(),
                secret: Secret::new(client_secret),
                scope: SCOPE,
            },
            dial: Dial::ByName,
            deadline: DEADLINE,
            is_retried: true,
            passes_unchecked: false,
            tell: Arc::new(|_| ()),
        }
    }

    /// Lets pass what cannot be asked, and tells of each. Unless this is
    /// called, it is refused.
    ///
    /// A question that is wrong in itself (a subject out of bounds, a policy
    /// that does not exist) never passes: whoever can make one would be
    /// without a limit.
    #[must_use]
    pub fn allow_unchecked(self, tell: impl Fn(&LimitError) + Send + Sync + 'static) -> Self {
        Self {
            passes_unchecked: true,
            ..self.tell(tell)
        }
    }

    /// Tells of what goes wrong where no answer can say it: a reservation that
    /// could not be settled.
    #[must_use]
    pub fn tell(mut self, tell: impl Fn(&LimitError) + Send + Sync + 'static) -> Self {
        self.tell = Arc::new(tell);
        self
    }

    /// How long a question may take, whatever it waits for: 500 ms unless said.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Asks only once.
    ///
    /// Otherwise a question whose answer was lost is asked again, and so that
    /// this charges once, each check carries a request id. The service
    /// remembers those, which costs it a write, and serves them from no lease:
    /// policies with leases are faster without.
    #[must_use]
    pub const fn ask_once(mut self) -> Self {
        self.is_retried = false;
        self
    }

    /// Connects to this `host:port` whatever the issuer's name resolves to.
    /// Certificates are checked against the issuer's name all the same.
    #[must_use]
    pub fn connect(self, address: &str) -> Self {
        self.dial(Dial::To(address.to_owned()))
    }

    /// Where connections come from.
    #[must_use]
    pub fn dial(mut self, dial: Dial) -> Self {
        self.dial = dial;
        self
    }
}
