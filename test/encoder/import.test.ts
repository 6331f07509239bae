import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { makeFolder, safetensorsBytes, writeInput } from "../cli/files.ts";
import { midx } from "../cli/run.ts";

const FOLDER = "test/encoder/pytorch";
const made = JSON.parse(readFileSync(join(FOLDER, "queries.json"), "utf8")) as {
  readonly sequences: readonly number[][];
  readonly tied: readonly number[][];
  readonly own: readonly number[][];
  readonly sasrec: readonly number[][];
};
const PROJECTION = { "projection.weight": "out.weight", "projection.bias": "out.bias" };
const named = (names: object): string[] => ["--encoder-names", writeInput("names.json", JSON.stringify(names))];

const build = async (file: string, ...options: string[]) => {
  const output = join(makeFolder(), "items.midx");
  const argv = ["build", file, "--tensor", "items.weight", "--encoder", file, "-o", output, "--calibrate", "off"];
  return { output, ...(await midx([...argv, ...options])) };
};

/** A file of PyTorch whose header is another one of the same length. */
function edited(name: string, edit: (header: string) => string): string {
  const bytes = readFileSync(join(FOLDER, `${name}.safetensors`));
  const length = Number(bytes.readBigUInt64LE());
  const header = edit(bytes.toString("utf8", 8, 8 + length).trimEnd());
  const path = join(makeFolder(), "edited.safetensors");
  const begin = Buffer.alloc(8);
  begin.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([begin, Buffer.from(header), bytes.subarray(8 + length)]));
  return path;
}

describe("weights of PyTorch", () => {
  test.each([
    ["tied", PROJECTION, []],
    ["tied", PROJECTION, ["--row-type", "f32"]],
    ["own", { features: "read.weight" }, []],
    ["own", { features: "read.weight", "gru.inputWeight": "rnn.weight_ih_l0", "gru.stateBias": "rnn.bias_hh_l0" }, []],
    ["sasrec", { "attention.heads": "2" }, []],
    ["sasrec", { "attention.heads": "2", "attention.layer": "attention_layers.{}" }, ["--row-type", "f32"]],
  ] as const)("make the queries that PyTorch made: %s, %j, %j", async (name, names, options) => {
    const { code, stderr, output } = await build(join(FOLDER, `${name}.safetensors`), ...named(names), ...options);
    expect(code, stderr).toBe(0);
    const index = await load(readFileSync(output));
    await openEncoder(index);
    for (const [i, sequence] of made.sequences.entries()) {
      const expected = made[name][i] as number[];
      const query = index.encode(sequence);
      for (const [d, value] of expected.entries()) expect(query[d]).toBeCloseTo(value, 5);
    }
  });

  test("that are tied are needed no name", async () => {
    const path = edited("own", (header) => header.replace('"read.weight"', '"else.weight"'));
    const { code, output } = await build(path);
    expect(code).toBe(0);
    const index = await load(readFileSync(output));
    await openEncoder(index);
    expect(Array.from(index.encode([3]))).not.toEqual(made.own[0]); // it reads items.weight
  });

  test("without biases have zeros", async () => {
    const path = edited("own", (header) => header.replace("rnn.bias_ih_l0", "x").replace("rnn.bias_hh_l0", "y"));
    expect((await build(path, ...named({ features: "read.weight" }))).code).toBe(0);
  });
});

