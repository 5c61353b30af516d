//! Frames in memory that an encoder reads where they were painted.

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};

use memmap2::{MmapMut, MmapOptions};
use tempfile::NamedTempFile;

/// Frames of a file begin at multiples of this: systems map files by pages, the largest of which in use
/// have as many bytes.
const PAGE: u64 = 64 << 10;

/// A frame's planes, to be painted and given back to the [`ChunkWriter`](crate::ChunkWriter) that lent
/// them.
#[derive(Debug)]
pub struct Planes(Memory);

#[derive(Debug)]
enum Memory {
    Own(Vec<u8>),
    Shared(Slot),
}

impl Planes {
    pub(crate) const fn shared(slot: Slot) -> Self {
        Self(Memory::Shared(slot))
    }

    pub(crate) const fn own(bytes: Vec<u8>) -> Self {
        Self(Memory::Own(bytes))
    }

    pub(crate) fn into_slot(self) -> Option<Slot> {
        match self.0 {
            Memory::Own(_) => None,
            Memory::Shared(slot) => Some(slot),
        }
    }
}

impl Deref for Planes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Memory::Own(bytes) => bytes,
            Memory::Shared(slot) => &slot.bytes,
        }
    }
}

impl DerefMut for Planes {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Memory::Own(bytes) => bytes,
            Memory::Shared(slot) => &mut slot.bytes,
        }
    }
}

/// Room for a frame in a file that another program maps too.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) number: u8,
    bytes: MmapMut,
}

/// Makes a file of `slots` frames, in memory where the system has a folder for such. Its name is needed
/// only until the other program has mapped it.
pub(crate) fn share(frame_bytes: u64, slots: u8) -> io::Result<(NamedTempFile, Vec<Slot>)> {
    let stride = frame_bytes.next_multiple_of(PAGE);
    let name = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix("workprint-frames-");
        builder
    };
    let file = name()
        .tempfile_in("/dev/shm")
        .or_else(|_| name().tempfile())?;
    file.as_file().set_len(stride * u64::from(slots))?;
    reserve(file.as_file(), stride * u64::from(slots))?;
    let slots = (0..slots).map(|number| {
        let mut part = MmapOptions::new();
        part.offset(stride * u64::from(number))
            .len(usize::try_from(frame_bytes).map_err(io::Error::other)?);
        #[expect(unsafe_code, reason = "a file that others could shorten is mapped")]
        // SAFETY: the file was made a moment ago for this and only its owner may open it; nobody changes
        // its length, and the other program reads a slot only while it is with the encoder.
        let bytes = unsafe { part.map_mut(file.as_file()) }?;
        Ok(Slot { number, bytes })
    });
    let slots = slots.collect::<io::Result<_>>()?;
    Ok((file, slots))
}

/// Takes the memory now: a full folder is an error here, not the end of the programs that map the file.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes)?;
    #[cfg(not(target_os = "linux"))]
    let _ = (file, bytes);
    Ok(())
}
