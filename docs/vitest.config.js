import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Three suites: unit (widgets, figures, the pages' text), site (what was built), browser.
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/**/*.test.js'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxConcurrency: 2, // tabs at a time
    reporters: ['default']
  }
})
