#!/bin/sh
# Workers on Slurm, which share the keys: sbatch deploy/slurm.sh
#
# Submit it again at any time, for more workers or until nothing is left. A worker that has to leave, because its time is
# over or a more urgent job takes its place, gives back what it has not computed, and is queued again.
#
#   WORKER   what computes; target/release/worker without it
#   LAUNCH   what starts it; srun without it. Leave it empty where jobs have no steps
#
#SBATCH --job-name=pipeline
#SBATCH --array=1-16
#SBATCH --cpus-per-task=1
#SBATCH --time=08:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=worker-%A-%a.log
# A minute before the time is over, this script is told.
#SBATCH --signal=B:TERM@60
set -u

launch=${LAUNCH-srun}
# Less than the time that the partition lets a job stay after it was told to leave (GraceTime).
grace=${GRACE:-20}

$launch "${WORKER:-target/release/worker}" --workers "${SLURM_CPUS_PER_TASK:-1}" --grace "$grace" &
worker=$!

# srun would end the worker at once if it was sent the signal itself.
leave() {
  if [ -n "$launch" ]; then scancel --signal=TERM "$SLURM_JOB_ID"; else kill -TERM "$worker"; fi
}
trap leave TERM

# A signal interrupts `wait`, which then says nothing of the worker.
status=0
while wait "$worker" && status=0 || status=$?; kill -0 "$worker" 2>/dev/null; do :; done

# Slurm takes a job that ends by itself for a job that is done, also when it was told to leave.
if [ "$status" = 143 ]; then
  echo "keys are left: queued again"
  scontrol requeue "$SLURM_JOB_ID" && sleep 60
fi
exit "$status"
