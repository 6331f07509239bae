import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { parseHeader } from "../../../src/bytes/safetensors.ts";
import { load } from "../../../src/index.ts";
import { EVERY } from "../../run/size.ts";
import { CHAIN, walk } from "../../train/model/toy.ts";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx } from "../run.ts";

/** What a training prints on stderr where that is no terminal: a line for each epoch. */
const EPOCHS = /^(epoch \d+ of \d+: training loss .*\n)+$/;
const WORDS = ["alpha", "beta", "gamma", "delta", "epsilon"];

/** Returns sentences of ten words, walks on a Markov chain. */
function text(sentences: number, seed: number): string {
  const words = walk(10 * sentences, seed);
  return Array.from({ length: sentences }, (_, s) =>
    Array.from(words.subarray(10 * s, 10 * s + 10), (word) => WORDS[word]).join(" "),
  ).join("\n");
}

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const tensorsOf = (path: string): Record<string, readonly number[]> =>
  Object.fromEntries(parseHeader(readFileSync(path)).tensors.map(({ name, shape }) => [name, shape]));

describe("midx train", () => {
  /** That of a training by all classes, which all samplers are compared with. */
  let perplexityByAll: Promise<number> | undefined;
  // test/train/samplers.test.ts has the laws of all of them.
  const SAMPLERS = [
    "midx",
    "unigram",
    "lsh",
    "midx-pq",
    "midx-head",
    "midx-learned",
    "uniform",
    "log-uniform",
    "quadratic",
    "fourier",
  ];
  test.each(EVERY ? SAMPLERS : SAMPLERS.slice(0, 3))(
    "learns by draws of %s, nearly as far as by all classes",
    async (sampler) => {
      const output = join(makeFolder(), "model.safetensors");
      const [data, valid] = [writeInput("text.txt", text(500, 1)), writeInput("valid.txt", text(200, 2))];
      const model = ["-o", output, "--dim", "8", "--epochs", "3", "--negatives", "10", "--refresh-every", "50"];
      const argv = ["train", data, "--task", "lm", "--valid", valid, ...model, "--json"];
      const perplexityBy = async (name: string): Promise<number> => {
        const { stdout } = await midx([...argv, "--sampler", name]);
        return (jsonLines(stdout).at(-1) as { metrics: { perplexity: number } }).metrics.perplexity;
      };
      perplexityByAll ??= perplexityBy("full");
      expect((await perplexityBy(sampler)) / (await perplexityByAll)).toBeLessThan(1.05);
    },
  );

  test("learns words, writes what midx build takes, and says how good the model is", async () => {
    const folder = makeFolder();
    const [output, labels, index] = ["model.safetensors", "words.txt", "words.midx"].map((name) => join(folder, name));
    const data = writeInput("text.txt", text(500, 1));
    const valid = writeInput("valid.txt", text(200, 2));
    const argv = [
      "train",
      data,
      "--task",
      "lm",
      "-o",
      output as string,
      "--valid",
      valid,
      "--dim",
      "8",
      "--epochs",
      "3",
    ];
    const { code, stdout, stderr } = await midx([...argv, "--labels-out", labels as string]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(EPOCHS) });
    expect(tensorsOf(output as string)).toMatchObject({
      classes: [6, 8],
      bias: [6],
      features: [6, 8],
      positions: [4, 8],
      "adagrad.classes": [6, 8],
    });
    expect(
      new Set(
        readFileSync(labels as string, "utf8")
          .trim()
          .split("\n"),
      ),
    ).toEqual(new Set([...WORDS, "<eos>"]));
    // The chain predicts nine of eleven words from their predecessors, and <eos> is certain, so the loss is far below 6.
    expect(Number(/^perplexity +(\d+\.\d+)$/m.exec(stdout)?.[1])).toBeLessThan(3.5);
    expect(stdout).toMatch(/^held out +2000 examples$/m);
    const hint = `midx build ${output} --tensor classes --bias bias --features features --positions positions --pooling sum -o <index>`;
    expect(stdout).toContain(hint);
    expect(await midx([...hint.split(" ").slice(1, -1), index as string])).toMatchObject({ code: 0, stderr: "" });
    const loaded = await load(readFileSync(index as string));
    expect(loaded.info).toMatchObject({ itemCount: 6, dim: 8, hasBias: true, hasLabels: true });
    const names = readFileSync(labels as string, "utf8")
      .trimEnd()
      .split("\n");
    expect(loaded.labels(names.map((_, id) => id))).toEqual(names);
    expect(loaded.encode(names.slice(1, 4))).toEqual(loaded.encode([1, 2, 3]));
  });

  test("learns what follows from items, named by texts or integers", async () => {
    const folder = makeFolder();
    const [output, labels] = [join(folder, "m.safetensors"), join(folder, "items.txt")];
    const items = Array.from({ length: 300 }, (_, row) => ({ items: [row % 5, `b${row % 5}`, `c${row % 5}`] }));
    const data = writeInput("sessions.jsonl", jsonl(items), '{"items":["rare"]}\n');
    const argv = ["train", data, "--task", "next-item", "-o", output, "--labels-out", labels, "--dim", "8"];
    const { code, stdout } = await midx([...argv, "--valid", data, "--min-count", "2", "--epochs", "20", "--json"]);
    expect(code).toBe(0);
    expect(readFileSync(labels, "utf8").trim().split("\n").slice(0, 4)).toEqual(["0", "b0", "c0", "1"]);
    expect(tensorsOf(output).classes).toEqual([15, 8]);
    const trained = jsonLines(stdout).pop() as { pooling: string; metrics: { ndcg: number; perplexity: number } };
    expect(trained.pooling).toBe("mean");
    expect(trained.metrics.ndcg).toBeGreaterThan(0.99);
    expect(trained.metrics.perplexity).toBeLessThan(1.2);
  });

  test("writes names that begin as a file with a byte order mark does, so that a build reads the same", async () => {
    const folder = makeFolder();
    const [output, labels, index] = ["m.safetensors", "items.txt", "i.midx"].map((name) => join(folder, name));
    const data = writeInput("sessions.jsonl", '{"items":["\\ufeffa","b","\\ufeffa"]}\n');
    const argv = ["train", data, "--task", "next-item", "--dim", "4", "--epochs", "1", "-o", output as string];
    expect(await midx([...argv, "--labels-out", labels as string])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(EPOCHS),
    });
    const named = ["--tensor", "classes", "--labels", labels as string, "--calibrate", "off"];
    await midx(["build", output as string, ...named, "-o", index as string]);
    expect((await load(readFileSync(index as string))).labels([0, 1])).toEqual(["\ufeffa", "b"]);
  });

  test.each([[[]], [["--encoder", "gru"]]])(
    "keeps the names of items, which are ids of others: %j",
    async (encoder) => {
      const folder = makeFolder();
      const [output, labels, index] = ["m.safetensors", "items.txt", "i.midx"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const data = writeInput("sessions.jsonl", jsonl([{ items: [3, 0, 2] }, { items: [3, 2, 1] }]));
      const argv = ["train", data, "--task", "next-item", "-o", output, "--dim", "4", "--epochs", "1", ...encoder];
      expect(await midx(argv)).toMatchObject({ code: 0 });
      expect(await midx([...argv, "--resume", "--labels-out", labels])).toMatchObject({ code: 0 });
      expect(readFileSync(labels, "utf8")).toBe("3\n2\n0\n1\n");
      const built = ["build", output, "--tensor", "classes", "--calibrate", "off", "-o", index];
      const namesOf = async (...options: readonly string[]): Promise<readonly string[] | undefined> => {
        expect(await midx([...built, ...options])).toMatchObject({ code: 0 });
        const loaded = await load(readFileSync(index));
        return loaded.info.hasLabels ? loaded.labels([0, 1, 2, 3]) : undefined;
      };
      expect(await namesOf()).toEqual(["3", "2", "0", "1"]);
      expect(await namesOf("--labels", writeInput("other.txt", "a\nb\nc\nd\n"))).toEqual(["a", "b", "c", "d"]);
      expect(await namesOf("--no-id-field")).toBeUndefined();
    },
  );

  test("learns labels, several a row, and names features beside them", async () => {
    const folder = makeFolder();
    const [output, labels, features] = ["m.safetensors", "l.txt", "f.txt"].map((name) => join(folder, name));
    const rows = Array.from({ length: 300 }, (_, row) => ({
      features: [`w${row % 4}`, "the", row % 7],
      ...(row % 2 === 0 && { weights: [1, 0.1, 0.1] }),
      labels: [`topic ${row % 4}`, row % 2 === 0 ? "even" : "odd"],
    }));
    const data = writeInput("docs.jsonl", jsonl(rows), '{"features":["the"],"labels":[]}\n');
    const argv = ["train", data, "--task", "labels", "-o", output as string, "--dim", "8", "--epochs", "20"];
    const outs = ["--labels-out", labels as string, "--features-out", features as string];
    const { code, stdout } = await midx([...argv, ...outs, "--hidden", "tanh", "--valid", data]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^examples +300$/m); // the row without labels is not an example
    expect(stdout).toMatch(/^recall@10 +1\.0000$/m);
    expect(readFileSync(labels as string, "utf8").split("\n")).toHaveLength(7);
    expect(readFileSync(features as string, "utf8").split("\n")).toHaveLength(13);
    expect(tensorsOf(output as string)).toMatchObject({ "hidden.weight": [8, 8], "hidden.bias": [8] });
  });

  test("puts <unk> in the place of rare words, and of those of other files", async () => {
    const folder = makeFolder();
    const labels = join(folder, "words.txt");
    const data = writeInput("text.txt", "a b a b\na c\nb a d\n");
    const argv = ["train", data, "--task", "lm", "-o", join(folder, "m.safetensors"), "--dim", "4", "--epochs", "1"];
    await midx([...argv, "--labels-out", labels, "--min-count", "2"]);
    expect(readFileSync(labels, "utf8")).toBe("a\nb\n<eos>\n<unk>\n");
    await midx([...argv, "--labels-out", labels, "--max-words", "2"]);
    expect(readFileSync(labels, "utf8")).toBe("a\n<unk>\n");
    const valid = writeInput("valid.txt", "a never b\n");
    const { code, stdout } = await midx([...argv, "--min-count", "2", "--valid", valid]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^held out +3 examples$/m);
  });

  test("goes on with --resume to the file that one run writes", async () => {
    const folder = makeFolder();
    const data = writeInput("text.txt", text(60, 1));
    const LM = ["--task", "lm", "--dim", "8", "--seed", "3"];
    const train = (name: string, ...options: string[]) =>
      midx(["train", data, ...LM, "-o", join(folder, name), ...options]);
    await train("whole.safetensors", "--epochs", "3");
    await train("parts.safetensors", "--epochs", "1");
    expect(await train("parts.safetensors", "--epochs", "3", "--resume")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(EPOCHS),
    });
    const [whole, parts] = ["whole", "parts"].map((name) => readFileSync(join(folder, `${name}.safetensors`)));
    expect(parts?.equals(whole as Buffer)).toBe(true);
    const other = await train("parts.safetensors", "--epochs", "4", "--resume", "--batch-size", "32");
    expect(other).toMatchObject({
      code: 2,
      stderr: "error: '--batch-size' expected 64, as in the checkpoint that is resumed, got 32\n",
    });
    const others = writeInput("text.txt", text(60, 1).split("\n").reverse().join("\n").trimStart());
    const changed = await midx(["train", others, ...LM, "-o", join(folder, "parts.safetensors"), "--resume"]);
    expect(changed).toMatchObject({
      code: 2,
      stderr:
        'error: "examples" expected the same data as in the checkpoint that is resumed, got others of the same size: pass the data of that training, with the same --history\n',
    });
    expect((await train("none.safetensors", "--resume")).code).toBe(1);
    writeFileSync(join(folder, "bad.safetensors"), "bad");
    const bad = await train("bad.safetensors", "--resume");
    expect(bad.code).toBe(3);
    expect(bad.stderr).toContain("bad.safetensors: ");
  });

  test.each([[[]], [["--encoder", "gru"]]])("leaves names as they are if it is refused: %j", async (encoder) => {
    const folder = makeFolder();
    const [output, labels] = [join(folder, "m.safetensors"), join(folder, "words.txt")];
    const argv = ["--task", "lm", "--dim", "8", "-o", output, "--labels-out", labels, "--epochs", "1", ...encoder];
    await midx(["train", writeInput("text.txt", "a b c\nb c a\n"), ...argv]);
    const names = readFileSync(labels, "utf8");
    const others = writeInput("text.txt", "x y z\nx y y\n");
    expect((await midx(["train", others, ...argv, "--resume"])).code).toBe(2);
    const more = await midx(["train", writeInput("text.txt", "a b c\nd c a\n"), ...argv, "--resume"]);
    expect(more.stderr).toBe(
      'error: "classCount" expected 4, as in the checkpoint that is resumed, got 5: pass the data of that training, with the same names (--min-count and --max-words)\n',
    );
    expect(readFileSync(labels, "utf8")).toBe(names);
    expect(await midx(["train", others, ...argv])).toMatchObject({ code: 0, stderr: expect.stringMatching(EPOCHS) });
    expect(readFileSync(labels, "utf8")).not.toBe(names);
  });

  test("goes on with --resume only with the kind of model of the checkpoint", async () => {
    const folder = makeFolder();
    const data = writeInput("text.txt", text(60, 1));
    const resume = async (from: readonly string[], to: readonly string[]) => {
      const argv = ["train", data, "--task", "lm", "--dim", "8", "-o", join(folder, "m.safetensors")];
      expect((await midx([...argv, "--epochs", "1", ...from])).code).toBe(0);
      return (await midx([...argv, "--epochs", "2", "--resume", ...to])).stderr;
    };
    const as = "as in the checkpoint that is resumed";
    const gru = ["--encoder", "gru"];
    expect(await resume([], gru)).toBe(`error: '--encoder' expected none, ${as}, got gru\n`);
    expect(await resume(gru, [])).toBe(`error: '--encoder' expected gru, ${as}, got none\n`);
    expect(await resume([], ["--history", "3"])).toBe(`error: '--history' expected 4, ${as}, got 3\n`);
    const untied = [...gru, "--no-tied"];
    expect(await resume(gru, untied)).toContain("resume it with tied true (without --no-tied)");
    expect(await resume(untied, gru)).toContain("resume it with tied false (--no-tied)");
  });

  test("goes on with --resume only with the sampler of the checkpoint", async () => {
    const output = join(makeFolder(), "m.safetensors");
    const argv = ["train", writeInput("text.txt", text(60, 1)), "--task", "lm", "--dim", "8", "-o", output];
    expect(await midx([...argv, "--epochs", "1", "--sampler", "midx"])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(EPOCHS),
    });
    for (const [other, epochs] of [
      ["uniform", "2"],
      ["midx-pq", "2"],
      ["uniform", "1"],
    ] as const) {
      expect(await midx([...argv, "--resume", "--epochs", epochs, "--sampler", other])).toMatchObject({
        code: 2,
        stderr: `error: '--sampler' expected midx, as in the checkpoint that is resumed, got ${other}\n`,
      });
    }
    expect((await midx([...argv, "--resume", "--epochs", "2"])).stderr).toBe(
      "error: '--sampler' expected one, as in the checkpoint that is resumed, got none, for the full softmax\n",
    );
    expect(await midx([...argv, "--resume", "--epochs", "2", "--sampler", "midx"])).toMatchObject({ code: 0 });
  });

  test.each([
    [
      "next-item",
      '{"items":["a"]}\n{"items":["a",null]}\n',
      3,
      'line 2: "items"[1] expected a text of one line or an integer, got null',
    ],
    [
      "next-item",
      '{"items":[9007199254740993]}\n',
      3,
      'line 1: "items"[0] expected a text of one line or an integer of magnitude below 2^53, got 9007199254740992: write such names as texts, in quotes',
    ],
    ["next-item", '{"item":["a"]}\n', 3, 'line 1: "items" expected an array, got nothing'],
    ["next-item", "\n[1, 2]\n", 3, 'line 2: expected {"items": […]}, got an array'],
    ["next-item", "a b\n", 3, "line 1 is not JSON"],
    ["labels", '{"features":["a"],"labels":[1.5]}\n', 3, 'line 1: "labels"[0] expected a text of one line'],
    ["labels", '{"features":["a"],"weights":[1,2],"labels":["b"]}\n', 3, 'line 1: "weights" expected 1 numbers, got 2'],
    ["labels", '{"features":["a"],"weights":["x"],"labels":["b"]}\n', 3, 'line 1: "weights"[0] expected a number'],
    ["lm", "\xff\n", 3, "line 1 is not valid UTF-8"],
    ["lm", "", 2, "expected at least two classes"],
    ["next-item", '{"items":["a"]}\n{"items":["b"]}\n', 2, "data.jsonl: expected a sequence of two items, got none"],
  ])("refuses bad data of %s by line and field: %j", async (task, data, code, message) => {
    const input = writeInput(task === "lm" ? "data.txt" : "data.jsonl", data);
    const output = join(makeFolder(), "m.safetensors");
    const outcome = await midx(["train", input, "--task", task, "-o", output]);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(message);
    expect(existsSync(output)).toBe(false);
  });

  test.each([[[]], [["--encoder", "gru"]]])("refuses .jsonl as the text of lm, with %j", async (kind) => {
    const [words, clicks] = [writeInput("text.txt", text(10, 1)), writeInput("clicks.jsonl", '{"items":["a","b"]}\n')];
    const output = join(makeFolder(), "m.safetensors");
    const refused = `error: ${clicks}: '--task lm' expected text with one sentence per line, got .jsonl: use '--task next-item' or '--task labels', or rename the file if it is text\n`;
    for (const data of [[clicks], [words, "--valid", clicks]]) {
      const argv = ["train", ...data, "--task", "lm", ...kind, "-o", output];
      expect(await midx(argv)).toMatchObject({ code: 2, stderr: refused });
    }
    expect(existsSync(output)).toBe(false);
  });

  test.each([
    [["--task", "lm"], "text with one sentence per line", "write its sentences as lines"],
    [["--task", "lm", "--encoder", "gru"], "text with one sentence per line", "write its sentences as lines"],
    [
      ["--task", "next-item"],
      '.jsonl of {"items": […]}',
      "write the items of each sequence on a line, the oldest first",
    ],
    [["--task", "next-item", "--encoder", "gru"], '.jsonl of {"items": […]}', "write the items of each sequence"],
    [["--task", "labels"], '.jsonl of {"features": […], "labels": […]}', "write each example on a line"],
  ])("refuses a table with columns for %j", async (task, expected, remedy) => {
    const table = writeInput("clicks.csv", "session,item,time\na,x,1\na,y,2\nb,x,3\n");
    const output = join(makeFolder(), "m.safetensors");
    const { code, stderr } = await midx(["train", table, ...task, "-o", output]);
    expect(stderr).toContain(`error: ${table}: expected ${expected}, got .csv: ${remedy}`);
    expect(code).toBe(2);
    expect(existsSync(output)).toBe(false);
    const parquet = writeInput("clicks.parquet", "PAR1");
    const other = await midx(["train", parquet, ...task, "-o", output]);
    expect(other.stderr).toContain(`error: ${parquet}: expected ${expected}, got .parquet: ${remedy}`);
  });

  test("refuses options that are none, or an output that is the data", async () => {
    const data = writeInput("text.txt", text(10, 1));
    const output = join(makeFolder(), "m.safetensors");
    const code = async (...argv: string[]) => (await midx(["train", data, "-o", output, ...argv])).code;
    expect(await code()).toBe(2);
    expect(await code("--task", "poetry")).toBe(2);
    expect(await code("--task", "lm", "--dim", "6")).toBe(2);
    expect(await code("--task", "lm", "--patience", "2")).toBe(2);
    expect((await midx(["train", data, "--task", "lm", "-o", data])).code).toBe(2);
    expect(readFileSync(data, "utf8")).toBe(text(10, 1));
  });

  test.each([
    [["--negatives", "5"], "'--negatives' needs '--sampler'"],
    [["--form", "A"], "'--form' needs '--sampler'"],
    [["--unigram-share", "0.5"], "'--unigram-share' needs '--sampler'"],
    [["--refresh-every", "5"], "'--refresh-every' needs '--sampler'"],
    [["--patience", "2"], "'--patience' needs '--valid'"],
    [["--history", "3"], "'--history' has no meaning with '--task labels'", "labels"],
  ])("refuses %j, which would change nothing", async (options, message, task = "lm") => {
    const outcome = await midx(["train", "missing.txt", "--task", task, "-o", "m.safetensors", ...options]);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain(message);
  });

  test("prints events with --json, draws a bar on a terminal, and keeps the last epoch when it is interrupted", async () => {
    const data = writeInput("text.txt", text(60, 1));
    const output = join(makeFolder(), "m.safetensors");
    const argv = ["train", data, "--task", "lm", "-o", output, "--dim", "8", "--epochs", "2", "--valid", data];
    const events = jsonLines((await midx([...argv, "--json"])).stdout);
    const epochs = events.filter(({ event }) => event === "epoch");
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(epochs[1]).toMatchObject({ loss: expect.any(Number), heldOutLoss: expect.any(Number) });
    expect(events.filter(({ event }) => event === "progress").at(-1)).toMatchObject({ phase: "epoch 2", done: 659 });
    expect(events.at(-1)).toMatchObject({ event: "trained", examples: 659, metrics: { rowCount: 659 } });
    const terminal = Object.assign(new PassThrough(), { isTTY: true as const });
    expect((await midx(argv, { terminal })).stderr).toMatch(/epoch 2 +\[.*\] \d+%/);
    const controller = new AbortController();
    const interrupted = await midx([...argv.with(9, "500"), "--json"], {
      signal: controller.signal,
      onStdout: (all) => {
        if (all.includes('"event":"epoch","epoch":3')) controller.abort(new Error("interrupted"));
      },
    });
    expect(interrupted).toMatchObject({ code: 1, stderr: "error: interrupted\n" });
    expect(tensorsOf(output).classes).toEqual([6, 8]);
  });

  test("has sentences of a chain of five words", () => expect(CHAIN.length).toBe(WORDS.length));
});
