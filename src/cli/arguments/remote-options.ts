import { Option } from "commander";

/** The option of commands that read or write s3:// URLs. */
export const s3EndpointOption = (): Option =>
  new Option(
    "--s3-endpoint <url>",
    "where the buckets of s3:// URLs are, such as https://<account>.r2.cloudflarestorage.com (default: AWS_ENDPOINT_URL, or else Amazon S3)",
  );

/** The option of commands that run tasks of plans. */
export const allowHostOption = (): Option =>
  new Option(
    "--allow-host <host...>",
    "hosts of https:// URLs that a plan may name, with the port if it is not the usual one",
  );
