import type { EncoderModel } from "../../train/build/build-options.ts";
import type { ForeignTensors } from "./foreign-tensors.ts";

/**
 * The modules of an attention encoder, under the names that implementations of SASRec in PyTorch give them. {} stands for the
 * number of the block. All but the first are modules, with a weight and a bias.
 */
const SASREC = {
  "attention.positions": "pos_emb.weight",
  "attention.normBefore": "attention_layernorms.{}",
  "attention.layer": "attention_layers.{}",
  "attention.normBehind": "forward_layernorms.{}",
  "attention.inner": "forward_layers.{}.conv1",
  "attention.outer": "forward_layers.{}.conv2",
  "attention.normLast": "last_layernorm",
} as const;
type Module = keyof typeof SASREC;

export const ATTENTION_NAMES = [...(Object.keys(SASREC) as Module[]), "attention.heads"] as const;
type Names = Readonly<Partial<Record<(typeof ATTENTION_NAMES)[number], string>>>;

/** Tells whether a file has the weights of attention under the name of PyTorch. */
export const hasAttention = ({ names }: ForeignTensors): boolean =>
  names.some((name) => name.endsWith("in_proj_weight"));

/**
 * Reads blocks of attention of PyTorch: LayerNorm, MultiheadAttention and two layers, Linear or Conv1d of width 1.
 *
 * @throws RangeError that names the tensor, the expected form and the form in the file
 */
export function foreignAttention(
  tensors: ForeignTensors,
  own: Names,
  dim: number,
): Pick<EncoderModel, "shape" | "tables"> {
  const names = { ...SASREC, ...own };
  const heads = Number(own["attention.heads"] ?? 1);
  const nameOf = (module: Module, part: string, block: number): string =>
    `${names[module].replaceAll("{}", String(block))}${part}`;
  let blocks = 0;
  while (tensors.shapeOf(nameOf("attention.layer", ".in_proj_weight", blocks)) !== undefined) blocks++;
  if (blocks === 0) {
    const wanted = nameOf("attention.layer", ".in_proj_weight", 0);
    throw new RangeError(
      `there is no tensor "${wanted}" for attention.layer; the file has ${tensors.listed}: name the modules with --encoder-names`,
    );
  }
  const values = (module: Module, part: string, shape: readonly number[], block = 0): Float32Array =>
    tensors.values(nameOf(module, part, block), module, shape);
  /** The values of all blocks one after the other. */
  const ofBlocks = (module: Module, part: string, shape: readonly number[]): Float32Array =>
    joined(Array.from({ length: blocks }, (_, block) => values(module, part, shape, block)));
  const norms = (part: string): Float32Array =>
    joined([
      ...Array.from({ length: blocks }, (_, block) =>
        (["attention.normBefore", "attention.normBehind"] as const).map((module) => values(module, part, [dim], block)),
      ).flat(),
      values("attention.normLast", part, [dim]),
    ]);
  const [length = 0] = tensors.shapeOf(names["attention.positions"]) ?? [];
  return {
    shape: { encoder: "attention", blocks, heads, length },
    tables: {
      "attention.positions": values("attention.positions", "", [length, dim]),
      "attention.normWeight": norms(".weight"),
      "attention.normBias": norms(".bias"),
      "attention.inputWeight": ofBlocks("attention.layer", ".in_proj_weight", [3 * dim, dim]),
      "attention.inputBias": ofBlocks("attention.layer", ".in_proj_bias", [3 * dim]),
      "attention.outputWeight": ofBlocks("attention.layer", ".out_proj.weight", [dim, dim]),
      "attention.outputBias": ofBlocks("attention.layer", ".out_proj.bias", [dim]),
      "attention.innerWeight": ofBlocks("attention.inner", ".weight", [dim, dim]),
      "attention.innerBias": ofBlocks("attention.inner", ".bias", [dim]),
      "attention.outerWeight": ofBlocks("attention.outer", ".weight", [dim, dim]),
      "attention.outerBias": ofBlocks("attention.outer", ".bias", [dim]),
    },
  };
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
