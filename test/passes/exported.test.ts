import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { PASSES } from '../../compiler/passes/index.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import { readNpy } from '../../compiler/running/npy.ts'
import { type Graph, nodesOf } from '../../ir/graph/graph.ts'
import { sample } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { expectSameMeaning } from './build.ts'

const root = sharedData('exported')

function importFolder(folder: string): Graph {
  const { shape } = readNpy(readFileSync(join(folder, 'input_0.npy'))).type
  return importModel(readFileSync(join(folder, 'model.onnx')), {
    inputShapes: [{ shape }],
    externalData: (file) => readFileSync(join(folder, file)),
  })
}

/** How often each op occurs, as `conv 53, reduce 1`. */
function census(graph: Graph): string {
  const counts = new Map<string, number>()
  for (const { op } of nodesOf(graph)) counts.set(op, (counts.get(op) ?? 0) + 1)
  return [...counts]
    .map(([op, n]) => `${op} ${n}`)
    .sort()
    .join(', ')
}

const V1 = 'conv 28, reduce 1, reshape 1'
const V2 = 'conv 53, reduce 1, reshape 1'
const V3 = 'conv 54, mul 9, reduce 10, reshape 1'

/** What is left of each classifier; a transpose is the one at an NCHW input. */
const LEFT: Record<string, string> = {
  mobilefacenet_025_112: 'clamp 1, conv 50, div 1, prelu 33, reduce 1, reshape 2, transpose 1',
  tf_v1_0125_128_opt: `${V1}, softmax 1`,
  tf_v1_0125_128_raw: `${V1}, softmax 1`,
  tf_v2_010_96_autopad: V2,
  tf_v2_010_96_pad: `${V2}, softmax 1`,
  tf_v3s_025_96_opt: `${V3}, softmax 1`,
  v1_0125_128_bn_op14: `${V1}, transpose 1`,
  v1_0125_128_extdata: `${V1}, transpose 1`,
  v1_0125_128_relu6: `${V1}, transpose 1`,
  v1_0125_160_dyn: `${V1}, transpose 1`,
  v1_0125_cifar100: `${V1}, transpose 1`,
  v1_025_128: `${V1}, transpose 1`,
  v2_010_128_mean32: `${V2}, transpose 1`,
  v2_010_160_reshape_dyn: `${V2}, transpose 1`,
  v2_010_96_bn_kia_op11: `${V2}, transpose 1`,
  v2_010_96_bn_op9: `${V2}, transpose 1`,
  v2_010_96_dynbatch: `${V2}, transpose 1`,
  v2_010_96_fp16: `cast 2, ${V2}, transpose 1`,
  v2_010_96_op9: `${V2}, transpose 1`,
  v2_035_128_op13: `${V2}, transpose 1`,
  v3s_015_128_hswish_op14_fcunsq: `${V3}, transpose 1`,
  v3s_015_96_decomp_op13_fcview: `${V3}, transpose 1`,
  v3s_015_96_decomp_op9: `${V3}, transpose 1`,
  v3s_015_96_fcview_dyn_op11: `${V3}, transpose 1`,
  v3s_015_96_hsig_op11_convmean: `${V3}, transpose 1`,
  v3s_015_96_hswish_op9: `${V3}, transpose 1`,
  v3s_025_96_fp16w: `${V3}, transpose 1`,
  v3s_025_96_minimalistic: 'conv 36, reduce 1, reshape 1, transpose 1',
  xception_0062_128: 'clamp 11, conv 75, pool 4, reduce 1, reshape 1, transpose 1',
}

describe.skipIf(!root)('passes over graphs of real exporters', () => {
  const present = root ? readdirSync(root) : []
  const graphs = Object.entries(LEFT).filter(([n]) => present.includes(n))
  for (const [name, left] of sample(graphs, (_, i) => i % 3 === 2)) {
    it(`${name}: ${left}`, () => {
      const graph = importFolder(join(root as string, name))
      const optimised = runPasses(graph, PASSES)
      expect(census(optimised)).toBe(left)
      expectSameMeaning(optimised, graph, name.includes('fp16') ? 'approx' : 'rounding')
    })
  }
})
