/** What runs before the steps, checked likewise: images of extreme sizes, and the expansion of float16 weights. */

import { describe, expect, it } from 'vitest'
import { resolvePreprocessing } from '../../compiler/bundle/preprocess.ts'
import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import type { LinkableSchedule } from '../../targets/linking/link.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import { MAX_SIDE, STRIP_BYTES } from '../../targets/lowering/image.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { instantiate, type KernelExport } from '../kernels/engine.ts'
import { withChecks } from './checked.ts'
import { type Range, RangeTable } from './range-table.ts'

const SIDE = 32
const graph = optimise(importModel(createModel('mobilenet-v2', { width: 0.1, resolution: SIDE, classes: 4 })))

interface Checked {
  readonly exports: Readonly<Record<string, KernelExport>>
  readonly ranges: RangeTable
  readonly weights: Range
  /** The stage's own buffers, by what they hold. */
  readonly image: ReadonlyMap<string, Range>
  readonly tensor: Range
}

function checked(target: CompiledModule['target'], filter: 'bilinear' | 'bicubic'): Checked {
  let planned: LinkableSchedule | undefined
  const { input } = resolvePreprocessing(graph, { filter })
  const { modules } = linkGraph(graph, { targets: [target], image: input, weights: 'f16', onSchedule: (_, s) => (planned = s) })
  const [schedule, compiled] = [planned as LinkableSchedule, modules[0] as CompiledModule]
  const { wasm, table } = withChecks(compiled.wasm)
  const { memory, exports } = instantiate(wasm)
  const [port] = schedule.inputs
  const tensor = compiled.inputs[0]?.address as number
  const arena = tensor - (schedule.offsets[port?.buffer as number] as number)
  const own = schedule.buffers.filter(({ name }) => name.startsWith('image '))
  return {
    exports,
    ranges: new RangeTable(memory.buffer as ArrayBuffer, table),
    weights: { start: arena - compiled.weightBytes, end: arena },
    image: new Map(
      own.map(({ id, name, bytes }) => {
        const start = arena + (schedule.offsets[id] as number)
        return [name, { start, end: start + bytes }]
      }),
    ),
    tensor: { start: tensor, end: tensor + 3 * SIDE * SIDE * 4 },
  }
}

describe.each(TARGETS)('$name', (target) => {
  it.each(['bilinear', 'bicubic'] as const)('images pass through their own buffers (%s)', (filter) => {
    const { exports, ranges, image, tensor } = checked(target, filter)
    const strip = image.get('image strip') as Range
    ranges.allow('load', [...image.values(), tensor])
    ranges.allow(
      'store',
      [...image.values(), tensor].filter((r) => r !== strip),
    )
    for (const [width, height] of [
      [1, 1],
      [MAX_SIDE, 1],
      [1, MAX_SIDE],
      [MAX_SIDE, 9],
      [37, 41],
    ] as const) {
      exports.image_begin?.(width, SIDE, 0, height, SIDE, 0)
      const band = Math.floor(STRIP_BYTES / (4 * width))
      for (let done = 0; done < height; done += band) exports.image_rows?.(Math.min(band, height - done), width)
      exports.image_end?.()
    }
  })

  it('weights are widened in their own place', () => {
    const { exports, ranges, weights } = checked(target, 'bilinear')
    ranges.allow('load', [weights])
    ranges.allow('store', [weights])
    expect(exports.widen?.()).toBeUndefined()
    ranges.allow('store', [{ start: weights.start, end: weights.end - 4096 }])
    ranges.allow('load', [{ start: weights.start + 4096, end: weights.end - 4096 }])
    expect(() => exports.widen?.()).toThrow(/unreachable/)
  })
})
