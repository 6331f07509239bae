import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encoderSection } from "../../src/format/encoder.ts";
import { FORMAT_VERSION, factsFromMetadata, factsToMetadata, type IndexFacts } from "../../src/format/facts.ts";
import type { FeatureFacts } from "../../src/format/features.ts";
import { MAX_HEADER_BYTES } from "../../src/format/header.ts";
import { MAX_BITS, MAX_DIM, MAX_ITEMS, MAX_LABEL_BYTES, MAX_POSITIONS } from "../../src/format/limits.ts";
import { statisticsSection } from "../../src/format/statistics.ts";
import { codebookDims, ROW_VALUE_BYTES, tensorTable } from "../../src/format/tensors.ts";
import { readRaw } from "../fixtures/index-file.ts";
import { FILES } from "../fixtures/outcome.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const document = read("FORMAT.md");

/** The cells of the only table under a heading, without its first line. */
function tableUnder(heading: string): string[][] {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

const bare = (cell: string): string => cell.replaceAll("`", "");
const quoted = (cell: string): string[] => Array.from(cell.matchAll(/`([^`]*)`/g), ([, text]) => text as string);

const FACTS: IndexFacts = {
  itemCount: 37,
  dim: 21,
  bits: 3,
  quantizer: "pq",
  rows: "i8",
  metric: "dot",
  hasBias: true,
  hasFineCodes: true,
  hasLabels: true,
  labelBytes: 45,
  features: { featureCount: 19, positionCount: 3, pooling: "mean", hasFeatureLabels: true, featureLabelBytes: 70 },
  bucketCount: 13,
  largestBucket: 9,
  seed: 2n ** 64n - 1n,
  source: "0123456789abcdef",
  builder: "x",
};

const { features: _, ...COMMON } = FACTS;
const FEATURES: Pick<IndexFacts, "features">[] = [
  {},
  { features: FACTS.features as FeatureFacts },
  {
    features: {
      ...(FACTS.features as FeatureFacts),
      ...{ positionCount: 0, hasFeatureLabels: false, featureLabelBytes: 0 },
    },
  },
];

describe("the table of tensors", () => {
  /** Evaluates an expression such as "up(D1, 4)" or "2 ⌈D / 4⌉". */
  function evaluate(expression: string, symbols: Record<string, number>): number {
    const [, factor = "1", quotient] = /^(\d+ )?⌈(.+)⌉$/.exec(expression) ?? [];
    if (quotient) return Number(factor) * Math.ceil(evaluate(quotient, symbols));
    const call = /^(up|max)\((.+), ([^,]+)\)$/.exec(expression);
    if (call) {
      const [a, b] = [evaluate(call[2] as string, symbols), evaluate(call[3] as string, symbols)];
      return call[1] === "max" ? Math.max(a, b) : Math.ceil(a / b) * b;
    }
    const [, left, operator, right] = /^(\w+) ([+/]) (\w+)$/.exec(expression) ?? [];
    if (operator === "+") return evaluate(left as string, symbols) + evaluate(right as string, symbols);
    if (operator === "/") return evaluate(left as string, symbols) / evaluate(right as string, symbols);
    return symbols[expression] ?? Number(expression);
  }

  /** The tensors that the document specifies for a file with these facts. */
  function documented(facts: IndexFacts): unknown[] {
    const [D1, D2] = codebookDims(facts);
    const V = ROW_VALUE_BYTES[facts.rows];
    const sizes = {
      N: facts.itemCount,
      D: facts.dim,
      K: 2 ** facts.bits,
      B: facts.bucketCount,
      D1,
      D2,
      V,
      L: facts.labelBytes,
      F: facts.features?.featureCount ?? 0,
      P: facts.features?.positionCount ?? 0,
      G: facts.features?.featureLabelBytes ?? 0,
    };
    const [, count = ""] = /; M = (\d+ ⌈.+⌉), /.exec(document) ?? [];
    const symbols = { ...sizes, M: evaluate(count, sizes) };
    const isThere = (meaning: string): boolean => {
      const condition = /^if `(\w+)`(?: is (`\w+`|there|above 0))?:/.exec(meaning);
      const [, key = "", state = "`true`"] = condition ?? [];
      const value = factsToMetadata(facts)[key];
      if (state === "there" || state === "above 0") return state === "there" ? value !== undefined : Number(value) > 0;
      return !condition || value === bare(state);
    };
    return tableUnder("Tensors")
      .filter(([, , , meaning = ""]) => isThere(meaning))
      .map(([name = "", dtypes = "", shape = ""]) => {
        const choice = dtypes.split(", ");
        const dtype = choice.length > 1 ? choice[["f32", "f16", "i8"].indexOf(facts.rows)] : dtypes;
        const axes = shape.slice(1, -1).split(/, (?![^(]*\))/);
        return { name: bare(name), dtype, shape: axes.map((axis) => evaluate(axis, symbols)) };
      });
  }

  const variants = (["pq", "rq"] as const).flatMap((quantizer) =>
    (["f32", "f16", "i8"] as const).flatMap((rows) =>
      [1, 2, 16, 21, 4096].flatMap((dim) =>
        [true, false].flatMap((hasBias) =>
          [true, false].flatMap((hasFineCodes) =>
            [{ hasLabels: true }, { hasLabels: false, labelBytes: 0 }].flatMap((labels) =>
              FEATURES.map((features) => ({
                ...{ ...COMMON, quantizer, rows, dim, hasBias, hasFineCodes },
                ...labels,
                ...features,
              })),
            ),
          ),
        ),
      ),
    ),
  );

  test("is that of the code, for every kind of index", () => {
    expect(tableUnder("Tensors")).toHaveLength(19);
    for (const facts of variants) expect(documented(facts)).toEqual(tensorTable(facts));
    const empty = { ...FACTS, itemCount: 0, bucketCount: 0, largestBucket: 0 };
    expect(documented(empty)).toEqual(tensorTable(empty));
  });
});

describe("the table of metadata", () => {
  const rows = tableUnder("Metadata");
  const allowed = (key: string): string => rows.find(([name = ""]) => bare(name) === key)?.[1] ?? "";

  test("has the keys of a file, in their order", () => {
    const raw = readRaw(FILES.i8);
    const keys = rows.flatMap(([name = ""]) =>
      bare(name) === "checksum.*tensor*"
        ? Object.keys(raw.tensors).map((tensor) => `checksum.${tensor}`)
        : [bare(name)],
    );
    expect(keys).toEqual(Object.keys(raw.metadata));
  });

  test("has the bounds of the code", () => {
    expect(quoted(allowed("formatVersion"))).toEqual([FORMAT_VERSION]);
    expect(allowed("itemCount")).toBe(`0 … ${MAX_ITEMS}`);
    expect(allowed("dim")).toBe(`1 … ${MAX_DIM}`);
    expect(allowed("bits")).toBe(`0 … ${MAX_BITS}`);
    expect(allowed("labelBytes")).toBe(`0 … ${MAX_LABEL_BYTES}`);
    expect(allowed("featureCount")).toBe(`1 … ${MAX_ITEMS}`);
    expect(allowed("positionCount")).toBe(`0 … ${MAX_POSITIONS}`);
    expect(allowed("featureLabelBytes")).toBe(`0 … ${MAX_LABEL_BYTES}`);
    expect(allowed("seed")).toBe(`0 … ${2n ** 64n - 1n}`);
    expect(document).toContain(`At most ${MAX_HEADER_BYTES} bytes of header`);
  });

  test.each(["quantizer", "rows", "metric", "hasBias", "hasFineCodes", "hasLabels", "pooling", "hasFeatureLabels"])(
    "lists every value of %s",
    (key) => {
      const values = quoted(allowed(key));
      const metadata = { ...factsToMetadata(FACTS), labelBytes: "0", featureLabelBytes: "0" };
      for (const value of values) expect(() => factsFromMetadata({ ...metadata, [key]: value })).not.toThrow();
      expect(() => factsFromMetadata({ ...metadata, [key]: "" })).toThrow(
        new RegExp(`expected .*${values.join("\\|")}`),
      );
    },
  );

  test.each([
    ["bucketCount", "min(1, N) … min(N − n, K²)", 0, 1, 37],
    ["largestBucket", "⌈(N − n) / B⌉ … N − n", 0, 3, 37],
    ["bucketCount", "min(1, N) … min(N − n, K²)", 2, 1, 35],
    ["largestBucket", "⌈(N − n) / B⌉ … N − n", 2, 3, 35],
  ] as const)("has the bounds of %s", (key, bounds, count, low, high) => {
    expect(allowed(key)).toBe(bounds);
    const outliers = count > 0 && { outliers: { count } };
    const metadata = factsToMetadata({ ...FACTS, ...outliers, largestBucket: 37 - count });
    for (const value of [low, high]) factsFromMetadata({ ...metadata, [key]: String(value) });
    for (const value of [low - 1, high + 1]) {
      expect(() => factsFromMetadata({ ...metadata, [key]: String(value) })).toThrow(
        `"${key}" expected ${low}..${high}`,
      );
    }
  });
});

describe("the table of sections", () => {
  const rows = tableUnder("Sections");
  const facts: IndexFacts = {
    ...FACTS,
    ...{ outliers: { count: 3 }, dispersion: {} },
    calibration: { estimator: "dispersion-2", source: "queries", queryCount: 100 },
    ...{ rows: "i8", residuals: {} },
    report: { weights: "bias", recallQueries: "queries", rowRecall: 0.5 },
    columns: {
      list: [
        { name: "price", type: "number", distinct: 9, textBytes: 0 },
        { name: "category", type: "string", distinct: 12, textBytes: 33 },
        { name: "stock", type: "boolean", distinct: 2, textBytes: 0 },
      ],
    },
    space: { name: "model-1" },
    compaction: { sequence: 7, calibration: "carried", curves: "measured" },
    ignored: [
      encoderSection({ kind: "gru", units: 12, items: "own" }, FACTS, 8),
      statisticsSection({ source: "queries", queryCount: 100, popularity: "known", carried: "true" }, FACTS, 9),
    ],
  };
  const metadata = factsToMetadata(facts);
  /** The document has the tensors of one column, in the order of those of a number and those of a string. */
  const documentedName = (name: string): string => name.replace(/^columns\.\d+/, "columns.*i*");
  const withDot = (names: readonly string[]): string[] => names.filter((name) => name.includes("."));

  test("has the sections, their keys and their tensors, in file order", () => {
    const names = rows.map(([, name = ""]) => bare(name));
    const keys = withDot(Object.keys(metadata));
    const tensors = tensorTable(facts).filter(({ name }) => name.includes("."));
    expect(rows.map(([section = ""]) => bare(section)).filter(Boolean)).toEqual(metadata.sections?.split(" "));
    expect(names.filter((name) => keys.includes(name))).toEqual(keys);
    const known = new Set(tensors.map(({ name }) => documentedName(name)));
    expect(names.filter((name) => !keys.includes(name))).toEqual([...known]);
  });

  test("has the types of the tensors", () => {
    const sizes: Record<string, number> = {
      ...{ "up(B, 4)": 16, "up(D, 4)": 24, "4": 4, "16": 16, N: 37, "up(D, 16)": 32 },
      ...{ "up(N, 16 / size)": 48, "up(V, 2)": 10, "up(V + 1, 4)": 16, "up(T, 16)": 48 },
      ...{ "3 up(U, 4)": 36, "up(U, 4)": 12, "8": 8, "up(⌈N / 4⌉, 16)": 16 },
    };
    for (const { name, dtype, shape } of tensorTable(facts)) {
      if (!name.includes(".")) continue;
      const [, , type = ""] = rows.find(([, row = ""]) => bare(row) === documentedName(name)) ?? [];
      const [, documented, size = ""] = /^(\w+)(?:, \w+)* \[(.*)\]$/.exec(type) ?? [];
      const axes = size.split(/, (?![^(]*\))/);
      expect({ dtype: documented, shape: axes.map((axis) => sizes[axis]) }).toEqual({ dtype, shape });
    }
  });

  const choices = [
    ...["calibration.source", "report.weights", "report.recallQueries"],
    ...["compaction.calibration", "compaction.curves"],
  ];
  test.each(choices)("lists every value of %s", (key) => {
    const values = quoted(rows.find(([, name = ""]) => bare(name) === key)?.[2] ?? "");
    expect(values.length).toBeGreaterThan(2);
    for (const value of values) expect(() => factsFromMetadata({ ...metadata, [key]: value })).not.toThrow();
    expect(() => factsFromMetadata({ ...metadata, [key]: "" })).toThrow(new RegExp(`expected .*${values.join("\\|")}`));
  });
});

test("the table of attention has its keys, its tensors and their types, in file order", () => {
  const facts = { kind: "attention", blocks: 2, heads: 3, length: 5, items: "own" } as const;
  const { name, version, texts, tensors } = encoderSection(facts, FACTS, 6);
  const rows = tableUnder("Sections of attention");
  expect(bare(rows[0]?.[0] ?? "")).toBe(`${name}/${version}/ignore`);
  expect(rows.map(([, row = ""]) => bare(row))).toEqual([
    ...Object.keys(texts),
    ...tensors.map((tensor) => tensor.name),
  ]);
  const sizes: Record<string, number> = {
    ...{ T: 5, N: 37, "up(D, 4)": 24, "(2 E + 1) up(D, 4)": 120, "3 E up(D, 4)": 144, "E up(D, 4)": 48 },
  };
  for (const tensor of tensors) {
    const [, , type = ""] = rows.find(([, row = ""]) => bare(row) === tensor.name) ?? [];
    const [, dtype, axes = ""] = /^(\w+) \[(.*)\]$/.exec(type) ?? [];
    expect({ dtype, shape: axes.split(/, (?![^(]*\))/).map((axis) => sizes[axis]) }, tensor.name).toEqual({
      dtype: tensor.dtype,
      shape: tensor.shape,
    });
  }
});

test("the table of codes has those of the reader's sources, no more and no less", () => {
  const folders = ["bytes", "format", "memory", "index"];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(`../../src/${folder}`, import.meta.url)).map((name) => `${folder}/${name}`),
  );
  const thrown = new Set<string>();
  for (const file of files) {
    const source = read(`src/${file}`);
    for (const [, code] of source.matchAll(/(?:FormatError|fail|check|value)\(\s*"([a-z0-9-]+)"/g))
      thrown.add(code as string);
    for (const [, a, b] of source.matchAll(/const code = [^;]*\? "([a-z-]+)" : "([a-z-]+)"/g)) {
      thrown.add(a as string).add(b as string);
    }
  }
  expect(thrown.size).toBeGreaterThan(20);
  const codes = tableUnder("Validation").map(([code = ""]) => bare(code));
  expect(codes.toSorted()).toEqual([...thrown].sort());
  expect(new Set(codes).size).toBe(codes.length);
});

test("the codes of published files are those of the pointer and of what reads its parts", () => {
  const files = ["src/publication/pointer.ts", "src/publication/manifest.ts", "worker/publication/join-parts.ts"];
  const sources = files.map(read).join("");
  const thrown = Array.from(sources.matchAll(/(?:FormatError|reading)\("(\w+)"/g), ([, code]) => code);
  const section = document.split(/^## /m).find((text) => text.startsWith("Published files\n")) ?? "";
  const named = Array.from(section.matchAll(/(?:code|with) `(\w+)`/g), ([, code]) => code);
  expect(new Set(named)).toEqual(new Set(thrown));
});
