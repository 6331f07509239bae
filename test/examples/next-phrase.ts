import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { halvesToFloats } from "../../src/bytes/float16.ts";
import { parseHeader } from "../../src/bytes/safetensors.ts";
import { build } from "../../src/train/index.ts";

/** Phrases with a larger bias are frequent: a twentieth of all, of which an index is built in a moment. */
const FREQUENT = -11.5;

const unpacked = (name: string): Uint8Array =>
  gunzipSync(readFileSync(new URL(`../../examples/next-phrase/${name}.gz`, import.meta.url)));
const lines = (name: string): string[] => unpacked(name).toString().trimEnd().split("\n");

/** Builds an index of the frequent phrases of examples/next-phrase, with all of its features. */
export async function somePhrases(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = unpacked("model.safetensors");
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  const tensorOf = (name: string): { readonly values: Float32Array; readonly shape: readonly number[] } => {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor === undefined) throw new Error(`the model has no ${name}`);
    const halves = Uint8Array.from(bytes.subarray(byteLength + tensor.begin, byteLength + tensor.end));
    return { values: halvesToFloats(new Uint16Array(halves.buffer)), shape: tensor.shape };
  };
  const [rows, biases] = [tensorOf("classes"), tensorOf("bias")];
  const [features, positions] = [tensorOf("features"), tensorOf("positions")];
  const dim = rows.shape[1] as number;
  const phrases = lines("phrases.txt");
  const chosen = phrases.flatMap((_, row) => ((biases.values[row] as number) > FREQUENT ? [row] : []));
  const data = new Float32Array(chosen.length * dim);
  for (const [i, row] of chosen.entries()) data.set(rows.values.subarray(row * dim, (row + 1) * dim), i * dim);
  return build(
    { data, shape: [chosen.length, dim] },
    {
      bias: Float32Array.from(chosen, (row) => biases.values[row] as number),
      labels: chosen.map((row) => phrases[row] as string),
      features: {
        ...{ data: features.values, shape: [features.shape[0] as number, dim] },
        ...{ positions: positions.values, labels: lines("words.txt") },
      },
      ...{ seed: 1, calibrate: "off" },
    },
  );
}
