/**
 * The whole compiler, read top-down: each call takes the previous result, values are immutable,
 * nothing reaches back.
 *
 *     bytes → import → passes → per target: select → lower → plan → link → bundle
 */

import { Diagnostic } from '../ir/diagnostics.ts'
import type { Graph } from '../ir/graph/graph.ts'
import { KERNELS } from '../targets/kernels/index.ts'
import { type LinkableSchedule, link } from '../targets/linking/link.ts'
import type { CompiledModule } from '../targets/linking/module.ts'
import { packWeights, type WeightFile, type WeightFormat } from '../targets/linking/weights.ts'
import { type ImageInput, withImage } from '../targets/lowering/image.ts'
import { lower } from '../targets/lowering/lower.ts'
import { checkMemory } from '../targets/schedule/memory-limit.ts'
import { planMemory } from '../targets/schedule/plan-memory.ts'
import { select } from '../targets/selection/select.ts'
import { preferredFirst, type Target } from '../targets/target/target.ts'
import { type Bundle, makeBundle } from './bundle/bundle.ts'
import { endsInSoftmax, type Preprocess, resolvePreprocessing } from './bundle/preprocess.ts'
import type { ImportOptions } from './import/import.ts'
import { readSource, type Source, type SourceEvents } from './import/source.ts'
import { completeLimits, type Limits } from './limits/limits.ts'
import { PASSES } from './passes/index.ts'
import { type PassEvents, runPasses } from './rewriting/pass.ts'

/** What a caller may watch while a model is compiled; every event is optional. */
export interface CompileEvents extends SourceEvents, PassEvents {
  /** Kernel choices, and fusions that were missed, in words. */
  readonly onExplain?: (text: string) => void
  readonly onSchedule?: (target: string, schedule: LinkableSchedule) => void
  /** The linked module as WebAssembly text. */
  readonly onText?: (target: string, wat: string) => void
}

export interface LinkModelOptions extends CompileEvents {
  /** Targets with different names. Each target's own prices decide which kernels are chosen. */
  readonly targets: readonly Target[]
  /** Modules export `step(i)`, for profiling. */
  readonly profile?: boolean
  /**
   * How many parts of a step may run at once. Default: 1, and modules that only run whole; where it
   * is given, they export `part(i, part, begin, end)`.
   */
  readonly parts?: number
  /** Default: `f32`. */
  readonly weights?: WeightFormat
  /** Modules also make their input from images. */
  readonly image?: ImageInput
  /** Default: `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>
}

export interface PipelineOptions extends ImportOptions, LinkModelOptions {
  readonly name: string
  /** Default: false. */
  readonly singleFile?: boolean
  /** Images as input: the bundle then has `classify`. */
  readonly preprocess?: Preprocess
  /** Names of the classes, in order. */
  readonly labels?: readonly string[]
}

/** Compiles an imported model and gives the files of a bundle. */
export function compileSource({ graph: imported, modelHash }: Source, options: PipelineOptions): Bundle {
  const graph = optimise(imported, options)
  const image = options.preprocess === undefined ? null : resolvePreprocessing(graph, options.preprocess)
  const labels = options.labels ? checkedLabels(graph, options.labels) : null
  const { modules, weights } = linkGraph(graph, image ? { ...options, image: image.input } : options)
  options.onStage?.('bundle')
  const { name, profile = false, singleFile = false } = options
  const classifier = { preprocessing: image?.stated ?? null, labels, softmax: !endsInSoftmax(graph) }
  return makeBundle({ model: { name, modelHash }, modules, weights, profile, singleFile, classifier })
}

/** One for each class. */
function checkedLabels(graph: Graph, labels: readonly string[]): readonly string[] {
  const shape = graph.outputs[0]?.value.type.shape ?? []
  const classes = shape.findLast((d) => d !== 1) ?? 1
  if (labels.length === classes) return labels
  throw new Diagnostic({
    code: 'invalid-shape',
    message: `${labels.length} labels are given for ${classes} classes`,
    hint: 'one line for each class, in order; some networks have a class 0 for the background',
  })
}

export interface LinkedModel {
  /** One per target, the preferred one last. */
  readonly modules: readonly CompiledModule[]
  /** The weights file that the modules share. */
  readonly weights: Uint8Array
}

/** Compiles ONNX bytes and gives linked modules. */
export function linkModel(model: Uint8Array, options: ImportOptions & LinkModelOptions): LinkedModel {
  return linkGraph(optimise(readSource(model, options).graph, options), options)
}

/** Compiles an optimised graph and gives linked modules. */
export function linkGraph(graph: Graph, options: LinkModelOptions): LinkedModel {
  const targets = [...options.targets].sort(preferredFirst).reverse()
  const schedules = targets.map((target) => schedule(graph, target, options))
  const weights = packStage(schedules, options)
  const modules = targets.map((target, i) => linkStage(schedules[i] as LinkableSchedule, weights, target, options))
  return { modules, weights: weights.bytes }
}

/** The target-neutral passes. */
export function optimise(graph: Graph, events: CompileEvents = {}): Graph {
  events.onStage?.('optimise')
  return runPasses(graph, PASSES, { onRemark: (pass, text) => events.onExplain?.(`${pass}: ${text}`), ...events })
}

/** Kernels, steps and addresses for one target. */
export function schedule(
  graph: Graph,
  target: Target,
  options: CompileEvents & Pick<LinkModelOptions, 'image' | 'limits' | 'parts'> = {},
): LinkableSchedule {
  const { image, limits, parts = 1, ...events } = options
  events.onStage?.(`select kernels for ${target.name}`)
  const covers = select(graph, KERNELS, {
    target,
    parts,
    explain: events.onExplain && ((text) => events.onExplain?.(`${target.name}: ${text}`)),
  })
  const lowered = lower(graph, covers, target, parts)
  const planned = planMemory(image ? withImage(lowered, image) : lowered)
  checkMemory(planned, completeLimits(limits).memoryBytes)
  events.onSchedule?.(target.name, planned)
  return planned
}

/** The weights file. Those that cannot be stored as asked are explained. */
function packStage(schedules: readonly LinkableSchedule[], { weights, onExplain }: LinkModelOptions): WeightFile {
  return packWeights(schedules, weights, ({ bytes }, reason) => onExplain?.(`weights of ${bytes.length} bytes stay float32: ${reason}`))
}

function linkStage(planned: LinkableSchedule, weights: WeightFile, target: Target, options: LinkModelOptions): CompiledModule {
  options.onStage?.(`link ${target.name}`)
  const { onText, profile = false } = options
  return link(planned, weights, target, {
    profile,
    parts: options.parts !== undefined,
    ...(onText && { onText: (wat) => onText(target.name, wat) }),
  })
}
