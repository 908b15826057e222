"""Prints the states that Tests/RecoKitTests/Neural/SequenceReference.swift holds: a self-attentive network over sequences
written down plainly, in float64, with weights that follow from their place by a formula.

    python3 Tests/Fixtures/sequences_reference.py
"""

import numpy

LENGTH, WIDTH, BLOCKS, HEADS, ITEMS = 6, 16, 2, 2, 7
SEQUENCES = [[3], [1, 4, 1, 5], [6, 5, 4, 3, 2, 1]]
place = 0


def weights(*shape):
    """The next numbers of sin(0.3 place²) / 3."""
    global place
    count = int(numpy.prod(shape))
    numbers = numpy.sin(0.3 * numpy.arange(place, place + count, dtype=float) ** 2) / 3
    place += count
    return numbers.reshape(shape)


def normal(x):
    return (x - x.mean()) / numpy.sqrt(x.var() + 1e-5)


positions = weights(LENGTH, WIDTH)
blocks = []
for _ in range(BLOCKS):
    blocks.append([(weights(WIDTH, outputs), weights(outputs)) for outputs in (3 * WIDTH, WIDTH, WIDTH, WIDTH)])
gamma, beta = weights(WIDTH), weights(WIDTH)
vectors = weights(ITEMS, WIDTH)

for sequence in SEQUENCES:
    x = [numpy.sqrt(WIDTH) * vectors[item] + positions[i] for i, item in enumerate(sequence)]
    for projection, attended, inner, outer in blocks:
        projected = [normal(row) @ projection[0] + projection[1] for row in x]
        size = WIDTH // HEADS
        for i in reversed(range(len(x))):
            found = []
            for head in range(HEADS):
                part = slice(head * size, (head + 1) * size)
                query = projected[i][:WIDTH][part]
                scores = numpy.array([query @ projected[j][WIDTH:2 * WIDTH][part] for j in range(i + 1)])
                shares = numpy.exp(scores / numpy.sqrt(size))
                shares /= shares.sum()
                found.append(sum(share * projected[j][2 * WIDTH:][part] for j, share in enumerate(shares)))
            x[i] = x[i] + numpy.concatenate(found) @ attended[0] + attended[1]
        for i in range(len(x)):
            hidden = numpy.maximum(0, normal(x[i]) @ inner[0] + inner[1])
            x[i] = x[i] + hidden @ outer[0] + outer[1]
    state = gamma * normal(x[-1]) + beta
    for start in range(0, WIDTH, 8):
        print("            " + " ".join(f"{number:.6f}," for number in state[start:start + 8]))
