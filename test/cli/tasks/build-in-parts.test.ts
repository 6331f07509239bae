import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePlan, planId } from "../../../src/cli/tasks/plan.ts";
import { load } from "../../../src/index.ts";
import { readWarmStart } from "../../../src/train/build/warm-start.ts";
import { buildKernels } from "../../../src/train/runtime/kernels-inlined.ts";
import { load as loadInWorker } from "../../../src/workerd.ts";
import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder, safetensorsBytes, writeInput } from "../files.ts";
import { noise } from "../run.ts";
import {
  BIAS,
  COUNTS,
  DATA,
  DIM,
  fail,
  hashesOf,
  LABELS,
  npy,
  ROWS,
  readManifest,
  rowsFile,
  succeed,
} from "./words.ts";

const { checksum } = await buildKernels();
const SETTINGS = ["--bits", "3", "--calibrate", "off"];

const partFile = async (folder: string, part: number): Promise<string> =>
  join(folder, (await readManifest(folder)).parts[part]?.file as string);

describe("a build in parts", () => {
  const KINDS = [
    ["--row-type", "f32", "--quantizer", "pq"],
    ["--metric", "cosine"],
  ];
  test("has the rows of one index: exact top k of all parts are those of the index, bit for bit", async () => {
    const rows = rowsFile();
    const [words, whole] = [join(makeFolder(), "words"), join(makeFolder(), "whole.midx")];
    const bias = npy("bias.npy", BIAS, `(${ROWS},)`);
    for (const extra of EVERY ? [...KINDS, []] : KINDS.slice(0, 1)) {
      await succeed("build", rows, "--bias", bias, ...SETTINGS, ...extra, "--parts", "3", "-o", words);
      await succeed("build", rows, "--bias", bias, ...SETTINGS, ...extra, "-o", whole);
      const manifest = await readManifest(words);
      expect(manifest).toMatchObject({ classes: ROWS, facts: { dim: DIM, hasLabels: false } });
      expect(manifest.parts.map(({ idBase, classes }) => [idBase, classes])).toEqual([
        [0, 233],
        [233, 233],
        [466, 234],
      ]);
      const index = await load(readFileSync(whole));
      const query = noise(DIM, 11);
      const merged: { id: number; score: number }[] = [];
      for (const { file, idBase } of manifest.parts) {
        const part = await load(readFileSync(join(words, file as string)));
        const { ids, scores } = part.topK(query, 20, { exact: true });
        for (const [i, id] of ids.entries()) merged.push({ id: id + idBase, score: scores[i] as number });
        part.dispose();
      }
      merged.sort((a, b) => b.score - a.score || a.id - b.id);
      const { ids, scores } = index.topK(query, 20, { exact: true });
      expect(merged.slice(0, 20)).toEqual(Array.from(ids, (id, i) => ({ id, score: scores[i] })));
      index.dispose();
    }
  });

  test.each(["words/manifest.json", "words.midx"])("is written to the folder that -o %s means", async (output) => {
    const folder = makeFolder();
    await succeed("build", rowsFile(), ...SETTINGS, "--parts", "2", "-o", join(folder, output));
    expect((await readManifest(join(folder, "words"))).parts).toHaveLength(2);
    expect(readdirSync(folder)).toEqual(["words"]);
  });

  test("has common codebooks, the same for any number of parts of one --bits", async () => {
    const rows = rowsFile();
    const counts = npy("counts.npy", COUNTS, `(${ROWS},)`);
    const measured = ["--queries", npy("queries.npy", noise(10 * DIM, 9), `(10, ${DIM})`)];
    const options = [...SETTINGS, "--counts", counts, "--fine-codes", ...measured];
    const codebooks: string[] = [];
    for (const parts of ["1", "3"]) {
      const folder = join(makeFolder(), "words");
      await succeed("build", rows, ...options, "--parts", parts, "-o", folder);
      for (const { file } of (await readManifest(folder)).parts) {
        const { quantizer, fineCodebooks, facts } = readWarmStart(readFileSync(join(folder, file as string)), checksum);
        expect(facts.report?.weights).toBe("counts");
        codebooks.push(JSON.stringify([quantizer, fineCodebooks].map((value) => value && { ...value })));
      }
    }
    expect(codebooks).toHaveLength(4);
    expect(new Set(codebooks).size).toBe(1);
  });

  test("is the same as its tasks, one process each, parts in any order", async () => {
    const [rows, queries] = [rowsFile(), npy("queries.npy", noise(20 * DIM, 9), `(20, ${DIM})`)];
    const labels = writeInput("labels.txt", `${LABELS.join("\n")}\n`);
    const options = [rows, "--queries", queries, "--labels", labels, "--bits", "3", "--parts", "3", "--as", "first"];
    const [words, others] = [join(makeFolder(), "words"), join(makeFolder(), "others")];
    await succeed("build", ...options, "-o", words);
    const plan = join(others, "plan.json");
    await succeed("build-plan", ...options, "-o", plan);
    for (const index of ["0", "train", "4", "2", "part-0001", "measure", "6"]) {
      await succeed("build-task", plan, "--index", index);
    }
    const { "plan.json": _, ...built } = hashesOf(words);
    const { "plan.json": __, ...byTasks } = hashesOf(others);
    expect(byTasks).toEqual(built);
    expect(Object.keys(built)).toHaveLength(4);
    expect(
      readdirSync(words).filter((name) => name.startsWith("tasks-")),
      "records go with the build",
    ).toEqual([]);
    const manifest = await readManifest(words);
    expect(manifest.version).toBe("first");
    const found: string[] = [];
    for (const { file, memoryBytes, classes } of manifest.parts) {
      const part = await loadInWorker(readFileSync(join(words, file as string)), INDEX_LIMITS);
      expect(part.info.memoryBytes, "as a Worker loads it").toBe(memoryBytes);
      expect(part.info.calibration).toMatchObject({ calibrated: true, source: "queries", queryCount: 20 });
      for (let id = 0; id < classes; id++) found.push(...part.labels([id]));
      part.dispose();
    }
    expect(found).toEqual(LABELS);
  });

  test("that is refused leaves no folder, and a file in its place is named", async () => {
    const folder = makeFolder();
    const words = join(folder, "words");
    await fail(1, "build", join(folder, "absent.npy"), ...SETTINGS, "--parts", "2", "-o", words);
    expect(existsSync(words)).toBe(false);
    writeFileSync(words, "mine");
    const message = await fail(1, "build", rowsFile(), ...SETTINGS, "--parts", "2", "-o", words);
    expect(message).toContain(`${words} is a file or in one: pass another --output`);
    expect(readFileSync(words, "utf8")).toBe("mine");
  });

  test("replaces an older one in one step, and removes the parts that only the older one named", async () => {
    const rows = rowsFile();
    const words = join(makeFolder(), "words");
    await succeed("build", rows, ...SETTINGS, "--parts", "3", "-o", words);
    const before = await readManifest(words);
    writeFileSync(join(words, "notes.txt"), "mine");
    await succeed("build", rows, ...SETTINGS, "--part-rows", "350", "--row-type", "f16", "-o", words);
    const after = await readManifest(words);
    expect(after.parts.map(({ classes }) => classes)).toEqual([350, 350]);
    const left = readdirSync(words).sort();
    expect(left).toEqual(["manifest.json", "notes.txt", ...after.parts.map(({ file }) => file), "plan.json"].sort());
    expect(before.generation).not.toBe(after.generation);
  });
});

