import { expect, test } from "vitest";
import { writeInput } from "../files.ts";
import { readLabelled } from "./read-input.ts";

/*
 * What parquetjs 1.8.8 writes for three rows of { id: { type: "UTF8" }, v: { type: "FLOAT", repeated: true } }. Like writers of
 * Protocol Buffers, it puts no LIST around repeated values.
 */
const FILE =
  "UEFSMRUGFR4VHlwVBhUAFQYVABUAFQASHBgBYxgBYRYAFgYYAWMYAWEAAAABAAAAYQEAAABiAQAAAGMVDBklBgAZGAJpZBUAFgYWbhZuJgg8GAFjGAFhFgAWBhgB" +
  "YxgBYQAAFQYVOBU4XBUMFQAVDBUAFQQVBBIcGAQAAIBEGAQAAADAFgAWDBgEAACARBgEAAAAwAAAAAMqDAEAAIA/AAAAwAAAYEAAAAAAAACAPgAAgEQVCBklBgAZ" +
  "GAF2FQAWDBagARagASbGATwYBAAAgEQYBAAAAMAWABYMGAQAAIBEGAQAAADAAAAZEQIZGAFhGRgBYxUAABkcFggVbhYAAAAZEQIZGAQAAADAGRgEAACARBUAABkc" +
  "FsYBFaABFgAAABUCGTxIBHJvb3QVBAAVDCUAGAJpZCUAABUIJQQYAXYAFgYZHBksJnYcFQwZJQYAGRgCaWQVABYGFm4WbiYIPBgBYxgBYRYAFgYYAWMYAWEAABbu" +
  "AxUUFtIDFRwAJuYCHBUIGSUGABkYAXYVABYMFqABFqABJsYBPBgEAACARBgEAAAAwBYAFgwYBAAAgEQYBAAAAMAAABaqBBUYFoIEFSgAFsoDFgYAGQwYD0Bkc25w" +
  "L3BhcnF1ZXRqcwC7AAAAUEFSMQ==";

test("repeated numbers without a LIST around them are lists", async () => {
  const path = writeInput("items.parquet", Buffer.from(FILE, "base64"));
  expect(await readLabelled(path)).toEqual({ values: [1, -2, 3.5, 0, 0.25, 1024], labels: ["a", "b", "c"] });
});
