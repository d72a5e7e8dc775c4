/** Compiles the network of examples/shapes and lets it name drawings that it has never seen. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PreprocessingFile } from '../compiler/bundle/preprocess.ts'
import { writeBundle } from '../compiler/bundle/write-bundle.ts'
import { compile } from '../compiler/index.ts'
import { type LoadedModel, loadFolder } from '../compiler/running/load-folder.ts'
import { type Colors, table } from '../compiler/terminal/output.ts'
import type { ClassScore } from '../targets/loader/table.ts'
import type { TargetName } from '../targets/target/target.ts'
import { LABELS } from './shapes/draw.ts'
import { drawingOf, FRESH } from './shapes/sets.ts'

/** The path is relative to `dist/examples`, where this code runs. */
const SHAPES = join(import.meta.dirname, '../../examples/shapes')

/** Compiles the network, with preprocessing and labels, and writes the bundle into `folder`. */
export async function compileShapes(folder: string, targets: readonly TargetName[]): Promise<void> {
  const read = (name: string): Buffer => readFileSync(join(SHAPES, name))
  const preprocess = JSON.parse(read('preprocess.json').toString()) as PreprocessingFile
  const labels = read('labels.txt').toString().trim().split('\n')
  writeBundle(await compile(read('shapes.onnx'), { targets, name: 'shapes', preprocess, labels }), folder)
}

/** Classifies one drawing of each class. Returns a table of what each shows, what the network answers, and its score. */
export async function classifyDrawings(folder: string, colors: Colors): Promise<string> {
  const model = await loadFolder(folder)
  const classify = model.classify as NonNullable<LoadedModel['classify']>
  const rows: string[][] = []
  for (let i = 0; i < LABELS.length; i++) {
    const { drawing, label } = drawingOf(FRESH, i)
    const [best] = (await classify(drawing, { topK: 1 })) as [ClassScore]
    const right = best.index === label
    rows.push([LABELS[label] as string, (right ? colors.green : colors.red)(best.label as string), `${(100 * best.score).toFixed(0)} %`])
  }
  model.dispose()
  return table(colors, ['drawing of a', 'classified as', 'score'], rows, [2])
}
