/** What a person reads where a node that moves elements, or makes shapes, is refused: every such text. */

import { counting } from '../onnx/model.ts'
import { type Row, table } from './refused.ts'

table('Transpose, Concat, Gather', [
  ['Transpose 2x3', { perm: [0] }, 'invalid-node: perm [0] is not a permutation of the 2 axes'],
  ['Transpose 2x3', { perm: [0, 0] }, 'invalid-node: perm [0,0] is not a permutation of the 2 axes'],
  ['Transpose 2x3', { perm: [0, 2] }, 'invalid-node: perm [0,2] is not a permutation of the 2 axes'],
  ['Transpose 2x3', { perm: [-1, 0] }, 'invalid-node: perm [-1,0] is not a permutation of the 2 axes'],
  ['Concat 2 3', {}, 'invalid-attribute: required attribute axis is missing'],
  ['Concat 2 3', { axis: 1 }, 'invalid-node: axis 1 is out of range for rank 1'],
  ['Concat 2x3 2x4', { axis: 0 }, 'invalid-node: cannot join [2,3] and [2,4] on axis 0'],
  ['Concat 2 2:int32', { axis: 0 }, 'invalid-node: cannot join [2] and [2] on axis 0'],
  ['Gather 3 =[3]:int64', {}, 'invalid-node: index 3 is out of range for an axis of extent 3'],
  ['Gather 3 =[-4]:int32', {}, 'invalid-node: index -4 is out of range for an axis of extent 3'],
  ['Gather 3 =[1]:int16', {}, 'invalid-node: indices of dtype int16'],
])

table('Split', [
  ['Split@13 5 > a b', {}, 'invalid-node: an extent of 5 does not split into 2 equal parts'],
  ['Split@11 5 > a b', { split: [2, 2, 1] }, 'invalid-node: split into 3 parts for 2 outputs'],
  ['Split@11 5 > a b', { split: [2, 2] }, 'invalid-node: split [2,2] must be parts of at least 0 that add up to the extent, 5'],
  ['Split@13 5 =[6,-1]:int64 > a b', {}, 'invalid-node: split [6,-1] must be parts of at least 0 that add up to the extent, 5'],
  ['Split@18 5 > a b', { num_outputs: 3 }, 'invalid-node: num_outputs = 3 for 2 outputs'],
  ['Split@18 5 =[2,3]:int64 > a b', { num_outputs: 2 }, 'invalid-node: both split and num_outputs are given'],
])

const LENGTHS = 'invalid-node: starts, ends, axes and steps differ in length'
table('Slice', [
  ['Slice@9 5', { starts: [1] }, 'invalid-node: required attributes starts and ends are missing'],
  ['Slice@9 5', { ends: [1] }, 'invalid-node: required attributes starts and ends are missing'],
  ['Slice 5 =[0]:int64 =[1,2]:int64', {}, LENGTHS],
  ['Slice 5 =[0]:int64 =[1]:int64 =[0,0]:int64', {}, LENGTHS],
  ['Slice 5 =[0]:int64 =[1]:int64 =[0]:int64 =[1,1]:int64', {}, LENGTHS],
  ['Slice 5x5 =[0,0]:int64 =[1,1]:int64 =[0,-2]:int64', {}, 'invalid-node: axes [0,0] name an axis twice'],
  ['Slice 5 =[0]:int64 =[1]:int64 =[0]:int64 =[0]:int64', {}, 'invalid-node: a step is 0'],
  ['Slice 5 =[0]:int64 =[1]:int64 =[1]:int64', {}, 'invalid-node: axes: 1 is out of range for rank 1'],
])

table('space and depth', [
  ['SpaceToDepth 1x1x4x4', {}, 'invalid-attribute: required attribute blocksize is missing'],
  ['SpaceToDepth 1x1x4x4', { blocksize: 0 }, 'invalid-node: blocksize = 0 must be at least 1'],
  ['SpaceToDepth 1x1x4x3', { blocksize: 2 }, 'invalid-node: blocksize 2 does not divide [1,1,4,3]'],
  ['SpaceToDepth 1x1x3x4', { blocksize: 2 }, 'invalid-node: blocksize 2 does not divide [1,1,3,4]'],
  ['SpaceToDepth 4x4', { blocksize: 2 }, 'invalid-node: input must have rank 4, has shape [4,4]'],
  ['DepthToSpace 1x3x4x4', { blocksize: 2 }, 'invalid-node: blocksize 2 does not divide 3 channels'],
  ['DepthToSpace 1x4x4x4', { blocksize: 2, mode: 'CDR' }, 'invalid-node: mode = "CDR" must be DCR or CRD'],
])

