/**
 * The stage before a network. It turns an image of any size, a few rows at a time, into the network's input
 * tensor.
 */

import { BICUBIC, BILINEAR } from '../../runtime-as/codes.ts'
import type { Buffer, Schedule } from '../schedule/schedule.ts'

/** How the tensor is made from the resized and cropped image. */
export interface ImageInput {
  /** Size of the tensor in pixels. */
  readonly width: number
  readonly height: number
  /** [1,3,H,W] instead of [1,H,W,3]. */
  readonly planar: boolean
  readonly filter: keyof typeof FILTERS
  readonly channels: 'RGB' | 'BGR'
  /** Tensor = byte · factor + offset, per channel in the tensor's order. */
  readonly factor: readonly [number, number, number]
  readonly offset: readonly [number, number, number]
}

/**
 * Radius of each filter. It counts output pixels where the filter shrinks the image, and input pixels where it
 * does not.
 */
export const FILTERS = { bilinear: BILINEAR, bicubic: BICUBIC } as const

/** Width and height of an image at most. */
export const MAX_SIDE = 16384

/** Bytes of the strip through which an image passes: at least four rows. */
export const STRIP_BYTES = MAX_SIDE * 4 * 4

const FLOAT = 4
const PLAN_ENTRY = 12

/** Ids of the buffers that the stage uses, before the first step. */
export interface ImageBuffers {
  readonly strip: number
  readonly columns: number
  readonly rows: number
  readonly row: number
  readonly state: number
}

export interface ImageStage {
  readonly input: ImageInput
  readonly buffers: ImageBuffers
}

/**
 * The schedule with memory for the stage. The steps use the same memory again, because the stage is over before
 * they begin.
 */
export function withImage<S extends Schedule>(schedule: S, input: ImageInput): S & { readonly image: ImageStage } {
  const sizes: Record<keyof ImageBuffers, number> = {
    strip: STRIP_BYTES,
    columns: planBytes(input.width, input),
    rows: planBytes(input.height, input),
    row: 3 * input.width * FLOAT,
    state: 8,
  }
  const first = schedule.buffers.length
  const names = Object.keys(sizes) as (keyof ImageBuffers)[]
  const buffers = names.map((name, i): Buffer => ({ id: first + i, bytes: align(sizes[name]), first: -1, last: -1, name: `image ${name}` }))
  const ids = Object.fromEntries(names.map((name, i) => [name, first + i])) as unknown as ImageBuffers
  return { ...schedule, buffers: [...schedule.buffers, ...buffers], image: { input, buffers: ids } }
}

/** Bytes of the plan for `count` positions of an axis of any size; see `image_plan` of the runtime. */
function planBytes(count: number, { filter }: ImageInput): number {
  const radius = FILTERS[filter]
  return count * PLAN_ENTRY + (2 * radius * MAX_SIDE + (2 * radius + 2) * count) * FLOAT
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}
