//! What can be done at which path of the admin API, and what does it need?

use ::http::Method;
use percent_encoding::percent_decode_str;

/// One thing an operator can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    ReadDocument,
    ReadMe,
    ListTenants,
    CreateTenant,
    ReadTenant,
    ChangeTenant,
    DeleteTenant,
    ListClients,
    CreateClient,
    ReadClient,
    ChangeClient,
    DeleteClient,
    RotateSecret,
    ListUsers,
    CreateUser,
    ReadUser,
    ChangeUser,
    DeleteUser,
    ListSessions,
    EndSessions,
    EndSession,
    EndEverySession,
    ListPolicies,
    CreatePolicy,
    ReadPolicy,
    ChangePolicy,
    DeletePolicy,
    ReadUsage,
    ReadBucket,
    ResetBucket,
    ListActs,
    ListenTenant,
    ListenPlatform,
    ListKeys,
    RotateKeys,
    CountActors,
    ListActors,
    Reconcile,
    Inspect,
    Command,
    ReadArchive,
}

/// What an action does, and so what it needs of whoever asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It shows something: a token is enough.
    Look,
    /// It changes something that can be changed back.
    Change,
    /// It ends something for somebody, or changes who has access: the sign-in must
    /// be a fresh one ([RFC 9470](https://www.rfc-editor.org/rfc/rfc9470)).
    Act,
}

