/** The command line of the fuzzer: `npm run fuzz -- --count N [--seed S] [--kind graphs|operators|bytes]`. */

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MOST_BYTES, runBytes } from './bytes/index.ts'
import { type DifferentialKind, KINDS, runDifferential } from './differential.ts'

const HELP = `npm run fuzz -- [options]
  --count N    cases (default 100)
  --seed S     of the run (default: the time); case i of a seed is always the same
  --from I     the first case (default 0)
  --kind K     graphs, operators (default: both, one graph for nine operators) or bytes
  --save DIR   where reduced failures go (default: test/fuzz/found)`

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    from: { type: 'string', default: '0' },
    kind: { type: 'string' },
    save: { type: 'string', default: join(process.cwd(), 'test/fuzz/found') },
    help: { type: 'boolean' },
  },
})

async function main(): Promise<number> {
  const [count, seed, from] = [values.count, values.seed, values.from].map(Number) as [number, number, number]
  const known = [...Object.keys(KINDS), 'bytes', undefined]
  if (values.help || ![count, seed, from].every(Number.isInteger) || !known.includes(values.kind)) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const log = (line: string): void => console.log(line)
  if (values.kind === 'bytes') return bytes({ seed, from, count, compileEvery: 50, folder: `${values.save}/bytes`, log })
  const graphs = Math.ceil(count / 10)
  const parts: [DifferentialKind, number][] = values.kind
    ? [[values.kind as DifferentialKind, count]]
    : [
        ['graphs', graphs],
        ['operators', count - graphs],
      ]
  let failures = 0
  for (const [kind, part] of parts) {
    const tally = await runDifferential({ kind, seed, from, count: part, folder: values.save, log })
    failures += tally.failures
  }
  return failures > 0 ? 1 : 0
}

function bytes(run: Parameters<typeof runBytes>[0]): number {
  const { failures, ...counts } = runBytes(run)
  console.log(
    `bytes seed ${run.seed}, cases ${run.from} to ${run.from + run.count - 1}: ${failures.length} failures, ${JSON.stringify(counts)}`,
  )
  return failures.length > 0 || counts.peakBytes > MOST_BYTES ? 1 : 0
}

process.exitCode = await main()
