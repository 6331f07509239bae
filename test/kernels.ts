import { describe } from "vitest";
import type { instantiate } from "../build/query.js";
import release from "../build/query.wasm";
import debug from "../build/query.debug.wasm";

/** Exports of the query module, typed by the signatures asc generates. A u64 result arrives as a signed bigint. */
export type Kernels = Awaited<ReturnType<typeof instantiate>>;

/** Names of the kernels proper. */
export type KernelName = Exclude<keyof Kernels, "memory" | "heapBase">;

/**
 * Runs `suite` once with the debug build of the kernels (assertions on) and once with the release build, which is the
 * one that ships. Each gets an instance of its own.
 */
export function describeKernels(name: string, suite: (kernels: Kernels) => void): void {
  describe.each([
    { build: "debug", module: debug },
    { build: "release", module: release },
  ])(`${name}, $build build`, ({ module }) => {
    suite(new WebAssembly.Instance(module, {}).exports as unknown as Kernels);
  });
}
