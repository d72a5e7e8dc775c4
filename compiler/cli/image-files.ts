/** Images on the command line. */

import { readFileSync } from 'node:fs'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import type { ImagePixels } from '../running/load-folder.ts'
import { UsageError, withFile } from './errors.ts'
import { orientationOf, upright } from './orientation.ts'

/** Megabytes that decoding may take: a photograph of 50 megapixels. */
const MEMORY = 1024

interface Decoded extends ImagePixels {
  /** The segment behind "Exif" and the first of the two zeros that follow. */
  readonly exifBuffer?: Uint8Array
}

/** Whether a file's name is that of an image. This includes formats that cannot be read, so that `readImage` can say so. */
export function isImage(path: string): boolean {
  return /\.(jpe?g|png|gif|webp|avif|hei[cf]|bmp|tiff?)$/i.test(path)
}

/** The image, turned upright. The file's content tells its format. Throws `UsageError` where it is no image that can be read. */
export function readImage(path: string): ImagePixels {
  const bytes = withFile(path, () => readFileSync(path))
  try {
    if (bytes[0] === 0xff) return readJpeg(bytes)
    if (bytes[0] === 0x89) return readPng(bytes)
  } catch (error) {
    throw new UsageError(`${path}: is no image that can be read: ${error instanceof Error ? error.message : error}`)
  }
  throw new UsageError(`${path}: is no image that can be read: neither JPEG nor PNG`)
}

function readJpeg(bytes: Uint8Array): ImagePixels {
  const decoded: Decoded = jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: MEMORY })
  const { data, width, height, exifBuffer } = decoded
  return upright({ data, width, height }, exifBuffer ? orientationOf(exifBuffer.subarray(1)) : 1)
}

function readPng(bytes: Buffer): ImagePixels {
  const { data, width, height } = PNG.sync.read(bytes)
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height }
}
