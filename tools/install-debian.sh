#!/bin/bash
# Installs what the tests use beyond Python: compilers, kernel headers, and the real kernel under QEMU to compare with.
# usage: tools/install-debian.sh [i386]        (Debian 12, as root; what is there already is left alone)
# kmodrun itself needs none of this but python3-venv, and a C compiler to build modules from source.
#
# The real kernel (the release of the installed headers) and a static busybox are not installed, but unpacked into
# $KMODRUN_REAL_KERNEL/amd64 (by default /var/lib/kmodrun/amd64): boot/vmlinuz-* and bin/busybox, 9 MB.
# With i386, the 686-pae kernel as well, into the directory i386 beside it.
set -euo pipefail

packages=(
  python3-venv
  make gcc clang
  linux-headers-amd64 # the headers that modules are built against, and kbuild
  qemu-system-x86     # runs the real kernel that `kmodrun compare` asks
  chromium fonts-dejavu-core # shows the HTML report to its tests
)
place=${KMODRUN_REAL_KERNEL:-/var/lib/kmodrun}

die() { echo "install-debian.sh: $*" >&2; exit 1; }
foreign=()
quiet_apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o APT::Sandbox::User=root "$@" </dev/null; }
update() { [ -n "${updated:-}" ] || { quiet_apt update && updated=1; }; }
has_kernel() { compgen -G "$place/$1/boot/vmlinuz-*" >/dev/null && [ -x "$place/$1/bin/busybox" ]; }

# unpack ARCH PACKAGE...: of a kernel image only boot/ (its modules are 300 MB), of busybox only the program
unpack() {
  local arch=$1 work; shift
  work=$(mktemp -d)
  (cd "$work" && quiet_apt "${foreign[@]}" download "$@")
  rm -rf "${place:?}/$arch"
  mkdir -p "$place/$arch"
  dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb |
    tar -x -C "$place/$arch" --wildcards './boot/vmlinuz-*' './boot/config-*'
  dpkg-deb --fsys-tarfile "$work"/busybox-static_*.deb | tar -x -C "$place/$arch" ./bin/busybox
  rm -rf "$work"
  chmod -R go+rX "$place"
  echo "install-debian.sh: unpacked into $place/$arch: $*"
}

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  [ "$(id -u)" = 0 ] || die "run me as root to install: ${missing[*]}"
  update
  quiet_apt install -y --no-install-recommends "${missing[@]}"
}

# The image of the release whose headers are installed, so that the symbol checksums of modules fit.
unpack_amd64() {
  has_kernel amd64 && return
  local headers version
  read -r headers version < <(dpkg-query -W -f '${Depends}\n' linux-headers-amd64 |
    sed -nE 's/.*(linux-headers-6\.1\.[^ ]*-amd64) \(= ([^)]*)\).*/\1 \2/p') || true
  [ -n "${headers:-}" ] || die "linux-headers-amd64 does not name a 6.1 kernel: is this Debian 12?"
  update
  unpack amd64 "linux-image-${headers#linux-headers-}-unsigned=$version" busybox-static:amd64
}

# Package lists of its own for apt: this machine's dpkg and apt are not told about i386.
unpack_i386() {
  has_kernel i386 && return
  lists=$(mktemp -d)
  trap 'rm -rf "$lists"' EXIT
  mkdir -p "$lists/partial"
  foreign=(-o APT::Architecture=i386 -o APT::Architectures::=i386 -o "Dir::State::lists=$lists"
    -o "Dir::Cache::pkgcache=$lists/pkgcache" -o "Dir::Cache::srcpkgcache=$lists/srcpkgcache")
  quiet_apt "${foreign[@]}" update || echo "install-debian.sh: apt-get update had errors, going on" >&2
  local image
  image=$(apt-cache "${foreign[@]}" pkgnames linux-image-6.1 | sed 's/:i386$//' |
    grep -xE 'linux-image-6\.1\.[0-9]+-[0-9]+-686-pae-unsigned' | sort -uV | tail -n 1)
  [ -n "$image" ] || die "no linux-image-6.1*-686-pae-unsigned:i386 in the package lists"
  unpack i386 "$image:i386" busybox-static:i386
}

install_packages
unpack_amd64
if [ "${1:-}" = i386 ]; then unpack_i386; fi
echo "install-debian.sh: everything is there"
