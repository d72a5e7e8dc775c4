/** MobileNetV3-Small (Howard et al. 2019, table 2). */

import { mobilenetV3, type Row } from './mobilenet-v3.ts'

const ROWS: readonly Row[] = [
  [3, 16, 16, true, 'RE', 2],
  [3, 72, 24, false, 'RE', 2],
  [3, 88, 24, false, 'RE', 1],
  [5, 96, 40, true, 'HS', 2],
  [5, 240, 40, true, 'HS', 1],
  [5, 240, 40, true, 'HS', 1],
  [5, 120, 48, true, 'HS', 1],
  [5, 144, 48, true, 'HS', 1],
  [5, 288, 96, true, 'HS', 2],
  [5, 576, 96, true, 'HS', 1],
  [5, 576, 96, true, 'HS', 1],
]

export const mobilenetV3Small = mobilenetV3('mobilenet-v3-small', 'MobileNetV3-Small', ROWS, 1024)
