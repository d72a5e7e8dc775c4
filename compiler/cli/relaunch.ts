/** Node processes with features that this one lacks. */

import { spawnSync } from 'node:child_process'
import type { Target } from '../../targets/target/target.ts'
import { EXIT, UsageError } from './errors.ts'

const RELAXED_SIMD_FLAG = '--experimental-wasm-relaxed-simd'

/** Runs this same command line in a Node process with relaxed SIMD turned on, which Node 20 has behind a flag. */
export function relaunch(targets: readonly Target[]): never {
  const [, program, ...args] = process.argv
  const possible = process.versions.node.startsWith('20.') && !process.execArgv.includes(RELAXED_SIMD_FLAG)
  if (!possible)
    throw new UsageError(
      `this Node (${process.versions.node}) cannot run ${targets.map((t) => t.name).join(' and ')}`,
      'choose another --target',
    )
  const flags = [...process.execArgv, RELAXED_SIMD_FLAG]
  const { status, error } = spawnSync(process.execPath, [...flags, program as string, ...args], { stdio: 'inherit' })
  if (error) throw error
  process.exit(status ?? EXIT.internal)
}
