#!/usr/bin/env bash
# Installs what the tests need if it is missing, builds everything, runs every test project.
# Last line: "N passed, N failed". A skipped test, or a project that runs none, counts as failed.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ] || missing+=(nats-server)
command -v curl >/dev/null || missing+=(curl)
command -v mosquitto_pub >/dev/null || missing+=(mosquitto-clients)
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || missing+=(mosquitto)
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq "${missing[@]}" >/dev/null
fi

dotnet build Orleans.Mqtt.sln -c Release -v quiet -nologo

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0
failed=0

run() {
    echo "== $1"
    local status=0
    dotnet "artifacts/bin/$1/release/$1.dll" -noColor >"$logs/$1" 2>&1 || status=$?
    echo "$status" >"$logs/$1.status"
}

# A number of xunit's last line, 0 where it does not say it.
number() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$summary" | grep . || echo 0; }

report() {
    local log=$logs/$1 status summary total bad
    status=$(cat "$log.status")
    grep -E '^ *[A-Za-z].* \[(FAIL|SKIP)\]' -A 20 "$log" || true
    grep -E '^\| ' "$log" || true # the guard's table of ratios
    summary=$(grep -E 'Total: [0-9]+' "$log" | tail -n 1 || true)
    echo "${summary:-$1: no summary; exit code $status}"
    total=$(number Total)
    bad=$(( $(number Failed) + $(number Errors) + $(number Skipped) ))
    if [ "$total" = 0 ] || { [ "$status" != 0 ] && [ "$bad" = 0 ]; }; then
        tail -n 40 "$log"
        bad=1
    fi
    [ "$bad" -ge "$total" ] || passed=$(( passed + total - bad ))
    failed=$(( failed + bad ))
}

# These wait more than they work: they share the time of one that does so, too.
waiting=(Orleans.Mqtt.Tests.Apps Orleans.Mqtt.Tests.Nats)
beside=Orleans.Mqtt.Tests.Grains

for project in tests/*/*.csproj; do
    # A test project is one that references the test framework itself.
    grep -q '"xunit.v3"' "$project" || continue
    name=$(basename "$project" .csproj)
    case " ${waiting[*]} " in *" $name "*) continue ;; esac
    if [ "$name" = "$beside" ]; then
        for other in "${waiting[@]}"; do run "$other"; done &
        run "$name"
        wait
        for other in "${waiting[@]}"; do report "$other"; done
    else
        run "$name"
    fi
    report "$name"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
