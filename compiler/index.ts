/** The library entry. */

import type { WeightFormat } from '../targets/linking/weights.ts'
import type { CostModel } from '../targets/target/cost.ts'
import { DEFAULT_TARGETS, TARGETS, type Target, type TargetName, targetNamed } from '../targets/target/target.ts'
import type { Bundle } from './bundle/bundle.ts'
import { PRESETS, type Preprocess } from './bundle/preprocess.ts'
import type { ImportOptions } from './import/import.ts'
import { readSource } from './import/source.ts'
import type { CompileEvents } from './pipeline.ts'

export { Diagnostic, Diagnostics, InternalError } from '../ir/diagnostics.ts'
export type { WeightFormat } from '../targets/linking/weights.ts'
export type { CostModel, Prices } from '../targets/target/cost.ts'
export { parseCostModel } from '../targets/target/cost-file.ts'
export type { TargetName } from '../targets/target/target.ts'
export type { Bundle, Manifest } from './bundle/bundle.ts'
export type { Preprocess, Preprocessing, PreprocessingFile } from './bundle/preprocess.ts'
export type { Limits } from './limits/limits.ts'
export type { CompileEvents } from './pipeline.ts'

export interface CompileOptions extends ImportOptions, CompileEvents {
  /** Which modules the bundle holds. Default: `DEFAULT_TARGETS`, the ones with SIMD. */
  readonly targets?: readonly TargetName[]
  /** The bundle's package name. Default: `model`. */
  readonly name?: string
  /** Makes a bundle that `profile` can time step by step: modules also export `step(i)`, and `profile.json` says what each is. */
  readonly profile?: boolean
  /**
   * How weights are stored: as float32 (the default), or rounded to float16, which halves the download. They are
   * expanded at load: memory, speed and arithmetic are the same.
   */
  readonly weights?: WeightFormat
  /** Puts modules and weights into `index.js`, which then fetches nothing. Default: false. */
  readonly singleFile?: boolean
  /**
   * Makes a bundle that takes images: `model.classify(image)`. How an image becomes the network's input:
   * `torchvision`, `tensorflow`, `none` (values from 0 to 255), or an object that says it.
   */
  readonly preprocess?: Preprocess
  /** Names of the classes, in order: one for each element of the output. */
  readonly labels?: readonly string[]
  /** Prices by which kernels are chosen, by target. Default, also of targets that it leaves out: those of the reference machine. */
  readonly costModel?: CostModel
}

/**
 * Compiles an ONNX model into the files of a bundle.
 *
 * Rejects with `Diagnostic` or `Diagnostics` where the model is invalid or unsupported, with
 * `TypeError` for arguments of the wrong kind, and with `InternalError` for a mistake of the compiler.
 */
export async function compile(model: Uint8Array, options: CompileOptions = {}): Promise<Bundle> {
  const { name = 'model', targets = DEFAULT_TARGETS.map((t) => t.name), costModel = {}, weights, inputShapes, preprocess, labels } = options
  expectKind(model instanceof Uint8Array, 'model: expected a Uint8Array with the bytes of an ONNX file')
  expectKind(
    Array.isArray(targets) && targets.length > 0 && targets.every(targetNamed),
    `targets: expected some of ${TARGETS.map((t) => t.name).join(', ')}`,
  )
  expectKind(weights === undefined || weights === 'f32' || weights === 'f16', "weights: expected 'f32' or 'f16'")
  expectKind(inputShapes === undefined || Array.isArray(inputShapes), 'inputShapes: expected an array of { name, shape }')
  expectKind(
    typeof preprocess !== 'string' || Object.hasOwn(PRESETS, preprocess),
    `preprocess: expected ${Object.keys(PRESETS).join(', ')} or an object`,
  )
  expectKind(
    labels === undefined || (Array.isArray(labels) && labels.every((l) => typeof l === 'string')),
    'labels: expected an array of strings',
  )
  const rows = TARGETS.filter((t) => targets.includes(t.name)).map((t) => priced(t, costModel))
  const source = readSource(model, options)
  options.onStage?.('load the back end')
  const { compileSource } = await import('./pipeline.ts')
  return compileSource(source, { ...options, name, targets: rows })
}

function priced(target: Target, { [target.name]: prices = target.prices }: CostModel): Target {
  return { ...target, prices }
}

function expectKind(holds: boolean, message: string): void {
  if (!holds) throw new TypeError(message)
}
