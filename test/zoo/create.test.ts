/** Every size of every architecture builds; options are checked; the same arguments give the same bytes. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { ARCHITECTURES, layersOf, problemWith } from '../../compiler/zoo/catalogue.ts'
import { makeDivisible } from '../../compiler/zoo/channels.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import type { Layer } from '../../compiler/zoo/layers.ts'
import { onlyInFull, sample } from '../run/short-form.ts'
import { modelOf, quickParameters } from './models.ts'

const WIDTHS = [0.25, 0.35, 0.5, 0.75, 1, 1.4]
/** Architectures that the short form calibrates, which takes seconds. */
const CALIBRATED = ['mobilenet-v1-cifar', 'mobilenet-v3-small']
const RESOLUTIONS = [96, 128, 160, 192, 224]

/** Few in the short form, most of all for the largest files. */
function resolutionsFor(name: string, width: number): readonly number[] {
  if (name === 'mobilenet-v1-cifar') return [32]
  const few = width < 1 ? [96, 160, 224] : [224]
  return sample(RESOLUTIONS, (resolution) => few.includes(resolution))
}

function flatten(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => (layer.kind === 'residual' ? flatten(layer.body) : [layer]))
}

describe.each(ARCHITECTURES.map((a) => [a.name, a] as const))('%s', (name, architecture) => {
  test.each(sample(WIDTHS, (width) => width === 0.35 || width === 1.4))('at width %f', (width) => {
    const layers = layersOf(architecture, width, 11)
    for (const layer of flatten(layers)) {
      if (layer.kind !== 'conv') continue
      expect(layer.outputs % 8, layer.name).toBe(0)
      expect([1, layer.inputs]).toContain(layer.group)
    }
    const parameters = quickParameters(layers)
    for (const resolution of resolutionsFor(name, width)) {
      const graph = importModel(modelOf(architecture, layers, parameters, { resolution, classes: 11 }))
      expect(graph.inputs.map((v) => [v.name, v.type.shape])).toEqual([['input', [1, 3, resolution, resolution]]])
      expect(graph.outputs.map((o) => [o.name, o.value.type.shape])).toEqual([['output', [1, 11]]])
    }
  })

  const calibrated = describe.runIf(CALIBRATED.includes(name) || onlyInFull(2))

  calibrated('calibrated', () => {
    test('has defaults', () => {
      const graph = importModel(createModel(name, { width: 0.25 }))
      expect(graph.inputs[0]?.type.shape.slice(2)).toEqual([architecture.resolution, architecture.resolution])
      expect(graph.outputs[0]?.value.type.shape).toEqual([1, architecture.classes])
    })

    test('makes the same bytes from the same seed, others from another', () => {
      const bytes = (seed: number): Buffer => Buffer.from(createModel(name, { width: 0.25, resolution: 32, seed }))
      expect(bytes(7).equals(bytes(7))).toBe(true)
      expect(bytes(7).equals(bytes(8))).toBe(false)
    })
  })
})

describe('options', () => {
  test('the bytes of one small model', () => {
    const model = createModel('mobilenet-v2', { width: 0.25, resolution: 32, classes: 3, seed: 42 })
    expect(createHash('sha256').update(model).digest('hex')).toMatchInlineSnapshot(
      `"02da1709ffc9c4f579329817320122a7e37dd8637cee3e80f1a1a6d6166b561b"`,
    )
  })

  test('a symbolic batch', () => {
    const model = createModel('mobilenet-v1', { width: 0.25, resolution: 32, classes: 3, batch: 'N' })
    expect(importModel(model, { dims: { N: 2 } }).outputs[0]?.value.type.shape).toEqual([2, 3])
  })

  test.each([
    ['width', 0],
    ['width', Number.NaN],
    ['width', 5],
    ['resolution', 15],
    ['resolution', 100.5],
    ['classes', 0],
    ['seed', -1],
    ['batch', 0],
  ] as const)('%s %f is refused', (option, value) => {
    expect(problemWith(option, value)).toContain(`${option} must be`)
    expect(() => createModel('mobilenet-v2', { [option]: value })).toThrow(RangeError)
  })

  test('an unknown architecture is refused with the known ones', () => {
    expect(() => createModel('mobilenet-v9')).toThrow(/unknown architecture "mobilenet-v9"; known: mobilenet-v1, .*mobilenet-v3-small/)
  })
})

test('channels are rounded to the nearest multiple of 8, but not by more than a tenth down', () => {
  expect([1, 8, 11, 11.2, 12, 18, 19, 44.8, 1792].map(makeDivisible)).toEqual([8, 8, 16, 16, 16, 24, 24, 48, 1792])
})
