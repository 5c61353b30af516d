//! Loops that are written once and compiled twice.

/// Compiles each function as it is for any machine, and again for machines with AVX2; the function
/// that is made takes, first, which of the two is run.
macro_rules! twins {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $kind:ty),* $(,)?) $body:block)*) => {
        mod plain {
            #[allow(unused_imports, reason = "not every file has what its loops need beside them")]
            use super::*;

            $(
                #[inline(always)]
                pub(super) fn $name($($arg: $kind),*) $body
            )*
        }

        #[cfg(target_arch = "x86_64")]
        mod avx2 {
            #[allow(unused_imports, reason = "not every file has what its loops need beside them")]
            use super::*;

            $(
                #[target_feature(enable = "avx2")]
                pub(super) fn $name($($arg: $kind),*) {
                    plain::$name($($arg),*);
                }
            )*
        }

        $(
            $(#[$doc])*
            fn $name(kernel: $crate::paint::kernel::Kernel, $($arg: $kind),*) {
                match kernel {
                    $crate::paint::kernel::Kernel::Plain => plain::$name($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    #[expect(unsafe_code, reason = "the proof says that the machine has AVX2")]
                    // SAFETY: this kernel is made only after the machine was found to have AVX2.
                    $crate::paint::kernel::Kernel::Avx2(_) => unsafe { avx2::$name($($arg),*) },
                }
            }
        )*
    };
}

pub(super) use twins;
