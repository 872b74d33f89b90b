import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { words } from "./build-steps/words.ts";

/** Puts a .br and a .gz beside each script and style, so that the server never compresses on the way. */
function packed(): Plugin {
  let folder = "";
  return {
    name: "packed",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir, config.build.assetsDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder).filter((each) => /\.(js|css|svg)$/.test(each))) {
        const content = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), words(), packed()],
  // WeCom's embedded browsers lag years behind.
  build: {
    target: ["chrome89", "safari15"],
    outDir: "../src/tongmai/web/_ui",
    emptyOutDir: true,
    reportCompressedSize: false,
    // Tells which files a page comes with: what the first load weighs is checked by it.
    manifest: "assets/manifest.json",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8420" } },
  test: {
    environment: "happy-dom",
    testTimeout: 20_000,
    include: ["test/**/*.test.{ts,tsx}"],
    // It looks at the window around it when it is loaded: a test loads it anew for each window.
    server: { deps: { inline: ["@wecom/jssdk"] } },
  },
});
