import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { instantiate, type LiveModule } from '../../compiler/running/run-module.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { WeightFormat } from '../../targets/linking/weights.ts'
import { targetNamed } from '../../targets/target/target.ts'
import { argmax, preprocess } from '../models/images.ts'
import { sample } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'

const root = sharedData('trained')
/** The short form takes the narrowest network, whose accuracy suffers most, and a dequantised one. */
const CHOSEN = /v1_025|v3_small/

interface Network extends LiveModule {
  readonly bytes: number
}

function link(graph: Graph, weights: WeightFormat): Network {
  const linked = linkGraph(graph, { targets: [targetNamed('simd128')], weights })
  const [compiled] = linked.modules
  if (!compiled) throw new Error('no module')
  return { ...instantiate(compiled, linked.weights), bytes: linked.weights.length }
}

function classOf({ inputs, outputs, run }: Network, image: Float32Array): number {
  inputs[0]?.set(image as never)
  run()
  return argmax(outputs[0] as Float32Array)
}

describe.skipIf(!root)('trained networks with float16 weights', () => {
  const folder = root as string
  const models = root ? readdirSync(join(root, 'models')).filter((f) => !f.includes('qdq')) : []
  const images = root ? readdirSync(join(root, 'images')) : []
  const labels = root ? labelsOf(readFileSync(join(root, 'labels.tsv'), 'utf8')) : new Map<string, number>()

  it.each(sample(models, (file) => CHOSEN.test(file)))('%s: top-1 changes by half a point at most', { timeout: 600_000 }, (file) => {
    const graph = optimise(importModel(readFileSync(join(folder, 'models', file)), { dims: { batch_size: 1 } }))
    const [full, half] = [link(graph, 'f32'), link(graph, 'f16')]
    const background = (full.outputs[0] as Float32Array).length - 1000
    let [same, fullRight, halfRight] = [0, 0, 0]
    for (const name of images) {
      const image = preprocess(join(folder, 'images', name), /zoo|torch/.test(file))
      const label = (labels.get(name) as number) + background
      const [a, b] = [classOf(full, image), classOf(half, image)]
      same += Number(a === b)
      fullRight += Number(a === label)
      halfRight += Number(b === label)
    }
    const bytes = `${full.bytes} → ${half.bytes} bytes`
    console.log(`${file}: top-1 ${fullRight} → ${halfRight} of ${images.length}, ${same} classes the same, ${bytes}`)
    expect(fullRight).toBeGreaterThan(40)
    expect(Math.abs(fullRight - halfRight)).toBeLessThanOrEqual(0.005 * images.length)
    expect(half.bytes).toBeLessThan(0.52 * full.bytes)
  })
})

/** Class by image file. */
function labelsOf(table: string): Map<string, number> {
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  return new Map(rows.map((row) => [row.at(-1)?.split('/').at(-1) as string, Number(row[0])]))
}
