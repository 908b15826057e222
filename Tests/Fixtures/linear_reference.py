"""The numbers in RP3betaTests, EASETests and GFCFTests: the published formulas on one small matrix, with numpy.

    python3 Tests/Fixtures/linear_reference.py

Rows are users, columns items; the last item has no events. Double precision throughout.
"""

import numpy as np

R = np.array([
    [1, 2, 0, 0, 1, 0],
    [0, 1, 1, 0, 0, 0],
    [3, 0, 1, 1, 0, 0],
    [0, 1, 0, 2, 1, 0],
    [1, 0, 0, 0, 4, 0],
], dtype=float)


def show(name, matrix):
    print(name)
    for row in matrix:
        print("    [" + ", ".join(f"{value:.6f}" for value in row) + "],")


def share(matrix, axis):
    total = matrix.sum(axis=axis, keepdims=True)
    return np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)


def rp3beta(alpha, beta):
    """Paudel et al. 2016, eq. 5 on, with the degree of an item weighted and in units of the mean."""
    to_user = share(R, 0) ** alpha
    to_item = share(R, 1) ** alpha
    sums = R.sum(0)
    walks = to_user.T @ to_item
    known = sums > 0
    walks[:, known] /= (sums[known] / sums[known].mean()) ** beta
    walks[:, ~known] = 0
    np.fill_diagonal(walks, 0)
    return walks


show("rp3beta, alpha 0.8, beta 0.3", rp3beta(0.8, 0.3))


def ease(regularization):
    """Steck 2019, eq. 8, with values in units of their root mean square."""
    X = R / np.sqrt((R[R > 0] ** 2).mean())
    P = np.linalg.inv(X.T @ X + regularization * np.eye(X.shape[1]))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0)
    return B


def gf_cf(rank, weight):
    """Shen et al. 2021, eq. 13, without the linear filter's diagonal."""
    users, items = R.sum(1), R.sum(0)
    root = np.sqrt(items)
    inverse_root = np.divide(1, root, out=np.zeros_like(root), where=root > 0)
    normal = R / np.sqrt(users)[:, None] * inverse_root
    linear = normal.T @ normal
    np.fill_diagonal(linear, 0)
    V = np.linalg.svd(normal)[2][:rank].T
    return linear + weight * (inverse_root[:, None] * (V @ V.T) * root)


show("ease, regularization 0.5", ease(0.5))
show("gf-cf, 2 factors, weight 0.3", gf_cf(2, 0.3))
