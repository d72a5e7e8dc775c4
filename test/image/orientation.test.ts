/** Photographs that are stored on their side, as the command line reads them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jpeg from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { readImage } from '../../compiler/cli/image-files.ts'
import { orientationOf, upright } from '../../compiler/cli/orientation.ts'

/** A TIFF header and a directory of two entries, the second of which is the orientation. */
function tiff(orientation: number, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(38))
  view.setUint16(0, little ? 0x4949 : 0x4d4d)
  view.setUint16(2, 42, little)
  view.setUint32(4, 8, little)
  view.setUint16(8, 2, little)
  view.setUint16(10, 0x010f, little)
  view.setUint16(22, 0x0112, little)
  view.setUint16(24, 3, little)
  view.setUint32(26, 1, little)
  view.setUint16(30, orientation, little)
  return new Uint8Array(view.buffer)
}

/** Rows of an image whose pixels are the characters. */
function rows(text: readonly string[]) {
  const [first = ''] = text
  const data = Uint8Array.from([...text.join('')].flatMap((c) => [c.charCodeAt(0), 0, 0, 255]))
  return { data, width: first.length, height: text.length }
}

function textOf({ data, width, height }: ReturnType<typeof rows>): string[] {
  const at = (i: number): string => String.fromCharCode(data[4 * i] as number)
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(y * width + x)).join(''))
}

describe('orientation', () => {
  it.each([
    [1, ['abc', 'def']],
    [2, ['cba', 'fed']],
    [3, ['fed', 'cba']],
    [4, ['def', 'abc']],
    [5, ['ad', 'be', 'cf']],
    [6, ['da', 'eb', 'fc']],
    [7, ['fc', 'eb', 'da']],
    [8, ['cf', 'be', 'ad']],
  ])('%i is turned upright', (orientation, want) => {
    expect(textOf(upright(rows(['abc', 'def']), orientation) as ReturnType<typeof rows>)).toEqual(want)
  })

  it.each([true, false])('is read where numbers begin with the small end: %s', (little) => {
    expect([1, 3, 8].map((x) => orientationOf(tiff(x, little)))).toEqual([1, 3, 8])
  })

  it('is none where the segment is cut off or says nothing sensible', () => {
    const whole = tiff(6, true)
    for (let length = 0; length < 32; length++) expect(orientationOf(whole.slice(0, length)), `${length}`).toBe(1)
    expect([0, 9, 65535].map((x) => orientationOf(tiff(x, false)))).toEqual([1, 1, 1])
  })

  it('of a file is applied', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orientation-'))
    const data = new Uint8Array(16 * 8 * 4).map((_, i) => (i % 64 < 32 ? 255 : 0))
    const { data: plain } = jpeg.encode({ data, width: 16, height: 8 }, 100)
    const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff(6, false)])
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, exif.length + 2]), exif])
    const path = join(folder, 'side.jpg')
    writeFileSync(path, Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]))
    const image = readImage(path)
    rmSync(folder, { recursive: true })
    const [top, bottom] = [0, 15].map((y) => image.data[y * 8 * 4] as number)
    expect([image.width, image.height, (top as number) > 250, (bottom as number) < 5]).toEqual([8, 16, true, true])
  })
})
