import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { planKernels } from "./plan.ts";
import type { Stamp } from "./stamp.ts";
import { buildStructs } from "./structs.ts";
import type { Target } from "./targets.ts";

export interface KernelBuild {
  /** The names of the targets that were compiled. */
  readonly compiled: readonly string[];
  /** The warnings of the compiler, also for targets that did not have to be compiled. */
  readonly warnings: readonly string[];
}

/**
 * Writes the layouts of structs for TypeScript, and then compiles the chosen targets that are out of date, on all cores.
 * Several processes may do so at the same time.
 *
 * @throws Error with the messages of the compiler for each target that fails
 */
export async function buildKernels(root: string, names: readonly string[] = []): Promise<KernelBuild> {
  buildStructs(root);
  const { outdated, current, compiler } = planKernels(root, names);
  const stamps = [...current];
  const failures: string[] = [];
  const queue = [...outdated];
  const compileInTurn = async (): Promise<void> => {
    const thread = new CompileThread(root, compiler);
    for (let target = queue.shift(); target; target = queue.shift()) {
      const answer = await thread.compile(target);
      if (answer instanceof Error) failures.push(answer.message);
      else stamps.push(answer);
    }
    await thread.end();
  };
  const threads = Math.min(availableParallelism(), queue.length);
  await Promise.all(Array.from({ length: threads }, compileInTurn));
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return {
    compiled: outdated.map(({ name }) => name),
    warnings: stamps.map(({ warnings }) => warnings).filter((text) => text !== ""),
  };
}

class CompileThread {
  readonly #thread: Worker;
  readonly #ended: Promise<void>;

  constructor(root: string, compiler: string) {
    this.#thread = new Worker(new URL("./compile-thread.ts", import.meta.url), { workerData: { root, compiler } });
    this.#ended = once(this.#thread, "exit").then(
      () => undefined,
      (error) => console.error(error),
    );
  }

  /** Compiles one target at a time. */
  async compile(target: Target): Promise<Stamp | Error> {
    this.#thread.postMessage(target);
    const answer = once(this.#thread, "message").then(([stampOrError]) => stampOrError as Stamp | Error);
    const ended = this.#ended.then(() => new Error(`The compiler ended before it had compiled "${target.name}".`));
    return Promise.race([answer, ended]);
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }
}
