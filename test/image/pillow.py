"""Makes pillow.json: what Pillow makes of patterned images, for pillow.test.ts.

    python3 test/image/pillow.py > test/image/pillow.json

As torchvision preprocesses: the shorter side is resized (the longer one rounded down), then the middle is cropped
(halves rounded to even). Each result is the bytes of the crop, RGB, row by row, in base64. Made with Pillow 9.4.
"""

import base64
import json

from PIL import Image

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
SIDE = 16
CASES = [(w, h, r, f) for (w, h, r) in [
    (37, 23, 18), (23, 37, 18), (16, 16, 16), (18, 300, 16), (301, 40, 20), (200, 161, 18), (9, 11, 16), (5, 4, 24), (1, 1, 16), (640, 480, 19),
] for f in FILTERS]


def pattern(width, height):
    """The same as in pillow.test.ts."""
    image = Image.new("RGB", (width, height))
    image.putdata([
        ((x * x + 3 * y) % 256, (17 * x ^ 29 * y) % 256, 255 if (x // 3 + y // 2) % 2 else (x * y) % 256)
        for y in range(height) for x in range(width)
    ])
    return image


def preprocessed(width, height, resize, name):
    if width < height:
        size = (resize, int(resize * height / width))
    else:
        size = (int(resize * width / height), resize)
    image = pattern(width, height).resize(size, FILTERS[name])
    left, top = round((size[0] - SIDE) / 2), round((size[1] - SIDE) / 2)
    return image.crop((left, top, left + SIDE, top + SIDE)).tobytes()


print(json.dumps([
    {"width": w, "height": h, "resize": r, "filter": f, "rgb": base64.b64encode(preprocessed(w, h, r, f)).decode()}
    for (w, h, r, f) in CASES
], indent=1))
