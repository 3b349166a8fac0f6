#!/usr/bin/env bash
# A real TAP server for tests: GAVO DaCHS with PostgreSQL from Debian, on loopback, with gaiadr2.gaia_source.
#
#   test/tap/dachs.sh start [PID]   installs what is missing, loads the stars, starts the server, prints its address;
#                                   with PID, the server ends by itself when that process (and every other user) has ended
#   test/tap/dachs.sh stop          ends it, and PostgreSQL where it was started here
#   test/tap/dachs.sh status        prints its address, or fails
#
# Status 3: this machine cannot have it; one sentence says why. Logs are in .cache/dachs/.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly STARS=../shared/gaia/serpens-dr2.csv
readonly RD=test/tap/gaiadr2.rd
readonly LOGS=$PWD/.cache/dachs
readonly INPUTS=/var/gavo/inputs/gaiadr2
readonly PORT=${PLATEPIPE_DACHS_PORT:-18080}
readonly RUN=/tmp/platepipe-dachs-$PORT # of the machine: every copy of the repository shares one server
readonly URL=http://127.0.0.1:$PORT/tap

mkdir -p "$LOGS" "$RUN/users"

cannot() {
  printf 'no TAP server here: %s\n' "$1" >&2
  exit 3
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Without a shell or a session in between, so that a signal to the process group reaches it.
as_dachsroot() {
  as_root setpriv --reuid=dachsroot --regid=gavo --init-groups --inh-caps=-all \
    env -i --chdir=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/var/gavo GAVOSETTINGS="$INPUTS/gavo.rc" "$@"
}

# --- what is installed ------------------------------------------------------------------------------------------------

apt_install() { # package…
  local install=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300
    install --no-install-recommends "$@")
  { "${install[@]}" || { as_root apt-get -q update && "${install[@]}"; }; } >>"$LOGS/install.log" 2>&1 9>&- && return
  # Where the tests are to prove something, a server that is missing is a failure.
  [ -z "${CI:-}" ] || {
    tail -n 20 "$LOGS/install.log" >&2
    exit 1
  }
  cannot "$1 could not be installed; see $LOGS/install.log"
}

start_postgresql() { # "yes" where it came with this run: then its installation may have started it already
  local version name port status rest
  read -r version name port status rest < <(pg_lsclusters --no-header)
  if [ "$status" != online ]; then
    as_root pg_ctlcluster "$version" "$name" start 9>&-
  elif [ -z "$1" ]; then
    return
  fi
  printf '%s %s\n' "$version" "$name" >"$RUN/cluster"
}

as_postgres() {
  as_root runuser -u postgres -- env --chdir=/ "$@" >>"$LOGS/install.log" 2>&1 9>&-
}

# PostgreSQL 15.20 refuses the pg_sphere 1.2.0 of Debian 12 ("commutator operator @> is already the commutator of …").
# Commutators and negators only help its planner: without them the extension is created and gives the same answers.
mend_pg_sphere() {
  local version file
  read -r version _ < <(pg_lsclusters --no-header)
  as_postgres dropdb --if-exists platepipe_trial
  as_postgres createdb platepipe_trial
  as_postgres psql -d platepipe_trial -c 'CREATE EXTENSION pg_sphere' ||
    for file in /usr/share/postgresql/"$version"/extension/pg_sphere--[0-9]*.sql; do
      as_root sed -i -E '/^\s*(COMMUTATOR|NEGATOR)\s*=\s*[^,]*,\s*$/d' "$file"
    done
  as_postgres dropdb platepipe_trial
}

