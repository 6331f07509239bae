import { expect, test } from "vitest";
import { startChecksum } from "../../src/train/runtime/running-checksum.ts";
import { xxh64 } from "../reference/checksum.ts";
import { BUILDS, trainKernels } from "./instances.ts";

const BYTES = Uint8Array.from({ length: 200_003 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

test.each(BUILDS)("%s: pieces give the hash of the whole, whatever their sizes", (build) => {
  const kernels = trainKernels(build);
  for (const seed of [0n, 2n ** 64n - 1n]) {
    for (const length of [0, 1, 31, 32, 33, 63, 65_535, 65_536, 65_537, 131_072, 200_003]) {
      const bytes = BYTES.subarray(0, length);
      for (const size of [7, 65_536, 200_003]) {
        const running = startChecksum(kernels, seed);
        for (let at = 0; at < length; at += size) running.add(bytes.subarray(at, at + size));
        expect(running.value(), `${length} bytes by ${size}`).toBe(xxh64(bytes, seed));
      }
    }
  }
});
