//! How is a signed statement made and read?
