//! What can happen that is worth a record?
//!
//! The names are for programs, stable for ever: `docs/audit.md` has them, and a
//! test says so. They are read and written by one table, for a Worker that must be
//! small.

use super::Outcome;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Declares names as an enum and a table, so that both list the same.
macro_rules! named {
    (
        $(#[$outer:meta])*
        $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// All there are.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $text),)+];

            /// Its name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                let mut all = Self::ALL.iter();
                all.find(|(one, _)| *one == self).map_or("", |(_, name)| name)
            }

            /// What a name names.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let mut all = Self::ALL.iter();
                all.find(|(_, name)| *name == text).map(|(one, _)| *one)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| de::Error::custom("a name nobody knows"))
            }
        }
    };
}

named! {
    /// What has happened.
    Event {
        /// Somebody has signed in, or shown the password again.
        SignInSucceeded = "sign_in.succeeded",
        /// A password was not right, or there is nobody of that name.
        SignInFailed = "sign_in.failed",
        /// Too many have tried.
        SignInLimited = "sign_in.limited",
        /// Somebody has made an account for themself.
        UserSignedUp = "user.signed_up",
        /// The first administrator has used the set-up link.
        AdminSetUp = "admin.set_up",
        /// A password was changed.
        PasswordChanged = "password.changed",
        /// A user has changed what is said of them.
        ProfileChanged = "profile.changed",
        /// A user has signed out.
        SessionSignedOut = "session.signed_out",
        /// A session has ended otherwise; the reason says why.
        SessionEnded = "session.ended",
        /// Several sessions of one user were ended.
        SessionsEnded = "sessions.ended",
        /// Everybody was signed out.
        EverySessionEnded = "sessions.all_ended",
        /// A spent code or refresh token was presented.
        TokenReused = "token.reused",
        /// A client has revoked a token.
        TokenRevoked = "token.revoked",
        /// A user has allowed a client something.
        ConsentGiven = "consent.given",
        /// A user has taken that back.
        ConsentWithdrawn = "consent.withdrawn",
        /// Whoever named a client could not show that it was them.
        ClientRefused = "client.refused",
        /// A user was added.
        UserCreated = "user.created",
        /// A user was changed.
        UserChanged = "user.changed",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// A client was added.
        ClientCreated = "client.created",
        /// A client has registered itself.
        ClientRegistered = "client.registered",
        /// A client was changed.
        ClientChanged = "client.changed",
        /// A client got a new secret.
        ClientSecretRotated = "client.secret_rotated",
        /// A client was deleted.
        ClientDeleted = "client.deleted",
        /// A policy was laid down.
        PolicyCreated = "policy.created",
        /// A policy was changed.
        PolicyChanged = "policy.changed",
        /// A policy was deleted.
        PolicyDeleted = "policy.deleted",
        /// A bucket was made to forget: its subject may begin anew.
        BucketReset = "bucket.reset",
        /// A tenant was created.
        TenantCreated = "tenant.created",
        /// A tenant's settings, names or status were changed.
        TenantChanged = "tenant.changed",
        /// A tenant was deleted.
        TenantDeleted = "tenant.deleted",
        /// The keys were rotated.
        KeysRotated = "keys.rotated",
        /// A stream of Shared Signals was created.
        StreamCreated = "stream.created",
        /// A stream, or its status, was changed.
        StreamChanged = "stream.changed",
        /// A stream was deleted.
        StreamDeleted = "stream.deleted",
        /// A session was ended by its actor.
        ActorRevoked = "actor.revoked",
        /// An actor was made to deliver what waited.
        ActorFlushed = "actor.flushed",
        /// An actor was made to deliver its dead letters too.
        ActorRevived = "actor.revived",
        /// An actor was made to forget all that is not a row.
        ActorEvicted = "actor.evicted",
        /// A page of the registry was compared with the actors.
        ActorReconciled = "actor.reconciled",
        /// Something was looked at through the admin API.
        AdminLooked = "admin.looked",
        /// The admin API has refused a token.
        AdminDenied = "admin.denied",
        /// The admin API has asked for a fresh sign-in.
        StepUpDemanded = "admin.step_up_demanded",
        /// So many records more than there was room for were not kept.
        RecordsDropped = "records.dropped",
    }
}

named! {
    /// To what something happens.
    TargetKind {
        /// A user, by `sub`.
        User = "user",
        /// Whoever a name at the sign-in page may mean, by a MAC: nobody reads it out.
        Account = "account",
        /// A session, by `sid`.
        Session = "session",
        /// A client, by `client_id`.
        Client = "client",
        /// A tenant's policy, by its name.
        Policy = "policy",
        /// A bucket, by the name of its actor without the tenant: the subject is in
        /// it as a MAC, and nobody reads it out.
        Bucket = "bucket",
        /// A tenant, by its id.
        Tenant = "tenant",
        /// The keys of the deployment, by how they were rotated.
        Keys = "keys",
        /// A stream, by its id.
        Stream = "stream",
        /// An actor, by kind and name.
        Actor = "actor",
        /// What the admin API was asked, by method and path.
        Route = "route",
    }
}

impl Event {
    /// What it happens to, where nobody says otherwise.
    #[must_use]
    pub fn target(self) -> TargetKind {
        use TargetKind as T;
        if matches!(self, Self::AdminSetUp) {
            return T::User;
        }
        if matches!(self, Self::EverySessionEnded) {
            return T::Tenant;
        }
        match self.as_str().split('.').next().unwrap_or_default() {
            "user" | "password" | "profile" | "sessions" => T::User,
            "sign_in" | "session" | "token" => T::Session,
            "consent" | "client" => T::Client,
            "policy" => T::Policy,
            "bucket" => T::Bucket,
            "tenant" | "records" => T::Tenant,
            "keys" => T::Keys,
            "stream" => T::Stream,
            "actor" => T::Actor,
            _ => T::Route,
        }
    }
}

impl Event {
    /// What came of it: most are acts, and some are refusals of one.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::SignInFailed
            | Self::SignInLimited
            | Self::TokenReused
            | Self::ClientRefused
            | Self::AdminDenied
            | Self::StepUpDemanded
            | Self::RecordsDropped => Outcome::Refused,
            _ => Outcome::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for (event, name) in Event::ALL {
            assert_eq!(event.as_str(), *name);
            assert_eq!(serde_json::to_value(event).unwrap(), *name);
            assert_eq!(
                serde_json::from_value::<Event>((*name).into()).unwrap(),
                *event
            );
        }
        assert!(serde_json::from_value::<Event>("policy.lost".into()).is_err());
    }

    #[test]
    fn every_event_is_documented_under_its_name_and_no_other_is() {
        let known: BTreeSet<&str> = Event::ALL.iter().map(|(_, name)| *name).collect();
        assert_eq!(known.len(), Event::ALL.len());
        let document = include_str!("../../../docs/audit.md");
        let (_, table) = document.split_once("| event | ").unwrap();
        let rows = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let told = rows.filter_map(|row| row.split('`').nth(1));
        assert_eq!(told.collect::<BTreeSet<&str>>(), known);
    }

    #[test]
    fn every_kind_of_target_is_documented() {
        let document = include_str!("../../../docs/audit.md");
        for (_, name) in TargetKind::ALL {
            assert!(document.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
