/**
 * Makes one optimised module from a planned schedule. The module contains the runtime functions that it needs,
 * the emitted kernels, and `run`.
 */

import binaryen from 'binaryen'
import { InternalError } from '../../ir/diagnostics.ts'
import { inOrder } from '../../runtime-as/kernels.ts'
import { runtimeModule } from '../../runtime-as/runtime.ts'
import { Emitter, exportedFunctions, readModule } from '../emitter/emitter.ts'
import type { ImageStage } from '../lowering/image.ts'
import type { LoweredSchedule } from '../lowering/lower.ts'
import { type Operand, type PlannedSchedule, type PortBuffer, READ_SLACK, type Step } from '../schedule/schedule.ts'
import type { Target } from '../target/target.ts'
import { defineImage, type ImageAddresses } from './define-image.ts'
import type { CompiledModule, ModulePort } from './module.ts'
import { type Float16Region, type PlacedWeights, placeWeights, type WeightFile } from './weights.ts'

/** Nothing is stored below this address, so an access through a null pointer reaches no data. */
const MEMORY_BASE = 1024
const PAGE = 65536

export type LinkableSchedule = LoweredSchedule & PlannedSchedule

export interface LinkOptions {
  /** Called with the module as WebAssembly text. */
  readonly onText?: (wat: string) => void
  /** Export `step(i)` too. */
  readonly profile?: boolean
  /** Export `part(i, part, begin, end)` too. */
  readonly parts?: boolean
}

/**
 * Links a module. Its memory holds, from address 0 on: nothing up to `MEMORY_BASE`, then the weights, the
 * arena, and the slack that kernels may read. Its size is rounded up to whole pages.
 */
export function link(schedule: LinkableSchedule, weights: WeightFile, target: Target, options: LinkOptions = {}): CompiledModule {
  const placed = placeWeights(schedule, weights, MEMORY_BASE)
  const pages = Math.ceil((placed.end + schedule.arenaBytes + READ_SLACK) / PAGE)
  const wasm = assemble(schedule, placed, target, pages, options)
  const port = (p: PlannedSchedule['inputs'][number]): ModulePort => ({
    name: p.name,
    dtype: p.type.dtype,
    shape: p.type.shape,
    address: placed.end + (schedule.offsets[p.buffer] as number),
  })
  return {
    target,
    wasm,
    memoryBytes: pages * PAGE,
    arenaBytes: schedule.arenaBytes,
    weightBytes: placed.end - MEMORY_BASE,
    macs: schedule.steps.reduce((sum, step) => sum + step.macs, 0),
    steps: schedule.steps.map(({ fn, origins, macs, traffic }) => ({ kernel: fn, origins, macs, traffic })),
    segments: placed.segments,
    inputs: schedule.inputs.map(port),
    outputs: schedule.outputs.map(port),
    ...(schedule.image && { strip: imageAddresses(schedule, placed).strip }),
  }
}

