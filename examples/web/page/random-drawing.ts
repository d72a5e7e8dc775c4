/** Drawings like those that the network was trained on, but from seeds that training has not used. */

import { drawShape, LABELS } from '../../shapes/draw.ts'

const SIDE = 256
/** Training and tests use only smaller seeds. */
const FIRST_SEED = 3_000_000
const SEEDS = 2 ** 31

export interface RandomDrawing {
  readonly picture: HTMLCanvasElement
  readonly label: string
}

/** A drawing of any class except `last`, so that the answer changes. */
export function randomDrawing(last?: string): RandomDrawing {
  const labels = LABELS.filter((label) => label !== last)
  const label = labels[Math.floor(Math.random() * labels.length)] as string
  const { data } = drawShape(LABELS.indexOf(label), FIRST_SEED + Math.floor(Math.random() * SEEDS), SIDE)
  const picture = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE })
  picture.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(data), SIDE), 0, 0)
  return { picture, label }
}
