import { expect, test } from "vitest";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { writeInput } from "../files.ts";
import { readLabelled } from "./read-input.ts";

/*
 * What DuckDB 1.5.6 writes for
 *
 *   COPY (SELECT 'p' || i AS id, [i::FLOAT, (i / 2.0)::FLOAT] AS vec, CASE WHEN i = 1 THEN NULL ELSE 'c' || (i % 2) END AS cat
 *   FROM range(3) r(i)) TO 'items.parquet' (FORMAT PARQUET, COMPRESSION UNCOMPRESSED)
 *
 * Its packed runs have 256 values, however few of them a page has.
 */
const FILE =
  "UEFSMRUAFTAVMCwVBhUAFQYVBgAAAgAAAAYBAgAAAHAwAgAAAHAxAgAAAHAyFQAVhgEVhgEsFQwVABUGFQYAACEAAABBKgAAAAAAAAAAAAAAAAAAAAAAAAAA" +
  "AAAAAAAAAAAAAAACAAAADAMAAAAAAAAAAAAAgD8AAAA/AAAAQAAAgD8VABViFWIsFQYVABUGFQYAACEAAABBBQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
  "AAAAAAACAAAAYzACAAAAYzAVAhlsNQAYDWR1Y2tkYl9zY2hlbWEVBgAVDCUCGAJpZCUAADUCGAN2ZWMVAhUGADUEGARsaXN0FQIAFQglAhgHZWxlbWVudAAV" +
  "DCUCGANjYXQlAAAWBhkcGTwmABwVDBkVABkYAmlkFQAWBhZSFlImCDwYAnAyGAJwMBYAKAJwMhgCcDAREQAAACYAHBUIGRUAGTgDdmVjBGxpc3QHZWxlbWVu" +
  "dBUAFgwWrAEWrAEmWjwYBAAAAEAYBAAAAAAWACgEAAAAQBgEAAAAABERAAAAJgAcFQwZFQAZGANjYXQVABYGFoQBFoQBJoYCPBgCYzAYAmMwFgIoAmMwGAJj" +
  "MBERAAAAFoIDFgYmCBaCAwAoKER1Y2tEQiB2ZXJzaW9uIHYxLjUuNiAoYnVpbGQgMDY5Y2M5ZjliNSkZPBwAABwAABwAAABEAQAAUEFSMQ==";

test("a .parquet file of DuckDB gives rows, labels and values in columns", async () => {
  const path = writeInput("items.parquet", Buffer.from(FILE, "base64"));
  expect(await readLabelled(path, { tensor: "vec" })).toEqual({
    values: [0, 0, 1, 0.5, 2, 1],
    labels: ["p0", "p1", "p2"],
  });
  const input = await openInput(path, { tensor: "vec", columns: "cat:string" });
  try {
    expect(await input.columns()).toMatchObject({ columns: { cat: { type: "string", values: ["c0", null, "c0"] } } });
  } finally {
    await input.close();
  }
});
