/** Runs a network step by step, with every access to memory checked against the operands of its step. */

import { linkGraph } from '../../compiler/pipeline.ts'
import { instantiate, runModule } from '../../compiler/running/run-module.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { Tensor, TensorData } from '../../ir/tensors/tensor.ts'
import type { LinkableSchedule } from '../../targets/linking/link.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import { packWeights, placeWeights } from '../../targets/linking/weights.ts'
import { READ_SLACK, type Step } from '../../targets/schedule/schedule.ts'
import type { Target } from '../../targets/target/target.ts'
import { withChecks } from './checked.ts'
import { type Range, RangeTable } from './range-table.ts'

export interface CheckedRun {
  readonly steps: number
  /** The first step that touched what is not its own, and where; null if none did. */
  readonly fault: string | null
  /** By position. */
  readonly outputs: readonly TensorData[]
  /** The same network's, run as it is. */
  readonly expected: readonly TensorData[]
}

/** `shrink` is taken off the end of everything that a step may touch, to see that the checks check. */
export function checkedRun(graph: Graph, target: Target, inputs: readonly Tensor[], shrink = 0): CheckedRun {
  let planned: LinkableSchedule | undefined
  const { modules, weights } = linkGraph(graph, { targets: [target], profile: true, onSchedule: (_, s) => (planned = s) })
  const [schedule, compiled] = [planned as LinkableSchedule, modules[0] as CompiledModule]
  const { wasm, table } = withChecks(compiled.wasm)
  const live = instantiate({ ...compiled, wasm }, weights)
  live.inputs.forEach((view, i) => {
    view.set((inputs[i] as Tensor).data as never)
  })
  const ranges = new RangeTable(live.outputs[0]?.buffer as ArrayBuffer, table)
  const allowed = rangesOf(schedule, compiled, shrink)
  const fault = firstFault(schedule.steps, (step, i) => {
    const { load, store } = allowed(step)
    ranges.allow('load', load)
    ranges.allow('store', store)
    live.step?.(i)
  })
  return {
    steps: schedule.steps.length,
    fault: fault && `${fault}: ${ranges.fault}`,
    outputs: live.outputs.map((view) => view.slice()),
    expected: runModule(compiled, weights, inputs).map((t) => t.data),
  }
}

function firstFault(steps: readonly Step[], run: (step: Step, index: number) => void): string | null {
  for (const [i, step] of steps.entries()) {
    try {
      run(step, i)
    } catch (error) {
      return `step ${i}, ${step.fn} of ${step.origins.join(', ')}: ${error}`
    }
  }
  return null
}

/** What a step may touch as part 0. The slack is for loads only; constants and the graph's inputs are never written. */
function rangesOf(
  schedule: LinkableSchedule,
  { inputs, weightBytes }: CompiledModule,
  shrink: number,
): (step: Step) => { readonly load: Range[]; readonly store: Range[] } {
  const [port, input] = [schedule.inputs[0], inputs[0]]
  const arena = port && input ? input.address - (schedule.offsets[port.buffer] as number) : 0
  const { addresses } = placeWeights(schedule, packWeights([schedule]), arena - weightBytes)
  const sizes = new Map(schedule.blobs.map((b) => [b.key, b.bytes.length]))
  const given = new Set(schedule.inputs.map((p) => p.buffer))
  const range = (start: number, bytes: number): Range => ({ start, end: start + bytes - shrink })
  return ({ operands }) => {
    const load: Range[] = []
    const store: Range[] = []
    for (const o of operands) {
      if (o.kind === 'blob') load.push(range(addresses.get(o.key) as number, (sizes.get(o.key) as number) + READ_SLACK))
      if (o.kind !== 'buffer' && o.kind !== 'scratch') continue
      const start = arena + (schedule.offsets[o.buffer] as number)
      const bytes = o.kind === 'scratch' ? o.bytes : (schedule.buffers[o.buffer]?.bytes as number)
      load.push(range(start, bytes + READ_SLACK))
      if (!given.has(o.buffer)) store.push(range(start, bytes))
    }
    return { load, store }
  }
}
