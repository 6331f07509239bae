import type { SegmentStore } from "../../publication/segments/segment-store.ts";
import { bucketOf } from "../remote/bucket.ts";
import { reasonCode } from "../remote/refusals.ts";
import { codeIn, etagOf } from "../remote/s3-answers.ts";
import type { S3Client } from "../remote/s3-client.ts";
import { listingBehind, pageIn } from "../remote/s3-listing.ts";
import { passing, TryAgain, withTries } from "../remote/tries.ts";

/** Keeps a log in a bucket of S3, or of a store with its protocol and conditional writes, such as R2. */
export function bucketSegments(client: S3Client): SegmentStore {
  const bucket = bucketOf(client);
  return {
    name: client.shown("").replace(/\/$/, ""),
    get: (key) =>
      withTries(
        client.shown(key),
        client,
        (init) => client.send({ method: "GET", key }, init),
        async (response) => {
          if (response.ok) {
            const bytes = new Uint8Array(await passing(response.arrayBuffer()));
            return { bytes, etag: etagOf(response, client.shown(key)) };
          }
          const code = codeIn(await passing(response.text()));
          const { status } = response;
          if (status === 429 || status >= 500) throw new TryAgain(reasonCode(status, code));
          if (code === "NoSuchKey") return undefined;
          throw client.refusal(key, { status, code });
        },
      ),
    has: async (key) => (await bucket.byteLengthOf(key)) !== undefined,
    async list(prefix, behind) {
      const answer = await client.ask({ method: "GET", key: "", query: listingBehind(prefix, behind) });
      if (answer.status !== 200) throw client.refusal(prefix, answer);
      return pageIn(answer.text).keys;
    },
    put: (key, bytes, condition) => bucket.put(key, bytes, condition),
    remove: (key) => bucket.remove(key),
  };
}
