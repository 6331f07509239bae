import type { Progress } from "../output/progress.ts";
import type { BuildTask } from "../tasks/task-names.ts";
import { type FinishedTask, finishedTaskIn } from "./queued-task.ts";

interface TaskState {
  readonly task: BuildTask;
  /** The part that is done, 0 to 1. */
  share: number;
  lostWorkers: number;
  finished?: FinishedTask;
}

/** The outcomes of the tasks of a build in a queue. */
export class Tally {
  private readonly states: ReadonlyMap<string, TaskState>;
  private problem: { readonly name: string; readonly reason: string } | undefined;
  private readonly progress: Progress;
  private readonly onFinished: (task: BuildTask, finished: FinishedTask) => void;

  constructor(
    tasks: readonly BuildTask[],
    progress: Progress,
    onFinished: (task: BuildTask, finished: FinishedTask) => void,
  ) {
    this.states = new Map(tasks.map((task) => [task.name, { task, share: 0, lostWorkers: 0 }]));
    this.progress = progress;
    this.onFinished = onFinished;
  }

  /** Notes the progress that a worker reports. */
  advance(name: string, data: unknown): void {
    const { done, total } = (data ?? {}) as { readonly done?: unknown; readonly total?: unknown };
    const state = this.states.get(name);
    if (!state || typeof done !== "number" || typeof total !== "number" || !(total > 0)) return;
    state.share = Math.min(1, done / total);
    this.report();
  }

  /** Notes that a task has lost its worker. */
  lose(name: string): void {
    const state = this.states.get(name);
    if (!state) return;
    state.lostWorkers++;
    state.share = 0;
    this.report();
  }

  /** Notes the report of the worker that finished a task. What is no report is passed over. */
  finish(name: string, report: unknown): void {
    const state = this.states.get(name);
    const finished = finishedTaskIn(report);
    if (!state || state.finished || !finished) return;
    state.finished = finished;
    state.share = 1;
    this.onFinished(state.task, finished);
    this.report();
  }

  /** Notes the reason why a task failed. The tasks that wait for it fail after it, so the first reason counts. */
  fail(name: string, reason: string): void {
    this.problem ??= { name, reason };
  }

  failure(): Error | undefined {
    return this.problem && new Error(`${this.problem.name} failed: ${this.problem.reason}`);
  }

  /** Returns a row for each task: its name, its worker, its seconds and the number of workers that it lost. */
  rows(): (string | number)[][] {
    return [...this.states.values()].map(({ task, finished, lostWorkers }) => [
      task.name,
      finished?.worker ?? "",
      finished?.seconds.toFixed(2) ?? "",
      lostWorkers,
    ]);
  }

  private report(): void {
    const done = [...this.states.values()].reduce((sum, { share }) => sum + share, 0);
    this.progress.report({ phase: "tasks", done: Math.round(100 * done) / 100, total: this.states.size });
  }
}
