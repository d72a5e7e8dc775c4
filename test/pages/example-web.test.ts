import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../../compiler/running/seeded.ts'
import { drawShape, LABELS } from '../../examples/shapes/draw.ts'
import { OUTLINES } from '../../examples/shapes/outlines.ts'
import { launch, withoutChromium } from './chromium.ts'
import { documented } from './documentation.ts'
import { answered, bestClass, buildExample, draw, openExample } from './example-page.ts'
import { fileOf, type Site, serve } from './site.ts'

const POLICY = documented('Content-Security-Policy', 'default-src').trim()
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
/** Code of vector instructions begins with 253, and nothing in the smallest scalar module is that. */
const WITHOUT_SIMD = `const { validate } = WebAssembly
WebAssembly.validate = (bytes) => !new Uint8Array(bytes).includes(253) && validate(bytes)`
const TARGETS = ['relaxed-simd', 'simd128', 'scalar']

describe.skipIf(withoutChromium)('the page of examples/web', () => {
  let folder: string
  let site: Site
  let browser: Browser
  let page: Page
  const errors: string[] = []

  const serveFolder = (): Promise<Site> =>
    serve((path) => ({
      ...fileOf(join(folder, 'page'), path || 'index.html'),
      headers: { 'content-security-policy': POLICY, vary: 'Origin' },
    }))

  beforeAll(async () => {
    folder = await buildExample()
    site = await serveFolder()
    browser = await launch(...CAMERA)
    page = await openExample(browser, site.origin, errors)
  })

  afterAll(async () => {
    await browser?.close()
    site?.close()
    rmSync(folder, { recursive: true })
  })

  afterEach(() => {
    expect(errors.splice(0)).toEqual([])
  })

  const button = (name: string) => page.getByRole('button', { name })
  const caption = (): Promise<string> => page.locator('#caption').innerText()
  const press = (name: string): Promise<void> => button(name).click()
  const target = (name: string) => page.getByRole('radio', { name, exact: true })
  const worker = () => page.getByRole('checkbox', { name: 'Run in a worker' })

  /** How many of the shapes the page names rightly when they are drawn. */
  async function named(labels: readonly string[]): Promise<number> {
    let right = 0
    for (const label of labels) {
      await draw(page, OUTLINES[label]?.(seeded(1)) ?? [])
      if ((await bestClass(page)) === label) right++
    }
    return right
  }

  it.each([
    ['light', ['circle', 'square', 'triangle', 'star', 'bolt']],
    ['dark', ['triangle', 'cross']],
  ] as const)('names what is drawn, when it is %s', async (colorScheme, labels) => {
    await page.emulateMedia({ colorScheme })
    expect(await named(labels)).toBe(labels.length)
    expect(await caption()).toBe('Your drawing')
  })

  it('names random drawings', async () => {
    let right = 0
    for (let i = 0; i < 8; i++) {
      await press('Random')
      if ((await caption()) === `Random drawing: ${await bestClass(page)}`) right++
    }
    expect(right).toBeGreaterThanOrEqual(6)
  })

  it('has nothing to say of an empty sheet', async () => {
    await press('Clear')
    await page.locator('html.nothing').waitFor()
    expect(await caption()).toBe('An empty sheet')
    expect(await page.locator('#bars li:visible').count()).toBe(0)
  })

  it('names pictures from files, and says of others that they are none', async () => {
    const { data, width, height } = drawShape(LABELS.indexOf('heart'), 2_000_005, 90)
    const buffer = PNG.sync.write(Object.assign(new PNG({ width, height }), { data: Buffer.from(data) }))
    await page.locator('#file').setInputFiles({ name: 'valentine.png', mimeType: 'image/png', buffer })
    await page.getByText('valentine.png').waitFor()
    expect(await bestClass(page)).toBe('heart')
    await page.locator('#file').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
    await page.getByText('notes.txt is not a picture that this browser can read.').waitFor()
    expect(await caption()).toBe('valentine.png')
  })

  it('answers alike on every target, in the page and in a worker', async () => {
    await draw(page, OUTLINES.triangle?.(seeded(1)) ?? [])
    for (const name of TARGETS) {
      await target(name).check({ force: true })
      for (const inWorker of [true, false]) {
        await worker().setChecked(inWorker, { force: true })
        await expect.poll(() => page.evaluate('document.documentElement.dataset.engine')).toBe(`${name}${inWorker ? ' worker' : ''}`)
        expect(await bestClass(page)).toBe('triangle')
      }
    }
    expect(await page.locator('#time').innerText()).toMatch(/^\d+(\.\d)? ms$/)
    expect(await page.locator('#download').innerText()).toMatch(/^2\d\d kB$/)
    expect(await page.locator('#memory').innerText()).toMatch(/^\d\.\d MiB$/)
  })

  it('watches the camera until it is switched off', async () => {
    await press('Clear')
    await press('Camera')
    await answered(page)
    expect(await caption()).toBe('What the camera sees')
    expect(await button('Camera').getAttribute('aria-pressed')).toBe('true')
    await page.evaluate('globalThis.track = document.querySelector("video").srcObject.getTracks()[0]')
    await press('Camera')
    await page.locator('html.nothing').waitFor()
    expect(await page.evaluate('track.readyState')).toBe('ended')
    expect(await caption()).toBe('An empty sheet')
  })

  it.each([
    ['NotAllowedError', 'The camera is not allowed here. Allow it in the settings of your browser for this page, then try again.'],
    ['NotFoundError', 'There is no camera.'],
  ])('says why there is no camera: %s', async (name, message) => {
    await page.evaluate(`navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '${name}'))`)
    await press('Camera')
    await page.getByText(message).waitFor()
    expect(await button('Camera').getAttribute('aria-pressed')).toBe('false')
  })

  it('can be used by keyboard', async () => {
    await page.reload()
    await answered(page)
    const reached: string[] = []
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab')
      reached.push(await page.evaluate<string>('document.activeElement.id || document.activeElement.name'))
    }
    expect(reached).toEqual(['clear', 'random', 'file', 'camera', 'target', 'worker'])
    await page.keyboard.press('Space')
    expect(await worker().isChecked()).toBe(true)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('ArrowRight')
    expect(await target('simd128').isChecked()).toBe(true)
    await page.keyboard.press('Space')
    await button('Random').focus()
    await page.keyboard.press('Enter')
    expect(await caption()).toMatch(/^Random drawing: /)
  })

  it('has a name for everything, and says the answer once it rests', async () => {
    const label = await bestClass(page)
    await page.locator('#spoken').getByText(label).waitFor()
    expect(await page.locator('#spoken').innerText()).toMatch(/^[a-z]+, \d+\s%$/)
    const tree = await page.locator('body').ariaSnapshot()
    const controls = tree.split('\n').filter((line) => /- '?(button|radio|checkbox|img|group|heading) /.test(line))
    expect(controls.map((line) => line.trim().replace(/: \w+"'/, ': …"\''))).toMatchInlineSnapshot(`
      [
        "- heading "Draw a shape." [level=1]",
        "- heading "Picture" [level=2]",
        "- 'img "Random drawing: …"'",
        "- button "Clear"",
        "- button "Random"",
        "- button "Open file"",
        "- button "Camera"",
        "- heading "Answer" [level=2]",
        "- group "Compiled for":",
        "- radio "relaxed-simd"",
        "- radio "simd128" [checked]",
        "- radio "scalar"",
        "- checkbox "Run in a worker" [checked]",
      ]
    `)
  })

  it('offers only what the engine accepts, and says why', async () => {
    const plain = await browser.newPage()
    await plain.addInitScript(WITHOUT_SIMD)
    await plain.goto(site.origin)
    await answered(plain)
    expect(await plain.getByRole('radio', { disabled: true }).count()).toBe(2)
    expect(await plain.getByRole('radio', { name: 'scalar' }).isChecked()).toBe(true)
    expect(await plain.locator('#reasons').innerText()).toBe('This browser has no relaxed SIMD. This browser has no SIMD.')
    await plain.close()
  })

  it.each([320, 390])('fits a width of %d', async (width) => {
    const phone = await openExample(browser, site.origin, errors, { viewport: { width, height: 844 }, hasTouch: true, isMobile: true })
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(width)
    const best = await phone.locator('#best').boundingBox()
    expect((best?.y ?? 0) + (best?.height ?? 0)).toBeLessThan(844)
    await phone.close()
  })

  it('works without its server after the first visit', async () => {
    const own = await serveFolder()
    const visitor = await openExample(browser, own.origin, errors)
    await visitor.getByText('it works offline').waitFor()
    own.close()
    await visitor.reload()
    await visitor.getByRole('button', { name: 'Random' }).click()
    for (const name of TARGETS) await visitor.getByRole('radio', { name, exact: true }).check({ force: true })
    await visitor.getByRole('checkbox').check({ force: true })
    await expect.poll(() => visitor.evaluate('document.documentElement.dataset.engine')).toBe('scalar worker')
    await bestClass(visitor)
    await visitor.close()
  })
})
