import { open } from "node:fs/promises";
import { type Bucket, hashHeader } from "./bucket.ts";
import type { S3Answer } from "./s3-client.ts";

/** The bytes of a request. S3 wants at least 5 MiB in all but the last. */
const PIECE_BYTES = 2 ** 23;

/**
 * Uploads a file. The object appears in one step when all of its bytes are there, and a process that is killed leaves none. An
 * object that exists already under a name that states its content is left as it is.
 */
export async function uploadFile(bucket: Bucket, key: string, path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if ((await bucket.byteLengthOf(key)) === size) return;
    const piece = async (begin: number): Promise<Uint8Array<ArrayBuffer>> => {
      const bytes = new Uint8Array(Math.min(PIECE_BYTES, size - begin));
      const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, begin);
      if (bytesRead < bytes.byteLength) throw new Error(`${path} became shorter while it was uploaded`);
      return bytes;
    };
    if (size <= PIECE_BYTES) await bucket.put(key, await piece(0));
    else await uploadPieces(bucket, key, size, piece);
    const found = await bucket.byteLengthOf(key);
    if (found !== size) throw new Error(`${bucket.client.shown(key)} has ${found} bytes after an upload of ${size}`);
  } finally {
    await handle.close();
  }
}

async function uploadPieces(
  { client }: Bucket,
  key: string,
  size: number,
  pieceAt: (begin: number) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const begun = expected(await client.ask({ method: "POST", key, query: "uploads=" }));
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.text)?.[1];
  if (id === undefined) throw new Error(`${client.shown(key)}: the object store began no upload`);
  const query = `uploadId=${encodeURIComponent(id)}`;
  try {
    const tags: string[] = [];
    for (let begin = 0; begin < size; begin += PIECE_BYTES) {
      const body = await pieceAt(begin);
      const put = { method: "PUT", key, query: `partNumber=${tags.length + 1}&${query}`, body } as const;
      const { headers } = expected(await client.ask({ ...put, headers: hashHeader(body) }));
      tags.push(headers.get("etag") ?? "");
    }
    const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const ended = await client.ask({ method: "POST", key, query, body, headers: hashHeader(body) });
    // A try whose answer was lost may have ended the upload. The length of the object tells whether it did.
    if (ended.code !== "NoSuchUpload") expected(ended);
  } catch (error) {
    await client.ask({ method: "DELETE", key, query }).catch(() => {}); // the first error says more
    throw error;
  }

  /** Returns an answer that is a success. The end of an upload may report an error with the status 200. */
  function expected(answer: S3Answer): S3Answer {
    if (answer.status >= 300 || answer.code !== "") throw client.refusal(key, answer);
    return answer;
  }
}
