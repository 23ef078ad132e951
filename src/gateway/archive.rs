//! How does the archive take what the queue brings, and let go what is too old?

use super::{Gateway, log::Level, platform::Platform};
use crate::{
    actors::runtime::{Fault, Mail, cause::failure},
    archive::{ArchiveFault, Holder, holders, next_holders, sweep, take},
    domain::{ids::TenantId, tenant::ARCHIVE_RETENTION_DAYS},
};

impl<P: Platform> Gateway<P> {
    /// Keeps a batch of the queue's, whole; again, it changes nothing. What
    /// nobody can keep is named in the log and dropped.
    ///
    /// # Errors
    /// When the database does not take it: then the queue must bring it again.
    pub async fn take(&self, messages: &[String]) -> Result<(), ArchiveFault> {
        let taken = take(messages);
        if let Some(statements) = taken.statements {
            self.platform.archive(statements).await?;
        }
        for line in taken.refused {
            let told = failure("archive.refused", self.platform.now()).text("error", &line);
            self.platform.log(Level::Error, &told.end());
        }
        Ok(())
    }

    /// Drops some of what tenants no longer want kept; to be called now and then.
    ///
    /// # Errors
    /// When the database fails; what was not done is done the next time.
    pub async fn sweep(&self) -> Result<(), ArchiveFault> {
        let now = self.platform.now();
        let found = self.platform.archive(next_holders(now)).await?;
        for holder in holders(&found)? {
            let days = self.retention_days(&holder).await;
            let statements = sweep(&holder.tenant, days, now);
            self.platform.archive(statements).await?;
        }
        Ok(())
    }

    /// For how many days a tenant's records stay: as it says, or as it said last;
    /// `None` while nobody can say.
    async fn retention_days(&self, holder: &Holder) -> Option<u32> {
        let mail = Mail::new(self.platform.transport(), None);
        let Ok(tenant) = TenantId::parse(&holder.tenant) else {
            return Some(ARCHIVE_RETENTION_DAYS);
        };
        match self.configuration(&mail, tenant, self.platform.now()).await {
            Ok(known) => Some(known.settings.archive_retention_days),
            Err(Fault::Absent) => Some(holder.days.unwrap_or(ARCHIVE_RETENTION_DAYS)),
            Err(_) => None,
        }
    }
}
