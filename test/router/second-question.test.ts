import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EVERY } from "../run/size.ts";
import { FaultyHost, killed, silent } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// Estimates that are flagged at first, so that all parts are asked again, over a part that fails only then.

const SIZES = [3000, 3000];
const vector = Array.from(queryOf(1));
const asked = { vector, temperature: 0.4, seed: "3" };
const shelf = new ManifestShelf();
let hosts: FaultyHost[];
let routed: ReturnType<typeof router>;

beforeAll(async () => {
  shelf.publish(await partedFiles({ version: "a", seed: 5, sizes: SIZES }));
});

beforeEach(async () => {
  hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
  routed = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost], { deadlineMs: 1000 });
  expect((await routed.app.request("/readyz")).status).toBe(200);
});

/** Lets the last part fail once it has answered a question. */
function failSecond(fault: FaultyHost["fault"]): void {
  const host = hosts[1] as FaultyHost;
  let answered = 0;
  host.fault = (request, behind) => {
    if (request.method === "GET" || answered++ === 0) return behind.fetch(request);
    return fault?.(request, behind) as Promise<Response>;
  };
}

const overloaded = async (): Promise<Response> =>
  Response.json({ code: "too_much_work", detail: "x" }, { status: 400 });
const refusing = async (): Promise<Response> =>
  Response.json({ code: "invalid_field", detail: '"scan" expected at most 9, got 4096' }, { status: 400 });

describe.each([
  ["is killed", killed],
  ["is silent", silent],
  ["finds it too much work", overloaded],
  ["refuses the effort", refusing],
])("a part that %s at the second question leaves the first answer, which is flagged", (_, fault) => {
  const CALLS = [
    ["/v1/predict", { k: 4 }],
    ["/v1/predict", { k: 4, partial: "allow" }],
    ["/v1/log-partition", {}],
    ["/v1/log-probability", { ids: [1, 5000] }],
  ] as const;
  // A silent part is waited for.
  test.each(CALLS.filter((_, i) => EVERY || fault !== silent || i === 0))("%s %j", async (path, fields) => {
    const { answer: again } = await ask(routed.app, path, { ...asked, ...fields });
    const { answer: first } = await ask(routed.app, path, { ...asked, ...fields, scan: 1024, draws: 100 });
    expect([again.lowEss, again.choice.exact, first.lowEss]).toEqual([false, true, true]);
    const before = routed.metrics.of([1]).failures;
    failSecond(fault);
    const { status, answer } = await ask(routed.app, path, { ...asked, ...fields });
    const { requestId: __, scored: ___, ...kept } = answer;
    expect(status).toBe(200);
    expect(first).toMatchObject(kept);
    if (fault !== refusing) expect(routed.metrics.of([1]).failures).toBeGreaterThan(before);
    expect(routed.metrics.partial).toBe(0);
  });
});

test("a part with another generation at the second question begins the whole answer anew", async () => {
  const newer = await partedFiles({ version: "b", seed: 6, sizes: SIZES, previous: "a" });
  const [, host] = hosts as [FaultyHost, FaultyHost];
  let answered = 0;
  host.fault = async (request, behind) => {
    if (request.method === "GET" || answered++ !== 1) return behind.fetch(request);
    shelf.publish(newer);
    return Response.json({ code: "unknown_generation", detail: "gone" }, { status: 409 });
  };
  const { status, answer } = await ask(routed.app, "/v1/predict", { ...asked, k: 4 });
  expect([status, answer.version]).toEqual([200, "b"]);
  const { answer: expected } = await ask(routed.app, "/v1/predict", { ...asked, k: 4 });
  expect(answer).toEqual({ ...expected, requestId: answer.requestId });
});