function assemble(schedule: LinkableSchedule, placed: PlacedWeights, target: Target, pages: number, options: LinkOptions): Uint8Array {
  const module = readModule(runtimeModule(target.runtime))
  try {
    const names = adoptRuntime(module)
    const emitter = new Emitter(module, target, names)
    for (const fn of schedule.functions.values()) {
      if (fn.kind === 'emitted') fn.emit(emitter)
      else if (!names.has(fn.key)) throw new InternalError(`the runtime has no function ${fn.key}`)
    }
    module.setMemory(pages, pages, 'memory', [])
    const calls = (part: Part) => schedule.steps.map((step) => callOf(module, step, part, { schedule, placed, names }))
    defineRun(module, calls(wholeStep(module)))
    if (options.profile) defineJump(module, 'step', 1, calls(wholeStep(module)))
    if (options.parts) defineJump(module, 'part', 4, calls(partOfStep(module)))
    if (schedule.image) defineImage(module, schedule.image.input, imageAddresses(schedule, placed), names)
    if (placed.float16) defineWiden(module, placed.float16, names)
    module.runPasses(OPTIMISATIONS)
    options.onText?.(module.emitText())
    if (!module.validate()) throw new InternalError(`the emitted ${target.name} module is not valid`)
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

/**
 * Removes the runtime's exports from the module. Returns the internal names of its functions, by the names
 * under which they were exported.
 */
function adoptRuntime(module: binaryen.Module): ReadonlyMap<string, string> {
  const names = exportedFunctions(module)
  for (const name of [...names.keys(), 'memory']) module.removeExport(name)
  return names
}

/** Which part of its step a call computes, as expressions. */
interface Part {
  /**
   * Address of the scratch memory of this part. `first` is the address of part 0's scratch memory, and each
   * part has `bytes`.
   */
  scratch(first: number, bytes: number): binaryen.ExpressionRef
  /** Begin and end of the range. */
  range(extent: number): readonly [binaryen.ExpressionRef, binaryen.ExpressionRef]
}

function wholeStep({ i32 }: binaryen.Module): Part {
  return { scratch: (first) => i32.const(first), range: (extent) => [i32.const(0), i32.const(extent)] }
}

/** The part, begin and end that are passed as parameters after the first one. */
function partOfStep({ i32, local }: binaryen.Module): Part {
  const parameter = (i: number): binaryen.ExpressionRef => local.get(i, binaryen.i32)
  return {
    scratch: (first, bytes) => i32.add(i32.const(first), i32.mul(parameter(1), i32.const(bytes))),
    range: () => [parameter(2), parameter(3)],
  }
}

interface Places {
  readonly schedule: LinkableSchedule
  readonly placed: PlacedWeights
  /** Internal names of the runtime's functions, by export name. */
  readonly names: ReadonlyMap<string, string>
}

function callOf(module: binaryen.Module, step: Step, part: Part, { schedule, placed, names }: Places): binaryen.ExpressionRef {
  const inArena = (buffer: number): number => placed.end + (schedule.offsets[buffer] as number)
  const expression = (o: Operand): binaryen.ExpressionRef => {
    if (o.kind === 'f32') return module.f32.const(o.value)
    if (o.kind === 'i32') return module.i32.const(o.value)
    if (o.kind === 'scratch') return part.scratch(inArena(o.buffer), o.bytes)
    return module.i32.const((o.kind === 'buffer' ? inArena(o.buffer) : (placed.addresses.get(o.key) as number)) + o.offset)
  }
  return module.call(names.get(step.fn) ?? step.fn, [...step.operands.map(expression), ...part.range(step.extent)], binaryen.none)
}

function defineRun(module: binaryen.Module, calls: binaryen.ExpressionRef[]): void {
  module.addFunction('run', binaryen.none, binaryen.none, [], module.block(null, calls))
  module.addFunctionExport('run', 'run')
}

/** Defines `widen()`, which turns loaded float16 weights into float32 in place. */
function defineWiden(module: binaryen.Module, { from, to, count }: Float16Region, names: ReadonlyMap<string, string>): void {
  const operands = inOrder<'widen_f16', number>('widen_f16', { x: from, y: to, count }).map((x) => module.i32.const(x))
  const call = module.call(names.get('widen_f16') as string, operands, binaryen.none)
  module.addFunction('widen', binaryen.none, binaryen.none, [], call)
  module.addFunctionExport('widen', 'widen')
}

function imageAddresses({ image, inputs, offsets }: LinkableSchedule, { end }: PlacedWeights): ImageAddresses {
  const at = (buffer: number): number => end + (offsets[buffer] as number)
  const { strip, columns, rows, row, state } = (image as ImageStage).buffers
  const tensor = at((inputs[0] as PortBuffer).buffer)
  return { strip: at(strip), columns: at(columns), rows: at(rows), row: at(row), state: at(state), tensor }
}

/**
 * Defines the export `name`, which makes one of several calls. It has `parameters` i32 parameters, and the
 * first one is the index of the call. Its code consists of nested blocks, entered through a jump table; each
 * block is followed by its call and a return.
 */
function defineJump(module: binaryen.Module, name: string, parameters: number, calls: binaryen.ExpressionRef[]): void {
  const labels = calls.map((_, i) => `s${i}`)
  const jump = module.switch([...labels], 'none', module.local.get(0, binaryen.i32))
  const body = calls.reduce(
    (inner, call, i) => module.block(null, [module.block(labels[i] as string, [inner]), call, module.return()]),
    jump,
  )
  const types = binaryen.createType(Array(parameters).fill(binaryen.i32))
  module.addFunction(name, types, binaryen.none, [], module.block('none', [body]))
  module.addFunctionExport(name, name)
}

/**
 * The passes of Binaryen that are run. A few cheap ones are enough, because the emitter already makes code that
 * is nearly optimal. All of Binaryen's level 2 takes four times as long, and its code is not faster and does
 * not compress better. Level 3 moves splat loads out of loops until the registers overflow, which makes kernels
 * 25–55 % slower.
 */
const OPTIMISATIONS = ['remove-unused-module-elements', 'simplify-locals', 'coalesce-locals', 'vacuum', 'reorder-locals']
