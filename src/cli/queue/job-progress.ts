import type { Job } from "bullmq";
import type { ProgressEvent } from "../output/progress.ts";

/** Milliseconds between two messages of progress. */
const PROGRESS_MILLISECONDS = 250;

/**
 * Returns a function that tells the queue the progress of a job from time to time. The queue refuses that if it has lost the job,
 * or while it is not reachable. The task goes on then, since its outcome counts, and that is reported with the job's lock.
 */
export function progressOf(job: Pick<Job, "updateProgress">): (event: ProgressEvent) => void {
  let next = 0;
  return (event) => {
    const now = performance.now();
    if (now < next) return;
    next = now + PROGRESS_MILLISECONDS;
    job.updateProgress({ ...event }).catch(() => {});
  };
}
