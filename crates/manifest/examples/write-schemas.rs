//! Writes the published JSON Schemas to `docs/schema/`.

use std::fs;
use std::io;
use std::path::Path;

use workprint_manifest::{schema_episode, schema_lock, schema_show};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("manifest.schema.json"), schema_episode())?;
    fs::write(folder.join("show.schema.json"), schema_show())?;
    fs::write(folder.join("lock.schema.json"), schema_lock())
}
