//! libx264, through the few functions of `shim.c`.

#![expect(unsafe_code, reason = "the library is C")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::io;
use std::ptr::NonNull;

use crate::serve::Request;

#[repr(C)]
struct Wish {
    width: i32,
    height: i32,
    fps_num: u32,
    fps_den: u32,
    crf: f32,
    keyint: i32,
    threads: i32,
    preset: *const c_char,
}

#[repr(C)]
struct Raw {
    data: *const u8,
    bytes: i32,
    key: i32,
    shown: i64,
}

impl Raw {
    const NONE: Self = Self {
        data: std::ptr::null(),
        bytes: 0,
        key: 0,
        shown: 0,
    };
}

/// An encoder as the library knows it.
#[repr(C)]
struct Handle {
    _private: [u8; 0],
}

unsafe extern "C" {
    fn shim_open(wish: *const Wish) -> *mut Handle;
    fn shim_close(encoder: *mut Handle);
    fn shim_headers(encoder: *mut Handle, packet: *mut Raw) -> c_int;
    fn shim_encode(encoder: *mut Handle, frame: *const u8, number: i64, packet: *mut Raw) -> c_int;
    fn shim_delayed(encoder: *mut Handle) -> c_int;
    fn shim_map(path: *const c_char, bytes: u64) -> *const u8;
    fn shim_unmap(mapped: *const u8, bytes: u64);
    fn shim_version() -> *const c_char;
}

/// The library's version, such as `0.164.3095 baee400`.
pub(crate) fn version() -> String {
    // SAFETY: a text of the program's own, which ends with a zero.
    let text = unsafe { CStr::from_ptr(shim_version()) };
    text.to_string_lossy().into_owned()
}

/// A file of frames, mapped.
#[derive(Debug)]
pub(crate) struct Frames {
    mapped: NonNull<u8>,
    each: usize,
    stride: usize,
    slots: usize,
}

impl Frames {
    pub(crate) fn open(path: &str, request: &Request) -> io::Result<Self> {
        let (stride, slots) = (request.stride(), usize::from(request.slots));
        let name = CString::new(path).map_err(io::Error::other)?;
        // SAFETY: the path ends with a zero; the file is as long as what is mapped of it, or it is not.
        let mapped = unsafe { shim_map(name.as_ptr(), (stride * slots) as u64) };
        NonNull::new(mapped.cast_mut())
            .map(|mapped| Self {
                mapped,
                each: request.frame_bytes(),
                stride,
                slots,
            })
            .ok_or_else(|| io::Error::other(format!("cannot map the frames `{path}`")))
    }

    /// Whether they are what a request is for.
    pub(crate) fn fit(&self, request: &Request) -> bool {
        self.each == request.frame_bytes() && self.slots == usize::from(request.slots)
    }

    /// A frame; nobody writes into it before it was answered.
    pub(crate) fn slot(&self, slot: u8) -> Option<&[u8]> {
        let slot = usize::from(slot);
        if slot >= self.slots {
            return None;
        }
        // SAFETY: the slot lies within what is mapped, which lives as long as `self`.
        Some(unsafe {
            std::slice::from_raw_parts(self.mapped.as_ptr().add(slot * self.stride), self.each)
        })
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        // SAFETY: mapped by `open` with this length, and no slice of it is left.
        unsafe { shim_unmap(self.mapped.as_ptr(), (self.stride * self.slots) as u64) }
    }
}

/// An encoded frame.
#[derive(Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) key: bool,
    /// Its place in the order of showing.
    pub(crate) shown: u32,
}

impl Packet<'_> {
    pub(crate) const fn letter(&self) -> u8 {
        if self.key { b'K' } else { b'P' }
    }
}

/// An encoder.
#[derive(Debug)]
pub(crate) struct Encoder {
    handle: NonNull<Handle>,
    frame_bytes: usize,
}

impl Encoder {
    pub(crate) fn open(request: &Request) -> io::Result<Self> {
        let preset = CString::new(request.preset.as_str()).map_err(io::Error::other)?;
        let number = |value: u32| i32::try_from(value).map_err(io::Error::other);
        let wish = Wish {
            width: number(request.width)?,
            height: number(request.height)?,
            fps_num: request.fps_num,
            fps_den: request.fps_den,
            crf: f32::from(request.crf),
            keyint: number(request.keyint)?,
            threads: i32::from(request.threads),
            preset: preset.as_ptr(),
        };
        // SAFETY: `wish` and the preset's name live until the call returns.
        NonNull::new(unsafe { shim_open(&raw const wish) })
            .map(|handle| Self {
                handle,
                frame_bytes: request.frame_bytes(),
            })
            .ok_or_else(|| io::Error::other("libx264 does not take these settings"))
    }

    /// The parameter sets, and the note about the encoder.
    pub(crate) fn headers(&mut self) -> io::Result<&[u8]> {
        let mut raw = Raw::NONE;
        // SAFETY: the encoder is open.
        let answer = unsafe { shim_headers(self.handle.as_ptr(), &raw mut raw) };
        if answer < 0 {
            return Err(refused());
        }
        Ok(Self::bytes_of(self, &raw))
    }

    /// Encodes a frame.
    pub(crate) fn encode(&mut self, frame: &[u8], number: u32) -> io::Result<Option<Packet<'_>>> {
        assert_eq!(frame.len(), self.frame_bytes, "a frame of another size");
        self.packet(frame.as_ptr(), number)
    }

    /// The next packet of those that wait, when there are no further frames.
    pub(crate) fn flush(&mut self) -> io::Result<Option<Packet<'_>>> {
        loop {
            // SAFETY: the encoder is open.
            if unsafe { shim_delayed(self.handle.as_ptr()) } == 0 {
                return Ok(None);
            }
            let mut raw = Raw::NONE;
            // SAFETY: the encoder is open; without a frame it gives what waits.
            let answer =
                unsafe { shim_encode(self.handle.as_ptr(), std::ptr::null(), 0, &raw mut raw) };
            match answer {
                1 => return self.packet_of(&raw).map(Some),
                0 => {}
                _ => return Err(refused()),
            }
        }
    }

    fn packet(&mut self, frame: *const u8, number: u32) -> io::Result<Option<Packet<'_>>> {
        let mut raw = Raw::NONE;
        // SAFETY: the encoder is open and copies the frame, which has the size that it was opened for.
        let answer =
            unsafe { shim_encode(self.handle.as_ptr(), frame, i64::from(number), &raw mut raw) };
        match answer {
            1 => self.packet_of(&raw).map(Some),
            0 => Ok(None),
            _ => Err(refused()),
        }
    }

    fn packet_of(&self, raw: &Raw) -> io::Result<Packet<'_>> {
        Ok(Packet {
            bytes: Self::bytes_of(self, raw),
            key: raw.key != 0,
            shown: u32::try_from(raw.shown).map_err(io::Error::other)?,
        })
    }

    fn bytes_of<'a>(_encoder: &'a Self, raw: &Raw) -> &'a [u8] {
        if raw.data.is_null() {
            return &[];
        }
        // SAFETY: the library keeps a packet's bytes until the encoder is used again, which needs
        // `&mut self`.
        unsafe { std::slice::from_raw_parts(raw.data, raw.bytes as usize) }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: opened by `open`, closed once.
        unsafe { shim_close(self.handle.as_ptr()) }
    }
}

fn refused() -> io::Error {
    io::Error::other("libx264 failed")
}
