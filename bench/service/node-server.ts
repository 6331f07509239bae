// A server in Node for the profile of a request: `baseline`, `kept` or `predict`, and the file of the index. It prints its
// port. `kept` and `predict` are the application as midx serve runs it, without its page.
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createApp } from "../../worker/app.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { watchTogether } from "../../worker/middleware/watch.ts";
import { load } from "../library.ts";
import baseline from "./baseline.ts";
import { keepFirstAnswer } from "./keep-answer.ts";

const [kind, file = ""] = process.argv.slice(2);
if (kind === "kept") keepFirstAnswer();
const app =
  kind === "baseline" ? baseline : createApp(fixedHost(await load(readFileSync(file), INDEX_LIMITS)), watchTogether());
const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
