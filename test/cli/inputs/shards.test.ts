import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { load } from "../../../src/index.ts";
import { makeFolder, safetensorsBytes, type Tensor } from "../files.ts";
import { midx, noise } from "../run.ts";
import { read, refusal } from "./read-input.ts";

const INDEX = "model.safetensors.index.json";
const [FIRST, SECOND] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

const half = (value: number): number => new DataView(Float32Array.of(value).buffer).getUint16(2, true);
const bfloat16 = (name: string, shape: number[], values: readonly number[]): Tensor => ({
  name,
  dtype: "BF16",
  shape,
  data: Uint16Array.from(values, half),
});

const EMBEDDINGS = bfloat16("model.embed_tokens.weight", [2, 3], [1, -2, 3.5, 0, 0.25, 1024]);
const LAYER = bfloat16("model.layers.0.mlp.up_proj.weight", [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const HEAD = bfloat16("lm_head.weight", [2, 3], [9, 8, 7, 6, 5, 4]);
const BIAS: Tensor = { name: "lm_head.bias", dtype: "F32", shape: [2], data: Float32Array.of(0.5, -1) };

/** Writes a model in two files with its index, parts of which may be changed. */
function writeModel(change: Record<string, unknown> = {}): string {
  const folder = makeFolder();
  writeFileSync(join(folder, FIRST), safetensorsBytes([EMBEDDINGS, LAYER]));
  writeFileSync(join(folder, SECOND), safetensorsBytes([HEAD, BIAS]));
  const weight_map = {
    [LAYER.name]: FIRST,
    [EMBEDDINGS.name]: FIRST,
    [BIAS.name]: SECOND,
    [HEAD.name]: SECOND,
  };
  const path = join(folder, INDEX);
  writeFileSync(path, JSON.stringify({ metadata: { total_size: 100 }, weight_map, ...change }, null, 2));
  return path;
}

describe("a model in shards", () => {
  test("is read from the file that has the tensor, and only that one need be there", async () => {
    const path = writeModel();
    expect(await read(path, { tensor: "lm_head.weight" })).toEqual({ values: [9, 8, 7, 6, 5, 4], shape: [2, 3] });
    rmSync(path.replace(INDEX, SECOND));
    expect((await read(path, { tensor: "model.embed_tokens.weight" })).values).toEqual([1, -2, 3.5, 0, 0.25, 1024]);
    expect((await refusal(read(path, { tensor: "lm_head.weight" }))).message).toContain(SECOND);
  });

  test("takes its bias from any of the files", async () => {
    const input = await openInput(writeModel(), { tensor: "lm_head.weight", bias: "lm_head.bias" });
    expect(await input.bias()).toEqual(Float32Array.of(0.5, -1));
    await input.close();
  });

  test("names what could be meant first where the tensor is missing or unknown, in shards as in one file", async () => {
    const inOrder = /"lm_head\.weight".*"model\.embed_tokens\.weight".*"model\.layers\.0/;
    const path = writeModel();
    const unnamed = await refusal(read(path));
    expect(unnamed.code).toBe("RangeError");
    expect(unnamed.message).toContain("'--tensor' is missing");
    expect(unnamed.message).toMatch(inOrder);
    expect((await refusal(read(path, { tensor: "head" }))).message).toMatch(inOrder);
    const single = join(makeFolder(), "model.safetensors");
    writeFileSync(single, safetensorsBytes([LAYER, EMBEDDINGS, BIAS, HEAD]));
    expect((await refusal(read(single))).message).toMatch(inOrder);
  });

  test("builds an index that the library loads", async () => {
    const folder = makeFolder();
    const data = Uint16Array.from(noise(300 * 8), half);
    const shards = [
      { name: "lm_head.weight", dtype: "BF16", shape: [300, 8], data },
      { name: "norm.weight", dtype: "BF16", shape: [8], data: data.subarray(0, 8) },
    ] as const;
    for (const tensor of shards) writeFileSync(join(folder, `${tensor.name}.safetensors`), safetensorsBytes([tensor]));
    const map = Object.fromEntries(shards.map(({ name }) => [name, `${name}.safetensors`]));
    const path = join(folder, INDEX);
    writeFileSync(path, JSON.stringify({ weight_map: map }));
    const output = join(folder, "out.midx");
    const argv = ["build", path, "--tensor", "lm_head.weight", "-o", output];
    expect(await midx(argv)).toMatchObject({ code: 0, stderr: "" });
    const inMemory = readFileSync(output);
    expect((await load(inMemory)).info).toMatchObject({ itemCount: 300, dim: 8 });
    expect(await midx([...argv, "--max-memory", "1000"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(output).equals(inMemory)).toBe(true);
    expect((await midx(["build", path, "-o", output])).stderr).toContain('"lm_head.weight"');
  });

  test.each([
    "../secret.safetensors",
    "/etc/passwd",
    "sub/shard.safetensors",
    "..\\secret.safetensors",
    "C:shard.safetensors",
    "..",
    ".",
    "",
    "a\0b",
  ])("is refused where the index leads out of the folder: %j", async (shard) => {
    const path = writeModel({ weight_map: { "lm_head.weight": shard } });
    mkdirSync(join(path, "..", "sub"));
    writeFileSync(join(path, "..", "sub", "shard.safetensors"), safetensorsBytes([HEAD]));
    const { code, message } = await refusal(read(path, { tensor: "lm_head.weight" }));
    expect(code).toBe("shards-path");
    expect(message).toContain('"lm_head.weight" expected the name of a file in the same folder');
  });

  test("may consist of links, as in the cache of a hub", async () => {
    const path = writeModel();
    const folder = makeFolder();
    const linked = join(folder, INDEX);
    symlinkSync(path, linked);
    symlinkSync(path.replace(INDEX, SECOND), join(folder, SECOND));
    expect((await read(linked, { tensor: "lm_head.weight" })).values).toEqual([9, 8, 7, 6, 5, 4]);
  });

  test.each([
    ["shards-map", '{"metadata": {}}'],
    ["shards-map", '{"weight_map": ["a"]}'],
    ["shards-map", '{"weight_map": null}'],
    ["shards-map", '{"weight_map": {"lm_head.weight": 1}}'],
    ["header-json", "[]"],
    ["header-json", ""],
    ["header-json", '{"weight_map": {"a": "b"}'],
    ["header-duplicate", '{"weight_map": {}, "weight_map": {}}'],
  ])("is refused with %s: %s", async (code, text) => {
    const path = join(makeFolder(), INDEX);
    writeFileSync(path, text);
    const outcome = await refusal(read(path, { tensor: "lm_head.weight" }));
    expect(outcome.code).toBe(code);
    expect(outcome.message).toContain(path);
    expect(outcome.message).not.toContain("header ");
  });

  test("is refused where the file does not have what the index says, or is damaged", async () => {
    const path = writeModel({ weight_map: { "lm_head.weight": FIRST } });
    const { code, message } = await refusal(read(path, { tensor: "lm_head.weight" }));
    expect(code).toBe("RangeError");
    expect(message).toContain(`${path.replace(INDEX, FIRST)}: `);
    expect(message).toContain('no tensor "lm_head.weight"');
    const shard = path.replace(INDEX, FIRST);
    writeFileSync(shard, readFileSync(shard).subarray(0, 50));
    expect((await refusal(read(path, { tensor: "lm_head.weight" }))).code).toBe("file-truncated");
  });
});
