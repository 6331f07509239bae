import { hex } from "../../bytes/sealed-header.ts";
import type { Arena } from "../runtime/arena.ts";
import { type ChecksumKernels, startChecksum } from "../runtime/running-checksum.ts";
import type { SamplerFactory } from "./train-options.ts";

/** The data and the sampler of a training, by which a resumed one is told from another. */
export interface TrainingOrigin {
  /** XXH64 of the arrays of the data, 16 hex digits. */
  readonly data: string;
  /** The same of the held-out data. Only of a training with `patience`, whose best epoch they choose. */
  readonly heldOut?: string;
  /** The name of the sampler of the last epoch. Absent for the full softmax, and for a sampler without a name. */
  readonly sampler?: string;
}

/** The data of a training. */
export interface TrainingData {
  /** The name of the argument that has them. */
  readonly name: string;
  /** Their arrays, always in the same order. */
  readonly arrays: readonly ArrayBufferView[];
  /** Those of the held-out data, if these choose among epochs that are still to come. */
  readonly choosing: readonly ArrayBufferView[] | undefined;
}

/** Keeps the origin of a training that goes on. */
export interface OriginKeeper {
  /**
   * Returns the options with a factory that keeps the name of what it makes, if they have one. RangeError from it if the first
   * sampler has another name than that of the checkpoint.
   */
  named<Options extends { readonly sampler?: SamplerFactory }>(options: Options): Options;
  origin(): TrainingOrigin;
}

/**
 * Compares the data of a training with those of the checkpoint that it resumes. Checkpoints of version 2.0 do not know theirs,
 * and those that are older than `heldOut` do not know what chose their best epoch.
 *
 * @throws RangeError for other data than those of the checkpoint
 */
export function startOrigin(
  kernels: ChecksumKernels,
  arena: Arena,
  { name, arrays, choosing }: TrainingData,
  before: TrainingOrigin | undefined,
): OriginKeeper {
  const data = hashOf(kernels, arena, arrays);
  if (before && before.data !== data) {
    throw new RangeError(
      `"${name}" expected the same data as in the checkpoint that is resumed, got others of the same size: ${remedyFor(name)}`,
    );
  }
  const heldOut = choosing && hashOf(kernels, arena, choosing);
  if (heldOut !== undefined && before?.heldOut !== undefined && before.heldOut !== heldOut) {
    throw new RangeError(
      '"heldOut" expected the data that chose the best epoch of the checkpoint that is resumed, got others: measure these when the training is over',
    );
  }
  let expected = before?.sampler;
  let sampler = expected;
  const named =
    (factory: SamplerFactory): SamplerFactory =>
    async (...values) => {
      const made = await factory(...values);
      const { name }: { readonly name?: unknown } = Object(made);
      if (typeof name !== "string") return made;
      if (expected !== undefined && name !== expected) {
        throw new RangeError(`"sampler" expected ${expected}, as in the checkpoint that is resumed, got ${name}`);
      }
      [expected, sampler] = [undefined, name]; // later epochs may have another one
      return made;
    };
  return {
    named: (options) => ({ ...options, ...(options.sampler && { sampler: named(options.sampler) }) }),
    origin: () => ({ data, ...(heldOut !== undefined && { heldOut }), ...(sampler !== undefined && { sampler }) }),
  };
}

/** Items have as many examples with any history. */
const remedyFor = (name: string): string =>
  `pass the data of that training${name === "examples" ? ", with the same --history" : ""}`;

function hashOf(kernels: ChecksumKernels, arena: Arena, arrays: readonly ArrayBufferView[]): string {
  const checksum = startChecksum(kernels, 0n, arena.nest());
  for (const { buffer, byteOffset, byteLength } of arrays) checksum.add(new Uint8Array(buffer, byteOffset, byteLength));
  return hex(checksum.value());
}
