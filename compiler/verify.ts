/** Whether a compiled model computes what a reference says, and if not, where it goes wrong. */

import { InternalError } from '../ir/diagnostics.ts'
import type { Graph, Value } from '../ir/graph.ts'
import { interpret } from '../ir/interpret.ts'
import type { Tensor } from '../ir/tensor.ts'
import { formatType, sameShape } from '../ir/types.ts'
import type { TargetName } from '../targets/target.ts'
import { describe, firstWrongNode } from './bisect.ts'
import { PassCheck } from './check-passes.ts'
import { type Comparison, compareTensors, formatComparison, type Tolerance } from './compare.ts'
import { linkGraph, optimise } from './pipeline.ts'
import { runModule } from './run-module.ts'

export interface VerifyInput {
  /** As imported. */
  readonly graph: Graph
  readonly inputs: readonly Tensor[]
  /** By value name; of outputs, or of any value in between. Shapes are the values' own. */
  readonly references: ReadonlyMap<string, Tensor>
  readonly targets: readonly TargetName[]
  readonly tolerance: Tolerance
  readonly onProgress?: (what: string) => void
}

export interface OutputCheck {
  readonly target: TargetName
  readonly output: string
  readonly comparison: Comparison
}

export interface Verification {
  readonly ok: boolean
  readonly checks: readonly OutputCheck[]
  /** How many references name a value between inputs and outputs. */
  readonly intermediates: number
  /** Where it goes wrong, in words; null if nothing does. */
  readonly diagnosis: string | null
}

export function verifyModel(input: VerifyInput): Verification {
  const { graph, targets, onProgress } = input
  onProgress?.('optimise')
  const optimised = optimise(graph)
  const checks = targets.flatMap((target) => checkTarget(optimised, target, input))
  const failed = checks.find((c) => !c.comparison.close)
  const inner = [...input.references.keys()].filter((name) => !graph.outputs.some((o) => o.name === name))
  if (!failed && inner.length === 0) return { ok: true, checks, intermediates: 0, diagnosis: null }
  onProgress?.('interpret')
  const traced = traceReferences(input)
  const diagnosis = failed || traced ? diagnose(optimised, failed ?? null, traced, input) : null
  return { ok: !failed && !traced, checks, intermediates: inner.length, diagnosis }
}

function checkTarget(optimised: Graph, target: TargetName, { inputs, references, tolerance, onProgress }: VerifyInput): OutputCheck[] {
  onProgress?.(`compile and run ${target}`)
  const { modules, weights } = linkGraph(optimised, { targets: [target] })
  const got = runModule(modules[0] as (typeof modules)[number], weights, inputs)
  return optimised.outputs.flatMap(({ name }, i) => {
    const want = references.get(name)
    return want ? [{ target, output: name, comparison: compareTensors(got[i] as Tensor, want, tolerance) }] : []
  })
}

interface TracedDifference {
  readonly value: Value
  readonly comparison: Comparison
}

/** The first value of the model as imported that the interpreter computes otherwise than its reference. */
function traceReferences({ graph, inputs, references, tolerance }: VerifyInput): TracedDifference | null {
  let first: TracedDifference | null = null
  const names = new Map(graph.outputs.map((o) => [o.value, o.name]))
  const onResult = (value: Value, got: Tensor): void => {
    const want = references.get(names.get(value) ?? value.name)
    if (first || !want || want.type.dtype !== got.type.dtype || !sameShape(want.type.shape, got.type.shape)) return
    const comparison = compareTensors(got, want, tolerance)
    if (!comparison.close) first = { value, comparison }
  }
  interpret(graph, inputs, { onResult })
  return first
}

function diagnose(optimised: Graph, failed: OutputCheck | null, traced: TracedDifference | null, input: VerifyInput): string {
  if (traced) {
    return [
      `The reference interpreter, which runs the model as imported, differs from the reference too, first at ${describe(traced.value)}:`,
      `${formatComparison(traced.comparison)}. So the import of this layer or the reference is wrong, not the compiled code.`,
    ].join('\n')
  }
  if (!failed) throw new InternalError('nothing to diagnose')
  const pass = wrongPass(input)
  if (pass) return `The passes changed the network: ${pass}. This is a bug of the compiler.`
  const { tolerance, onProgress } = input
  const wrong = firstWrongNode(optimised, input.inputs, {
    target: failed.target,
    tolerance,
    onTry: (layer) => onProgress?.(`try ${layer}`),
  })
  if (!wrong) return `No single layer compiled for ${failed.target} differs from the interpreter: rounding adds up. Try a wider tolerance.`
  return `Compiled for ${failed.target}, the first layer that differs from the interpreter is ${wrong.layer}:\n${formatComparison(wrong.comparison)}. This is a bug of the compiler.`
}

/** What the first pass that moves the outputs does, or null. */
function wrongPass({ graph, inputs, onProgress }: VerifyInput): string | null {
  const check = new PassCheck((pass) => onProgress?.(`check pass ${pass}`), inputs)
  try {
    check.events.onImport(graph)
    optimise(graph, check.events)
    return null
  } catch (error) {
    if (error instanceof InternalError) return error.message
    throw error
  }
}

/** One line per check. */
export function formatCheck({ target, output, comparison }: OutputCheck): string {
  return `${target} ${JSON.stringify(output)}: ${formatComparison(comparison)}`
}

/** Throws where a reference is of another type than the value it is for. */
export function typeProblem(want: Tensor, value: Value): string | null {
  const fits = want.type.dtype === value.type.dtype && sameShape(want.type.shape, value.type.shape)
  return fits ? null : `is ${formatType(want.type)}, but the value is ${formatType(value.type)}`
}
