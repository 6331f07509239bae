import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { EXAMPLES, pythonWith, skipped } from "./python-reader.ts";

const torch = pythonWith("torch");

describe.skipIf(!torch)(`training with PyTorch${skipped("torch", torch)}`, () => {
  let cli: Awaited<ReturnType<typeof bundleCli>>;
  beforeAll(async () => {
    cli = await bundleCli();
  });
  afterAll(() => cli.remove());

  test("lowers the loss of the full softmax", () => {
    // One thread: more of them would wait for each other longer than such small batches take.
    const env = {
      ...process.env,
      MIDX: `${process.execPath} ${cli.cli}`,
      PYTHONDONTWRITEBYTECODE: "1",
      OMP_NUM_THREADS: "1",
    };
    const program = [join(EXAMPLES, "train_with_torch.py"), makeFolder(), "2"];
    const output = execFileSync(torch as string, program, { env, encoding: "utf8" });
    const losses = Array.from(output.matchAll(/loss (\d+\.\d+)/g), ([, loss]) => Number(loss));
    expect(losses).toHaveLength(3);
    expect(losses[0]).toBeGreaterThan(Math.log(2000) - 0.2);
    expect(losses[2]).toBeLessThan(5);
  });
});
