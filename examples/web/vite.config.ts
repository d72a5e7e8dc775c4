/** Builds the page from the bundle in `dist/shapes`, with a service worker that knows every file of the build. */

import { createHash } from 'node:crypto'
import { defineConfig, type Plugin } from 'vite'

const SERVICE_WORKER = 'service-worker.js'
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"

/** Puts the list of the build's files in front of the service worker, with a name that changes whenever a file changes. */
const precache: Plugin = {
  name: 'precache',
  enforce: 'post',
  generateBundle(_, output) {
    const files = Object.values(output).filter(({ fileName }) => fileName !== SERVICE_WORKER)
    const hash = createHash('sha256')
    for (const file of files) hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source)
    const names = ['./', ...files.map(({ fileName }) => `./${fileName}`).filter((name) => name !== './index.html')]
    const script = output[SERVICE_WORKER]
    if (script?.type !== 'chunk') throw new Error('the build has no service worker')
    script.code = `const FILES=${JSON.stringify(names)},VERSION="shapes-${hash.digest('hex').slice(0, 16)}";\n${script.code}`
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  resolve: { alias: { shapes: `${import.meta.dirname}/dist/shapes` } },
  plugins: [precache],
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    // The policy does not allow `data:` addresses, so all assets are files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: `${import.meta.dirname}/index.html`, 'service-worker': `${import.meta.dirname}/offline/service-worker.ts` },
      output: { entryFileNames: ({ name }) => (name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js') },
    },
  },
  // On Vite's usual port, the service worker would also answer for pages of other projects.
  preview: { port: 4610, headers: { 'content-security-policy': POLICY } },
})
