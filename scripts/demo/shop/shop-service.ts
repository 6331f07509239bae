import { fileURLToPath } from "node:url";
import { Visit } from "../../../page/shop/visit.ts";
import { type Client, createClient } from "../../../worker/client.ts";
import { bundleShopPage } from "../../bundle/page-bundle.ts";
import { percent } from "../figures.ts";
import { CLI, heading, type RunningDemo, root } from "../running-demo.ts";
import { measureRecall, type Recall } from "./recall.ts";
import { buildOf, shopFiles, trainingOf, writeMetadata, writeSessions } from "./shop-files.ts";

const FOLDER = "build/shop";
const SESSIONS = { learned: 20_000, heldOut: 1000 };
const SEED = 1;
const EPOCHS = 3;
const SHOWN = 5;

/** Makes the clicks, trains, builds and serves, shows a visit and measures it; then goes on serving, or ends with `once`. */
export async function serveShop(demo: RunningDemo, once: boolean): Promise<"ended" | "serving"> {
  const begun = performance.now();
  heading(`${SESSIONS.learned.toLocaleString("en")} sessions of a made-up shop (examples/shop) → ${FOLDER}`);
  const { learned, heldOut } = writeSessions(root + FOLDER, SESSIONS, SEED);
  const files = shopFiles(FOLDER);
  await run(demo, trainingOf(files, EPOCHS));
  writeMetadata(shopFiles(root + FOLDER));
  await run(demo, buildOf(files));
  await bundleShopPage(`${root}${files.assets}/page`);

  heading("the Worker midx/sequences, in workerd on this machine");
  const url = await demo.serve({}, fileURLToPath(new URL(".", import.meta.url)));
  console.log(`From clicks to a service in ${Math.round((performance.now() - begun) / 1000)} s`);
  await expectPage(url);
  const client = createClient(url);
  await showVisit(client, heldOut[0] as string[]);
  const recall = await measureRecall(client, learned, heldOut);
  for (const line of recallLines(recall)) console.log(line);
  if (recall.service <= recall.popularity) throw new Error("what the service recommends is no better than popularity");
  if (once) return "ended";
  console.log(`\nopen ${url}/ and click what you like. Ctrl-C ends it.`);
  return "serving";
}

function run(demo: RunningDemo, args: readonly string[]): Promise<void> {
  console.log(`\n── midx ${args.join(" ")}\n`);
  return demo.run("node", [CLI, ...args]);
}

async function expectPage(url: string): Promise<void> {
  for (const path of ["/", "/page/shop.js", "/page/shop.css"]) {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }
}

/** Clicks the first items of a session that the model has not seen, as the page would. */
async function showVisit(client: Client, session: readonly string[]): Promise<void> {
  const visit = new Visit(client, (await client.info()).dim);
  console.log("\nA visitor whom the model has not seen. After each click it recommends:");
  for (const name of session.slice(0, 3)) {
    await visit.click(name);
    console.log(`\nclick: ${name}`);
    for (const { name, probability } of await visit.recommend(SHOWN)) console.log(`${percent(probability)}  ${name}`);
  }
  console.log("\nof lamps alone:");
  for (const { name, probability } of await visit.recommend(SHOWN, "lamp")) {
    console.log(`${percent(probability)}  ${name}`);
  }
}

function recallLines({ sessions, service, counts, popularity }: Recall): string[] {
  return [
    `\nrecall@10 of the last item of ${sessions.toLocaleString("en")} held-out sessions, without the items clicked before:`,
    `  recommended by the service   ${service.toFixed(3)}`,
    `  item-to-item counts          ${counts.toFixed(3)}`,
    `  popularity                   ${popularity.toFixed(3)}`,
  ];
}
