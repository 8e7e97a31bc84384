# shellcheck shell=bash
# Functions of the shell scripts; sourced from the root of the tree.

# Says why and ends the script.
die() {
  echo "run: $*" >&2
  exit 1
}

# need COMMAND PACKAGE: ends with what to install if the command is missing.
need() {
  command -v "$1" >/dev/null || die "$1 is missing: apt-get install $2"
}

# Ends unless there is a Go that builds this Kubernetes.
need_go() {
  local version
  command -v go >/dev/null || die "needs Go >= 1.26, and go is missing: see https://go.dev/doc/install"
  version=$(GOTOOLCHAIN=local go env GOVERSION)
  printf '%s\n' go1.26 "$version" | sort -V -C || die "needs Go >= 1.26, this is $version: see https://go.dev/doc/install"
}

# Prints the packages of packages.txt that this machine lacks.
missing_packages() {
  local line package unless_word command
  while read -r line; do
    read -r package unless_word command <<<"$line"
    [ "$unless_word" = unless ] && command -v "$command" >/dev/null && continue
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed$' && continue
    echo "$package"
  done < <(grep -v -e '^#' -e '^$' packages.txt)
}

# Installs what is missing of packages.txt.
install_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || die "needs the Debian packages: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "run as root, or install: ${missing[*]}"
    as_root=(sudo)
  fi
  echo "run: installing ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# for_preset PRESET COMMAND...: runs a command that runs what was built with that preset. The sanitizers of g++ 12
# end at their start ("unexpected memory mapping") where the kernel places mappings at random by more than 28 bits,
# as some distributions set it: there, without that.
for_preset() {
  local bits=0
  case "$1" in asan | tsan) read -r bits 2>/dev/null </proc/sys/vm/mmap_rnd_bits || bits=0 ;; esac
  if [ "$bits" -gt 28 ]; then
    setarch -R "${@:2}"
  else
    "${@:2}"
  fi
}

# build PRESET [TARGET...]: configures where needed and builds.
build() {
  local preset=$1
  shift
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >&2
  ninja -C "build/$preset" -j2 "$@" >&2
}
