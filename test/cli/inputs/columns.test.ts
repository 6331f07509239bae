import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ParquetWriteOptions, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { makeFolder, writeInput } from "../files.ts";
import { midx } from "../run.ts";

// A shop of 24 items: each has a category, a price and a stock, or lacks one of them.

const DIM = 3;
const ITEMS = Array.from({ length: 24 }, (_, id) => ({
  id: `item ${id}`,
  category: id % 5 === 0 ? null : (["shoes", "hats"][id % 2] as string),
  price: id % 7 === 0 ? null : 10 * id + 0.5,
  stock: id % 6 === 0 ? null : id % 3 === 0,
  shop: id % 4 === 0 ? null : `shop ${id % 3}`,
  values: Array.from({ length: DIM }, (_, d) => Math.sin(id * DIM + d)),
}));
const DECLARED = ["--columns", "category:string,price:number,stock:boolean", "--namespace-field", "shop"];
const OPTIONS = ["--bits", "1", "--calibrate", "off", "--row-type", "f32"];

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const jsonl = (): string => writeInput("items.jsonl", Buffer.from(lines(ITEMS)));
const csv = (): string =>
  writeInput(
    "items.csv",
    Buffer.from(
      [
        "id,price,category,x,stock,y,z,shop",
        ...ITEMS.map(({ id, category, price, stock, shop, values: [x, y, z] }) =>
          [id, price ?? "", category ?? "", x, stock ?? "", y, z, shop ?? ""].join(","),
        ),
      ].join("\n"),
    ),
  );
function parquet(): string {
  const of = <Name extends keyof (typeof ITEMS)[number]>(name: Name) => ITEMS.map((item) => item[name]);
  const options = {
    columnData: [
      { name: "id", data: of("id"), type: "STRING" },
      { name: "price", data: of("price"), type: "DOUBLE" },
      { name: "category", data: of("category"), type: "STRING" },
      { name: "stock", data: of("stock"), type: "BOOLEAN" },
      { name: "shop", data: of("shop"), type: "STRING" },
      ...["x", "y", "z"].map((name, d) => ({ name, data: ITEMS.map(({ values }) => values[d]), type: "DOUBLE" })),
    ],
  } as unknown as Omit<ParquetWriteOptions, "writer">;
  return writeInput("items.parquet", new Uint8Array(parquetWriteBuffer(options)));
}
const LARGE = "9007199254740993";
const largeParquet = (): string =>
  writeInput(
    "large.parquet",
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "sku", data: [5n, BigInt(LARGE)], type: "INT64" },
          ...["x", "y", "z"].map((name) => ({ name, data: [1, 2], type: "DOUBLE" as const })),
        ],
      }),
    ),
  );
/** Rows without fields, and the fields beside them, some of them nested. */
function beside(): string[] {
  const rows = writeInput("rows.jsonl", Buffer.from(lines(ITEMS.map(({ id, values }) => ({ id, values })))));
  const metadata = lines(
    ITEMS.map(({ category, price, stock, shop }) => ({ category, price, stock, shop, other: [1] })),
  );
  return [rows, "--metadata", writeInput("metadata.jsonl", Buffer.from(`\n${metadata}`))];
}

async function succeed(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await midx(argv);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}
async function fail(...argv: string[]): Promise<string> {
  const { code, stderr } = await midx(argv);
  expect(code).not.toBe(0);
  return stderr;
}

const expected = ITEMS.map(({ category, price, stock, shop }) =>
  Object.fromEntries(
    Object.entries({ category, price, stock, $namespace: shop }).filter(([, value]) => value !== null),
  ),
);

