//! What can be done at which path of the admin API?

use ::http::Method;
use percent_encoding::percent_decode_str;

/// One thing an operator can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    ReadDocument,
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
    ListKeys,
    RotateKeys,
    CountActors,
    ListActors,
    Inspect,
}

type Row = (&'static str, &'static [(Method, Action)]);

/// Every path, as the `OpenAPI` document writes it, and what its methods do.
pub(super) const TABLE: &[Row] = &[
    (
        "/admin/v1/openapi.json",
        &[(Method::GET, Action::ReadDocument)],
    ),
    (
        "/admin/v1/tenants",
        &[
            (Method::GET, Action::ListTenants),
            (Method::POST, Action::CreateTenant),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}",
        &[
            (Method::GET, Action::ReadTenant),
            (Method::PATCH, Action::ChangeTenant),
            (Method::DELETE, Action::DeleteTenant),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/clients",
        &[
            (Method::GET, Action::ListClients),
            (Method::POST, Action::CreateClient),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/clients/{client_id}",
        &[
            (Method::GET, Action::ReadClient),
            (Method::PATCH, Action::ChangeClient),
            (Method::DELETE, Action::DeleteClient),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/clients/{client_id}/secret",
        &[(Method::POST, Action::RotateSecret)],
    ),
    (
        "/admin/v1/tenants/{tenant}/sessions",
        &[(Method::DELETE, Action::EndEverySession)],
    ),
    (
        "/admin/v1/tenants/{tenant}/users",
        &[
            (Method::GET, Action::ListUsers),
            (Method::POST, Action::CreateUser),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/users/{sub}",
        &[
            (Method::GET, Action::ReadUser),
            (Method::PATCH, Action::ChangeUser),
            (Method::DELETE, Action::DeleteUser),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions",
        &[
            (Method::GET, Action::ListSessions),
            (Method::DELETE, Action::EndSessions),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions/{sid}",
        &[(Method::DELETE, Action::EndSession)],
    ),
    (
        "/admin/v1/tenants/{tenant}/policies",
        &[
            (Method::GET, Action::ListPolicies),
            (Method::POST, Action::CreatePolicy),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/policies/{policy}",
        &[
            (Method::GET, Action::ReadPolicy),
            (Method::PATCH, Action::ChangePolicy),
            (Method::DELETE, Action::DeletePolicy),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/policies/{policy}/usage",
        &[(Method::GET, Action::ReadUsage)],
    ),
    (
        "/admin/v1/tenants/{tenant}/buckets/{policy}",
        &[
            (Method::GET, Action::ReadBucket),
            (Method::DELETE, Action::ResetBucket),
        ],
    ),
    (
        "/admin/v1/tenants/{tenant}/audit",
        &[(Method::GET, Action::ListActs)],
    ),
    ("/admin/v1/keys", &[(Method::GET, Action::ListKeys)]),
    (
        "/admin/v1/keys/rotate",
        &[(Method::POST, Action::RotateKeys)],
    ),
    ("/admin/v1/actors", &[(Method::GET, Action::CountActors)]),
    (
        "/admin/v1/actors/{kind}",
        &[(Method::GET, Action::ListActors)],
    ),
    (
        "/admin/v1/actors/{kind}/{name}",
        &[(Method::GET, Action::Inspect)],
    ),
];

/// A path that exists: what its methods do, and what stands in its braces.
#[derive(Debug)]
pub(super) struct Found {
    actions: &'static [(Method, Action)],
    named: Vec<String>,
}

impl Found {
    /// What a method does here; HEAD does what GET does.
    pub(super) fn action(&self, method: &Method) -> Option<Action> {
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let mut actions = self.actions.iter();
        actions
            .find(|(method, _)| method == wanted)
            .map(|(_, action)| *action)
    }

    /// The methods there are, for `Allow`.
    pub(super) fn allow(&self) -> String {
        let names: Vec<&str> = self.actions.iter().map(|(m, _)| m.as_str()).collect();
        names.join(", ")
    }

    /// What stands in the braces at `index`, decoded.
    pub(super) fn named(&self, index: usize) -> &str {
        self.named.get(index).map_or("", String::as_str)
    }
}

/// Finds a path, segment by segment; each is decoded by itself, so that a name
/// may hold a slash.
pub(super) fn find(path: &str) -> Option<Found> {
    let fits = |(template, actions): &Row| {
        let named = matched(template, path)?;
        Some(Found { actions, named })
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
        let action = |method: Method, path: &str| find(path)?.action(&method);
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
    fn a_name_is_decoded_and_may_hold_a_slash() {
        let found = find("/admin/v1/tenants/acme/clients/https%2F%2Fapp").unwrap();
        assert_eq!((found.named(0), found.named(1)), ("acme", "https//app"));
        assert_eq!(found.named(2), "");
        assert_eq!(found.allow(), "GET, PATCH, DELETE");
    }
}
