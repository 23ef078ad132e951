//! Where does a page of a list end?

use crate::actors::{
    rows,
    runtime::Fault,
    tenant::{PAGE_BYTES_MAX, PAGE_MAX},
};
use serde::Serialize;

/// How many items to read for a page of `limit`: one more tells whether
/// another page follows.
pub(super) fn reads(limit: u32) -> u32 {
    limit.clamp(1, PAGE_MAX).saturating_add(1)
}

/// Cuts what was read to one page, and says whether another follows.
pub(super) fn cut<T: Serialize>(items: &mut Vec<T>, limit: u32) -> Result<bool, Fault> {
    let limit = usize::try_from(limit.clamp(1, PAGE_MAX)).unwrap_or(usize::MAX);
    let mut bytes = 0_usize;
    let mut fits = 0;
    for item in items.iter().take(limit) {
        bytes = bytes.saturating_add(rows::json(item)?.len());
        if bytes > PAGE_BYTES_MAX && fits > 0 {
            break;
        }
        fits += 1;
    }
    let has_more = items.len() > fits;
    items.truncate(fits);
    Ok(has_more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_at_its_limit() {
        let mut items = vec![1, 2, 3];
        assert!(cut(&mut items, 2).unwrap());
        assert_eq!(items, [1, 2]);
        assert!(!cut(&mut items, 2).unwrap());
        assert_eq!((reads(0), reads(7), reads(u32::MAX)), (2, 8, PAGE_MAX + 1));
    }

    #[test]
    fn a_page_of_large_items_is_shorter_and_never_empty() {
        let large = "x".repeat(PAGE_BYTES_MAX / 2);
        let mut items = vec![large; 3];
        assert!(cut(&mut items, 3).unwrap());
        assert_eq!(items.len(), 1);
        let mut larger = vec!["x".repeat(PAGE_BYTES_MAX + 1)];
        assert!(!cut(&mut larger, 3).unwrap());
        assert_eq!(larger.len(), 1);
    }
}
