/**
 * Classifies images. This code only copies pixels, some rows at a time. The module resizes, crops and scales
 * them, so that every engine computes the same.
 */

import type { ClassScore, ImageSpec } from '../table.ts'

/** What a module of a bundle that takes images exports: see `defineImage`. */
export interface ImageExports {
  readonly memory: WebAssembly.Memory
  run(): void
  image_begin(width: number, resizedWidth: number, left: number, height: number, resizedHeight: number, top: number): void
  image_rows(count: number, width: number): void
  image_end(): void
}

export interface ClassifyOptions {
  /** How many classes, best first. Default: 5. */
  readonly topK?: number
}

interface Pixels {
  readonly width: number
  readonly height: number
  /** RGBA of `count` rows from `first`. */
  read(first: number, count: number): Uint8Array | Uint8ClampedArray
}

/** Anything that a canvas can draw, in whichever property it has its size. */
interface Drawable {
  readonly naturalWidth?: number
  readonly naturalHeight?: number
  readonly videoWidth?: number
  readonly videoHeight?: number
  readonly displayWidth?: number
  readonly displayHeight?: number
  readonly width: number
  readonly height: number
}

export type Classify = (source: unknown, options?: ClassifyOptions) => Promise<ClassScore[]>

/** `strip`: address of the room for rows of RGBA. `outputs`: views on the module's memory, the scores first. */
export function classifier(
  spec: ImageSpec,
  strip: number,
  exports: ImageExports,
  outputs: ReadonlyMap<string, ArrayLike<unknown>>,
): Classify {
  const room = new Uint8Array(exports.memory.buffer, strip, spec.strip)
  return async (source, { topK = 5 } = {}) => {
    if (!Number.isInteger(topK) || topK < 1) throw new RangeError(`topK must be an integer of at least 1, not ${topK}`)
    const bitmap = needsBitmap(source) ? await bitmapOf(source) : null
    try {
      feed(spec, exports, room, pixelsOf(bitmap ?? source))
    } finally {
      bitmap?.close()
    }
    exports.run()
    return best(spec, [...outputs.values()][0] as ArrayLike<unknown>, topK)
  }
}

/**
 * Whether the source must become a bitmap first. Files must be decoded, and the picture of a video must not
 * change while rows are copied.
 */
function needsBitmap(source: unknown): source is ImageBitmapSource {
  return [globalThis.Blob, globalThis.HTMLVideoElement].some((kind) => kind && source instanceof kind)
}

async function bitmapOf(source: ImageBitmapSource): Promise<ImageBitmap> {
  if (typeof createImageBitmap === 'undefined') throw noCanvas()
  return createImageBitmap(source)
}

function noCanvas(): TypeError {
  return new TypeError('nothing decodes images here: pass { data, width, height }')
}

function pixelsOf(source: unknown): Pixels {
  if (!source || typeof source !== 'object') throw new TypeError(`expected an image, got ${source === null ? source : typeof source}`)
  if ('data' in source) return ofBytes(source as { data: unknown; width: number; height: number })
  return ofDrawable(source as Drawable)
}

/**
 * The pixels of an array of RGBA bytes. Arrays from other realms are accepted too, so types are recognised by
 * their tag. Throws `RangeError` for another number of bytes.
 */
function ofBytes({ data, width, height }: { data: unknown; width: number; height: number }): Pixels {
  const bytes = data as Uint8Array
  const tag: string | undefined = ArrayBuffer.isView(data) ? bytes[Symbol.toStringTag] : undefined
  const got = tag === 'Uint8Array' || tag === 'Uint8ClampedArray' ? bytes.length : (tag ?? typeof data)
  if (got !== width * height * 4)
    throw new RangeError(`expected ${width}×${height} pixels of RGBA, which are ${width * height * 4} bytes, got ${got}`)
  return { width, height, read: (first, count) => bytes.subarray(first * width * 4, (first + count) * width * 4) }
}

function ofDrawable(source: Drawable): Pixels {
  const width = source.naturalWidth ?? source.videoWidth ?? source.displayWidth ?? source.width
  const height = source.naturalHeight ?? source.videoHeight ?? source.displayHeight ?? source.height
  if (!(width > 0 && height > 0)) throw new TypeError('the image has no pixels: is it loaded?')
  let context: OffscreenCanvasRenderingContext2D | undefined
  return {
    width,
    height,
    read(first, count) {
      context ??= canvas(width, count)
      context.clearRect(0, 0, width, count)
      context.drawImage(source as unknown as CanvasImageSource, 0, first, width, count, 0, 0, width, count)
      return context.getImageData(0, 0, width, count).data
    },
  }
}

/** A canvas for a few rows of the image. Nothing as large as the image is allocated. */
function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  if (typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined') throw noCanvas()
  const surface =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height)
  return surface.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D
}

function feed(spec: ImageSpec, exports: ImageExports, room: Uint8Array, { width, height, read }: Pixels): void {
  if (![width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= spec.side))
    throw new RangeError(`an image of ${width}×${height} pixels: sides must be from 1 to ${spec.side}`)
  const [cropHeight, cropWidth] = spec.crop
  const [resizedHeight, resizedWidth] = resizedSize(spec, width, height)
  const corner = spec.halves === 'even' ? evenHalf : lowHalf
  exports.image_begin(width, resizedWidth, corner(resizedWidth - cropWidth), height, resizedHeight, corner(resizedHeight - cropHeight))
  const band = Math.min(height, Math.floor(spec.strip / (width * 4)))
  for (let first = 0; first < height; first += band) {
    const count = Math.min(band, height - first)
    room.set(read(first, count))
    exports.image_rows(count, width)
  }
  exports.image_end()
}

/** The size to which an image is resized. As in torchvision, the longer side is rounded down. */
function resizedSize({ resize }: ImageSpec, width: number, height: number): readonly [number, number] {
  if (typeof resize !== 'number') return resize
  const [short, long] = width < height ? [width, height] : [height, width]
  const resized = Math.floor((resize * long) / short)
  return width < height ? [resized, resize] : [resize, resized]
}

function lowHalf(rest: number): number {
  return Math.floor(rest / 2)
}

/** Half of a number, rounded to the even neighbour, as Python rounds. */
function evenHalf(rest: number): number {
  const half = rest / 2
  return half % 1 === 0.5 ? 2 * Math.round(half / 2) : Math.round(half)
}

function best(spec: ImageSpec, scores: ArrayLike<unknown>, topK: number): ClassScore[] {
  const output = Array.from(scores, Number)
  const top = output.reduce((most, x) => Math.max(most, x))
  const sum = output.reduce((total, x) => total + Math.exp(x - top), 0)
  const score = (x: number): number => (spec.softmax ? Math.exp(x - top) / sum : x)
  return output
    .map((x, index) => ({ index, ...(LABELS && { label: LABELS[index] as string }), score: score(x) }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, topK)
}
