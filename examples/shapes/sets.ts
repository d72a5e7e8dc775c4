/** The sets of drawings for training and tests. Their ranges of seeds do not overlap. */

import { type Drawing, drawShape, LABELS } from './draw.ts'

export interface DrawingSet {
  readonly firstSeed: number
  readonly count: number
}

export const SIDE = 64

export const TRAINING: DrawingSet = { firstSeed: 0, count: 30_000 }
/** Training prints its accuracy on this set. No choice is based on it. */
export const VALIDATION: DrawingSet = { firstSeed: 1_000_000, count: 1200 }
/** The stated accuracy is measured on this set. Training never sees it. */
export const FRESH: DrawingSet = { firstSeed: 2_000_000, count: 2000 }

/** The drawing at an index of a set, with its label. The labels take turns. */
export function drawingOf({ firstSeed }: DrawingSet, index: number): { readonly drawing: Drawing; readonly label: number } {
  const label = index % LABELS.length
  return { drawing: drawShape(label, firstSeed + index, SIDE), label }
}

/** Turns RGBA bytes into RGB planes [3, height, width], which are the network's input `image`. Each value is byte / 127.5 − 1. */
export function toInput({ data, width, height }: Drawing): Float32Array {
  const pixels = width * height
  const input = new Float32Array(3 * pixels)
  for (let i = 0; i < pixels; i++) {
    for (let channel = 0; channel < 3; channel++) input[channel * pixels + i] = (data[4 * i + channel] as number) / 127.5 - 1
  }
  return input
}
