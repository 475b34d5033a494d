#!/bin/bash
# Installs what the tests use beyond Python: compilers, kernel headers, and the real kernel under QEMU to compare with.
# usage: tools/install-debian.sh        (Debian 12, as root; what is there already is left alone)
# kmodrun itself needs none of this but python3-venv, and a C compiler to build modules from source.
set -euo pipefail

packages=(
  python3-venv
  make gcc clang
  linux-headers-amd64 # the headers that modules are built against, and kbuild
  qemu-system-x86     # the real kernel, for the tests that compare logs
  busybox-static cpio # its initramfs
)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} = 0 ]; then
  echo "install-debian.sh: everything is installed"
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "install-debian.sh: run me as root to install: ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "${missing[@]}"
