import type { Hono } from "hono";
import { naming } from "../files/input-file.ts";

/** An application that can answer. */
export interface ReadyApp {
  readonly app: Hono;
  readonly contentId: string;
}

/** Lets an application load its index. @throws Error that names the path and says why it cannot be served */
export const readyApp = (path: string, app: Hono): Promise<ReadyApp> =>
  naming(path, async () => {
    const ready = await app.request("/readyz");
    const { contentId = "", detail } = (await ready.json()) as {
      readonly contentId?: string;
      readonly detail?: string;
    };
    if (!ready.ok) throw new Error(detail);
    return { app, contentId };
  });
