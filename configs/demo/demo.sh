#!/usr/bin/env bash
# The demo: a simulated nation, an agent that polls it, a collector, and last month's scorecards.
#   demo.sh start   build the data, start everything, wait until real values flow, say what to look at
#   demo.sh fault   switch a router of the IP core off for two minutes and watch the alarm
#   demo.sh stop    stop everything that start started
# Everything it makes is below data/demo; it listens on 127.0.0.1 only and stops nothing it did not start.
set -euo pipefail
cd "$(dirname "$0")/../.."
demo=data/demo
here=configs/demo
url=http://127.0.0.1:8470
this=$(TZ=Asia/Ho_Chi_Minh date +%Y-%m)
month=$(date -d "$this-01 -1 month" +%Y-%m)  # the one whose scorecards are shown
before=$(date -d "$this-01 -2 month" +%Y-%m) # the one it is compared with
next=$(date -d "$this-01 +1 month" +%Y-%m)
yesterday=$(TZ=Asia/Ho_Chi_Minh date -d yesterday +%Y-%m-%d)

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# start NAME PROGRAM ARGS…: run it in the background, note its pid.
launch() {
  local name=$1; shift
  nohup "$@" >"$demo/$name.log" 2>&1 &
  echo $! >"$demo/$name.pid"
}

