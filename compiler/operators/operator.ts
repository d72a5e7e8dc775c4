/** Import rules by operator and opset version. */

import type { Value } from '../../ir/graph/graph.ts'
import type { NodeImport } from './node-import.ts'

/** The IR values of a node's outputs, with null for an output that nothing reads. */
export type Outputs = Value | readonly (Value | null)[]

export interface ImportRule {
  /** The opset version from which on the rule holds, until the operator's next rule. */
  readonly since: number
  readonly minInputs: number
  readonly maxInputs: number
  readonly maxOutputs: number
  readonly run: (node: NodeImport) => Outputs
}

export type OperatorRules = Readonly<Record<string, readonly ImportRule[]>>

/** The number of inputs: a fixed number, or the least and the most. */
type Inputs = number | readonly [min: number, max: number]

/** The rule of an operator from an opset version on. `inputs` is how many it takes: a number, or the least and the most. */
export function since(version: number, inputs: Inputs, run: (node: NodeImport) => Outputs, maxOutputs = 1): ImportRule {
  const [minInputs, maxInputs] = typeof inputs === 'number' ? [inputs, inputs] : inputs
  return { since: version, minInputs, maxInputs, maxOutputs, run }
}

/** The rule of the highest version that is not above `opset`, or null. */
export function ruleFor(rules: readonly ImportRule[], opset: number): ImportRule | null {
  return rules.reduce<ImportRule | null>((best, rule) => (rule.since <= opset && rule.since > (best?.since ?? 0) ? rule : best), null)
}
