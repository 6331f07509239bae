import { Problem } from "../contract/problem.ts";

/** The paths where Vectorize accepts changes: insert, upsert and so on, an index itself, and the list of indexes. */
const CHANGED =
  /^\/client\/v4\/accounts\/[^/]+\/vectorize\/v2\/indexes(\/[^/]+(\/(insert|upsert|delete_by_ids|metadata_index\/(create|delete)))?)?\/?$/;
const READING = ["GET", "HEAD", "OPTIONS"];

/** Tells whether a request to Vectorize would change an index. */
export const asksForChange = (method: string, path: string): boolean => !READING.includes(method) && CHANGED.test(path);

/** The error for every such request. The service does not read its body. */
export const immutable = (): Problem =>
  new Problem(
    "immutable",
    "an index is immutable: build a new file with `midx build` and make it the current version with `midx publish`",
  );