table('Cast', [['Cast 2', { to: 8 }, 'unsupported-attribute: element type string is not supported']])

table('Pad', [
  ['Pad@7 2', {}, 'invalid-node: required attribute pads is missing'],
  ['Pad 2 =[1]:int64', {}, 'invalid-node: pads [1] must have 2 elements'],
  ['Pad 2 =[1,1]:int64 =2', {}, 'invalid-node: constant_value must be a scalar, has shape [2]'],
  [
    'Pad 2 =[1,1]:int64 []',
    {},
    'unsupported-node: constant_value is not known when compiling\nhint: export with a constant constant_value, or fix every symbolic dimension it is computed from',
  ],
  ['Pad 2 =[1,1]:int64', { mode: 'mirror' }, 'invalid-node: mode = "mirror" must be one of constant, edge, reflect'],
  ['Pad 2 =[1,1]:int64', { mode: 'wrap' }, 'invalid-node: mode = "wrap" must be one of constant, edge, reflect'],
  ['Pad@19 2 =[1,1]:int64', { mode: 'mirror' }, 'invalid-node: mode = "mirror" must be one of constant, edge, reflect, wrap'],
  ['Pad 2 =[-2,-1]:int64', {}, 'invalid-node: negative pads [-2], [-1] remove more than [2]'],
  ['Pad 2 =[1,2]:int64', { mode: 'reflect' }, 'invalid-node: reflect pads [1], [2] exceed [2]'],
  ['Pad@19 2 =[0,3]:int64', { mode: 'wrap' }, 'unsupported-node: wrapping pads of 3 on an extent of 2\nhint: pad by less'],
  ['Pad@19 2 =[3,0]:int64', { mode: 'wrap' }, 'unsupported-node: wrapping pads of 3 on an extent of 2\nhint: pad by less'],
  ['Pad@18 2x2 =[1,1,1,1]:int64 _ =[0,-2]:int64', {}, 'invalid-node: axes [0,0] name an axis twice'],
  ['Pad 2 =[0,300000000]:int64', {}, 'invalid-node: pads [0,300000000] overflow the limit of 268435456'],
])

table('shapes', [
  ['Reshape 2x3 =[4,-1]:int64', {}, 'invalid-node: cannot reshape [2,3] to [4,-1]'],
  ['Reshape 2x3 =[4,2]:int64', {}, 'invalid-node: cannot reshape [2,3] to [4,2]'],
  ['Reshape 2x3 =[-1,-1]:int64', {}, 'invalid-node: shape [-1,-1] has negative extents; one may be -1'],
  ['Reshape 2x3 =[-2,3]:int64', {}, 'invalid-node: shape [-2,3] has negative extents; one may be -1'],
  ['Reshape 2x3 =[2,3,0]:int64', {}, "invalid-node: shape has 0 at 2, beyond the input's shape [2,3]"],
  [
    'Reshape 2x3 1:int64',
    {},
    'unsupported-node: shape is not known when compiling\nhint: export with a constant shape, or fix every symbolic dimension it is computed from',
  ],
  ['Flatten 2x3', { axis: 3 }, 'invalid-node: axis 3 is out of range for rank 2'],
  ['Squeeze@11 1x3', { axes: [1] }, 'invalid-node: cannot squeeze axes [1] of shape [1,3]'],
  ['Squeeze 1x3 =[0,0]:int64', {}, 'invalid-node: axes [0,0] name an axis twice'],
  ['Unsqueeze@11 2x3', {}, 'invalid-node: required attribute axes is missing'],
  ['Expand 2x3 =[-1,3]:int64', {}, 'invalid-node: shape [-1,3] has negative extents'],
  ['Expand 2x3 =[2,4]:int64', {}, 'invalid-node: shapes [2,3] and [2,4] do not broadcast'],
  ['ConstantOfShape =[-1]:int64', {}, 'invalid-node: shape [-1] has negative extents'],
  ['ConstantOfShape =[2]:int64', { value: { tensor: counting([2]) } }, 'invalid-node: value must have one element, has shape [2]'],
  ['Constant', {}, 'invalid-node: 0 values are given; a constant has one'],
  ['Constant', { value_int: 1, value_ints: [1] }, 'invalid-node: 2 values are given; a constant has one'],
  [
    'Constant',
    { value_string: 'a' },
    'unsupported-node: attribute value_string is not supported\nhint: strings and sparse tensors cannot be compiled',
  ],
  ['Tile 2x3 =[2]:int64', {}, 'invalid-node: repeats [2] must be one number of at least 0 for each axis of [2,3]'],
  ['Tile 2x3 =[2,-1]:int64', {}, 'invalid-node: repeats [2,-1] must be one number of at least 0 for each axis of [2,3]'],
  ['Dropout 2 =[0.5] =[1]:bool', {}, 'unsupported-node: training_mode is true\nhint: export the model in eval mode'],
])

