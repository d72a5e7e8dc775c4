/** The module's resizing against Pillow's own results (pillow.py made them). */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { classifier, pattern, removeFolders, SIDE } from './bundle.ts'

interface Case {
  readonly width: number
  readonly height: number
  readonly resize: number
  readonly filter: 'bilinear' | 'bicubic'
  /** Base64 of SIDE × SIDE pixels. */
  readonly rgb: string
}

const CASES: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, 'pillow.json'), 'utf8'))

afterAll(removeFolders)

const TARGETS = [
  ['simd128', CASES],
  ['scalar', CASES.slice(0, 4)],
] as const

describe.each(TARGETS)('%s equals Pillow', (target, cases) => {
  it.each(cases)('$width×$height, shorter side to $resize, $filter', async ({ width, height, resize, filter, rgb }) => {
    const model = await classifier({ targets: [target], preprocess: { resize, filter } })
    await model.classify(pattern(width, height))
    const want = Buffer.from(rgb, 'base64')
    const got = model.input('input')
    const pixels = Array.from(want, (_, i) => Number(got[(i % 3) * SIDE * SIDE + Math.floor(i / 3)]))
    expect(got).toHaveLength(want.length)
    expect(pixels).toEqual([...want])
  })
})