# wait SECONDS WHAT COMMAND…: until the command succeeds.
await() {
  local seconds=$1 what=$2; shift 2
  for ((i = 0; i < seconds * 5; i++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    for p in "$demo"/*.pid; do
      kill -0 "$(cat "$p")" 2>/dev/null || { echo "$(basename "$p" .pid) has ended:"; tail -5 "${p%.pid}.log"; exit 1; }
    done
    sleep 0.2
  done
  echo "waited $seconds s in vain until $what; logs are in $demo/*.log"; exit 1
}

collect() {
  launch collector bin/haidang-collector serve --config $here/collector.yaml
  await 60 "the collector is ready" curl -fsS "$url/-/ready"
}

stop() {
  shopt -s nullglob
  for p in "$demo"/agent.pid "$demo"/prometheus.pid "$demo"/alertmanager.pid "$demo"/simnet.pid "$demo"/collector.pid; do
    [ -f "$p" ] || continue
    pid=$(cat "$p")
    kill "$pid" 2>/dev/null && while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    rm -f "$p"
  done
}

# secret NAME: a random token, made once.
secret() {
  [ -s "$demo/$1.token" ] || (umask 077; od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$demo/$1.token")
  cat "$demo/$1.token"
}

metric() { curl -fsS "$url/metrics" | awk -v m="$1" 'index($0, m) == 1 {n += $NF} END {exit !(n > 0)}'; }

# nation MONTH END SEED: the simulated nation with its faults in MONTH, and at random until END begins.
nation() {
  sed -e "s/2026-10-/$1-/g; s/2026-12-/$2-/g; s/2099-12-31/$yesterday/; s/seed: 7/seed: $3/; s#../../data/demo/pm#pm#; s#\.\./provinces#../../$here/../provinces#" $here/simnet.yaml
}

# past MONTH FILE ARGS…: a month, written straight into the collector.
past() {
  local month=$1 file=$2; shift 2
  bin/haidang-simnet month --config "$file" --month "$month" --interval 300s --url "$url" --token env:HAIDANG_DEMO_AGENT "$@"
}

# publish MONTH: once all its days are closed.
publish() {
  await 300 "the days of $1 are closed" bin/haidang-collector scorecard publish --config $here/collector.yaml --month "$1" --by demo
}

# baseline: the speed of 4G in these months a year ago is frozen, so that its growth can be tested. Ten days of each will do.
baseline() {
  local year=$((${this%-*} - 1)) m
  for m in "$before" "$month" "$this"; do
    m=$(date -d "$m-01 -1 year" +%Y-%m)
    [ "${m%-*}" != "$year" ] || past "$m" "$demo/simnet.yaml" --polls=false --cells --until "$m-11T00:00:00+07:00"
  done
  await 60 "it is saved" quiet
  rm -f "$demo/frozen.csv"
  await 60 "the days of $year are closed" bin/haidang-collector baseline --config $here/collector.yaml --year "$year" --counter-map demo --out "$demo/frozen.csv"
  cp "$demo/frozen.csv" "$demo/inventory/speed_baseline.csv"
  curl -fsS -X POST -H "Authorization: Token $(cat "$demo/operator.token")" "$url/-/reload"
}

# quiet: everything accepted so far is applied and saved.
quiet() {
  curl -fsS "$url/metrics" | awk -F'[ "]' '
    /^haidang_log_last_sequence/ {last[$2] = $NF} /^haidang_partition_committed_log_sequence/ {done[$2] = $NF}
    END {for (p in last) if (done[p] + 3 < last[p]) exit 1; exit length(last) == 0}'
}

start() {
  stop
  rm -rf "$demo"/{collector,spool,inventory,scorecards,pm,pmfile,quarantine,probe,snmptrap,frozen.csv}
  mkdir -p "$demo"/{scorecards,pm}
  HAIDANG_DEMO_AGENT=$(secret agent) HAIDANG_DEMO_OPERATOR=$(secret operator) HAIDANG_DEMO_COMMUNITY=public
  export HAIDANG_DEMO_AGENT HAIDANG_DEMO_OPERATOR HAIDANG_DEMO_COMMUNITY

  say "1. A nation: 34 provinces, its faults from $before on"
  nation "$month" "$next" 7 >"$demo/simnet.yaml"
  nation "$before" "$month" 8 >"$demo/simnet-before.yaml"
  bin/haidang-simnet inventory --config "$demo/simnet.yaml" --out "$demo/inventory"
  tail -n +2 configs/freezes.csv >>"$demo/inventory/freezes.csv"
  echo month,province,cell,volume_kbit,time_ms,counter_map >"$demo/inventory/speed_baseline.csv" # nothing is frozen yet
  launch simnet bin/haidang-simnet --config "$demo/simnet.yaml"

  say "2. The collector, and $before, $month and $this until now written straight into it"
  bin/haidang-collector check --config $here/collector.yaml
  collect
  baseline
  past "$before" "$demo/simnet-before.yaml" --cells --probes 15m
  past "$month" "$demo/simnet.yaml" --cells --probes 15m
  past "$this" "$demo/simnet.yaml" --cells --probes 15m --until now
  await 300 "it is saved" quiet
  publish "$before"
  publish "$month"

  say "3. Scorecards of $month, as published"
  bin/haidang-collector scorecard --config $here/collector.yaml --month "$month" --revision last --format pdf,xlsx,html,csv,json --lang vi,en --out "$demo/scorecards"

  say "4. The agent polls every device over SNMP, subscribes to the core over gNMI, takes files of measurements, and probes"
  bin/haidang-simnet pm --config "$demo/simnet.yaml" --from "$(date -Iseconds -d '-25 minutes')" --to "$(date -Iseconds)" --out "$demo/pm"
  bin/haidang-agent check --config $here/agent.yaml
  launch agent bin/haidang-agent run --config $here/agent.yaml
  await 60 "polled values are in the KPIs" metric 'haidang_availability_ratio{kind="net",level="device",province="vn"'
  say "5. Prometheus with the rules, and Alertmanager"
  rules
  hint
}

# rules: Prometheus with the shipped rules, and an Alertmanager that takes what fires.
rules() {
  if ! command -v prometheus >/dev/null || ! command -v prometheus-alertmanager >/dev/null; then
    echo "  left out: no prometheus and prometheus-alertmanager here (make setup installs them)"; return
  fi
  sed -e '/job_name: haidang-province/,$ s/^  # /  /' -e "s#/etc/prometheus/haidang-viewer-token#$PWD/$demo/operator.token#" \
    -e "s#rules/\*#$PWD/dashboards/rules/*#; s#: 15s#: 5s#; s#127.0.0.1:9093#127.0.0.1:8475#; s#hni-01, province: \"01\"#demo#" dashboards/prometheus.yaml >"$demo/prometheus.yaml"
  rm -rf "$demo/tsdb" "$demo/alerts"
  launch alertmanager prometheus-alertmanager --config.file=$here/alertmanager.yaml --storage.path="$demo/alerts" \
    --web.listen-address=127.0.0.1:8475 --cluster.listen-address=
  launch prometheus prometheus --config.file="$demo/prometheus.yaml" --storage.tsdb.path="$demo/tsdb" --web.listen-address=127.0.0.1:8474
  await 60 "Prometheus has the KPIs" sh -c "curl -fsS 'http://127.0.0.1:8474/api/v1/query?query=haidang_availability_ratio' | grep -q province"
}

hint() {
  say "Running. Look at"
  cat <<EOF
  $url/                              the board: log in as noc / hai-dang-xem (sees), operator / hai-dang-truc (takes alarms),
                                                      approver / hai-dang-duyet (approves), danang / hai-dang-48 (two provinces only); wall: $url/wall
  $demo/scorecards/                             last month's scorecards: nation and 34 provinces, PDF, XLSX, HTML, CSV and JSON
  $url/metrics                       KPIs, targets, coverage, alarms, the collector's own health
  http://127.0.0.1:8474/alerts                        Prometheus with the rules; what fires goes to Alertmanager, http://127.0.0.1:8475
  http://127.0.0.1:8471/metrics                       the agent: polls, spool, shipping
  $demo/*.log                                   what each program says

  make demo-fault     a router of the IP core fails: one alarm on the board and in Alertmanager
  make demo-stop      stop everything
EOF
  say "The nation now"
  curl -fsS "$url/metrics" | grep -E '^haidang_availability_ratio\{kind="net",level="device",province="vn".*month' | sed 's/^/  /'
}

api() { curl -fsS -H "Authorization: Token $(cat "$demo/operator.token")" "$url$1"; }

fault() {
  device=vn2-pe-ha-noi
  say "$device loses its power for two minutes"
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ) end=$(date -u -d '+2 minutes' +%Y-%m-%dT%H:%M:%SZ)
  curl -fsS -X POST -d "{\"id\":\"demo-$(date +%s)\",\"kind\":\"dead\",\"device\":\"$device\",\"from\":\"$now\",\"to\":\"$end\"}" http://127.0.0.1:8473/faults
  await 60 "the alarm is raised" raised
  say "One alarm, with what it takes along beneath it:"
  api "/api/v1/alarms?text=$device"
  if [ -f "$demo/alertmanager.pid" ]; then
    await 60 "Alertmanager has it" alerted
    say "Alertmanager has it, too:"
    curl -fsS "http://127.0.0.1:8475/api/v2/alerts?filter=area%3Dnetwork" | tr '{' '\n' | grep '"alertname"'
  fi
}

raised() { api "/api/v1/alarms?text=$device" | grep -q '"device_down"'; }

alerted() { curl -fsS "http://127.0.0.1:8475/api/v2/alerts?filter=area%3Dnetwork" | grep -q alertname; }

case "${1:-start}" in
  start) start ;;
  fault) fault ;;
  stop) stop ;;
  *) sed -n '2,6p' "$0"; exit 2 ;;
esac
