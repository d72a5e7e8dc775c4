import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { compile } from '../../compiler/index.ts'
import { loadFolder } from '../../compiler/running/load-folder.ts'
import { LABELS } from '../../examples/shapes/draw.ts'
import { drawingOf, FRESH, SIDE, toInput } from '../../examples/shapes/sets.ts'
import type { TensorData } from '../../ir/tensors/tensor.ts'
import { count } from '../run/short-form.ts'

const network = readFileSync(join(import.meta.dirname, '../../examples/shapes/shapes.onnx'))
const folder = mkdtempSync(join(tmpdir(), 'shapes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is at most 700 KB', () => {
  expect(network.length).toBeLessThanOrEqual(700_000)
})

const drawings = count(FRESH.count, 500)

it(`names at least 97 % of ${drawings} fresh drawings, compiled`, async () => {
  writeBundle(await compile(network, { targets: ['simd128'], name: 'shapes' }), folder)
  const model = await loadFolder(folder, 'simd128')
  expect(model.inputs).toMatchObject([{ name: 'image', shape: [1, 3, SIDE, SIDE], dtype: 'float32' }])
  expect(model.outputs).toMatchObject([{ name: 'logits', shape: [1, LABELS.length], dtype: 'float32' }])
  const missed = new Map<string, number>()
  for (let i = 0; i < drawings; i++) {
    const { drawing, label } = drawingOf(FRESH, i)
    const best = indexOfLargest(model.run({ image: toInput(drawing) }).logits as TensorData)
    if (best !== label) tally(missed, `${LABELS[label]} as ${LABELS[best]}`)
  }
  model.dispose()
  const right = drawings - [...missed.values()].reduce((a, b) => a + b, 0)
  console.info(`shapes: ${((100 * right) / drawings).toFixed(2)} % of ${drawings} fresh drawings`, Object.fromEntries(missed))
  expect(right / drawings).toBeGreaterThanOrEqual(0.97)
})

function indexOfLargest(values: TensorData): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (Number(values[i]) > Number(values[best])) best = i
  return best
}

function tally(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
