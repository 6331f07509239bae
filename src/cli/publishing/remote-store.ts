import { requiredVariable, urlVariable } from "../process/environment.ts";
import type { Io } from "../process/io.ts";
import { keyValueStore } from "./key-value-store.ts";
import { kvApi } from "./kv-api.ts";
import type { Project } from "./project.ts";
import { s3Store } from "./s3-store.ts";
import type { Store } from "./store.ts";
import type { Target } from "./target.ts";

/** Opens the bucket or namespace at Cloudflare, with credentials from the environment. */
export function remoteStore({ configPath, config }: Project, target: Target, { env, signal }: Io): Store {
  const accountId = (): string => config.account_id ?? requiredVariable(env, "CLOUDFLARE_ACCOUNT_ID");
  if (target.source === "r2") {
    const { bucket, jurisdiction } = target;
    const endpoint = urlVariable(env, "R2_ENDPOINT", () => endpointOf(accountId(), jurisdiction));
    const accessKeyId = requiredVariable(env, "R2_ACCESS_KEY_ID");
    const secretAccessKey = requiredVariable(env, "R2_SECRET_ACCESS_KEY");
    return s3Store({ endpoint, bucket, accessKeyId, secretAccessKey }, signal);
  }
  if (target.source === "kv") {
    const baseUrl = urlVariable(env, "CLOUDFLARE_API_BASE_URL", () => "https://api.cloudflare.com/client/v4");
    const token = requiredVariable(env, "CLOUDFLARE_API_TOKEN");
    return keyValueStore(kvApi({ baseUrl, accountId: accountId(), namespaceId: target.namespaceId, token }, signal));
  }
  throw new RangeError(
    `${configPath}: "INDEX_SOURCE" is "assets", a folder that wrangler deploy uploads: leave out --remote`,
  );
}

const endpointOf = (accountId: string, jurisdiction: string | undefined): string =>
  `https://${[accountId, ...(jurisdiction ? [jurisdiction] : [])].join(".")}.r2.cloudflarestorage.com`;
