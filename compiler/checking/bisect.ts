/** Finds the part of a compiled network that is wrong, by cutting the network after ever earlier layers. */

import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { type Graph, nodesOf, type ResultValue, type Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { formatType } from '../../ir/tensors/types.ts'
import type { Target } from '../../targets/target/target.ts'
import { linkGraph } from '../pipeline.ts'
import { type Comparison, compareTensors, type Tolerance } from '../running/compare.ts'
import { runModule } from '../running/run-module.ts'

export interface BisectOptions {
  readonly target: Target
  readonly tolerance: Tolerance
  readonly onTry?: (layer: string) => void
  /** Compiles a graph and runs it: outputs by position. Default: the compiler. */
  readonly run?: (graph: Graph, inputs: readonly Tensor[]) => readonly Tensor[]
}

export interface FirstDifference {
  readonly value: Value
  readonly comparison: Comparison
}

/**
 * The first node of `graph`, in execution order, whose compiled result differs from that of the interpreter, or
 * null. The search halves the list of nodes. It assumes that all results after a wrong one are wrong too.
 */
export function firstWrongNode(graph: Graph, inputs: readonly Tensor[], options: BisectOptions): FirstDifference | null {
  const wanted = new Map<Value, Tensor>()
  interpret(graph, inputs, { onResult: (value, tensor) => wanted.set(value, tensor) })
  const values = nodesOf(graph)
    .flatMap((node): readonly ResultValue[] => node.outputs)
    .filter((v) => v.type.dtype === 'float32')
  let found: FirstDifference | null = null
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const value = values[middle] as (typeof values)[number]
    options.onTry?.(describe(value))
    const comparison = compareCompiled(graph, value, wanted.get(value) as Tensor, inputs, options)
    if (comparison && !comparison.close) {
      found = { value, comparison }
      high = middle
    } else low = middle + 1
  }
  return found
}

/**
 * Compiles the network up to `value` and compares the result with `want`. It is null where the target cannot
 * have this value as an output.
 */
function compareCompiled(graph: Graph, value: Value, want: Tensor, inputs: readonly Tensor[], options: BisectOptions): Comparison | null {
  try {
    const cut = { ...graph, outputs: [{ name: 'cut', value }] }
    const [got] = options.run ? options.run(cut, inputs) : compileAndRun(cut, options.target, inputs)
    return compareTensors(got as Tensor, want, options.tolerance)
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return null
    throw error
  }
}

/** Outputs of an optimised graph, compiled for a target that this process can run. */
export function compileAndRun(graph: Graph, target: Target, inputs: readonly Tensor[]): Tensor[] {
  const { modules, weights } = linkGraph(graph, { targets: [target] })
  return runModule(modules[0] as (typeof modules)[number], weights, inputs)
}

/** Op, ONNX names and type of the layer that computes the value. */
export function describe(value: Value): string {
  if (value.kind !== 'result') return JSON.stringify(value.name)
  const { op, origins } = value.node
  return `${op} ${origins.map((o) => JSON.stringify(o)).join(' + ') || JSON.stringify(value.name)} → ${formatType(value.type)}`
}
