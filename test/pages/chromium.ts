/** The browser of the tests, where there is one. */

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const withoutChromium = !existsSync(CHROMIUM)
if (withoutChromium) console.warn('skipped: no Chromium; set CHROMIUM to its path')

export function launch(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more] })
}
