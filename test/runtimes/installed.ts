/** Engines other than Node, where they are installed. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cannotRun } from '../run/needs.ts'

const BINARIES = join(import.meta.dirname, 'node_modules', '.bin')

/** The path of its program; null, with a reason that is told at the end of the run, where it is not installed or does not start. */
export function installed(name: string): string | null {
  const path = join(BINARIES, name)
  const why = !existsSync(path)
    ? 'it is not installed; npm install --no-package-lock --prefix test/runtimes'
    : spawnSync(path, ['--version']).status !== 0
      ? 'it does not start here'
      : null
  return cannotRun(`tests in ${name}`, why) ? null : path
}
