/** Cases that failed once. They stay, and every run of the tests replays them. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FuzzCase } from './case.ts'

/** By name; what was wrong is in `was`. */
export interface FoundCase {
  readonly was: string
  readonly case: FuzzCase
}

export function foundCases(folder: string): Map<string, FoundCase> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
  return new Map(
    names.sort().map((name) => [name.replace(/\.json$/, ''), JSON.parse(readFileSync(join(folder, name), 'utf8')) as FoundCase]),
  )
}

/** Returns the path. */
export function saveFound(folder: string, name: string, found: FoundCase): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.json`)
  writeFileSync(path, `${format(found)}\n`)
  return path
}

/** JSON with a line for each tensor and node. */
export function format(value: unknown, indent = ''): string {
  const line = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || line.length + indent.length < 120) return spaced(line)
  const inner = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((v) => inner + format(v, inner))
    : Object.entries(value).map(([k, v]) => `${inner}${JSON.stringify(k)}: ${format(v, inner)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

/** As the formatter writes one line. */
function spaced(line: string): string {
  const text = line.replace(/("(?:[^"\\]|\\.)*")|([:,])|([{}])/g, (_, string, mark, brace) => {
    if (string !== undefined) return string
    if (mark !== undefined) return `${mark} `
    return brace === '{' ? '{ ' : ' }'
  })
  return text.replace('{  }', '{}')
}
