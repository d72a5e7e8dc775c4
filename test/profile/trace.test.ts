import { describe, expect, test } from 'vitest'
import { analyse } from '../../compiler/profile/analyse.ts'
import { type TraceEvent, traceOf } from '../../compiler/profile/trace.ts'
import { recordingOf, STEPS } from './recordings.ts'

const recording = recordingOf([1, 2])
const trace = traceOf(recording, analyse(recording))
const complete = trace.traceEvents.filter((e) => e.ph === 'X') as (TraceEvent & { ts: number; dur: number })[]

describe('the trace', () => {
  test('names process and thread', () => {
    const metadata = trace.traceEvents.filter((e) => e.ph === 'M')
    expect(metadata.map((e) => [e.name, e.args.name])).toEqual([
      ['process_name', 'mobilenet-compile profile of tiny'],
      ['thread_name', 'simd128'],
    ])
  })

  test('has complete events with finite times, on one thread', () => {
    for (const { name, cat, ts, dur, pid, tid } of complete) {
      expect(typeof name).toBe('string')
      expect(typeof cat).toBe('string')
      expect(Number.isFinite(ts) && ts >= 0 && Number.isFinite(dur) && dur >= 0).toBe(true)
      expect([pid, tid]).toEqual([1, 1])
    }
  })

  test('is JSON that comes back the same', () => {
    expect(JSON.parse(JSON.stringify(trace))).toEqual(trace)
  })

  test('names layers after ONNX nodes, in the order of the run, once a round', () => {
    const layers = complete.filter((e) => 'kernel' in e.args).map((e) => e.name)
    expect(layers).toEqual(['/a/Conv', '/b/Gemm', 'copy', '/a/Conv', '/b/Gemm', 'copy'])
  })

  test('says kernel, nodes, multiply-adds and their rate', () => {
    const [first] = complete.filter((e) => e.name === '/a/Conv')
    const { kernel, origins, macs, traffic } = STEPS[0] as (typeof STEPS)[number]
    expect(first?.args).toMatchObject({ kernel, nodes: origins, macs, bytes: traffic, bound: 'compute' })
    expect(first?.args.gmacPerS).toBeCloseTo(macs / 0.51 / 1e6, 6)
  })

  test('nests layers in the run that they make up', () => {
    const run = complete.find((e) => e.name === 'run step by step') as (typeof complete)[number]
    const inside = complete.filter((e) => 'kernel' in e.args).slice(0, STEPS.length)
    for (const { ts, dur } of inside) {
      expect(ts).toBeGreaterThanOrEqual(run.ts)
      expect(ts + dur).toBeLessThanOrEqual(run.ts + run.dur + 1e-6)
    }
  })

  test('leaves out rounds that would only make it slow', () => {
    const long = recordingOf(Array.from({ length: 100 }, () => 1))
    const runs = traceOf(long, analyse(long)).traceEvents.filter((e) => e.name === 'whole run')
    expect(runs.length).toBe(25)
  })
})
