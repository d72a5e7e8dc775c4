"""Trains the shapes network: python3 examples/shapes/train.py <folder of write-drawings> [shapes.onnx]

Needs PyTorch and onnx. Takes about a quarter of an hour on two shared cores. Equal drawings and an equal PyTorch give an equal
network, except for rounding, which depends on the order in which threads add.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

SIDE = 64
EPOCHS = 8
BATCH = 64
PEAK_RATE = 3e-3

# Expansion, channels, repeats, stride of the first (the table of the MobileNetV2 paper, smaller).
STAGES = [(1, 16, 1, 2), (3, 24, 1, 1), (4, 40, 2, 2), (4, 64, 2, 2)]
STEM, HEAD = 16, 192


def convolution(inputs, outputs, kernel, stride=1, groups=1, activation=True):
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU6()) if activation else nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, figure 4(d)."""

    def __init__(self, inputs, outputs, expansion, stride):
        super().__init__()
        hidden = inputs * expansion
        expand = [convolution(inputs, hidden, 1)] if expansion > 1 else []
        self.layers = nn.Sequential(
            *expand,
            convolution(hidden, hidden, 3, stride, groups=hidden),
            convolution(hidden, outputs, 1, activation=False),
        )
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


class ShapesNet(nn.Module):
    """Images (N, 3, 64, 64) in [-1, 1] to logits (N, classes)."""

    def __init__(self, classes):
        super().__init__()
        layers, channels = [convolution(3, STEM, 3, 2)], STEM
        for expansion, outputs, repeats, stride in STAGES:
            for i in range(repeats):
                layers.append(InvertedResidual(channels, outputs, expansion, stride if i == 0 else 1))
                channels = outputs
        layers.append(convolution(channels, HEAD, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(HEAD, classes)

    def forward(self, x):
        return self.classifier(nn.functional.adaptive_avg_pool2d(self.features(x), 1).flatten(1))


def read_set(folder, name):
    labels = np.fromfile(folder / f"{name}.labels", np.uint8)
    images = np.fromfile(folder / f"{name}.images", np.uint8).reshape(len(labels), 3, SIDE, SIDE)
    return torch.from_numpy(images), torch.from_numpy(labels).long()


def normalised(images):
    return (images.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def turned(images):
    """Mirrors the batch and turns it by quarters at random. No label depends on this."""
    quarter, mirror = torch.randint(4, ()).item(), torch.randint(2, ()).item()
    images = torch.rot90(images, quarter, (2, 3))
    return images.flip(3) if mirror else images


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        hits = sum(
            (net(normalised(x)).argmax(1) == y).sum().item()
            for x, y in zip(images.split(BATCH), labels.split(BATCH))
        )
    net.train()
    return hits / len(labels)


def train(net, training, validation):
    images, labels = training
    steps = len(labels) // BATCH
    decayed = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 1e-2}, {"params": others, "weight_decay": 0}])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=EPOCHS * steps, pct_start=0.2)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    start = time.time()
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(labels))[: steps * BATCH].split(BATCH):
            optimiser.zero_grad()
            loss = criterion(net(normalised(turned(images[batch]))), labels[batch])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        share = accuracy(net, *validation)
        print(f"epoch {epoch + 1:2}  loss {total / steps:.4f}  validation {share:.2%}  {time.time() - start:.0f} s", flush=True)


def main():
    folder = Path(sys.argv[1])
    target = sys.argv[2] if len(sys.argv) > 2 else str(Path(__file__).with_name("shapes.onnx"))
    torch.manual_seed(1)
    torch.set_num_threads(2)
    classes = (folder / "labels.txt").read_text().split()
    net = ShapesNet(len(classes)).to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in net.parameters())} parameters")
    train(net, read_set(folder, "training"), read_set(folder, "validation"))
    net = net.eval().to(memory_format=torch.contiguous_format)
    example = torch.zeros(1, 3, SIDE, SIDE)
    torch.onnx.export(net, example, target, input_names=["image"], output_names=["logits"], opset_version=13)
    print(f"{target}: {Path(target).stat().st_size} bytes")


if __name__ == "__main__":
    main()
