/** Runs a profiling build in this process and times every step of it. */

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { median } from 'simple-statistics'
import type { TensorData } from '../../ir/tensors/tensor.ts'
import type { Target } from '../../targets/target/target.ts'
import { CALIBRATION_MACS, calibrationModule } from '../bench/calibrate.ts'
import { type Manifest, wasmName } from '../bundle/bundle.ts'
import type { ProfileTable } from '../bundle/profile-table.ts'
import { type LoadedModel, loadFolder } from '../running/load-folder.ts'
import { seeded, seededTensor } from '../running/seeded.ts'
import { bandwidthModule, SWEEP_UNIT } from './bandwidth.ts'
import type { Recording, Round, Span, Sweep } from './recording.ts'

/** The part of the WebAssembly interface that is used here. The compiler is built without the types of browsers. */
const { Instance, Module } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly

interface Engine {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

export interface RecordOptions {
  readonly folder: string
  readonly target: Target
  readonly manifest: Manifest
  readonly table: ProfileTable
  /** Rounds to measure, at least 1. */
  readonly runs: number
}

/** Thrown where the module has no `step`, or other steps than its table lists. */
export class NoProfile extends Error {}

/** Rounds before the measured ones. Engines optimise a function after a few calls, in the background. */
const WARMUP_ROUNDS = 20
const WARMUP_MILLISECONDS = 500

/** Runs a profiling build in this process and records the time of every step. Throws where the engine does not run the target. */
export async function record(options: RecordOptions): Promise<Recording> {
  const { folder, target, manifest, table, runs } = options
  const steps = table.targets[target.name]?.steps ?? []
  const live = await instantiateProfiled(folder, target.name)
  const work = workOf(manifest.peakMemory[target.name] ?? 0, target)
  const session = new Session(live, steps.length, work)
  await session.warmUp()
  const clock = clockCost()
  const rounds = Array.from({ length: runs }, () => session.round())
  return {
    bundle: basename(resolve(folder)),
    target: target.name,
    compilerVersion: manifest.compilerVersion,
    machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown', node: process.versions.node, v8: process.versions.v8 },
    steps,
    rounds,
    clock,
    work: { calibrationMacs: work.calibrationMacs, sweeps: work.sweeps },
  }
}

export interface ProfiledModule {
  run(): void
  step(i: number): void
  readonly outputs: readonly TensorData[]
}

/**
 * An instance whose `step` can be called, with weights as the bundle's own loader places them, and with seeded
 * inputs.
 */
export async function instantiateProfiled(folder: string, target: string): Promise<ProfiledModule> {
  const model = await loadFolder(folder, target)
  const exports = new Instance(new Module(readFileSync(join(folder, wasmName(target))))).exports as {
    memory: { buffer: ArrayBuffer }
    run(): void
    step?(i: number): void
  }
  const { memory, run, step } = exports
  if (!step) throw new NoProfile(`${wasmName(target)} exports no step`)
  setSeededInputs(model)
  const outputs = model.outputs.map(({ name }) => model.output(name))
  new Uint8Array(memory.buffer).set(new Uint8Array((outputs[0] as TensorData).buffer))
  return { run, step, outputs: outputs.map((view) => sameView(view, memory.buffer)) }
}

function setSeededInputs(model: LoadedModel): void {
  const random = seeded(1)
  for (const { name, dtype, shape } of model.inputs) model.input(name).set(seededTensor({ dtype, shape }, random).data as never)
}

function sameView(view: TensorData, buffer: ArrayBuffer): TensorData {
  const View = view.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => TensorData
  return new View(buffer, view.byteOffset, view.length)
}

interface Work {
  readonly calibrationMacs: number
  readonly sweeps: readonly Sweep[]
  calibrate(): void
  sweep(sweep: Sweep): void
}

const KIB = 1024
const MIB = 1024 * KIB
/** Size of the smallest buffer. It fits into the second-level cache of every current processor. */
const SMALLEST_BUFFER = 256 * KIB
const BUFFER_GROWTH = 4
const LARGEST_BUFFER = 64 * MIB
/** A small buffer is read several times, until at least this number of bytes has been read. */
const LEAST_READ = 4 * MIB
/** About a millisecond. */
const SPINS = 100_000

/** The loops that give the ceilings of a target, for a model that uses `memoryBytes`. */
function workOf(memoryBytes: number, target: Target): Work {
  const sweeps = sweepsFor(memoryBytes)
  const { memory, sweep } = new Instance(new Module(bandwidthModule((sweeps.at(-1) as Sweep).buffer))).exports as {
    memory: { buffer: ArrayBuffer }
    sweep(bytes: number, times: number): void
  }
  new Uint8Array(memory.buffer).fill(1)
  const { spin } = new Instance(new Module(calibrationModule(target))).exports as { spin(times: number): void }
  return {
    calibrationMacs: SPINS * CALIBRATION_MACS,
    sweeps,
    calibrate: () => spin(SPINS),
    sweep: ({ buffer, read }) => sweep(buffer, read / buffer),
  }
}

function sweepsFor(memoryBytes: number): Sweep[] {
  const largest = Math.min(LARGEST_BUFFER, Math.max(SMALLEST_BUFFER, memoryBytes))
  const buffers: number[] = []
  for (let bytes = SMALLEST_BUFFER; bytes <= largest / 2; bytes *= BUFFER_GROWTH) buffers.push(bytes)
  buffers.push(Math.floor(largest / SWEEP_UNIT) * SWEEP_UNIT)
  return buffers.map((buffer) => ({ buffer, read: buffer * Math.ceil(LEAST_READ / buffer) }))
}

class Session {
  readonly #live: ProfiledModule
  readonly #steps: number
  readonly #work: Work
  readonly #origin = performance.now()

  constructor(live: ProfiledModule, steps: number, work: Work) {
    this.#live = live
    this.#steps = steps
    this.#work = work
  }

  async warmUp(): Promise<void> {
    const begin = performance.now()
    for (let i = 0; i < WARMUP_ROUNDS || performance.now() - begin < WARMUP_MILLISECONDS; i++) {
      this.round()
      await new Promise((done) => setImmediate(done))
    }
  }

  /**
   * One round. Everything is done once without timing first. A buffer must be in the caches that it fits into,
   * and the bandwidth loop pushes the model out of them.
   */
  round(): Round {
    const calibrate = (): Span => this.#time(this.#work.calibrate)
    const first = calibrate()
    const sweeps = this.#work.sweeps.map((sweep) => {
      this.#work.sweep(sweep)
      return this.#time(() => this.#work.sweep(sweep))
    })
    const second = calibrate()
    this.#live.run()
    const whole = this.#time(this.#live.run)
    const third = calibrate()
    const marks = this.#timeSteps()
    return { calibration: [first, second, third], sweeps, whole, marks }
  }

  #timeSteps(): Float64Array {
    const { step } = this.#live
    const marks = new Float64Array(this.#steps + 1)
    marks[0] = performance.now() - this.#origin
    for (let i = 0; i < this.#steps; i++) {
      step(i)
      marks[i + 1] = performance.now() - this.#origin
    }
    return marks
  }

  #time(loop: () => void): Span {
    const begin = performance.now() - this.#origin
    loop()
    return { begin, end: performance.now() - this.#origin }
  }
}

const CLOCK_READINGS = 1000

/** The milliseconds between two readings of the clock, one right after the other. */
function clockCost(): number {
  const readings = Array.from({ length: CLOCK_READINGS }, () => performance.now())
  return median(readings.slice(1).map((t, i) => t - (readings[i] as number)))
}
