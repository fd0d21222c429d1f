#!/usr/bin/env bash
# Builds everything and runs every test: ./test.sh [--all]
# --all adds the long runs (tests with the trait Duration=Long). Ends with one line "N passed, N failed"; exit code 1 when anything failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

traits=(-trait- Duration=Long) all=
for argument in "$@"; do
  case "$argument" in
    --all) traits=() all=1 ;;
    *) printf 'usage: %s [--all]\n' "$0" >&2; exit 2 ;;
  esac
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# Settings of the shell must not become settings of the servers under test.
seed=${DIVOLTE_TEST_SEED-}
for name in $(compgen -v DIVOLTE_); do unset "$name"; done
# But for the seed of the fault runs, which no server reads.
[ -n "$seed" ] && export DIVOLTE_TEST_SEED="$seed"

# What the tests call besides .NET. Each is installed when missing; tests that still miss theirs say so and are skipped.
install_missing() {
  local missing=()
  command -v java >/dev/null || missing+=(default-jre-headless)    # the Kafka broker of the tests
  command -v kcat >/dev/null || missing+=(kafkacat)                # replay of recorded cases
  command -v python3 >/dev/null || missing+=(python3)              # the same
  command -v redis-server >/dev/null || missing+=(redis-server)    # the grid's store
  command -v chromium >/dev/null || missing+=(chromium)            # the tag in a real browser
  command -v node >/dev/null || missing+=(nodejs)                  # the same
  command -v npm >/dev/null || missing+=(npm)                      # the same
  [ -n "$all" ] && { command -v firefox-esr >/dev/null || missing+=(firefox-esr); }    # the tag in a second browser
  command -v nginx >/dev/null || missing+=(nginx-light)            # what stands in front of several servers
  command -v haproxy >/dev/null || missing+=(haproxy)              # the same
  if [ -n "$all" ]; then                                           # the compose files
    command -v dockerd >/dev/null || missing+=(docker.io)
    command -v docker-compose >/dev/null || missing+=(docker-compose)
    command -v debootstrap >/dev/null || missing+=(debootstrap)
    command -v gcc >/dev/null || missing+=(gcc libc6-dev)          # the clock that is set for one process
    command -v ip >/dev/null || missing+=(iproute2)                # the network that is cut
    command -v iptables >/dev/null || missing+=(iptables)          # the same
  fi
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    printf 'Missing: %s. Tests that need them are skipped.\n' "${missing[*]}" >&2
    return
  fi
  printf 'Installing %s\n' "${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1; then
    printf 'Could not install %s. Tests that need them are skipped.\n' "${missing[*]}" >&2
  fi
}
install_missing

configuration=Release
if ! dotnet restore Divolte.Orleans.sln --locked-mode -v quiet ||
   ! dotnet build Divolte.Orleans.sln --no-restore -c "$configuration" -v quiet -nologo; then
  printf '0 passed, 1 failed\n'
  exit 1
fi
# What the tests start as processes of their own is what is shipped: the published program, not the build output.
if ! dotnet publish Silo --no-restore -c "$configuration" -o artifacts/test/silo -v quiet -nologo ||
   ! dotnet publish Frontend --no-restore -c "$configuration" -o artifacts/test/frontend -v quiet -nologo; then
  printf '0 passed, 1 failed\n'
  exit 1
fi
export DIVOLTE_SILO="$PWD/artifacts/test/silo/Divolte.Silo.dll" DIVOLTE_FRONTEND="$PWD/artifacts/test/frontend/Divolte.Frontend.dll"
# A stand-in for the next release, for the runs that mix two.
if [ -n "$all" ]; then
  for program in Silo Frontend; do
    if ! dotnet publish "$program" -c "$configuration" -p:ContractVersion=2 --artifacts-path artifacts/test/next -o "artifacts/test/next-${program,,}" -v quiet -nologo; then
      printf '0 passed, 1 failed\n'
      exit 1
    fi
  done
  export DIVOLTE_SILO_NEXT="$PWD/artifacts/test/next-silo/Divolte.Silo.dll" DIVOLTE_FRONTEND_NEXT="$PWD/artifacts/test/next-frontend/Divolte.Frontend.dll"
fi

passed=0 failed=0 skipped=0
log=$(mktemp) failures=$(mktemp)
trap 'rm -f "$log" "$failures"' EXIT
# The fault runs, which take longest, come last.
for project in $(ls -d test/*.Tests | grep -v Faults) test/Faults.Tests; do
  name=$(basename "$project")
  printf '\n== %s\n' "$name"
  started=$SECONDS
  # Who runs this in the background may have signals ignored, which the servers under test would inherit.
  env --default-signal=HUP,INT,QUIT,TERM dotnet "$project/bin/$configuration/net10.0/Divolte.$name.dll" -noLogo -noColor "${traits[@]}" 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  # The summary: "Total: 9, Errors: 0, Failed: 1, Skipped: 2, Not Run: 0, Time: 0.2s". A run without one, or that ends badly after a clean one, is a failure.
  summary=$(grep -aE 'Total: +[0-9]+, +Errors: +[0-9]+, +Failed: +[0-9]+' "$log" | tail -n 1)
  number() { printf '%s' "$summary" | grep -oE "$1: +[0-9]+" | grep -oE '[0-9]+$' || printf 0; }
  bad=$(( $(number Failed) + $(number Errors) ))
  if [ "$bad" -eq 0 ] && [ "$code" -ne 0 ] && ! { [ -n "$summary" ] && [ "$(number Total)" -eq 0 ]; }; then
    printf '%s ended with exit code %s.\n' "$name" "$code"
    bad=1
  fi
  # What failed stands once more at the end: servers log much, and who reads only the end should know.
  [ "$bad" -gt 0 ] && { printf '\n-- %s\n' "$name"; grep -aE -A 12 '\[(FAIL|ERROR)\]' "$log" | head -n 60; } >> "$failures"
  passed=$(( passed + $(number Total) - $(number Failed) - $(number Skipped) - $(number 'Not Run') ))
  failed=$(( failed + bad ))
  skipped=$(( skipped + $(number Skipped) ))
  printf '%s took %s s\n' "$name" "$(( SECONDS - started ))"
done

[ -s "$failures" ] && { printf '\nWhat failed:\n'; cat "$failures"; }
[ "$skipped" -gt 0 ] && printf '\n%s skipped, each with its reason above.\n' "$skipped"
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
