/** Browsers that lack something: vector instructions, or a secure context. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../../compiler/index.ts'
import { removeFolders } from '../loader/folder.ts'
import { cannotRun } from '../run/needs.ts'
import { launch, withoutChromium } from './chromium.ts'
import { answerInNode, compileNetwork, farthest, PIXELS } from './network.ts'
import { type Site, serve } from './site.ts'

const CLOSE = 1e-3
/** V8 has no vectors on processors without SSE4.1; on others than x86 it has them always. */
const WITHOUT_SIMD = '--js-flags=--no-enable-sse4-1'
const HOST = 'insecure.test'

const PAGE = '<!doctype html><link rel="icon" href="data:"><title>Page</title>'

describe.skipIf(withoutChromium)('a browser', () => {
  const bundles: Record<string, Bundle> = {}
  let expected: number[]
  let site: Site
  let altered = ''

  beforeAll(async () => {
    bundles.all = await compileNetwork(4, { targets: ['scalar', 'simd128', 'relaxed-simd'] })
    bundles.vectors = await compileNetwork(4, {})
    bundles.single = await compileNetwork(4, { targets: ['simd128'], singleFile: true })
    expected = await answerInNode(bundles.all)
    site = await serve((path) => {
      const [name, file] = path.split('/') as [string, string]
      const bytes = file === '' ? PAGE : bundles[name]?.files.get(file)
      return { bytes: file === altered && typeof bytes === 'object' ? bytes.map((x, i) => (i === 5000 ? x ^ 1 : x)) : bytes }
    })
  })

  afterAll(() => {
    site?.close()
    removeFolders()
  })

  /** In a fresh page of the bundle: the target and the network's outputs, or the error as text. */
  async function run(browser: Browser, origin: string, bundle: string, file: string, options = '{}') {
    const page = await browser.newPage()
    await page.goto(`${origin}/${bundle}/`)
    const result = await page.evaluate<[string, number[], boolean] | string>(`(async () => {
      ${PIXELS}
      try {
        const model = await (await import('./${file}')).load(${options})
        return [model.target, [...(await model.run(pixels)).output], isSecureContext]
      } catch (error) {
        return String(error)
      }
    })()`)
    await page.close()
    return result
  }

  describe.skipIf(cannotRun('Chromium without SIMD', process.arch === 'x64' ? null : 'vectors can be switched off on x64 only'))(
    'without SIMD',
    () => {
      let browser: Browser

      beforeAll(async () => {
        browser = await launch(WITHOUT_SIMD)
      })

      afterAll(() => browser?.close())

      it.each(['index.js', 'worker.js'])('runs the scalar module: %s', async (file) => {
        const [target, output] = await run(browser, site.origin, 'all', file)
        expect(target).toBe('scalar')
        expect(farthest(output as number[], expected)).toBeLessThan(CLOSE)
      })

      it.each(['index.js', 'worker.js'])('says so where there is no scalar module: %s', async (file) => {
        expect(await run(browser, site.origin, 'vectors', file)).toBe('Error: this engine does not accept relaxed-simd or simd128')
      })
    },
  )

  describe('in an insecure context', () => {
    let browser: Browser
    let origin: string

    beforeAll(async () => {
      browser = await launch(`--host-resolver-rules=MAP ${HOST} 127.0.0.1`)
      origin = site.origin.replace('127.0.0.1', HOST)
    })

    afterAll(() => browser?.close())

    it.each(['index.js', 'worker.js'])('verifies files that it fetches: %s', async (file) => {
      const [, output, secure] = await run(browser, origin, 'all', file, '{ integrity: true }')
      expect(secure).toBe(false)
      expect(farthest(output as number[], expected)).toBeLessThan(CLOSE)
      altered = 'weights.bin'
      expect(await run(browser, origin, 'all', file, '{ integrity: true }')).toMatch(/^Error: weights\.bin: .*not the one of this bundle/)
      altered = ''
    })

    it('says that it cannot verify what comes otherwise', async () => {
      expect(await run(browser, origin, 'single', 'index.js', '{ integrity: true }')).toBe(
        'Error: integrity needs WebCrypto, that is, a secure context',
      )
      expect(await run(browser, origin, 'single', 'index.js')).toEqual(['simd128', expect.any(Array), false])
    })
  })
})
