import compactor, { type CompactorEnv, type LogNamespace, logIn } from "../../../worker/compactor.ts";

export { IndexLog } from "../../../worker/live/index-log.ts";

/** The compactor of midx/compactor beside the object that keeps the log: a body is appended, and other requests run it. */
export default {
  async fetch(request: Request, env: CompactorEnv): Promise<Response> {
    const log = logIn(env.LOG as LogNamespace, "index");
    if (request.method === "POST") return Response.json(await log.append(new Uint8Array(await request.arrayBuffer())));
    const run = await compactor.run(env);
    return Response.json({ ...run, first: (await log.read(run.sequence)).first });
  },
};
