import { headerByteLength, parseHeader, type SafetensorsHeader } from "../../bytes/safetensors.ts";
import { VERSION_KEY } from "../../train/model/checkpoint.ts";
import { type LabelsName, readLabelsText } from "../../train/model/labels.ts";
import type { InputFile } from "../files/input-file.ts";
import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import { checkDim } from "./dim.ts";
import { isFloatDtype, isNumberDtype } from "./elements.ts";
import type { Locate } from "./matrix.ts";
import { chooseTensor, isBiasName } from "./named-tensors.ts";

/**
 * Locates the tensor `request.tensor` of a .safetensors file or, without a name, the only one that fits. The rows of a model of
 * midx train have its labels.
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
  const { name, shape, dtype, begin } = chooseTensor(tensors, request);
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
    labels:
      request.idField === false || request.rank === 1 ? undefined : await labelsOfRows(file, header, name, itemCount),
  };
};

/** The labels that a model of midx train has for the rows of its tables. */
const LABELS_OF: Readonly<Record<string, LabelsName>> = { classes: "labels", features: "featureLabels" };

async function labelsOfRows(
  file: InputFile,
  { metadata, tensors, byteLength }: SafetensorsHeader,
  table: string,
  itemCount: number,
): Promise<readonly string[] | undefined> {
  const name = metadata[VERSION_KEY] === undefined ? undefined : LABELS_OF[table];
  const tensor = tensors.find((tensor) => tensor.name === name);
  if (name === undefined || tensor === undefined) return undefined;
  const begin = byteLength + tensor.begin;
  return readLabelsText(name, await file.read(begin, tensor.end - tensor.begin), begin, itemCount);
}
