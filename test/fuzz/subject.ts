/** What the compiled module computes, and what the interpreter does. */

import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { seeded } from '../../compiler/running/seeded.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { COST_MODEL, type CostModel, type Prices } from '../../targets/target/cost.ts'
import { type FuzzCase, modelOf } from './case.ts'

export type Result = { readonly tensors: readonly Tensor[] } | { readonly refused: string }

/** Runs a case; anything thrown but diagnostics is thrown on. */
export type Executor = (c: FuzzCase, inputs: readonly Tensor[]) => Result

export const compiled: Executor = (c, inputs) =>
  orRefused(() => {
    const imported = importModel(modelOf(c))
    const graph = c.plain ? imported : optimise(imported)
    const { modules, weights } = linkGraph(graph, { targets: [c.target], costModel: costModelOf(c.prices) })
    return modules.map((module) => runModule(module, weights, inputs))[0] ?? []
  })

export const interpreted: Executor = (c, inputs) => orRefused(() => interpret(importModel(modelOf(c)), inputs))

function orRefused(run: () => readonly Tensor[]): Result {
  try {
    return { tensors: run() }
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return { refused: error.format() }
    throw error
  }
}

/** Every price times a power of two from −8 to 8. */
function costModelOf(seed: number | undefined): CostModel {
  if (seed === undefined) return COST_MODEL
  const random = seeded(seed)
  const bent = (prices: Prices): Prices =>
    Object.fromEntries(Object.entries(prices).map(([unit, price]) => [unit, price * 2 ** (random.integer(17) - 8)])) as Prices
  return { scalar: bent(COST_MODEL.scalar), simd128: bent(COST_MODEL.simd128), 'relaxed-simd': bent(COST_MODEL['relaxed-simd']) }
}