describe("weights of other kinds and shapes are refused by name", () => {
  const refused = async (path: string, options: string[], message: string): Promise<void> => {
    const { code, stderr } = await build(path, ...options);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  };
  const path = join(FOLDER, "tied.safetensors");
  const rename = (from: string, to: string) => edited("own", (header) => header.replace(from, to));

  test.each([
    [path, {}, 'states have 12 values and classes 8: name the projection, "projection.weight" [8, 12]'],
    [
      path,
      { "projection.weight": "items.weight" },
      '"items.weight" expected floats [8, 12] for projection.weight, got F32 [30, 8]',
    ],
    [path, { ...PROJECTION, features: "read.weight" }, 'there is no tensor "read.weight" for features; the file has'],
    [
      path,
      { "projection.weight": "out.weight" },
      'the file has "out.bias" beside "out.weight": name it as "projection.bias"',
    ],
    [path, { "projection.bias": "out.bias" }, '"projection.bias" needs "projection.weight", got "out.bias" alone'],
    [path, { "gru.inputWeight": "x", "attention.heads": "1" }, "expected names of a GRU or of attention, got both"],
    [path, { "gru.weight": "x" }, '"gru.weight" is no table of an encoder, which are gru.inputWeight'],
    [path, { "gru.inputWeight": 3 }, '"gru.inputWeight" expected the name of a tensor, got 3'],
    [path, { "attention.heads": 2 }, '"attention.heads" expected a number as a text, such as "2", got 2'],
    [path, { "attention.heads": "two" }, '"attention.heads" expected a number as a text, such as "2", got "two"'],
  ])("%s with the names %j", async (file, names, message) => {
    await refused(file, named(names), message);
  });

  test("attention", async () => {
    const sasrec = join(FOLDER, "sasrec.safetensors");
    await refused(
      sasrec,
      named({ "attention.layer": "blocks.{}" }),
      'there is no tensor "blocks.0.in_proj_weight" for attention.layer',
    );
    await refused(
      sasrec,
      named({ "attention.normLast": "norm" }),
      'there is no tensor "norm.weight" for attention.normLast',
    );
    await refused(
      sasrec,
      named({ "attention.positions": "items.bias" }),
      'there is no tensor "items.bias" for attention.positions',
    );
    await refused(sasrec, named({ "attention.heads": "3" }), '"attention.heads" expected an integer in 1..2, got 3');
    const path = edited("sasrec", (header) => header.replace('"shape": [8, 8, 1]', '"shape": [4, 16, 1]'));
    await refused(path, [], "expected floats [8, 8] for attention.inner, got F32 [4, 16, 1]");
    const layer = { "attention.layer": "attention_layers.1", "attention.normLast": "norm" };
    await refused(sasrec, named(layer), 'there is no tensor "norm.weight"'); // one block, since no number is asked for
    await refused(
      sasrec,
      named({ "attention.inner": "forward_layers.0.conv1" }),
      '"attention.inner" expected {} in its place for the number of the block, got "forward_layers.0.conv1" for 2 blocks',
    );
    const gap = edited("sasrec", (header) =>
      header.replace("attention_layers.1.in_proj_w", "attention_layers.9.in_proj_w"),
    );
    await refused(
      gap,
      [],
      '"attention_layernorms.1.weight" belongs to one more block, but there is no tensor "attention_layers.1.in_proj_weight"',
    );
  });

  test("sizes beyond those of an index, by what the file calls them", async () => {
    const ones = (shapes: Readonly<Record<string, readonly number[]>>): string => {
      const tensors = Object.entries({ "items.weight": [6, 4], ...shapes }).map(([name, shape]) => {
        const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1);
        return { name, dtype: "F32" as const, shape, data };
      });
      return writeInput("ones.safetensors", safetensorsBytes(tensors));
    };
    const attention = (blocks: number, length: number): string => {
      const shapes: Record<string, readonly number[]> = { "pos_emb.weight": [length, 4] };
      const addModule = (name: string, shape: readonly number[]): void => {
        Object.assign(shapes, { [`${name}.weight`]: shape, [`${name}.bias`]: [4] });
      };
      for (let block = 0; block < blocks; block++) {
        const layer = `attention_layers.${block}`;
        Object.assign(shapes, { [`${layer}.in_proj_weight`]: [12, 4], [`${layer}.in_proj_bias`]: [12] });
        for (const name of ["attention_layernorms", "forward_layernorms"]) addModule(`${name}.${block}`, [4]);
        for (const name of ["conv1", "conv2"]) addModule(`forward_layers.${block}.${name}`, [4, 4]);
        addModule(`${layer}.out_proj`, [4, 4]);
      }
      addModule("last_layernorm", [4]);
      return ones(shapes);
    };
    const long = attention(1, 4097);
    await refused(
      long,
      [],
      `error: ${long}: the number of rows of "pos_emb.weight" expected an integer in 1..4096, got 4097`,
    );
    await refused(
      attention(17, 2),
      [],
      'the number of modules "attention_layers.{}" expected an integer in 1..16, got 17',
    );
  });

  test("values that are not finite, with the file and the tensor", async () => {
    const bytes = readFileSync(path);
    bytes.writeFloatLE(Number.NaN, bytes.byteLength - 4);
    const file = join(makeFolder(), "nan.safetensors");
    writeFileSync(file, bytes);
    await refused(file, named(PROJECTION), `${file}: "out.bias"[7] expected a finite number in f32, got NaN`);
  });

  test("two kinds in one file, of which no name chooses one", async () => {
    const both = edited("sasrec", (header) => header.replace("last_layernorm.bias", "rnn.weight_ih_l0"));
    await refused(both, [], "the file has a GRU and attention");
  });

  test("other kinds and forms", async () => {
    await refused(rename("weight_ih_l0", "weight"), [], "no tensor with a name that ends in weight_ih_l0");
    await refused(rename("read.weight", "weight_ih_l0"), [], "2 tensors with a name that ends in weight_ih_l0");
    await refused(rename("read.weight", "rnn.weight_ih_l1"), [], "expected a GRU of one layer and one direction");
    await refused(rename("read.weight", "rnn.weight_ih_l0_reverse"), [], "one layer and one direction");
    const lstm = edited("own", (header) => header.replace("[24, 8]", "[32, 6]"));
    await refused(lstm, [], '"rnn.weight_ih_l0" expected floats [24, 8] for gru.inputWeight, got F32 [32, 6]');
    await refused(path, ["--encoder-names", writeInput("names.json", "[]")], 'the file does not start with "{"');
    const comma = writeInput("names.json", '{"features": "read.weight",}');
    await refused(path, ["--encoder-names", comma], "the file is not JSON");
    const wide = edited("tied", (header) => header.replace("[36, 12]", "[24, 18]"));
    await refused(wide, [], '"rnn.weight_hh_l0" expected [3 · units, units] for gru.stateWeight, got [24, 18]');
    const lost = 'there is no tensor "rnn.bias_hh_l0", and the file has the other bias of the GRU';
    await refused(rename("rnn.bias_hh_l0", "rnn.bias"), named({ features: "read.weight" }), lost);
  });

  test("names without an encoder, or beside a model of midx", async () => {
    const output = join(makeFolder(), "items.midx");
    const { stderr } = await midx(["build", path, "--tensor", "items.weight", "-o", output, ...named({})]);
    expect(stderr).toContain("'--encoder-names' needs '--encoder'");
  });
});
