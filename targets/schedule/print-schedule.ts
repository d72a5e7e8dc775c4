/** A schedule as text, one line per step: function, operands with arena offsets, range, work, ONNX nodes. */

import { printable } from '../../ir/diagnostics.ts'
import type { Operand, PlannedSchedule } from './schedule.ts'

/** The text that `--emit schedule` shows. */
export function printSchedule(schedule: PlannedSchedule): string {
  const blobs = new Map(schedule.blobs.map((b, i) => [b.key, `#${i}:${b.bytes.length}`]))
  const operand = (o: Operand): string => {
    if (o.kind === 'buffer') return `@${(schedule.offsets[o.buffer] as number) + o.offset}`
    if (o.kind === 'blob') return (blobs.get(o.key) as string) + (o.offset ? `+${o.offset}` : '')
    if (o.kind === 'scratch') return `@${schedule.offsets[o.buffer]}${schedule.parts > 1 ? `+part·${o.bytes}` : ''}`
    return String(o.value)
  }
  const ports = (list: PlannedSchedule['inputs']): string => list.map((p) => `${p.name}@${schedule.offsets[p.buffer]}`).join(', ')
  const lines = schedule.steps.map((step) => {
    const work = step.macs ? ` ${(step.macs / 1e6).toFixed(2)} MMAC` : ''
    return `${step.fn}(${step.operands.map(operand).join(', ')}) [0,${step.extent})${work}  // ${step.origins.join(' + ')}`
  })
  const head = `schedule: ${schedule.steps.length} steps, arena ${schedule.arenaBytes} bytes, in ${ports(schedule.inputs)}, out ${ports(schedule.outputs)}`
  return printable([head, ...lines, ''].join('\n'))
}
