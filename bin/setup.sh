# The set-up that bin/demo and bin/check share: what is missing on the machine, the packages of npm, the build.
# Sourced, with bash. Quiet when all is well; a step that fails is named, with the end of its log and what to do.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly NODE_NEEDED=20.20
readonly LOGS=.cache/setup
mkdir -p "$LOGS"

# --- saying things ---------------------------------------------------------------------------------------------------

# A line that the next one overwrites; only where a person is looking.
busy() {
  [ -t 2 ] || return 0
  printf '\r\033[K%s' "$1" >&2
}

fail() { # what was found, what to do
  busy ''
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  printf '  → %s\n' "$2" >&2
  exit 1
}

# The cause stands at the beginning of some logs (npm) and at the end of others.
excerpt() { # log
  if [ "$(wc -l <"$1")" -le 40 ]; then
    cat "$1"
  else
    head -n 10 "$1"
    printf '[…]\n'
    tail -n 25 "$1"
  fi
}

# Runs a command with its output in a log; names the step, and shows the end of the log, when it fails.
step() { # name, command…
  local name=$1 log
  shift
  log="$LOGS/${name//[^a-z0-9]/-}.log"
  busy "$name …"
  if "$@" >"$log" 2>&1 </dev/null; then
    busy ''
    return 0
  fi
  busy ''
  {
    printf '%s: this step failed: %s\n' "$(basename "$0")" "$name"
    excerpt "$log" | sed 's/^/    /'
    printf '  the whole log is in %s\n' "$PWD/$log"
    if grep -qiE 'resolv|EAI_AGAIN|ENOTFOUND|network is unreachable|could not connect|ECONNREFUSED|ETIMEDOUT' "$log"; then
      printf '  → the machine seems to be offline: connect it, and run %s again\n' "$0"
    fi
  } >&2
  return 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# --- Node ------------------------------------------------------------------------------------------------------------

check_node() {
  local way='install it from https://nodejs.org, or with your package manager'
  have node || fail "Node was not found; Node $NODE_NEEDED or newer is needed" "$way"
  local version major minor
  version=$(node --version)
  IFS=. read -r major minor _ <<<"${version#v}"
  if [ "$major" -lt "${NODE_NEEDED%.*}" ] || { [ "$major" -eq "${NODE_NEEDED%.*}" ] && [ "$minor" -lt "${NODE_NEEDED#*.}" ]; }; then
    fail "Node $NODE_NEEDED or newer is needed, and this is Node ${version#v}" "$way"
  fi
  have npm || fail 'npm was not found beside Node' "install npm as well (Debian and Ubuntu: apt-get install npm), or take Node from https://nodejs.org"
}

# --- programs that are not Node's -------------------------------------------------------------------------------------

has_tycho2() {
  local dir
  for dir in /usr/share/astrometry ${PLATEPIPE_INDEX_DIR:+"${PLATEPIPE_INDEX_DIR%%:*}"}; do
    compgen -G "$dir/index-tycho2-*.fits" >/dev/null && return 0
    compgen -G "$dir/index-41[01]*.fits" >/dev/null && return 0
  done
  return 1
}

has_astropy() { [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import astropy' 2>/dev/null; }

has_astropy_healpix() { [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import astropy_healpix' 2>/dev/null; }

# Prints the Debian packages of what is not there; $1 is "reduce" or "test".
missing_packages() {
  have source-extractor || have sex || have sextractor || echo source-extractor
  have solve-field || echo astrometry.net
  has_tycho2 || echo astrometry-data-tycho2
  have funpack || echo libcfitsio-bin
  [ "$1" = test ] || return 0
  has_astropy || echo python3-astropy
  has_astropy_healpix || echo python3-astropy-healpix
  have fitsverify || echo fitsverify
  have scamp || echo scamp
  have SWarp || have swarp || echo swarp
  have strace || echo strace
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Package lists may never have been fetched, or be older than what the mirror still has: then fetch them and try again.
apt_install() {
  local install=(as_root apt-get -y -q -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@")
  "${install[@]}" || { as_root apt-get -q update && "${install[@]}"; }
}

# What to type where there is no apt-get.
explain_elsewhere() { # package…
  {
    printf '%s: these are missing: %s\n' "$(basename "$0")" "$*"
    if [ "$(uname -s)" = Darwin ]; then
      printf '  → with Homebrew: brew install sextractor astrometry-net cfitsio\n'
    else
      printf '  → with conda: conda install -c conda-forge astromatic-source-extractor astrometry cfitsio\n'
      printf '    or with your package manager: SExtractor, astrometry.net, CFITSIO (funpack)\n'
    fi
    printf '    indexes, 285 MB:  mkdir -p ~/astrometry && cd ~/astrometry &&\n'
    printf '      for n in 07 08 09 10 11 12 13 14 15 16 17 18 19; do curl -O http://data.astrometry.net/4100/index-41$n.fits; done\n'
    printf '      export PLATEPIPE_INDEX_DIR=~/astrometry\n'
    printf '    then run %s again; platepipe doctor says what is still missing\n' "$0"
    if [[ " $* " == *" scamp "* || " $* " == *" fitsverify "* || " $* " == *" strace "* || " $* " == *" python3-astropy "* ]]; then
      printf '  → the tests need Debian or Ubuntu; in a container: docker run --rm -v "$PWD":/w -w /w node:20-bookworm ./bin/check\n'
    fi
  } >&2
  exit 1
}

install_programs() { # reduce or test
  local missing
  mapfile -t missing < <(missing_packages "$1")
  [ ${#missing[@]} -eq 0 ] && return 0
  have apt-get || explain_elsewhere "${missing[@]}"
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "these packages are missing, and neither root nor sudo is at hand: ${missing[*]}" \
      "as root: apt-get update && apt-get install ${missing[*]}"
    # Asks for the password here, where it can be seen, and not inside a step.
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } ||
      fail "these packages are missing, and sudo asks for a password: ${missing[*]}" \
        "sudo apt-get update && sudo apt-get install ${missing[*]}"
  fi
  step "install ${missing[*]}" apt_install "${missing[@]}" || exit 1
  mapfile -t missing < <(missing_packages "$1")
  [ ${#missing[@]} -eq 0 ] || fail "still missing after installation: ${missing[*]}" "see $PWD/$LOGS"
}

# --- the package -----------------------------------------------------------------------------------------------------

# One line that changes whenever one of the files, or Node, does.
fingerprint() { # file or folder…
  { node --version; find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum | cut -d' ' -f1
}

# Runs a step unless it ran before on the same files and its product is still there.
once() { # name, product, fingerprint, command…
  local name=$1 product=$2 print=$3
  local stamp="$LOGS/${name//[^a-z0-9]/-}.stamp"
  shift 3
  [ -e "$product" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$print" ] && return 0
  rm -f "$stamp"
  step "$name" "$@" || exit 1
  printf '%s\n' "$print" >"$stamp"
}

install_packages() {
  once 'npm ci' node_modules/.package-lock.json "$(fingerprint package-lock.json)" npm ci --no-audit --no-fund
}

build() {
  once 'build' dist/cli/main.js "$(fingerprint src package-lock.json tsconfig.json tsconfig.build.json)" npm run --silent build
}

set_up() { # reduce or test
  check_node
  install_programs "$1"
  install_packages
  build
}
