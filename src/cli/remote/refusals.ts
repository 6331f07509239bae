/** Names a status and the code of S3 for it. */
export const reasonCode = (status: number, code: string): string => [status, code].join(" ").trim();

/** Returns the remedy for an answer of an object store. */
export function remedyOf(status: number, code: string): string {
  if (code === "NoSuchBucket") return "create the bucket, or correct its name or --s3-endpoint";
  if (status === 404) return "there is no such object: correct the URL";
  if (status === 401 || status === 403) {
    return "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what they allow; a missing object of a bucket that may not be listed looks the same";
  }
  if (status >= 300 && status < 400) return "the bucket is in another region: set AWS_REGION, or --s3-endpoint";
  return "the object store refused the request";
}
