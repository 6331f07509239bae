import { IndexLog } from "../../worker/live/index-log.ts";
import { type LogNamespace, logIn } from "../../worker/live/log-in-object.ts";

export { IndexLog };

/** An object that answers nothing: what a call of an object costs by itself. */
export class Nothing {
  async fetch(): Promise<Response> {
    return new Response();
  }
}

interface Env {
  readonly LOG: LogNamespace;
  readonly NOTHING: LogNamespace;
}

/** Calls objects as isolates do: `times` calls, `atOnce` of them at a time. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string): number => Number(searchParams.get(name));
    const log = logIn(env.LOG, "bench");
    if (pathname === "/append") return Response.json(await log.append(new Uint8Array(await request.arrayBuffer())));
    const calls: Readonly<Record<string, () => Promise<number>>> = {
      "/tail": async () => (await log.read(number("after"))).sets.length,
      "/nothing": async () => {
        const object = env.NOTHING.get(env.NOTHING.idFromName("bench"));
        return (await (await object.fetch(new Request("https://log.invalid/"))).arrayBuffer()).byteLength;
      },
    };
    const call = calls[pathname];
    if (!call) return new Response("ok");
    let sets = 0;
    for (let made = 0; made < number("times"); made += number("atOnce")) {
      for (const found of await Promise.all(Array.from({ length: number("atOnce") }, call))) sets += found;
    }
    return Response.json(sets);
  },
};
