import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { openEncoder } from "../../../src/encoder/index.ts";
import { load } from "../../../src/index.ts";
import { openCheckpoint } from "../../../src/train/model/train-inlined.ts";
import { encodeSequences } from "../../../src/train/sequences/sequences-inlined.ts";
import { walk } from "../../train/model/toy.ts";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx } from "../run.ts";

const WORDS = ["alpha", "beta", "gamma", "delta", "epsilon"];
const named = (words: Int32Array): string[] => Array.from(words, (word) => WORDS[word] as string);

const clicks = (count: number, seed: number): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify({ items: named(walk(8 + (i % 5), seed + i)) })}\n`).join(
    "",
  );
const text = (sentences: number, seed: number): string =>
  Array.from({ length: sentences }, (_, i) => `${named(walk(9, seed + i)).join(" ")}\n`).join("");

interface TrainedEvent extends Record<string, unknown> {
  readonly metrics: { readonly perplexity: number; readonly rowCount: number };
  readonly unseen?: { readonly recall: number };
  readonly baselines?: readonly { readonly name: string; readonly recall: number; readonly unseen: object }[];
}
const trainedOf = (stdout: string): TrainedEvent => jsonLines(stdout).at(-1) as TrainedEvent;

describe("midx train --encoder", () => {
  const training = (): string => writeInput("clicks.jsonl", clicks(60, 1));

  test.each(["midx", "midx-head"])("takes more negatives than %s reserves memory for by default", async (sampler) => {
    const output = join(makeFolder(), "model.safetensors");
    const few = writeInput("few.jsonl", clicks(2, 1));
    const argv = ["train", few, "--task", "next-item", "--sampler", sampler, "--dim", "8", "--epochs", "1"];
    for (const more of [[], ["--encoder", "gru"], ["--encoder", "gru", "--shared-by", "0"]]) {
      const { code, stderr } = await midx([...argv, "--negatives", "9000", ...more, "-o", output]);
      expect(code, stderr).toBe(0);
    }
  });

  test("goes from clicks to an index whose queries are those of the model", async () => {
    const folder = makeFolder();
    const [model, labels, index] = ["model.safetensors", "items.txt", "items.midx"].map((name) => join(folder, name));
    const sizes = ["--dim", "8", "--units", "12", "--epochs", "3", "--sampler", "midx", "--negatives", "20"];
    const valid = writeInput("valid.jsonl", clicks(20, 900));
    const argv = ["train", training(), "--task", "next-item", "--encoder", "gru", ...sizes, "--valid", valid];
    const { code, stdout } = await midx([...argv, "-o", model as string, "--labels-out", labels as string]);
    expect(code).toBe(0);
    expect(stdout).toContain("recall@10 of unseen items");
    const hint = `midx build ${model} --row-type f32 -o <index>`;
    expect(stdout).toContain(hint);
    const built = await midx([...hint.split(" ").slice(1, -1), index as string]);
    expect(built.code, built.stderr).toBe(0);
    const names = readFileSync(labels as string, "utf8")
      .trim()
      .split("\n");
    const sequence = ["gamma", "alpha", "beta"];
    const ids = Int32Array.from(sequence, (name) => names.indexOf(name));
    const expected = await encodeSequences(await openCheckpoint(readFileSync(model as string)), {
      ...{ offsets: Uint32Array.of(0, 3), ids, itemCount: names.length },
    });
    const loaded = await load(readFileSync(index as string));
    await openEncoder(loaded);
    expect(loaded.encode(sequence)).toEqual(expected);
  });

  test("half of the draws of MIDX are by frequency, unless another share is given", async () => {
    const trained = async (...options: string[]): Promise<Buffer> => {
      const output = join(makeFolder(), "model.safetensors");
      const sizes = ["--dim", "8", "--epochs", "1", "--negatives", "20"];
      const argv = ["train", training(), "--task", "next-item", "--encoder", "gru", ...sizes, ...options, "-o", output];
      const { code, stderr } = await midx(argv);
      expect(code, stderr).toBe(0);
      return readFileSync(output);
    };
    const half = await trained("--sampler", "midx");
    expect((await trained("--sampler", "midx", "--unigram-share", "0.5")).equals(half)).toBe(true);
    expect((await trained("--sampler", "midx", "--unigram-share", "0")).equals(half)).toBe(false);
  });

  test("is a bag of features by name as by default", async () => {
    const data = training();
    const trained = async (...encoder: readonly string[]): Promise<Buffer> => {
      const output = join(makeFolder(), "model.safetensors");
      const sizes = ["--dim", "8", "--epochs", "1"];
      const { code, stderr } = await midx(["train", data, "--task", "next-item", ...encoder, ...sizes, "-o", output]);
      expect(code, stderr).toBe(0);
      return readFileSync(output);
    };
    expect((await trained("--encoder", "bag")).equals(await trained())).toBe(true);
  });

  test.each([[], ["--encoder", "gru"]])(
    "%j prints a command that reads its output, whatever its extension",
    async (...encoder) => {
      const output = join(makeFolder(), "model.st");
      const sizes = ["--dim", "8", "--epochs", "1"];
      const argv = ["train", training(), "--task", "next-item", ...encoder, ...sizes, "-o", output];
      const { code, stdout } = await midx(argv);
      expect(code).toBe(0);
      const command = stdout.trimEnd().split("\n").at(-1) as string;
      const built = await midx([...command.split(" ").slice(1, -1), join(makeFolder(), "items.midx")]);
      expect(built.code, built.stderr).toBe(0);
    },
  );

  test("goes from clicks to an index by attention, whose length is that of the training", async () => {
    const folder = makeFolder();
    const [model, index] = ["model.safetensors", "items.midx"].map((name) => join(folder, name)) as [string, string];
    const sizes = ["--dim", "8", "--blocks", "1", "--heads", "2", "--length", "6", "--epochs", "3"];
    const rate = ["--betas", "0.9,0.98", "--warmup", "5", "--schedule", "cosine"];
    const valid = writeInput("valid.jsonl", clicks(20, 900));
    const argv = ["train", training(), "--task", "next-item", "--encoder", "attention", ...sizes, ...rate];
    const { code, stdout, stderr } = await midx([...argv, "--valid", valid, "-o", model, "--json"]);
    expect(code, stderr).toBe(0);
    expect(trainedOf(stdout).shape).toMatchObject({ encoder: "attention", blocks: 1, heads: 2, length: 6 });
    const built = await midx([
      "build",
      model,
      "--tensor",
      "classes",
      "--bias",
      "bias",
      "--encoder",
      model,
      "-o",
      index,
    ]);
    expect(built.code, built.stderr).toBe(0);
    const loaded = await load(readFileSync(index));
    const encoder = await openEncoder(loaded);
    expect(loaded.encode([4, 1, 2, 0, 3, 1, 0])).toEqual(encoder.encode([1, 2, 0, 3, 1, 0]));
  });

  test.each(["gru", "attention"])(
    "reads a text in streams by %s, and goes on where it was stopped",
    async (encoder) => {
      const [once, twice] = [join(makeFolder(), "a.safetensors"), join(makeFolder(), "b.safetensors")];
      const source = writeInput("text.txt", text(80, 1));
      const held = writeInput("held.txt", text(20, 900));
      const common = ["--encoder", encoder, "--dim", "8"];
      const argv = ["train", source, "--task", "lm", ...common, "--valid", held, "--json"];
      const { stdout } = await midx([...argv, "--epochs", "3", "-o", once]);
      await midx([...argv, "--epochs", "1", "-o", twice]);
      expect((await midx([...argv, "--epochs", "3", "-o", twice, "--resume"])).code).toBe(0);
      expect(readFileSync(twice).equals(readFileSync(once))).toBe(true);
      // Every word of the held-out text but the first, and the ends of sentences.
      expect(trainedOf(stdout).metrics.rowCount).toBe(20 * 10 - 1);
      expect(trainedOf(stdout)).not.toHaveProperty("unseen");
      expect(trainedOf(stdout)).not.toHaveProperty("baselines");
      expect(trainedOf(stdout).metrics.perplexity).toBeLessThan(6);
    },
  );

  test("has the figures of counts beside those of the model, on the same sequences", async () => {
    const learned = [["a", "b"], ["a", "b", "c"], ["c"], ["c"], ["c"], ["c"]];
    const held = [
      ["x", "a", "b"],
      ["a", "b", "a", "b"],
      ["c", "a"],
      ["b", "never"],
    ];
    const write = (name: string, rows: string[][]) =>
      writeInput(name, rows.map((items) => `${JSON.stringify({ items })}\n`).join(""));
    const files = [write("clicks.jsonl", learned), "--valid", write("valid.jsonl", held)];
    const argv = ["train", ...files, "--task", "next-item", "--encoder", "gru", "--dim", "4", "--epochs", "1"];
    const output = ["-o", join(makeFolder(), "model.safetensors")];
    const { baselines } = trainedOf((await midx([...argv, ...output, "--json"])).stdout);
    const ndcg = (...ranks: number[]) => ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 2), 0) / ranks.length;
    // By frequency c, a, b. Behind a comes b, then c; behind c nothing, so that a is the first of equals.
    expect(baselines).toEqual([
      { name: "popularity", recall: 1, ndcg: ndcg(2, 2, 1), unseen: { recall: 1, ndcg: ndcg(1, 1, 0) } },
      { name: "item-to-item counts", recall: 1, ndcg: ndcg(0, 0, 1), unseen: { recall: 1, ndcg: ndcg(0, 0, 0) } },
    ]);
    const { stdout } = await midx([...argv, ...output]);
    const figures = `popularity ${ndcg(2, 2, 1).toFixed(4)}, item-to-item counts ${ndcg(0, 0, 1).toFixed(4)}`;
    expect(stdout).toMatch(new RegExp(`^NDCG@10 +\\d\\.\\d{4} \\(${figures}\\)$`, "m"));
    expect(stdout).toMatch(/^recall@10 of unseen items +1\.0000 \(popularity 1\.0000, item-to-item counts 1\.0000\)$/m);
  });

  test("measures other sequences with --resume when the training is over, and leaves the model as it is", async () => {
    const output = join(makeFolder(), "model.safetensors");
    const [valid, other] = [writeInput("valid.jsonl", clicks(20, 900)), writeInput("test.jsonl", clicks(30, 500))];
    const argv = ["train", training(), "--task", "next-item", "--preset", "clicks-gru", "--dim", "8"];
    const own = ["--epochs", "3", "--patience", "2", "--json", "-o", output];
    await midx([...argv, ...own, "--valid", valid]);
    const model = readFileSync(output);
    const { code, stdout } = await midx([...argv, ...own, "--valid", other, "--resume"]);
    expect(code).toBe(0);
    expect(trainedOf(stdout)).toMatchObject({ metrics: { rowCount: 30 }, unmeasured: 0 });
    expect(readFileSync(output).equals(model)).toBe(true);
  });

  test("measures with --resume what a preset has trained without held-out sequences", async () => {
    const output = join(makeFolder(), "model.safetensors");
    const argv = ["train", training(), "--task", "next-item", "--preset", "clicks-gru", "--dim", "8", "--epochs", "2"];
    await midx([...argv, "-o", output]);
    const model = readFileSync(output);
    const measured = await midx([...argv, "-o", output, "--resume", "--valid", writeInput("t.jsonl", clicks(30, 500))]);
    expect(measured.stderr).toBe("");
    expect(measured.stdout).toMatch(/^held out +30 positions$/m);
    expect(readFileSync(output).equals(model)).toBe(true);
  });

  test("stops by ranks, with the settings of a preset that it prints, and goes on where it was stopped", async () => {
    const [once, twice] = [join(makeFolder(), "a.safetensors"), join(makeFolder(), "b.safetensors")];
    const valid = writeInput("valid.jsonl", clicks(20, 900));
    const argv = ["train", training(), "--task", "next-item", "--preset", "clicks-gru", "--dim", "8", "--valid", valid];
    const own = ["--select-by", "ndcg", "--without-seen", "--patience", "2", "--json"];
    const { code, stdout, stderr } = await midx([...argv, ...own, "--epochs", "4", "-o", once]);
    expect(code, stderr).toBe(0);
    const lines = jsonLines(stdout) as { readonly event: string; readonly [name: string]: unknown }[];
    expect(lines[0]).toEqual({
      ...{ event: "preset", preset: "clicks-gru" },
      options: {
        ...{ sampler: "midx", encoder: "gru", dropout: 0.2, length: 200, batchSize: 32, learningRate: 0.002 },
        ...{ unigramShare: 0.5, negatives: 256, proposals: 8 },
      },
    });
    const reports = lines.filter(({ event }) => event === "epoch");
    expect(reports[0]).toMatchObject({ heldOutRanks: { ndcg: expect.any(Number) }, heldOutLoss: expect.any(Number) });
    const told = lines.findLast(({ event, phase }) => event === "progress" && phase === "epoch 2");
    const first = reports[0]?.heldOutRanks as { readonly ndcg: number };
    expect(told).toMatchObject({
      secondsLeft: expect.any(Number),
      best: { epoch: 1, selectBy: "ndcg", figure: first.ndcg },
    });
    await midx([...argv, ...own, "--epochs", "1", "-o", twice]);
    expect((await midx([...argv, ...own, "--epochs", "4", "-o", twice, "--resume"])).code).toBe(0);
    expect(readFileSync(twice).equals(readFileSync(once))).toBe(true);
    const named = await midx([...argv, "--sampler", "midx", "--json", "--epochs", "1", "-o", twice]);
    const { options: set } = (jsonLines(named.stdout) as { readonly options: object }[])[0] ?? {};
    expect(set).toMatchObject({ unigramShare: 0.5 });
    expect(set).not.toHaveProperty("sampler");
    const text = await midx([...argv, "--sampler", "full", "--epochs", "1", "-o", twice]);
    expect(text.stdout).toMatch(
      /^preset clicks-gru sets --dropout 0\.2 --encoder gru .* --patience 30 --select-by recall\n/,
    );
  });

  test("tells of each epoch: on a line where there is no terminal, and beside the bar of the next one", async () => {
    const output = join(makeFolder(), "model.safetensors");
    const argv = ["train", training(), "--task", "next-item", "--encoder", "gru", "--dim", "8", "--epochs", "2"];
    const { stderr, stdout } = await midx([...argv, "-o", output]);
    const loss = /^loss +(\S+) nats$/m.exec(stdout)?.[1];
    const [first, second, ...more] = stderr.split("\n");
    expect(first).toMatch(/^epoch 1 of 2: training loss \d\.\d{4}(, at most \d+ s left)?$/);
    expect([second, ...more]).toEqual([`epoch 2 of 2: training loss ${loss}`, ""]);
    const valid = writeInput("valid.jsonl", clicks(20, 900));
    const measured = await midx([...argv, "--valid", valid, "-o", output]);
    expect(measured.stderr).toMatch(/^epoch 2 of 2: training loss \d\.\d{4}, held-out loss \d\.\d{4}$/m);
    expect((await midx([...argv, "--json", "-o", output])).stderr).toBe("");
    const terminal = Object.assign(new PassThrough(), { isTTY: true as const });
    const drawn = (await midx([...argv, "-o", output], { terminal })).stderr;
    expect(drawn).toContain(`${first?.slice(13).replace(/,.*/, "")} in epoch 1`);
    expect(drawn).not.toContain("epoch 1 of 2");
  });

  test.each([
    [["--task", "labels", "--encoder", "gru"], "expected the task lm or next-item, got labels"],
    [
      ["--task", "lm", "--units", "8"],
      "'--units' needs an encoder of sequences: '--encoder gru' or '--encoder attention'",
    ],
    [
      ["--task", "lm", "--encoder", "gru", "--hidden", "tanh"],
      "'--hidden' has no meaning beside an encoder of sequences",
    ],
    [
      ["--task", "lm", "--encoder", "gru", "--history", "3"],
      "'--history' has no meaning beside an encoder of sequences",
    ],
    [
      ["--task", "lm", "--encoder", "gru", "--valid", "text.txt", "--select-by", "recall", "--without-seen"],
      "'--without-seen' expected the task next-item, got lm",
    ],
    [
      ["--task", "lm", "--heads", "2"],
      "'--heads' needs an encoder of sequences: '--encoder gru' or '--encoder attention'",
    ],
    [
      ["--task", "lm", "--no-averaging"],
      "'--no-averaging' needs an encoder of sequences: '--encoder gru' or '--encoder attention'",
    ],
    [
      ["--task", "lm", "--encoder", "bag", "--units", "8"],
      "'--units' needs an encoder of sequences: '--encoder gru' or '--encoder attention'",
    ],
    [
      ["--task", "next-item", "--encoder", "bag", "--preset", "clicks-gru"],
      "'--preset' has no meaning beside '--encoder bag': presets are for encoders of sequences",
    ],
    [["--task", "lm", "--encoder", "gru", "--betas", "0.9"], "Two numbers with a comma"],
    [["--task", "lm", "--encoder", "lstm"], "Allowed choices are bag, gru, attention"],
    [["--task", "lm", "--preset", "clicks-gru"], "'--preset clicks-gru' expected the task next-item, got lm"],
    [["--task", "next-item", "--preset", "text-gru"], "'--preset text-gru' expected the task lm, got next-item"],
    [["--task", "next-item", "--preset", "fast"], "Allowed choices are clicks-gru, clicks-attention"],
    [
      ["--task", "next-item", "--preset", "clicks-gru", "--encoder", "attention"],
      "'--encoder' expected gru, as preset clicks-gru has, got attention",
    ],
    [["--task", "next-item", "--encoder", "gru", "--select-by", "recall"], "'--select-by' needs '--valid'"],
    [
      ["--task", "next-item", "--select-by", "recall"],
      "'--select-by' needs an encoder of sequences: '--encoder gru' or '--encoder attention'",
    ],
    [
      ["--task", "next-item", "--encoder", "gru", "--sampler", "unigram", "--unigram-share", "0.5"],
      "'--unigram-share' expected a '--sampler' of MIDX, got unigram",
    ],
    [["--task", "next-item", "--preset", "clicks-gru", "--unigram-share", "1"], "'--unigram-share <share>'"],
    [["--task", "next-item", "--preset", "clicks-gru", "--without-seen"], "'--without-seen' needs '--valid'"],
  ])("%s is refused", async (options, message) => {
    const { code, stderr } = await midx([
      "train",
      training(),
      ...options,
      "-o",
      join(makeFolder(), "model.safetensors"),
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test("spells the options of an error of the library as its own", async () => {
    const valid = writeInput("valid.jsonl", clicks(5, 900));
    const argv = ["train", training(), "--task", "next-item", "--encoder", "gru", "--valid", valid, "--without-seen"];
    const { stderr } = await midx([...argv, "-o", join(makeFolder(), "model.safetensors")]);
    expect(stderr).toContain("'--without-seen' expected '--select-by' recall or ndcg beside it, got loss");
  });
});
