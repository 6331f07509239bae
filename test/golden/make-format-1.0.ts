// This program made the files of format-1.0/ once. `node test/golden/make-format-1.0.ts` makes missing ones and leaves
// the others.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { build, load } from "../../bench/library.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { integerRows } from "../train/rows.ts";
import { type GoldenAnswers, goldenAnswers } from "./answers.ts";

const folder = new URL("format-1.0/", import.meta.url);

interface Golden {
  readonly shape: readonly [number, number];
  readonly options: BuildOptions;
}

/**
 * The files cover every tensor, labels included, both quantizers, every row type, both metrics, no class, and one
 * class.
 */
const FILES: Record<string, Golden> = {
  "rq-f32-bias": { shape: [30, 6], options: { rowType: "f32", bits: 2, bias: integerRows(30, 1) } },
  "pq-f16-cosine-codes": {
    shape: [40, 7],
    options: {
      quantizer: "pq",
      rowType: "f16",
      metric: "cosine",
      bits: 2,
      fineCodes: true,
      queries: integerRows(70, 2),
    },
  },
  "rq-i8-bias-codes": {
    shape: [50, 9],
    options: {
      ...{ rowType: "i8", bits: 2, bias: integerRows(50, 3), fineCodes: true, queries: integerRows(90, 4) },
      labels: Array.from({ length: 50 }, (_, id) => `é${(7 * id) % 50}`),
    },
  },
  "rq-i8-features": {
    shape: [20, 5],
    options: {
      ...{ rowType: "i8", bits: 1 },
      features: {
        ...{ data: integerRows(6 * 5, 6), shape: [6, 5], positions: integerRows(4 * 5, 7), pooling: "sqrtn" },
        labels: ["f3", "f1", "f2", "f0", "", "日"],
      },
    },
  },
  "one-class": { shape: [1, 1], options: { rowType: "f32", bits: 0 } },
  "no-class": { shape: [0, 3], options: { bits: 1 } },
};

const answersFile = new URL("answers.json", folder);
const answers: Record<string, GoldenAnswers> = existsSync(answersFile)
  ? JSON.parse(readFileSync(answersFile, "utf8"))
  : {};
for (const [name, { shape, options }] of Object.entries(FILES)) {
  if (name in answers) continue;
  const file = await build({ data: integerRows(shape[0] * shape[1], 5), shape }, { seed: 1, ...options });
  writeFileSync(new URL(`${name}.midx`, folder), file, { flag: "wx" });
  answers[name] = goldenAnswers(await load(file));
}
writeFileSync(answersFile, `${JSON.stringify(answers, undefined, 2)}\n`);
