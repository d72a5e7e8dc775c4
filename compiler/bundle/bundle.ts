/** Makes the files of a bundle from linked modules and packed weights. The same input always gives the same bytes. */

import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { InternalError } from '../../ir/diagnostics.ts'
import type { TensorData } from '../../ir/tensors/tensor.ts'
import type { CompiledModule, ModulePort, WeightSegment } from '../../targets/linking/module.ts'
import { emitEdge, emitImage, emitIndex, emitSingle, emitWorker } from '../../targets/loader/emit.ts'
import { emitEdgeTypes, emitTypes, emitWorkerTypes } from '../../targets/loader/emit-types.ts'
import { fillGolden } from '../../targets/loader/golden.ts'
import { type BundleTable, type FileSpec, type PortSpec, SECTION, type WeightLayout } from '../../targets/loader/table.ts'
import { MAX_SIDE, STRIP_BYTES } from '../../targets/lowering/image.ts'
import { preferredFirst } from '../../targets/target/target.ts'
import { instantiate } from '../running/run-module.ts'
import { emitPackage } from './bundle-package.ts'
import type { Preprocessing } from './preprocess.ts'
import { PROFILE, profileTable } from './profile-table.ts'
import { VERSION } from './version.ts'

export interface BundleInput {
  readonly model: {
    /** The name of the bundle's package. Characters that npm does not allow are replaced. */
    readonly name: string
    /** SHA-256 of the model file, followed by the external data files it reads, hexadecimal. */
    readonly modelHash: string
  }
  /** The modules of the bundle, at least one. All are compiled from the same model. */
  readonly modules: readonly CompiledModule[]
  /** What the modules' segments refer to. */
  readonly weights: Uint8Array
  /** Whether the modules export `step(i)`. The bundle then gets a table of their steps. */
  readonly profile?: boolean
  /** Default: tensors in, tensors out. */
  readonly classifier?: Classifier
  /** Whether the loader itself contains modules and weights. The modules are also there as files, for `edge.js`. */
  readonly singleFile?: boolean
}

export interface Classifier {
  /** What the modules do to images, if they take them. */
  readonly preprocessing: Preprocessing | null
  readonly labels: readonly string[] | null
  /** Whether scores have yet to be computed from the network's output by softmax. */
  readonly softmax: boolean
}

export interface Manifest {
  /** SHA-256 of the model file, followed by the external data files it reads, hexadecimal. */
  readonly modelHash: string
  readonly compilerVersion: string
  readonly inputs: readonly PortSpec[]
  readonly outputs: readonly PortSpec[]
  readonly preprocessing: Preprocessing | null
  readonly labels: readonly string[] | null
  /** The preferred one first. */
  readonly targets: readonly string[]
  /** Multiply-adds of one run, of the variant with the fewest. */
  readonly macs: number
  /** Every file of the bundle but the manifest itself; hashes in base64, as in subresource integrity. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha384: string }>>
  /** Bytes of linear memory, which holds weights and intermediate results; nothing is allocated later. */
  readonly peakMemory: Readonly<Record<string, number>>
  /** Sizes in bytes, uncompressed. */
  readonly sizes: {
    readonly code: Readonly<Record<string, number>>
    readonly weights: number
    readonly loader: number
    readonly arena: Readonly<Record<string, number>>
  }
}

export interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly manifest: Manifest
}

export const WEIGHTS = 'weights.bin'
export const MANIFEST = 'manifest.json'

