/** The page of `examples/web`: built, and used as its visitors do. */

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { build } from 'vite'
import { writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { type CompileOptions, compile } from '../../compiler/index.ts'
import type { Outline } from '../../examples/shapes/outlines.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

/** The options with which `npm run example:web` compiles its network. */
export function shapesOptions(): CompileOptions {
  return {
    name: 'shapes',
    targets: ['scalar', 'simd128', 'relaxed-simd'],
    weights: 'f16',
    preprocess: JSON.parse(readFileSync(join(EXAMPLES, 'shapes/preprocess.json'), 'utf8')),
    labels: readFileSync(join(EXAMPLES, 'shapes/labels.txt'), 'utf8').trim().split('\n'),
  }
}

export const shapesModel = (): Uint8Array => readFileSync(join(EXAMPLES, 'shapes/shapes.onnx'))

/** Builds the page into a new folder, whose `page` is what a server would serve. */
export async function buildExample(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'example-'))
  const shapes = join(folder, 'shapes')
  writeBundle(await compile(shapesModel(), shapesOptions()), shapes)
  await build({
    configFile: join(EXAMPLES, 'web/vite.config.ts'),
    logLevel: 'warn',
    resolve: { alias: { shapes } },
    build: { outDir: join(folder, 'page') },
  })
  return folder
}

/** A page that has shown its first answer. What it reports as errors is added to `errors`. */
export async function openExample(browser: Browser, url: string, errors: string[], options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options)
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()))
  await page.goto(url)
  await answered(page)
  return page
}

/** Waits until there is an answer. */
export async function answered(page: Page): Promise<void> {
  await page.locator('html:not(.nothing) #best .score:not(:empty)').waitFor()
}

/** The best class, once it has been the same for a few frames. */
export async function bestClass(page: Page): Promise<string> {
  await answered(page)
  await page.evaluate(
    'new Promise((done) => { let frames = 4; const next = () => frames-- > 0 ? requestAnimationFrame(next) : done(); next() })',
  )
  return page.locator('#bars li:first-child .name').innerText()
}

/** Draws the outline with the mouse, in the middle of an empty sheet. */
export async function draw(page: Page, outline: Outline): Promise<void> {
  await page.getByRole('button', { name: 'Clear' }).click()
  const box = await page.locator('#sheet').boundingBox()
  if (!box) throw new Error('there is no sheet to draw on')
  const to = ({ x, y }: Outline[number]): [number, number] => [box.x + box.width * (0.5 + 0.34 * x), box.y + box.height * (0.5 + 0.34 * y)]
  const [first, ...others] = outline as [Outline[number], ...Outline]
  await page.mouse.move(...to(first))
  await page.mouse.down()
  for (const point of [...others, first]) await page.mouse.move(...to(point))
  await page.mouse.up()
}
