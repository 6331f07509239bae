import { quoteName } from "../../bytes/strict-json.ts";
import type { ForeignModules } from "./foreign-modules.ts";
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
/** The modules that each block has one of. */
const IN_BLOCKS = [
  ...(["attention.normBefore", "attention.layer", "attention.normBehind"] as const),
  ...(["attention.inner", "attention.outer"] as const),
];

/** The number of heads, as a text. No tensor tells it. */
export const HEADS = "attention.heads";

export const ATTENTION_NAMES = [...(Object.keys(SASREC) as Module[]), HEADS] as const;
type Names = Readonly<Partial<Record<(typeof ATTENTION_NAMES)[number], string>>>;

/** Tells whether a file has the weights of attention under the name of PyTorch. */
export const hasAttention = ({ names }: ForeignTensors): boolean =>
  names.some((name) => name.endsWith("in_proj_weight"));

/**
 * Reads blocks of attention of PyTorch: LayerNorm, MultiheadAttention and two layers, Linear or Conv1d of width 1.
 *
 * @throws RangeError that names the tensor, the expected form and the form in the file
 */
export function foreignAttention(tensors: ForeignTensors, own: Names, dim: number): ForeignModules {
  const names = { ...SASREC, ...own };
  const heads = Number(own[HEADS] ?? 1);
  const nameOf = (module: Module, part: string, block: number): string => numbered(names[module], block) + part;
  const blocks = countBlocks(tensors, names);
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
    sources: {
      blocks: `the number of modules ${quoteName(names["attention.layer"])}`,
      heads: quoteName(HEADS),
      length: `the number of rows of ${quoteName(names["attention.positions"])}`,
    },
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

const numbered = (name: string, block: number): string => name.replaceAll("{}", String(block));

/** Counts the blocks from the first one on. A name without a place for their number stands for a single one. */
function countBlocks(tensors: ForeignTensors, names: Readonly<Record<Module, string>>): number {
  const weightOf = (block: number): string => `${numbered(names["attention.layer"], block)}.in_proj_weight`;
  const most = isNumbered(names["attention.layer"]) ? Number.POSITIVE_INFINITY : 1;
  let blocks = 0;
  while (blocks < most && tensors.shapeOf(weightOf(blocks)) !== undefined) blocks++;
  const fixed = IN_BLOCKS.find((module) => !isNumbered(names[module]));
  if (fixed && blocks > 1) {
    throw new RangeError(
      `"${fixed}" expected {} in its place for the number of the block, got "${names[fixed]}" for ${blocks} blocks`,
    );
  }
  const further =
    blocks > 0 &&
    most > 1 &&
    tensors.names.find((name) => IN_BLOCKS.some((module) => isAfter(name, names[module], blocks)));
  if (!further) return blocks;
  throw new RangeError(`${quoteName(further)} belongs to one more block, but there is no tensor "${weightOf(blocks)}"`);
}

const isNumbered = (name: string): boolean => name.includes("{}");

/** Tells whether a tensor is of a module of a block from `blocks` on. */
function isAfter(tensor: string, module: string, blocks: number): boolean {
  const [before = "", ...behind] = module.split("{}");
  const number = tensor.startsWith(before) ? /^\d+/.exec(tensor.slice(before.length))?.[0] : undefined;
  return behind.length > 0 && Number(number) >= blocks && tensor.startsWith(`${numbered(module, Number(number))}.`);
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
