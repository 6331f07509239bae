#!/bin/sh
#SBATCH --job-name=midx
#SBATCH --cpus-per-task=1
#SBATCH --mem=600M
#SBATCH --requeue
# Builds an index in parts as one array job of Slurm, whose nodes see the same files. The array has all tasks of the plan,
# as midx build-task items/plan.json --list numbers them, such as 0 … 11 for 8 parts:
#
#   midx build-plan items.parquet --parts 8 -o items/plan.json
#   sbatch --array=0-11 slurm.sh items/plan.json
#
# Slurm starts the tasks of an array in order, and each waits for those that it needs. The number of the task is in
# SLURM_ARRAY_TASK_ID, where midx finds it.
exec midx build-task "$1" --wait 86400 --threads "${SLURM_CPUS_PER_TASK:-1}"
