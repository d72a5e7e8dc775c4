/** The browser of the tests, where there is one. */

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const present = existsSync(CHROMIUM)
if (!present) console.warn('skipped: no Chromium; set CHROMIUM to its path')

export const inChromium = describe.skipIf(!present)

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
}
