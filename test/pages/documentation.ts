/** The code of `docs/using-a-bundle.md`, so that what it says is what the tests run. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const TEXT = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'using-a-bundle.md'), 'utf8')
const BLOCKS = [...TEXT.matchAll(/^```(?:js)?\n(.*?)^```$/gms)].map((match) => ({ at: match.index, code: match[1] as string }))

/** The block whose code contains `mark`, the first one below `heading`. Throws where there is none. */
export function documented(heading: string, mark = ''): string {
  const start = TEXT.indexOf(`\n## ${heading}\n`)
  const block = BLOCKS.find(({ at, code }) => start >= 0 && at > start && code.includes(mark))
  if (!block) throw new Error(`no code with ${JSON.stringify(mark)} under ${heading}`)
  return block.code
}
