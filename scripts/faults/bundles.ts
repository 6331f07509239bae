import type { Fault } from "./fault.ts";

const MINIFIED = ["test/scripts/minified.test.ts"];

/** Faults of what makes bundles small. */
export const BUNDLE_FAULTS: readonly Fault[] = [
  {
    name: "kernels as text with a character too low",
    file: "scripts/bundle/inlined-wasm.ts",
    find: "(byte + SHIFT) % 256",
    replace: "(byte + SHIFT - 1) % 256",
    suites: MINIFIED,
  },
  {
    name: "an infinity of the wrong sign",
    file: "scripts/bundle/minified.ts",
    find: '"-1/0"',
    replace: '"1/0"',
    suites: MINIFIED,
  },
];
