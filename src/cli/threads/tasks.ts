import { storeChunks } from "../../train/build/stages/store.ts";
import { measureCalibration } from "../../train/calibration/calibration-measurement.ts";
import { encodeChunks } from "../../train/codes/encode.ts";
import { learnFineBooks } from "../../train/codes/fine-codebooks.ts";
import { measureQueries } from "../../train/evaluation/measure.ts";
import { type PassTools, passOverBlocks } from "../../train/kmeans/parallel-pass.ts";
import { measureRecall } from "../../train/recall/recall-measurement.ts";
import type { Task } from "../../train/runtime/worker-pool.ts";
import { findNeighbours } from "../../train/stand-ins/best-rows.ts";
import type { QueryTools } from "../../train/stand-ins/query-pools.ts";

export type Tools = PassTools & QueryTools;

/** The tasks by name. A name can be sent to a thread, but a function can't. */
const TASKS = {
  encodeChunks,
  findNeighbours,
  learnFineBooks,
  measureCalibration,
  measureQueries,
  measureRecall,
  storeChunks,
  passOverBlocks,
};

export type TaskName = keyof typeof TASKS;
type AnyTask = Task<Tools, unknown, unknown, unknown>;

export function nameOf(task: unknown): TaskName {
  const found = (Object.keys(TASKS) as TaskName[]).find((name) => TASKS[name] === task);
  if (found === undefined) throw new Error("threads do not know this task");
  return found;
}

export const taskNamed = (name: TaskName): AnyTask => TASKS[name] as AnyTask;
