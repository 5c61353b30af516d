//! How memory is taken from the system and given back.
//!
//! Decoded pictures are blocks of many sizes that come and go between small ones that stay. Left to
//! itself glibc keeps them in heaps, several for each core, that only grow: the longer the episode, the
//! more.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's allocator has no other door")]
mod glibc {
    /// Larger blocks than this are taken from the system and given back to it, one by one.
    const LARGE_BYTES: i32 = 128 << 10;
    /// How many heaps threads share.
    const HEAPS: i32 = 2;

    /// Tells the allocator how this program takes memory. To be called before any thread begins.
    pub(crate) fn settle() {
        // SAFETY: they set parameters of the allocator, and there is no other thread yet.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, HEAPS);
        }
    }

    /// Gives back what is free between blocks that are in use.
    pub(crate) fn give_back() {
        // SAFETY: the allocator locks its heaps; what is in use stays where it is.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) use glibc::{give_back, settle};

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) const fn settle() {}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) const fn give_back() {}
