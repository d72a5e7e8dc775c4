import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OLDEST_OPSET, OPERATORS } from '../../compiler/operators/index.ts'

const TEXT = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8')

/** `| Clip | 7, 11 |`: the opsets from which on each rule holds. */
function rows(): string[] {
  return [...OPERATORS]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, rules]) => {
      const versions = [...new Set(rules.map((rule) => Math.max(OLDEST_OPSET, rule.since)))].sort((a, b) => a - b)
      return `| ${name} | ${versions.join(', ')} |`
    })
}

describe('docs/operators.md', () => {
  it('lists the operators that have rules, with the opsets from which on each rule holds', () => {
    const listed = TEXT.split('\n').filter((line) => /^\| [A-Z]/.test(line) && !line.startsWith('| Operator'))
    expect(listed).toEqual(rows())
  })
})
