/** Counts of verdicts, and why cases were refused. */

import type { Verdict } from './judge.ts'

export class Tally {
  readonly #counts = new Map<Verdict['kind'], number>()
  readonly #reasons = new Map<string, number>()
  #total = 0

  add({ kind, detail }: Verdict): void {
    this.#total++
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    if (kind !== 'refused') return
    const reason = reasonOf(detail)
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }

  count(kind: Verdict['kind']): number {
    return this.#counts.get(kind) ?? 0
  }

  get total(): number {
    return this.#total
  }

  get failures(): number {
    return this.count('wrong') + this.count('crash') + this.count('slow')
  }

  line(): string {
    return [...this.#counts].map(([kind, n]) => `${n} ${kind}`).join(', ')
  }

  /** Refusals by reason, most frequent first, with their share of all cases. */
  refusals(): string {
    return [...this.#reasons]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, n]) => `  ${((100 * n) / this.#total).toFixed(2)} %  ${reason}`)
      .join('\n')
  }
}

/** The operator and the message, without names and numbers. */
function reasonOf(detail: string): string {
  const [line = ''] = detail.split('\n')
  return line
    .replace(/ "[^"]*" \([^)]*\):/, ':')
    .replace(/"[^"]*"/g, '…')
    .replace(/[iuf]\d+\[[\d,]*\]|bool\[[\d,]*\]/g, (t) => t.replace(/\[.*/, '[]'))
    .replace(/\[[\d,-]*\]/g, '[…]')
    .replace(/-?\d+(?![\d]*\[)/g, 'n')
}
