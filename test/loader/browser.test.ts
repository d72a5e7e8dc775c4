import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { launch, withoutChromium } from '../pages/chromium.ts'

const MIME: Record<string, string> = { js: 'text/javascript', wasm: 'application/wasm', json: 'application/json' }
/** Neither eval nor blobs nor other hosts; with nothing to connect to where the loader has all it needs. */
const policy = (connect: string): string => `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src ${connect}`

const FORMS = {
  f32: {},
  f16: { weights: 'f16' },
  single: { singleFile: true },
  'single-f16': { singleFile: true, weights: 'f16' },
} as const
type Form = keyof typeof FORMS

describe.skipIf(withoutChromium)('in Chromium', () => {
  const bundles = new Map<string, Bundle>()
  let server: Server
  let browser: Browser
  let origin: string
  let requests: string[] = []
  /** Bytes after which the weights end. */
  let cut = Number.POSITIVE_INFINITY

  beforeAll(async () => {
    const model = createModel('mobilenet-v1-cifar', { width: 0.25 })
    for (const [form, options] of Object.entries(FORMS)) bundles.set(form, await compile(model, options))
    server = createServer((request, response) => {
      const [, form, name] = (request.url as string).split('/') as [string, Form, string]
      requests.push(name)
      const single = form.startsWith('single')
      const bytes = name === '' ? Buffer.from('<!doctype html><link rel=icon href=data:>') : bundles.get(form)?.files.get(name)
      const mime = name === '' ? 'text/html' : (MIME[name.split('.').at(-1) as string] ?? 'application/octet-stream')
      response.writeHead(bytes ? 200 : 404, {
        'content-type': mime,
        'content-security-policy': policy(single ? "'none'" : "'self'"),
        ...(bytes && { 'content-length': bytes.length }),
      })
      if (name !== 'weights.bin' || cut >= (bytes?.length ?? 0)) return response.end(bytes)
      response.write(bytes?.subarray(0, cut), () => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launch()
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function open(form: Form): Promise<Page> {
    const page = await browser.newPage()
    await page.goto(`${origin}/${form}/`)
    requests = []
    return page
  }

  /** The network's outputs, or what the loader says if it refuses. As text, which no test runner rewrites. */
  const run = (page: Page, file: string, options: object): Promise<number[] | string> =>
    page.evaluate(`(async () => {
      const { load } = await import('./${file}')
      try {
        const model = await load(${JSON.stringify(options)})
        const input = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i))
        const outputs = Object.values(await model.run(input))
        await model.dispose()
        return outputs.flatMap((x) => [...x])
      } catch (error) {
        return String(error)
      }
    })()`)

  it.each(Object.keys(FORMS) as Form[])('%s loads under a strict policy, and fetches each file once', async (form) => {
    const page = await open(form)
    const result = await run(page, 'index.js', { selfTest: true })
    expect(result).toHaveLength(10)
    expect(requests.sort()).toEqual(form.startsWith('single') ? ['index.js'] : ['index.js', 'model.relaxed-simd.wasm', 'weights.bin'])
    expect(await run(page, 'index.js', { integrity: true })).toEqual(result)
    await page.close()
  })

  it('gives the same results from a single file', async () => {
    const [page, single] = [await open('f16'), await open('single-f16')]
    const options = { target: 'simd128' }
    expect(await run(single, 'index.js', options)).toEqual(await run(page, 'index.js', options))
    await Promise.all([page.close(), single.close()])
  })

  it('runs in a worker of the page, also from a single file', async () => {
    for (const form of ['f16', 'single-f16'] as const) {
      const page = await open(form)
      const options = { target: 'simd128' }
      expect(await run(page, 'worker.js', options)).toEqual(await run(page, 'index.js', options))
      await page.close()
    }
  })

  it('refuses weights whose transfer breaks off', async () => {
    const page = await open('f16')
    cut = 20_000
    try {
      expect(await run(page, 'index.js', {})).toMatch(/weights\.bin: (cut off: |20000 bytes, expected \d+)/)
    } finally {
      cut = Number.POSITIVE_INFINITY
      await page.close()
    }
  })
})
