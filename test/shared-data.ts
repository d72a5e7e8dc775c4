/** Data from outside the project, used where it is present. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cannotRun } from './run/needs.ts'

const ROOT = join(import.meta.dirname, '..', '..', 'shared', 'data')

/** The path of `folder`; null, with a reason that is told at the end of the run, where the data is not present. */
export function sharedData(folder: string): string | null {
  const path = join(ROOT, folder)
  const why = existsSync(path) ? null : 'the folder is not present'
  return cannotRun(`tests on ../shared/data/${folder}`, why) ? null : path
}
