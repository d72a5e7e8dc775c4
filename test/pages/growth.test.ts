import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { launch, withoutChromium } from './chromium.ts'
import { type Site, serve } from './site.ts'

const SIDE = 16
/** Bytes by which a heap may differ once its garbage is collected: code that the engine has compiled meanwhile. The smallest object for each run would be more. */
const NOISE = 100_000

const PAGE = '<!doctype html><link rel="icon" href="data:"><title>Page</title>'

/** In the page: a model, a picture as tensor and as pixels, and what goes on many times. */
const prepare = (file: string): string => `(async () => {
  const { load } = await import('/${file}')
  globalThis.model = await load()
  const pixels = Float32Array.from({ length: ${3 * SIDE ** 2} }, (_, i) => Math.sin(i))
  const image = new ImageData(40, 30)
  globalThis.runs = async (count) => {
    for (let i = 0; i < count; i++) globalThis.last = (await model.run(pixels)).output[0]
  }
  globalThis.images = async (count) => {
    for (let i = 0; i < count; i++) await model.classify(image)
  }
  globalThis.memory = () => model.input('input').buffer
})()`

describe.skipIf(withoutChromium)('nothing grows in Chromium', () => {
  let bundle: Bundle
  let site: Site
  let browser: Browser

  beforeAll(async () => {
    const options = { width: 0.1, resolution: SIDE, classes: 4 }
    bundle = await compile(createModel('mobilenet-v2', options), { targets: ['simd128'], preprocess: 'tensorflow' })
    site = await serve((path) => ({ bytes: path === '' ? PAGE : bundle.files.get(path) }))
    browser = await launch()
  })

  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  async function open(file: string): Promise<{ page: Page; session: CDPSession }> {
    const page = await browser.newPage()
    await page.goto(site.origin)
    await page.evaluate(prepare(file))
    return { page, session: await page.context().newCDPSession(page) }
  }

  /** Bytes of the page's heap, with what buffers hold outside of it, after a collection. */
  async function heap(session: CDPSession): Promise<number> {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize, backingStorageSize } = (await session.send('Runtime.getHeapUsage')) as {
      usedSize: number
      backingStorageSize: number
    }
    return usedSize + backingStorageSize
  }

  /** How many bytes the heap has more after calling `work` with `count` than before; a tenth of it goes first. */
  async function growth(page: Page, session: CDPSession, work: string, count: number): Promise<number> {
    await page.evaluate(`${work}(${count / 10})`)
    const before = await heap(session)
    await page.evaluate(`${work}(${count})`)
    const grown = (await heap(session)) - before
    console.log(`heap after ${count} ${work}: ${grown} bytes more`)
    return grown
  }

  it('in 10,000 runs and 2,000 images', async () => {
    const { page, session } = await open('index.js')
    const memory = await page.evaluate<number>('globalThis.kept = memory(), kept.byteLength')
    expect(memory).toBe(bundle.manifest.peakMemory.simd128)
    expect(await growth(page, session, 'runs', 10_000)).toBeLessThan(NOISE)
    expect(await growth(page, session, 'images', 2000)).toBeLessThan(NOISE)
    expect(await page.evaluate('[memory() === kept, memory().byteLength, Number.isFinite(last)]')).toEqual([true, memory, true])
    await page.close()
  })

  it('in 2,000 runs and 500 images in a worker', async () => {
    const { page, session } = await open('worker.js')
    expect(await growth(page, session, 'runs', 2000)).toBeLessThan(NOISE)
    expect(await growth(page, session, 'images', 500)).toBeLessThan(NOISE)
    expect(await page.evaluate('Number.isFinite(last)')).toBe(true)
    await page.close()
  })
})