describe("a task", () => {
  async function planned(): Promise<{ folder: string; plan: string; rows: string }> {
    const rows = rowsFile();
    const folder = join(makeFolder(), "words");
    const plan = join(folder, "plan.json");
    await succeed("build-plan", rows, ...SETTINGS, "--parts", "2", "-o", plan);
    return { folder, plan, rows };
  }
  const work = (folder: string): string =>
    join(folder, readdirSync(folder).find((name) => name.startsWith("tasks-")) as string);

  test("that is finished does nothing and says so; one whose file is gone is run again", async () => {
    const { folder, plan } = await planned();
    for (const index of ["0", "1", "2"]) await succeed("build-task", plan, "--index", index);
    const hashes = hashesOf(folder);
    expect(await succeed("build-task", plan, "--index", "2")).toContain("it was finished before, so nothing was done");
    const [part] = Object.keys(hashes).filter((name) => name.startsWith("part-")) as [string];
    writeFileSync(join(folder, part), "damaged");
    expect(await succeed("build-task", plan, "--index", "2")).not.toContain("finished before");
    expect(hashesOf(folder)).toEqual(hashes);
  });

  test("needs those before it, and waits for them only as long as it may", async () => {
    const { plan } = await planned();
    expect(await fail(1, "build-task", plan, "--index", "2")).toContain(
      "error: the task sample is not finished: run it first, or wait for it with --wait",
    );
    expect(await fail(1, "build-task", plan, "--index", "1", "--wait", "0")).toContain(
      "the task sample was not finished after 0 seconds",
    );
    const [waiting] = await Promise.all([
      succeed("build-task", plan, "--index", "1", "--wait", "600"),
      succeed("build-task", plan, "--index", "0"),
    ]);
    expect(waiting).toContain("train: the codebooks of all parts");
  });

  test("refuses the records of another plan by name", async () => {
    const [one, other] = [await planned(), await planned()];
    await succeed("build-task", one.plan, "--index", "0");
    await succeed("build-plan", other.rows, ...SETTINGS, "--parts", "3", "-o", other.plan);
    const message = await fail(1, "build-task", other.plan, "--index", "1");
    expect(message).toContain("the task sample is not finished");
    const id = planId(parsePlan(readFileSync(other.plan, "utf8")));
    const foreign = join(other.folder, `tasks-${id.slice(0, 12)}`);
    mkdirSync(foreign);
    copyFileSync(join(work(one.folder), "sample.json"), join(foreign, "sample.json"));
    expect(await fail(3, "build-task", other.plan, "--index", "1")).toMatch(
      /sample\.json: "plan" expected [0-9a-f]{64}, got [0-9a-f]{64}: it belongs to another build, so remove tasks-/,
    );
    copyFileSync(join(work(one.folder), "sample.json"), join(work(one.folder), "train.json"));
    expect(await fail(3, "build-task", one.plan, "--index", "2")).toContain('"task" expected train, got sample');
    writeFileSync(join(work(one.folder), "train.json"), "{}");
    expect(await fail(3, "build-task", one.plan, "--index", "2")).toContain("expected the record of a task");
  });

  /** Writes a file again with another byte in its place, and returns a function that undoes that. */
  function change(path: string, place: number): () => void {
    const bytes = readFileSync(path);
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed.readUInt8(place) + 1) % 256, place);
    writeFileSync(path, changed);
    return () => writeFileSync(path, bytes);
  }

  test("notices that an input has changed, before the sample and after it", async () => {
    const rows = rowsFile();
    const labels = writeInput("labels.txt", `${LABELS.join("\n")}\n`);
    const queries = npy("queries.npy", noise(20 * DIM, 9), `(20, ${DIM})`);
    const folder = join(makeFolder(), "words");
    const plan = join(folder, "plan.json");
    const older = join(makeFolder(), "older.midx");
    const inputs = ["--labels", labels, "--queries", queries, "--warm-from", older];
    await succeed("build", rows, ...SETTINGS, "-o", older);
    await succeed("build-plan", rows, ...inputs, "--bits", "3", "--fine-codes", "--parts", "2", "-o", plan);
    const refuses = async (index: string, path: string): Promise<void> => {
      const undo = change(path, 200);
      expect(await fail(1, "build-task", plan, "--index", index)).toContain(
        `${basename(path)} has changed since the plan was made (${statSync(path).size} bytes, planned with ${statSync(path).size}): make the plan again`,
      );
      undo();
    };
    await refuses("sample", rows);
    await succeed("build-task", plan, "--index", "sample");
    await refuses("train", older);
    await succeed("build-task", plan, "--index", "train");
    for (const path of [rows, labels, queries]) await refuses("part-0000", path);
    for (const index of ["part-0000", "part-0001"]) await succeed("build-task", plan, "--index", index);
    await refuses("measure", queries);
    await succeed("build-task", plan, "--index", "measure");
    expect(existsSync(join(folder, "manifest.json"))).toBe(false);
  });

  test("names the records to remove where a change of the rows is too small for another plan", async () => {
    const dim = 2048; // so that blocks of the fingerprint leave some bytes out
    const rows = npy("rows.npy", noise(600 * dim, 5), `(600, ${dim})`);
    const folder = join(makeFolder(), "words");
    const plan = join(folder, "plan.json");
    const build = [rows, ...SETTINGS, "--parts", "2", "-o"];
    await succeed("build-plan", ...build, plan);
    for (const index of ["0", "1"]) await succeed("build-task", plan, "--index", index);
    const text = readFileSync(plan, "utf8");
    change(rows, 70_000);
    await succeed("build-plan", ...build, plan);
    expect(readFileSync(plan, "utf8")).toBe(text);
    expect(await fail(1, "build-task", plan, "--index", "2")).toContain(
      `the rows of part-0000 have changed since the sample was drawn: remove ${work(folder)} and run all tasks again`,
    );
    rmSync(work(folder), { recursive: true });
    for (const index of ["0", "1", "2"]) await succeed("build-task", plan, "--index", index);
  });

  test("notices a change in a shard of a model, and needs no other shard", async () => {
    const folder = makeFolder();
    const shard = (name: string, tensor: string): string => {
      const values = { name: tensor, dtype: "F32", shape: [ROWS, DIM], data: DATA } as const;
      writeFileSync(join(folder, name), safetensorsBytes([values]));
      return join(folder, name);
    };
    const head = shard("head.safetensors", "lm_head.weight");
    const weight_map = { "lm_head.weight": "head.safetensors", "embed.weight": "absent.safetensors" };
    const index = join(folder, "model.safetensors.index.json");
    writeFileSync(index, JSON.stringify({ weight_map }));
    const plan = join(folder, "words", "plan.json");
    await succeed("build-plan", index, "--tensor", "lm_head.weight", ...SETTINGS, "--parts", "2", "-o", plan);
    expect(parsePlan(readFileSync(plan, "utf8")).fingerprints.map(({ path }) => path)).toEqual([index, head]);
    const undo = change(head, 1000);
    expect(await fail(1, "build-task", plan, "--index", "0")).toContain("head.safetensors has changed since the plan");
    undo();
    await succeed("build-task", plan, "--index", "0");
  });

  test("that commits refuses a plan whose parts another build has removed, and leaves that build's", async () => {
    const { plan, folder, rows } = await planned();
    for (const index of ["0", "1", "2", "3", "4", "5"]) await succeed("build-task", plan, "--index", index);
    const part = await partFile(folder, 0);
    await succeed("build", rows, ...SETTINGS, "--seed", "7", "--parts", "2", "-o", folder);
    writeFileSync(plan, "");
    await succeed("build-plan", rows, ...SETTINGS, "--parts", "2", "-o", plan);
    const hashes = hashesOf(folder);
    expect(await fail(1, "build-task", plan, "--index", "commit")).toContain(
      `the task part-0000 is not finished, since ${part} is gone or has changed: run it first`,
    );
    expect(hashesOf(folder)).toEqual(hashes);
    for (const index of ["2", "3"]) await succeed("build-task", plan, "--index", index);
    expect(await succeed("build-task", plan, "--index", "measure")).toContain("it was finished before");
    // A part that has other bytes when it is built again has not been measured.
    const [other, record] = [part.replace(/[0-9a-f]{12}\.midx$/, "other.midx"), join(work(folder), "part-0000.json")];
    renameSync(part, other);
    writeFileSync(record, readFileSync(record, "utf8").replace(basename(part), basename(other)));
    expect(await fail(1, "build-task", plan, "--index", "commit")).toContain(
      `the task measure is not finished, since ${part} is gone or has changed: run it first`,
    );
    for (const index of ["measure", "commit"]) await succeed("build-task", plan, "--index", index);
    expect(await partFile(folder, 0)).toBe(other);
    await succeed("verify", join(folder, "manifest.json"));
  });

  test("notices a damaged sample, and a damaged part before the manifest names it", async () => {
    const { plan, folder } = await planned();
    for (const index of ["0", "1", "2", "3"]) await succeed("build-task", plan, "--index", index);
    const part = readdirSync(folder).find((name) => name.startsWith("part-0001")) as string;
    const bytes = readFileSync(join(folder, part));
    bytes[bytes.byteLength - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(join(folder, part), bytes);
    expect(await fail(1, "build-task", plan, "--index", "4")).toContain("the task part-0001 is not finished");
    await succeed("build-task", plan, "--index", "3");
    await succeed("build-task", plan, "--index", "4");
    await succeed("build-task", plan, "--index", "5");
    expect((await readManifest(folder)).parts).toHaveLength(2);
    expect(await partFile(folder, 1)).toBe(join(folder, part));
  });
});

describe("bad input", () => {
  test.each([
    [["--parts", "701"], "'--parts' expected at most 700, the number of rows, got 701"],
    [["--parts", "0"], 'Expected an integer in 1..1024, or "auto".'],
    [["--parts", "2", "--part-rows", "5"], "'--part-rows <R>' cannot be used with option '--parts <N>'"],
    [["--parts", "2", "--fit"], "cannot be used with option"],
    [["--as", "first"], "'--as' needs '--parts' or '--part-rows'"],
    [["--parts", "2", "--as", "a/b"], "'--as' expected 1 to 64 letters"],
  ])("%j is refused", async (argv, message) => {
    expect(await fail(2, "build", rowsFile(), ...argv, "-o", join(makeFolder(), "words"))).toContain(message);
  });

  test("standard input is refused, since a build in parts reads its input several times", async () => {
    const argv = ["build", "-", "--format", "npy", "--parts", "2", "-o", join(makeFolder(), "words")];
    expect(await fail(2, ...argv)).toContain("standard input only once: save them in a file first");
  });
});
