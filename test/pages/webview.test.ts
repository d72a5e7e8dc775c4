import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, devices } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../../compiler/index.ts'
import { removeFolders } from '../loader/folder.ts'
import { launch, withoutChromium } from './chromium.ts'
import { documented } from './documentation.ts'
import { answerInNode, compileNetwork, farthest, PIXELS } from './network.ts'
import { type Answer, fileOf, type Site, serve } from './site.ts'
import { SHOW, visit } from './visit.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples')
const CLOSE = 1e-3
/** How much slower than this machine a phone is taken to be. */
const SLOWDOWN = 6

/** A page that shows what its frame, whose origin is opaque, sends it. */
const OUTER = `<!doctype html><link rel="icon" href="data:"><iframe sandbox="allow-scripts" src="frame.html"></iframe><script>
addEventListener('message', ({ data }) => { document.body.dataset.output = JSON.stringify(data) })
</script>`

const frame = (file: string): string => `<!doctype html><script type="module">
${PIXELS}
const show = (message) => parent.postMessage(message, '*')
import('./model/${file}').then(({ load }) => load()).then((model) => model.run(pixels)).then(
  ({ output }) => show([origin, ...output]),
  (error) => show([origin, String(error)]),
)
</script>`

describe.skipIf(withoutChromium)('as in a webview', () => {
  let bundle: Bundle
  let expected: number[]
  let browser: Browser
  let site: Site
  let inner = ''
  let headers: Record<string, string> = {}

  beforeAll(async () => {
    bundle = await compileNetwork()
    expected = await answerInNode(bundle)
    browser = await launch()
    site = await serve((path): Answer => {
      if (path === 'outer.html') return { bytes: OUTER }
      if (path === 'frame.html') return { bytes: inner }
      if (path === 'page.html')
        return { bytes: '<!doctype html><link rel="icon" href="data:"><script type="module" src="page.mjs"></script>' }
      if (path === 'page.mjs') return { bytes: PIXELS + documented('Page').replace("'my-net'", "'./model/index.js'") + SHOW }
      if (path.startsWith('model/')) return { bytes: bundle.files.get(path.slice(6)), headers }
      return fileOf(join(EXAMPLES, 'webview-page'), path)
    })
  })

  afterAll(async () => {
    await browser?.close()
    site?.close()
    removeFolders()
  })

  it.each(['Pixel 7', 'iPhone 15'])("the examples' page works on a slow %s", async (name) => {
    const page = await browser.newPage(devices[name])
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN })
    await page.goto(`${site.origin}/index.html`)
    const body = page.locator('body[data-output]')
    await body.waitFor({ state: 'attached', timeout: 20_000 })
    const text = await page.getByRole('status').textContent()
    const output = JSON.parse((await body.getAttribute('data-output')) as string)
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await page.close()
    expect(farthest(output, expected)).toBeLessThan(CLOSE)
    expect(text).toMatch(/^Class \d · (simd128|relaxed-simd) · loaded in \d+ ms · [\d.]+ ms a run$/)
    expect(overflow).toBeLessThanOrEqual(0)
  })

  it('no header is needed', async () => {
    headers = {}
    expect(farthest(await visit(browser, `${site.origin}/page.html`), expected)).toBeLessThan(CLOSE)
  })

  async function inFrame(file: string): Promise<(string | number)[]> {
    inner = frame(file)
    const page = await browser.newPage()
    await page.goto(`${site.origin}/outer.html`)
    const body = page.locator('body[data-output]')
    await body.waitFor({ state: 'attached', timeout: 20_000 })
    const shown = JSON.parse((await body.getAttribute('data-output')) as string)
    await page.close()
    return shown
  }

  it('an opaque origin needs CORS for the files, and gets no worker', async () => {
    headers = { 'access-control-allow-origin': '*' }
    const [origin, ...output] = await inFrame('index.js')
    expect(origin).toBe('null')
    expect(farthest(output as number[], expected)).toBeLessThan(CLOSE)
    expect(await inFrame('worker.js')).toEqual(['null', expect.stringMatching(/^SecurityError: /)])
    headers = {}
    expect(await inFrame('index.js')).toEqual(['null', expect.stringMatching(/^TypeError: Failed to fetch/)])
  })
})

describe('the sources of the apps', () => {
  const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' }

  it.each([
    [
      'Android',
      'webview-android/app/src/main/java/com/example/webview/BundleAssets.kt',
      (kind: string, type: string) => `"${kind}" -> "${type}"`,
    ],
    ['iOS', 'webview-ios/Sources/AssetHandler.swift', (kind: string, type: string) => `case "${kind}": return "${type}"`],
  ])('name the types of all files: %s', (_, file, line) => {
    const source = readFileSync(join(EXAMPLES, file), 'utf8')
    for (const [kind, type] of Object.entries(TYPES)) expect(source).toContain(line(kind, type))
    expect(source).toContain('"application/octet-stream"')
  })
})
