/** Labelled photographs as inputs of networks. */

import { readFileSync } from 'node:fs'
import jpeg from 'jpeg-js'

export const SIDE = 224
const MEAN = [0.485, 0.456, 0.406]
const DEVIATION = [0.229, 0.224, 0.225]

/** Centre crop of a JPEG file as NCHW floats, scaled as torchvision does or to [−1, 1]. */
export function preprocess(path: string, torch: boolean): Float32Array {
  const { width, height, data } = jpeg.decode(readFileSync(path), { useTArray: true, formatAsRGBA: false })
  const top = Math.floor((height - SIDE) / 2)
  const left = Math.floor((width - SIDE) / 2)
  const out = new Float32Array(3 * SIDE * SIDE)
  for (let i = 0; i < out.length; i++) {
    const channel = Math.floor(i / (SIDE * SIDE))
    const y = top + (Math.floor(i / SIDE) % SIDE)
    const x = left + (i % SIDE)
    const byte = data[(y * width + x) * 3 + channel] as number
    out[i] = torch ? (byte / 255 - (MEAN[channel] as number)) / (DEVIATION[channel] as number) : byte / 127.5 - 1
  }
  return out
}

export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}
