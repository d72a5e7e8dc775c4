/** `profile.json` of a bundle made for profiling: what each step of its modules is. */

import type { CompiledModule, ModuleStep } from '../../targets/linking/module.ts'

export const PROFILE = 'profile.json'

export interface ProfileTable {
  /**
   * The steps of each target, in the order in which a run makes them. Position `i` is `step(i)` of the target's
   * module.
   */
  readonly targets: Readonly<Record<string, { readonly steps: readonly ModuleStep[] }>>
}

/** The table of modules made for profiling. */
export function profileTable(modules: readonly CompiledModule[]): ProfileTable {
  return { targets: Object.fromEntries(modules.map(({ target, steps }) => [target.name, { steps }])) }
}

/** The table that a file holds, or null where it holds something else. */
export function parseProfileTable(text: string): ProfileTable | null {
  try {
    const table: ProfileTable = JSON.parse(text)
    return Object.values(table.targets).every(({ steps }) => steps.every(isStep)) ? table : null
  } catch {
    return null
  }
}

function isStep({ kernel, origins, macs, traffic }: ModuleStep): boolean {
  return typeof kernel === 'string' && origins.every((name) => typeof name === 'string') && isCount(macs) && isCount(traffic)
}

function isCount(x: number): boolean {
  return Number.isFinite(x) && x >= 0
}
