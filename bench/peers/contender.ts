import { type ChildProcess, fork } from "node:child_process";
import type { Metric } from "./peer.ts";
import type { SetName } from "./row-sets.ts";

export interface Build {
  readonly contender: string;
  readonly set: SetName;
}

/** A saved index. The set gives the queries to come. */
export interface Open extends Build, Saved {}

export interface Saved {
  readonly path: string;
  /** The number of coordinates, further ones included. */
  readonly dim: number;
  readonly metric: Metric;
}

/** The queries of a kind from `from` to `to` − 1, one after the other. */
export interface Search {
  readonly kind: string;
  readonly k: number;
  readonly effort: number;
  readonly from: number;
  readonly to: number;
}

export type Order = Build | Open | Search;
export type Answer = Built | Opened | Burst;

/** A build whose index is saved, or kept in the process. */
export type Built = { readonly buildSeconds: number } & ({ readonly saved: Saved } | Opened);

export interface Opened {
  /**
   * The time to load from a file in the system's cache, checks included; absent if the index was built and not loaded.
   */
  readonly loadSeconds?: number;
  readonly bytes: number;
  /** The growth of the process. */
  readonly memoryBytes: number;
  /** The efforts for each k. */
  readonly efforts: readonly {
    readonly k: number;
    readonly efforts: readonly { readonly effort: number; readonly label: string }[];
  }[];
}

export interface Burst {
  /** The number of answers that are true neighbours. */
  readonly hits: number;
  /** The time of one query: one mean for each batch. */
  readonly micros: readonly number[];
}

/**
 * One index of one library in a separate process, which sleeps until it is asked. If the index can be saved, another
 * process opens it than the one that built it, because a build leaves garbage behind.
 */
export class Contender {
  readonly name: string;
  #process: ChildProcess;

  constructor(name: string) {
    this.name = name;
    this.#process = start();
  }

  async build(set: SetName): Promise<Opened & { readonly buildSeconds: number }> {
    const order: Build = { contender: this.name, set };
    const built = (await this.#ask(order)) as Built;
    if (!("saved" in built)) return built;
    this.#process.kill();
    this.#process = start();
    const opened = (await this.#ask({ ...order, ...built.saved })) as Opened;
    return { buildSeconds: built.buildSeconds, ...opened };
  }

  search(order: Search): Promise<Burst> {
    return this.#ask(order) as Promise<Burst>;
  }

  /** Rejects if the process ends without an answer. */
  #ask(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void =>
        reject(new Error(`${this.name} ended with ${code ?? signal}`));
      this.#process.once("exit", ended);
      this.#process.once("message", (answer: Answer) => {
        this.#process.off("exit", ended);
        resolve(answer);
      });
      this.#process.send(order);
    });
  }

  /** Lets the process clean up and exit. */
  end(): void {
    if (this.#process.connected) this.#process.disconnect();
  }
}

function start(): ChildProcess {
  const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
  return fork(new URL("contender-process.ts", import.meta.url), { stdio: [...stdio] });
}
