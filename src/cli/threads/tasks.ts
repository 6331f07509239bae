import { storeChunks } from "../../train/build/stages/store.ts";
import { encodeChunks } from "../../train/codes/encode.ts";
import { learnFineBooks } from "../../train/codes/fine-codebooks.ts";
import { measureQueries } from "../../train/evaluation/measure.ts";
import { visitBlocks, type WalkTools } from "../../train/kmeans/walk-together.ts";
import { measureRecall } from "../../train/recall/recall-trials.ts";
import { findNeighbours, type QueryTools } from "../../train/recall/true-neighbours.ts";
import type { Task } from "../../train/runtime/crew.ts";

export type Tools = WalkTools & QueryTools;

/** A function can't be sent to a thread, its name can. */
const TASKS = { encodeChunks, findNeighbours, learnFineBooks, measureQueries, measureRecall, storeChunks, visitBlocks };

export type TaskName = keyof typeof TASKS;
type AnyTask = Task<Tools, unknown, unknown, unknown>;

export function nameOf(task: unknown): TaskName {
  const found = (Object.keys(TASKS) as TaskName[]).find((name) => TASKS[name] === task);
  if (found === undefined) throw new Error("a task that threads do not know");
  return found;
}

export const taskNamed = (name: TaskName): AnyTask => TASKS[name] as AnyTask;