const resized = (attrs: Row[1], refused: string, call = 'Resize@19 2x3 _ _ =[4,6]:int64'): Row => [call, attrs, refused]
const MODES = 'one of nearest, linear, cubic'
const ALIGNED = 'half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric, tf_crop_and_resize'
table('Resize and Upsample', [
  resized({}, 'invalid-node: neither scales nor sizes are given', 'Resize@19 2x3'),
  resized({}, 'invalid-node: both scales and sizes are given', 'Resize@19 2x3 _ =[2,2] =[4,6]:int64'),
  resized({ mode: 'area' }, `invalid-node: mode = "area" must be ${MODES}`),
  resized(
    { coordinate_transformation_mode: 'tf_half_pixel_for_nn' },
    `unsupported-node: coordinate_transformation_mode = "tf_half_pixel_for_nn"\nhint: known are ${ALIGNED}`,
  ),
  resized(
    { nearest_mode: 'simple' },
    'unsupported-node: nearest_mode = "simple"\nhint: known are round_prefer_floor, round_prefer_ceil, floor, ceil',
  ),
  resized(
    { keep_aspect_ratio_policy: 'crop' },
    'unsupported-node: keep_aspect_ratio_policy = "crop"\nhint: known are stretch, not_larger, not_smaller',
  ),
  resized({}, 'invalid-node: sizes [4,-6] are negative', 'Resize@19 2x3 _ _ =[4,-6]:int64'),
  resized({}, 'invalid-node: sizes [4] for axes [0,1] differ in number', 'Resize@19 2x3 _ _ =[4]:int64'),
  resized({}, 'invalid-node: scales [2] for axes [0,1] differ in number', 'Resize@19 2x3 _ =[2]'),
  resized({}, 'invalid-node: scales [2,0] must be positive', 'Resize@19 2x3 _ =[2,0]'),
  resized({}, 'invalid-node: sizes [4,300000000] overflow the limit of 268435456', 'Resize@19 2x3 _ _ =[4,300000000]:int64'),
  resized(
    { mode: 'cubic' },
    'invalid-node: needs tables of 40000000 entries, more than may still be computed when compiling (limit foldedElements)',
    'Resize@19 2x3 _ _ =[2,10000000]:int64',
  ),
  resized({}, 'invalid-node: cannot resize [0,3] to [2,3]', 'Resize@19 0x3 _ _ =[2,3]:int64'),
  resized({ axes: [0, -2] }, 'invalid-node: axes [0,-2] name an axis twice'),
  resized({ axes: [0, 2] }, 'invalid-node: axes: 2 is out of range for rank 2'),
  resized(
    { mode: 'linear' },
    'unsupported-node: linear interpolation of element type bool\nhint: cast to float32 before it',
    'Resize@19 2x3:bool _ _ =[4,6]:int64',
  ),
  resized(
    { mode: 'linear', antialias: 1 },
    'unsupported-node: linear interpolation of element type int32\nhint: cast to float32 before it',
    'Resize@19 2x3:int32 _ _ =[4,6]:int64',
  ),
  resized({}, 'invalid-node: required attribute scales is missing', 'Upsample@7 2x3'),
  resized({ scales: { floats: [2] } }, 'invalid-node: scales [2] must be one for each axis of [2,3]', 'Upsample@7 2x3'),
  resized({ mode: 'cubic' }, 'invalid-node: mode = "cubic" must be one of nearest, linear', 'Upsample@9 2x3 =[2,2]'),
  resized(
    {},
    'unsupported-node: scales is not known when compiling\nhint: export with a constant scales, or fix every symbolic dimension it is computed from',
    'Upsample@9 2x3 2',
  ),
])
