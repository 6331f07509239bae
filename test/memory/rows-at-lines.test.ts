import { expect, test } from "vitest";
import { HEAP_BASE } from "../../src/memory/isolate-bytes.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import { planMemory } from "../../src/memory/plan.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";

test("rows begin a cache line, wherever they lie in the file, and a plan takes the same memory for all", async () => {
  const data = Float32Array.from({ length: 300 * 64 }, (_, i) => Math.sin(i));
  const file = await buildIndex({ data, shape: [300, 64] }, { seed: 1 });
  const { header, plan } = (await open(file)).opened;
  expect((plan.file + (header.tensors.rows?.begin as number)) % 64).toBe(0);
  const limits = { ...DEFAULT_LIMITS, maxBytes: 2 ** 28 };
  const { totalBytes } = planMemory({ facts: header.facts, fileBytes: header.fileBytes }, limits, HEAP_BASE);
  for (const begin of [4096, 4112, 4128, 4144, 4152]) {
    const rows = { begin, end: begin + 300 * 64 };
    const moved = planMemory({ ...header, tensors: { rows } }, limits, HEAP_BASE);
    expect(moved.totalBytes).toBe(totalBytes);
    expect(moved.file % 16).toBe(0);
    if (begin % 16 === 0) expect((moved.file + begin) % 64).toBe(0);
    const regions = Object.values(moved.regions).filter((address) => address > 0);
    expect(moved.file + header.fileBytes).toBeLessThanOrEqual(Math.min(...regions));
  }
});
