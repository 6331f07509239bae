import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { bundleCli } from "../bundle.ts";
import { makeFolder } from "../files.ts";
import { writeIndexes } from "./index-files.ts";
import { makeWorkerFolder, R2, varsOf } from "./worker-folder.ts";

test("midx publish as it is installed takes the wrangler.toml of the current folder, and prints nothing of wrangler's", async () => {
  const { cli, remove } = await bundleCli();
  onTestFinished(remove);
  const [path = ""] = await writeIndexes(1);
  const run = (cwd: string) => promisify(execFile)(process.execPath, [cli, "publish", path, "--as", "v1"], { cwd });
  const folder = dirname(makeWorkerFolder("surprise = true", ...varsOf("r2"), ...R2));
  writeFileSync(join(folder, ".dev.vars"), "SECRET=1\n");
  const first = await run(folder);
  expect(first.stdout).toMatch(/^in +local R2 bucket words-bucket: words\/current\.json$/m);
  expect(first.stderr).toBe("");
  const stdout = "v1 is already current: local R2 bucket words-bucket: words/current.json\n";
  expect(await run(folder)).toEqual({ stdout, stderr: "" });
  await expect(run(makeFolder())).rejects.toMatchObject({
    code: 2,
    stderr:
      "error: there is no wrangler.toml in this folder: name one with --config, or a folder to publish to with --folder\n",
  });
});
