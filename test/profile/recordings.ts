/** Recordings with round numbers. */

import type { Recording, Round, Span } from '../../compiler/profile/recording.ts'
import type { ModuleStep } from '../../targets/linking/module.ts'

export const STEPS: readonly ModuleStep[] = [
  { kernel: 'pointwise_4', origins: ['/a/Conv', '/a/Clip'], macs: 4_000_000, traffic: 100_000 },
  { kernel: 'gemv_k8_n8', origins: ['/b/Gemm'], macs: 1_000_000, traffic: 10_000_000 },
  { kernel: 'copy', origins: [], macs: 0, traffic: 0 },
]

/** 10 GMAC/s, 100 GB/s up to 1 MB and 10 GB/s at 100 MB; a clock that costs 10 µs; steps of 500, 800 and 0 µs. */
export function recordingOf(scales: readonly number[] = [1]): Recording {
  return {
    bundle: 'tiny',
    target: 'simd128',
    compilerVersion: '0.0.0',
    machine: { cpu: 'Abacus', node: '20.0.0', v8: '11.3' },
    steps: STEPS,
    rounds: scales.map(roundOf),
    clock: 0.01,
    work: {
      calibrationMacs: 10e6,
      sweeps: [
        { buffer: 1e6, read: 100e6 },
        { buffer: 100e6, read: 100e6 },
      ],
    },
  }
}

function roundOf(scale: number, index: number): Round {
  const start = index * 100
  const span = (begin: number, length: number): Span => ({ begin: start + begin, end: start + begin + length })
  const marks = [30, 30.01 + 0.5 * scale, 30.02 + 1.3 * scale, 30.03 + 1.3 * scale].map((m) => start + m)
  return {
    calibration: [span(0, 1), span(5, 1), span(10, 1)],
    sweeps: [span(1, 1), span(12, 10)],
    whole: span(24, 0.01 + 1.25 * scale),
    marks: Float64Array.from(marks),
  }
}
