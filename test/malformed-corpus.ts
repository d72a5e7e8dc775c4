/** The outside corpus of malformed and hostile models: its cases, and what the accepted ones must compute. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fromNumbers, type Tensor } from '../ir/tensors/tensor.ts'
import type { DType } from '../ir/tensors/types.ts'
import { difference } from './onnx/conformance.ts'
import { sharedData } from './shared-data.ts'

export interface Case {
  readonly case: string
  readonly expect: 'reject' | 'accept' | 'either'
  /** What the message of a refusal matches. */
  readonly cause?: string
  readonly flags: readonly string[]
  /** The file beside the model that holds its outputs. */
  readonly expected_output?: string
}

interface Expected {
  readonly outputs: Readonly<
    Record<string, { readonly type: DType; readonly dims: readonly number[]; readonly data: readonly (number | string)[] }>
  >
}

const folder = sharedData('malformed')

/** None where the corpus is not present. */
export const CASES: readonly Case[] = folder
  ? (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { cases: Case[] }).cases
  : []

export function modelOf(c: Case): string {
  return join(folder as string, 'cases', c.case, 'model.onnx')
}

/** Element i of every input that expected outputs are for. */
export function pattern(i: number): number {
  return ((i * 7919) % 2003) / 1001.5 - 1
}

/** Of a model that was refused: whether it may be, and for its cause; nothing in the text may steer a terminal. */
export function expectRefusal(c: Case, message: string): void {
  expect(c.expect, message).not.toBe('accept')
  expect(message).toMatch(new RegExp(c.cause ?? '.', 'i'))
  expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
}

/** `outputOf` gives an output by name; undefined is a difference. */
export function expectOutputs(c: Case, outputOf: (name: string) => Tensor | undefined): void {
  if (!c.expected_output) return
  const { outputs } = JSON.parse(readFileSync(join(modelOf(c), '..', c.expected_output), 'utf8')) as Expected
  for (const [name, { type, dims, data }] of Object.entries(outputs)) {
    const want = fromNumbers({ dtype: type, shape: dims }, data.map(Number))
    expect(difference(outputOf(name), want, { rtol: 1e-3, atol: 1e-5 }), `output ${name}`).toBeNull()
  }
}
