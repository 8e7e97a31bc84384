#!/usr/bin/env bash
# Runs `./run demo` and `./run test` where nothing is installed: a minimal Debian 12 made for the purpose by
# mmdebstrap, entered by chroot, with a clone of what is committed. Needs root, mmdebstrap and a Debian mirror.
#   check_bare.sh [MIRROR]     default http://deb.debian.org/debian
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

[ "$(id -u)" = 0 ] || die "chroot needs root: run it as root or by sudo"
need mmdebstrap mmdebstrap
mirror=${1:-http://deb.debian.org/debian}

root=$(mktemp -d)
cleanup() {
  for mounted in proc dev; do
    mountpoint -q "$root/$mounted" && umount "$root/$mounted"
  done
  # Nothing of the host may be below the folder when it goes.
  mountpoint -q "$root/proc" || mountpoint -q "$root/dev" || rm -rf --one-file-system "$root"
}
trap cleanup EXIT

mmdebstrap --variant=minbase --quiet bookworm "$root" "$mirror"
git clone --quiet --no-hardlinks . "$root/heat-scheduler"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"

inside() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 bash -euc "cd /heat-scheduler && $*"
}
for verb in demo test test; do
  echo "== ./run $verb"
  SECONDS=0
  inside "./run $verb"
  echo "== ./run $verb: passed in $SECONDS s"
done
