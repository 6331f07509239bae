import { join } from "node:path";
import type { ChangeLog } from "../../publication/change-log.ts";
import { SegmentLog, type SegmentLogOptions } from "../../publication/segments/segment-log.ts";
import { type Io, notesOn } from "../process/io.ts";
import { sweepFolder } from "../process/temporary-files.ts";
import { addressOf, isRemote } from "../remote/address.ts";
import type { RemoteOptions } from "../remote/remote-files.ts";
import { s3Client } from "../remote/s3-client.ts";
import { s3Settings } from "../remote/s3-settings.ts";
import { bucketSegments } from "./bucket-segments.ts";
import { checkedConditions } from "./checked-conditions.ts";
import { folderSegments } from "./folder-segments.ts";
import { inTurn } from "./in-turn.ts";

/** A command has the time that it takes: a log of 20,000 writes a day would grow if a daily trim removed fewer of them. */
const OPTIONS: SegmentLogOptions = { removesAll: true };

/** Opens the log of changes in a folder, or below a prefix of a bucket such as s3://bucket/words/log. */
export function logAt(place: string, io: Io, { s3Endpoint }: RemoteOptions): ChangeLog {
  if (!isRemote(place)) {
    if (s3Endpoint !== undefined) {
      throw new RangeError("'--s3-endpoint' expected '--log' with s3://bucket/prefix beside it, got a folder");
    }
    return inTurn(new SegmentLog(folderSegments(place, lockOptions(io)), "", OPTIONS));
  }
  const address = addressOf(place.endsWith("/") ? place : `${place}/`);
  if (address.kind !== "bucket") {
    throw new RangeError(`'--log' expected a folder or s3://bucket/prefix, got ${address.shown}`);
  }
  const client = s3Client(s3Settings(io.env, s3Endpoint), address.bucket, io.signal);
  return inTurn(new SegmentLog(checkedConditions(bucketSegments(client), address.key), address.key, OPTIONS));
}

/** Removes what killed processes have left in the folder of a log. */
export async function sweepLog(place: string, io: Io): Promise<void> {
  if (isRemote(place)) return;
  for (const folder of ["", "keys", "metadata"]) await sweepFolder(join(place, folder), io);
}

const lockOptions = (io: Io) => ({ signal: io.signal, onNote: notesOn(io) });
