/** Whole networks and heads in every form in which exporters store them. */

import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import { inputsOf } from '../fuzz/case.ts'
import { every } from '../run/short-form.ts'
import { answer, differences } from './compare.ts'
import { FORMS, written } from './forms.ts'
import type { Spelling } from './spelling.ts'
import { caseOf, SPELLINGS } from './spellings.ts'

const CHOSEN: readonly (readonly [family: string, name: string])[] = [
  ['networks', 'MobileNetV2, opset 13'],
  ['networks', 'MobileNetV1, opset 9'],
  ['networks', 'MobileNetV3, opset 11'],
  ['layout of TensorFlow', 'a network that ends in Squeeze, opset 13'],
  ['dense heads', 'SSDLite with Sigmoid, opset 13'],
  ['networks', 'MobileNetV3, opset 17'],
]

describe.each(Object.entries(FORMS))('%s', (_, form) => {
  it.each(every(4, CHOSEN))('%s: %s', async (family, name) => {
    const exported = form(caseOf(SPELLINGS[family]?.find((s) => s.name === name) as Spelling))
    const path = written(exported)
    const inputs = inputsOf(exported.case)
    const inputShapes = inputs.map((t) => ({ shape: t.type.shape }))
    const options = { externalData: externalDataBeside(path), inputShapes }
    const answers = await answer({ model: exported.model, inputs, options, referenceModel: path })
    rmSync(dirname(path), { recursive: true })
    expect(differences(answers, exported.half ? 'half' : 'deep')).toEqual([])
  })
})
