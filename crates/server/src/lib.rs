//! The faces of the studio for other programs: HTTP and MCP.
//!
//! Nothing is served yet. The room stands so that the import table holds from the first day.
