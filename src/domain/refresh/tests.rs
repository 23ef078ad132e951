//! Does a family survive races, and does it catch thieves?
