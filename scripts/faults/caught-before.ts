import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "./fault.ts";
import { root, type Sources } from "./source-files.ts";

const FILE = join(root, "build/caught-faults.txt");

/** Remembers the faults that earlier runs caught on the same sources, so that an interrupted run can continue. */
export class CaughtBefore {
  readonly #sources: Sources;
  readonly #lines: ReadonlySet<string>;

  constructor(sources: Sources, isFresh: boolean) {
    this.#sources = sources;
    this.#lines = new Set(isFresh || !existsSync(FILE) ? [] : readFileSync(FILE, "utf8").split("\n"));
  }

  has(fault: Fault): boolean {
    return this.#lines.has(this.#lineOf(fault));
  }

  add(fault: Fault): void {
    mkdirSync(join(root, "build"), { recursive: true });
    appendFileSync(FILE, `${this.#lineOf(fault)}\n`);
  }

  /** The hash covers the list of faults, which is one of the sources. */
  #lineOf({ name }: Fault): string {
    return `${this.#sources.hash} ${name}`;
  }
}
