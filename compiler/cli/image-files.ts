/** Images on the command line. */

import { readFileSync } from 'node:fs'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import type { ImagePixels } from '../load-folder.ts'
import { UsageError, withFile } from './errors.ts'

/** Megabytes that decoding may take: a photograph of 50 megapixels. */
const MEMORY = 1024

export function isImage(path: string): boolean {
  return /\.(jpe?g|png)$/i.test(path)
}

/** Which format a file has, its content says. */
export function readImage(path: string): ImagePixels {
  const bytes = withFile(path, () => readFileSync(path))
  try {
    if (bytes[0] === 0xff) return jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: MEMORY })
    if (bytes[0] !== 0x89) throw new Error('it is neither JPEG nor PNG')
    const { data, width, height } = PNG.sync.read(bytes)
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height }
  } catch (error) {
    throw new UsageError(`${path}: is no image that can be read: ${error instanceof Error ? error.message : error}`)
  }
}
