import { quoteName } from "../../bytes/strict-json.ts";
import type { ForeignModules } from "./foreign-modules.ts";
import type { ForeignTensors } from "./foreign-tensors.ts";

/** The names that PyTorch gives to the weights of torch.nn.GRU, behind the name of the module. */
const PYTORCH = {
  "gru.inputWeight": "weight_ih_l0",
  "gru.inputBias": "bias_ih_l0",
  "gru.stateWeight": "weight_hh_l0",
  "gru.stateBias": "bias_hh_l0",
} as const;
type Weight = keyof typeof PYTORCH;

export const GRU_NAMES = [...(Object.keys(PYTORCH) as Weight[]), "projection.weight", "projection.bias"] as const;
type Names = Readonly<Partial<Record<(typeof GRU_NAMES)[number], string>>>;

/** Tells whether a file has weights of a GRU under the names of PyTorch. */
export const hasGru = ({ names }: ForeignTensors): boolean =>
  names.some((name) => name.endsWith(PYTORCH["gru.inputWeight"]));

/**
 * Reads a GRU of one layer. A weight without a given name has the name that PyTorch gives it. The biases of a GRU without
 * biases are zeros.
 *
 * @throws RangeError that names the tensor, the expected form and the form in the file
 */
export function foreignGru(tensors: ForeignTensors, own: Names, dim: number): ForeignModules {
  const names = { ...pytorchNames(tensors, own), ...own };
  const stateShape = tensors.shapeOf(names["gru.stateWeight"]);
  const [rows = 0, units = 0] = stateShape ?? [];
  if (stateShape && rows !== 3 * units) {
    const got = `[${stateShape.join(", ")}]`;
    throw new RangeError(
      `${quoteName(names["gru.stateWeight"])} expected [3 · units, units] for gru.stateWeight, got ${got}`,
    );
  }
  const stateWeight = tensors.values(names["gru.stateWeight"], "gru.stateWeight", [3 * units, units]);
  requireBothBiases(tensors, own, names);
  const biasOf = (name: "gru.inputBias" | "gru.stateBias"): Float32Array =>
    own[name] === undefined && tensors.shapeOf(names[name]) === undefined
      ? new Float32Array(3 * units)
      : tensors.values(names[name], name, [3 * units]);
  const { "projection.weight": weight, "projection.bias": bias } = own;
  requireWholeProjection(tensors, own);
  if (units !== dim && weight === undefined) {
    throw new RangeError(
      `states have ${units} values and classes ${dim}: name the projection, "projection.weight" [${dim}, ${units}], with --encoder-names`,
    );
  }
  return {
    shape: { encoder: "gru", units },
    sources: { units: `the number of columns of ${quoteName(names["gru.stateWeight"])}` },
    tables: {
      "gru.stateWeight": stateWeight,
      "gru.inputWeight": tensors.values(names["gru.inputWeight"], "gru.inputWeight", [3 * units, dim]),
      "gru.inputBias": biasOf("gru.inputBias"),
      "gru.stateBias": biasOf("gru.stateBias"),
      ...(weight !== undefined && {
        "projection.weight": tensors.values(weight, "projection.weight", [dim, units]),
        "projection.bias": bias === undefined ? new Float32Array(dim) : tensors.values(bias, "projection.bias", [dim]),
      }),
    },
  };
}

/** A GRU of PyTorch has both biases or none. With zeros in the place of one, queries would be wrong and nothing would show it. */
function requireBothBiases(tensors: ForeignTensors, own: Names, names: Record<Weight, string>): void {
  const biases = ["gru.inputBias", "gru.stateBias"] as const;
  if (biases.some((name) => own[name] !== undefined)) return;
  const [missing, another] = biases.filter((name) => tensors.shapeOf(names[name]) === undefined);
  if (missing === undefined || another !== undefined) return;
  throw new RangeError(
    `there is no tensor ${quoteName(names[missing])}, and the file has the other bias of the GRU: name both with --encoder-names`,
  );
}

/** A bias without its weight would have no effect, and a weight without the bias beside it would make wrong queries. */
function requireWholeProjection(tensors: ForeignTensors, own: Names): void {
  const { "projection.weight": weight, "projection.bias": bias } = own;
  if (weight === undefined) {
    if (bias === undefined) return;
    throw new RangeError(`"projection.bias" needs "projection.weight", got ${quoteName(bias)} alone`);
  }
  const beside = weight.replace(/weight$/, "bias");
  if (bias !== undefined || beside === weight || tensors.shapeOf(beside) === undefined) return;
  throw new RangeError(`the file has ${quoteName(beside)} beside ${quoteName(weight)}: name it as "projection.bias"`);
}

/** The names of PyTorch, behind the name of the one module that has such weights. */
function pytorchNames({ names, listed }: ForeignTensors, own: Names): Record<Weight, string> {
  const ending = PYTORCH["gru.inputWeight"];
  const modules = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  const [module = "", ...others] = modules;
  if (own["gru.inputWeight"] === undefined && (modules.length === 0 || others.length > 0)) {
    const problem = modules.length === 0 ? "no tensor" : `${modules.length} tensors`;
    throw new RangeError(
      `${problem} with a name that ends in ${ending}, the weights of a GRU of PyTorch; the file has ${listed}: name the tables with --encoder-names`,
    );
  }
  const further = names.find(
    (name) => name.startsWith(module) && /^weight_ih_l(0_reverse|[1-9])/.test(name.slice(module.length)),
  );
  if (further) throw new RangeError(`${quoteName(further)}: expected a GRU of one layer and one direction`);
  const named = Object.entries(PYTORCH).map(([name, end]) => [name, `${module}${end}`]);
  return Object.fromEntries(named);
}
