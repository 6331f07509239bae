import { parseHeader, type TensorInfo } from "../../bytes/safetensors.ts";
import { parseStrictJson, quoteName } from "../../bytes/strict-json.ts";
import type { EncoderModel } from "../../train/build/build-options.ts";
import type { Matrix } from "../../train/index.ts";
import { decodeElements, isFloatDtype } from "../inputs/elements.ts";
import { listNames } from "../inputs/named-tensors.ts";
import { shownJson } from "../inputs/shown-json.ts";

/** The names of tensors of a file by the names of the tables of an encoder. */
export type EncoderNames = Readonly<Partial<Record<TableName, string>>>;

/** How PyTorch names the weights of torch.nn.GRU, behind the name of the module. */
const PYTORCH = {
  "gru.inputWeight": "weight_ih_l0",
  "gru.inputBias": "bias_ih_l0",
  "gru.stateWeight": "weight_hh_l0",
  "gru.stateBias": "bias_hh_l0",
} as const;
const PROJECTION = ["projection.weight", "projection.bias"] as const;
/** The vectors of the items that are read, where they are not those of the classes. */
const ITEMS = "features";

type TableName = keyof typeof PYTORCH | (typeof PROJECTION)[number] | typeof ITEMS;
const NAMES: readonly TableName[] = [...(Object.keys(PYTORCH) as (keyof typeof PYTORCH)[]), ...PROJECTION, ITEMS];

/** Parses the file of `--encoder-names`: a JSON object of texts. RangeError or FormatError of parseStrictJson for others. */
export function parseEncoderNames(bytes: Uint8Array): EncoderNames {
  const entries = parseStrictJson(bytes, 0);
  for (const [name, tensor] of entries) {
    if (!(NAMES as readonly string[]).includes(name)) {
      throw new RangeError(`${quoteName(name)} is no table of an encoder, which are ${NAMES.join(", ")}`);
    }
    if (typeof tensor !== "string") {
      throw new RangeError(`${quoteName(name)} expected the name of a tensor, got ${shownJson(tensor)}`);
    }
  }
  return Object.fromEntries(entries) as EncoderNames;
}

/**
 * Reads the weights of a GRU of one layer from a safetensors file of another program. Without a name of its own a table has
 * the name that PyTorch gives it. A GRU without biases has zeros. Without `features` among the names it is tied: it reads the
 * vectors of the classes.
 *
 * @throws RangeError that names the tensor, what was expected and what the file has; FormatError of parseHeader
 */
export function foreignEncoder(bytes: Uint8Array<ArrayBuffer>, own: EncoderNames, classes: Matrix): EncoderModel {
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  const found = (name: string): TensorInfo | undefined => tensors.find((tensor) => tensor.name === name);
  const names = { ...pytorchNames(tensors, own), ...own };
  const [, dim = 0] = classes.shape;
  const stateWeight = found(names["gru.stateWeight"]);
  const units = stateWeight?.shape[1] ?? 0;
  const table = (name: TableName, tensorName: string, shape: readonly number[]): Float32Array => {
    const tensor = found(tensorName);
    if (tensor === undefined) {
      const listed = listNames(tensors.map((each) => each.name));
      throw new RangeError(`there is no tensor ${quoteName(tensorName)} for ${name}; the file has ${listed}`);
    }
    const given = `${tensor.dtype} [${tensor.shape.join(", ")}]`;
    if (tensor.shape.join() !== shape.join() || !isFloatDtype(tensor.dtype)) {
      throw new RangeError(`${quoteName(tensorName)} expected floats [${shape.join(", ")}] for ${name}, got ${given}`);
    }
    const values = bytes.slice(byteLength + tensor.begin, byteLength + tensor.end);
    const count = shape.reduce((product, size) => product * size, 1);
    return Float32Array.from(decodeElements(tensor.dtype, values, new Float32Array(count)));
  };
  const biasOf = (name: "gru.inputBias" | "gru.stateBias"): Float32Array =>
    own[name] === undefined && found(names[name]) === undefined
      ? new Float32Array(3 * units)
      : table(name, names[name], [3 * units]);
  const { "projection.weight": weight, "projection.bias": bias, features } = own;
  if (units !== dim && weight === undefined) {
    throw new RangeError(
      `states have ${units} values and classes ${dim}: name the projection, "projection.weight" [${dim}, ${units}], with --encoder-names`,
    );
  }
  return {
    shape: { encoder: "gru", units, items: features === undefined ? "tied" : "own" },
    tables: {
      "gru.stateWeight": table("gru.stateWeight", names["gru.stateWeight"], [3 * units, units]),
      "gru.inputWeight": table("gru.inputWeight", names["gru.inputWeight"], [3 * units, dim]),
      "gru.inputBias": biasOf("gru.inputBias"),
      "gru.stateBias": biasOf("gru.stateBias"),
      ...(weight !== undefined && {
        "projection.weight": table("projection.weight", weight, [dim, units]),
        "projection.bias": bias === undefined ? new Float32Array(dim) : table("projection.bias", bias, [dim]),
      }),
      ...(features === undefined
        ? { classes: Float32Array.from(classes.data) }
        : { features: table(ITEMS, features, classes.shape) }),
    },
  };
}

/** The names of PyTorch, behind the name of the one module that has such weights. */
function pytorchNames(tensors: readonly TensorInfo[], own: EncoderNames): Record<keyof typeof PYTORCH, string> {
  const ending = PYTORCH["gru.inputWeight"];
  const modules = tensors.filter(({ name }) => name.endsWith(ending)).map(({ name }) => name.slice(0, -ending.length));
  const [module = "", ...others] = modules;
  if (own["gru.inputWeight"] === undefined && (modules.length === 0 || others.length > 0)) {
    const listed = listNames(tensors.map(({ name }) => name));
    const problem = modules.length === 0 ? "no tensor" : `${modules.length} tensors`;
    throw new RangeError(
      `${problem} with a name that ends in ${ending}, the weights of a GRU of PyTorch; the file has ${listed}: name the tables with --encoder-names`,
    );
  }
  const further = tensors.find(
    ({ name }) => name.startsWith(module) && /^weight_ih_l(0_reverse|[1-9])/.test(name.slice(module.length)),
  );
  if (further) throw new RangeError(`${quoteName(further.name)}: expected a GRU of one layer and one direction`);
  const named = Object.entries(PYTORCH).map(([name, end]) => [name, `${module}${end}`]);
  return Object.fromEntries(named);
}
