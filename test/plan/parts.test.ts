/**
 * Whole networks in parts: the ranges of every step run in an order of no meaning, each with the scratch memory of a
 * part, and give the bits of `run()`. Scratch memory is poisoned before each range, and that of other parts stays so.
 */

import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise, schedule } from '../../compiler/pipeline.ts'
import { instantiate, type LiveModule } from '../../compiler/running/run-module.ts'
import { seeded, seededInputs } from '../../compiler/running/seeded.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { LinkableSchedule } from '../../targets/linking/link.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import type { Step } from '../../targets/schedule/schedule.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { deepLabModel } from '../models/deeplab.ts'
import { sample } from '../run/short-form.ts'
import { quickModel } from '../zoo/models.ts'

const POISON = 0xff
const SMALL = { width: 0.25, resolution: 63, classes: 7 }

const NETWORKS: Readonly<Record<string, () => Uint8Array>> = {
  'mobilenet-v1': () => createModel('mobilenet-v1', SMALL),
  'mobilenet-v2': () => createModel('mobilenet-v2', SMALL),
  'mobilenet-v3-large': () => createModel('mobilenet-v3-large', SMALL),
  'mobilenet-v3-small': () => createModel('mobilenet-v3-small', SMALL),
  'mobilenet-v2 on three images': () => createModel('mobilenet-v2', { ...SMALL, batch: 3 }),
  DeepLabV3: deepLabModel,
}

/** The target with prices under which everything that can be fused is. */
function fusing(target: Target): Target {
  return { ...target, prices: { ...target.prices, rowCall: 0, call: 2e6 } }
}

/** A network linked to run in parts, in memory. */
class PartwiseRun {
  readonly #schedule: LinkableSchedule
  readonly #live: LiveModule
  readonly #memory: Uint8Array
  readonly #arena: number

  constructor(graph: Graph, target: Target, parts: number) {
    let planned: LinkableSchedule | undefined
    const { modules, weights } = linkGraph(graph, { targets: [target], parts, onSchedule: (_, s) => (planned = s) })
    const module = modules[0] as CompiledModule
    this.#schedule = planned as LinkableSchedule
    this.#live = instantiate(module, weights)
    this.#memory = new Uint8Array(this.#live.outputs[0]?.buffer as ArrayBuffer)
    this.#arena = (module.inputs[0]?.address as number) - (this.#schedule.offsets[this.#schedule.inputs[0]?.buffer as number] as number)
    seededInputs(graph).forEach(({ data }, i) => {
      this.#live.inputs[i]?.set(data as never)
    })
  }

  /** The outputs of `run()`. */
  whole(): Uint8Array[] {
    this.#live.run()
    return this.#outputs()
  }

  /** The outputs of all steps in parts, and how many steps used scratch memory. */
  inParts(random: () => number): { outputs: Uint8Array[]; withScratch: number } {
    for (const view of this.#live.outputs) new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(POISON)
    this.#schedule.steps.forEach((step, index) => {
      for (const [i, [begin, end]] of shuffled(cut(step.extent, random), random)) {
        this.#range(step, index, i % this.#schedule.parts, begin, end)
      }
    })
    return { outputs: this.#outputs(), withScratch: this.#schedule.steps.filter((s) => this.#scratchOf(s, 0).length > 0).length }
  }

  #range(step: Step, index: number, part: number, begin: number, end: number): void {
    const parts = Array.from({ length: this.#schedule.parts }, (_, p) => this.#scratchOf(step, p))
    for (const memory of parts.flat()) memory.fill(POISON)
    this.#live.part?.(index, part, begin, end)
    const written = parts.findIndex((own, p) => p !== part && own.some((memory) => memory.some((byte) => byte !== POISON)))
    expect(written, `${step.fn} as part ${part} wrote to the scratch memory of another`).toBe(-1)
  }

  #scratchOf({ operands }: Step, part: number): Uint8Array[] {
    return operands.flatMap((o) => {
      if (o.kind !== 'scratch') return []
      const start = this.#arena + (this.#schedule.offsets[o.buffer] as number) + part * o.bytes
      return [this.#memory.subarray(start, start + o.bytes)]
    })
  }

  #outputs(): Uint8Array[] {
    return this.#live.outputs.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice())
  }
}

/** [0, extent) in uneven ranges, some of one. */
function cut(extent: number, random: () => number): [number, number][] {
  const cuts = [0, 1, ...Array.from({ length: 5 }, () => Math.floor(random() * extent)), extent]
  const sorted = [...new Set(cuts)].sort((a, b) => a - b)
  return sorted.slice(1).map((end, i) => [sorted[i] as number, end])
}

function shuffled<T>(items: readonly T[], random: () => number): [number, T][] {
  return items
    .map((item, i) => ({ item, i, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item, i }) => [i, item])
}

/** What the short form runs: inverted residuals, gates, several images. */
const SHORT = ['mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v2 on three images']

describe.each(sample(Object.entries(NETWORKS), ([name]) => SHORT.includes(name)))('%s', (_, model) => {
  const graph = optimise(importModel(model()))

  it.each(TARGETS)('has the same bits in parts, $name', { timeout: 300_000 }, (target) => {
    const random = seeded(11).uniform
    for (const [parts, row] of [
      [1, fusing(target)],
      [3, fusing(target)],
      [4, target],
    ] as const) {
      const network = new PartwiseRun(graph, row, parts)
      const expected = network.whole()
      const { outputs, withScratch } = network.inParts(random)
      outputs.forEach((output, i) => {
        expect(Buffer.compare(output, expected[i] as Uint8Array), `output ${i} in ${parts} parts`).toBe(0)
      })
      if (target.simd && row !== target) expect(withScratch).toBeGreaterThan(0)
    }
  })
})

/** Multiply-adds of a step that is over before another core could help. */
const TRIVIAL = 100_000
/** Cores that phones have. */
const CORES = 4

describe.each(['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-large', 'mobilenet-v3-small'])('%s at full size', (name) => {
  const graph = optimise(importModel(quickModel(name, { resolution: 224, classes: 1000 })))

  it.each(TARGETS.filter((t) => t.simd))('has no step that takes time and cannot be cut, $name', (target) => {
    for (const parts of [1, CORES]) {
      const whole = schedule(graph, target, { parts }).steps.filter(({ extent, macs }) => macs > TRIVIAL && extent < CORES)
      expect(whole.map(({ fn, extent }) => `${fn} [0,${extent})`)).toEqual([])
    }
  })
})
