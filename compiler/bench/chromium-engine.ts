/** Measures in Chromium through playwright-core, which users install beside this package. */

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type Engine, type Launch, launchOf } from './engine.ts'
import { Sampler } from './sampler.ts'
import { serveBundles } from './serve.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']

/** Flags of the browser. The page comes from this machine, and timings should be of the module alone. */
const FLAGS = ['--disable-gpu', '--disable-background-networking', '--no-sandbox']

/** Why there is no browser, and what helps. */
export class NoBrowser extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.name = 'NoBrowser'
    this.hint = hint
  }
}

/** Throws `NoBrowser`. */
export async function chromiumEngine(path?: string): Promise<Engine> {
  const browser = await start(path ?? process.env.CHROME_PATH ?? onPath())
  const server = await serveBundles()
  return {
    info: { name: 'chromium', version: browser.version() },
    urlOf: (folder, file) => server.urlOf(folder, file),
    launch: () => launch(browser, server.origin),
    close: async () => {
      await browser.close()
      await server.close()
    },
  }
}

async function start(executablePath: string): Promise<Browser> {
  const { chromium } = await import('playwright-core').catch(() => {
    throw new NoBrowser('--browser needs playwright-core, which is not installed', 'npm install --save-dev playwright-core')
  })
  try {
    return await chromium.launch({ executablePath, headless: true, args: FLAGS })
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split('\n')
    throw new NoBrowser(`${executablePath}: cannot be started: ${first}`, 'name another browser with --browser-path or CHROME_PATH')
  }
}

function onPath(): string {
  const places = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const found = NAMES.flatMap((name) => places.map((folder) => join(folder, name))).find(executable)
  if (found) return found
  throw new NoBrowser('no Chromium on PATH', 'install one, or name it with --browser-path or CHROME_PATH')
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Launches a page in a context of its own, which has a process of its own. */
async function launch(browser: Browser, origin: string): Promise<Launch> {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(0)
  await page.goto(origin)
  await page.evaluate(`globalThis.sampler = new (${Sampler})((url) => import(url)); null`)
  const call = (method: string, args: readonly unknown[]): Promise<unknown> =>
    page.evaluate(`sampler[${JSON.stringify(method)}](...${JSON.stringify(args)})`)
  return launchOf(call, () => context.close())
}
