/** Every spelling is compiled for every target, and computes what onnxruntime does; most of them side by side in one model. */

import { describe, expect, it } from 'vitest'
import { encodeModel, type ModelProto, type Partially } from '../../compiler/onnx/proto.ts'
import { inputsOf, protoOf } from '../fuzz/case.ts'
import { every } from '../run/short-form.ts'
import { answer, type Check, differences, precisionOf, sideBySide } from './compare.ts'
import type { Spelling } from './spelling.ts'
import { caseOf, SPELLINGS } from './spellings.ts'

/** Exactly so many there are: none may be lost. */
const COUNTS: Readonly<Record<string, number>> = {
  ReLU6: 28,
  'hard-sigmoid': 43,
  'hard-swish': 137,
  'other activations': 18,
  squeeze: 31,
  excite: 23,
  flatten: 58,
  dropout: 12,
  classifier: 41,
  'batch normalisation': 39,
  pads: 54,
  dilations: 15,
  pools: 19,
  'layout of TensorFlow': 15,
  resize: 44,
  'dense operators': 25,
  'dense heads': 15,
  networks: 31,
}
/** Spellings of an opset that are compiled together. */
const BATCH = 24

/** Compiled together. */
function shared(spellings: readonly Spelling[]): Map<Spelling, Check> {
  const checks = sideBySide(spellings.map(caseOf))
  return new Map(spellings.map((spelling, i) => [spelling, checks[i] as Check]))
}

/** The batch is a name in the model, and its extent an option. */
function symbolic(spelling: Spelling): Check {
  const c = caseOf(spelling)
  const inputs = inputsOf(c)
  const model = encodeModel(withNamedBatch(protoOf(c)))
  const batch = inputs[0]?.type.shape[0] as number
  return async () => differences(await answer({ model, inputs, options: { dims: { batch_size: batch } } }), precisionOf(c))
}

function withNamedBatch(proto: Partially<ModelProto>): Partially<ModelProto> {
  const input = proto.graph?.input?.map((info) => {
    const [, ...dims] = info.type?.tensorType?.shape?.dim ?? []
    const shape = { dim: [{ dimParam: 'batch_size' }, ...dims] }
    return { ...info, type: { tensorType: { ...info.type?.tensorType, shape } } }
  })
  return { ...proto, graph: { ...proto.graph, ...(input && { input }) } }
}

function checks(): Map<Spelling, Check> {
  const all = [...CHOSEN.values()].flat()
  const single = (s: Spelling): boolean => Boolean(s.symbolic || s.deep)
  const opsets = [...new Set(all.map((s) => s.opset))]
  const batches = opsets.flatMap((opset) => slices(all.filter((s) => s.opset === opset && !single(s))))
  const alone = all.filter(single).map((s) => (s.symbolic ? new Map([[s, symbolic(s)]]) : shared([s])))
  return new Map([...batches.map(shared), ...alone].flatMap((map) => [...map]))
}

function slices(list: readonly Spelling[]): Spelling[][] {
  return Array.from({ length: Math.ceil(list.length / BATCH) }, (_, i) => list.slice(i * BATCH, (i + 1) * BATCH))
}

/** By family; the short form takes every third one. */
const CHOSEN = new Map(Object.entries(SPELLINGS).map(([family, spellings]) => [family, every(4, spellings)]))
const CHECKS = checks()

describe.each(Object.entries(SPELLINGS))('%s', (family, spellings) => {
  it('has all its spellings, each under a name of its own', () => {
    expect(new Set(spellings.map((s) => s.name)).size).toBe(spellings.length)
    expect(spellings).toHaveLength(COUNTS[family] as number)
  })

  it.each((CHOSEN.get(family) ?? []).map((s) => [s.name, s] as const))('%s', async (_, spelling) => {
    expect(await (CHECKS.get(spelling) as Check)()).toEqual([])
  })
})
