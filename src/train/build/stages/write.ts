import { type Checksum, tensorSeed } from "../../../bytes/sealed-header.ts";
import type { IndexFacts, TensorName } from "../../../format/facts.ts";
import { placeTensors, serialiseIndexHeader } from "../../../format/header.ts";
import type { Workspace } from "../../rows/workspace.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import type { Pieces } from "../../runtime/pieces.ts";
import { startChecksum } from "../../runtime/running-checksum.ts";
import type { Stages } from "../progress.ts";

/**
 * Writes an index file: its tensors from first to last, then the header, which holds their checksums. Returns the bytes
 * of the file. A tensor's pieces end where its last vector of 16 bytes begins or later: zeros fill it.
 */
export async function writeIndex(
  kernels: TrainKernels,
  checksum: Checksum,
  facts: IndexFacts,
  tensors: Readonly<Partial<Record<TensorName, Pieces>>>,
  workspace: Workspace,
  stages: Stages,
): Promise<number> {
  const { places, fileBytes } = placeTensors(facts);
  const sink = workspace.output(fileBytes);
  const step = stages.bytes("write", fileBytes);
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const { name, begin, end } of places) {
    const running = startChecksum(kernels, tensorSeed(checksum, name, begin));
    const put = (at: number, bytes: Uint8Array): number => {
      running.add(bytes);
      sink.write(at, bytes);
      return at + bytes.byteLength;
    };
    let at = begin;
    for (const piece of tensors[name] as Pieces) {
      at = put(at, piece);
      await step(at);
    }
    put(at, new Uint8Array(end - at));
    checksums[name] = running.value();
  }
  sink.write(0, serialiseIndexHeader(facts, checksums, checksum));
  return fileBytes;
}
