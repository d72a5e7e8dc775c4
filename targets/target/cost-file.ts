/** The files that `tune` writes and `compile --cost-model` reads. They are JSON with the prices of some targets. */

import { type CostModel, type Prices, UNITS } from './cost.ts'
import { TARGETS, targetNamed } from './target.ts'

const SCHEMA = 'mobilenet-compile/cost-model/1'

/** `machine`: where the prices are from, for people. */
export function formatCostModel(machine: string, targets: CostModel): string {
  return `${JSON.stringify({ schema: SCHEMA, machine, unit: 'picoseconds', targets }, null, 2)}\n`
}

/** The prices that `text` holds, of all targets or of some. Throws an `Error` that says what is wrong. */
export function parseCostModel(text: string): CostModel {
  const { schema, targets } = parseJson(text)
  if (schema !== SCHEMA) throw new Error(`is not a cost model: its "schema" is not ${JSON.stringify(SCHEMA)}`)
  if (!isRecord(targets)) throw new Error('has no "targets"')
  for (const [name, prices] of Object.entries(targets)) {
    if (!targetNamed(name)) throw new Error(`has a target ${JSON.stringify(name)}, expected ${TARGETS.map((t) => t.name).join(', ')}`)
    checkPrices(name, prices)
  }
  return targets as CostModel
}

function checkPrices(name: string, prices: unknown): asserts prices is Prices {
  if (!isRecord(prices)) throw new Error(`has no prices for ${name}`)
  for (const key of Object.keys(prices)) if (!Object.hasOwn(UNITS, key)) throw new Error(`prices ${JSON.stringify(key)}, which is no unit`)
  for (const unit of Object.keys(UNITS)) {
    const price = prices[unit]
    if (typeof price === 'number' && price >= 0 && Number.isFinite(price)) continue
    throw new Error(`${name}.${unit}: expected a price of at least 0 picoseconds, got ${JSON.stringify(price)}`)
  }
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    throw new Error('is not JSON')
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
