import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseHeader } from "../../src/bytes/safetensors.ts";
import { applyChanges, encodeChanges } from "../../src/changes/index.ts";
import { openEncoder, type SequenceEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { type BuildOptions, build, trainSequences } from "../../src/train/index.ts";
import { onceFor } from "../run/once-for.ts";
import { partedItems } from "../sequences/parted-items.ts";
import { DIM, sequenceIndex } from "../sequences/sequence-index.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "./files.ts";
import { jsonLines, midx, writeTable } from "./run.ts";

const SESSIONS = [["gamma", "alpha", "delta"], ["beta"], ["epsilon", "epsilon"]];
const linesOf = (sessions: readonly unknown[]): string =>
  sessions.map((items) => `${JSON.stringify({ items })}\n`).join("");

let file: Uint8Array<ArrayBuffer>;
let encoder: SequenceEncoder;
beforeAll(async () => {
  file = await sequenceIndex();
  encoder = await openEncoder(await load(file));
});

const temporary = mkdtempSync(join(tmpdir(), "midx-encode-"));
afterAll(() => rmSync(temporary, { recursive: true }));
/** Items as one index and in parts, for all tests that only read them. */
const itemsInParts = onceFor(() => partedItems(temporary, { encoder: "gru" }));

/** The file of an index without biases and with a tied encoder. */
async function fileOf(options: BuildOptions): Promise<Uint8Array<ArrayBuffer>> {
  const ids = Int32Array.of(0, 1, 2, 3, 4, 3, 2, 1);
  const sequences = { offsets: Uint32Array.of(0, 4, 8), ids, itemCount: 5 };
  const { model } = await trainSequences(sequences, { dim: DIM, epochs: 1, seed: 1 });
  const { classes } = model.tables as { readonly classes: Float32Array };
  return build({ data: classes, shape: [5, DIM] }, { encoder: model, seed: 1, ...options });
}

/** Runs the command with an index. */
async function encoded(sessions: string, options: readonly string[] = [], bytes = file) {
  const [index, output] = [writeInput("items.midx", bytes), join(makeFolder(), "queries.safetensors")];
  const result = await midx(["encode", index, writeInput("sessions.jsonl", sessions), "-o", output, ...options]);
  return { ...result, index, output };
}

/** The rows of a file of queries. */
function rowsOf(path: string): Float32Array[] {
  const bytes = new Uint8Array(readFileSync(path));
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  expect(tensors).toMatchObject([{ name: "queries", dtype: "F32", shape: [expect.any(Number), DIM] }]);
  const values = new Float32Array(bytes.slice(byteLength).buffer);
  return Array.from({ length: values.length / DIM }, (_, row) => values.slice(row * DIM, (row + 1) * DIM));
}

describe("midx encode", () => {
  test("writes the queries of the encoder, bit for bit, in the order of the lines", async () => {
    const { code, stdout, stderr, index, output } = await encoded(`${linesOf(SESSIONS)}\n`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(rowsOf(output)).toEqual(SESSIONS.map((items) => encoder.encode(items)));
    expect(stdout).toBe(`queries    ${output}\nsequences  3\n\nmidx eval ${index} --queries ${output}\n`);
  });

  test.each(["queries.npy", "queries"])(
    "refuses the name %s, by which no command would read the file",
    async (name) => {
      const output = join(makeFolder(), name);
      const argv = [
        "encode",
        writeInput("items.midx", file),
        writeInput("sessions.jsonl", linesOf(SESSIONS)),
        "-o",
        output,
      ];
      const { code, stderr } = await midx(argv);
      expect(code).toBe(2);
      expect(stderr).toBe(`error: '--output' expected a name that ends in .safetensors, got ${output}\n`);
      expect(existsSync(output)).toBe(false);
    },
  );

  test("gives an index of sequences what drift compares with, and measures it", async () => {
    const many = Array.from({ length: 60 }, (_, i) => SESSIONS[i % 3]?.slice(0, 1 + (i % 4)));
    const { index, output } = await encoded(linesOf(many));
    const refused = await midx(["drift", index, "--queries", output]);
    expect(refused.code).not.toBe(0);
    const evaluated = await midx(["eval", index, "--queries", output, "--min-recall", "0.99"]);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const calibrated = await midx(["calibrate", index, "--queries", output]);
    expect(calibrated.code, calibrated.stderr).toBe(0);
    const drift = await midx(["drift", index, "--queries", output, "--json"]);
    expect(jsonLines(drift.stdout)).toMatchObject([{ due: "nothing", queryCount: 60 }]);
  });

  test("leaves out unknown items if asked to, and says how many sequences had no other", async () => {
    const sessions = linesOf([["omega", "beta"], ["omega"], ["alpha"], []]);
    const { code, stdout, output } = await encoded(sessions, ["--unknown-items", "skip", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ output, queryCount: 2, dim: DIM, leftOut: 2 });
    expect(rowsOf(output)).toEqual([encoder.encode(["beta"]), encoder.encode(["alpha"])]);
  });

  test("writes the queries of one index by the encoder that parts share", async () => {
    const { manifest, one } = await itemsInParts();
    const sessions = linesOf([["item-29", "item-0", "item-14"], ["item-7", "omega"], ["omega"]]);
    const run = async (index: string) => {
      const output = join(makeFolder(), "queries.safetensors");
      const argv = ["encode", index, writeInput("sessions.jsonl", sessions), "-o", output, "--json"];
      const { code, stdout, stderr } = await midx([...argv, "--unknown-items", "skip"]);
      expect(code, stderr).toBe(0);
      const refused = await midx(argv);
      const refusal = refused.stderr.slice(refused.stderr.indexOf('"items"'));
      return { output, facts: { ...JSON.parse(stdout), output: "" }, refusal };
    };
    const [ofParts, ofOne] = [await run(manifest), await run(one)];
    expect(ofParts.facts).toEqual({ output: "", queryCount: 2, dim: DIM, leftOut: 1 });
    expect(ofParts.facts).toEqual(ofOne.facts);
    expect(rowsOf(ofParts.output)).toEqual(rowsOf(ofOne.output));
    expect(ofParts.refusal).toContain('"items"[1] expected the label of an item with a vector');
    expect(ofParts.refusal).toContain(`got "omega": '--unknown-items skip' leaves such items out`);
    expect(ofParts.refusal).toBe(ofOne.refusal);
  });

  test("reads the rows of items that changes have added to parts", async () => {
    const { manifest, one } = await itemsInParts();
    const vector = Array.from({ length: DIM }, (_, d) => 0.3 * Math.cos(d));
    const rows = writeInput("rows.jsonl", `${JSON.stringify({ id: "new", vector })}\n`);
    const bias = writeInput("bias.npy", npyBytes(npyLiteral("<f4", "(1,)"), bytesOf(Float32Array.of(0.5))));
    const sessions = writeInput("sessions.jsonl", linesOf([["item-3", "new", "item-20"]]));
    const queries: Float32Array[][] = [];
    for (const index of [manifest, one]) {
      const [changes, output] = [join(makeFolder(), "new.midxd"), join(makeFolder(), "queries.safetensors")];
      const made = await midx(["changes", index, rows, "--bias", bias, "-o", changes]);
      expect(made.code, made.stderr).toBe(0);
      const { code, stdout, stderr } = await midx(["encode", index, sessions, "-o", output, "--changes", changes]);
      expect(code, stderr).toBe(0);
      const next = `midx eval ${index} --changes ${changes} --queries ${output}`;
      expect(stdout).toContain(`\n${next}\n`);
      expect((await midx(next.split(" ").slice(1))).code).toBe(0);
      queries.push(rowsOf(output));
    }
    expect(queries[0]).toEqual(queries[1]);
  });

  test("refuses parts without an encoder", async () => {
    const parts = join(makeFolder(), "parts");
    await midx(["build", writeTable(50, 4), "--parts", "2", "-o", parts, "--calibrate", "off"]);
    const sessions = writeInput("sessions.jsonl", linesOf(SESSIONS));
    const argv = ["encode", join(parts, "manifest.json"), sessions, "-o", join(makeFolder(), "q.safetensors")];
    const { code, stderr } = await midx(argv);
    expect(code).toBe(2);
    expect(stderr).toContain("manifest.json have no encoder: build them with midx build --parts --encoder");
  });

  test("is what other commands name for queries of items", async () => {
    const sessions = writeInput("sessions.jsonl", linesOf(SESSIONS));
    const { stderr } = await midx(["eval", writeInput("items.midx", file), "--queries", sessions]);
    expect(stderr).toContain('got "items": midx encode makes queries of items');
  });

  test("reads ids where the index has no labels", async () => {
    const plain = await fileOf({});
    const sessions = [[0, 3], ["2"]];
    const { code, stderr, output } = await encoded(linesOf(sessions), [], plain);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const own = await openEncoder(await load(plain));
    expect(rowsOf(output)).toEqual([own.encode([0, 3]), own.encode([2])]);
    const refused = await encoded(linesOf([["alpha"]]), [], plain);
    expect(refused.stderr).toContain(
      'line 1: "items"[0] expected an integer in 0..4, an item with a vector, got "alpha"',
    );
    const padded = await encoded(linesOf([["01"]]), ["--unknown-items", "skip"], plain);
    expect(padded.stderr).toContain('got "01": an id in digits has no leading zeros');
  });

  test("reads items that changes add", async () => {
    const labelled = await fileOf({ labels: ["alpha", "beta", "gamma", "delta", "epsilon"], rowType: "f32" });
    const index = await load(labelled, { maxDelta: 1 });
    const changes = encodeChanges(index, { upserts: { labels: ["new"], rows: new Float32Array(DIM).fill(0.125) } });
    applyChanges(index, changes);
    const path = writeInput("items.midxd", changes);
    const { code, stderr, output } = await encoded(linesOf([["beta", "new"]]), ["--changes", path], labelled);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(rowsOf(output)).toEqual([(await openEncoder(index)).encode(["beta", "new"])]);
    const removed = encodeChanges(index, { removals: ["beta"] }, { after: 1, sequence: 2 });
    const then = ["--changes", path, "--changes", writeInput("removed.midxd", removed)];
    const gone = await encoded(linesOf([["beta", "new"]]), then, labelled);
    expect(gone.stderr).toContain('"items"[0] expected the label of an item with a vector');
    const left = await encoded(linesOf([["beta", "new"]]), [...then, "--unknown-items", "skip"], labelled);
    expect(rowsOf(left.output)).toEqual([(await openEncoder(index)).encode(["new"])]);
  });

  test.each([
    ['["alpha"]', 3, 'line 1: expected {"items": […]}, got an array'],
    ["alpha beta", 3, 'line 1 is not JSON: expected {"items": […]}'],
    ['{"item": ["alpha"]}', 3, 'line 1: "items" expected an array, got nothing'],
    [
      '{"items": ["alpha"]}\n{"items": ["beta", 3]}',
      3,
      'line 2: "items"[1] expected the label of an item with a vector, got "3"',
    ],
    [
      '{"items": []}',
      3,
      "line 1: \"items\" expected at least one item, got none: '--unknown-items skip' leaves such sequences out",
    ],
    ["\n", 2, "expected at least one sequence, got none"],
  ])("refuses %j", async (sessions, code, message) => {
    const outcome = await encoded(sessions);
    expect(outcome.stderr).toContain(`sessions.jsonl: ${message}`);
    expect(outcome.code).toBe(code);
  });

  test("refuses a table with columns, and names the remedy", async () => {
    const index = writeInput("items.midx", file);
    const table = writeInput("clicks.csv", "session,item\na,alpha\n");
    const { code, stderr } = await midx(["encode", index, table, "-o", join(makeFolder(), "queries.safetensors")]);
    expect(stderr).toContain(`${table}: expected .jsonl of {"items": […]}, got .csv: write the items of each sequence`);
    expect(code).toBe(2);
  });

  test.each(["predict", "sample", "decode"])(
    "midx %s names it where an index has no other features",
    async (command) => {
      const argv = [
        command,
        writeInput("items.midx", file),
        "--features",
        "alpha",
        ...(command === "sample" ? ["--draws", "1"] : []),
      ];
      const { code, stderr } = await midx(argv);
      expect(stderr).toBe(
        "error: '--features' expected an index built with \"features\", got one with an encoder: pass its items as '--sequence'\n",
      );
      expect(code).toBe(2);
    },
  );

  test("refuses an index without an encoder, and names the remedy", async () => {
    const index = join(makeFolder(), "plain.midx");
    await midx(["build", writeTable(50, 4), "-o", index, "--calibrate", "off"]);
    const sessions = writeInput("sessions.jsonl", linesOf(SESSIONS));
    const { code, stderr } = await midx(["encode", index, sessions, "-o", join(makeFolder(), "q.safetensors")]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: ${index} has no encoder: build it with midx build --encoder\n`,
    });
  });
});

describe("--sequence of midx predict, sample and decode", () => {
  const asked = (command: string, index: string, sequence: string, ...options: string[]) =>
    midx([command, index, "--sequence", sequence, ...options]);

  test.each(["predict", "sample", "decode"])("is the query of its items: midx %s", async (command) => {
    const [index, output] = [writeInput("items.midx", file), join(makeFolder(), "queries.safetensors")];
    const options = ["--seed", "1", "--json", ...(command === "sample" ? ["--draws", "3"] : [])];
    await midx(["encode", index, writeInput("sessions.jsonl", linesOf(SESSIONS)), "-o", output]);
    const byQuery = await midx([command, index, "--queries", output, "--row", "0", ...options]);
    expect(byQuery.code, byQuery.stderr).toBe(0);
    for (const sequence of ["gamma alpha delta", "gamma,alpha,delta", '["gamma", "alpha", "delta"]']) {
      expect((await asked(command, index, sequence, ...options)).stdout, sequence).toBe(byQuery.stdout);
    }
  });

  test("is read by the encoder that parts share, and by the ids of an index without labels", async () => {
    const { manifest, one } = await itemsInParts();
    const answers = [manifest, one].map((index) => asked("predict", index, "item-29 item-0", "--exact", "--json"));
    const [ofParts, ofOne] = (await Promise.all(answers)).map(({ stdout }) => JSON.parse(stdout));
    expect(ofParts.ids).toEqual(ofOne.ids);
    const bytes = await fileOf({ rowType: "f32" });
    const unlabelled = writeInput("ids.midx", bytes);
    const query = (await openEncoder(await load(bytes))).encode([3, 1]);
    const { scores } = (await load(bytes)).predict(query, 2, { exact: true });
    const { stdout } = await asked("predict", unlabelled, "3 1", "--exact", "--json", "-k", "2");
    expect(JSON.parse(stdout).scores).toEqual(Array.from(scores));
  });

  test.each([
    [
      "alpha omega",
      "'--sequence'[1] expected an item with a vector, an integer in 0..4 or a label of the index, got \"omega\": leave it out",
    ],
    ["", "'--sequence' expected at least one item, got none"],
    ["[1.5]", "'--sequence'[0] expected an item with a vector"],
    ["[alpha]", "Expected a JSON array"],
  ])("refuses %j", async (sequence, message) => {
    const { code, stderr } = await asked("predict", writeInput("items.midx", file), sequence);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test("needs an encoder, and no other query beside it", async () => {
    const index = join(makeFolder(), "plain.midx");
    await midx(["build", writeTable(50, 4), "-o", index, "--calibrate", "off"]);
    const { code, stderr } = await asked("predict", index, "alpha");
    expect(stderr).toBe(
      "error: '--sequence' expected an index with an encoder, got one without: build it from a model of midx train --encoder\n",
    );
    expect(code).toBe(2);
    expect((await asked("predict", index, "alpha", "--vector", "[1]")).stderr).toContain(
      "'--sequence <items>' cannot be used with option '--vector <json>'",
    );
  });
});

test("conditions name classes by labels, in an index and in its parts", async () => {
  const { manifest, one } = await itemsInParts();
  const conditions = (name: (id: number) => string): string[] => [
    ...["--exclude", name(29), "--history", `${name(0)} ${name(4)}`, "--presence-penalty", "0.5"],
    ...["--bias", `${name(3)}=2.5,${name(7)}=-Infinity`],
  ];
  const ask = async (index: string, options: readonly string[]) => {
    const argv = ["predict", index, "--sequence", "item-29 item-0", "--exact", "--json", "-k", "30", "--seed", "1"];
    const { code, stdout, stderr } = await midx([...argv, ...options]);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  const labelOf = new Map<number, string>();
  for (const index of [one, manifest]) {
    const { ids, labels } = await ask(index, []);
    ids.forEach((id: number, i: number) => void labelOf.set(id, labels[i]));
    const byId = await ask(index, conditions(String));
    const byLabel = await ask(
      index,
      conditions((id) => String(labelOf.get(id))),
    );
    expect(byLabel).toEqual(byId);
    expect(byLabel.ids).not.toContain(29);
    const allowed = await ask(index, ["--allow", `[1, "${labelOf.get(2)}"]`]);
    expect([...allowed.ids].sort()).toEqual([1, 2]);
    const unknown = await midx(["predict", index, "--sequence", "item-0", "--exclude", "item-0,omega"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("'--exclude' expected a label of the index, got \"omega\"");
  }
});

test("a number that is the id of one class and the label of another is refused in conditions, unless it is in quotes", async () => {
  const index = join(makeFolder(), "i.midx");
  const rows = ["2", "1", "0", "x"].map((id, i) => JSON.stringify({ id, vector: [i, 1, 0, 0] }));
  await midx(["build", writeInput("rows.jsonl", rows.join("\n")), "--calibrate", "off", "-o", index]);
  const ask = (...options: string[]) =>
    midx(["predict", index, "--vector", "[1,0,0,0]", "--exact", "--json", "-k", "4", ...options]);
  const idsOf = async (...options: string[]): Promise<number[]> => JSON.parse((await ask(...options)).stdout).ids;
  expect(await idsOf("--exclude", "1,3")).toEqual([2, 0]);
  expect(await idsOf("--exclude", '"0",x')).toEqual([1, 0]);
  expect(await idsOf("--exclude", '["2", 2]')).toEqual([3, 1]);
  expect(await idsOf("--bias", '"2"=99,x=-Infinity')).toEqual([0, 2, 1]);
  expect(await ask("--exclude", "3,0")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      `'--exclude' expected an id or a label, got 0, which is the label of the class with the id 2: write '"0"' for this class, and the class with the id 0 by its own label`,
    ),
  });
  expect((await ask("--bias", "2=1")).stderr).toContain("'--bias' expected an id or a label, got 2");
});

describe("midx encode --sample", () => {
  /** Samples sequences from an index. */
  async function sampled(options: readonly string[], index = writeInput("items.midx", file)) {
    const output = join(makeFolder(), "queries.safetensors");
    return { ...(await midx(["encode", index, "-o", output, ...options])), index, output };
  }

  test("makes queries of sequences that the model draws, the same for a seed", async () => {
    const { code, stdout, stderr, index, output } = await sampled(["--sample", "33"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      `queries    ${output}\nsequences  33, drawn from the model\n\nmidx calibrate ${index} --queries ${output}\n`,
    );
    const rows = rowsOf(output);
    expect(rows).toHaveLength(33);
    // The sequences 0, 16 and 32 have one item each.
    const ofOne = ["alpha", "beta", "gamma", "delta", "epsilon"].map((item) => encoder.encode([item]));
    for (const i of [0, 16, 32]) expect(ofOne).toContainEqual(rows[i]);
    expect(rows.filter((row) => ofOne.some((one) => one.every((value, d) => value === row[d]))).length).toBeLessThan(
      12,
    );

    expect(rowsOf((await sampled(["--sample", "33", "--seed", "0"])).output)).toEqual(rows);
    expect(rowsOf((await sampled(["--sample", "33", "--seed", "1"])).output)).not.toEqual(rows);
    const calibrated = await midx(["calibrate", index, "--queries", output]);
    expect(calibrated.code, calibrated.stderr).toBe(0);
  });

  test("draws each item by the softmax of the query so far", async () => {
    const { output } = await sampled(["--sample", "4000"]);
    const seconds = rowsOf(output).filter((_, i) => (7 * i) % 16 === 1);
    const index = await load(file);
    const starts = index.predict(new Float32Array(DIM), 5, { exact: true });
    const expected = new Map<string, number>();
    for (const [s, first] of starts.ids.entries()) {
      const next = index.predict(encoder.encode([first]), 5, { exact: true });
      for (const [n, second] of next.ids.entries()) {
        const key = encoder.encode([first, second]).join();
        const share = (starts.probabilities[s] as number) * (next.probabilities[n] as number);
        expected.set(key, (expected.get(key) ?? 0) + share);
      }
    }
    const counts = new Map<string, number>();
    for (const row of seconds) counts.set(row.join(), (counts.get(row.join()) ?? 0) + 1);
    for (const [key, share] of expected) {
      const deviation = Math.sqrt(seconds.length * share * (1 - share));
      expect(Math.abs((counts.get(key) ?? 0) - seconds.length * share)).toBeLessThan(5 * deviation + 1);
    }
    expect([...counts.keys()].every((key) => expected.has(key))).toBe(true);
  });

  test("starts evenly where there are no biases, and samples from parts as from one index", async () => {
    const cosine = writeInput("cosine.midx", await fileOf({ metric: "cosine" }));
    expect(rowsOf((await sampled(["--sample", "20"], cosine)).output)).toHaveLength(20);
    const { manifest, one } = await itemsInParts();
    expect(rowsOf((await sampled(["--sample", "16"], manifest)).output)).toHaveLength(16);
    expect(rowsOf((await sampled(["--sample", "16"], one)).output)).toHaveLength(16);
  });

  test("is refused beside a file, and what needs it without it", async () => {
    const sessions = writeInput("sessions.jsonl", linesOf(SESSIONS));
    expect((await sampled([sessions, "--sample", "3"])).stderr).toContain("'--sample' has no meaning beside <data>");
    expect((await sampled([])).stderr).toContain("expected <data>, a file of sequences, or '--sample'");
    expect((await sampled([sessions, "--seed", "3"])).stderr).toContain("'--seed' needs '--sample'");
    expect((await sampled(["--sample", "3", "--unknown-items", "skip"])).stderr).toContain(
      "'--unknown-items' has no meaning beside '--sample'",
    );
    expect((await sampled(["--sample", "0"])).stderr).toContain("Expected an integer in 1..1000000");
  });
});