type Rows = &'static [(Method, Action, Need)];
type Row = (&'static str, Rows);

/// Every path, as the `OpenAPI` document writes it, and what its methods do.
pub(super) const TABLE: &[Row] = &[
    (
        "/admin/v1/openapi.json",
        &[(Method::GET, Action::ReadDocument, Need::Look)],
    ),
    ("/admin/v1/me", &[(Method::GET, Action::ReadMe, Need::Look)]),
    (
        "/admin/v1/tenants",
        &[
            (Method::GET, Action::ListTenants, Need::Look),
            (Method::POST, Action::CreateTenant, Need::Change),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}",
        &[
            (Method::GET, Action::ReadTenant, Need::Look),
            (Method::PATCH, Action::ChangeTenant, Need::Change),
            (Method::DELETE, Action::DeleteTenant, Need::Act),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/clients",
        &[
            (Method::GET, Action::ListClients, Need::Look),
            (Method::POST, Action::CreateClient, Need::Change),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/clients/{client_id}",
        &[
            (Method::GET, Action::ReadClient, Need::Look),
            (Method::PATCH, Action::ChangeClient, Need::Change),
            (Method::DELETE, Action::DeleteClient, Need::Act),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/clients/{client_id}/secret",
        &[(Method::POST, Action::RotateSecret, Need::Act)],
    ),
    (
        "/admin/v1/tenants/{tenant}/sessions",
        &[(Method::DELETE, Action::EndEverySession, Need::Act)],
    ),
    (
        "/admin/v1/tenants/{tenant}/users",
        &[
            (Method::GET, Action::ListUsers, Need::Look),
            (Method::POST, Action::CreateUser, Need::Change),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/users/{sub}",
        &[
            (Method::GET, Action::ReadUser, Need::Look),
            (Method::PATCH, Action::ChangeUser, Need::Change),
            (Method::DELETE, Action::DeleteUser, Need::Act),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions",
        &[
            (Method::GET, Action::ListSessions, Need::Look),
            (Method::DELETE, Action::EndSessions, Need::Act),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions/{sid}",
        &[(Method::DELETE, Action::EndSession, Need::Act)],
    ),
    (
        "/admin/v1/tenants/{tenant}/policies",
        &[
            (Method::GET, Action::ListPolicies, Need::Look),
            (Method::POST, Action::CreatePolicy, Need::Change),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/policies/{policy}",
        &[
            (Method::GET, Action::ReadPolicy, Need::Look),
            (Method::PATCH, Action::ChangePolicy, Need::Change),
            (Method::DELETE, Action::DeletePolicy, Need::Act),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/policies/{policy}/usage",
        &[(Method::GET, Action::ReadUsage, Need::Look)],
    ),
    (
        "/admin/v1/tenants/{tenant}/buckets/{policy}",
        &[
            (Method::GET, Action::ReadBucket, Need::Look),
            (Method::DELETE, Action::ResetBucket, Need::Act),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/audit",
        &[(Method::GET, Action::ListActs, Need::Look)],
    ),
    (
        "/admin/v1/keys",
        &[(Method::GET, Action::ListKeys, Need::Look)],
    ),
    (
        "/admin/v1/tenants/{tenant}/live",
        &[(Method::GET, Action::ListenTenant, Need::Look)],
    ),
    (
        "/admin/v1/live",
        &[(Method::GET, Action::ListenPlatform, Need::Look)],
    ),
    (
        "/admin/v1/keys/rotate",
        &[(Method::POST, Action::RotateKeys, Need::Act)],
    ),
    (
        "/admin/v1/actors",
        &[(Method::GET, Action::CountActors, Need::Look)],
    ),
    (
        "/admin/v1/actors/{kind}",
        &[(Method::GET, Action::ListActors, Need::Look)],
    ),
    (
        "/admin/v1/actors/{kind}/reconcile",
        &[(Method::POST, Action::Reconcile, Need::Change)],
    ),
    (
        "/admin/v1/actors/{kind}/{name}",
        &[(Method::GET, Action::Inspect, Need::Look)],
    ),
    (
        "/admin/v1/actors/{kind}/{name}/{command}",
        &[(Method::POST, Action::Command, Need::Act)],
    ),
    (
        "/admin/v1/archive/{shelf}",
        &[(Method::GET, Action::ReadArchive, Need::Look)],
    ),
];

/// Paths that are at every tenant's own origin; the handlers see to it that they
/// lead to nothing of another's (see [`super::place`]).
const OF_A_TENANT: &[&str] = &[
    "/admin/v1/openapi.json",
    "/admin/v1/me",
    "/admin/v1/tenants/{tenant}",
    "/admin/v1/actors",
    "/admin/v1/archive/",
];

/// In paths of what is somebody's: users with their sessions, what they have done,
/// how they stand, and actors, which hold it all.
const OF_PEOPLE: &[&str] = &[
    "/users",
    "/audit",
    "/buckets/",
    "/actors",
    "/archive/",
    "/live",
];

/// A path that exists: what its methods do, and what stands in its braces.
#[derive(Debug)]
pub(super) struct Found {
    template: &'static str,
    actions: Rows,
    named: Vec<String>,
}

impl Found {
    /// Whether a tenant has it at its own origin too. What names no tenant, nor
    /// anything of one, is the platform's.
    pub(super) fn is_of_a_tenant(&self) -> bool {
        OF_A_TENANT
            .iter()
            .any(|part| self.template.starts_with(part))
    }

    /// Whether asking for it is itself an act: it shows what is somebody's.
    pub(super) fn is_looked_at(&self, need: Need) -> bool {
        let is_of_people = OF_PEOPLE.iter().any(|part| self.template.contains(part));
        need == Need::Look && is_of_people
    }

    /// What a method does here, and what that needs; HEAD does what GET does.
    pub(super) fn action(&self, method: &Method) -> Option<(Action, Need)> {
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let mut actions = self.actions.iter();
        actions
            .find(|(method, ..)| method == wanted)
            .map(|&(_, action, need)| (action, need))
    }

    /// The methods there are, for `Allow`.
    pub(super) fn allow(&self) -> String {
        let names: Vec<&str> = self.actions.iter().map(|(m, ..)| m.as_str()).collect();
        names.join(", ")
    }

    /// What stands in the braces at `index`, decoded.
    pub(super) fn named(&self, index: usize) -> &str {
        self.named.get(index).map_or("", String::as_str)
    }
}

/// The row of a path, as it stands in [`TABLE`].
pub(super) fn template(path: &str) -> Option<&'static str> {
    find(path).map(|found| found.template)
}

/// Finds a path, segment by segment; each is decoded by itself, so that a name
/// may hold a slash.
pub(super) fn find(path: &str) -> Option<Found> {
    let fits = |&(template, actions): &Row| {
        let named = matched(template, path)?;
        Some(Found {
            template,
            actions,
            named,
        })
    };
    TABLE.iter().find_map(fits)
}

fn matched(template: &str, path: &str) -> Option<Vec<String>> {
    let mut named = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            let decoded = percent_decode_str(segment).decode_utf8().ok()?;
            named.push(decoded.into_owned());
        } else if segment != expected {
            return None;
        }
    }
    let is_whole = segments.next().is_none() && named.iter().all(|name| !name.is_empty());
    is_whole.then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_one_action() {
        let action = |method: Method, path: &str| Some(find(path)?.action(&method)?.0);
        let tenants = "/admin/v1/tenants";
        assert_eq!(action(Method::POST, tenants), Some(Action::CreateTenant));
        assert_eq!(action(Method::HEAD, tenants), Some(Action::ListTenants));
        assert_eq!(action(Method::PUT, tenants), None);
        for path in [
            "/admin/v1/",
            "/admin/v1/tenants/",
            "/admin/v1/tenants/a/",
            "/admin/v1/tenants/a/clients/b/c",
            "/admin/v1/nothing",
            "/admin/v1/tenants/%ff",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn what_is_deleted_needs_a_fresh_sign_in_and_what_is_shown_none() {
        for (path, rows) in TABLE {
            for (method, action, need) in *rows {
                let is_look = *method == Method::GET;
                assert_eq!(*need == Need::Look, is_look, "{method} {path}");
                let is_final = *method == Method::DELETE;
                assert!(!is_final || *need == Need::Act, "{action:?}");
            }
        }
    }

    #[test]
    fn what_is_of_all_tenants_is_at_the_platform_alone() {
        let is_of_a_tenant = |path| find(path).unwrap().is_of_a_tenant();
        assert!(is_of_a_tenant("/admin/v1/me") && is_of_a_tenant("/admin/v1/tenants/acme/users"));
        assert!(!is_of_a_tenant("/admin/v1/tenants") && !is_of_a_tenant("/admin/v1/keys"));
        assert!(!is_of_a_tenant("/admin/v1/keys/rotate"));
    }

    #[test]
    fn a_name_is_decoded_and_may_hold_a_slash() {
        let found = find("/admin/v1/tenants/acme/clients/https%2F%2Fapp").unwrap();
        assert_eq!((found.named(0), found.named(1)), ("acme", "https//app"));
        assert_eq!(found.named(2), "");
        assert_eq!(found.allow(), "GET, PATCH, DELETE");
    }
}
