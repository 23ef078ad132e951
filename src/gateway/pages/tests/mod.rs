//! The pages: as they stand, and as they lead from one to another.

mod flows;
mod house;
mod refusals;
mod views;
