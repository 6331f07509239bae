import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { PartFailure } from "../../../worker/parts/part-failure.ts";
import type { PublishedManifest } from "../../../worker/publication/manifest-at.ts";
import type { GroupSource } from "../../../worker/router/routed-group.ts";
import { encoderMessage } from "../../encoder/encoder-message.ts";
import { bandIn } from "../../format/statistics-values.ts";
import { packedBandsOf } from "../../index/build-statistics.ts";
import type { MultiIndex } from "../../index.ts";
import { partOf } from "../../parts/index.ts";
import type { ManifestPart } from "../../publication/manifest.ts";
import { loadHere } from "../files/load-here.ts";
import { messageOf } from "../process/error-message.ts";

/** The time in milliseconds for which a part that could not be loaded is missing without another look at its file. */
const LOOK_AGAIN_MS = 1000;

/** The bands of a part, which metrics keep longer than its memory. */
class LoadedBands {
  packed: Uint8Array = new Uint8Array(0);
  readonly bandIn = (id: number): number => bandIn(this.packed, id);
}

/**
 * A part that is loaded into this process when it is first asked about. One that cannot be loaded is missing until it can, and
 * `failures` has the reason under its number.
 */
export function localPart(
  { manifest, openPart }: PublishedManifest,
  part: ManifestPart,
  failures = new Map<string, string>(),
): GroupSource {
  const { number } = part;
  const { generation } = manifest;
  let loading: Promise<MultiIndex> | undefined;
  const bands = new LoadedBands();
  let failedAt = Number.POSITIVE_INFINITY;
  const open = async (): Promise<MultiIndex> => {
    failedAt = Number.POSITIVE_INFINITY;
    try {
      const index = await loadHere(await openPart(part), INDEX_LIMITS);
      bands.packed = packedBandsOf(index);
      failures.delete(String(number));
      return index;
    } catch (error) {
      failedAt = performance.now();
      const failure = messageOf(error) ?? String(error);
      failures.set(String(number), failure);
      throw new PartFailure(failure);
    }
  };
  const loaded = (): Promise<MultiIndex> => {
    if (performance.now() - failedAt >= LOOK_AGAIN_MS) loading = undefined;
    loading ??= open();
    return loading;
  };
  return {
    numbers: [number],
    describe: async () => (await loaded()).info,
    encoder: async () => encoderMessage(await loaded()),
    async answer(questions) {
      const own = partOf(await loaded(), { number, generation });
      return Promise.all(questions.map((question) => own.answer(question)));
    },
    bandIn: bands.bandIn,
  };
}
