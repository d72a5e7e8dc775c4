/** Which way up a photograph is: the orientation of Exif 2.3 (4.6.4 A), by which browsers turn it before they show it. */

import type { ImagePixels } from '../running/load-folder.ts'

const TAG = 0x0112
const ENTRY = 12

/** The orientation, 1 (upright) to 8, that an Exif segment states, read from its TIFF header on. 1 where it states none that is valid. */
export function orientationOf(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = tiff[0] === 0x49
  try {
    const directory = view.getUint32(4, little)
    const count = view.getUint16(directory, little)
    for (let i = 0; i < count; i++) {
      const at = directory + 2 + i * ENTRY
      if (view.getUint16(at, little) !== TAG) continue
      const orientation = view.getUint16(at + 8, little)
      return orientation >= 1 && orientation <= 8 ? orientation : 1
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return 1
}

/** The image as it is meant to be seen. */
export function upright(image: ImagePixels, orientation: number): ImagePixels {
  if (orientation === 1) return image
  const { width, height } = image
  const turned = orientation > 4
  const mirroredX = [2, 3, 7, 8].includes(orientation)
  const mirroredY = [3, 4, 6, 7].includes(orientation)
  const [across, down] = turned ? [height, width] : [width, height]
  const from = new Uint32Array(image.data.buffer, image.data.byteOffset, width * height)
  const to = new Uint32Array(width * height)
  for (let y = 0; y < down; y++)
    for (let x = 0; x < across; x++) {
      const [column, row] = turned ? [y, x] : [x, y]
      const source = (mirroredY ? height - 1 - row : row) * width + (mirroredX ? width - 1 - column : column)
      to[y * across + x] = from[source] as number
    }
  return { data: new Uint8Array(to.buffer), width: across, height: down }
}
