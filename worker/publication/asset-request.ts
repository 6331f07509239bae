/**
 * Asks for an asset by its path, percent-encoded. The binding ignores the host on Cloudflare, but under Vite's development server
 * it answers only for localhost and the names below it.
 */
export const assetRequest = (path: string, headers: HeadersInit = {}): Request =>
  new Request(new URL(path, "https://assets.localhost/"), { headers });
