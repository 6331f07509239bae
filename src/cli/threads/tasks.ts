import type { Task } from "../../train/crew.ts";
import { encodeChunks } from "../../train/encode.ts";
import { learnFineBooks } from "../../train/fine-codebooks.ts";
import { measureQueries } from "../../train/measure.ts";
import { measureRecall } from "../../train/recall-trials.ts";
import { storeChunks } from "../../train/store.ts";
import { findNeighbours, type QueryTools } from "../../train/true-neighbours.ts";
import { visitBlocks, type WalkTools } from "../../train/walk-together.ts";

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
