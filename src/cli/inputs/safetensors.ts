import { headerByteLength, parseHeader, type TensorInfo } from "../../safetensors.ts";
import { quoteName } from "../../strict-json.ts";
import { checkDim } from "./dim.ts";
import { isFloatDtype, isNumberDtype } from "./elements.ts";
import type { Locate, MatrixRequest } from "./matrix.ts";

/** The cap of the safetensors library itself. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * The tensor `request.tensor` of a .safetensors file; without a name the only one that could be meant.
 * RangeError if there is none or several, with a list of what there is; FormatError as parseHeader.
 */
export const locateSafetensors: Locate = async (file, request) => {
  const first8 = await file.read(0, Math.min(8, file.byteLength));
  const byteLength = headerByteLength(first8, file.byteLength, MAX_HEADER_BYTES);
  const header = parseHeader(await file.read(0, byteLength), file.byteLength);
  const { shape, dtype, begin } = choose(header.tensors, request);
  const [itemCount = 0, dim = 1] = shape;
  if (request.rank === 2) checkDim(dim, request);
  return { itemCount, dim, dtype, begin: byteLength + begin, prefixBytes: 0 };
};

function choose(tensors: readonly TensorInfo[], request: MatrixRequest): TensorInfo {
  const { tensor: name, rank } = request;
  const wanted = rank === 2 ? "a matrix of F32, F16, BF16 or F64" : "a vector of numbers";
  const fits = (tensor: TensorInfo) =>
    tensor.shape.length === rank && (rank === 2 ? isFloatDtype(tensor.dtype) : isNumberDtype(tensor.dtype));
  const found = tensors.filter((tensor) => (name === undefined ? fits(tensor) : tensor.name === name));
  const [chosen] = found;
  if (chosen === undefined || found.length > 1) {
    const problem =
      name === undefined ? `"tensor" is missing: ${found.length} tensors are` : `no tensor ${quoteName(name)}:`;
    throw new RangeError(`${problem} ${wanted}; the file has ${list(tensors)}`);
  }
  if (!fits(chosen)) throw new RangeError(`tensor expected ${wanted}, got ${describe(chosen)}`);
  return chosen;
}

const describe = ({ name, dtype, shape }: TensorInfo): string => `${quoteName(name)} ${dtype} [${shape.join(", ")}]`;

/** A model may have thousands of tensors: the first are enough to see how they are named. */
function list(tensors: readonly TensorInfo[]): string {
  const shown = tensors.slice(0, 20).map(describe).join(", ");
  return tensors.length > 20 ? `${shown} and ${tensors.length - 20} more` : shown || "no tensors";
}
