# Sourced by the scripts beside it: finds or installs what they need.

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# need PROGRAM PACKAGE ...: installs Debian packages for programs that are missing, or says which.
need() {
  local missing=()
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null 2>&1 || missing+=("$2")
    shift 2
  done
  # What `programs/x264` is built against; without it ffmpeg alone encodes.
  pkg-config --exists x264 2>/dev/null || missing+=(libx264-dev pkg-config)
  # The speech library is opened by name at run time; it has no program of its own.
  ldconfig -p 2>/dev/null | grep -q 'libespeak-ng\.so\.1' || missing+=(libespeak-ng1 espeak-ng-data)
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

# install_packages PACKAGE ...: installs Debian packages, or says how.
install_packages() {
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && as=(sudo -n)
    [ ${#as[@]} -gt 0 ] || fail "missing: $*
install them and run this again:  sudo apt-get install $*"
  fi
  command -v apt-get >/dev/null 2>&1 || fail "missing: $* (the names of Debian's packages); install them and run this again"
  say "installing $*"
  "${as[@]}" apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null \
    || fail "installing failed; install by hand: $*"
}

need_rust() {
  command -v cargo >/dev/null 2>&1 || { [ -r "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"; }
  command -v cargo >/dev/null 2>&1 || fail "Rust is missing: install it from https://rustup.rs and run this again"
}
