import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import type { PublishedManifest } from "../../../worker/publication/manifest-at.ts";
import type { GroupSource } from "../../../worker/router/routed-group.ts";
import { load, type MultiIndex } from "../../index.ts";
import { partOf } from "../../parts/index.ts";
import type { ManifestPart } from "../../publication/manifest.ts";

/** A part that is loaded into this process when it is first asked about. */
export function localPart({ manifest, openPart }: PublishedManifest, part: ManifestPart): GroupSource {
  const { number } = part;
  const { generation } = manifest;
  let loading: Promise<MultiIndex> | undefined;
  const loaded = (): Promise<MultiIndex> => {
    loading ??= openPart(part).then((file) => load(file, INDEX_LIMITS));
    return loading;
  };
  return {
    numbers: [number],
    describe: async () => (await loaded()).info,
    async answer(questions) {
      const own = partOf(await loaded(), { number, generation });
      return Promise.all(questions.map((question) => own.answer(question)));
    },
  };
}
