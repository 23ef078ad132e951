//! How does a record reach the tenant's revocation log?

use super::run::Trip;
use crate::{
    actors::{
        courier::{Announce, Carried},
        runtime::Fault,
    },
    gateway::platform::Platform,
};

pub(super) async fn carry<P: Platform>(_: &Trip<'_, P>, _: Announce) -> Result<Carried, Fault> {
    Err(Fault::Unreachable("nobody carries this yet".to_owned()))
}
