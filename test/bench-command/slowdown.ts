/** Copies of bundles whose runs take longer by a known part. */

import { cpSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A copy that is as fast as the original. */
export function copyBundle(folder: string, copy: string): void {
  cpSync(folder, copy, { recursive: true })
}

/**
 * A copy whose loader lets a loop run after every run of the model. The loop's length is measured in
 * turn with the model here, so that it takes `part` of the model's own time.
 */
export async function slowCopy(folder: string, copy: string, part: number): Promise<void> {
  const { load } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.js')).href)) as {
    load(): Promise<{ execute(): void }>
  }
  const model = await load()
  const spin = new Function(`${SPIN}; return spin`)() as (times: number) => number
  const timed = (run: () => void): number => {
    const start = performance.now()
    run()
    return performance.now() - start
  }
  const ratios = Array.from({ length: 300 }, () => timed(model.execute) / timed(() => spin(TRIAL))).sort((a, b) => a - b)
  copyBundle(folder, copy)
  renameSync(join(copy, 'index.js'), join(copy, 'unslowed.js'))
  writeFileSync(join(copy, 'index.js'), slowLoader(Math.round(TRIAL * part * (ratios[150] as number))))
}

const TRIAL = 200_000

/** A chain of dependent operations, which no optimiser removes. */
const SPIN = `function spin(times) {
  let x = 1
  for (let i = 0; i < times; i++) x = Math.imul(x ^ (x >>> 13), 0x5bd1e995)
  return x
}`

function slowLoader(times: number): string {
  return `import { load as unslowed } from './unslowed.js'
${SPIN}
export const sink = { x: 0 }
export async function load(options) {
  const model = await unslowed(options)
  const { execute } = model
  model.execute = () => {
    execute()
    sink.x += spin(${times})
  }
  return model
}
`
}
