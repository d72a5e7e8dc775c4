/** Data from outside the project, used where it is present. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..', 'shared', 'data')

/** The folder's path, or null (with a printed reason) where the data is not present. */
export function sharedData(folder: string): string | null {
  const path = join(ROOT, folder)
  if (existsSync(path)) return path
  console.warn(`skipped: ../shared/data/${folder} is not present`)
  return null
}

/** Whether the long form of a test was asked for (`npm run test:full`). */
export const FULL = process.env.TEST_FULL === '1'
