//! Whole productions.
