"""The numbers in SLIMTests: scikit-learn's ElasticNet with positive weights on the small matrix of LinearReference.

    python3 Tests/Fixtures/slim_reference.py

scikit-learn divides the squares by twice the number of rows, so that its alpha is a penalty over that number. Rows are
users, columns items; the last item has no events. Values are in units of their root mean square. Needs scikit-learn.
"""

import numpy as np
from sklearn.linear_model import ElasticNet

R = np.array([
    [1, 2, 0, 0, 1, 0],
    [0, 1, 1, 0, 0, 0],
    [3, 0, 1, 1, 0, 0],
    [0, 1, 0, 2, 1, 0],
    [1, 0, 0, 0, 4, 0],
], dtype=float)
X = R / np.sqrt((R[R > 0] ** 2).mean())


def slim(l1, l2):
    users, items = X.shape
    weights = np.zeros((items, items))
    for item in range(items):
        others = [other for other in range(items) if other != item]
        model = ElasticNet(
            alpha=(l1 + l2) / users, l1_ratio=l1 / (l1 + l2), positive=True, fit_intercept=False, tol=1e-14,
            max_iter=1_000_000)
        weights[others, item] = model.fit(X[:, others], X[:, item]).coef_
    return weights


for l1, l2 in [(0.05, 0.5), (0.2, 0.1)]:
    print(f"slim, l1 {l1}, l2 {l2}: row i is what item i says of the others")
    for row in slim(l1, l2):
        print("    [" + ", ".join(f"{value:.6f}" for value in row) + "],")
