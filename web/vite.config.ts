// Responsible for: how the pages are built, the gallery as a build of its own, and what is tested.
// Not responsible for: what the pages hold (src/) or who serves them (the Python server).
/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** As strict as the server's: the gallery must look the same under it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; " +
  "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";

export default defineConfig(({ mode }) => {
  const gallery = mode === "gallery";
  return {
    plugins: [react()],
    worker: { format: "es" as const },
    build: {
      outDir: gallery ? "../.build/gallery" : "dist",
      emptyOutDir: true,
      // A data: address would need a looser content security policy.
      assetsInlineLimit: 0,
      // Before compression; the budget is 250 kB after it.
      chunkSizeWarningLimit: gallery ? 1000 : 750,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: gallery ? "gallery.html" : "index.html" },
    },
    preview: { headers: { "Content-Security-Policy": policy } },
    test: {
      include: mode === "axe" ? ["tests/*.axe.ts"] : ["tests/**/*.test.ts", "src/**/*.test.ts"],
      testTimeout: 60_000,
    },
  };
});
