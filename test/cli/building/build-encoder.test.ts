import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEncoder } from "../../../src/encoder/index.ts";
import { load } from "../../../src/index.ts";
import { writeCheckpoint } from "../../../src/train/model/checkpoint.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import { xxh64 } from "../../fixtures/index-file.ts";
import { onceFor } from "../../run/once-for.ts";
import { makeFolder, writeInput } from "../files.ts";
import { midx } from "../run.ts";
import { clicks } from "./clicks.ts";

const temporary = mkdtempSync(join(tmpdir(), "midx-build-encoder-"));
afterAll(() => rmSync(temporary, { recursive: true }));

interface Trained {
  readonly model: string;
  readonly stdout: string;
}

/** Trains a small model with an encoder once for each list of options and each number of dimensions. */
const trained = onceFor(async (options: readonly string[] = [], dim = 8): Promise<Trained> => {
  const model = join(mkdtempSync(join(temporary, "model-")), "m.safetensors");
  const argv = ["train", clicks(), "--task", "next-item", "--encoder", "gru", "--dim", `${dim}`, "--epochs", "1"];
  return { model, stdout: (await midx([...argv, ...options, "-o", model])).stdout };
});

test("a build takes no model of other items, and no index, for an encoder", async () => {
  const [{ model }, { model: wider }] = [await trained(), await trained([], 12)];
  const index = join(makeFolder(), "i.midx");
  const built = ["build", model, "--tensor", "classes", "--calibrate", "off", "-o", index];
  expect(await midx([...built, "--encoder", model])).toMatchObject({ code: 0 });
  expect((await midx([...built, "--encoder", wider])).stderr).toMatch(
    /m\.safetensors: '--encoder' expected a model of (\d+) items of 8 values, as the embeddings are, got one of \1 of 12\n$/,
  );
  const other = join(makeFolder(), "o.midx");
  expect((await midx([...built.with(-1, other), "--encoder", index])).stderr).toContain(
    "i.midx: '--encoder' expected a model, got an index: pass the model that it was built with",
  );
});

