//! An MCP server with tools that draw, over standard input and output, for tests: `fake-mcp ERA [--log=FILE]`.

use std::path::Path;
use std::process::ExitCode;

use workprint_fakes::{Era, speak_mcp};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let era = args.next().and_then(|name| Era::find(&name));
    let log = args.next();
    let log = log.as_deref().and_then(|log| log.strip_prefix("--log="));
    match era.map(|era| speak_mcp(era, log.map(Path::new))) {
        Some(Ok(())) => ExitCode::SUCCESS,
        // Whoever started it has gone.
        Some(Err(_)) => ExitCode::from(1),
        None => ExitCode::from(2),
    }
}
