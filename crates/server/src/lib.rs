//! The faces of the studio for other programs: HTTP and MCP.
//!
//! What is served today are the calls of vendors, while a render waits for what it ordered ([`receive`]).

mod webhooks;

pub use webhooks::{Bounds, receive, receive_within};
