import { Problem } from "../contract/problem.ts";

/** The paths at which Vectorize takes changes: insert, upsert and so on, an index itself, and the list of indexes. */
const CHANGED =
  /^\/client\/v4\/accounts\/[^/]+\/vectorize\/v2\/indexes(\/[^/]+(\/(insert|upsert|delete_by_ids|metadata_index\/(create|delete)))?)?\/?$/;
const READING = ["GET", "HEAD", "OPTIONS"];

/** Whether a request would change an index, if Vectorize got it. */
export const asksForChange = (method: string, path: string): boolean => !READING.includes(method) && CHANGED.test(path);

/** The body is not read: whatever it holds, the answer is this. */
export const immutable = (): Problem =>
  new Problem(
    "immutable",
    "an index is not changed in place: build a new file with `midx build` and make it the current version with `midx publish`",
  );
