// npm run test:scale builds made-up rows in parts in several ways, and ends with status 1 unless all of them write the same
// files, each process within its memory, and workers within the CPU time of one process. By default 20,000,000 rows of 64
// values, which need 9 GB of disk; --rows, --dim, --parts and --ways make it smaller. --write puts the costs into
// bench/results/scale-builds.json, in place of those of the same rows, and draws the table of docs/build-in-parts.md.
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { replaceBetween } from "../bench/page.ts";
import { readResult, writeResult } from "../bench/results-file.ts";
import { type ScaleBuildsResult, scaleBuildsTable, type WayCost } from "../bench/scale-builds/table.ts";
import { manifestIn } from "../src/publication/manifest.ts";
import { bundleCli } from "../test/cli/bundle.ts";
import { startCost } from "./scale-builds/cost.ts";
import { writeRows } from "./scale-builds/rows.ts";
import { WAYS } from "./scale-builds/ways.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "20000000" },
    dim: { type: "string", default: "64" },
    parts: { type: "string", default: "20" },
    ways: { type: "string", default: Object.keys(WAYS).join(",") },
    folder: { type: "string", default: tmpdir() },
    write: { type: "boolean" },
  },
});
const [rows, dim, parts] = [Number(values.rows), Number(values.dim), Number(values.parts)];
const MOST_MEBIBYTES = 500;
/** Workers may take this many times the CPU time of one process, if tasks are long beside the start of a process. */
const MOST_CPU_RATIO = 1.15;
const LONG_TASK_ROWS = 1_000_000;

const folder = mkdtempSync(join(values.folder, "midx-scale-"));
const { cli, remove } = await bundleCli();
try {
  checkDisk();
  symlinkSync(resolve("node_modules"), join(cli, "..", "node_modules"));
  mkdirSync(join(folder, "bin"));
  const midx = join(folder, "bin", "midx");
  writeFileSync(midx, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(midx, 0o755);
  writeRows(join(folder, "rows.npy"), rows, dim);
  const problems = await buildInAllWays(midx);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  remove();
  rmSync(folder, { recursive: true });
}

function checkDisk(): void {
  const needed = rows * dim * 4 + 2 * rows * (dim + 32);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < needed)
    throw new Error(`${folder} has too little room: ${Math.ceil(needed / 1e9)} GB are needed`);
}

async function buildInAllWays(midx: string): Promise<string[]> {
  const problems: string[] = [];
  const costs: WayCost[] = [];
  let first: { files: string; cpuSeconds: number } | undefined;
  for (const name of values.ways.split(",")) {
    const way = WAYS[name];
    if (way === undefined) throw new Error(`--ways expected ${Object.keys(WAYS).join(", ")}, got ${name}`);
    if (way.missing !== undefined) {
      console.log(`${name}: left out, ${way.missing}`);
      continue;
    }
    const cost = startCost(folder);
    const env = { ...process.env, ...cost.env, PATH: `${join(midx, "..")}:${process.env.PATH}` };
    const start = performance.now();
    const options = ["rows.npy", "--parts", String(parts)];
    await way.run({ folder, options, output: "words", partCount: parts, env });
    const seconds = (performance.now() - start) / 1000;
    const { cpuSeconds, peakMebibytes, processes } = cost.read();
    const { generation, files } = await builtFiles(join(folder, "words"));
    first ??= { files, cpuSeconds };
    costs.push({ name: name as WayCost["name"], cpuSeconds, peakMebibytes });
    const ratio = cpuSeconds / first.cpuSeconds;
    console.log(
      `${name}: generation ${generation.slice(0, 12)}, ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} CPU s (${ratio.toFixed(2)} ×), ` +
        `at most ${peakMebibytes.toFixed(0)} MiB in a process, ${processes} processes`,
    );
    if (files !== first.files) problems.push(`${name} wrote other files than the first way`);
    if (peakMebibytes > MOST_MEBIBYTES) problems.push(`${name} took more than ${MOST_MEBIBYTES} MiB in a process`);
    if (rows / parts >= LONG_TASK_ROWS && ratio > MOST_CPU_RATIO) {
      problems.push(`${name} took more than ${MOST_CPU_RATIO} times the CPU time of the first way`);
    }
    rmSync(join(folder, "words"), { recursive: true });
  }
  if (values.write) writeCosts(costs);
  return problems;
}

/** Puts the costs of this run in place of those of the same rows in the same parts. Those of other machines are dropped. */
function writeCosts(ways: readonly WayCost[]): void {
  const here = { machine: `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores`, node: process.version };
  const before = readResult<ScaleBuildsResult>("scale-builds");
  const isHere = before.machine === here.machine && before.node === here.node;
  const others = before.builds.filter((build) => build.rows !== rows || build.dim !== dim || build.parts !== parts);
  const builds = [...(isHere ? others : []), { rows, dim, parts, ways }].sort(
    (a, b) => b.rows * b.dim - a.rows * a.dim,
  );
  const written = writeResult<ScaleBuildsResult>("scale-builds", { ...here, builds });
  replaceBetween("docs/build-in-parts.md", "scale-builds", scaleBuildsTable(written));
}

/** Returns the generation, and the names and SHA-256 of the manifest and its parts. The bytes are read again. */
async function builtFiles(words: string): Promise<{ generation: string; files: string }> {
  const { generation, parts: named } = await manifestIn(readFileSync(join(words, "manifest.json")));
  const names = readdirSync(words).filter((name) => name.endsWith(".midx"));
  const found = names.map(
    (name) =>
      `${name} ${createHash("sha256")
        .update(readFileSync(join(words, name)))
        .digest("hex")}`,
  );
  if (names.length !== named.length) throw new Error(`${names.length} parts, and the manifest has ${named.length}`);
  return { generation, files: [generation, ...found].join("\n") };
}
