import { requiredVariable, safeUrl, urlVariable } from "../process/environment.ts";
import type { Io } from "../process/io.ts";

/** The endpoint of buckets, and the credentials for them. */
export interface S3Settings {
  /** The endpoint, without a trailing slash. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const DEFAULT_REGION = "us-east-1";

/**
 * Reads the variables that the tools of AWS read as well. `--s3-endpoint` takes precedence. Throws a RangeError that names the
 * missing variable.
 */
export function s3Settings(env: Io["env"], given: string | undefined): S3Settings {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || DEFAULT_REGION;
  const ofAmazon = (): string => `https://s3.${region}.amazonaws.com`;
  const token = env.AWS_SESSION_TOKEN ? requiredVariable(env, "AWS_SESSION_TOKEN") : undefined;
  return {
    endpoint:
      given === undefined
        ? urlVariable(env, "AWS_ENDPOINT_URL_S3", () => urlVariable(env, "AWS_ENDPOINT_URL", ofAmazon))
        : safeUrl(given, "'--s3-endpoint'"),
    region,
    accessKeyId: requiredVariable(env, "AWS_ACCESS_KEY_ID"),
    secretAccessKey: requiredVariable(env, "AWS_SECRET_ACCESS_KEY"),
    ...(token !== undefined && { sessionToken: token }),
  };
}
