import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../../compiler/index.ts'
import { removeFolders } from '../loader/folder.ts'
import { launch, withoutChromium } from './chromium.ts'
import { documented } from './documentation.ts'
import { answerInNode, compileNetwork, farthest, PIXELS } from './network.ts'
import { type Answer, type Site, serve } from './site.ts'

const POLICY = documented('Content-Security-Policy', 'default-src').trim()
const CLOSE = 1e-3

/** Changes what the site answers for a file. */
type Fault = (name: string, bytes: Uint8Array) => Answer

const PAGE: Answer = { bytes: '<!doctype html><link rel="icon" href="data:"><title>Page</title>' }

describe.skipIf(withoutChromium)('a page', () => {
  const bundles: Record<string, Bundle> = {}
  const answers: Record<string, number[]> = {}
  let site: Site
  let browser: Browser
  let page: Page
  let policy = ''
  let fault: Fault = (_, bytes) => ({ bytes })

  beforeAll(async () => {
    for (const [name, classes] of [['four', 4] as const, ['seven', 7] as const]) {
      const bundle = await compileNetwork(classes)
      bundles[name] = bundle
      answers[name] = await answerInNode(bundle)
    }
    site = await serve((path) => {
      const [folder, name] = path.split('/') as [string, string]
      const bytes = bundles[folder]?.files.get(name)
      const answer = name === '' ? PAGE : bytes ? fault(name, bytes) : {}
      return { ...answer, headers: { ...(policy && { 'content-security-policy': policy }), ...answer.headers } }
    })
    browser = await launch()
  })

  afterAll(async () => {
    await browser?.close()
    site?.close()
    removeFolders()
  })

  /** What `code`, an async function's body, returns in a fresh page; errors as `Error: …`. */
  async function evaluate<T>(code: string, settings: { policy?: string; fault?: Fault } = {}): Promise<T | string> {
    policy = settings.policy ?? ''
    fault = settings.fault ?? ((_, bytes) => ({ bytes }))
    page = await browser.newPage()
    try {
      await page.goto(`${site.origin}/four/`)
      return await page.evaluate<T | string>(`(async () => { try { ${code} } catch (error) { return String(error) } })()`)
    } finally {
      await page.close()
    }
  }

  const run = (file: string, options = '{}'): string => `
    const { load } = await import('./${file}')
    ${PIXELS}
    const model = await load(${options})
    return [...(await model.run(pixels)).output]`

  const expectAnswer = (actual: unknown, name = 'four'): void => {
    expect(farthest(actual as number[], answers[name] as number[]), String(actual)).toBeLessThan(CLOSE)
  }

  it.each(['index.js', 'worker.js'])('needs no more than the documented policy for %s', async (file) => {
    expectAnswer(await evaluate(run(file), { policy: POLICY }))
    const refused = await evaluate(run(file), { policy: POLICY.replace("'wasm-unsafe-eval'", '') })
    expect(refused).toMatch(/^\w*Error: .*(Content Security Policy|unsafe-eval)/)
  })

  it.each(['text/plain', ''])('takes modules and weights of type %j', async (type) => {
    const mislabelled: Fault = (name, bytes) => ({ bytes, ...(name.endsWith('.js') ? {} : { headers: { 'content-type': type } }) })
    expectAnswer(await evaluate(run('index.js'), { fault: mislabelled }))
  })

  const FAULTS: Record<string, (bytes: Uint8Array) => Answer> = {
    missing: () => ({}),
    truncated: (bytes) => ({ bytes: bytes.subarray(0, bytes.length >> 1) }),
    altered: (bytes) => ({ bytes: bytes.map((x, i) => (i === bytes.length >> 1 ? x ^ 1 : x)) }),
  }
  const CASES = Object.keys(FAULTS).flatMap((kind) => ['weights.bin', '.wasm'].map((file) => [kind, file] as const))

  it.each(CASES)('refuses what is %s: %s', async (kind, file) => {
    const broken: Fault = (name, bytes) => (name.endsWith(file) ? (FAULTS[kind] as (b: Uint8Array) => Answer)(bytes) : { bytes })
    const named = new RegExp(`^\\w*Error: .*${file.replace('.', '\\.')}`)
    const [here, there, unchecked] = (await evaluate<string[]>(
      `const attempts = [['index.js', { integrity: true }], ['worker.js', { integrity: true }], ['index.js', {}]]
      return Promise.all(attempts.map(async ([file, options]) => (await import('./' + file)).load(options).catch(String)))`,
      { fault: broken },
    )) as string[]
    expect(here).toMatch(named)
    expect(there).toMatch(named)
    if (kind !== 'altered') expect(unchecked).toMatch(named)
  })

  it('holds two models, of two bundles, at once', async () => {
    const both = await evaluate<[number[], number[]]>(`
      ${PIXELS}
      const [four, seven] = await Promise.all(['./', '../seven/'].map(async (at) => (await import(at + 'index.js')).load()))
      four.input('input').set(pixels)
      seven.input('input').set(pixels)
      four.execute()
      seven.execute()
      return [[...four.output('output')], [...seven.output('output')]]`)
    expectAnswer(both[0], 'four')
    expectAnswer(both[1], 'seven')
  })

  it('gets the memory of disposed models back, and loads 50 times', async () => {
    page = await browser.newPage()
    policy = ''
    fault = (_, bytes) => ({ bytes })
    await page.goto(`${site.origin}/four/`)
    const last = await page.evaluate(`(async () => {
      ${PIXELS}
      const { load } = await import('./index.js')
      globalThis.models = []
      globalThis.memories = []
      for (let i = 0; i < 50; i++) {
        const model = await load()
        globalThis.last = [...model.run(pixels).output]
        memories.push(new WeakRef(model.input('input').buffer))
        model.dispose()
        models.push(model)
      }
      return last
    })()`)
    const session = await page.context().newCDPSession(page)
    await session.send('HeapProfiler.collectGarbage')
    const left = await page.evaluate('memories.filter((memory) => memory.deref()).length')
    await page.close()
    expectAnswer(last)
    expect(left).toBeLessThanOrEqual(2)
  })

  it('goes on while the worker works, and ends it', async () => {
    const [ticks, blocked, ended] = (await evaluate<number[]>(`
      const ticksDuring = async (work) => {
        let ticks = 0
        const timer = setInterval(() => ticks++, 5)
        await work()
        clearInterval(timer)
        return ticks
      }
      const here = await (await import('./index.js')).load()
      const there = await (await import('./worker.js')).load()
      here.warmup(50)
      const began = performance.now()
      here.warmup(50)
      const runs = Math.ceil((50 * 300) / (performance.now() - began))
      const blocked = await ticksDuring(() => here.warmup(runs))
      const ticks = await ticksDuring(() => there.warmup(runs))
      const running = there.run(new Float32Array(3072)).catch((error) => error.message)
      await there.dispose()
      return [ticks, blocked, await running]`)) as number[]
    expect(blocked).toBe(0)
    expect(ticks).toBeGreaterThan(5)
    expect(ended).toBe('the model is disposed')
  })
})
