/** `inspect` gives the figures the papers print. */

import { describe, expect, test } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { inspectModel, type ModelReport } from '../../compiler/inspection/inspect.ts'
import { PASSES } from '../../compiler/passes/index.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import type { Architecture } from '../../compiler/zoo/architecture.ts'
import { findArchitecture } from '../../compiler/zoo/catalogue.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { every } from '../run/short-form.ts'
import { modelOf, quickParameters } from './models.ts'

function report(model: Uint8Array): ModelReport {
  return inspectModel(runPasses(importModel(model), PASSES))
}

function reportOf(name: string, width: number, resolution: number): ModelReport {
  const architecture = findArchitecture(name) as Architecture
  const layers = architecture.layers(width, architecture.classes)
  return report(modelOf(architecture, layers, quickParameters(layers), { resolution, classes: architecture.classes }))
}

/** Howard et al. 2017, tables 6 and 7; Sandler et al. 2018, table 4; Howard et al. 2019, table 3, and torchvision's counts. In millions. */
const PUBLISHED: readonly (readonly [
  name: string,
  width: number,
  resolution: number,
  macs: [number, number],
  parameters: [number, number],
])[] = [
  ['mobilenet-v1', 1, 224, [568.5, 569.5], [4.15, 4.25]],
  ['mobilenet-v1', 0.75, 224, [324.5, 325.5], [2.55, 2.65]],
  ['mobilenet-v1', 0.5, 224, [148.5, 149.5], [1.25, 1.35]],
  ['mobilenet-v1', 0.25, 224, [40.5, 41.5], [0.45, 0.55]],
  ['mobilenet-v1', 1, 192, [417.5, 418.5], [4.15, 4.25]],
  ['mobilenet-v1', 1, 160, [290, 291], [4.15, 4.25]],
  ['mobilenet-v1', 1, 128, [186, 187], [4.15, 4.25]],
  ['mobilenet-v2', 1, 224, [299.5, 301], [3.4, 3.5]],
  ['mobilenet-v3-large', 1, 224, [216.5, 219], [5.4, 5.5]],
  ['mobilenet-v3-small', 1, 224, [56, 57], [2.5, 2.6]],
]

describe('published figures', () => {
  test.each(every(2, PUBLISHED))('%s %f at %i', (name, width, resolution, macs, parameters) => {
    const { totals } = reportOf(name, width, resolution)
    expect(totals.macs / 1e6).toBeGreaterThanOrEqual(macs[0])
    expect(totals.macs / 1e6).toBeLessThanOrEqual(macs[1])
    expect(totals.parameters / 1e6).toBeGreaterThanOrEqual(parameters[0])
    expect(totals.parameters / 1e6).toBeLessThanOrEqual(parameters[1])
  })

  test('1×1 convolutions have 95 % of the multiply-adds of V1 and 75 % of its parameters', () => {
    const pointwise = reportOf('mobilenet-v1', 1, 224).kinds.find((k) => k.kind === 'pointwise')
    expect(pointwise?.layers).toBe(13)
    expect(pointwise?.macsShare).toBeCloseTo(0.9486, 3)
    expect(pointwise?.parametersShare).toBeCloseTo(0.7459, 2)
  })

  test('V1 for CIFAR keeps 32×32 up to its fourth block and ends at 4×4', () => {
    const { layers } = reportOf('mobilenet-v1-cifar', 1, 32)
    const depthwise = layers.filter((layer) => layer.kind === 'depthwise').map((layer) => layer.output)
    expect(depthwise.slice(0, 4)).toEqual(['f32[1,32,32,32]', 'f32[1,32,32,64]', 'f32[1,32,32,128]', 'f32[1,16,16,128]'])
    expect(depthwise.at(-1)).toBe('f32[1,4,4,1024]')
  })
})

describe('inspection', () => {
  const model = createModel('mobilenet-v3-small', { width: 0.25, resolution: 32, classes: 10 })

  test('shares and sums agree with the layers', () => {
    const { layers, kinds, totals } = report(model)
    expect(layers.reduce((sum, layer) => sum + layer.share, 0)).toBeCloseTo(1, 12)
    for (const field of ['layers', 'parameters', 'macs', 'weightBytes', 'readBytes', 'writtenBytes'] as const) {
      expect(kinds.reduce((sum, kind) => sum + kind[field], 0)).toBe(totals[field])
    }
    expect(totals.weightBytes).toBe(4 * totals.parameters)
  })

  test('one layer per convolution remains, with normalisation and activation inside', () => {
    const { layers } = report(model)
    expect(layers.filter((layer) => layer.op === 'conv').map((layer) => layer.title)).toContain('depthwise 5×5 /2, hard-swish')
    expect(layers.filter((layer) => layer.kind === 'other').map((layer) => layer.op)).toEqual(
      expect.not.arrayContaining(['add', 'clamp', 'hard-swish', 'hard-sigmoid']),
    )
  })

  test('batch counts', () => {
    const one = report(model).totals
    const four = report(createModel('mobilenet-v3-small', { width: 0.25, resolution: 32, classes: 10, batch: 4 })).totals
    expect(four.macs).toBe(4 * one.macs)
    expect(four.parameters).toBe(one.parameters)
  })

  test('unoptimised, batch normalisation is a scale and a shift per channel', () => {
    const before = inspectModel(importModel(model)).totals
    const after = report(model).totals
    expect(before.macs).toBe(after.macs)
    expect(before.parameters).toBeGreaterThan(after.parameters)
  })
})