/** The files of a bundle. Throws `InternalError` where the modules' ports, as users see them, are not the same. */
export function makeBundle(input: BundleInput): Bundle {
  const modules = [...input.modules].sort((a, b) => preferredFirst(a.target, b.target))
  const id = bundleId(modules, input.weights)
  const files = new Map<string, Uint8Array>()
  const wasm = modules.map((m) => marked(m.wasm, `${id} ${m.target.name}`))
  modules.forEach((m, i) => {
    files.set(wasmName(m.target.name), wasm[i] as Uint8Array)
  })
  const table = tableOf(id, modules, wasm, input)
  const text = (name: string, content: string): unknown => files.set(name, Buffer.from(content))
  if (input.singleFile) text('index.js', emitSingle(table, new Map([...files, [WEIGHTS, input.weights]]), VERSION))
  else {
    files.set(WEIGHTS, input.weights)
    text('index.js', emitIndex(table, VERSION))
  }
  if (table.image && !input.singleFile) text('image.js', emitImage(table, VERSION))
  text('index.d.ts', emitTypes(table))
  text('edge.js', emitEdge(wasmName(edgeModule(modules).target.name), VERSION))
  text('edge.d.ts', emitEdgeTypes())
  text('worker.js', emitWorker(VERSION))
  text('worker.d.ts', emitWorkerTypes(table))
  if (input.profile) text(PROFILE, `${JSON.stringify(profileTable(modules), null, 2)}\n`)
  text('package.json', emitPackage(input.model.name, [...files.keys()]))
  const manifest = manifestOf(input, modules, table, files)
  text(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`)
  return { files, manifest }
}

/** The file of a target's module. */
export function wasmName(target: string): string {
  return `model.${target}.wasm`
}

function tableOf(
  id: string,
  modules: readonly CompiledModule[],
  wasm: readonly Uint8Array[],
  { weights, classifier }: BundleInput,
): BundleTable {
  const layouts = modules.map((m) => JSON.stringify(layoutOf(m.segments)))
  const distinct = [...new Set(layouts)]
  return {
    id,
    ...publicPorts(modules),
    weights: fileSpec(WEIGHTS, weights),
    layouts: distinct.map((text) => JSON.parse(text)),
    variants: modules.map((m, i) => ({
      name: m.target.name,
      probe: Buffer.from(m.target.probe).toString('base64'),
      file: fileSpec(wasmName(m.target.name), wasm[i] as Uint8Array),
      memory: m.memoryBytes,
      inputs: m.inputs.map((p) => p.address),
      outputs: m.outputs.map((p) => p.address),
      layout: distinct.indexOf(layouts[i] as string),
      ...(m.strip !== undefined && { strip: m.strip }),
    })),
    image: imageOf(classifier),
    labels: classifier?.labels ?? null,
    golden: golden(modules, weights),
  }
}

/**
 * The inputs and outputs as users see them. One declaration serves all variants, although each has them at
 * other addresses.
 */
function publicPorts(modules: readonly CompiledModule[]): Pick<BundleTable, 'inputs' | 'outputs'> {
  const ports = (list: readonly ModulePort[]): PortSpec[] => list.map(({ name, shape, dtype }) => ({ name, shape, dtype }))
  const [first, ...others] = modules.map((m) => ({ inputs: ports(m.inputs), outputs: ports(m.outputs) }))
  if (!first) throw new InternalError('a bundle needs a module')
  if (others.some((other) => !isDeepStrictEqual(other, first))) throw new InternalError('modules of one bundle have different ports')
  return first
}

/**
 * The module for runtimes that cannot choose a target: the preferred one of those allowed there, or else the
 * preferred one of all.
 */
function edgeModule(modules: readonly CompiledModule[]): CompiledModule {
  return modules.find((m) => m.target.edge) ?? (modules[0] as CompiledModule)
}

function imageOf(classifier: Classifier | undefined): BundleTable['image'] {
  if (!classifier?.preprocessing) return null
  const { preprocessing, softmax } = classifier
  const { resize, crop, halves } = preprocessing
  return { resize, crop, halves, side: MAX_SIDE, strip: STRIP_BYTES, softmax }
}

function layoutOf(segments: readonly WeightSegment[]): WeightLayout {
  let [offset, address] = [0, 0]
  return segments.flatMap((s) => {
    const part = [s.offset - offset, s.bytes, s.address - address]
    offset = s.offset + s.bytes
    address = s.address + s.bytes
    return part
  })
}

function fileSpec(name: string, bytes: Uint8Array): FileSpec {
  return { name, bytes: bytes.length, sha384: createHash('sha384').update(bytes).digest('base64') }
}

function bundleId(modules: readonly CompiledModule[], weights: Uint8Array): string {
  const hash = createHash('sha256').update(weights)
  for (const m of modules)
    hash
      .update(m.target.name)
      .update(m.wasm)
      .update(JSON.stringify([m.memoryBytes, m.segments, m.inputs, m.outputs]))
  return hash.digest('hex').slice(0, 16)
}

/** The module with a custom section at its end, which engines ignore and the loader reads. */
function marked(wasm: Uint8Array, mark: string): Uint8Array {
  const content = Buffer.concat([Buffer.from([SECTION.length]), Buffer.from(SECTION), Buffer.from(mark)])
  return new Uint8Array(Buffer.concat([wasm, Buffer.from([0, content.length]), content]))
}

/** Elements per output that the self-test compares. */
const SAMPLES = 6

/**
 * A network is run once when it is compiled if its multiply-adds and the bytes that it moves, added up, are at
 * most this, and its memory is at most `SELF_TEST_MEMORY`. Such a run takes about a second.
 */
const SELF_TEST_WORK = 2 ** 32
const SELF_TEST_MEMORY = 2 ** 28

/**
 * A few results for the self-test's input, from a module whose arithmetic is the same on every engine. The
 * result is null where the bundle has no such module, and for networks too large to be run when compiling.
 *
 * Values that are not finite prove nothing and are left out. Integers beside floats are left out too, because
 * they may be classes, which a rounding can change.
 */
function golden(modules: readonly CompiledModule[], weights: Uint8Array): BundleTable['golden'] {
  const exact = modules.find((m) => m.target.exact)
  if (!exact || exact.memoryBytes > SELF_TEST_MEMORY || workOf(exact) > SELF_TEST_WORK) return null
  const live = instantiate(exact, weights)
  live.inputs.forEach(fillGolden)
  live.run()
  const floats = live.outputs.map((o) => o instanceof Float32Array || o instanceof Float64Array)
  return live.outputs.map((output, i) => (floats[i] || !floats.includes(true) ? samples(output) : []))
}

function workOf({ steps }: CompiledModule): number {
  return steps.reduce((sum, { macs, traffic }) => sum + macs + traffic, 0)
}

function samples(output: TensorData): (readonly [number, number])[] {
  const count = Math.min(SAMPLES, output.length)
  const picked = Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * output.length) / count)
    return [at, Number(Number(output[at]).toPrecision(6))] as const
  })
  return picked.filter(([, x]) => Number.isFinite(x))
}

function manifestOf(
  input: BundleInput,
  modules: readonly CompiledModule[],
  table: BundleTable,
  files: ReadonlyMap<string, Uint8Array>,
): Manifest {
  const per = (f: (m: CompiledModule) => number): Record<string, number> => Object.fromEntries(modules.map((m) => [m.target.name, f(m)]))
  const specs = [...files].map(([name, bytes]) => fileSpec(name, bytes)).sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    modelHash: input.model.modelHash,
    compilerVersion: VERSION,
    inputs: table.inputs,
    outputs: table.outputs,
    preprocessing: input.classifier?.preprocessing ?? null,
    labels: input.classifier?.labels ?? null,
    targets: modules.map((m) => m.target.name),
    macs: Math.min(...modules.map((m) => m.macs)),
    files: Object.fromEntries(specs.map(({ name, ...spec }) => [name, spec])),
    peakMemory: per((m) => m.memoryBytes),
    sizes: {
      code: Object.fromEntries(table.variants.map((v) => [v.name, v.file.bytes])),
      weights: input.weights.length,
      loader: files.get('index.js')?.length ?? 0,
      arena: per((m) => m.arenaBytes),
    },
  }
}
