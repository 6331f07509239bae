import { describe } from "vitest";
import type { BatchKernels } from "../src/batch/block-instance.ts";
import { instantiate, type Kernels } from "../src/memory/kernels.ts";
import { BUILDS } from "./modules.ts";
import { EVERY } from "./size.ts";

export type { Kernels };

/** The names of the kernels themselves. */
export type KernelName = Exclude<keyof Kernels | keyof BatchKernels, "memory" | "heapBase">;

/**
 * Runs `suite` with the release build of the kernels, which is the one that ships, and in `npm run test:cases` with the
 * debug build (with assertions) too. Each gets its own instance. bits.test.ts holds both builds to the same bits.
 */
export function describeKernels(name: string, suite: (kernels: Kernels) => void): void {
  if (EVERY) describe(`${name}, debug build`, () => suite(instantiate(BUILDS.debug)));
  describe(`${name}, release build`, () => suite(instantiate(BUILDS.release)));
}
