import { describe } from "vitest";
import { instantiate, type Kernels } from "../src/memory/kernels.ts";
import { BUILDS } from "./modules.ts";

export type { Kernels };

/** Names of the kernels proper. */
export type KernelName = Exclude<keyof Kernels, "memory" | "heapBase">;

/**
 * Runs `suite` once with the debug build of the kernels (assertions on) and once with the release build, which is the
 * one that ships. Each gets an instance of its own.
 */
export function describeKernels(name: string, suite: (kernels: Kernels) => void): void {
  describe(`${name}, debug build`, () => suite(instantiate(BUILDS.debug)));
  describe(`${name}, release build`, () => suite(instantiate(BUILDS.release)));
}