test("a build of a model with an encoder finds its rows, biases and encoder, unless --tensor names the rows", async () => {
  const { model } = await trained();
  const folder = makeFolder();
  const build = async (name: string, ...options: string[]) => {
    const output = join(folder, name);
    const { code, stderr } = await midx(["build", model, "--calibrate", "off", "-o", output, ...options]);
    expect(code, stderr).toBe(0);
    return { bytes: readFileSync(output), stderr };
  };
  const found = await build("found.midx");
  expect(found.stderr).toContain(`so this builds with --tensor classes --bias bias --encoder ${model}\n`);
  const named = await build("named.midx", "--tensor", "classes", "--bias", "bias", "--encoder", model);
  expect(named.stderr).not.toContain("so this builds");
  expect(found.bytes.equals(named.bytes)).toBe(true);
  const rowsAlone = await load((await build("rows.midx", "--tensor", "classes")).bytes);
  expect(rowsAlone.info.hasBias).toBe(false);
  await expect(openEncoder(rowsAlone)).rejects.toThrow("encoder");

  const parts = join(folder, "parts");
  const divided = await midx(["build", model, "--parts", "2", "--row-type", "f32", "--calibrate", "off", "-o", parts]);
  expect(divided.code, divided.stderr).toBe(0);
  const [first] = readdirSync(parts).filter((name) => name.endsWith(".midx"));
  const part = await load(readFileSync(join(parts, String(first))));
  expect(part.info.hasBias).toBe(true);
  await openEncoder(part);
  const planned = ["build-plan", model, "--parts", "2", "--row-type", "f32", "-o", join(folder, "plan.json")];
  expect((await midx(planned)).stderr).toContain("so this builds with");
  const refused = await midx(["build", model, "--max-memory", "500", "-o", join(folder, "x.midx")]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain(
    "'--max-memory' expected a model without an encoder: add --tensor classes --bias bias",
  );
});

test("a build of a model without the names of its items, as those of before have none, notes how to get them", async () => {
  const { model } = await trained();
  const folder = makeFolder();
  const [old, labels] = [join(folder, "old.safetensors"), writeInput("l.txt", "alpha\nbeta\ngamma\ndelta\nomega\n")];
  const { labels: names, ...unnamed } = readCheckpoint(readFileSync(model), xxh64);
  writeFileSync(old, writeCheckpoint(unnamed, xxh64));
  const note = "old.safetensors does not name its items, whose ids are in the order of their frequency: ";
  const build = async (...options: string[]) => {
    const output = join(folder, "i.midx");
    const { code, stderr } = await midx(["build", old, "--calibrate", "off", "-o", output, ...options]);
    expect(code, stderr).toBe(0);
    return stderr;
  };
  expect(names).toHaveLength(5);
  expect(await build()).toContain(note);
  expect(await build("--labels", labels)).not.toContain(note);
  expect(await build("--no-id-field")).not.toContain(note);
});

test("a build notes that an encoder is of another training than the embeddings", async () => {
  const [{ model: one }, { model: two }] = [await trained(), await trained(["--no-tied", "--seed", "1"])];
  const argv = ["--tensor", "classes", "--calibrate", "off", "-o", join(makeFolder(), "i.midx")];
  const built = (classes = one, encoder = one) => midx(["build", classes, "--encoder", encoder, ...argv]);
  const note = "note: the embeddings are not the classes of ";
  expect((await built()).stderr).not.toContain(note);
  expect((await built(two, two)).stderr).not.toContain(note);
  expect((await built(one, two)).stderr).toContain(`${note}${two}`);
  expect((await built(two, one)).stderr).toContain(`${note}${one}`);
});

test("a build notes that a tied encoder reads other vectors than the rows of the file", async () => {
  const [{ model: tied, ...ofTied }, { model: own, ...ofOwn }] = [
    await trained(),
    await trained(["--no-tied", "--seed", "1"]),
  ];
  expect(ofTied.stdout).toContain("--row-type f32");
  expect(ofOwn.stdout).not.toContain("--row-type");
  const argv = ["--tensor", "classes", "--bias", "bias", "--calibrate", "off", "-o", join(makeFolder(), "i.midx")];
  const built = (model: string, ...options: string[]) =>
    midx(["build", model, "--encoder", model, ...argv, ...options]);
  const note = (rows: string, remedy: string) =>
    `note: the file stores the vectors that the encoder reads beside ${rows}: sequences cannot have items that are upserted later, and read replaced items by their old vectors; ${remedy} lets the encoder read the rows, in a smaller file\n`;
  expect((await built(tied)).stderr).toContain(note("i8 rows", "--row-type f32"));
  const cosine = await built(tied, "--row-type", "f32", "--metric", "cosine");
  expect(cosine.stderr).toContain(note("f32 rows of cosine", "--row-type f32 --metric dot"));
  expect((await built(tied, "--json")).stdout).toContain('"encoderCopiesItems":true');
  expect((await built(tied, "--row-type", "f32")).stderr).not.toContain("note: the file stores");
  expect((await built(own)).stderr).not.toContain("note: the file stores");
});

test("--tune tries structures of other vectors than those that a tied encoder reads", async () => {
  const [{ model: one }, { model: other }] = [await trained(), await trained(["--seed", "1"])];
  const index = join(makeFolder(), "i.midx");
  const built = ["build", one, "--tensor", "classes", "--encoder", other, "--calibrate", "off", "-o", index];
  const queries = Array.from({ length: 20 }, (_, row) => Array.from({ length: 8 }, (_, d) => Math.cos(row + 5 * d)));
  const asked = writeInput("queries.csv", queries.map((query) => `${query.join(",")}\n`).join(""));
  expect(await midx([...built, "--tune", "--queries", asked])).toMatchObject({ code: 0 });
});

test("a build takes no model of features for an encoder", async () => {
  const model = join(makeFolder(), "model.safetensors");
  await midx(["train", clicks(), "--task", "next-item", "--dim", "8", "--epochs", "1", "-o", model]);
  const argv = ["build", model, "--tensor", "classes", "--encoder", model, "-o", join(makeFolder(), "x.midx")];
  const { code, stderr } = await midx(argv);
  expect(code).toBe(2);
  expect(stderr).toContain("expected a model of midx train --encoder, got one of features");
});

test("a build calibrates with the sequences that midx encode --sample writes", async () => {
  const folder = makeFolder();
  const [built, sampled] = [join(folder, "b.midx"), join(folder, "s.safetensors")];
  const { model } = await trained();
  const build = (output: string, ...options: string[]) =>
    midx(["build", model, "--tensor", "classes", "--bias", "bias", "--encoder", model, "-o", output, ...options]);
  const quick = await build(built);
  expect(quick.code, quick.stderr).toBe(0);
  expect(quick.stdout).toMatch(/calibration +256 sequences that the model draws, \d+ answers, in /);
  await build(built, "--calibrate", "full", "--seed", "5");
  const { calibration } = await infoOf(built);
  expect(calibration).toMatchObject({ calibrated: true, source: "stand-ins", queryCount: 400 });
  await midx(["encode", built, "--sample", "400", "--seed", "5", "-o", sampled]);
  expect(await midx(["calibrate", built, "--queries", sampled])).toMatchObject({ code: 0 });
  expect((await infoOf(built)).calibration).toEqual({ ...calibration, source: "queries" });
  const { calibration: ofRows } = await infoOf(await withoutEncoder(model, folder));
  expect(ofRows).toMatchObject({ calibrated: true, source: "stand-ins", queryCount: 256 });
  expect(ofRows.coverage).not.toBe(calibration.coverage);
});

async function infoOf(path: string) {
  const index = await load(readFileSync(path));
  const { info } = index;
  index.dispose();
  return info;
}

/** Builds the items of a model as if nobody knew of its encoder. */
async function withoutEncoder(model: string, folder: string): Promise<string> {
  const output = join(folder, "rows.midx");
  await midx(["build", model, "--tensor", "classes", "--bias", "bias", "--calibrate", "full", "-o", output]);
  return output;
}
