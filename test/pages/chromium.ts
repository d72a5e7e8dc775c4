/** The browser of the tests, where there is one. */

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { cannotRun } from '../run/needs.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const why = existsSync(CHROMIUM) ? null : `there is no ${CHROMIUM}; the environment variable CHROMIUM may name another`
export const withoutChromium = cannotRun('tests in Chromium', why)

export function launch(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more] })
}
