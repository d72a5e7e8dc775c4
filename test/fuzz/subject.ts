/** What the compiled module computes, and what the interpreter does. */

import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { seeded } from '../../compiler/running/seeded.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import type { Prices } from '../../targets/target/cost.ts'
import { type Target, targetNamed } from '../../targets/target/target.ts'
import { type FuzzCase, modelOf } from './case.ts'

export type Result = { readonly tensors: readonly Tensor[] } | { readonly refused: string }

/** Runs a case; anything thrown but diagnostics is thrown on. */
export type Executor = (c: FuzzCase, inputs: readonly Tensor[]) => Result

export const compiled: Executor = (c, inputs) =>
  orRefused(() => {
    const imported = importModel(modelOf(c))
    const graph = c.plain ? imported : optimise(imported)
    const { modules, weights } = linkGraph(graph, { targets: [targetOf(c)] })
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

/** The case's target, with every price times a power of two from −8 to 8 where the case says so. */
function targetOf({ target, prices: seed }: FuzzCase): Target {
  const row = targetNamed(target)
  if (seed === undefined) return row
  const random = seeded(seed)
  const bent = Object.entries(row.prices).map(([unit, price]) => [unit, price * 2 ** (random.integer(17) - 8)])
  return { ...row, prices: Object.fromEntries(bent) as Prices }
}
