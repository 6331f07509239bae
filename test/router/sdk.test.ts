import Cloudflare from "cloudflare";
import { afterAll, expect, test } from "vitest";
import { ACCOUNT, describeCalls, NAME, type SdkCase } from "../vectorize/sdk-calls.ts";
import { type Service, serve } from "../vectorize/served.ts";
import { FaultyHost, killed } from "./faulty-hosts.ts";
import { hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

// Cloudflare's published SDK against routers, with the answers of one index of all rows.

const SIZES = [120, 1, 80, 99];
const services: Service[] = [];
afterAll(() => {
  for (const { close } of services) close();
});

async function caseOf(hasLabels: boolean, isNested = false): Promise<SdkCase & { readonly hosts: FaultyHost[] }> {
  const shelf = new ManifestShelf();
  const files = await partedFiles({ version: "a", seed: 1, sizes: SIZES, hasLabels });
  shelf.publish(files);
  const hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
  const flat = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]).app;
  const app = isNested ? router(shelf, () => [hostOf(flat)], { groups: [2, 2] }).app : flat;
  const service = await serve(app);
  services.push(service);
  const sdk = new Cloudflare({ apiToken: "any", baseURL: `${service.url}/client/v4`, maxRetries: 0 });
  const query = Array.from(queryOf(7));
  return { index: await wholeIndex(files), indexes: sdk.vectorize.indexes, query, version: "a", hosts };
}

for (const isNested of [false, true]) {
  describeCalls(isNested ? "a router of routers" : "a router", async () => ({
    labelled: await caseOf(true, isNested),
    plain: await caseOf(false, isNested),
  }));
}

test("stored values are asked for once, of the parts that have them, and a part that is missing is a 503", async () => {
  for (const hasLabels of [true, false]) {
    const { indexes, hosts, index } = await caseOf(hasLabels);
    const nameOf = (id: number): string => (hasLabels ? `class ${id}` : String(id));
    await indexes.info(NAME, ACCOUNT);
    const requestsOf = async (work: () => Promise<unknown>): Promise<number[]> => {
      const before = hosts.map(({ requests }) => requests);
      await work();
      return hosts.map(({ requests }, i) => requests - (before[i] as number));
    };
    const ids = [0, 130, 299].map(nameOf);
    expect(await requestsOf(() => indexes.getByIDs(NAME, { ...ACCOUNT, ids }))).toEqual(
      hasLabels ? [1, 1, 1, 1] : [1, 0, 1, 1],
    ); // any part may have a label
    // The first 100 classes are in the first part, and names without labels are ids.
    const listed = hasLabels ? [1, 0, 0, 0] : [0, 0, 0, 0];
    expect(await requestsOf(() => indexes.listVectors(NAME, ACCOUNT))).toEqual(listed);
    (hosts[2] as FaultyHost).fault = killed;
    await expect(indexes.getByIDs(NAME, { ...ACCOUNT, ids })).rejects.toMatchObject({
      status: 503,
      errors: [{ code: 50308, message: expect.stringMatching(/part 2: .*\(part_missing\)$/) }],
    });
    expect(index.info.hasLabels).toBe(hasLabels);
  }
});
