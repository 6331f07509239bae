import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { itemOf } from "../../examples/shop/catalogue.ts";
import { bundleShopPage } from "../../scripts/bundle/page-bundle.ts";
import { hasChromium, launchChromium, sayWithoutChromium } from "../runtime/chromium.ts";
import { DIM, shopService } from "./shop-service.ts";
import { visit } from "./visitor.ts";

sayWithoutChromium("the page of the shop in Chromium");

const TYPES: Readonly<Record<string, string>> = { html: "text/html", css: "text/css", js: "text/javascript" };
const SHOWN = 18;

describe.skipIf(!hasChromium)("the page of the shop", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-shop-"));
  let shop: Awaited<ReturnType<typeof shopService>>;
  let server: ServerType;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    await bundleShopPage(folder);
    shop = await shopService(1);
    const file = (name: string): Response =>
      new Response(readFileSync(join(folder, name)), {
        headers: { "content-type": TYPES[name.split(".").at(-1) as string] as string },
      });
    const app = new Hono()
      .get("/", () => file("index.html"))
      .get("/page/:name", (c) => file(c.req.param("name")))
      .mount("/", shop.app.fetch);
    server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false });
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    shop?.index.dispose();
    rmSync(folder, { recursive: true });
  });

  const shown = async (page: Page): Promise<void> => {
    const last = page.locator(".item").nth(SHOWN - 1);
    await last.waitFor();
  };
  const names = (page: Page): Promise<string[]> => page.locator(".item strong").allTextContents();

  test("recommends as one clicks, by category, and starts again", async () => {
    await visit(browser, url, {}, async ({ page, messages, requests }) => {
      const { labels = [] } = await shop.client.predict(Array(DIM).fill(0), { k: 1, seed: 1 });
      const [name] = labels as [string];
      await shown(page);
      const begun = await names(page);
      expect(begun[0]).toBe(`${itemOf(name).style} ${itemOf(name).category}`);

      await page.locator(".item").first().click();
      await page.locator("#clicked li").first().waitFor();
      await page.locator(".item").nth(1).click();
      await page.locator("#clicked li").nth(1).waitFor();
      expect(await page.locator("#clicked li").first().getAttribute("title")).toBe(name);
      await page.getByText(`This page keeps ${DIM} numbers for your 2 clicks`).waitFor();
      expect(await page.getByRole("heading", { name: "You may like" }).count()).toBe(1);

      await page.getByRole("button", { name: "lamp", exact: true }).click();
      await page.locator('#items[aria-busy="false"]').waitFor();
      expect((await names(page)).map((text) => text.split(" ").at(-1))).toEqual(Array(SHOWN).fill("lamp"));

      await page.getByRole("button", { name: "all", exact: true }).click();
      await page.getByRole("button", { name: "Start again" }).click();
      await page.getByRole("heading", { name: "Clicked most" }).waitFor();
      await page.locator('#items[aria-busy="false"]').waitFor();
      expect(await names(page)).toEqual(begun);
      expect(await page.locator("#clicked li").count()).toBe(0);
      expect(messages).toEqual([]);
      for (const request of requests) expect(new URL(request).origin).toBe(url);
    });
  });

  test("shows what failed, and leaves the items", async () => {
    const answer = {
      path: "/v1/encode",
      with: (route: Route) =>
        route.fulfill({ status: 503, contentType: "application/json", body: '{"code":"overloaded","detail":"busy"}' }),
    };
    await visit(browser, url, { answer }, async ({ page }) => {
      await shown(page);
      const begun = await names(page);
      await page.locator(".item").first().click();
      await page.getByRole("alert").getByText("busy").waitFor();
      expect(await names(page)).toEqual(begun);
      expect(await page.locator("#clicked li").count()).toBe(0);
    });
  });
});
