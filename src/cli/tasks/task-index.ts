/*
 * Array jobs tell a task its number in the environment. Slurm, Kubernetes, AWS Batch and Cloud Run count as the array was
 * declared, from 0 in the examples. GNU parallel counts from 1.
 */
const VARIABLES = [
  ["SLURM_ARRAY_TASK_ID", 0],
  ["JOB_COMPLETION_INDEX", 0],
  ["AWS_BATCH_JOB_ARRAY_INDEX", 0],
  ["CLOUD_RUN_TASK_INDEX", 0],
  ["PARALLEL_SEQ", 1],
] as const;

/** Returns the task's number in an array job, from 0. RangeError if the environment has none, or something else. */
export function indexFromEnvironment(env: Readonly<Record<string, string | undefined>>): string {
  for (const [name, first] of VARIABLES) {
    const value = env[name];
    if (value === undefined || value === "") continue;
    if (/^\d{1,9}$/.test(value) && Number(value) >= first) return String(Number(value) - first);
    throw new RangeError(`${name} expected an integer from ${first}, got ${JSON.stringify(value)}: pass --index`);
  }
  const names = VARIABLES.map(([name]) => name).join(", ");
  throw new RangeError(`'--index' is missing: name a task, or run in an array job, which sets one of ${names}`);
}
