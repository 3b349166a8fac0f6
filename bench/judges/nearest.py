"""The nearest neighbour, by looking at all of them: numpy alone, and nothing that could be wrong."""
import numpy as np

CHUNK = 200  # rows at a time: 200 by 10,000 differences are 16 MB


def nearest(points, targets):
    """Distance to the nearest target of each point, and its row. Both (n, d); exact differences, no squared norms."""
    points, targets = np.asarray(points, float), np.asarray(targets, float)
    distance, row = np.full(len(points), np.inf), np.zeros(len(points), int)
    if len(targets) == 0:
        return distance, row
    for start in range(0, len(points), CHUNK):
        part = points[start : start + CHUNK]
        squares = sum((part[:, None, k] - targets[None, :, k]) ** 2 for k in range(points.shape[1]))
        row[start : start + CHUNK] = squares.argmin(axis=1)
        distance[start : start + CHUNK] = np.sqrt(squares.min(axis=1))
    return distance, row
