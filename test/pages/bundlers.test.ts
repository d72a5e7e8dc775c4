import { copyFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { build, createServer } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import webpack from 'webpack'
import type { Bundle } from '../../compiler/index.ts'
import { fakeBundle } from '../loader/fake.ts'
import { removeFolders } from '../loader/folder.ts'
import { launch, withoutChromium } from './chromium.ts'
import { documented } from './documentation.ts'
import { answerInNode, compileNetwork, farthest, PIXELS } from './network.ts'
import { html, Project } from './project.ts'
import { fileOf, serve } from './site.ts'
import { SHOW, visit } from './visit.ts'

const PAGE = PIXELS + documented('Page') + SHOW
const WORKER = PIXELS + documented('Worker') + SHOW
const ASSETS = PIXELS + documented('Bundlers', 'weights })') + SHOW

/** Targets round differently, and outputs are of the order of ten. */
const CLOSE = 1e-3

describe.skipIf(withoutChromium)('a bundle as a dependency, built with', () => {
  let bundle: Bundle
  let expected: number[]
  let browser: Browser
  const projects: Project[] = []

  beforeAll(async () => {
    // With images, the loader is two files.
    bundle = await compileNetwork(4, { preprocess: 'none' })
    expected = await answerInNode(bundle)
    browser = await launch()
  })

  afterAll(async () => {
    await browser?.close()
    for (const project of projects) project.remove()
    removeFolders()
  })

  function project(page: string, dependency = bundle): Project {
    const made = new Project({ 'my-net': dependency })
    projects.push(made)
    made.write('src/page.js', page)
    made.write('public/index.html', html('./page.js'))
    return made
  }

  async function check(root: string, page = 'index.html'): Promise<readonly string[]> {
    const site = await serve((path) => fileOf(root, path))
    try {
      expect(farthest(await visit(browser, `${site.origin}/${page}`), expected)).toBeLessThan(CLOSE)
      return site.requests
    } finally {
      site.close()
    }
  }

  it.each([
    ['page', PAGE],
    ['worker', WORKER],
  ])('Vite: %s', async (_, page) => {
    const { root } = viteProject(page)
    await build({ root, base: './', publicDir: false, logLevel: 'warn' })
    const requests = await check(`${root}/dist`)
    expect(requests.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
  })

  it.each([
    ['page', PAGE],
    ['worker', WORKER],
  ])('Vite, while developing: %s', async (_, page) => {
    const { root } = viteProject(page)
    const server = await createServer({
      root,
      publicDir: false,
      logLevel: 'warn',
      server: { port: 0, host: '127.0.0.1' },
    })
    try {
      await server.listen()
      expect(farthest(await visit(browser, server.resolvedUrls?.local[0] as string), expected)).toBeLessThan(CLOSE)
    } finally {
      await server.close()
    }
  })

  function viteProject(page: string): Project {
    const made = project(page)
    made.write('index.html', html('./src/page.js'))
    return made
  }

  it('webpack: page and worker', async () => {
    const made = project(PAGE)
    made.write('src/worker.js', WORKER)
    made.write('public/worker.html', html('./worker.js'))
    const entry = { page: './src/page.js', worker: './src/worker.js' }
    await pack({ mode: 'production', context: made.root, entry, output: { path: made.path('public'), filename: '[name].js' } })
    for (const page of ['index.html', 'worker.html']) {
      const requests = await check(made.path('public'), page)
      expect(requests.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
    }
  })

  it.each([
    ['esbuild', 'build-esbuild.mjs'],
    ['Rollup', 'build-rollup.mjs'],
  ])('%s, files copied beside: page and worker', async (_, script) => {
    const made = project(PAGE)
    made.write(script, documented('Bundlers', script))
    made.run(script)
    await check(made.path('public'))
    made.write('src/page.js', WORKER)
    made.run(script)
    for (const file of ['index.js', 'worker.js', 'image.js'])
      copyFileSync(made.path(`node_modules/my-net/${file}`), made.path(`public/${file}`))
    expect(await check(made.path('public'))).toContain('worker.js')
  })

  it('esbuild, files passed to load', async () => {
    const made = project(ASSETS)
    made.write('build.mjs', documented('Bundlers', 'build-esbuild-assets.mjs'))
    made.run('build.mjs')
    await check(made.path('public'))
  })

  it('esbuild, as a single file', async () => {
    const made = project(
      `${documented('Page').replace('output', 'y: output').replace('pixels', 'new Float32Array(6).fill(1)')}${SHOW}`,
      fakeBundle({ singleFile: true }),
    )
    made.write('build.mjs', documented('Bundlers', 'build-esbuild.mjs').replace(/^for .*/ms, ''))
    made.run('build.mjs')
    const site = await serve((path) => fileOf(made.path('public'), path))
    expect(await visit(browser, `${site.origin}/index.html`)).toEqual(new Array(6).fill(2.5))
    expect(site.requests).toEqual(['index.html', 'page.js'])
    site.close()
  })
})

function pack(configuration: webpack.Configuration): Promise<void> {
  return new Promise((resolve, reject) => {
    webpack(configuration, (error, stats) => {
      if (error || stats?.hasErrors()) return reject(error ?? new Error(stats?.toString('errors-only')))
      for (const { message } of stats?.toJson({ all: false, warnings: true }).warnings ?? []) console.warn(`webpack: ${message}`)
      resolve()
    })
  })
}
