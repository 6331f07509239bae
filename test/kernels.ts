import { describe } from "vitest";
import type { BatchKernels } from "../src/batch/block-instance.ts";
import { instantiate, type Kernels } from "../src/memory/kernels.ts";
import { BUILDS } from "./modules.ts";

export type { Kernels };

/** The names of the kernels themselves. */
export type KernelName = Exclude<keyof Kernels | keyof BatchKernels, "memory" | "heapBase">;

/**
 * Runs `suite` with the debug build of the kernels (with assertions) and with the release build, which is the one that
 * ships. Each gets its own instance.
 */
export function describeKernels(name: string, suite: (kernels: Kernels) => void): void {
  describe(`${name}, debug build`, () => suite(instantiate(BUILDS.debug)));
  describe(`${name}, release build`, () => suite(instantiate(BUILDS.release)));
}
