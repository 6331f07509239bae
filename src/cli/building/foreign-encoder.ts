import { quoteName } from "../../bytes/strict-json.ts";
import type { EncoderModel } from "../../train/build/build-options.ts";
import { encoderFacts } from "../../train/build/encode-encoder.ts";
import type { Matrix } from "../../train/index.ts";
import { jsonEntries } from "../inputs/json-entries.ts";
import { shownJson } from "../inputs/shown-json.ts";
import { ATTENTION_NAMES, foreignAttention, HEADS, hasAttention } from "./foreign-attention.ts";
import { foreignGru, GRU_NAMES, hasGru } from "./foreign-gru.ts";
import { ForeignTensors } from "./foreign-tensors.ts";

/** The vectors of the items that are read, if they are not the vectors of the classes. */
const ITEMS = "features";
const NAMES: readonly string[] = [...GRU_NAMES, ...ATTENTION_NAMES, ITEMS];

/** The names of tensors and modules of a file by the names of the tables of an encoder. */
export type EncoderNames = Readonly<
  Partial<Record<(typeof GRU_NAMES)[number] | (typeof ATTENTION_NAMES)[number] | typeof ITEMS, string>>
>;

/** Parses the file of `--encoder-names`: a JSON object of texts. RangeError or FormatError of jsonEntries for others. */
export function parseEncoderNames(bytes: Uint8Array): EncoderNames {
  const entries = jsonEntries(bytes);
  for (const [name, tensor] of entries) {
    if (!NAMES.includes(name)) {
      throw new RangeError(`${quoteName(name)} is no table of an encoder, which are ${NAMES.join(", ")}`);
    }
    const [form, expected] =
      name === HEADS ? [/^[1-9]\d*$/, 'a number as a text, such as "2"'] : [/^/, "the name of a tensor"];
    if (typeof tensor !== "string" || !form.test(tensor)) {
      throw new RangeError(`${quoteName(name)} expected ${expected}, got ${shownJson(tensor)}`);
    }
  }
  return Object.fromEntries(entries) as EncoderNames;
}

/**
 * Reads the weights of an encoder from a safetensors file of another program: a GRU or blocks of attention. Without `features`
 * among the names it is tied: it reads the vectors of the classes.
 *
 * @throws RangeError that names the tensor, the expected form and the form in the file; FormatError of parseHeader
 */
export function foreignEncoder(bytes: Uint8Array<ArrayBuffer>, names: EncoderNames, classes: Matrix): EncoderModel {
  const tensors = new ForeignTensors(bytes);
  const [, dim = 0] = classes.shape;
  const isAttention = isOfAttention(tensors, names);
  const { shape, tables, sources } = (isAttention ? foreignAttention : foreignGru)(tensors, names, dim);
  // The build would refuse wrong sizes by names that the file does not have.
  encoderFacts(shape, dim, (size, expected, got) => {
    throw new RangeError(`${sources[size]} expected ${expected}, got ${got}`);
  });
  const { features } = names;
  if (features === undefined) {
    return { shape: { ...shape, items: "tied" }, tables: { ...tables, classes: Float32Array.from(classes.data) } };
  }
  const vectors = tensors.values(features, ITEMS, classes.shape);
  return { shape: { ...shape, items: "own" }, tables: { ...tables, features: vectors } };
}

/** Tells which kind a file has. With both kinds, the names choose one. */
function isOfAttention(tensors: ForeignTensors, names: EncoderNames): boolean {
  const isNamed = (...kinds: readonly string[]): boolean =>
    Object.keys(names).some((name) => kinds.some((kind) => name.startsWith(kind)));
  const isNamedGru = isNamed("gru.", "projection.");
  if (isNamed("attention.")) {
    if (!isNamedGru) return true;
    throw new RangeError(
      "'--encoder-names' expected names of a GRU or of attention, got both: an index has one encoder",
    );
  }
  if (!hasAttention(tensors) || isNamedGru) return false;
  if (!hasGru(tensors)) return true;
  const remedy = 'name "gru.inputWeight" or "attention.layer" with --encoder-names';
  throw new RangeError(`the file has a GRU and attention, and an index has one encoder: ${remedy}`);
}
