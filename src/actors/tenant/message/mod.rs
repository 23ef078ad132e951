//! What can a tenant be asked?

mod audit;
mod clients;
mod consents;
mod live;
mod policies;
mod sessions;
mod settings;
mod sign_in;
mod usage;
mod users;

pub use audit::*;
pub use clients::*;
pub use consents::*;
pub use live::*;
pub use policies::*;
pub use sessions::*;
pub use settings::*;
pub use sign_in::*;
pub use usage::*;
pub use users::*;

use super::Tenant;
use crate::{
    actors::{live::Listening, runtime::conversation},
    domain::ids::SessionId,
};
use serde::{Deserialize, Serialize};

/// It is done, and done again is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

conversation! {
    Tenant as "tenant" {
        Found => Configuration,
        ReadSettings => Configuration,
        ChangeSettings => SettingsChanged,
        ChangeStatus => Done,
        Erase => Done,
        ReadClient => ClientRead,
        CreateClient => ClientRead,
        ChangeClient => ClientRead,
        DeleteClient => ClientRead,
        ListClients => ClientPage,
        CreateUser => UserRead,
        ReadUser => UserRead,
        ChangeUser => UserRead,
        DeleteUser => UserRead,
        ListUsers => UserPage,
        ReadCredentials => Credentials,
        Admit => Admitted,
        ChangePassword => Change,
        EnsureBootstrap => Bootstrapped,
        SetUp => SetUpAnswer,
        SessionBegan => Done,
        SessionEnded => Done,
        SessionUsed => Done,
        EndEverySession => Done,
        ListSessions => SessionList,
        WalkSessions => Vec<SessionId>,
        EndSessions => Change,
        ReadClaims => ClaimsRead,
        ReadConsent => Consents,
        GiveConsent => Consents,
        WithdrawConsent => Consents,
        ListConsents => Consents,
        CreatePolicy => PolicyRead,
        ReadPolicy => PolicyRead,
        ChangePolicy => PolicyRead,
        DeletePolicy => PolicyRead,
        ListPolicies => PolicyPage,
        NoteAct => Done,
        ListActs => ActPage,
        NoteUsage => Done,
        ReadUsage => UsageRead,
        Listen => Listening,
    }
}
