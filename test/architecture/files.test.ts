import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const MOST_LINES = 250;

/** Files of many public calls, each with a docstring and an example. Their comments do not count. */
const DOCUMENTED = ["src/index/multi-index.ts", "src/parts/parted-index.ts"];

/** biome.json limits functions and parameters, and kernels.test.ts does in assembly/, which Biome cannot parse. */
test("no source file has more than 250 lines", () => {
  const files = globSync("{src,assembly,worker,page,scripts}/**/*.{ts,css,html}", {
    cwd: root,
    exclude: ["**/node_modules/**"], // the tools of scripts/release and scripts/api-reference
  });
  expect(files.length).toBeGreaterThan(500);
  const long = files.flatMap((file) => {
    const lines = readFileSync(`${root}${file}`, "utf8").trimEnd().split("\n");
    const counted = DOCUMENTED.includes(file) ? lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)) : lines;
    return counted.length > MOST_LINES ? [`${file}: ${counted.length}`] : [];
  });
  expect(long).toEqual([]);
});
