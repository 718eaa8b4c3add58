import { defineConfig } from 'vitest/config';

// What needs a browser: Debian's package chromium, or another Chromium in KDEBUG_CHROMIUM.
export default defineConfig({ test: { include: ['test/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } });
