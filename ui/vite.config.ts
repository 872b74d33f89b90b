import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // WeCom's embedded browsers lag years behind.
  build: {
    target: ["chrome89", "safari15"],
    outDir: "../src/tongmai/web/_ui",
    emptyOutDir: true,
    reportCompressedSize: false,
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8420" } },
  test: { environment: "happy-dom", testTimeout: 20_000, include: ["test/**/*.test.{ts,tsx}"] },
});
