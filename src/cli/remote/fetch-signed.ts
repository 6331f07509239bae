import type { AwsClient } from "aws4fetch";

/**
 * Signs and sends a request. `AwsClient.fetch` would leave its signal to the signed request alone, and Node forgets the signal of a
 * request that nothing refers to any more.
 */
export async function fetchSigned(client: AwsClient, url: string, init: RequestInit): Promise<Response> {
  const signed = await client.sign(url, init);
  return fetch(signed, { signal: init.signal ?? null });
}
