import { headerByteLength, parseHeader } from "../../bytes/safetensors.ts";
import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import { checkDim } from "./dim.ts";
import { isFloatDtype, isNumberDtype } from "./elements.ts";
import type { Locate } from "./matrix.ts";
import { chooseTensor, isBiasName } from "./named-tensors.ts";

/**
 * Locates the tensor `request.tensor` of a .safetensors file or, without a name, the only one that fits.
 *
 * @throws RangeError as chooseTensor does, FormatError as parseHeader does
 */
export const locateSafetensors: Locate = async (file, request) => {
  const first8 = await file.read(0, Math.min(8, file.byteLength));
  const byteLength = headerByteLength(first8, file.byteLength, MAX_HEADER_BYTES);
  const header = parseHeader(await file.read(0, byteLength), file.byteLength);
  const isWanted = request.rank === 2 ? isFloatDtype : isNumberDtype;
  const tensors = header.tensors.map((tensor) => ({
    ...tensor,
    kind: `${tensor.dtype} [${tensor.shape.join(", ")}]`,
    fits: tensor.shape.length === request.rank && isWanted(tensor.dtype),
  }));
  const { shape, dtype, begin } = chooseTensor(tensors, request);
  const [itemCount = 0, dim = 1] = shape;
  checkDim(dim, request);
  const biases = header.tensors.filter(
    (tensor) =>
      isBiasName(tensor.name) &&
      isFloatDtype(tensor.dtype) &&
      tensor.shape.length === 1 &&
      tensor.shape[0] === itemCount,
  );
  return {
    itemCount,
    dim,
    dtype,
    begin: byteLength + begin,
    prefixBytes: 0,
    biases: biases.map(({ name }) => name),
  };
};