describe("midx build --columns", () => {
  test.each<[string, () => string[]]>([
    [".jsonl", () => [jsonl()]],
    [".csv", () => [csv()]],
    [".parquet", () => [parquet()]],
    ["--metadata", beside],
  ])("takes the columns of the rows from %s, in memory and on disk", async (_, input) => {
    const folder = makeFolder();
    const files = [];
    for (const extra of [[], ["--max-memory", "512"]]) {
      const file = join(folder, `items${extra.length}.midx`);
      await succeed("build", ...input(), ...DECLARED, ...OPTIONS, ...extra, "-o", file);
      files.push(readFileSync(file));
    }
    const index = await load(files[0] as Buffer);
    expect(index.metadata(Array.from(ITEMS.keys()))).toEqual(expected);
    expect(index.info).toMatchObject({ dim: DIM, hasLabels: true });
    expect(files[1]?.equals(files[0] as Buffer)).toBe(true);
    index.dispose();
  });

  test("names the keys of --metadata that it leaves out, as midx changes does", async () => {
    const folder = makeFolder();
    const [rows = "", , metadata = ""] = beside();
    const left = (keys: string): string =>
      `note: ${metadata}: left out ${keys}, which --columns does not name: an index holds columns alone, and a service keeps ` +
      "other metadata if an upsert has them\n";
    const given = [rows, "--metadata", metadata];
    const file = join(folder, "items.midx");
    const built = await midx(["build", ...given, "--columns", "price:number", ...OPTIONS, "-o", file]);
    expect(built).toMatchObject({ code: 0, stderr: left('"category", "stock", "shop", "other"') });
    const changed = await midx(["changes", file, ...given, "--columns", "price:number", "-o", join(folder, "c.midxd")]);
    expect(changed).toMatchObject({ code: 0, stderr: left('"category", "stock", "shop", "other"') });
    const parts = ["build", ...given, ...DECLARED, ...OPTIONS, "--parts", "2", "-o", join(folder, "parts")];
    expect((await midx(parts)).stderr.match(/^note: .*left out.*$/gm)).toEqual([left('"other"').trim()]);
  });

  test("leaves out what --drop-invalid does, and takes keys within objects by dots", async () => {
    const rows = ITEMS.map(({ id, category, values }, i) => ({
      ...{ id, shop: { kind: i === 2 ? 7 : category }, "a.b": i },
      values: i === 2 ? [null, 1, 2] : values,
    }));
    const input = writeInput("nested.jsonl", Buffer.from(lines(rows)));
    const file = join(makeFolder(), "nested.midx");
    await succeed("build", input, "--columns", "shop.kind:string,a.b:number", "--drop-invalid", ...OPTIONS, "-o", file);
    const index = await load(readFileSync(file));
    expect(index.metadata([1, 2])).toEqual([
      { "shop.kind": "hats", "a.b": 1 },
      { "shop.kind": "hats", "a.b": 3 },
    ]);
    index.dispose();
  });

  test("gives each part its own, and midx predict, sample and decode filter all of them", async () => {
    const [words, whole] = [join(makeFolder(), "words"), join(makeFolder(), "whole.midx")];
    const rows = jsonl();
    await succeed("build", rows, ...DECLARED, ...OPTIONS, "--parts", "2", "-o", words);
    await succeed("build", rows, ...DECLARED, ...OPTIONS, "-o", whole);
    const asked = ["--vector", "[0.5, -1, 2]", "--filter", '{"category":"hats","price":{"$lt":150}}', "--json"];
    const wanted = ITEMS.filter(({ category, price }) => category === "hats" && price !== null && price < 150);
    for (const file of [whole, join(words, "manifest.json")]) {
      const { ids, labels } = JSON.parse(await succeed("predict", file, ...asked, "--exact", "-k", "24"));
      expect(labels.sort()).toEqual(wanted.map(({ id }) => id).sort());
      const drawn = JSON.parse(await succeed("sample", file, ...asked, "--draws", "9", "--namespace", "shop 1"));
      expect(drawn.ids.length).toBe(9);
      for (const id of drawn.ids) expect(ITEMS[id]).toMatchObject({ category: "hats", shop: "shop 1" });
      const decoded = JSON.parse(await succeed("decode", file, ...asked, "--temperature", "0"));
      expect(ids).toContain(decoded.id);
    }
  });

  test("lets midx eval measure the classes that pass, as an index of these classes alone", async () => {
    const file = join(makeFolder(), "items.midx");
    await succeed("build", jsonl(), ...DECLARED, ...OPTIONS, "-o", file);
    const queries = writeInput(
      "queries.jsonl",
      Buffer.from(lines(ITEMS.slice(0, 9).map(({ values }) => ({ values })))),
    );
    const asked = ["eval", file, "--queries", queries, "--json", "--filter"];
    const { evaluation } = JSON.parse(await succeed(...asked, '{"price":{"$gte":50}}', "--scan", "4"));
    // So few classes are all scored.
    expect(evaluation.recall.map(({ k, topK, predict }: Record<string, number>) => [k, topK, predict])).toEqual([
      [1, 1, 1],
      [10, 1, 1],
    ]);
    expect(evaluation.logPartition.rootMeanSquare).toBeLessThan(1e-5);
    expect(await fail(...asked, '{"price":{"$lt":0}}')).toContain("expected to leave a class, got none");
  });

  test("is what midx inspect shows, with the distinct values of each", async () => {
    const file = join(makeFolder(), "items.midx");
    await succeed("build", jsonl(), ...DECLARED, ...OPTIONS, "-o", file);
    const text = await succeed("inspect", file);
    expect(text).toMatch(
      /^columns +category: string, 2 values; price: number, 20 values; stock: boolean, 2 values; \$namespace: string, 3 values$/m,
    );
    expect(JSON.parse(await succeed("inspect", file, "--json")).info.columns).toHaveLength(4);
  });

  test.each<[string, () => string[], string]>([
    ["another type", () => [jsonl(), "--columns", "price:date"], "such as price:number,category:string"],
    [
      "a name twice",
      () => [jsonl(), "--columns", "price:number,price:string"],
      "expected each name once, got price twice",
    ],
    [
      "a key of no row",
      () => [jsonl(), "--columns", "colour:string"],
      `items.jsonl: '--columns': no row has "colour": correct the name, or write null under it if no row has a value`,
    ],
    ["a column of no .csv", () => [csv(), "--columns", "colour:string"], `'--columns': there is no column "colour"`],
    [
      "a column of no .parquet",
      () => [parquet(), "--namespace-field", "x2"],
      `'--namespace-field': there is no column`,
    ],
    [
      "text that is declared as numbers",
      () => [jsonl(), "--columns", "category:number"],
      `items.jsonl: '--columns': "category" of row 1 expected a number or null, got "hats": declare category:string, or correct the row`,
    ],
    [
      "numbers that are declared as text",
      () => [parquet(), "--columns", "stock:boolean,price:string"],
      `items.parquet: '--columns': "price" of row 1 expected a string or null, got 10.5: declare price:number, or correct the row`,
    ],
    [
      "text that is declared as booleans, in .csv",
      () => [csv(), "--columns", "category:boolean"],
      `items.csv: '--columns': "category" of row 1 expected a boolean or null, got "hats": declare category:string`,
    ],
    [
      "numbers that are declared as booleans, in .csv",
      () => [csv(), "--columns", "price:boolean"],
      `items.csv: '--columns': "price" of row 1 expected a boolean or null, got 10.5: declare price:number`,
    ],
    [
      "numbers as namespaces, from --metadata",
      () => [...beside(), "--namespace-field", "price"],
      `metadata.jsonl: '--namespace-field': "price" of row 1 expected a string or null, got 10.5: namespaces are text`,
    ],
    [
      "lists as values",
      () => [...beside(), "--columns", "other:number"],
      `'--columns': "other" of row 0 expected a number or null, got an array: name a key that holds a text, a number`,
    ],
    [
      "text that is too long",
      () => [
        writeInput("long.jsonl", Buffer.from(lines([{ note: "x".repeat(65), values: [1, 2, 3] }]))),
        "--columns",
        "note:string",
      ],
      `long.jsonl: '--columns': "note" of row 0 expected at most 64 bytes of UTF-8, got 65: shorten it`,
    ],
    [
      "fewer lines",
      () => [...beside().slice(0, 2), writeInput("m.jsonl", Buffer.from("{}\n")), "--columns", "a:number"],
      "'--metadata' expected 24 lines, one for each row, got 1",
    ],
    [
      "a line that is no object",
      () => [...beside().slice(0, 2), writeInput("m.jsonl", Buffer.from("[1]\n")), "--columns", "a:number"],
      "line 1 expected a JSON object",
    ],
    ["--metadata alone", () => beside(), "'--metadata' needs '--columns' or '--namespace-field'"],
  ])("refuses %s", async (_, input, message) => {
    expect(await fail("build", ...input(), ...OPTIONS, "-o", join(makeFolder(), "x.midx"))).toContain(message);
  });

  test("refuses integers that a number would round, and keeps them as texts and large numbers that are no integers", async () => {
    const files = (of: (sku: string) => string) => [
      writeInput(
        "large.csv",
        Buffer.from(`id,sku,x,y,z\n${["5", LARGE].map((n, i) => `i${i},${of(n)},1,2,${i}\n`).join("")}`),
      ),
      writeInput(
        "large.jsonl",
        Buffer.from(["5", LARGE].map((n, i) => `{"sku":${of(n)},"values":[1,2,${i}]}\n`).join("")),
      ),
    ];
    const metadata = Buffer.from(`{"sku":5}\n{"sku":${LARGE}}\n`);
    const rows = writeInput("rows.jsonl", Buffer.from("[1,2,3]\n[1,2,4]\n"));
    const beside = [rows, "--metadata", writeInput("metadata.jsonl", metadata)];
    const output = join(makeFolder(), "x.midx");
    for (const input of [...files((n) => n).map((file) => [file]), beside, [largeParquet()]]) {
      expect(await fail("build", ...input, "--columns", "sku:number", ...OPTIONS, "-o", output)).toContain(
        `"sku" of row 1 expected a number or null, got "${LARGE}": a number rounds integers from 2^53 on: declare sku:string, and write them in quotes in JSON`,
      );
    }
    for (const [file, type] of [
      ...files((n) => `"${n}"`).map((file) => [file, "string"] as const),
      ...files((n) => `${n}.0`).map((file) => [file, "number"] as const),
    ]) {
      await succeed("build", file, "--columns", `sku:${type}`, ...OPTIONS, "-o", output);
    }
  });

  test("refuses a filter that is no JSON object, or not about the columns", async () => {
    const file = join(makeFolder(), "items.midx");
    await succeed("build", jsonl(), ...DECLARED, ...OPTIONS, "-o", file);
    const asked = ["predict", file, "--vector", "[1,2,3]", "--filter"];
    expect(await fail(...asked, "[1]")).toContain("Expected a JSON object, such as");
    expect(await fail(...asked, '{"colour":1}')).toContain(
      '"filter.colour" expected a column of the index: "category"',
    );
  });
});
