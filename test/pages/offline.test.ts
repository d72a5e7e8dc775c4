import { execFileSync } from 'node:child_process'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../../compiler/index.ts'
import { removeFolders } from '../loader/folder.ts'
import { launch, withoutChromium } from './chromium.ts'
import { documented } from './documentation.ts'
import { answerInNode, compileNetwork, farthest, PIXELS } from './network.ts'
import { Project } from './project.ts'
import { type Answer, type Site, serve } from './site.ts'

const CLOSE = 1e-3

let bundle: Bundle
let expected: number[]

beforeAll(async () => {
  bundle = await compileNetwork()
  expected = await answerInNode(bundle)
})

afterAll(removeFolders)

it('Node runs the documented code', () => {
  const project = new Project({ 'my-net': bundle })
  project.write('main.js', `${PIXELS}${documented('Node')}\nconsole.log(JSON.stringify([...output]))`)
  const printed = execFileSync(process.execPath, ['main.js'], { cwd: project.root, encoding: 'utf8' })
  project.remove()
  expect(farthest(JSON.parse(printed), expected)).toBeLessThan(CLOSE)
})

describe.skipIf(withoutChromium)('with the documented service worker', () => {
  let site: Site
  let browser: Browser

  beforeAll(async () => {
    site = await serve((path): Answer => {
      if (path === '') return { bytes: '<!doctype html><link rel="icon" href="data:"><title>Page</title>' }
      const bytes = path === 'sw.js' ? documented('Offline') : bundle.files.get(path.replace('my-net/', ''))
      return { bytes, headers: { vary: 'Origin' } }
    })
    browser = await launch()
  })

  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  it('a bundle loads without the server', async () => {
    const page = await browser.newPage()
    await page.goto(`${site.origin}/`)
    await page.evaluate(`navigator.serviceWorker.register('./sw.js').then(() => navigator.serviceWorker.ready)`)
    await page.reload()
    site.close()
    const output = await page.evaluate(`(async () => {
      ${PIXELS}
      const { load } = await import('./my-net/index.js')
      return [...(await load({ integrity: true })).run(pixels).output]
    })()`)
    await page.close()
    expect(farthest(output as number[], expected)).toBeLessThan(CLOSE)
  })
})
