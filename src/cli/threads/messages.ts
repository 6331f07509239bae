import type { Modules } from "../../memory/kernels.ts";
import type { TaskName } from "./tasks.ts";

/** The data that a thread starts with. */
export interface Start {
  readonly train: WebAssembly.Module;
  readonly modules: Modules;
}

/** The task of the following pieces, or a piece. A thread handles one after another. */
export type Request =
  | { readonly task: TaskName; readonly plan: unknown }
  | { readonly slot: number; readonly piece: unknown };

export interface Reply {
  readonly slot: number;
  readonly result: unknown;
}
