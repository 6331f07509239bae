import type { Checksum } from "../src/bytes/sealed-header.ts";
import type { IndexFacts } from "../src/format/facts.ts";
import { placeTensors, serialiseIndexHeader, tensorChecksum } from "../src/format/header.ts";
import type { TensorName } from "../src/format/tensor-spec.ts";

/** The file of these facts and of the tensors' bytes, each with the length of its shape in tensorTable. */
export function serialise(
  facts: IndexFacts,
  tensors: Readonly<Partial<Record<TensorName, Uint8Array>>>,
  checksum: Checksum,
): Uint8Array<ArrayBuffer> {
  const { places, fileBytes } = placeTensors(facts);
  const file = new Uint8Array(fileBytes);
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const { name, begin } of places) {
    const bytes = tensors[name] as Uint8Array;
    checksums[name] = tensorChecksum(checksum, name, begin, bytes);
    file.set(bytes, begin);
  }
  file.set(serialiseIndexHeader(facts, checksums, checksum));
  return file;
}
