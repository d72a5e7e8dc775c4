/**
 * Computed images of shapes, gradients, stripes and noise. They resemble photographs enough for a network, but
 * no photograph is needed.
 */

import { float32, type Tensor } from '../../ir/tensors/tensor.ts'
import type { Random } from '../running/seeded.ts'

const CHANNELS = 3
const SHAPES = 6

/** Amplitude of uniform noise of unit variance: √3. */
const NOISE = 1.75

/**
 * Images with a mean of about zero and a variance of about one, as after the usual normalisation: f32 [count,
 * 3, resolution, resolution]. The first images show mostly shapes and the last ones mostly noise, so that
 * statistics measured on them hold for both.
 */
export function proceduralImages(count: number, resolution: number, random: Random): Tensor {
  const size = CHANNELS * resolution * resolution
  const values = new Float32Array(count * size)
  for (let image = 0; image < count; image++) {
    const noise = count === 1 ? 0 : image / (count - 1)
    fill(values.subarray(image * size, (image + 1) * size), resolution, noise, random)
  }
  return float32([count, CHANNELS, resolution, resolution], values)
}

/** Fills one image, channel by channel, with shapes and this share of noise. */
function fill(image: Float32Array, resolution: number, noise: number, random: Random): void {
  const paints = [...Array.from({ length: SHAPES }, () => disc(random)), gradient(random), stripes(random)]
  for (let c = 0; c < CHANNELS; c++) {
    const base = centred(random)
    const colours = paints.map(() => 1.5 * centred(random))
    for (let i = 0; i < resolution * resolution; i++) {
      const x = (i % resolution) / resolution
      const y = Math.floor(i / resolution) / resolution
      let value = base
      paints.forEach((paint, k) => {
        value += (colours[k] as number) * paint(x, y)
      })
      image[c * resolution * resolution + i] = (1 - noise) * value + noise * NOISE * centred(random)
    }
  }
}

/** Uniform in [−1, 1). */
function centred(random: Random): number {
  return 2 * random.uniform() - 1
}

/** How much of a shape's colour a point of the unit square gets. */
type Paint = (x: number, y: number) => number

function disc(random: Random): Paint {
  const cx = random.uniform()
  const cy = random.uniform()
  const radius = 0.05 + 0.35 * random.uniform()
  const stretch = 0.5 + 1.5 * random.uniform()
  return (x, y) => ((x - cx) ** 2 + stretch * (y - cy) ** 2 < radius ** 2 ? 1 : 0)
}

function gradient(random: Random): Paint {
  const dx = centred(random)
  const dy = centred(random)
  return (x, y) => dx * (x - 0.5) + dy * (y - 0.5)
}

function stripes(random: Random): Paint {
  const dx = 16 * centred(random)
  const dy = 16 * centred(random)
  return (x, y) => {
    const phase = x * dx + y * dy
    return 4 * Math.abs(phase - Math.floor(phase) - 0.5) - 1
  }
}
