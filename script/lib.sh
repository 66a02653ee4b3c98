# shellcheck shell=bash
# Sourced by the scripts of this directory: where we are, and how what is missing gets here.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# English messages only: without the packages' translations, which would also need ICU to be named.
build=(-c Release -p:SatelliteResourceLanguages=en -v quiet --nologo)

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# The SDK, also where Microsoft's install script leaves it; executables we build find their runtime through DOTNET_ROOT then.
need_dotnet() {
    local place
    for place in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
        command -v dotnet >/dev/null && break
        if [ -x "$place/dotnet" ]; then export DOTNET_ROOT=$place PATH=$place:$PATH; fi
    done
    command -v dotnet >/dev/null || die "the .NET SDK is missing: install .NET SDK 10.0 (https://dot.net/download) and start again"
    # On a machine without ICU the SDK wants to be told that it is not needed; what we build needs none anyway.
    if ! compgen -G '/usr/lib*/*/libicuuc.so*' >/dev/null && ! compgen -G '/usr/lib*/libicuuc.so*' >/dev/null; then
        export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY=0
    fi
    (cd "$root" && dotnet --version >/dev/null 2>&1) || die "no .NET SDK 10.0 found (global.json asks for it): install it (https://dot.net/download) and start again"
    export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# apt_install <what for> <package>...: one line says what is installed; without root it says what to install, and ends.
apt_install() {
    local purpose=$1; shift
    command -v apt-get >/dev/null || die "$purpose is missing and this is no Debian: install the equivalent of: $*"
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || die "$purpose is missing and we are not root: run  sudo apt-get install $*  and start again"
    say "installing $purpose (apt-get install $*)"
    local log status=0
    log=$(mktemp)
    {
        as_root apt-get -qq -o DPkg::Lock::Timeout=300 update &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
    } </dev/null >"$log" 2>&1 || status=$?
    [ "$status" = 0 ] || tail -n 15 "$log" >&2
    rm -f "$log"
    [ "$status" = 0 ] || die "apt-get install $* failed (above); install it by hand and start again"
}

have_postgres() { compgen -G '/usr/lib/postgresql/1[567]/bin/initdb' >/dev/null || { command -v initdb && command -v postgres; } >/dev/null; }

# The server's programs only: the package would also make and start a cluster of its own on port 5432.
need_postgres() {
    if have_postgres; then return; fi
    local settings=/etc/postgresql-common/createcluster.d
    if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then
        as_root mkdir -p "$settings"
        echo 'create_main_cluster = false' | as_root tee "$settings/salesforce-sync.conf" >/dev/null
        trap 'as_root rm -f /etc/postgresql-common/createcluster.d/salesforce-sync.conf' EXIT
    fi
    apt_install "Postgres" postgresql
    as_root rm -f "$settings/salesforce-sync.conf"
    trap - EXIT
    have_postgres || die "the package postgresql brought no version between 15 and 17: install one and start again"
}
