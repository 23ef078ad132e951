//! How is a deployment filled that a benchmark is to find full?
//!
//! By the messages that sign-ins send, without hashing a password for each.

use super::{entropy::HostEntropy, host::WorkerHost, transport::StubTransport};
use crate::{
    actors::{
        directory::{CreateTenant, Directory},
        runtime::{Actors, Fault, Mail},
        session::{Begin, Session},
        tenant::{
            Admit, Admitted, CreateUser, Credentials, CredentialsOf, ReadCredentials, Tenant,
        },
    },
    domain::{
        entropy::draw,
        ids::{SessionId, TenantId, UserId, base32},
        oauth::UserClaims,
        password::PasswordHash,
        secret::TokenDigest,
        session::{Authentication, Device},
        tenant::{Slug, TenantSettings},
        user::Email,
    },
    gateway::platform::Platform,
};
use futures::future::join_all;

fn mail(host: &WorkerHost) -> Mail<StubTransport> {
    Mail::new(host.transport(), None)
}

/// Creates so many tenants; answers how many there are more.
pub(super) async fn tenants(host: &WorkerHost, number: i64) -> usize {
    let made = (0..number).map(|_| async {
        let slug = format!("s{}", base32(&draw::<10>(&mut HostEntropy)));
        let create = CreateTenant {
            id: TenantId::generate(&mut HostEntropy),
            slug: Slug::parse(&slug).ok()?,
            settings: Box::<TenantSettings>::default(),
        };
        mail(host).ask(&Directory::address(), create).await.ok()
    });
    join_all(made).await.into_iter().flatten().count()
}

/// Adds a user to a tenant, with the password of one whom it knows, and begins so
/// many sessions; answers how many have begun.
pub(super) async fn sessions(
    host: &WorkerHost,
    (tenant, like): (&str, &str),
    number: i64,
) -> Result<usize, Fault> {
    let wrong = Fault::Corrupt("there is nobody to fill this for");
    let (Ok(tenant), Ok(like)) = (TenantId::parse(tenant), Email::parse(like)) else {
        return Err(wrong);
    };
    let to = Tenant::address(tenant);
    let by = CredentialsOf::Email(like);
    let Credentials::Password { hash, .. } = mail(host).ask(&to, ReadCredentials { by }).await?
    else {
        return Err(wrong);
    };
    let user = UserId::generate(&mut HostEntropy);
    let claims = UserClaims {
        email: Email::parse(&format!("{user}@example.com")).ok(),
        ..UserClaims::default()
    };
    let create = CreateUser {
        id: user,
        claims: Box::new(claims),
        password: Some(hash.clone()),
        roles: Vec::new(),
    };
    mail(host).ask(&to, create).await?;
    let begun = (0..number).map(|_| begin(host, tenant, user, &hash));
    let begun: Result<Vec<()>, Fault> = join_all(begun).await.into_iter().collect();
    begun.map(|begun| begun.len())
}

async fn begin(
    host: &WorkerHost,
    tenant: TenantId,
    user: UserId,
    hash: &PasswordHash,
) -> Result<(), Fault> {
    let session = SessionId::generate(&mut HostEntropy);
    let device = Device {
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101".to_owned()),
        address: Some("198.51.100.7".to_owned()),
        ..Device::default()
    };
    let admit = Admit {
        user,
        checked: hash.clone(),
        rehashed: None,
        session,
        device: device.clone(),
    };
    let admitted = mail(host).ask(&Tenant::address(tenant), admit).await?;
    let Admitted::Admitted {
        idle_ms,
        absolute_ms,
    } = admitted
    else {
        return Err(Fault::Corrupt("a seeded user is not admitted"));
    };
    let begin = Begin {
        tenant,
        issuer: "http://bench.localhost".to_owned(),
        session,
        user,
        cookie: TokenDigest::of(&draw::<32>(&mut HostEntropy)),
        authentication: Authentication::by_password(host.now()),
        device,
        idle_ms,
        absolute_ms,
    };
    let to = Session::address(tenant, session);
    mail(host).ask(&to, begin).await.map(drop)
}
