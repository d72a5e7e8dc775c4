/**
 * Checks whether a compiled model computes what a reference says. If it does not, this finds out where it goes
 * wrong.
 */

import { InternalError } from '../../ir/diagnostics.ts'
import type { Graph, Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { sameShape } from '../../ir/tensors/types.ts'
import type { Target } from '../../targets/target/target.ts'
import { optimise } from '../pipeline.ts'
import { type Comparison, compareTensors, formatComparison, type Tolerance } from '../running/compare.ts'
import { compileAndRun, describe, firstWrongNode } from './bisect.ts'
import { PassCheck } from './check-passes.ts'

export interface VerifyInput {
  /** The graph as it was imported. */
  readonly graph: Graph
  readonly inputs: readonly Tensor[]
  /**
   * Reference tensors by the names of values. These may be outputs or any values in between. Shapes must be
   * those of the values.
   */
  readonly references: ReadonlyMap<string, Tensor>
  readonly targets: readonly Target[]
  readonly tolerance: Tolerance
  readonly onProgress?: (what: string) => void
}

export interface OutputCheck {
  /** Name of the target. */
  readonly target: string
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

/**
 * Compiles the graph for every target, runs it on the inputs, and compares the outputs with the
 * references. Where one is off, it is diagnosed.
 */
export function verifyModel(input: VerifyInput): Verification {
  const { graph, targets, onProgress } = input
  onProgress?.('optimise')
  const optimised = optimise(graph)
  const runs = targets.map((target) => ({ target, outputs: runTarget(optimised, target, input) }))
  const checks = runs.flatMap((run) => compareOutputs(run, input))
  const failed = checks.find((c) => !c.comparison.close)
  const intermediates = [...input.references.keys()].filter((name) => !graph.outputs.some((o) => o.name === name)).length
  if (!failed && intermediates === 0) return { ok: true, checks, intermediates, diagnosis: null }
  onProgress?.('interpret')
  const { outputs: interpreted, first } = trace(input)
  const ok = !failed && !first
  const run = runs.find((r) => r.target.name === failed?.target)
  const lines = [
    ...(run ? [diagnoseCompiled(optimised, run, interpreted, input)] : []),
    ...(first && intermediates > 0 ? [`The first layer that differs from its reference is ${layerOf(first)}. ${BLAME_IMPORT}`] : []),
    ...(first && intermediates === 0 ? [`${BLAME_IMPORT} A folder with one .npy per value as reference would show where.`] : []),
  ]
  return { ok, checks, intermediates, diagnosis: ok ? null : lines.filter(Boolean).join('\n') }
}

const BLAME_IMPORT = 'The reference interpreter, which runs the model as imported, gives this too: either import or reference is wrong.'

interface TargetRun {
  readonly target: Target
  readonly outputs: readonly Tensor[]
}

function runTarget(optimised: Graph, target: Target, { inputs, onProgress }: VerifyInput): Tensor[] {
  onProgress?.(`compile and run ${target.name}`)
  return compileAndRun(optimised, target, inputs)
}

function compareOutputs({ target, outputs }: TargetRun, { graph, references, tolerance }: VerifyInput): OutputCheck[] {
  return graph.outputs.flatMap(({ name }, i) => {
    const want = references.get(name)
    return want ? [{ target: target.name, output: name, comparison: compareTensors(outputs[i] as Tensor, want, tolerance) }] : []
  })
}

interface TracedDifference {
  readonly value: Value
  readonly comparison: Comparison
}

/** Interprets the model as imported; `first` is the first value that is not as its reference. */
function trace({ graph, inputs, references, tolerance }: VerifyInput): { outputs: Tensor[]; first: TracedDifference | null } {
  const differences: TracedDifference[] = []
  const names = new Map(graph.outputs.map((o) => [o.value, o.name]))
  const onResult = (value: Value, got: Tensor): void => {
    const want = references.get(names.get(value) ?? value.name)
    if (differences.length > 0 || !want || !sameType(want, got)) return
    const comparison = compareTensors(got, want, tolerance)
    if (!comparison.close) differences.push({ value, comparison })
  }
  const outputs = interpret(graph, inputs, { onResult })
  return { outputs, first: differences[0] ?? null }
}

/** A value and its transposed copy may have one name; only one of them has the reference's shape. */
function sameType(a: Tensor, b: Tensor): boolean {
  return a.type.dtype === b.type.dtype && sameShape(a.type.shape, b.type.shape)
}

/** Explains why the compiled network differs from the interpreter. It is empty where it does not. */
function diagnoseCompiled(optimised: Graph, { target, outputs }: TargetRun, interpreted: readonly Tensor[], input: VerifyInput): string {
  const { tolerance, onProgress } = input
  if (outputs.every((got, i) => compareTensors(got, interpreted[i] as Tensor, tolerance).close)) return ''
  const pass = wrongPass(input)
  if (pass) return `Bug of the compiler: ${pass}.`
  const wrong = firstWrongNode(optimised, input.inputs, { target, tolerance, onTry: (layer) => onProgress?.(`try ${layer}`) })
  if (wrong)
    return `Bug of the compiler: the first layer that, compiled for ${target.name}, differs from the interpreter is ${layerOf(wrong)}.`
  return `No single layer compiled for ${target.name} differs from the interpreter, only their sum: try a wider tolerance.`
}

function layerOf({ value, comparison }: TracedDifference): string {
  return `${describe(value)}: ${formatComparison(comparison)}`
}

/** A sentence about the first pass that changes the outputs, or null. */
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
