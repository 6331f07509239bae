import type { Modules } from "../../memory/kernels.ts";
import type { TaskName } from "./tasks.ts";

/** A thread is started with these. */
export interface Start {
  readonly train: WebAssembly.Module;
  readonly modules: Modules;
}

/** The task of the pieces that follow, or a piece. A thread does one after another. */
export type Order =
  | { readonly task: TaskName; readonly plan: unknown }
  | { readonly slot: number; readonly piece: unknown };

export interface Answer {
  readonly slot: number;
  readonly result: unknown;
}
