/**
 * Compiled modules touch only what they may. Every access is checked while each step of a network runs alone: it may
 * load from its own operands (and `READ_SLACK` past their ends) and store to its own buffers, but not to weights, to the
 * graph's inputs, or to any buffer of another step.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import binaryen from 'binaryen'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { optimise } from '../../compiler/pipeline.ts'
import { readNpy } from '../../compiler/running/npy.ts'
import { ARCHITECTURES } from '../../compiler/zoo/catalogue.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import { float32, type Tensor } from '../../ir/tensors/tensor.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { instantiate, type KernelExport } from '../kernels/engine.ts'
import { FULL, sample } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { testImages } from '../zoo/models.ts'
import { withChecks } from './checked.ts'
import { checkedRun } from './checked-run.ts'
import { RangeTable } from './range-table.ts'

/** The short form takes maps that no tile covers exactly; the full form real sizes. */
const [WIDTH, RESOLUTION] = FULL ? [1, 224] : [0.25, 51]

function zooGraph(name: string, width: number, resolution: number): { graph: Graph; inputs: Tensor[] } {
  const graph = optimise(importModel(createModel(name, { width, resolution, classes: 13 })))
  return { graph, inputs: [float32([1, 3, resolution, resolution], testImages(1, resolution, 5)[0] as Float32Array)] }
}

function expectInBounds(graph: Graph, inputs: readonly Tensor[], targets: readonly Target[] = TARGETS): void {
  for (const target of targets) {
    const { fault, outputs, expected } = checkedRun(graph, target, inputs)
    expect(fault, target.name).toBeNull()
    expect(outputs, target.name).toEqual(expected)
  }
}

describe('the zoo', () => {
  it.each(ARCHITECTURES.map((a) => a.name))('%s stays in bounds on every target', { timeout: 600_000 }, (name) => {
    const { graph, inputs } = zooGraph(name, WIDTH, RESOLUTION)
    expectInBounds(graph, inputs)
  })
})

describe('the checks', () => {
  /** Functions of an address, which each touch so many bytes from an offset on. */
  const accesses: readonly (readonly [text: string, kind: 'load' | 'store', offset: number, bytes: number])[] = [
    ['(drop (i32.load8_u offset=3 (local.get 0)))', 'load', 3, 1],
    ['(drop (f64.load (local.get 0)))', 'load', 0, 8],
    ['(drop (v128.load offset=16 (local.get 0)))', 'load', 16, 16],
    ['(drop (v128.load32_splat (local.get 0)))', 'load', 0, 4],
    ['(drop (v128.load64_zero (local.get 0)))', 'load', 0, 8],
    ['(drop (v128.load16_lane 3 (local.get 0) (v128.const i32x4 0 0 0 0)))', 'load', 0, 2],
    ['(i64.store16 (local.get 0) (i64.const 7))', 'store', 0, 2],
    ['(f32.store offset=4 (local.get 0) (f32.const 1))', 'store', 4, 4],
    ['(v128.store (local.get 0) (v128.const i32x4 1 2 3 4))', 'store', 0, 16],
    ['(v128.store8_lane 9 (local.get 0) (v128.const i32x4 1 2 3 4))', 'store', 0, 1],
    ['(memory.fill (local.get 0) (i32.const 1) (i32.const 33))', 'store', 0, 33],
    ['(memory.copy (local.get 0) (i32.const 4096) (i32.const 33))', 'store', 0, 33],
    ['(memory.copy (i32.const 4096) (local.get 0) (i32.const 33))', 'load', 0, 33],
  ]

  it.each(accesses)('%s is a %s of what it touches', (text, kind, offset, bytes) => {
    const { touch, ranges } = checkedAccess(text)
    const other = [{ start: 4096, end: 4129 }]
    const allow = (start: number, end: number): void => {
      for (const k of ['load', 'store'] as const) ranges.allow(k, k === kind ? [...other, { start, end }] : other)
    }
    const start = 100 + offset
    allow(start, start + bytes)
    touch(100)
    for (const address of [99, 101, -1]) expect(() => touch(address), `${address}`).toThrow(/unreachable/)
    expect(ranges.fault).toBe(`${bytes} bytes at ${2 ** 32 - 1 + offset}`)
    allow(start, start + bytes - 1)
    expect(() => touch(100)).toThrow(/unreachable/)
  })

  it.each(TARGETS)('notice operands that are longer than allowed ($name)', (target) => {
    const { graph, inputs } = zooGraph('mobilenet-v2', 0.1, 32)
    expect(checkedRun(graph, target, inputs, 4096).fault).toMatch(/^step 0, .*: \d+ bytes at \d+$/)
  })
})

function checkedAccess(text: string): { touch: (address: number) => void; ranges: RangeTable } {
  const module = binaryen.parseText(`(module (memory (export "memory") 1 1) (func (export "touch") (param i32) ${text}))`)
  module.setFeatures(binaryen.Features.All)
  const { wasm, table } = withChecks(module.emitBinary())
  module.dispose()
  const { memory, exports } = instantiate(wasm)
  return { touch: exports.touch as KernelExport, ranges: new RangeTable(memory.buffer as ArrayBuffer, table) }
}

const root = sharedData('exported')

describe.skipIf(!root)('graphs of real exporters', () => {
  const names = root ? readdirSync(root).filter((name) => existsSync(join(root, name, 'input_0.npy'))) : []

  const cases = names.flatMap((name) => TARGETS.map((target) => [name, target.name, target] as const))
  /** The short form takes a fifth of the graphs, each on one target; the targets take turns. */
  const chosen = sample(cases, (_, i) => i % (5 * TARGETS.length) === Math.floor(i / (5 * TARGETS.length)) % TARGETS.length)

  it.each(chosen)('%s stays in bounds on %s, or is refused', { timeout: 120_000 }, (name, _, target) => {
    const folder = join(root as string, name)
    const input = readNpy(readFileSync(join(folder, 'input_0.npy')))
    const graph = importedOrNull(folder, input)
    if (graph) expectInBounds(graph, [input], [target])
  })
})

function importedOrNull(folder: string, input: Tensor): Graph | null {
  const options = {
    inputShapes: [{ shape: input.type.shape }],
    externalData: (name: string): Uint8Array => readFileSync(join(folder, name)),
  }
  try {
    return optimise(importModel(readFileSync(join(folder, 'model.onnx')), options))
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return null
    throw error
  }
}
