/** A tiny model, linked by hand: y = 2·x + w, with x and y float32[2,3] and w from the weights. */

import binaryen from 'binaryen'
import { type Bundle, makeBundle } from '../../compiler/bundle/bundle.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import { TARGETS, type Target, type TargetName, targetNamed } from '../../targets/target/target.ts'

const X = 1024
const Y = 1088
const W = 1152
/** What the other ports share: nothing computes them. */
const SPARE = 2048

/** An instruction that the target needs. */
function instructionOf({ simd, relaxed }: Target): string {
  const zero = '(f32x4.splat (f32.const 0))'
  if (relaxed) return `(f32x4.relaxed_madd ${zero} ${zero} ${zero})`
  return simd ? zero : '(i32.const 0)'
}

function assemble(target: Target): Uint8Array {
  const element = (i: number): string =>
    `(f32.store (i32.const ${Y + 4 * i}) (f32.add (f32.mul (f32.load (i32.const ${X + 4 * i})) (f32.const 2)) (f32.load (i32.const ${W}))))`
  const body = [0, 1, 2, 3, 4, 5].map(element).join('\n')
  const module = binaryen.parseText(`(module (memory (export "memory") 1 1) (func (export "run") (drop ${instructionOf(target)}) ${body}))`)
  module.setFeatures(binaryen.Features.All)
  const wasm = module.emitBinary()
  module.dispose()
  return wasm
}

export interface ExtraPort {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
}

export interface FakeOptions {
  readonly targets?: readonly TargetName[]
  readonly input?: string
  readonly output?: string
  readonly extra?: readonly ExtraPort[]
  readonly singleFile?: boolean
}

export const WEIGHTS = new Uint8Array(new Float32Array([99, 0.5, 0, 0]).buffer)

export function fakeModule(target: Target, { input = 'x', output = 'y', extra = [] }: FakeOptions = {}): CompiledModule {
  const spare = extra.map((p, i) => ({ ...p, address: SPARE + 256 * i }))
  return {
    target,
    wasm: assemble(target),
    memoryBytes: 65536,
    arenaBytes: 128,
    weightBytes: 4,
    macs: 6,
    steps: [],
    segments: [{ offset: 4, bytes: 4, address: W }],
    inputs: [{ name: input, dtype: 'float32', shape: [2, 3], address: X }, ...spare],
    outputs: [{ name: output, dtype: 'float32', shape: [2, 3], address: Y }, ...spare],
  }
}

export function fakeBundle(options: FakeOptions = {}): Bundle {
  const targets = options.targets ?? TARGETS.map((t) => t.name)
  return makeBundle({
    model: { name: 'Fake Model!', modelHash: '0'.repeat(64) },
    modules: targets.map((t) => fakeModule(targetNamed(t), options)),
    weights: WEIGHTS,
    singleFile: options.singleFile ?? false,
  })
}
