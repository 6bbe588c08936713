#!/bin/sh
# A sweep on a real Slurm of one node, of Debian's packages, set up here in a folder that goes again.
# It needs root: munge and the daemons are users' of their own. Run it by `make test-cluster`.
set -eu

here=$(cd "$(dirname "$0")/../.." && pwd)
lmm=${LMM:-$here/.venv/bin/lmm}

for program in munged slurmctld slurmd sbatch; do
  if ! command -v "$program" >/dev/null; then
    echo "installing Slurm from Debian's packages"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      munge slurmctld slurmd slurm-client
    break
  fi
done

place=$(mktemp -d /tmp/lmm-slurm-XXXXXX)
chmod 755 "$place"
daemons=""

finish() {
  status=$?
  for pid in $daemons; do kill "$pid" 2>/dev/null || true; done
  sleep 1
  if [ "$status" -eq 0 ]; then rm -rf "$place"; else echo "what was said is in $place"; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

# --- munge, by which the daemons know each other, and Slurm itself ---------------------------

dd if=/dev/urandom of="$place/munge.key" bs=1024 count=1 2>/dev/null
chown munge: "$place/munge.key"
chmod 400 "$place/munge.key"
mkdir "$place/munge" "$place/state" "$place/spool"
chown munge: "$place/munge"
chmod 755 "$place/munge"
runuser -u munge -- munged --force --key-file="$place/munge.key" --socket="$place/munge/socket" \
  --pid-file="$place/munge/munged.pid" --log-file="$place/munge/log" --seed-file="$place/munge/seed"
daemons="$(cat "$place/munge/munged.pid")"

cat > "$place/slurm.conf" <<EOF
ClusterName=lmm
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$place/munge/socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/slurmd.log
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=2000 State=UNKNOWN
PartitionName=sweeps Nodes=$(hostname -s) Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF="$place/slurm.conf"

slurmctld -D -f "$SLURM_CONF" >"$place/slurmctld.out" 2>&1 &
daemons="$daemons $!"
slurmd -D -f "$SLURM_CONF" >"$place/slurmd.out" 2>&1 &
daemons="$daemons $!"

n=0
until sinfo -h -o %T 2>/dev/null | grep -q idle; do
  n=$((n + 1))
  [ "$n" -lt 60 ] || { echo "Slurm has no idle node:"; sinfo || true; tail "$place"/slurm*.log; exit 1; }
  sleep 1
done
sinfo

# --- a sweep, and a job of it that is cancelled on the way -----------------------------------

cat > "$place/slurm.yaml" <<EOF
jobs: 2
memory: 900MB
time: 00:30:00
partition: sweeps
interface: lo
logs: $place/logs
EOF
cat > "$place/plan.yaml" <<EOF
studies: [$here, $here/examples/peer-support]
grid: {confidence: [0.8, 0.85, 0.9, 0.95], notebooks: 2-satisfaction}
EOF
"$lmm" sweep "$place/plan.yaml" --cluster "$place/slurm.yaml" --trust >"$place/said" 2>&1 &
sweep=$!
n=0
until [ -n "$(ls "$place/sweep-results/items" 2>/dev/null)" ]; do
  n=$((n + 1))
  [ "$n" -lt 180 ] && kill -0 "$sweep" || { cat "$place/said"; squeue; exit 1; }
  sleep 1
done
squeue
first=$(squeue -h -o %A | head -n 1)
scancel --signal=KILL --full "$first"
echo "killed job $first in mid-item"
wait "$sweep" || { cat "$place/said"; exit 1; }
cat "$place/said"
grep -q "8 items: 8 made, 8 of them now; 0 failed" "$place/said"
[ "$(ls "$place/sweep-results/items" | wc -l)" -eq 8 ]

"$lmm" sweep "$place/plan.yaml" --workers 1 --trust | tee "$place/again"
grep -q "8 items: 8 made, 0 of them now; 0 failed" "$place/again"
echo "a sweep on Slurm lost nothing, and made nothing twice"
