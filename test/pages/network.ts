/** A small network, compiled, with what it answers in Node. */

import { type Bundle, type CompileOptions, compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { importFrom, writeFiles } from '../loader/folder.ts'

const RESOLUTION = 32

/** A picture that every test shows: JavaScript that defines `pixels`. */
export const PIXELS = `const pixels = Float32Array.from({ length: ${3 * RESOLUTION ** 2} }, (_, i) => Math.sin(i))\n`

const compiled = new Map<string, Promise<Bundle>>()

/** One bundle for equal arguments, also between test files. */
export function compileNetwork(classes = 4, options: CompileOptions = { targets: ['simd128'] }): Promise<Bundle> {
  const key = JSON.stringify([classes, options])
  const made =
    compiled.get(key) ?? compile(createModel('mobilenet-v2', { width: 0.1, resolution: RESOLUTION, classes, seed: classes }), options)
  compiled.set(key, made)
  return made
}

export async function answerInNode(bundle: Bundle): Promise<number[]> {
  const { load } = await importFrom(writeFiles(bundle))
  const model = await load({ target: 'simd128' })
  const pixels = Float32Array.from({ length: 3 * RESOLUTION ** 2 }, (_, i) => Math.sin(i))
  return [...(model.run(pixels).output as Float32Array)]
}

/** Targets differ by rounding only. */
export function farthest(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  return Math.max(...actual.map((x, i) => Math.abs(x - (expected[i] as number))))
}
