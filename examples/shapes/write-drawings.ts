/**
 * Writes the drawings that train.py reads: `node dist/examples/shapes/write-drawings.js <folder>`.
 *
 * For each set it writes `<set>.images` (count × 3 × 64 × 64 uint8, RGB planes) and `<set>.labels` (count × uint8).
 * It also writes `labels.txt`, with one class per line.
 */

import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Drawing, LABELS } from './draw.ts'
import { type DrawingSet, drawingOf, TRAINING, VALIDATION } from './sets.ts'

function planes({ data, width, height }: Drawing): Uint8Array {
  const pixels = width * height
  const bytes = new Uint8Array(3 * pixels)
  for (let i = 0; i < pixels; i++) {
    for (let channel = 0; channel < 3; channel++) bytes[channel * pixels + i] = data[4 * i + channel] as number
  }
  return bytes
}

function writeSet(folder: string, name: string, set: DrawingSet): void {
  const images = openSync(join(folder, `${name}.images`), 'w')
  const labels = new Uint8Array(set.count)
  for (let i = 0; i < set.count; i++) {
    const { drawing, label } = drawingOf(set, i)
    writeSync(images, planes(drawing))
    labels[i] = label
  }
  closeSync(images)
  writeFileSync(join(folder, `${name}.labels`), labels)
}

const folder = process.argv[2]
if (folder) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'labels.txt'), LABELS.map((label) => `${label}\n`).join(''))
  writeSet(folder, 'training', TRAINING)
  writeSet(folder, 'validation', VALIDATION)
} else {
  console.error('usage: node dist/examples/shapes/write-drawings.js <folder>')
  process.exitCode = 2
}
