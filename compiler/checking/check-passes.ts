/** Implements `--check`. It interprets the graph after every pass and compares the outputs. */

import { InternalError } from '../../ir/diagnostics.ts'
import { type Graph, nodesOf } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { isFloat, type TensorType } from '../../ir/tensors/types.ts'
import type { CompileEvents } from '../pipeline.ts'
import { compareTensors, formatComparison, TOLERANCES, type Tolerance } from '../running/compare.ts'
import { seededInputs } from '../running/seeded.ts'

export class PassCheck {
  readonly #given: readonly Tensor[] | null
  #inputs: readonly Tensor[] = []
  #want: readonly Tensor[] = []
  #last: Graph | null = null
  #half = false
  readonly #onChecked: (pass: string) => void

  /**
   * `onChecked` is called after each pass that did not change the outputs. Without `inputs`, seeded ones are
   * used.
   */
  constructor(onChecked: (pass: string) => void = () => {}, inputs: readonly Tensor[] | null = null) {
    this.#onChecked = onChecked
    this.#given = inputs
  }

  readonly events = {
    onImport: (graph: Graph) => this.#begin(graph),
    onPass: (pass: string, graph: Graph) => this.#compare(pass, graph),
  } satisfies CompileEvents

  #begin(graph: Graph): void {
    this.#inputs = this.#given ?? seededInputs(graph)
    this.#want = interpret(graph, this.#inputs)
    this.#last = graph
    this.#half = nodesOf(graph).some((node) => node.outputs.some((v) => v.type.dtype === 'float16'))
  }

  #tolerance({ dtype }: TensorType): Tolerance {
    if (!isFloat(dtype)) return TOLERANCES.exact
    return this.#half ? TOLERANCES.approx : TOLERANCES.rounding
  }

  /** Throws `InternalError` naming the pass that moved an output beyond its tolerance. */
  #compare(pass: string, graph: Graph): void {
    const outputs = graph === this.#last ? this.#want : interpret(graph, this.#inputs)
    this.#last = graph
    outputs.forEach((got, i) => {
      const comparison = compareTensors(got, this.#want[i] as Tensor, this.#tolerance(got.type))
      if (comparison.close) return
      throw new InternalError(`pass ${pass} changes output ${JSON.stringify(graph.outputs[i]?.name)}: ${formatComparison(comparison)}`)
    })
    this.#onChecked(pass)
  }
}