install_programs() {
  local is_new=
  command -v pg_lsclusters >/dev/null && pg_lsclusters --no-header | grep -q . || is_new=yes
  [ -z "$is_new" ] && ls /usr/share/postgresql/*/extension/{pg_sphere,q3c}.control >/dev/null 2>&1 ||
    apt_install postgresql postgresql-pgsphere postgresql-q3c
  start_postgresql "$is_new" # the next package makes its database when it is installed
  [ "$(dpkg-query -W -f '${Status}' gavodachs2-server 2>/dev/null)" = 'install ok installed' ] && return
  mend_pg_sphere
  apt_install gavodachs2-server
  # Its installation may have started a server of its own, which is not wanted.
  as_root /etc/init.d/dachs stop >>"$LOGS/install.log" 2>&1 9>&- || true
  [ ! -d /run/systemd/system ] || as_root systemctl disable dachs >>"$LOGS/install.log" 2>&1 || true
}

# --- the stars --------------------------------------------------------------------------------------------------------

# Fewer rows than the field has: a client that names no limit of its own is cut off here, as at ESA.
settings() {
  cat <<RC
[web]
serverPort: $PORT
serverURL: http://127.0.0.1:$PORT
[async]
defaultMAXREC: 2000
maxTAPRunning: 8
RC
}

stamp() { { cat "$RD" "$STARS" && settings; } | sha256sum | cut -d' ' -f1; }

are_loaded() { [ "$(cat "$INPUTS/loaded" 2>/dev/null)" = "$(stamp)" ]; }

load_stars() {
  are_loaded && return
  [ ! -e "$INPUTS" ] || [ -e "$INPUTS/of-platepipe" ] || cannot "its DaCHS has a schema gaiadr2 of another origin"
  settings >"$LOGS/gavo.rc"
  as_root install -d -o dachsroot -g gavo "$INPUTS"
  as_root install -o dachsroot -g gavo -m 644 "$LOGS/gavo.rc" "$INPUTS/gavo.rc"
  as_root install -o dachsroot -g gavo -m 644 "$RD" "$INPUTS/q.rd"
  as_root install -o dachsroot -g gavo -m 644 "$STARS" "$INPUTS/stars.csv"
  as_root touch "$INPUTS/of-platepipe"
  as_dachsroot dachs imp gaiadr2/q >>"$LOGS/load.log" 2>&1 9>&-
  as_dachsroot dachs imp //tap >>"$LOGS/load.log" 2>&1 9>&-
  stamp | as_root tee "$INPUTS/loaded" >/dev/null
}

# --- the server -------------------------------------------------------------------------------------------------------

# The table answers, with every star of the file.
answers() {
  /usr/bin/python3 - "$URL" "$(($(wc -l <"$STARS") - 1))" 2>/dev/null 9>&- <<'PYTHON'
import sys, urllib.parse, urllib.request
query = {'REQUEST': 'doQuery', 'LANG': 'ADQL', 'FORMAT': 'csv', 'QUERY': 'SELECT COUNT(*) AS n FROM gaiadr2.gaia_source'}
form = urllib.parse.urlencode(query).encode()
text = urllib.request.urlopen(sys.argv[1] + '/sync', form, timeout=20).read().decode()
sys.exit(text.split()[-1] != sys.argv[2])
PYTHON
}

serve() {
  as_dachsroot true # sudo's own failure shows here
  setsid bash -c "$(declare -f as_root as_dachsroot); INPUTS='$INPUTS'; as_dachsroot dachs serve debug" \
    >"$LOGS/server.log" 2>&1 </dev/null 9>&- &
  printf '%s\n' $! >"$RUN/server.pid"
  local n
  for n in $(seq 120); do
    answers && return
    kill -0 "$(cat "$RUN/server.pid")" 2>/dev/null || break
    sleep 0.25
  done
  printf 'DaCHS does not answer at %s; the end of %s:\n' "$URL" "$LOGS/server.log" >&2
  tail -n 20 "$LOGS/server.log" >&2
  stop
  exit 1
}

start() { # [PID]
  [ -e "$STARS" ] || cannot "$STARS is not there"
  : >"$RUN/users/${1:-kept}"
  if ! { are_loaded && answers; }; then
    command -v apt-get >/dev/null || cannot 'there is no apt-get (DaCHS is a package of Debian and Ubuntu)'
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null || cannot 'neither root nor sudo without a password is at hand'
    end_server
    install_programs
    load_stars
    serve
  fi
  if [ -n "${1:-}" ] && ! kill -0 "$(cat "$RUN/watch.pid" 2>/dev/null)" 2>/dev/null; then
    setsid "${BASH_SOURCE[0]}" watch >/dev/null 2>&1 </dev/null 9>&- &
    printf '%s\n' $! >"$RUN/watch.pid"
  fi
  printf '%s\n' "$URL"
}

end_server() {
  local pid
  [ -e "$RUN/server.pid" ] || return 0
  pid=$(cat "$RUN/server.pid")
  as_root kill -- "-$pid" 2>/dev/null || true
  for _ in $(seq 40); do
    as_root kill -0 -- "-$pid" 2>/dev/null || break
    sleep 0.25
  done
  as_root kill -KILL -- "-$pid" 2>/dev/null || true
  rm -f "$RUN/server.pid"
}

stop() {
  local version name
  end_server
  if [ -e "$RUN/cluster" ]; then
    read -r version name <"$RUN/cluster"
    as_root pg_ctlcluster "$version" "$name" stop --mode fast 9>&- || true
  fi
  rm -rf "$RUN/cluster" "$RUN/watch.pid" "$RUN/users"
}

# --- its users --------------------------------------------------------------------------------------------------------

in_use() {
  local user
  [ ! -e "$RUN/users/kept" ] || return 0
  for user in "$RUN"/users/*; do
    [ ! -d "/proc/$(basename "$user")" ] || return 0
    rm -f "$user" # its number may be given to another process
  done
  return 1
}

# Another watcher may have been started since, or none be wanted any more.
watches() { [ "$(cat "$RUN/watch.pid" 2>/dev/null)" = $$ ]; }

watch() {
  while sleep 2 && watches; do
    in_use && continue
    exec 9>"$RUN/lock"
    flock 9
    if watches && ! in_use; then stop; fi # nobody came in the meantime
    exec 9>&-
  done
}

case "${1:-}" in
  watch) watch ;;
  start | stop)
    exec 9>"$RUN/lock"
    flock 9
    "$@"
    ;;
  status) answers && printf '%s\n' "$URL" ;;
  *)
    sed -n '2,10p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
