import type { TensorSpec } from "../bytes/safetensors.ts";

export type TensorName =
  | "codebook1"
  | "codebook2"
  | "bucketCodes"
  | "bucketOffsets"
  | "ids"
  | "bias"
  | "fineCodebooks"
  | "fineCodes"
  | "recallCurves"
  | "rowScales"
  | "rows"
  | LabelTensor<"label">
  | "features"
  | "featurePositions"
  | LabelTensor<"featureLabel">
  | SectionTensor;

/** A tensor of a section (sections.ts): the name of the section, a dot, and its own name. */
export type SectionTensor = `${string}.${string}`;

/** The tensors of a table of labels (memory/labels.ts). */
type LabelTensor<Prefix extends LabelPrefix> = `${Prefix}${"Offsets" | "Order" | "Text"}`;
/** Classes and features may have labels. */
export type LabelPrefix = "label" | "featureLabel";

/** The length of every tensor is a multiple of 16 bytes. */
export const VECTOR_BYTES = 16;
export const padTo = (count: number, multiple: number): number => Math.ceil(count / multiple) * multiple;

/** Returns the number of f32 values in a stored codeword, zero padding included: a multiple of 4, and at least 4. */
export const paddedCodeword = (dim: number): number => padTo(Math.max(1, dim), 4);

export type NamedSpec = TensorSpec & { readonly name: TensorName };

export const labelTensors = (prefix: LabelPrefix, count: number, bytes: number): NamedSpec[] => [
  { name: `${prefix}Offsets`, dtype: "I32", shape: [padTo(count + 1, 4)] },
  { name: `${prefix}Order`, dtype: "I32", shape: [padTo(count, 4)] },
  { name: `${prefix}Text`, dtype: "U8", shape: [padTo(bytes, VECTOR_BYTES)] },
];
