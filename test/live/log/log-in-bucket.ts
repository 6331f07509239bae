import { s3Client } from "../../../src/cli/remote/s3-client.ts";
import { bucketSegments } from "../../../src/cli/segments/bucket-segments.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";

export const [ID, SECRET] = ["0123456789abcdef", "fedcba9876543210/+="];
const TRIES = { most: 4, firstWait: 1, deadline: 60_000 };

/** The segments of a log in the bucket `words` of a server of the S3 API. */
export function inBucket(endpoint: string): SegmentStore {
  const settings = { endpoint, region: "us-east-1", accessKeyId: ID, secretAccessKey: SECRET };
  return bucketSegments(s3Client(settings, "words", new AbortController().signal, TRIES));
}
